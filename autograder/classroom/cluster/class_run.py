"""Marks the code of a class on the workers of a Dask cluster; this process alone writes the gradebook."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client
from rich.console import Console

from autograder.classroom.cluster import plugin, wire
from autograder.classroom.cluster.course_pack import pack_cases, pack_files
from autograder.classroom.cluster.leases import SENDS, Lease, Leases
from autograder.classroom.cluster.tasks import Tasks
from autograder.classroom.cluster.version import versions_of
from autograder.classroom.cluster.workers import START_SECONDS, Worker, Workers
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

_POLL_SECONDS = 0.5
# How much longer than its questions' limits a submission may take: waiting for a core, runs in order, fresh processes.
_LONGEST = 30


@dataclass
class _Round:
    """Submissions that are lent until all of them have come back; those that are under way, with what is asked.

    Without `progress` it is a round of one submission, to which every worker is left.
    """

    attempts: dict[str, Attempt]
    leases: Leases
    progress: ClassProgress | None
    asked: dict[str, list[Examination]] = field(default_factory=dict)


class ClusterRun:
    """One pass over a class on the workers of a cluster, which may come and go. Ended by `close`.

    `imports` are the modules that notebooks of the class import first.
    """

    def __init__(
        self, client: Client, root: Path, course: Course, gradebook: Gradebook, imports: Sequence[str], console: Console
    ) -> None:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what is lost is told by us
        self._course, self._gradebook = course, gradebook
        self._marker = Marker(root, course, gradebook, lambda: None)
        self._tasks, self._seal = Tasks(client), wire.Seal()
        self._name = f"autograder-{self._seal.close(b'')[:6].hex()}"
        assignment = course.assignment
        self._longest = START_SECONDS + _LONGEST * sum(
            assignment.limits_of(check.question).seconds for checks in course.questions.values() for check in checks
        )
        settings = {
            "assignment": assignment.name,
            "seconds": gradebook.limit_seconds(None),
            "seed": course.seed if isinstance(course.seed, int) else None,
            "imports": list(imports),
            "longest": self._longest,
        }
        start = plugin.Start(settings, self._seal.key, pack_files(root), pack_cases(course))
        self._workers = Workers(
            client,
            self._tasks,
            (self._name, self._seal, start),
            versions_of(course),
            gradebook.start_run,
            lambda line: console.print(line, markup=False, soft_wrap=True),
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
        with suppress(Exception):  # a cluster that is gone has none
            self._workers.close()

    def _mark(self, attempts: Sequence[Attempt], progress: ClassProgress | None) -> None:
        by_name = {attempt.submission_id: attempt for attempt in attempts}
        # A worker that falls silent is noticed by that; this is for one that is heard of and does nothing.
        work = _Round(by_name, Leases(by_name, 2 * self._longest), progress)
        looked = -_POLL_SECONDS
        while not work.leases.is_done:
            if time.monotonic() - looked >= _POLL_SECONDS:  # and not after every result
                looked = time.monotonic()
                for address in self._workers.look():
                    work.leases.lose(address)
            self._lend(work)
            self._tasks.take_in(_POLL_SECONDS)
            work.leases.expire(self._workers.silent, time.monotonic())
            for submission_id in work.leases.give_up():
                self._give_up(work, submission_id)

    def _lend(self, work: _Round) -> None:
        """Gives every worker as much as it may have, those first that have least."""
        for worker in sorted(self._workers.ready, key=lambda one: work.leases.held_by(one.address)):
            while lease := work.leases.lend(worker.address, time.monotonic()):
                if lease.job not in work.asked:
                    self._begin(work, lease.job)
                if work.asked[lease.job]:
                    self._send(work, lease, worker)
                elif work.leases.finish(lease):  # marked before, or nothing of it can be read: nothing needs to travel
                    self._end(work, lease.job)

    def _begin(self, work: _Round, submission_id: str) -> None:
        if work.progress:
            work.progress.begin(submission_id)
        attempt, work.asked[submission_id] = work.attempts[submission_id], []
        with self._keeping(attempt):
            work.asked[submission_id] = list(self._marker.examinations(attempt))

    def _send(self, work: _Round, lease: Lease, worker: Worker) -> None:
        def take(sealed: bytes) -> None:
            result = wire.result_from_bytes(self._seal.open(sealed))
            if work.leases.finish(lease):
                self._commit(work, lease.job, result, worker.run)

        def fail(error: Exception) -> None:
            work.leases.fail(lease)
            if isinstance(error, plugin.NoJudge):
                self._workers.forget(lease.worker)

        order = self._seal.close(wire.order_to_bytes(work.asked[lease.job], alone=work.progress is None))
        self._tasks.send(lease.worker, plugin.mark, self._name, order, take=take, fail=fail)

    def _commit(self, work: _Round, submission_id: str, result: wire.Result, run: int) -> None:
        attempt = work.attempts[submission_id]
        with self._keeping(attempt):
            for examination, outcomes in zip(work.asked[submission_id], result.outcomes, strict=True):
                self._marker.keep(attempt, examination, outcomes, run)
            self._gradebook.add_seconds(submission_id, result.seconds)
        self._end(work, submission_id)

    def _give_up(self, work: _Round, submission_id: str) -> None:
        """Leaves to the next `grade`, or to a person, what came back from no worker."""
        said = say("It was sent to {count} workers, and none of them gave an answer.", count=SENDS)
        with self._keeping(work.attempts[submission_id]):
            for examination in work.asked[submission_id]:
                for verdict in ungraded(self._course, examination.notebook, Diagnosis.SANDBOX, said):
                    if verdict.question in examination.questions:
                        self._gradebook.record(submission_id, verdict)
        self._end(work, submission_id)

    def _end(self, work: _Round, submission_id: str) -> None:
        del work.asked[submission_id]
        with self._keeping(work.attempts[submission_id]):
            write_student_page(self._gradebook, submission_id)
        if work.progress:
            work.progress.end(submission_id, self._gradebook.verdicts(submission_id))

    @contextmanager
    def _keeping(self, attempt: Attempt) -> Iterator[None]:
        """What cannot be kept of one submission ends nobody else's; a full disk does."""
        try:
            yield
        except (RecordError, OSError) as error:
            self._marker.mark_unkept(attempt, error)
