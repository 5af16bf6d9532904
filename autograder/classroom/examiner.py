"""Asks a notebook its questions, and gives each verdict with what was recorded for it; knows no gradebook.

So it runs beside the gradebook, or on another machine (`cluster/`).
"""

import time
from collections import OrderedDict
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from autograder.checks.question import Check
from autograder.course.course import Course
from autograder.course.fingerprints import fingerprint, reader_version
from autograder.gradebook.rows import Reading
from autograder.marking.ask import Diagnoses, ask
from autograder.marking.question import ask_question
from autograder.marking.questions import unreadable
from autograder.marking.sandboxes import process_limits
from autograder.marking.verdict import Verdict
from autograder.notebook.execution import Execution
from autograder.notebook.outline import Outline
from autograder.protocol.frames import MAX_CHECK_BYTES
from autograder.protocol.recording import Fork, Recorder, Recording
from autograder.protocol.session import Session


@dataclass(frozen=True)
class Examination:
    """What is to be asked of a notebook: its questions, in order.

    `earlier` are the diagnoses of questions that are not asked again.
    """

    notebook: str
    content: bytes = field(repr=False)
    questions: Sequence[str]
    earlier: Diagnoses = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """A hash of the notebook's bytes."""
        return fingerprint(self.content)


@dataclass(frozen=True)
class Outcome:
    """The verdict of a question, the wall time that it took, the answers to each of its checks.

    With a notebook's first one comes its reading.
    """

    verdict: Verdict
    seconds: float
    recordings: Mapping[str, bytes] = field(repr=False)
    reading: Reading | None = None


_MOST_READINGS = 16  # that are remembered: of handouts that came back as they were, which not a few do


class Examiner:
    """Puts the questions of a course, under `root`, to notebooks; of use to several threads.

    Notebooks that are the same to the byte share what was read of them, never a process.
    """

    def __init__(self, root: Path, course: Course) -> None:
        self._version = reader_version(root)
        self._course = course
        self._seen: set[tuple[str, str]] = set()
        self._readings: OrderedDict[tuple[str, str], tuple[Recording, Outline]] = OrderedDict()

    def examine(self, examination: Examination, fork: Fork, alone: bool = False) -> Generator[Outcome]:
        """One outcome for each question, as soon as it is there; `fork` makes the processes that answer.

        `alone` says that nothing else is marked meanwhile.
        """
        notebook, content, limits = examination.notebook, examination.content, self._course.assignment.limits
        known, outline = self._readings.get((notebook, examination.digest), (None, None))
        recorder, earlier = Recorder(fork, self._version, known), dict(examination.earlier)
        allowed = process_limits(limits)
        with Session(recorder.fork, content, notebook, limits.seconds, allowed, alone, outline) as session:
            unread = {verdict.question: verdict for verdict in unreadable(self._course, session)}
            if not unread:
                self._remember((notebook, examination.digest), recorder.reading, session.outline)
            read = recorder.reading.to_bytes()
            repairs = tuple(repair.of(notebook) for repair in session.outline.repairs)
            reading: Reading | None = Reading(notebook, examination.digest, self._version, repairs, read)
            for question in examination.questions:
                recordings: dict[str, bytes] = {}
                for check in self._course.checks_by_question(notebook)[question]:
                    self._course.cases_for(check)  # which may have to be made, and that is not the answer's time
                started = time.monotonic()
                verdict = unread.get(question) or self._ask(session, question, earlier, recorder, recordings)
                earlier[question] = verdict.diagnoses
                yield Outcome(verdict, time.monotonic() - started, recordings, reading)
                reading = None

    def _remember(self, notebook: tuple[str, str], reading: Recording, outline: Outline) -> None:
        """Keeps what was read of a notebook, given its name and digest, if it has come before."""
        if notebook in self._seen:
            self._readings[notebook] = reading, outline
            if len(self._readings) > _MOST_READINGS:
                with suppress(KeyError):  # another thread has just taken the last one away
                    self._readings.popitem(last=False)
        self._seen.add(notebook)

    def _ask(
        self, session: Session, question: str, earlier: Diagnoses, recorder: Recorder, recordings: dict[str, bytes]
    ) -> Verdict:
        """Puts a question to a notebook; `recordings` takes what was answered to each of its checks."""
        limits = repr(self._course.assignment.limits_of(question))
        kept: dict[str, Recording] = {}

        def put(course: Course, session: Session, check: Check, earlier: Diagnoses, execution: Execution) -> Verdict:
            verdict = ask(course, session, check, earlier, execution)
            room = MAX_CHECK_BYTES - sum(recording.size for recording in kept.values())
            # And no earlier one that it builds on. What is left out has to run again before it is regraded.
            if check.question == question and recorder.last.size <= room:
                kept.setdefault(check.name, Recording(limits=limits)).answers.update(recorder.last.answers)
            return verdict

        verdict = ask_question(self._course, session, question, earlier, put)
        recordings.update({name: recording.to_bytes() for name, recording in kept.items()})
        return verdict
