"""A conversation with a process that has read one notebook, which survives the end of the process.

What the process sends is data from a stranger: everything is checked for its form before it is used.
"""

import time
from collections.abc import Callable
from typing import Any, Self, TypeVar

from autograder.messages import join, say
from autograder.notebook.outline import Outline
from autograder.protocol import frames
from autograder.protocol.faults import Fault, StudentError, WorkerFailure, explain_error, explain_exit
from autograder.protocol.operation import Operation
from autograder.protocol.operations import Request, Tensors, read_again, read_notebook
from autograder.protocol.recording import Child, Fork
from autograder.sandbox import ChildEnded, ChildTimeout, Exit, Limits, SandboxUnavailable

What = TypeVar("What")
Answer = TypeVar("Answer")
Failure = TypeVar("Failure", bound=Exception)
_SENSELESS = (KeyError, TypeError, ValueError, AttributeError, IndexError, frames.MalformedFrame)
# A process that has been waited for so long gives way to a fresh one, so that each check has its CPU time to itself.
_FRESH_AFTER_SECONDS = 1.0
# How many times its wall time a check may take because its process waits for a core.
_MOST_GROWTH = 10
_LEAST_DELAY_SECONDS = 0.01
PRINTED = say("while it printed line after line")


class Session:
    """A process that has read one notebook, replaced by a fresh one after an abnormal end.

    `fork` starts a process; `seconds` is the wall time that each check may take. `outline` is what was read of the
    notebook, once it is open, unless it is known from another that is the same to the byte; `asked` are the names
    whose code the present check has called, `given` those that it supplies; `has_evidence` says whether the process
    may know of broken rules. Where a call takes `may_retry`, a process killed by nobody knows whom is the grader's
    fault.

    Seconds in which the process waits for a core do not count, up to _MOST_GROWTH times the wall time; beyond that, and
    where the system does not tell, a limit that is hit is the machine's fault unless the session is `alone` on it.
    """

    def __init__(
        self,
        fork: Fork,
        notebook: bytes,
        filename: str,
        seconds: float,
        limits: Limits | None = None,
        alone: bool = True,
        outline: Outline | None = None,
    ) -> None:
        self.filename = filename
        self._alone = alone
        self.outline = outline or Outline()
        self.asked: list[str] = []
        self.given: set[str] = set()
        self.has_evidence = True
        self._is_read = outline is not None
        self._checks: list[tuple[list[str], set[str]]] = []  # what each check has asked of the process, and given it
        self._waited = 0.0
        self._received = 0  # bytes, of the present check
        self._own_time = 0.0  # this thread's CPU time when the clock was started
        self._limits = limits
        self._fork = fork
        self._notebook = notebook
        self._seconds = seconds
        self._started = self._deadline = 0.0
        self._child: Child | None = None

    @property
    def is_open(self) -> bool:
        """Whether a process is there to be asked."""
        return self._child is not None

    @property
    def reused(self) -> bool:
        """Whether the process has answered other checks before the present one."""
        return len(self._checks) > 1

    @property
    def may_be_spoilt(self) -> bool:
        """Whether the code of another check may have left something in the process that the present one could see."""
        return any(self.outline.may_have_side_effects(asked, given) for asked, given in self._checks[:-1])

    def allow(self, seconds: float, limits: Limits | None) -> None:
        """Sets what the next check may use: wall time, and the limits of its process."""
        self._seconds = seconds
        self._received = 0
        if limits != self._limits:
            self._limits = limits
            self.close()

    def open(self, may_retry: bool = False) -> None:
        """Starts a process that reads the notebook, unless one is alive; the first one that can tells the outline.

        Raises StudentError for an unreadable notebook, WorkerFailure when the reader itself fails.
        """
        if self._waited > _FRESH_AFTER_SECONDS:
            self.close()
        if self._child is not None:
            self.restart_clock()
            return
        self._checks, self._waited = [], 0.0
        try:
            self._child = self._fork(self._limits)
        except SandboxUnavailable as error:
            raise WorkerFailure(str(error)) from None
        self.restart_clock()  # only now: a warm process that had to be started anew is nobody's time but ours
        if self._is_read:  # an outline takes four times as long as what runs code needs of a notebook
            self.exchange(read_again(self.filename, self._notebook), may_retry=may_retry)
            return
        self.outline = self.exchange(read_notebook(self.filename, self._notebook), may_retry=may_retry)
        self._is_read = True

    def restart_clock(self) -> None:
        """Gives what is asked from now on the whole wall time of a check."""
        self._started = time.monotonic()
        self._own_time = time.thread_time()
        self._deadline = self._started + self._seconds

    def require_time(self, name: str = "") -> None:
        """Raises StudentError if what the check's answers took to be read and compared is more than it may take."""
        if time.thread_time() - self._own_time > self._seconds:
            what = "gave answers that take more than {seconds:g} seconds to read and to compare"
            raise self._abnormal(name, say(what, seconds=self._seconds), Fault.TIME_LIMIT)

    def exchange(self, request: Request[Answer], name: str = "", may_retry: bool = False) -> Answer:
        """The answer to one request; `name` is the one whose code it runs, if any.

        Raises StudentError when the student's code or process failed, WorkerFailure when ours did.
        """
        if self._child is None:
            raise StudentError("the student's process has ended", Fault.CRASH)
        if request.operation is Operation.BEGIN_CHECK:
            self._checks.append((self.asked, self.given))
        started = time.monotonic()
        try:
            reply, tensors = self._converse(self._child, request)
        except ChildTimeout as timeout:
            raise self._late(name, timeout) from None
        except ChildEnded as end:
            raise self._ended(name, end.exit, may_retry) from None
        except frames.MalformedFrame as error:
            raise self._abnormal(name, say("sent {what}", what=str(error)), Fault.MALFORMED_REPLY) from None
        finally:
            self._waited += time.monotonic() - started
        self.has_evidence = reply.get("evidence") is not False  # older recordings do not say
        if "error" in reply:
            raise self._reported(name, request.operation, reply["error"])
        try:
            answer = request.read(reply, tensors)
        except _SENSELESS:
            raise self._abnormal(
                name, say("sent {what} that makes no sense", what=request.answer), Fault.MALFORMED_REPLY
            ) from None
        if tensors:
            raise self._abnormal(name, "sent tensors that nothing refers to", Fault.MALFORMED_REPLY)
        self.require_time(name)
        return answer

    def _converse(self, child: Child, request: Request[Any]) -> tuple[dict[str, Any], Tensors]:
        """What comes back on a request, within the caps."""
        data = request.to_bytes()
        self._patiently(child.send, data)
        text, blob = frames.lengths(self._patiently(child.receive, frames.HEADER.size))
        self._received += text + blob
        if self._received > frames.MAX_CHECK_BYTES:
            raise frames.MalformedFrame(f"more than {frames.MAX_CHECK_BYTES >> 20} MiB in answer to one check")
        body = self._patiently(child.receive, text + blob)
        return frames.unpack(body[:text], body[text:])

    def _patiently(self, act: Callable[[What, float], Answer], what: What) -> Answer:
        """What `act` gives before the deadline, which is put off by what the process waits for a core meanwhile."""
        while True:
            try:
                return act(what, self._deadline)
            except ChildTimeout as timeout:
                later = self._started + self._seconds + min(timeout.waited or 0.0, (_MOST_GROWTH - 1) * self._seconds)
                if later < self._deadline + _LEAST_DELAY_SECONDS:
                    raise
                self._deadline = later

    def _late(self, name: str, timeout: ChildTimeout) -> StudentError:
        """Whose fault it is that the deadline passed."""
        what = say("did not finish within {seconds:g} seconds", seconds=self._seconds)
        starved = timeout.waited is None or timeout.waited > (_MOST_GROWTH - 1) * self._seconds
        if starved and not (self._alone and timeout.waited is None):
            return self._abnormal(name, say("{what}, but mostly waited for a core", what=what), Fault.NO_CORE)
        return self._abnormal(name, join([what, PRINTED], ", ") if timeout.printed else what, Fault.TIME_LIMIT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def place(self, name: str) -> str:
        """Where `name` is defined: the notebook, and the last code cell that binds it, with its heading."""
        cells = self.outline.definitions.get(name)
        if not cells:
            return self.filename
        return say("{file}, {place} ({name})", file=self.filename, place=self.outline.place(cells[-1]), name=name)

    def _ended(self, name: str, exit: Exit, may_retry: bool) -> StudentError | WorkerFailure:
        """Whose fault it is that the process ended, and why it did."""
        if exit.reason == "setup":
            self.close()
            return WorkerFailure(say("the sandbox failed: {detail}", detail=exit.detail))
        what, diagnosis = explain_exit(exit, self._limits.cpu_seconds if self._limits else 0)
        if may_retry and exit.signal == "SIGKILL" and diagnosis == "crash":
            self.close()
            return WorkerFailure(say("the process was killed, and no limit says why"))
        return self._abnormal(name, what, diagnosis)

    def _reported(self, name: str, operation: Operation, error: object) -> StudentError | WorkerFailure:
        """What an error comes to that the process itself reports."""
        if not isinstance(error, dict):
            return self._abnormal(name, "sent an error that makes no sense", Fault.MALFORMED_REPLY)
        return self._with_heading(explain_error(operation, error, self.outline))

    def _abnormal(self, name: str, what: str, diagnosis: Fault) -> StudentError:
        """Ends a process that is not to be asked again."""
        self.close()
        cells = self.outline.definitions.get(name, [0])
        said = say("{name} {what}", name=name or say("the notebook"), what=say(what))
        return self._with_heading(StudentError(said, diagnosis, cells[-1]))

    def _with_heading(self, error: Failure) -> Failure:
        """The error, with the heading of its cell."""
        if isinstance(error, StudentError):
            error.heading = self.outline.cell(error.cell).heading
        return error
