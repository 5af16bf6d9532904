"""The grader's side of one conversation: bytes to a child, bytes from it, and its end."""

import fcntl
import os
import select
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from autograder.sandbox.limits import Exit, Limits

_GRACE_SECONDS = 1.0  # between a closed pipe and the report of the child's end
_CHUNK = 1 << 20  # bytes
_PIPE = 1 << 16  # bytes that a pipe holds
_WIDE_PIPE = 1 << 20  # bytes that anybody may let one hold
_LOOK_SECONDS = 0.25  # between two looks at whether a child that is waited for does anything
_IDLE_SHARE = 0.1  # of that time: a child that used less of a core, and waited less for one, only waits


class ChildEnded(Exception):
    """The child ended, or broke off the conversation and was killed; `exit` says how."""

    def __init__(self, exit: Exit, message: str = "") -> None:
        super().__init__(message or f"the child ended: {exit}")
        self.exit = exit


class ChildTimeout(Exception):
    """The deadline passed; the child still runs.

    `waited` are the seconds that it has waited for a core so far, None where the system does not tell. `printed` says
    that it has printed more than is kept.
    """

    def __init__(self, waited: float | None = None, printed: bool = False) -> None:
        super().__init__("the deadline passed")
        self.waited = waited
        self.printed = printed


class Keeper(Protocol):
    """What a child asks of the warm process that forked it (see `connection`)."""

    def fileno(self) -> int:
        """Readable when there may be a report."""

    def report(self, deadline: float) -> Exit | None:
        """How the present child ended; None if that is not known before the deadline, a time.monotonic() value."""

    def kill(self, number: int) -> Exit:
        """Kill child `number` and wait for its end."""

    def waited(self) -> float | None:
        """The seconds that the present child has waited for a core so far; None if that is not known."""

    def busy(self) -> float | None:
        """The seconds that it has spent on a core or waiting for one so far; None if that is not known."""


class Place(Protocol):
    """A core that is kept for a child as long as it has a use for it."""

    def lend(self) -> None:
        """Leaves the core to others, since the child only waits."""

    def take_back(self) -> None:
        """Says that the child works again, or is not waited for any more; does not wait for a core to be free."""


class Child:
    """One locked-down process. Made by `Sandbox.fork`; call `kill` when done with it.

    While it is waited for and does nothing (it sleeps, say, until its time is over), its `place` is lent to others.
    """

    def __init__(
        self, keeper: Keeper, number: int, pipes: Sequence[int], limits: Limits, place: Place | None = None
    ) -> None:
        self._keeper = keeper
        self._place = place
        self._number = number
        self._requests, self._replies, self._log = pipes
        self._limits = limits
        self._unsent = memoryview(b"")
        self._received = bytearray()
        self._kept = bytearray()  # of the log
        self._log_open = True
        self._exit: Exit | None = None
        self._killed = False
        self._polls: dict[tuple[int, bool, bool], select.poll] = {}
        for descriptor in pipes:
            os.set_blocking(descriptor, False)

    def send(self, data: bytes, deadline: float) -> None:
        """Send all of `data` before `deadline`, a time.monotonic() value; raises ChildEnded or ChildTimeout.

        After ChildTimeout, the next call goes on where this one ended, whatever it is given.
        """
        self._unsent = self._unsent or memoryview(data)
        if self._killed:
            raise ChildEnded(self.kill())
        while self._unsent:
            try:
                self._unsent = self._unsent[os.write(self._requests, self._unsent[:_CHUNK]) :]
                if self._unsent:
                    self._widen()
            except BlockingIOError:
                if self._exit:
                    raise ChildEnded(self._exit) from None
                self._wait(self._requests, select.POLLOUT, deadline)
            except BrokenPipeError:
                raise ChildEnded(self._end()) from None

    def receive(self, size: int, deadline: float) -> bytes:
        """Exactly `size` bytes before `deadline`, a time.monotonic() value; raises ChildEnded or ChildTimeout.

        After ChildTimeout, what has come stays for the next call. A size above `Limits.output_mib` ends the child.
        """
        if size > self._limits.output_mib << 20:
            raise ChildEnded(self.kill(), f"a reply of {size} bytes is more than {self._limits.output_mib} MiB")
        while len(self._received) < size:
            self._wait(self._replies, select.POLLIN, deadline)
            try:
                # What follows, too, if it is there: it is asked for next.
                data = os.read(self._replies, min(max(size - len(self._received), _PIPE), _CHUNK))
            except BlockingIOError:
                if self._exit:  # a survivor may hold the pipe open, but whatever the child wrote has been read
                    raise ChildEnded(self._exit) from None
                continue
            if not data:
                raise ChildEnded(self._end())
            self._received += data
        data = bytes(memoryview(self._received)[:size])
        del self._received[:size]
        return data

    @property
    def log(self) -> str:
        """The first `Limits.log_kib` KiB of what the child wrote to stdout and stderr."""
        if not self._killed:
            self._drain()
        return self._kept.decode(errors="replace")

    def kill(self) -> Exit:
        """End the child if it still runs, and wait for its end; how it ended."""
        if not self._killed:
            self._exit = self._exit or self._keeper.kill(self._number)
            self._drain()
            self._killed = True
            for descriptor in (self._requests, self._replies, self._log):
                os.close(descriptor)
        assert self._exit is not None
        return self._exit

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        """Until `descriptor` is ready or the child has ended; reads the log meanwhile. Raises ChildTimeout."""
        if self._killed:
            raise ChildEnded(self.kill())
        idleness = _Idleness(self._keeper, self._place) if self._place else None
        try:
            while True:
                remaining = max(0.0, deadline - time.monotonic())
                seconds = min(remaining, _LOOK_SECONDS) if idleness else remaining
                ready = dict(self._poll(descriptor, event).poll(seconds * 1000))
                if len(ready) == 1 and descriptor in ready:
                    return
                if self._log in ready:
                    self._drain()
                if self._keeper.fileno() in ready:
                    self._exit = self._keeper.report(0.0)
                if descriptor in ready or self._exit:
                    return
                if remaining <= 0:
                    raise ChildTimeout(self._keeper.waited(), len(self._kept) >= self._limits.log_kib << 10)
                if idleness:
                    idleness.look()
        finally:
            if idleness:
                idleness.end()

    def _poll(self, descriptor: int, event: int) -> select.poll:
        """What waits for `descriptor`, and for the log and the child's end while these may come."""
        state = descriptor, self._log_open, self._exit is None
        if state not in self._polls:
            poll = self._polls[state] = select.poll()
            poll.register(descriptor, event)
            if self._log_open:
                poll.register(self._log, select.POLLIN)
            if self._exit is None:
                poll.register(self._keeper, select.POLLIN)
        return self._polls[state]

    def _widen(self) -> None:
        """Lets the pipe for requests hold more, so that a long one does not wake the child many times."""
        with suppress(OSError, AttributeError):  # its owner's pipes hold too much already; macOS cannot
            if fcntl.fcntl(self._requests, fcntl.F_GETPIPE_SZ) < _WIDE_PIPE:
                fcntl.fcntl(self._requests, fcntl.F_SETPIPE_SZ, _WIDE_PIPE)

    def _drain(self) -> None:
        """Read what the log holds now; bounded, for a child may write without end."""
        for _ in range(16):
            try:
                data = os.read(self._log, _CHUNK)
            except BlockingIOError:
                return
            if not data:
                self._log_open = False
                return
            self._kept += data[: max(0, (self._limits.log_kib << 10) - len(self._kept))]

    def _end(self) -> Exit:
        """How the child ended, now that it has closed a pipe; kill it if it lives on without."""
        self._exit = self._exit or self._keeper.report(time.monotonic() + _GRACE_SECONDS)
        return self._exit or self.kill()


class _Idleness:
    """Looks now and then at whether a child does anything while it is waited for, and lends its place if not."""

    def __init__(self, keeper: Keeper, place: Place) -> None:
        self._keeper = keeper
        self._place = place
        self._is_lent = False
        self._looked = time.monotonic()
        self._busy: float | None = None  # seconds, at that time; not asked for before the first look

    def look(self) -> None:
        """Compares with the look before."""
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        busy = self._keeper.busy()
        if busy is not None and self._busy is not None:
            is_idle = busy - self._busy < _IDLE_SHARE * (now - self._looked)
            if is_idle and not self._is_lent:
                self._place.lend()
            elif not is_idle and self._is_lent:
                self._place.take_back()
            self._is_lent = is_idle
        self._looked, self._busy = now, busy

    def end(self) -> None:
        """The child is waited for no more."""
        if self._is_lent:
            self._place.take_back()
