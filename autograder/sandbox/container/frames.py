"""Frames between the two ends of a relay, over a container's standard input and output.

A relay replaces the descriptors that no container lets through. `relay_outside` runs beside the grader, `relay_inside`
in the container. A frame is a header (kind, stream, length) and at most FRAME bytes.
"""

import json
import os
import select
import struct
from typing import NamedTuple

from autograder.sandbox.control import Closed, Message

FRAME = 1 << 16  # bytes
_QUEUE = 1 << 18  # bytes of frames to be written, above which no more is read from pipes

MESSAGE, DATA, CREDIT, END = range(4)  # kinds; END says that this end is done with the stream, whichever way it goes
REQUESTS, REPLIES, LOG = range(3)  # streams

_HEADER = struct.Struct("!BBI")


class Malformed(Closed):
    """The other end sent what it must not; nothing more is taken from it."""


class Frame(NamedTuple):
    """One frame: its kind, the stream it belongs to (0 for messages), its bytes."""

    kind: int
    stream: int
    payload: bytes


class Frames:
    """Frames over two descriptors, which are made non-blocking."""

    def __init__(self, reading: int, writing: int) -> None:
        self.reading, self.writing = reading, writing
        self._read = bytearray()
        self._queue = bytearray()
        for descriptor in (reading, writing):
            os.set_blocking(descriptor, False)

    @property
    def idle(self) -> bool:
        """Whether everything queued is written."""
        return not self._queue

    @property
    def crowded(self) -> bool:
        """Whether so much waits to be written that pipes should not be read now."""
        return len(self._queue) > _QUEUE

    def put(self, kind: int, stream: int = 0, payload: bytes = b"") -> None:
        """Queue a frame; its payload is at most FRAME bytes."""
        self._queue += _HEADER.pack(kind, stream, len(payload)) + payload

    def say(self, message: Message) -> None:
        """Queue a message, whose JSON is at most FRAME bytes."""
        self.put(MESSAGE, payload=json.dumps(message).encode())

    def register(self, poll: select.poll) -> None:
        """Wait for frames, and for room for those that are queued."""
        poll.register(self.reading, select.POLLIN)
        if self._queue:
            poll.register(self.writing, select.POLLOUT)

    def flush(self) -> None:
        """Write what can be written without waiting; raises Closed."""
        try:
            while self._queue:
                del self._queue[: os.write(self.writing, self._queue[:FRAME])]
        except BlockingIOError:
            return
        except OSError as error:
            raise Closed from error

    def take(self) -> list[Frame]:
        """The frames that have come, without waiting; raises Closed, or Malformed for what is no frame."""
        try:
            data = os.read(self.reading, 4 * FRAME)
        except BlockingIOError:
            return []
        except OSError as error:
            raise Closed from error
        if not data:
            raise Closed
        self._read += data
        frames = []
        while len(self._read) >= _HEADER.size:
            kind, stream, length = _HEADER.unpack_from(self._read)
            if kind > END or stream > LOG or length > FRAME:
                raise Malformed(f"no frame: kind {kind}, stream {stream}, {length} bytes")
            end = _HEADER.size + length
            if len(self._read) < end:
                break
            frames.append(Frame(kind, stream, bytes(self._read[_HEADER.size : end])))
            del self._read[:end]
        return frames
