"""Tries inputs one by one on the grader, and says for each what came of it and what must not have happened."""

import contextlib
import re
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from conversation import converse
from hostile_archives import CANARY, SECRET, unfold
from inputs import Input, Materials, valid_archives, valid_notebooks
from lying_worker import Liar, Plan, RecordingChild, Transcript, refusal
from rows import SECONDS, row_of
from watch import Memory, confined, listing, remove, time_limits, watched

from autograder.course.course import Course, load_course
from autograder.course.manifest import load
from autograder.gradebook.gradebook import Gradebook
from autograder.intake import submission
from autograder.intake.submission import Submission
from autograder.marking.questions import mark_notebook
from autograder.marking.verdict import Verdict
from autograder.models.saved_files import save_models
from autograder.protocol.session import Session
from autograder.sandbox import Sandbox

ASSIGNMENT = "hw4"
PROCESSOR_SECONDS = 20.0  # of the grader's own, for one input
WALL_SECONDS = 300.0  # for one input, whose questions may each wait for a worker
PEAK_MIB = 512.0  # of the grader's own memory, for one input, above what it held before
REPLAYED = ("hw4_vit.ipynb", "hw4_seq2seq.ipynb")  # conversations in which replies are forged
READ = "hw4_rnn.ipynb"  # the notebook that is changed
ASKED = ("1a", "1f")  # the questions put to it
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_NUMBER = re.compile(r"-?\d[\d,.]*")


@dataclass(frozen=True)
class Trial:
    """What came of one input: the grader's texts without what varies, seconds, MiB, and what must not have happened."""

    outcomes: frozenset[str]
    seconds: float
    peak_mib: float
    problems: tuple[str, ...]


@dataclass
class Summary:
    """What came of many inputs of one kind."""

    inputs: int = 0
    rows: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    peak_mib: float = 0.0
    made: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[Input, Trial]] = field(default_factory=list)

    def add(self, one: Input, trial: Trial) -> None:
        """Counts one input."""
        self.inputs += 1
        self.seconds += trial.seconds
        self.slowest = max(self.slowest, trial.seconds)
        self.peak_mib = max(self.peak_mib, trial.peak_mib)
        self.made[one.made] += 1
        self.outcomes.update(trial.outcomes)
        if trial.problems:
            self.failed.append((one, trial))


class Harness:
    """A gradebook, a folder to be watched, and valid work to be changed, all in the folder `work`, which is empty.

    `sandbox` is that of the assignment; it stays the caller's.
    """

    def __init__(self, root: Path, work: Path, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.work = work.resolve()
        self._grades = self.work / "grades"
        self._assignment = load(root)[ASSIGNMENT]
        self._course = load_course(root, self._assignment)
        self._courses = {name: _only(self._course, name) for name in (READ, *REPLAYED)}
        for name in ("inbox", "home", "temporary", "directory", "grades/models"):
            (self.work / name).mkdir(parents=True)
        (self.work / SECRET).write_bytes(CANARY)
        found = valid_notebooks(root, self._assignment)
        transcripts = {name: self._record(name, found[name]) for name in REPLAYED}
        ordered = {name: found[name] for name in (READ, *(name for name in found if name != READ))}
        self.materials = Materials(valid_archives(found), ordered, transcripts)
        self._number = 0

    def _record(self, name: str, content: bytes) -> Transcript:
        """The whole conversation about a notebook that is right."""
        transcript = Transcript()

        def fork(*limits: object) -> RecordingChild:
            return RecordingChild(self.sandbox.fork(), transcript)

        with Session(fork, content, name, SECONDS) as session:  # type: ignore[arg-type]
            mark_notebook(self._course, session, name)
        return transcript

    def try_all(self, inputs: Iterable[Input], report: Callable[[Input, Trial], None] | None = None) -> Summary:
        """Tries inputs of one kind; every one must have a row in the gradebook at the end."""
        summary = Summary()
        with confined(self.work), Gradebook(self._grades, self._assignment) as gradebook:
            rows = sum(1 for _ in gradebook.submissions())
            for one in inputs:
                trial = self._try(one, gradebook)
                summary.add(one, trial)
                if report:
                    report(one, trial)
            summary.rows = sum(1 for _ in gradebook.submissions()) - rows
        return summary

    def _try(self, one: Input, gradebook: Gradebook) -> Trial:
        self._number += 1
        submission_id = f"{one.kind}-{self._number:06d}"
        path = self._place(one)
        before, started, memory = listing(self.work, self._grades), time.monotonic(), Memory()
        attempt = {"archives": self._try_archive, "notebooks": self._try_notebook, "frames": self._try_frames}[one.kind]
        outcomes: list[str] = []
        problems: list[str] = []
        with watched([self._grades, self.work / "temporary"]) as watch:
            try:
                with time_limits(PROCESSOR_SECONDS, WALL_SECONDS):
                    attempt(one, path, submission_id, gradebook, outcomes, problems)
                    gradebook.submission(submission_id)  # raises GradebookError without a row
            except KeyboardInterrupt:
                raise
            except BaseException:
                problems.append(f"raised {traceback.format_exc(limit=-12)}")
        seconds, peak = time.monotonic() - started, memory.peak
        problems += [f"did what it must not: {event}" for event in watch.events]
        if listing(self.work, self._grades) != before:
            problems.append("changed files outside of the gradebook's folder")
        if peak > PEAK_MIB:
            problems.append(f"took {peak:.0f} MiB of memory, more than {PEAK_MIB:.0f}")
        self._clear()
        return Trial(frozenset(map(normalised, outcomes)), seconds, peak, tuple(problems))

    def _place(self, one: Input) -> Path:
        """Writes an archive to where submissions come in."""
        path = self.work / "inbox" / one.name
        if one.kind == "archives":
            if one.made.endswith("folder"):
                unfold(one.content, path)
            else:
                path.write_bytes(one.content)
        return path

    def _clear(self) -> None:
        """Removes what was handed in, and what was taken out of it."""
        for folder in (self.work / "inbox", self._grades / "models"):
            with contextlib.suppress(FileNotFoundError):
                remove(folder)
            folder.mkdir()

    def _try_archive(
        self, one: Input, path: Path, submission_id: str, gradebook: Gradebook, outcomes: list[str], problems: list[str]
    ) -> None:
        sources = submission.find(path, self._assignment)
        submission.submission_ids(sources)
        loaded = submission.load(path, submission_id, self._assignment)
        save_models(path, ["model_checkpoints/assignment2-1-2"], self._grades / "models")
        if CANARY in loaded.notebooks.values():
            problems.append("a file outside of the submission was read")
        if not loaded.error and not loaded.files:
            problems.append("neither a file nor an error")
        if loaded.error and loaded.notebooks:
            problems.append("a notebook was read and not graded")
        outcomes += [text for text in (loaded.error, *loaded.notes) if text] or ["sound"]
        verdicts = row_of(gradebook, loaded, self._course, Liar(Plan("", (refusal(),)), Transcript()).fork)
        self._judge(verdicts, False, [], problems)

    def _try_notebook(
        self, one: Input, path: Path, submission_id: str, gradebook: Gradebook, outcomes: list[str], problems: list[str]
    ) -> None:
        loaded = _submission(submission_id, path, one.name, one.content)
        verdicts = row_of(gradebook, loaded, self._courses[READ], self.sandbox.fork)
        self._judge(verdicts, False, outcomes, problems)
        if any(verdict.diagnosis == "malformed reply" for verdict in verdicts):  # no code here writes to our pipes
            problems.append(f"the reader of notebooks told the grader what it does not take: {outcomes}")

    def _try_frames(
        self, one: Input, path: Path, submission_id: str, gradebook: Gradebook, outcomes: list[str], problems: list[str]
    ) -> None:
        plan, transcript = Plan.from_bytes(one.content), self.materials.transcripts[one.name]
        loaded = _submission(submission_id, path, one.name, self.materials.notebooks[one.name])
        liar = Liar(plan, transcript)
        verdicts = row_of(gradebook, loaded, self._courses[one.name], liar.fork)
        self._judge(verdicts, liar.told_error, outcomes, problems)
        liar = Liar(plan, Transcript())
        told = converse(liar.fork, one.name)
        outcomes += told
        if not liar.told_error and any(text.startswith("WorkerFailure") for text in told):
            problems.append(f"the grader took the blame: {told}")

    @staticmethod
    def _judge(verdicts: Sequence[Verdict], may_fail: bool, outcomes: list[str], problems: list[str]) -> None:
        """What the verdicts say; UNGRADED is for the grader's faults alone, and none may be brought about by a student.

        `may_fail` is for a worker that reports an error of its own, which nobody can tell from a true one.
        """
        for verdict in verdicts:
            outcomes.append(f"{verdict.state} {verdict.diagnosis}: {verdict.message.partition(chr(10))[0]}")
            if verdict.diagnosis == "grader error" or (verdict.diagnosis == "sandbox" and not may_fail):
                problems.append(f"{verdict.question} is {verdict.state}, {verdict.diagnosis}: {verdict.message[:300]}")


def _submission(submission_id: str, path: Path, notebook: str, content: bytes) -> Submission:
    return Submission(submission_id, path, "2024-20001", {notebook: content}, [notebook], [], [], "")


def _only(course: Course, notebook: str) -> Course:
    """The course with the questions of one notebook, or with those that are put to the notebook that is changed."""
    asked = [one for one in course.of_code(notebook) if notebook != READ or one.question in ASKED]
    return replace(course, questions={notebook: asked})


def normalised(text: str) -> str:
    """The text without names and numbers, so that the like can be counted."""
    shorter = _NUMBER.sub("#", _QUOTED.sub("'…'", " ".join(text.encode("ascii", "replace").decode().split())))
    return shorter[:110]
