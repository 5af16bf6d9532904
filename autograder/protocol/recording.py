"""What a student's process answered, kept so that checks can be put to it again without running student code.

Every answer is kept under a key that grows with the conversation: the hash of the reader's version, the notebook, and
all requests of the check so far. A check that has changed finds the answers as long as it asks the same things in the
same order.
"""

import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from autograder.protocol.operation import Operation, operation_of
from autograder.sandbox import ChildEnded, ChildTimeout, Exit, Limits

_What = TypeVar("_What")
_Given = TypeVar("_Given")
_FAST = 1  # of zlib's levels: tensors shrink little at any of them
_SMALL_WINDOW = 14  # bits; with one more, making room for it takes longer than compressing most recordings
_PLAIN_INDEX = b"i"  # which no data of zlib begins with
_MOST_SHARED = 1 << 16  # bytes of answers that are remembered compressed


class Child(Protocol):
    """What a session needs of a student's process; `sandbox.Child` says what each method does."""

    def send(self, data: bytes, deadline: float) -> None:
        """Sends all of `data`."""

    def receive(self, size: int, deadline: float) -> bytes:
        """Exactly `size` bytes."""

    def kill(self) -> Exit:
        """Ends the process."""


Fork = Callable[[Limits | None], Child]


class Unrecorded(Exception):
    """A check asks what was not asked when the code ran: student code has to run again."""


@dataclass
class Answer:
    """The bytes that came back on one request, and how the process ended over it, if it did."""

    frame: bytes = b""
    end: dict[str, Any] | None = None

    def raise_end(self) -> None:
        """Raises what the sandbox raised when the answer was recorded; Unrecorded if that was nothing."""
        if self.end is None:
            raise Unrecorded("more was read than was recorded")
        if "exit" not in self.end:
            raise ChildTimeout(self.end.get("waited"), self.end.get("printed", False))
        raise ChildEnded(Exit(**self.end["exit"]), self.end["message"])


@dataclass
class Recording:
    """The answers to the requests of one check, by key; `limits` says what its code was allowed."""

    answers: dict[bytes, Answer] = field(default_factory=dict)
    limits: str = ""

    def holds_under(self, limits: str) -> bool:
        """Whether the code would have answered the same under other limits: nothing ended it."""
        return limits == self.limits or all(one.end is None for one in self.answers.values())

    @property
    def size(self) -> int:
        """Bytes of all answers together."""
        return sum(len(one.frame) for one in self.answers.values())

    def to_bytes(self) -> bytes:
        """The recording: its index, then the answers, compressed, which many students have in common to the bit."""
        index = [[key.hex(), len(one.frame), one.end] for key, one in self.answers.items()]
        text = json.dumps([self.limits, index]).encode()
        frames = b"".join(one.frame for one in self.answers.values())
        compress = _compressed_once if len(frames) <= _MOST_SHARED else _compressed
        return b"".join((_PLAIN_INDEX, len(text).to_bytes(8, "little"), text, compress(frames)))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Recording":
        """What `to_bytes` gave, or did when all was compressed. Raises Unrecorded for any other form."""
        try:
            plain = data[1:] if data[:1] == _PLAIN_INDEX else zlib.decompress(data)
            at = 8 + int.from_bytes(plain[:8], "little")
            limits, index = json.loads(plain[8:at])
            if data[:1] == _PLAIN_INDEX:
                plain, at = zlib.decompress(plain[at:]), 0
            found = cls(limits=limits)
            for key, size, end in index:
                found.answers[bytes.fromhex(key)] = Answer(plain[at : at + size], end)
                at += size
        except (zlib.error, ValueError, TypeError) as error:
            raise Unrecorded("a recording of another form") from error
        return found


def _compressed(data: bytes) -> bytes:
    compressor = zlib.compressobj(_FAST, zlib.DEFLATED, _SMALL_WINDOW)
    return compressor.compress(data) + compressor.flush()


_compressed_once = lru_cache(maxsize=256)(_compressed)


class _Keys:
    """The keys of one process's answers, as its requests come."""

    def __init__(self) -> None:
        self._read = self._begun = self._last = b""

    def read(self, version: str, request: bytes) -> bytes:
        """The key of the first answer."""
        self._read = _after(version.encode(), request)
        return self._read

    def resume(self, read: bytes) -> None:
        """Goes on after a first answer with this key."""
        self._read = read

    def next(self, request: bytes) -> bytes:
        """The key of the answer to each further request."""
        operation = operation_of(request)
        if operation is Operation.REPORT_BROKEN_RULES:  # of the whole check, however many of its questions were asked
            return _after(self._begun, request)
        if operation is Operation.BEGIN_CHECK:  # whatever was asked before, this makes the process as good as new
            self._begun = self._last = _after(self._read, request)
        else:
            self._last = _after(self._last, request)
        return self._last


def _after(key: bytes, request: bytes) -> bytes:
    made = hashlib.blake2b(key, digest_size=16)
    made.update(request)
    return made.digest()


class Recorder:
    """Forks workers and listens to them: `reading` is the answer to the first request, `last` are the last check's.

    A `reading` that is known already is that of a notebook which is the same to the byte.
    """

    def __init__(self, fork: Fork, version: str, reading: Recording | None = None) -> None:
        self._fork = fork
        self.version = version
        self.reading = reading or Recording()
        self.last = Recording()

    def fork(self, limits: Limits | None = None) -> Child:
        """A worker whose answers are recorded."""
        return _Recorded(self._fork(limits), self)


class _Recorded:
    """A worker whose answers are recorded."""

    def __init__(self, worker: Child, recorder: Recorder) -> None:
        self._worker = worker
        self._recorder = recorder
        self._keys: _Keys | None = None
        self._answer = Answer()

    def send(self, data: bytes, deadline: float) -> None:
        """Sends all of `data`, which is one request."""
        recorder, self._answer = self._recorder, Answer()
        if operation_of(data) is Operation.READ_AGAIN:
            (key,) = recorder.reading.answers
            self._keys, recorder.last = _Keys(), Recording()
            self._keys.resume(key)
        elif self._keys is None:
            self._keys = _Keys()
            key = self._keys.read(recorder.version, data)
            recorder.reading, recorder.last = Recording({key: self._answer}), Recording()
        else:
            if operation_of(data) is Operation.BEGIN_CHECK:
                recorder.last = Recording()
            recorder.last.answers[self._keys.next(data)] = self._answer
        self._listen(self._worker.send, data, deadline)

    def receive(self, size: int, deadline: float) -> bytes:
        """Exactly `size` bytes."""
        data = self._listen(self._worker.receive, size, deadline)
        self._answer.frame += data
        return data

    def kill(self) -> Exit:
        """Ends the process."""
        return self._worker.kill()

    def _listen(self, act: Callable[[_What, float], _Given], what: _What, deadline: float) -> _Given:
        try:
            given = act(what, deadline)
        except ChildTimeout as timeout:
            self._answer.end = {"waited": timeout.waited, "printed": timeout.printed}
            raise
        except ChildEnded as error:
            self._answer.end = {"exit": asdict(error.exit), "message": str(error)}
            raise
        self._answer.end = None  # a deadline that passed before was put off
        return given


class Player:
    """Forks nothing: its workers answer from recordings, `reading` of the notebook, `last` of a check."""

    def __init__(self, reading: Recording) -> None:
        self.reading = reading
        self.last = Recording()

    def fork(self, limits: Limits | None = None) -> Child:
        """A worker that answers what was recorded and raises Unrecorded for everything else."""
        return _Played(self)


class _Played:
    """A worker that answers from recordings."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._keys: _Keys | None = None
        self._answer = Answer()
        self._given = 0

    def send(self, data: bytes, deadline: float) -> None:
        """Finds the answer to a request; raises Unrecorded. The notebook itself, in the first one, is not needed."""
        self._given = 0
        if self._keys is None:
            self._keys = _Keys()
            ((key, self._answer),) = self._player.reading.answers.items()
            self._keys.resume(key)
            return
        try:
            self._answer = self._player.last.answers[self._keys.next(data)]
        except KeyError:
            raise Unrecorded("a request that was not recorded") from None

    def receive(self, size: int, deadline: float) -> bytes:
        """The next `size` bytes of the answer; raises what was raised when they were awaited."""
        data = self._answer.frame[self._given : self._given + size]
        if len(data) < size:
            self._answer.raise_end()
        self._given += size
        return data

    def kill(self) -> Exit:
        """Nothing is there to end."""
        return Exit("killed")
