"""Grades a class: every submission through sandboxed workers, every verdict into the gradebook as soon as it is there.

Code is marked first, for the whole class; then saved models are measured, and notebooks are trained again, which takes
much longer. What is in the gradebook already, for the same code, checks, cases and limits, is not done again.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue

from autograder.classroom.marker import Marker
from autograder.classroom.model_marker import ModelExaminer, ModelMarker
from autograder.classroom.places import Places
from autograder.classroom.progress import ClassProgress
from autograder.classroom.retrain import Retrainer
from autograder.course.course import Course
from autograder.course.fingerprints import fingerprint
from autograder.course.test_sets import TestSet
from autograder.gradebook.file import RecordError
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.attempts import Attempt
from autograder.pages import student_page
from autograder.pages.printed import write_printed
from autograder.protocol.faults import Fault
from autograder.sandbox import Sandbox
from autograder.sandbox.reader import Readers


class Stopped(Exception):
    """Grading was told to stop; what is recorded is complete."""


class ClassRun:
    """One pass over a class with a thread for each of `sandboxes`, which are idle and stay the caller's.

    The grader only waits and compares; what costs time runs in the sandboxes' processes, so threads are enough. No more
    than `jobs` of them work at once, all without it: the others are there for when some only wait.
    """

    def __init__(
        self, root: Path, course: Course, gradebook: Gradebook, sandboxes: Sequence[Sandbox], jobs: int | None = None
    ) -> None:
        self._course = course
        self._gradebook = gradebook
        self._sandboxes = sandboxes
        self._places = Places(len(sandboxes) if jobs is None else jobs)
        for sandbox in sandboxes if jobs is not None else ():
            sandbox.place = self._places
        self._stopping = threading.Event()
        self._marker = Marker(root, course, gradebook, self._check_stop)

    def left(self, attempts: Sequence[Attempt]) -> list[Attempt]:
        """Those of some attempts whose code is not marked yet, or not in the way that it would be now."""
        return [attempt for attempt in attempts if self._marker.has_left(attempt)]

    def grade(self, attempts: Sequence[Attempt], progress: ClassProgress) -> None:
        """Marks the code of every submission; tells `progress` of each. Every one gets a row.

        What mostly waited for a core is asked again once everything else is done, one submission after the other.
        """
        self._for_each(attempts, self._mark, progress)
        waited = self._gradebook.diagnosed(Fault.NO_CORE)
        for attempt in attempts:
            if attempt.submission_id in waited:
                self._mark(attempt, self._sandboxes[0], alone=True)

    def measure(
        self,
        attempts: Sequence[Attempt],
        data: Mapping[str, TestSet],
        readers: Readers,
        progress: ClassProgress,
    ) -> None:
        """Measures the saved models of every submission, marked before; `data` maps questions to test sets."""
        marker = ModelMarker(self._course, self._gradebook, data, readers)
        examiner = ModelExaminer(self._course, data)
        self._for_each(attempts, lambda one, sandbox: self._measure(one, sandbox, marker, examiner), progress)

    def retrain(self, attempts: Sequence[Attempt], retrainer: Retrainer, progress: ClassProgress) -> None:
        """Trains the notebooks of every submission again, whose code was marked before, and flags what that tells."""
        self._for_each(attempts, lambda one, sandbox: self._retrain(one, sandbox, retrainer), progress)

    def _check_stop(self) -> None:
        """Raises Stopped once grading was told to stop: what comes then may be the doing of that."""
        if self._stopping.is_set():
            raise Stopped

    def _for_each(
        self,
        attempts: Sequence[Attempt],
        one: Callable[[Attempt, Sandbox], None],
        progress: ClassProgress,
    ) -> None:
        """Does one thing to each attempt, in a thread for each sandbox; of what came of it nothing is kept."""
        pool, waiting = ThreadPoolExecutor(max_workers=len(self._sandboxes)), SimpleQueue[Attempt | None]()
        for attempt in (*attempts, *([None] * len(self._sandboxes))):
            waiting.put(attempt)

        def work(sandbox: Sandbox) -> None:
            while True:
                with self._places.taken():
                    attempt = waiting.get()
                    if attempt is None:
                        return
                    self._check_stop()
                    self._work_on(attempt, sandbox, one, progress)

        try:
            for future in as_completed([pool.submit(work, sandbox) for sandbox in self._sandboxes]):
                future.result()
        except BaseException:  # Ctrl-C, a full disk: nobody shall wait for what student code is at
            self._stopping.set()
            self._places.close()
            for sandbox in self._sandboxes:
                sandbox.stop()
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def _work_on(
        self, attempt: Attempt, sandbox: Sandbox, one: Callable[[Attempt, Sandbox], None], progress: ClassProgress
    ) -> None:
        progress.begin(attempt.submission_id)
        try:
            one(attempt, sandbox)
        except (RecordError, OSError) as error:
            self._check_stop()
            self._marker.mark_unkept(attempt, error)
        progress.end(attempt.submission_id, self._gradebook.verdicts(attempt.submission_id))

    def _mark(self, attempt: Attempt, sandbox: Sandbox, alone: bool = False) -> None:
        started = time.monotonic()
        self._marker.mark(attempt, sandbox, alone)
        self._gradebook.add_seconds(attempt.submission_id, time.monotonic() - started)
        student_page.write_student_page(self._gradebook, attempt.submission_id)

    def _measure(self, attempt: Attempt, sandbox: Sandbox, marker: ModelMarker, examiner: ModelExaminer) -> None:
        with marker.examinations(attempt) as examinations:
            for key, examination in examinations.items():
                outcome = examiner.examine(examination, sandbox.fork)
                self._check_stop()
                marker.keep(attempt, key, outcome)

    def _retrain(self, attempt: Attempt, sandbox: Sandbox, retrainer: Retrainer) -> None:
        submission_id = attempt.submission_id
        claimed = {verdict.question: verdict.figure for verdict in self._gradebook.verdicts(submission_id)}
        recorded_keys = self._gradebook.retrainings(submission_id)
        for notebook in filter(attempt.notebooks.__contains__, retrainer.retrainings):
            content = attempt.notebooks[notebook]
            key = fingerprint(retrainer.version(notebook), content, repr(claimed))
            if recorded_keys.get(notebook) == key:
                continue
            outcome = retrainer.retrain(sandbox.fork, content, notebook, claimed)
            self._check_stop()
            write_printed(self._gradebook, submission_id, notebook, outcome.printed)
            self._gradebook.record_retraining(submission_id, notebook, key, outcome.sentences)
