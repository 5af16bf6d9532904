"""Lines of JSON with file descriptors between the grader and its warm process. Both ends are ours."""

import json
import select
import socket
import time
from collections.abc import Sequence
from typing import Any

Message = dict[str, Any]


class Closed(Exception):
    """The other end has gone."""


class Control:
    """One end of the connection; messages are dictionaries, `descriptors` counts the file descriptors that go along."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._bytes = bytearray()
        self._descriptors: list[int] = []

    def fileno(self) -> int:
        """The descriptor of this end, to be waited for."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close this end; the other one sees it as Closed."""
        self._socket.close()

    def finish(self, seconds: float) -> bool:
        """Hang up and wait until the other end has done so, too; whether it has."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.settimeout(seconds)
            while self._socket.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:  # it was gone already
            return True
        return True

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Raises Closed."""
        line = json.dumps({**message, "descriptors": len(descriptors)}).encode() + b"\n"
        try:
            if descriptors:
                sent = socket.send_fds(self._socket, [line], list(descriptors))
                line = line[sent:]
            self._socket.sendall(line)
        except OSError as error:
            raise Closed from error

    @property
    def pending(self) -> bool:
        """Whether a message has been read already, so that the socket need not be readable for `next` to return."""
        return b"\n" in self._bytes

    def wait(self, deadline: float) -> bool:
        """Whether `next` has something to say (a message, or Closed) before this value of time.monotonic()."""
        if self.pending:
            return True
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))

    def next(self) -> tuple[Message, list[int]]:
        """The next message and its descriptors; waits for it. Raises Closed."""
        while not self.pending:
            try:
                data, descriptors, _, _ = socket.recv_fds(self._socket, 65536, 8)
            except OSError as error:
                raise Closed from error
            if not data:
                raise Closed
            self._bytes += data
            self._descriptors += descriptors
        line, _, rest = self._bytes.partition(b"\n")
        self._bytes = rest
        message: Message = json.loads(line)
        count = message.pop("descriptors")
        taken, self._descriptors = self._descriptors[:count], self._descriptors[count:]
        return message, taken
