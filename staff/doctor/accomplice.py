"""A process outside of the sandbox that helps: it hands what it may open to whoever sends it a socket.

Run as `python accomplice.py SOCKET FILE PORT`. Each datagram that comes to SOCKET says what is wanted, and bears a
socket to answer on: "file" gets FILE, open; "connection" gets a TCP connection to PORT of this machine.
"""

import contextlib
import socket
import sys
from pathlib import Path


def main(path: str, file: str, port: str) -> None:
    """Help until it is ended; says so on stdout when it listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(path)
        Path(path).chmod(0o777)
        print("listening", flush=True)
        while True:
            wish, descriptors, _, _ = socket.recv_fds(server, 64, 1)
            with contextlib.suppress(OSError):
                _help(wish, descriptors, file, int(port))


def _help(wish: bytes, descriptors: list[int], file: str, port: int) -> None:
    for descriptor in descriptors:
        with socket.socket(fileno=descriptor) as friend:
            if wish == b"file":
                with Path(file).open() as opened:
                    socket.send_fds(friend, [wish], [opened.fileno()])
            else:
                with socket.create_connection(("127.0.0.1", port)) as connection:
                    socket.send_fds(friend, [wish], [connection.fileno()])


if __name__ == "__main__":
    main(*sys.argv[1:])
