"""Marks a graded class anew from what was recorded, without running student code, and tells who moves and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.checks.question import Check
from autograder.classroom.ranking import rank_class
from autograder.course.course import Course
from autograder.course.fingerprints import reader_version
from autograder.course.manifest import points_text
from autograder.gradebook.events import Action, Event
from autograder.gradebook.file import GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import candidates_of
from autograder.gradebook.history import History
from autograder.gradebook.regrading import difference, marking_of
from autograder.gradebook.rows import Reading
from autograder.marking.ask import Diagnoses, ask
from autograder.marking.question import ask_question
from autograder.marking.questions import unreadable
from autograder.marking.verdict import Diagnosis, State, Verdict
from autograder.notebook.execution import Execution
from autograder.protocol.recording import Player, Recording, Unrecorded
from autograder.protocol.session import Session


@dataclass(frozen=True)
class Move:
    """A verdict that changes: its submission, and how it was and will be."""

    submission_id: str
    before: Verdict
    after: Verdict

    @property
    def gain(self) -> float:
        """The points that are gained, or lost if it is negative; what is UNGRADED has none."""
        return self.after.points - self.before.points

    @property
    def why(self) -> str:
        """The reason in one line."""
        before, after = self.before, self.after
        if (
            after.state is before.state
            and after.diagnosis == before.diagnosis
            and after.max_points != before.max_points
        ):
            return f"worth {points_text(after.max_points)} instead of {points_text(before.max_points)}"
        earlier, later = before.diagnosis or "right", after.diagnosis or "right"
        if earlier != later:
            return f"{earlier} → {later}"
        return f"{later}: worded differently" if after.points == before.points else f"{later}: earns other points"


@dataclass
class GradeDiff:
    """What regrading changes.

    `unrecorded` maps a submission to the questions whose checks ask what was not asked before: their student code has
    to run again, and their verdicts stay as they are. `unfinished` are submissions with a question that was not
    graded yet. `by_hand` counts the marks that a teaching assistant gave. `event` is what the history says of it, if
    anything changes.
    """

    moves: list[Move] = field(default_factory=list)
    unrecorded: dict[str, list[str]] = field(default_factory=dict)
    unfinished: list[str] = field(default_factory=list)
    by_hand: int = 0
    event: Event | None = None


@dataclass(frozen=True)
class Part:
    """What of a class is regraded: one student's attempts, one question, or all where they are ""; and why."""

    student: str = ""
    question: str = ""
    reason: str = ""


WHOLE_CLASS = Part()


def regrade(
    root: Path, course: Course, gradebook: Gradebook, apply: bool, who: str = "", part: Part = WHOLE_CLASS
) -> GradeDiff:
    """What the checks, cases and points as they are now change in a gradebook; changes it if `apply`, as an event.

    Ranks of models are relative: a part that moves one may move another student's. Raises GradebookError for a student
    or question that is not there, and for a file that fails; the gradebook holds all of the changes then, or none.
    """
    diff = GradeDiff()
    submission_ids = sorted(candidates_of(gradebook))
    chosen = _attempts(gradebook, submission_ids, part)
    before = {submission_id: gradebook.verdicts(submission_id) for submission_id in submission_ids}
    marking = marking_of(gradebook)
    covered = {one: gradebook.verdicts(one, by_hand=False) for one in gradebook.marked_by_hand()}
    with gradebook.trial(keep=apply):
        for submission_id in chosen:
            if left := _Regrader(root, course, gradebook, submission_id, part.question).regrade():
                diff.unrecorded[submission_id] = left
        if part.question in ("", *gradebook.assignment.model_questions):
            rank_class(gradebook)
        for submission_id in submission_ids:
            after = gradebook.verdicts(submission_id)
            regraded = [one for one in after if submission_id in chosen and part.question in ("", one.question)]
            if any(verdict.diagnosis == Diagnosis.NOT_GRADED for verdict in regraded):
                diff.unfinished.append(submission_id)
            diff.by_hand += sum(verdict.diagnosis == Diagnosis.BY_HAND for verdict in regraded)
            changed = [(old, new) for old, new in zip(before[submission_id], after, strict=True) if old != new]
            diff.moves += [Move(submission_id, old, new) for old, new in changed]
        if diff.moves or any(gradebook.verdicts(one, by_hand=False) != old for one, old in covered.items()):
            change, (thing, about) = difference(marking, marking_of(gradebook)), _named(gradebook, diff.moves)
            diff.event = History(gradebook, who).note(Action.REGRADE, thing, *change, about, part.reason)
    return diff


def _attempts(gradebook: Gradebook, submission_ids: Sequence[str], part: Part) -> Sequence[str]:
    """Those attempts that a part is about. Raises GradebookError."""
    if part.question and part.question not in gradebook.assignment.questions:
        there = ", ".join(gradebook.assignment.questions)
        raise GradebookError(f"no question {part.question!r} in {gradebook.assignment.name}; there are: {there}")
    if not part.student:
        return submission_ids
    mine = {one.submission_id for one in gradebook.attempts_of(gradebook.person(part.student))}
    return [one for one in submission_ids if one in mine]


def _named(gradebook: Gradebook, moves: Sequence[Move]) -> tuple[Sequence[str], str]:
    """What the history knows a regrading by, and whose it is: one mark by its attempt and question."""
    if not moves:
        return (), "what marks by hand cover"
    if len(moves) > 1:
        return (), f"{len(moves)} marks"
    name = moves[0].submission_id
    return (name, moves[0].after.question), gradebook.attempt(name).student_id or name


class _Regrader:
    """Regrades one submission, or one question of it."""

    def __init__(self, root: Path, course: Course, gradebook: Gradebook, submission_id: str, only: str = "") -> None:
        self._version = reader_version(root)
        self._course = course
        self._gradebook = gradebook
        self._submission_id = submission_id
        self._recorded = gradebook.recorded_verdicts(submission_id)
        self._only = only
        self._unrecorded: list[str] = []

    def regrade(self) -> list[str]:
        """Records what changes; the questions that cannot be regraded."""
        readings = self._gradebook.readings(self._submission_id)
        for notebook in self._course.questions:
            reading = readings.get(notebook)
            for question in self._course.checks_by_question(notebook):
                if self._is_asked(question) and reading is None:  # nothing of it ever ran
                    self._keep_with_points(
                        question, sum(check.points for check in self._course.checks_by_question(notebook)[question])
                    )
            if reading:
                self._regrade_notebook(notebook, reading)
        self._regrade_models()
        for question, manual in self._course.assignment.manual_questions.items():
            if self._is_asked(question):
                self._keep_with_points(question, manual.points)
        return self._unrecorded

    def _is_asked(self, question: str) -> bool:
        """Whether a question was graded, and is to be regraded."""
        return question in self._recorded and self._only in ("", question)

    def _stays(self, question: str, key: str) -> bool:
        """Whether a question's verdict is not looked at: it was never made, is not asked for, or has this key."""
        if not self._is_asked(question):
            return True
        old_key, old = self._recorded[question]
        return old_key == key and old.diagnosis != Diagnosis.SANDBOX

    def _keep_with_points(self, question: str, points: float) -> None:
        key, verdict = self._recorded[question]
        if verdict.diagnosis == Diagnosis.SANDBOX:
            self._unrecorded.append(question)
        elif verdict.max_points != points:
            self._gradebook.record_again(self._submission_id, replace(verdict, max_points=points), key)

    def _regrade_notebook(self, notebook: str, reading: Reading) -> None:
        keys = {name: self._course.key(name, reading.digest) for name in self._course.checks_by_question(notebook)}
        if all(self._stays(question, key) for question, key in keys.items()):
            return
        recording = self._recording(reading)
        player = Player(recording or Recording())
        session = Session(player.fork, b"", notebook, self._course.assignment.limits.seconds)
        earlier: Diagnoses = {}
        for question, key in keys.items():
            _, old = self._recorded.get(question, ("", None))
            if old is None:
                continue
            earlier[question] = old.diagnoses
            if self._stays(question, key):
                continue
            if recording is None or old.diagnosis == Diagnosis.SANDBOX:
                self._unrecorded.append(question)
                continue
            try:
                verdict = self._replayed(session, player, question, earlier)
            except Unrecorded:
                self._unrecorded.append(question)
            else:
                earlier[question] = verdict.diagnoses
                self._gradebook.record_again(self._submission_id, verdict, key)

    def _recording(self, reading: Reading) -> Recording | None:
        """What a notebook's process answered first; None where another version of the reader did."""
        if reading.version != self._version:
            return None
        try:
            return Recording.from_bytes(reading.recording)
        except Unrecorded:
            return None

    def _replayed(self, session: Session, player: Player, question: str, earlier: Diagnoses) -> Verdict:
        """The verdict of a question by its checks as they are now. Raises Unrecorded."""
        session.close()
        for verdict in unreadable(self._course, session):
            if verdict.question == question:
                return verdict
        recordings = self._gradebook.recordings(self._submission_id, question)
        limits = repr(self._course.assignment.limits_of(question))

        def put(course: Course, session: Session, check: Check, earlier: Diagnoses, execution: Execution) -> Verdict:
            if check.name not in recordings:
                raise Unrecorded(check.name)
            session.close()
            player.last = Recording.from_bytes(recordings[check.name])
            if not player.last.holds_under(limits):
                raise Unrecorded("other limits")
            return ask(course, session, check, earlier, execution)

        return ask_question(self._course, session, question, earlier, put)

    def _regrade_models(self) -> None:
        scores_by_question = self._gradebook.scores_of(self._submission_id)
        rules = self._course.assignment.model_questions
        for _, check in self._course.model_checks:
            if not self._is_asked(check.question):
                continue
            key, old = self._recorded[check.question]
            scores = scores_by_question.get(check.question)
            if scores is None:
                self._keep_with_points(check.question, check.points)
            elif old.state is not State.UNGRADED or old.diagnosis not in _FAILED:
                verdict = scores.verdict(check.points, rules[check.question])
                if not any(model.changed for model in scores.models):  # maybe recorded before models had their flags
                    verdict = replace(verdict, flags=old.flags)
                self._gradebook.record_again(self._submission_id, verdict, key)


_FAILED = {Diagnosis.SANDBOX, Diagnosis.GRADER_ERROR}
