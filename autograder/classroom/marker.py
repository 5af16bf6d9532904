"""Marks the code of one submission, question by question; what was marked in the same way before is left alone."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from autograder.checks.question import Check
from autograder.classroom.examiner import Examination, Examiner, Outcome
from autograder.course.course import Course
from autograder.course.fingerprints import fingerprint
from autograder.gradebook.file import RecordError
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.attempts import Attempt
from autograder.intake.member import is_full
from autograder.intake.submission import SubmissionState, unkept_reason
from autograder.marking.ask import Diagnoses
from autograder.marking.questions import absent
from autograder.marking.verdict import Diagnosis, Verdict
from autograder.messages import say
from autograder.pages.student_page import try_student_page
from autograder.sandbox import Sandbox

# What was answered within so long is recorded at once: a transaction for each answer takes as long as judging it.
_TOGETHER_SECONDS = 0.5


class Marker:
    """Marks attempts into a gradebook. `check_stop` is called before every transaction and may raise."""

    def __init__(self, root: Path, course: Course, gradebook: Gradebook, check_stop: Callable[[], None]) -> None:
        self._examiner = Examiner(root, course)
        self._course = course
        self._gradebook = gradebook
        self._check_stop = check_stop

    def mark(self, attempt: Attempt, sandbox: Sandbox, alone: bool = False) -> None:
        """Records a verdict for every question of code or for people, and for those about saved models without one.

        `alone` says that no other attempt is marked meanwhile.
        """
        for examination in self.examinations(attempt):
            with closing(self._examiner.examine(examination, sandbox.fork, alone)) as outcomes:
                waiting: list[Outcome] = []
                since = time.monotonic()
                for outcome in outcomes:
                    waiting.append(outcome)
                    if time.monotonic() - since >= _TOGETHER_SECONDS:
                        self.keep(attempt, examination, waiting)
                        waiting, since = [], time.monotonic()
                self.keep(attempt, examination, waiting)

    def examinations(self, attempt: Attempt) -> Iterator[Examination]:
        """What is to be asked of an attempt's notebooks, one after the other; all that needs no asking is recorded."""
        self._gradebook.enter(attempt)
        submission_id = attempt.submission_id
        if attempt.state is SubmissionState.UNKEPT:
            self._record_unkept(attempt)
            return
        recorded_keys = self._gradebook.keys(submission_id)
        self._record_plain(submission_id, self._plain_verdicts(attempt, recorded_keys), recorded_keys)
        for notebook in self._read_notebooks(attempt):
            if examination := self._examination(attempt, notebook, recorded_keys):
                yield examination

    def keep(
        self, attempt: Attempt, examination: Examination, outcomes: Sequence[Outcome], run: int | None = None
    ) -> None:
        """Records what came of some questions, in a run of their own if one is named: all, or all before a failure."""
        self._check_stop()
        # Not within the transaction: a thread that makes cases for a key keeps them in the gradebook.
        keys = [self._course.key(outcome.verdict.question, examination.digest) for outcome in outcomes]
        try:
            with self._gradebook.transaction():
                for key, one in zip(keys, outcomes, strict=True):
                    recorded = one.verdict, key, one.recordings, one.reading, one.seconds, run
                    self._gradebook.record(attempt.submission_id, *recorded)
        except RecordError:
            if len(outcomes) > 1:
                for outcome in outcomes:
                    self.keep(attempt, examination, [outcome], run)
            else:
                raise

    def has_left(self, attempt: Attempt) -> bool:
        """Whether `mark` would record anything: whether something is new, or not marked in this way."""
        if attempt.state is SubmissionState.UNKEPT:
            return True
        recorded_keys = self._gradebook.keys(attempt.submission_id)
        plain = self._plain_verdicts(attempt, recorded_keys)
        return any(recorded_keys.get(verdict.question) != _plain_key(verdict) for verdict in plain) or any(
            self._questions_left(notebook, attempt.notebooks[notebook], recorded_keys)
            for notebook in self._read_notebooks(attempt)
        )

    def _read_notebooks(self, attempt: Attempt) -> list[str]:
        """The notebooks of an attempt whose code is marked."""
        nothing = attempt.state in _NOTHING_READ
        return [] if nothing else [notebook for notebook in self._course.questions if notebook in attempt.notebooks]

    def _plain_verdicts(self, attempt: Attempt, recorded_keys: Mapping[str, str]) -> list[Verdict]:
        """The verdicts for which nothing runs; of models those that there are none of yet."""
        verdicts: list[Verdict] = []
        nothing, there = _NOTHING_READ.get(attempt.state), self._read_notebooks(attempt)
        for notebook in self._course.questions:
            if notebook not in there:
                message = attempt.error or say("{notebook} is not in the archive", notebook=notebook)
                verdicts += absent(self._course, notebook, nothing or Diagnosis.MISSING_NOTEBOOK, message)
        for _, check in self._course.model_checks:
            if nothing:
                verdicts.append(Verdict.scored(check.question, 0, check.points, nothing, attempt.error))
            elif check.question not in recorded_keys:
                verdicts.append(_unmeasured(check))
        for question, manual in self._course.assignment.manual_questions.items():
            unread = Verdict.scored(question, 0, manual.points, nothing or "", attempt.error)
            verdicts.append(unread if nothing else _waiting(question, manual.points))
        return verdicts

    def _questions_left(self, notebook: str, content: bytes, recorded_keys: Mapping[str, str]) -> list[str]:
        """The questions that a notebook's code is marked for and was not yet, or not in the same way."""
        digest = fingerprint(content)
        return [
            question
            for question in self._course.checks_by_question(notebook)
            # In this order, since a key may need cases that are not made yet.
            if question not in recorded_keys or recorded_keys[question] != self._course.key(question, digest)
        ]

    def mark_unkept(self, attempt: Attempt, error: Exception) -> None:
        """Gives a row of its own to an attempt that could not be kept; raises what keeps even that from it.

        Nothing that was read of it stands in the row, since that may be what cannot be written.
        """
        if is_full(error):
            raise error
        self._check_stop()
        state, why = SubmissionState.UNKEPT, unkept_reason(error)
        row = replace(attempt, notes=(), repairs=(), notebooks={}, error=why, state=state)
        self._gradebook.enter(row)
        self._record_unkept(row)
        try_student_page(self._gradebook, attempt.submission_id)

    def _record_unkept(self, attempt: Attempt) -> None:
        """Leaves every question without a verdict to a person, since the grader is at fault."""
        recorded = self._gradebook.recorded_verdicts(attempt.submission_id)
        for question, points in self._course.assignment.questions.items():
            if question not in recorded:
                self._check_stop()
                said = say("The submission {error}.", error=attempt.error)
                verdict = Verdict.ungraded(question, points, Diagnosis.NOT_KEPT, said)
                self._gradebook.record(attempt.submission_id, verdict)

    def _record_plain(self, submission_id: str, verdicts: Sequence[Verdict], recorded_keys: Mapping[str, str]) -> None:
        """Records verdicts for which nothing ran, where they are new."""
        for verdict in verdicts:
            key = _plain_key(verdict)
            if recorded_keys.get(verdict.question) != key:
                self._check_stop()
                self._gradebook.record(submission_id, verdict, key)

    def _examination(self, attempt: Attempt, notebook: str, recorded_keys: Mapping[str, str]) -> Examination | None:
        """The questions of a notebook that were not marked in the same way before; None if all of them were."""
        content = attempt.notebooks[notebook]
        questions = self._questions_left(notebook, content, recorded_keys)
        if not questions:
            return None
        others = self._course.checks_by_question(notebook).keys() - set(questions)
        earlier = self._diagnoses(attempt.submission_id, others)
        return Examination(notebook, content, questions, earlier)

    def _diagnoses(self, submission_id: str, questions: set[str]) -> Diagnoses:
        """The diagnoses of questions that are not asked again, as they were recorded: a mark by hand changes none."""
        recorded = self._gradebook.recorded_verdicts(submission_id) if questions else {}
        return {question: recorded[question][1].diagnoses for question in questions & recorded.keys()}


_NOTHING_READ = {
    SubmissionState.UNREADABLE: Diagnosis.UNREADABLE_ARCHIVE,
    SubmissionState.ABSENT: Diagnosis.NOTHING_HANDED_IN,
}


def _plain_key(verdict: Verdict) -> str:
    """The key of a verdict for which nothing ran."""
    return fingerprint(verdict.diagnosis, verdict.message, str(verdict.max_points))


def _unmeasured(check: Check) -> Verdict:
    """The verdict of a question about saved models before they are measured."""
    message = say(
        "This question is about saved models, which were not measured: name the test data with `grade --data`."
    )
    return Verdict.ungraded(check.question, check.points, Diagnosis.NOT_MEASURED, message)


def _waiting(question: str, points: float) -> Verdict:
    """The verdict of a question that only people mark, before somebody does."""
    return Verdict.ungraded(question, points, Diagnosis.WAITS, say("A person marks this question, and has not yet."))
