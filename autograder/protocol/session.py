"""A conversation with the worker that holds one notebook, which survives the worker's end.

What the worker sends is data from a stranger: everything is checked for its form before it is used.
"""

import difflib
import time
from collections.abc import Mapping
from typing import Any, Self, TypeVar

from autograder.notebook.findings import BrokenRule
from autograder.notebook.outline import Outline
from autograder.notebook.text import one_line, plain
from autograder.protocol import frames, operations
from autograder.protocol.faults import TIME_LIMIT, StudentError, WorkerFailure
from autograder.protocol.frames import Operation
from autograder.protocol.operations import Request
from autograder.protocol.recording import Child, Fork
from autograder.protocol.rules import Rules, find_forbidden
from autograder.sandbox import ChildEnded, ChildTimeout, Exit, Limits, SandboxUnavailable

Answer = TypeVar("Answer")
# Requests that run our code: an error in them that passed through no cell of the notebook is our fault.
_OURS = frozenset({
    *(Operation.READ_NOTEBOOK, Operation.BEGIN_CHECK, Operation.DEFINE_STAND_INS, Operation.REPORT_BROKEN_RULES),
    Operation.FULL_RUN,
})  # fmt: skip
_SENSELESS = (KeyError, TypeError, ValueError, AttributeError, IndexError, frames.MalformedFrame)
# A worker that has been waited for so long gives way to a fresh one, so that each question has its CPU time to itself.
_FRESH_AFTER_SECONDS = 1.0


class Session:
    """A worker that has read one notebook, replaced by a fresh one after an abnormal end.

    `fork` starts a worker; `seconds` is the wall time that each question may take. After `open`, `outline` is what was
    read of the notebook. `asked` are the names that the present question called, `at` is the one whose code, or whose
    module's, ran last. `diagnoses` are those of the questions that were asked so far. `reused` says that the worker
    answered earlier questions, too. While `may_retry`, a worker killed by nobody knows whom is the grader's fault.
    """

    def __init__(
        self, fork: Fork, notebook: bytes, filename: str, seconds: float, limits: Limits | None = None
    ) -> None:
        self.filename = filename
        self.outline = Outline()
        self.asked: list[str] = []
        self.at = ""
        self.diagnoses: dict[str, list[str]] = {}
        self.may_retry = False
        self._begun = 0
        self._waited = 0.0
        self._limits = limits
        self._rules = Rules()
        self._given: set[str] = set()
        self._fork = fork
        self._notebook = notebook
        self._seconds = seconds
        self._deadline = 0.0
        self._child: Child | None = None

    @property
    def reused(self) -> bool:
        """Whether the worker has answered other questions before the present one."""
        return self._begun > 1

    def allow(self, seconds: float, limits: Limits) -> None:
        """Sets what each question from now on may use: wall time, and the limits of its process."""
        self._seconds = seconds
        if limits != self._limits:
            self._limits = limits
            self.close()

    def open(self) -> None:
        """Starts a worker that reads the notebook, unless one is alive.

        Raises StudentError for an unreadable notebook, WorkerFailure when the reader itself fails.
        """
        if self._child is not None and self._waited > _FRESH_AFTER_SECONDS:
            self.close()
        if self._child is not None:
            self.restart_clock()
            return
        self._begun, self._waited = 0, 0.0
        try:
            self._child = self._fork(self._limits)
        except SandboxUnavailable as error:
            raise WorkerFailure(str(error)) from None
        self.restart_clock()  # only now: a warm process that had to be started anew is nobody's time but ours
        self.outline = self.exchange(operations.read_notebook(self.filename, self._notebook))

    def restart_clock(self) -> None:
        """Gives what is asked from now on the whole wall time of a question."""
        self._deadline = time.monotonic() + self._seconds

    def begin(self, rules: Rules, seed: int) -> None:
        """Resets the worker for one question: fresh namespace, random numbers, record. Raises StudentError."""
        self.open()
        self.asked, self.at, self._rules = [], "", rules
        self._given.clear()
        self._begun += 1
        threads = self.exchange(operations.begin_check(rules, seed))
        if threads != 1 and self.reused:  # something that an earlier question started still runs
            self.close()
            self.begin(rules, seed)

    def stand_in(self, sources: Mapping[str, str]) -> None:
        """Defines names by Python source, stronger than the notebook's, until the next question."""
        self._given.update(sources)
        self.exchange(operations.define_stand_ins(sources))

    def enter(self, name: str) -> None:
        """Notes whose code runs next; stand-ins are nobody's."""
        if name not in self.asked:
            self.asked.append(name)
        if name not in self._given:
            self.at = name

    def broken_rules(self) -> list[BrokenRule]:
        """The broken rules of the code that this question used: in its text, then in what ran.

        The text was taken before any student code ran; what ran is told by the student's process, if it is still there.
        """
        broken = find_forbidden(self.outline.usages, self.asked, self._rules, self._given)
        return broken if self._child is None else broken + self.exchange(operations.report_broken_rules())

    def exchange(self, request: Request[Answer]) -> Answer:
        """The answer to one request. Raises StudentError when the student's code or process failed."""
        if self._child is None:
            raise StudentError("the student's process has ended", "crash")
        started = time.monotonic()
        try:
            self._child.send(request.to_bytes(), self._deadline)
            text, blob = frames.lengths(self._child.receive(frames.HEADER.size, self._deadline))
            body = self._child.receive(text + blob, self._deadline)
            reply, received = frames.unpack(body[:text], body[text:])
        except ChildTimeout:
            raise self._abnormal(f"did not finish within {self._seconds:g} seconds", TIME_LIMIT) from None
        except ChildEnded as end:
            raise self._ended(end.exit) from None
        except frames.MalformedFrame as error:
            raise self._abnormal(f"sent {error}", "malformed reply") from None
        finally:
            self._waited += time.monotonic() - started
        if "error" in reply:
            raise self._error(request.operation, reply["error"])
        try:
            return request.read(reply, received)
        except _SENSELESS:
            raise self._abnormal(f"sent {request.answer} that makes no sense", "malformed reply") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the worker."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def place(self, name: str) -> str:
        """Where `name` is defined: the notebook, and the last code cell that binds it."""
        cells = self.outline.definitions.get(name)
        return f"{self.filename}, code cell {cells[-1]} ({name})" if cells else self.filename

    def _ended(self, exit: Exit) -> StudentError | WorkerFailure:
        """Whose fault it is that the process ended, and why it did."""
        if exit.reason == "setup":
            self.close()
            return WorkerFailure(f"the sandbox failed: {exit.detail}")
        if exit.reason == "killed":
            return self._abnormal("broke off its answer, or sent more than is allowed", "malformed reply")
        if exit.out_of_memory:
            return self._abnormal("used more memory than is allowed", "memory limit")
        if exit.signal == "SIGKILL":
            most = self._limits.cpu_seconds if self._limits else 0
            if most and exit.cpu_seconds >= most - 1:
                return self._abnormal(f"used more than {most} seconds of CPU time", TIME_LIMIT)
            if self.may_retry:
                self.close()
                return WorkerFailure("the process was killed, and no limit says why")
        plain = exit.signal if exit.reason == "signal" else f"exit code {exit.code}"
        return self._abnormal(f"ended the Python process ({plain})", "crash")

    def _abnormal(self, what: str, diagnosis: str) -> StudentError:
        self.close()
        name = self.at or "the notebook"
        cells = self.outline.definitions.get(name, [0])
        return StudentError(f"{name} {what}", diagnosis, cells[-1])

    def _error(self, operation: Operation, error: Any) -> StudentError | WorkerFailure:
        if not isinstance(error, dict):
            return self._abnormal("sent an error that makes no sense", "malformed reply")
        kind, message = one_line(str(error.get("kind", ""))), plain(str(error.get("message", "")), 500)
        if kind == "missing":
            return self._missing(message)
        cell, line, text = error.get("cell"), error.get("line"), error.get("text")
        place = (cell if isinstance(cell, int) else 0, line if isinstance(line, int) else 0, str(text or "")[:160])
        if kind == "NotImplementedError":
            return StudentError(message or "this part is not written yet", "not written", *place)
        if kind == "MemoryError" or "can't allocate memory" in message:
            return StudentError("used more memory than is allowed", "memory limit", *place)
        if kind == "UnreadableNotebook":
            return StudentError(message, "unreadable notebook")
        if operation in _OURS and not place[0]:
            words = operation.name.lower().replace("_", " ")
            return WorkerFailure(f"the worker failed to {words}: {kind}: {message}")
        return StudentError(f"{kind}: {message}", "error", *place)

    def _missing(self, name: str) -> StudentError:
        """Why a name is not there: its cell does not parse, it was renamed, or it was deleted."""
        for cell in self.outline.unreadable:
            if name in cell.names:
                message = f"the cell that defines {name} does not parse: {cell.error}"
                return StudentError(message, "syntax error", cell.cell, cell.line, cell.text)
        # Comparing is slow, and a hostile process chooses the name.
        defined = self.outline.definitions
        near = difflib.get_close_matches(name[:80], list(defined)[:1000], 1, 0.8)
        hint = f"; did you mean {near[0]} in code cell {defined[near[0]][-1]}?" if near else ""
        return StudentError(f"{name} is not defined in the notebook{hint}", "missing")
