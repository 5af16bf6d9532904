"""Marks the code of a class on the workers of a Dask cluster; this process alone writes the gradebook."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client
from rich.console import Console

from autograder.classroom.cluster import wire
from autograder.classroom.cluster.course_pack import pack_cases, pack_files
from autograder.classroom.cluster.leases import SENDS
from autograder.classroom.cluster.lending import Lending
from autograder.classroom.cluster.version import settings_of, versions_of
from autograder.classroom.cluster.workers import START_SECONDS
from autograder.classroom.examiner import Examination
from autograder.classroom.marker import Marker
from autograder.classroom.progress import ClassProgress
from autograder.course.course import Course
from autograder.gradebook.file import RecordError
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.attempts import Attempt
from autograder.marking.questions import ungraded
from autograder.marking.verdict import Diagnosis
from autograder.messages import say
from autograder.pages.student_page import write_student_page
from autograder.protocol.faults import Fault

# How much longer than its questions' limits a submission may take: waiting for a core, runs in order, fresh processes.
_LONGEST = 30


class ClusterRun:
    """One pass over a class on the workers of a cluster, which may come and go. Ended by `close`.

    `imports` are the modules that notebooks of the class import first.
    """

    def __init__(
        self, client: Client, root: Path, course: Course, gradebook: Gradebook, imports: Sequence[str], console: Console
    ) -> None:
        self._course, self._gradebook = course, gradebook
        self._marker = Marker(root, course, gradebook, lambda: None)
        limits = course.assignment.limits_of
        longest = START_SECONDS + _LONGEST * sum(
            limits(check.question).seconds for checks in course.questions.values() for check in checks
        )
        self._lending = Lending(
            client,
            {**settings_of(course, gradebook.limit_seconds(None)), "imports": list(imports)},
            [pack_files(root), pack_cases(course)],
            versions_of(course),
            gradebook.start_run,
            console,
            longest,
        )

    def grade(self, attempts: Sequence[Attempt], progress: ClassProgress) -> None:
        """Marks the code of every submission; tells `progress` of each. Every one gets a row.

        What mostly waited for a core is asked again once everything else is done, one submission after the other.
        Raises ClusterError when no worker is left.
        """
        self._mark(attempts, progress)
        waited = self._gradebook.diagnosed(Fault.NO_CORE)
        for attempt in attempts:
            if attempt.submission_id in waited:
                self._mark([attempt], None)

    def close(self) -> None:
        """Ends the judges of this run."""
        self._lending.close()

    def _mark(self, attempts: Sequence[Attempt], progress: ClassProgress | None) -> None:
        by_name = {attempt.submission_id: attempt for attempt in attempts}
        phase = _Marking(self._course, self._gradebook, self._marker, by_name, progress)
        self._lending.lend(by_name, phase)


@dataclass
class _Marking:
    """The phase in which code is marked: submissions by name, and of those that are under way what is asked.

    Without `progress` it is of one submission, to which every worker is left.
    """

    course: Course
    gradebook: Gradebook
    marker: Marker
    attempts: dict[str, Attempt]
    progress: ClassProgress | None
    asked: dict[str, list[Examination]] = field(default_factory=dict)

    def order(self, submission_id: str) -> bytes | None:
        if submission_id not in self.asked:
            self._begin(submission_id)
        asked = self.asked[submission_id]  # empty if it was marked before, or nothing of it can be read
        return wire.order_to_bytes(asked, alone=self.progress is None) if asked else None

    def _begin(self, submission_id: str) -> None:
        if self.progress:
            self.progress.begin(submission_id)
        attempt, self.asked[submission_id] = self.attempts[submission_id], []
        with self._keeping(attempt):
            self.asked[submission_id] = list(self.marker.examinations(attempt))

    def commit(self, submission_id: str, answer: bytes, run: int) -> None:
        attempt, result = self.attempts[submission_id], wire.result_from_bytes(answer)
        with self._keeping(attempt):
            for examination, outcomes in zip(self.asked[submission_id], result.outcomes, strict=True):
                self.marker.keep(attempt, examination, outcomes, run)
            self.gradebook.add_seconds(submission_id, result.seconds)

    def give_up(self, submission_id: str) -> None:
        """Leaves to the next `grade`, or to a person, what came back from no worker."""
        said = say("It was sent to {count} workers, and none of them gave an answer.", count=SENDS)
        with self._keeping(self.attempts[submission_id]):
            for examination in self.asked[submission_id]:
                for verdict in ungraded(self.course, examination.notebook, Diagnosis.SANDBOX, said):
                    if verdict.question in examination.questions:
                        self.gradebook.record(submission_id, verdict)

    def end(self, submission_id: str) -> None:
        del self.asked[submission_id]
        with self._keeping(self.attempts[submission_id]):
            write_student_page(self.gradebook, submission_id)
        if self.progress:
            self.progress.end(submission_id, self.gradebook.verdicts(submission_id))

    @contextmanager
    def _keeping(self, attempt: Attempt) -> Iterator[None]:
        """What cannot be kept of one submission ends nobody else's; a full disk does."""
        try:
            yield
        except (RecordError, OSError) as error:
            self.marker.mark_unkept(attempt, error)
