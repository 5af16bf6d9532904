"""The three pipes of a child, as each end of a relay holds them.

Every stream has credit, granted as its bytes reach the pipe they are for: a child that writes without end waits, as it
would at a pipe, and the memory of neither end grows.
"""

import os
import select
import struct
from collections.abc import Mapping

from autograder.sandbox.container.frames import CREDIT, DATA, END, FRAME, LOG, Frame, Frames, Malformed

WINDOW = 1 << 20  # bytes of one stream that may be on their way
OVERDRAFT = (1 << 20) + FRAME  # and what an ended child's pipe may hold on top: no pipe is larger than 1 MiB

_GRANT = struct.Struct("!I")
_BROKEN = select.POLLERR | select.POLLHUP | select.POLLNVAL


class Inlet:
    """Reads a pipe into a stream, as far as there is credit; what comes after the first `most` bytes is dropped."""

    def __init__(self, frames: Frames, stream: int, descriptor: int, most: int | None = None) -> None:
        self._frames, self._stream, self.descriptor = frames, stream, descriptor
        self._credit = WINDOW
        self._left = most
        self.open = True
        os.set_blocking(descriptor, False)

    @property
    def events(self) -> int | None:
        """What to poll the pipe for; None for nothing."""
        free = self._credit > 0 and not self._frames.crowded
        return select.POLLIN if self.open and (free or self._left == 0) else None

    def serve(self, events: int) -> None:
        """Send on what the pipe holds, at most a frame of it."""
        if self._left == 0:
            self._read(FRAME)
        else:
            self._credit -= self._read(min(FRAME, self._credit))

    def accept(self, frame: Frame) -> None:
        """Take more credit, or the word that nobody reads any more."""
        if frame.kind == END:
            self.close()
        elif frame.kind == CREDIT and len(frame.payload) == _GRANT.size:
            self._credit = min(WINDOW, self._credit + _GRANT.unpack(frame.payload)[0])

    def finish(self) -> None:
        """Send on all that the pipe holds, with credit or without, once its writer has ended."""
        rest = OVERDRAFT
        while self.open and rest > 0 and (read := self._read(min(FRAME, rest))):
            rest -= read

    def close(self) -> None:
        """Read no more; more than once does no harm."""
        if self.open:
            self.open = False
            os.close(self.descriptor)

    def _read(self, most: int) -> int:
        try:
            data = os.read(self.descriptor, most)
        except BlockingIOError:
            return 0
        if not data:
            self._frames.put(END, self._stream)
            self.close()
        elif self._left != 0:
            self._frames.put(DATA, self._stream, data[: self._left])
        if self._left is not None:
            self._left -= min(self._left, len(data))
        return len(data)


class Outlet:
    """Writes a stream to a pipe, as fast as that takes it."""

    def __init__(self, frames: Frames, stream: int, descriptor: int) -> None:
        self._frames, self._stream, self.descriptor = frames, stream, descriptor
        self._buffer = bytearray()
        self._granted = 0  # written, but the other end has not been told
        self._ending = False
        self.open = True
        os.set_blocking(descriptor, False)

    @property
    def empty(self) -> bool:
        """Whether all that came is in the pipe, or nobody reads it."""
        return not self._buffer

    @property
    def events(self) -> int | None:
        """What to poll the pipe for; None for nothing."""
        return (select.POLLOUT if self._buffer else 0) if self.open else None

    def serve(self, events: int) -> None:
        """Write on; `events` may also say that the reader has gone."""
        if events & _BROKEN:
            self._give_up()
        else:
            self.flush()

    def accept(self, frame: Frame) -> None:
        """Take bytes, or the word that there will be no more; raises Malformed for more bytes than were allowed."""
        if frame.kind == DATA and self.open:
            self._buffer += frame.payload
            if len(self._buffer) > WINDOW + OVERDRAFT:
                raise Malformed(f"stream {self._stream} brings more than it may")
        elif frame.kind == END:
            self._ending = True
        self.flush()

    def flush(self) -> None:
        """Write what the pipe takes now."""
        try:
            while self._buffer and self.open:
                written = os.write(self.descriptor, self._buffer[:FRAME])
                del self._buffer[:written]
                self._granted += written
        except BlockingIOError:
            pass
        except OSError:
            self._give_up()
        if self._granted >= WINDOW // 4:
            self._frames.put(CREDIT, self._stream, _GRANT.pack(self._granted))
            self._granted = 0
        if self._ending and not self._buffer:
            self.close()

    def close(self) -> None:
        """Write no more; more than once does no harm."""
        self._buffer.clear()
        if self.open:
            self.open = False
            os.close(self.descriptor)

    def _give_up(self) -> None:
        if self.open:
            self._frames.put(END, self._stream)
        self.close()


class Streams:
    """The three pipes of one child, as one end of the relay holds them."""

    def __init__(
        self, frames: Frames, inlets: Mapping[int, int], outlets: Mapping[int, int], log_bytes: int | None = None
    ) -> None:
        """Both map streams to descriptors, which are closed in the end; of the log, so many bytes are sent at most."""
        most = {LOG: log_bytes}
        self.inlets = {stream: Inlet(frames, stream, pipe, most.get(stream)) for stream, pipe in inlets.items()}
        self.outlets = {stream: Outlet(frames, stream, descriptor) for stream, descriptor in outlets.items()}
        self._ends: dict[int, Inlet | Outlet] = {**self.inlets, **self.outlets}

    def register(self, poll: select.poll) -> None:
        """Wait for what these pipes wait for."""
        for end in self._ends.values():
            if (events := end.events) is not None:
                poll.register(end.descriptor, events)

    def serve(self, ready: Mapping[int, int]) -> None:
        """Go on with the pipes that are ready; `ready` maps descriptors to poll's events."""
        for end in self._ends.values():
            if end.open and end.descriptor in ready:
                end.serve(ready[end.descriptor])

    def accept(self, frame: Frame) -> None:
        """Take a frame that is no message; raises Malformed."""
        self._ends[frame.stream].accept(frame)

    def finish(self) -> None:
        """Send on what the pipes still hold, once their writer has ended."""
        for inlet in self.inlets.values():
            inlet.finish()

    def close(self) -> None:
        """Close every pipe."""
        for end in self._ends.values():
            end.close()
