"""Measures the saved models of a class on the workers of a Dask cluster: on those with a GPU's label, if there are any.

A test set goes to the judges, once to each; to students' processes go inputs alone, as on one machine.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client
from rich.console import Console

from autograder.classroom.cluster import model_wire
from autograder.classroom.cluster.course_pack import pack_cases, pack_files
from autograder.classroom.cluster.lending import Lending
from autograder.classroom.cluster.version import settings_of, versions_of
from autograder.classroom.cluster.workers import START_SECONDS
from autograder.classroom.model_marker import ModelMarker
from autograder.classroom.progress import ClassProgress
from autograder.course.course import Course
from autograder.course.sizes import MAX_MODELS, MIB
from autograder.course.test_sets import TestSet
from autograder.gradebook.file import RecordError
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.attempts import Attempt
from autograder.sandbox.reader import Readers

LABEL = "GPU"  # the resource that such a worker was started with
LARGEST = 256 * MIB  # of a submission that travels: scheduler and worker hold all of it in memory


class ModelRun:
    """One pass over the models of a class on the workers of a cluster. Ended by `close`."""

    def __init__(
        self,
        client: Client,
        root: Path,
        course: Course,
        gradebook: Gradebook,
        data: Mapping[str, TestSet],
        console: Console,
    ) -> None:
        self._course, self._gradebook, self._data = course, gradebook, data
        longest = START_SECONDS + MAX_MODELS * sum(one.seconds for one in course.assignment.model_questions.values())
        self._lending = Lending(
            client,
            settings_of(course, gradebook.limit_seconds(None)),
            [pack_files(root), pack_cases(course), model_wire.test_sets_to_bytes(data)],
            versions_of(course),
            gradebook.start_run,
            console,
            longest,
            LABEL,
        )

    def measure(self, attempts: Sequence[Attempt], readers: Readers, progress: ClassProgress) -> list[Attempt]:
        """Measures the models of every submission, marked before; those that are left to the machine of the grader.

        These are too large to travel, or came back from no worker. Raises ClusterError when no worker is left.
        """
        marker = ModelMarker(self._course, self._gradebook, self._data, readers)
        by_name = {attempt.submission_id: attempt for attempt in attempts}
        phase = _Measuring(self._gradebook, marker, by_name, progress)
        self._lending.lend(by_name, phase, ahead=1)  # for their size
        return [by_name[submission_id] for submission_id in phase.left]

    def close(self) -> None:
        """Ends the judges of this run."""
        self._lending.close()


@dataclass
class _Measuring:
    """The phase in which models are measured: of submissions under way the keys of what is asked; what is `left`."""

    gradebook: Gradebook
    marker: ModelMarker
    attempts: dict[str, Attempt]
    progress: ClassProgress
    keys: dict[str, list[str]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def order(self, submission_id: str) -> bytes | None:
        if submission_id not in self.keys:
            self.progress.begin(submission_id)
        self.keys[submission_id] = []
        with suppress(OSError), self.marker.examinations(self.attempts[submission_id]) as examinations:
            if not examinations:
                return None
            if model_wire.size_of(examinations.values()) <= LARGEST:
                self.keys[submission_id] = list(examinations)
                return model_wire.order_to_bytes(list(examinations.values()))
        self.left.append(submission_id)
        return None

    def commit(self, submission_id: str, answer: bytes, run: int) -> None:
        attempt, outcomes = self.attempts[submission_id], model_wire.outcomes_from_bytes(answer)
        try:
            for key, outcome in zip(self.keys[submission_id], outcomes, strict=True):
                self.marker.keep(attempt, key, outcome, run)
        except RecordError:
            self.left.append(submission_id)

    def give_up(self, submission_id: str) -> None:
        self.left.append(submission_id)

    def end(self, submission_id: str) -> None:
        del self.keys[submission_id]
        self.progress.end(submission_id, self.gradebook.verdicts(submission_id))
