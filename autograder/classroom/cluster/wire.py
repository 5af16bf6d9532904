"""What travels between grader and judge: JSON and bytes, sealed with a key that only these two have."""

import json
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from autograder.classroom.examiner import Examination, Outcome
from autograder.gradebook.rows import from_reading, from_verdict, to_reading, to_verdict

_LENGTH = struct.Struct("<Q")
_NONCE = 12  # bytes


class WireError(Exception):
    """What came is not what was sent; the message says why."""


def to_bytes(head: Any, blobs: Sequence[bytes] = ()) -> bytes:
    """JSON and bytes in one."""
    text = json.dumps([head, [len(blob) for blob in blobs]]).encode()
    return b"".join([_LENGTH.pack(len(text)), text, *blobs])


def from_bytes(data: bytes) -> tuple[Any, list[bytes]]:
    """What `to_bytes` put together. Raises WireError."""
    try:
        at = _LENGTH.size + _LENGTH.unpack_from(data)[0]
        head, sizes = json.loads(data[_LENGTH.size : at])
        blobs = []
        for size in sizes:
            blobs.append(data[at : at + size])
            at += size
    except (ValueError, TypeError, struct.error) as error:
        raise WireError(f"a message of another form: {error}") from error
    if at != len(data):
        raise WireError(f"a message of {len(data)} bytes, expected {at}")
    return head, blobs


class Seal:
    """Makes messages unreadable for everybody without its `key`."""

    def __init__(self, key: bytes = b"") -> None:
        self.key = key or AESGCM.generate_key(256)
        self._cipher = AESGCM(self.key)

    def close(self, data: bytes) -> bytes:
        """The message, sealed."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, data, None)

    def open(self, data: bytes) -> bytes:
        """The message of `close`. Raises WireError for everything else."""
        try:
            return self._cipher.decrypt(data[:_NONCE], data[_NONCE:], None)
        except (InvalidTag, ValueError) as error:
            raise WireError("a message that was not sealed with the key of this run") from error


def send(stream: IO[bytes], data: bytes) -> None:
    """Writes a message to a pipe."""
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """The next message of a pipe; None at its end."""
    length = stream.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(length)
    data = stream.read(size)
    return data if len(data) == size else None


def order_to_bytes(examinations: Sequence[Examination], alone: bool) -> bytes:
    """What a judge is asked to do for one submission; `alone` says that nothing else is marked meanwhile."""
    heads = [[one.notebook, list(one.questions), one.earlier] for one in examinations]
    return to_bytes([alone, heads], [one.content for one in examinations])


def order_from_bytes(data: bytes) -> tuple[list[Examination], bool]:
    """What `order_to_bytes` was given. Raises WireError."""
    (alone, heads), contents = from_bytes(data)
    examinations = [
        Examination(notebook, content, questions, {name: tuple(found) for name, found in earlier.items()})
        for (notebook, questions, earlier), content in zip(heads, contents, strict=True)
    ]
    return examinations, alone


@dataclass(frozen=True)
class Result:
    """What came of one submission: the outcomes of each examination, and the wall time that they took."""

    outcomes: Sequence[Sequence[Outcome]]
    seconds: float


def result_to_bytes(result: Result) -> bytes:
    """A result as it travels."""
    heads, blobs = [], []
    for several in result.outcomes:
        rows = []
        for one in several:
            reading = from_reading(one.reading) if one.reading else {}
            read = reading.pop("recording", b"")
            rows.append([from_verdict(one.verdict), one.seconds, list(one.recordings), reading])
            blobs += [*one.recordings.values(), read]
        heads.append(rows)
    return to_bytes([result.seconds, heads], [bytes(blob) for blob in blobs])  # type: ignore[call-overload]  # a row's recording


def result_from_bytes(data: bytes) -> Result:
    """What `result_to_bytes` was given. Raises WireError."""
    head, blobs = from_bytes(data)
    left = iter(blobs)
    try:
        seconds, heads = head
        outcomes = [
            [
                Outcome(to_verdict(row), one, {name: next(left) for name in names}, _reading(reading, next(left)))
                for row, one, names, reading in rows
            ]
            for rows in heads
        ]
        return Result(outcomes, seconds)
    except (ValueError, TypeError, KeyError, StopIteration) as error:
        raise WireError(f"a result of another form: {error!r}") from error


def _reading(row: dict[str, Any], recording: bytes) -> Any:
    return to_reading({**row, "recording": recording}) if row else None
