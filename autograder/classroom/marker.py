"""Marks the code of one submission, question by question; what was marked in the same way before is left alone."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from autograder.checks.question import Check
from autograder.course.course import Course
from autograder.course.fingerprints import fingerprint, reader_version
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.rows import Reading
from autograder.intake.attempts import Attempt
from autograder.intake.submission import SubmissionState
from autograder.marking.ask import Diagnoses, ask
from autograder.marking.question import ask_question
from autograder.marking.questions import absent, unreadable
from autograder.marking.sandboxes import process_limits
from autograder.marking.verdict import Diagnosis, Verdict
from autograder.messages import say
from autograder.notebook.execution import Execution
from autograder.protocol.frames import MAX_CHECK_BYTES
from autograder.protocol.recording import Recorder, Recording
from autograder.protocol.session import Session
from autograder.sandbox import Sandbox


class Marker:
    """Marks attempts into a gradebook. `check_stop` is called before every transaction and may raise."""

    def __init__(self, root: Path, course: Course, gradebook: Gradebook, check_stop: Callable[[], None]) -> None:
        self._version = reader_version(root)
        self._course = course
        self._gradebook = gradebook
        self._check_stop = check_stop

    def mark(self, attempt: Attempt, sandbox: Sandbox, alone: bool = False) -> None:
        """Records a verdict for every question of code or for people, and for those about saved models without one.

        `alone` says that no other attempt is marked meanwhile.
        """
        self._gradebook.enter(attempt)
        submission_id = attempt.submission_id
        if attempt.state is SubmissionState.UNKEPT:
            self._record_unkept(attempt)
            return
        recorded_keys = self._gradebook.keys(submission_id)
        self._record_plain(submission_id, self._plain_verdicts(attempt, recorded_keys), recorded_keys)
        for notebook in self._read_notebooks(attempt):
            self._mark_notebook(attempt, notebook, sandbox, recorded_keys, alone)

    def has_left(self, attempt: Attempt) -> bool:
        """Whether `mark` would record anything: whether something is new, or not marked in this way."""
        if attempt.state is SubmissionState.UNKEPT:
            return True
        recorded_keys = self._gradebook.keys(attempt.submission_id)
        plain = self._plain_verdicts(attempt, recorded_keys)
        return any(recorded_keys.get(verdict.question) != _plain_key(verdict) for verdict in plain) or any(
            recorded_keys.get(question) != key
            for notebook in self._read_notebooks(attempt)
            for question, key in self._keys(notebook, fingerprint(attempt.notebooks[notebook])).items()
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

    def _keys(self, notebook: str, digest: str) -> dict[str, str]:
        """The key of each question that a notebook's code is marked for."""
        return {question: self._course.key(question, digest) for question in self._course.checks_by_question(notebook)}

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

    def _mark_notebook(
        self, attempt: Attempt, notebook: str, sandbox: Sandbox, recorded_keys: Mapping[str, str], alone: bool
    ) -> None:
        content, limits = attempt.notebooks[notebook], self._course.assignment.limits
        digest = fingerprint(content)
        keys = self._keys(notebook, digest)
        questions = [question for question, key in keys.items() if recorded_keys.get(question) != key]
        if not questions:
            return
        recorder = Recorder(sandbox.fork, self._version)
        with Session(recorder.fork, content, notebook, limits.seconds, process_limits(limits), alone) as session:
            earlier = self._diagnoses(attempt.submission_id, keys.keys() - set(questions))
            unread = {verdict.question: verdict for verdict in unreadable(self._course, session)}
            read = recorder.reading.to_bytes()
            repairs = tuple(repair.of(notebook) for repair in session.outline.repairs)
            reading: Reading | None = Reading(notebook, digest, self._version, repairs, read)
            for question in questions:
                recordings: dict[str, bytes] = {}
                started = time.monotonic()
                verdict = unread.get(question) or self._ask(session, question, earlier, recorder, recordings)
                seconds = time.monotonic() - started
                earlier[question] = verdict.diagnoses
                self._check_stop()
                self._gradebook.record(attempt.submission_id, verdict, keys[question], recordings, reading, seconds)
                reading = None

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
