"""Grades a class: every submission's notebooks through sandboxed workers, every verdict into the gradebook."""

import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue

from autograder import report
from autograder.course import Course
from autograder.gradebook import Gradebook
from autograder.intake import submission
from autograder.intake.submission import Submission
from autograder.sandbox import Sandbox
from autograder.session import Session
from autograder.verdict import Verdict


def grade_submission(submission: Submission, course: Course, sandbox: Sandbox, seconds: float) -> list[Verdict]:
    """The verdicts of one submission, in the order of the questions. `seconds` bounds each question's wall time."""
    verdicts: list[Verdict] = []
    for notebook, questions in course.questions.items():
        if not questions:
            continue
        if submission.error:
            verdicts += course.absent(notebook, "unreadable archive", submission.error)
        elif notebook not in submission.notebooks:
            verdicts += course.absent(notebook, "missing notebook", f"{notebook} is not in the archive")
        else:
            with Session(sandbox.fork, submission.notebooks[notebook], notebook, seconds) as session:
                verdicts += course.mark_notebook(session, notebook)
    return verdicts


class ClassRun:
    """One pass over a class with a thread for each of `sandboxes`, which are idle and stay the caller's.

    The grader only waits and compares; what costs time runs in the sandboxes' processes, so threads are enough.
    """

    def __init__(self, course: Course, gradebook: Gradebook, sandboxes: Sequence[Sandbox], seconds: float) -> None:
        self._course = course
        self._gradebook = gradebook
        self._seconds = seconds
        self._threads = len(sandboxes)
        self._idle: SimpleQueue[Sandbox] = SimpleQueue()
        for sandbox in sandboxes:
            self._idle.put(sandbox)

    def grade(self, sources: Sequence[Path], done: Callable[[Sequence[Verdict]], None]) -> None:
        """Grades every source; calls `done` with the verdicts of each. A row is written for every one."""
        pool = ThreadPoolExecutor(max_workers=self._threads)
        # A thread whose reply has come must not wait for another's comparisons for Python's usual 5 milliseconds.
        sys.setswitchinterval(0.0005)
        try:
            stems = submission.stems(sources)
            futures = [pool.submit(self._one, source, stem) for source, stem in zip(sources, stems, strict=True)]
            for future in as_completed(futures):
                done(future.result())
        finally:
            pool.shutdown(cancel_futures=True)

    def _one(self, source: Path, stem: str) -> list[Verdict]:
        sandbox = self._idle.get()
        try:
            started = time.monotonic()
            loaded = submission.load(source, stem, self._course.assignment)
            verdicts = grade_submission(loaded, self._course, sandbox, self._seconds)
            self._gradebook.record(loaded, verdicts, time.monotonic() - started)
            report.write_student_page(self._gradebook, stem)
        finally:
            self._idle.put(sandbox)
        return verdicts
