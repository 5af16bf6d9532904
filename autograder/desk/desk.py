"""What a person does to a gradebook, one student at a time: each change is an event, and reports follow the events."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from glob import escape

from autograder.course.manifest import points_text
from autograder.gradebook.appeals import appeals
from autograder.gradebook.events import Action, Event
from autograder.gradebook.file import GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import open_questions, standing_of, whole_grades
from autograder.gradebook.history import History
from autograder.gradebook.people import Person
from autograder.gradebook.rows import AttemptRow
from autograder.intake.names import quoted
from autograder.intake.people import NOBODY
from autograder.intake.roster import Student
from autograder.marking.verdict import Diagnosis, State
from autograder.messages import say
from autograder.notebook.text import one_line
from autograder.pages.class_files import delete_class_pages
from autograder.pages.reports import write_reports
from autograder.pages.student_page import page_of


class Desk:
    """Changes of one gradebook by one person. Methods raise GradebookError for what cannot be done, and change nothing.

    `who` decides; without it, it is the login name. Reports stay as they are until `pages.reports.catch_up`.
    """

    def __init__(self, gradebook: Gradebook, who: str = "") -> None:
        self.gradebook = gradebook
        self.history = History(gradebook, who)

    def person(self, name: str) -> Person:
        """The student with this ID, number in the LMS or login."""
        return self.gradebook.person(name)

    def mark(self, who: str, question: str, points: float | None, reason: str) -> Event:
        """Gives a question of an attempt points, or of the attempt that counts for a student; None takes that back."""
        attempt = self.attempt_with(who, question)
        return self.put_mark(attempt, question, points, reason)

    def put_mark(self, attempt: AttemptRow, question: str, points: float | None, reason: str) -> Event:
        """Gives a question of an attempt points, as `mark` does."""
        most = self.gradebook.assignment.questions[question]
        if points is not None and not 0 <= points <= most:
            raise GradebookError(
                say("{question} is worth {most:g} points, not {got:g}", question=question, most=most, got=points)
            )
        name, value = attempt.submission_id, None if points is None else [points, one_line(reason, 600)]
        return self.history.change(Action.MARK, (name, question), value, attempt.student_id or name, reason)

    def attempt_with(self, who: str, question: str) -> AttemptRow:
        """The attempt that `attempt` gives, which is there and has a verdict about this question."""
        assignment, attempt = self.gradebook.assignment, self.attempt(who)
        if question not in assignment.questions:
            there = ", ".join(assignment.questions)
            raise GradebookError(f"no question {question!r} in {assignment.name}; there are: {there}")
        if attempt.gone:
            raise GradebookError(say("{name} is gone, so that a mark would not count", name=attempt.submission_id))
        name = attempt.submission_id
        if question not in self.gradebook.recorded_verdicts(name):
            raise GradebookError(f"{self.gradebook.path}: has no verdict about {question} of {name}: grade it first")
        return attempt

    def adjust(self, who: str, points: Decimal, reason: str) -> Event:
        """Gives or takes points of a student's total."""
        person = self.person(who)
        number = self.history.next_number()
        value = [str(points), one_line(reason, 600)]
        return self._decide(Action.ADJUSTMENT, (number, person.number), value, person, reason)

    def extend(self, person: Person, until: datetime | None, reason: str) -> Event:
        """Gives a student a deadline of their own, in the course's time zone unless it has one; None takes it back."""
        zone = self.gradebook.assignment.deadline.tzinfo
        if until and until.tzinfo is None:
            until = until.replace(tzinfo=zone)
        value = [until.isoformat(), one_line(reason, 600)] if until else None
        return self._decide(Action.EXTENSION, (person.number,), value, person, reason)

    def excuse(self, who: str, reason: str) -> Event:
        """Excuses a student; no reason takes that back."""
        person = self.person(who)
        return self._decide(Action.EXCUSE, (person.number,), one_line(reason, 600) or None, person, reason)

    def assign(self, file: str, who: str) -> Event:
        """Says whose an attempt is, or NOBODY's; if that is sure, that it is the one which counts."""
        attempt = self._attempt_called(file)
        if attempt is None:
            raise GradebookError(say("{path}: has no file or attempt {name}", path=str(self.gradebook.path), name=file))
        if attempt.gone:
            raise GradebookError(say("{file} is gone", file=file))
        alike = [one for one in self.gradebook.attempts() if one.identity == attempt.identity]
        if who == NOBODY:
            return self._give(attempt, NOBODY, {one.submission_id: [[], "[]"] for one in alike})
        try:
            person = self.person(who)
        except GradebookError:
            if who not in self.gradebook.assignment.student_ids(who):
                raise
            self.gradebook.put_person(Student(who), on_roster=False)
            person = self.person(who)
        student_id = person.student.student_id
        if attempt.students == (student_id,) and not attempt.open_questions:
            return self._decide(Action.CHOICE, (person.number,), [attempt.submission_id], person)
        return self._give(attempt, student_id, {one.submission_id: [[person.number], "[]"] for one in alike})

    def _give(self, attempt: AttemptRow, student_id: str, links: dict[str, object]) -> Event:
        """Says whose all attempts of one identity are."""
        return self.history.change(Action.OWNER, (attempt.identity,), [student_id, links], student_id)

    def mark_alike(self, attempts: Sequence[AttemptRow], question: str, points: float, reason: str) -> list[Event]:
        """Marks a question of several attempts, all or none; they are one event for each, undone together."""
        with self.history.together():
            marks = [self.put_mark(attempt, question, points, reason) for attempt in attempts]
            numbers = [mark.id for mark in marks]
            self.history.change(Action.ALIKE, (numbers[0], question), numbers, f"{len(marks)} students", reason)
            return marks

    def undo(self, number: int) -> Event:
        """Undoes an event."""
        return self.history.undo(number)

    def events(self, about: str = "") -> list[Event]:
        """The history, of one student or attempt if it is named."""
        events = self.history.events()
        if about and not (attempt := self._attempt_called(about)):
            about = self.person(about).student.student_id
        elif about and attempt:
            about = attempt.submission_id
        return [event for event in events if about in ("", event.about, *event.thing)]

    def needing_a_person(self, ungraded: bool, flagged: bool, by_hand: bool, appealed: bool = False) -> Iterator[str]:
        """A line for each question that is of one of these kinds; of all, if none is asked for."""
        every = not (ungraded or flagged or by_hand or appealed)
        if every:
            yield from open_questions(self.gradebook)
        if appealed or every:
            yield from (one.in_words for one in appeals(self.gradebook) if not one.answer)
        for grade in whole_grades(self.gradebook):
            for verdict in grade.verdicts:
                whose = f"{grade.student.student_id} {verdict.question} ({grade.attempt})"
                if verdict.state is State.UNGRADED and (ungraded or every):
                    yield f"{whose}: UNGRADED, {verdict.diagnosis}: {one_line(verdict.message, 300)}"
                if verdict.flags and (flagged or every):
                    yield f"{whose}: {points_text(verdict.points)} points, flagged: {'; '.join(verdict.flags)}"
                if verdict.diagnosis == Diagnosis.BY_HAND and (by_hand or every):
                    yield f"{whose}: {points_text(verdict.points)} points by hand: {one_line(verdict.message, 300)}"

    def forget(self, who: str) -> None:
        """Erases all that is kept of a student: attempts that are theirs alone, marks, history, and pages with them."""
        person = self.person(who)
        mine = [one for one in self.gradebook.attempts() if one.students == (person.student.student_id,)]
        self.gradebook.erase(person, mine)
        delete_class_pages(self.gradebook)
        for name in [one.submission_id for one in mine]:
            page_of(self.gradebook, name).unlink(missing_ok=True)
            for printed in (self.gradebook.folder / "retraining").glob(f"{escape(name)}-*.txt"):
                printed.unlink()
        write_reports(self.gradebook)

    def _decide(
        self, action: Action, thing: tuple[object, ...], value: object, person: Person, reason: str = ""
    ) -> Event:
        return self.history.change(action, thing, value, person.student.student_id, reason)

    def attempt(self, who: str) -> AttemptRow:
        """The attempt of this name, or the one that counts of the student of this name."""
        if attempt := self._attempt_called(who):
            return attempt
        person = self.person(who)
        attempts = self.gradebook.attempts_of(person)
        if not attempts:
            raise GradebookError(f"{who} handed in nothing that is there")
        return standing_of(self.gradebook, person, attempts).attempt

    def _attempt_called(self, name: str) -> AttemptRow | None:
        """The attempt of this name, or with a file of this name, which may be gone; None if there is none."""
        attempts = sorted(self.gradebook.attempts_called(name), key=lambda one: one.gone)
        if self.gradebook.is_student(name):  # a student's ID is also what their first file was called
            attempts = [one for one in attempts if name in one.sources]
        found = [one for one in attempts if name == one.submission_id] or [
            one for one in attempts if name in one.sources
        ]
        if len([one for one in found if not one.gone]) > 1:
            ids = quoted([one.submission_id for one in found])
            raise GradebookError(f"several attempts have a file {name}; name one of {ids}")
        return found[0] if found else None
