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

_PAIR = """
import array, socket
def pair(kind=socket.SOCK_DGRAM):
    return socket.socketpair(socket.AF_UNIX, kind)
"""

_PAIR_SENDS = f"""{_PAIR}
each(lambda: pair()[0].sendto(b"answers, please", CANARY["datagrams"]))
"""

_PAIR_CONNECTS = f"""{_PAIR}
def connect(ours):
    ours.connect(CANARY["datagrams"])
    os.write(ours.fileno(), b"answers, please")
each(lambda: connect(pair()[0]))
"""

_PAIR_SENDS_MESSAGES = f"""{_PAIR}
each(lambda: pair()[0].sendmsg([b"answers, ", b"please"], [], 0, CANARY["datagrams"]))
"""

_PAIR_SENDS_MANY = f"""{_PAIR}
class Message(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("size", ctypes.c_uint), ("parts", ctypes.c_void_p),
                ("number", ctypes.c_size_t), ("more", ctypes.c_size_t * 3), ("length", ctypes.c_uint)]
address = (1).to_bytes(2, sys.byteorder) + CANARY["datagrams"].encode()
text = ctypes.create_string_buffer(b"answers, please")
part = (ctypes.c_size_t * 2)(ctypes.addressof(text), 15)
two = (Message * 2)(*[Message(address, len(address) + 1, ctypes.addressof(part), 1)] * 2)
kept, theirs = pair()
call("sendmmsg", kept.fileno(), two, 2, 0)
"""

_PAIR_BY_NUMBER = """
two = (ctypes.c_int * 2)()
call("socketpair", 1, 2, 0, two)
address = (1).to_bytes(2, sys.byteorder) + CANARY["datagrams"].encode() + b"\\0"
call("sendto", two[0], b"answers, please", 15, 0, address, len(address))
"""

_PAIR_BINDS = f"""{_PAIR}
ours, theirs = pair()
ours.bind("post")
theirs.close()
won()
"""

# What another process has opened comes in as the freight of a message.
_ASKS = f"""{_PAIR}
ours, theirs = pair()
ours.settimeout(2)
answer_here = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))
theirs.sendmsg([WISH], [answer_here], 0, CANARY["accomplice"])
_, (descriptor,), _, _ = socket.recv_fds(ours, 64, 1)
"""

_READS_A_GIFT = f"{_ASKS.replace('WISH', repr(b'file'))}\ntell(os.read(descriptor, 4096))"
_USES_A_GIFT = f"{_ASKS.replace('WISH', repr(b'connection'))}\nos.write(descriptor, b'answers, please')"

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
        ("a datagram of a pair", _PAIR_SENDS),
        ("connecting one of a pair", _PAIR_CONNECTS),
        ("a message of a pair", _PAIR_SENDS_MESSAGES),
        ("many messages of a pair", _PAIR_SENDS_MANY),
        ("a pair by system call", _PAIR_BY_NUMBER),
        ("an address for one of a pair", _PAIR_BINDS),
        ("an open file from an accomplice", _READS_A_GIFT),
        ("a connection from an accomplice", _USES_A_GIFT),
    )
)
