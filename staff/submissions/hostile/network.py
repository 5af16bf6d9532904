"""Attacks over the network: every kind of socket, listening, and names."""

from corpus import Hostile

_UNIX = """
import socket
with socket.socket(socket.AF_UNIX) as made:
    made.connect(WHERE)
    made.send(b"answers, please")
"""

_DNS = """
import socket
each(lambda: socket.gethostbyname("example.com"))
query = bytes.fromhex("123401000001000000000000") + b"\\x07answers\\x07example\\0" + bytes.fromhex("00010001")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
    made.sendto(query, ("127.0.0.1", CANARY["udp"]))
"""

_LISTENS = """
import socket
with socket.socket() as made:
    made.bind(("127.0.0.1", 0))
    made.listen()
    won()
"""

_KINDS = """
import socket
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_ALG, 40):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        each(lambda: (socket.socket(family, kind).close(), won()))
"""

_BY_NUMBER = """
descriptor = call("socket", 2, 1, 0)
address = (2).to_bytes(2, sys.byteorder) + CANARY["tcp"].to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
libc.connect(descriptor, address, 16)
"""

_FETCHES = """
import urllib.request
each(lambda: urllib.request.urlopen(f"http://127.0.0.1:{CANARY['tcp']}/answers", timeout=0.2))
"""

CASES = tuple(
    Hostile(name, "network", code, works_unconfined=True)
    for name, code in (
        ("TCP", "import socket\nsocket.create_connection(('127.0.0.1', CANARY['tcp']))"),
        ("UDP and DNS", _DNS),
        ("a unix socket", _UNIX.replace("WHERE", "CANARY['unix']")),
        ("an abstract socket", _UNIX.replace("WHERE", "'\\0' + CANARY['abstract']")),
        ("listening", _LISTENS),
        ("sockets of every kind", _KINDS),
        ("a socket by system call", _BY_NUMBER),
        ("a web page", _FETCHES),
    )
)
