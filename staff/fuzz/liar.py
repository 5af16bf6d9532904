"""A worker that lies: true replies are recorded, and forged ones take the place of some."""

import hashlib
import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.protocol.frames import HEADER, MalformedFrame, unpack
from autograder.protocol.operation import Operation, operation_of
from autograder.protocol.recording import Child
from autograder.sandbox import ChildEnded, ChildTimeout, Exit, Limits

# Operations that run our code: an error that the worker reports in them is taken for the grader's own.
OURS = frozenset({
    Operation.READ_NOTEBOOK, Operation.BEGIN_CHECK, Operation.DEFINE_STAND_INS, Operation.REPORT_BROKEN_RULES,
    Operation.FULL_RUN,
})  # fmt: skip
# True replies with the operation that each answers, by all that was asked since the question began.
Transcript = dict[bytes, tuple[Operation, bytearray]]


@dataclass(frozen=True)
class Forgery:
    """A reply to one operation: to the `at`-th of a conversation, or to all if that is -1.

    When more is asked for than there is, the worker has ended, or lets the grader wait if `end` is None.
    """

    operation: Operation
    at: int
    reply: bytes
    end: Exit | None = None


class Recorder:
    """A true worker, of which every reply goes into a transcript."""

    def __init__(self, child: Child, transcript: Transcript) -> None:
        self._child, self._transcript = child, transcript
        self._question, self._reply = b"", bytearray()

    def send(self, data: bytes, deadline: float) -> None:
        """Sends a request."""
        self._question, self._reply = _after(self._question, data), bytearray()
        self._transcript[self._question] = operation_of(data), self._reply
        self._child.send(data, deadline)

    def receive(self, size: int, deadline: float) -> bytes:
        """So many bytes of the reply."""
        data = self._child.receive(size, deadline)
        self._reply += data
        return data

    def kill(self) -> Exit:
        """Ends the worker."""
        return self._child.kill()


class Liar:
    """Workers, one at a time, that answer as recorded but for some forgeries; to a session they are `sandbox.Child`s.

    `reports_error` says whether a forged reply to an operation of the grader's own was a well-formed error.
    """

    def __init__(self, forgeries: Sequence[Forgery], transcript: Transcript) -> None:
        self.reports_error = False
        self._forgeries, self._transcript = forgeries, transcript
        self._asked: Counter[Operation] = Counter()
        self._waiting, self._question = b"", b""
        self._end: Exit | None = None

    def fork(self, limits: Limits | None = None) -> "Liar":
        """A fresh worker in place of the one before; no limits bind it."""
        self._waiting, self._question, self._end = b"", b"", None
        return self

    def send(self, data: bytes, deadline: float) -> None:
        """Takes a request; its reply waits behind what is left of the one before."""
        operation, self._question = operation_of(data), _after(self._question, data)
        true = self._transcript.get(self._question)
        reply = bytes(true[1]) if true else replies_to(operation, self._transcript)[0]
        answer = Forgery(operation, -1, reply)
        for forgery in self._forgeries:
            if forgery.operation == operation and forgery.at in (self._asked[operation], -1):
                answer = forgery
                self.reports_error |= operation in OURS and _is_error(forgery.reply)
                break
        self._asked[operation] += 1
        self._waiting, self._end = self._waiting + answer.reply, answer.end

    def receive(self, size: int, deadline: float) -> bytes:
        """Exactly so many bytes. Raises ChildEnded or ChildTimeout when there are not so many."""
        if size > Limits().output_mib << 20:
            raise ChildEnded(Exit("killed"))
        if len(self._waiting) < size:
            raise ChildEnded(self._end) if self._end else ChildTimeout
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        return data

    def kill(self) -> Exit:
        """Nothing is there to be ended."""
        return Exit("killed")


def replies_to(operation: Operation, transcript: Transcript) -> list[bytes]:
    """The true replies to an operation, `{}` if there is none."""
    return [bytes(reply) for answered, reply in transcript.values() if answered == operation] or [frame(b"{}")]


def frame(text: bytes, blob: bytes = b"") -> bytes:
    """A reply with true lengths."""
    return HEADER.pack(len(text), len(blob)) + text + blob


def halves(reply: bytes) -> tuple[bytes, bytes]:
    """JSON and blob of a reply with true lengths."""
    end = HEADER.size + HEADER.unpack_from(reply)[0]
    return reply[HEADER.size : end], reply[end:]


def _after(question: bytes, request: bytes) -> bytes:
    """A hash of all that was asked since a question began, and of one request more."""
    begins = operation_of(request) in (Operation.READ_NOTEBOOK, Operation.BEGIN_CHECK)
    return hashlib.sha256((b"" if begins else question) + request).digest()


def _is_error(reply: bytes) -> bool:
    try:
        return "error" in unpack(*halves(reply))[0]
    except (struct.error, MalformedFrame):
        return False
