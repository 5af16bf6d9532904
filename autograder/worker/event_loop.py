"""In the student's process: event loops without sockets, which a sandbox refuses."""

import os
from asyncio.selector_events import BaseSelectorEventLoop
from typing import Any


class _PipeEnd:
    """One end of a pipe, as far as a loop asks it what it would ask a socket."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        os.set_blocking(descriptor, False)

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def recv(self, size: int) -> bytes:
        """At most `size` bytes; raises BlockingIOError if there are none."""
        return os.read(self._descriptor, size)

    def send(self, data: bytes) -> int:
        """How many bytes there was room for; raises BlockingIOError if there was none."""
        return os.write(self._descriptor, data)

    def close(self) -> None:
        """Gives the descriptor back."""
        os.close(self._descriptor)


def wake_loops_by_pipes() -> None:
    """Makes a loop of asyncio wake itself through a pipe in place of a pair of sockets."""

    def make_self_pipe(self: Any) -> None:
        self._ssock, self._csock = map(_PipeEnd, os.pipe())
        self._internal_fds += 1
        self._add_reader(self._ssock.fileno(), self._read_from_self)

    BaseSelectorEventLoop._make_self_pipe = make_self_pipe  # type: ignore[attr-defined]
