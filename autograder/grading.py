"""Grades a class: every submission's notebooks through sandboxed workers, every verdict into the gradebook.

Code is marked first, for the whole class; then saved models are measured, and notebooks are trained again, which takes
much longer.
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue

from autograder import report
from autograder.course import Course
from autograder.gradebook import Gradebook
from autograder.held_out import HeldOut
from autograder.intake import submission
from autograder.intake.submission import Submission
from autograder.measure import EMPTY_NOTEBOOK, Ruler, models_of
from autograder.question import Question
from autograder.retrain import Trainer
from autograder.sandbox import Sandbox
from autograder.session import Session
from autograder.verdict import Verdict


def grade_submission(submission: Submission, course: Course, sandbox: Sandbox, seconds: float) -> list[Verdict]:
    """The verdicts of one submission, in the order of the questions. `seconds` bounds each question's wall time."""
    verdicts: list[Verdict] = []
    for notebook in course.questions:
        if not course.of_code(notebook):
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
        """Marks the code of every source; calls `done` with the verdicts of each. A row is written for every one."""
        # A thread whose reply has come must not wait for another's comparisons for Python's usual 5 milliseconds.
        sys.setswitchinterval(0.0005)
        self._for_each(sources, self._mark, done)

    def measure(
        self, sources: Sequence[Path], data: Mapping[str, HeldOut], done: Callable[[Sequence[Verdict]], None]
    ) -> None:
        """Measures the saved models of every source, whose code was marked before; `data` maps labels to test sets."""
        self._for_each(sources, lambda source, stem, sandbox: self._measure(source, stem, sandbox, data), done)

    def retrain(self, sources: Sequence[Path], trainer: Trainer, done: Callable[[Sequence[Verdict]], None]) -> None:
        """Trains the notebooks of every source again, whose code was marked before, and flags what that tells."""
        self._for_each(sources, lambda source, stem, sandbox: self._retrain(source, stem, sandbox, trainer), done)

    def _for_each(
        self,
        sources: Sequence[Path],
        one: Callable[[Path, str, Sandbox], list[Verdict]],
        done: Callable[[Sequence[Verdict]], None],
    ) -> None:
        pool = ThreadPoolExecutor(max_workers=self._threads)

        def work(source: Path, stem: str) -> list[Verdict]:
            sandbox = self._idle.get()
            try:
                return one(source, stem, sandbox)
            finally:
                self._idle.put(sandbox)

        try:
            stems = submission.stems(sources)
            futures = [pool.submit(work, source, stem) for source, stem in zip(sources, stems, strict=True)]
            for future in as_completed(futures):
                done(future.result())
        finally:
            pool.shutdown(cancel_futures=True)

    def _mark(self, source: Path, stem: str, sandbox: Sandbox) -> list[Verdict]:
        started = time.monotonic()
        loaded = submission.load(source, stem, self._course.assignment)
        verdicts = grade_submission(loaded, self._course, sandbox, self._seconds)
        verdicts += [_not_measured(question, loaded.error) for _, question in self._course.measured]
        self._gradebook.record(loaded, verdicts, time.monotonic() - started)
        report.write_student_page(self._gradebook, stem)
        return verdicts

    def _measure(self, source: Path, stem: str, sandbox: Sandbox, data: Mapping[str, HeldOut]) -> list[Verdict]:
        loaded = submission.load(source, stem, self._course.assignment)
        rules = self._course.assignment.measured
        verdicts: list[Verdict] = []
        if loaded.error:
            return verdicts
        with models_of(source, list(rules.values())) as files:
            for notebook, question in self._course.measured:
                rule = rules[question.label]
                ruler = Ruler(question, rule, data[question.label], sandbox.fork)
                content = loaded.notebooks.get(notebook, EMPTY_NOTEBOOK)
                verdict, measurement = ruler.measure(content, notebook, files[rule.folder])
                self._gradebook.record_measurement(stem, verdict, measurement)
                verdicts.append(verdict)
        return verdicts

    def _retrain(self, source: Path, stem: str, sandbox: Sandbox, trainer: Trainer) -> list[Verdict]:
        loaded = submission.load(source, stem, self._course.assignment)
        claimed = {verdict.question: verdict.figure for verdict in self._gradebook.verdicts(stem)}
        for notebook in filter(loaded.notebooks.__contains__, trainer.retrainings):
            found = trainer.retrain(sandbox.fork, loaded.notebooks[notebook], notebook, claimed)
            for label, sentence in found.sentences.items():
                self._gradebook.add_flag(stem, label, sentence)
            report.write_printed(self._gradebook, stem, notebook, found.printed)
        return self._gradebook.verdicts(stem)


def _not_measured(question: Question, error: str) -> Verdict:
    """The verdict of a question about saved models before they are measured; `error` says why there can be none."""
    if error:
        return Verdict.scored(question.label, 0, question.points, "unreadable archive", error)
    message = "This question is about saved models, which were not measured: name the test data with `grade --data`."
    return Verdict.ungraded(question.label, question.points, "not measured", message)
