"""One attack after the other in one sandbox, each followed by a good submission; the canaries tell what got out."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from canaries import Canaries
from corpus import Corpus, Hostile

from autograder.course.course import Course
from autograder.course.data_package import data_folders, hidden_data, readable_data
from autograder.course.limits import QuestionLimits
from autograder.marking.questions import mark_notebook
from autograder.marking.sandboxes import ENTRY, PRELOAD, WARM_UP, process_limits
from autograder.marking.verdict import Diagnosis, State, Verdict
from autograder.models.measure import EMPTY_NOTEBOOK
from autograder.protocol import operations
from autograder.protocol.faults import Fault, StudentError, WorkerFailure
from autograder.protocol.recording import Fork
from autograder.protocol.session import Session
from autograder.sandbox import Child, Limits, Sandbox, SandboxUnavailable
from autograder.sandbox.layers import kernel

SECONDS = 2.0  # wall time of an attack; a good submission has ten times as much
_LIMITS = QuestionLimits(SECONDS, memory_mib=512, cpu_seconds=20)
LAYERS = {
    1: ("namespaces", "landlock", "seccomp", "memory cgroup"),
    2: ("landlock", "seccomp", "memory cgroup"),
    4: (),
}
_PR_SET_CHILD_SUBREAPER = 36
_TIDY_SECONDS = 60.0  # for emptying a working folder on a busy disk; the sandbox itself waits no longer
_SETTLE_SECONDS = 2.0  # for processes that are ending


@dataclass(frozen=True)
class Outcome:
    """What became of one attack: `escaped` says what got out, `next_wrong` why the good submission after it was not
    graded as always. Both are empty if all is well. `verdict` and `seconds` are the attack's own."""

    case: Hostile
    escaped: tuple[str, ...]
    next_wrong: str
    verdict: Verdict
    seconds: float

    @property
    def contained(self) -> bool:
        """Whether nothing got out and nobody else noticed."""
        return not self.escaped and not self.next_wrong


def open_tier(root: Path, tier: int, protect: Sequence[Path] = (), course: Path | None = None) -> Sandbox:
    """The project's sandbox with the layers of one tier, or with those of them that hold; tier 4 has none.

    `course` is the folder that `data/` lies in, if not `root`. Raises SandboxUnavailable.
    """
    course = course or root
    hidden = [root / "staff", root / "tests", *hidden_data(course), *protect]
    limits, layers = process_limits(_LIMITS), LAYERS[tier]
    readable, packages = readable_data(course), data_folders(course)
    return Sandbox(
        ENTRY, [*PRELOAD, WARM_UP], readable, hidden, limits, unsafe=tier == 4, packages=packages, layers=layers
    )


class Trial:
    """Puts attacks to a sandbox that is idle, beside another student's process that is alive; see `trial_of`."""

    def __init__(self, sandbox: Sandbox, twin: Sandbox, corpus: Corpus, course: Course, canaries: Canaries) -> None:
        asked = [check for check in course.of_code(corpus.notebook) if check.question == corpus.question]
        self._course = replace(course, questions={corpus.notebook: asked})
        self._hasty, self._patient = (self._with_seconds(seconds) for seconds in (SECONDS, 10 * SECONDS))
        self._sandbox = sandbox
        self._twin = twin
        self._corpus = corpus
        self._canaries = canaries
        self._neighbour = self._secret = ""
        self._session: Session | None = None
        self._invite()
        verdict, self._usual = self._grade(corpus.good)
        if verdict.state is not State.PASS:
            raise SandboxUnavailable(f"the good submission is not graded right: {verdict.message}")

    def _with_seconds(self, seconds: float) -> Course:
        limits = replace(_LIMITS, seconds=seconds)
        return replace(self._course, assignment=replace(self._course.assignment, limits=limits, question_limits={}))

    def close(self) -> None:
        """End the neighbour's process."""
        if self._session:
            self._session.close()

    def run(self, case: Hostile) -> Outcome:
        """Put one attack, then the good submission."""
        whereabouts = {**self._canaries.whereabouts, "neighbour": self._neighbour}
        content = case.model() if case.model else self._corpus.write(case, whereabouts)
        family, begun = _children(), time.monotonic()
        verdict, log = self._read(content) if case.model else self._mark(content, self._hasty)
        seconds = time.monotonic() - begun
        escaped = [*_from_verdict(case, verdict, seconds), *self._read_secrets(f"{log}\n{verdict.message}")]
        escaped += [*_outlived(family), *self._canaries.touched(), *self._disturbed()]
        return Outcome(case, tuple(escaped), self._next_wrong(), verdict, seconds)

    def _next_wrong(self) -> str:
        verdict, log = self._grade(self._corpus.good)
        if verdict.state is not State.PASS:
            return f"{verdict.state} {verdict.diagnosis} {verdict.message}".strip()
        return "" if log == self._usual else f"the next student sees {log[:200]} instead of {self._usual[:200]}"

    def _grade(self, content: bytes) -> tuple[Verdict, str]:
        return self._mark(content, self._patient)

    def _mark(self, content: bytes, course: Course) -> tuple[Verdict, str]:
        """The verdict of a notebook, and what its processes wrote."""
        with _watched(self._sandbox) as (fork, children):
            with self._session_over(content, course, fork) as session:
                (verdict,) = mark_notebook(course, session)
            return verdict, "".join(child.log for child in children)

    def _session_over(self, content: bytes, course: Course, fork: Fork) -> Session:
        limits = course.assignment.limits
        return Session(fork, content, self._corpus.notebook, limits.seconds, process_limits(limits))

    def _read(self, model: bytes) -> tuple[Verdict, str]:
        """The same for a saved model: a verdict of nothing but how reading it went."""
        with _watched(self._sandbox) as (fork, children):
            with Session(fork, EMPTY_NOTEBOOK, "", SECONDS) as session:
                try:
                    session.open()
                    weights = session.exchange(operations.read_weights(model, 512 << 20))
                    verdict = Verdict.scored("", 0, 1, "refused" if isinstance(weights, str) else "read")
                except StudentError as error:
                    verdict = Verdict.scored("", 0, 1, error.diagnosis, str(error))
                except WorkerFailure as failure:
                    verdict = Verdict.ungraded("", 1, Diagnosis.SANDBOX, str(failure))
            return verdict, "".join(child.log for child in children)

    def _read_secrets(self, text: str) -> Iterator[str]:
        for secret, place in {**self._canaries.secrets, self._secret: "a neighbour's working folder"}.items():
            if secret in text:
                yield f"read {place}"
        if self._canaries.flag in text:
            yield "did what it tried"

    def _invite(self) -> None:
        """Let another student's process run, with a secret in its working folder."""
        self._secret = os.urandom(16).hex()
        with _watched(self._twin) as (fork, children):
            self._session = self._session_over(self._corpus.neighbour(self._secret), self._patient, fork)
            (verdict,) = mark_notebook(self._patient, self._session)
            if verdict.state is not State.PASS:
                raise SandboxUnavailable(f"the good submission is not graded right: {verdict.message}")
            self._neighbour = children[-1].log.strip()

    def _disturbed(self) -> list[str]:
        """Whether the other student's process no longer answers; another one takes its place."""
        assert self._session is not None
        try:
            self._session.restart_clock()
            self._session.exchange(operations.report_broken_rules())
        except (StudentError, WorkerFailure) as error:
            self._session.close()
            self._invite()
            return [f"disturbed another student's process ({error})"]
        return []


@contextmanager
def trial_of(root: Path, tier: int, corpus: Corpus, course: Course) -> Iterator[tuple[Trial, Sandbox]]:
    """A trial in the best sandbox that has no more layers than `tier`, and that sandbox. Raises SandboxUnavailable."""
    canaries = Canaries(root)
    kernel.prctl(_PR_SET_CHILD_SUBREAPER, 1, what="subreaper")  # whatever outlives its parent becomes our child
    try:
        with open_tier(root, tier, [canaries.folder], canaries.course) as sandbox, sandbox.twin() as twin:
            trial = Trial(sandbox, twin, corpus, course, canaries)
            with contextlib.closing(trial):
                yield trial, sandbox
    finally:
        kernel.prctl(_PR_SET_CHILD_SUBREAPER, 0, what="subreaper")
        canaries.close()


@contextmanager
def _watched(sandbox: Sandbox) -> Iterator[tuple[Fork, list[Child]]]:
    """A `fork` of the sandbox, and the children that it has made."""
    children: list[Child] = []

    def fork(limits: Limits | None) -> Child:
        children.append(sandbox.fork(limits))
        return children[-1]

    yield fork, children


def _from_verdict(case: Hostile, verdict: Verdict, seconds: float) -> Iterator[str]:
    if verdict.state is State.PASS:
        yield "got full marks"
    if verdict.state is State.UNGRADED:
        yield f"was left ungraded: {verdict.diagnosis}, {verdict.message}"
    elif case.ends and verdict.diagnosis not in (*case.ends, Fault.TIME_LIMIT):  # a busy machine comes to nothing else
        yield f"ended by {verdict.diagnosis or 'a wrong answer'!r} instead of {' or '.join(case.ends)}"
    if seconds > 2 * SECONDS + _TIDY_SECONDS:  # reading and asking have their own clocks
        yield f"took {seconds:.0f} seconds"


def _outlived(family: set[int]) -> list[str]:
    """What became of our own processes, and those that should have ended with the attack; they are ended now."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while (extra := _children() - family) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid in extra:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    missing = family - _children()
    return ["left a process running"] * bool(extra) + ["ended a process of the grader's"] * bool(missing)


def _children() -> set[int]:
    """Processes whose parent is this one. Those that have ended, and that nobody waits for, are forgotten."""
    found, own = set(), os.getpid()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == own and state != "Z":
            found.add(int(folder.name))
    return found
