"""Appeals as people decide them: opened by what a student asks, answered, with what came of it; undone as one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from autograder.desk.desk import Desk
from autograder.gradebook.appeals import Answer, Appeal, appeals
from autograder.gradebook.events import Action, Event
from autograder.gradebook.file import GradebookError
from autograder.intake.appeal_form import FormRow, read_appeal_form
from autograder.intake.lms.given import LmsPerson
from autograder.intake.names import quoted
from autograder.intake.roster import Roster, Student
from autograder.messages import say
from autograder.notebook.text import one_line, plain


def open_appeal(desk: Desk, who: str, question: str, text: str, time: str = "") -> Event:
    """Opens the appeal of a student about a question of the attempt that counts; without a time, it comes now.

    Raises GradebookError: there is no such student, question or verdict, the text is empty, or one is open already.
    """
    with desk.history.together():
        return _open(desk, who, question, text, time)


def answer_appeal(
    desk: Desk,
    who: str,
    question: str,
    text: str,
    accepted: bool,
    points: float | None = None,
    regrade: Callable[[], Event | None] | None = None,
) -> Event:
    """Answers the open appeal about a question of an attempt, or of the one that counts for a student.

    What comes of it is a mark by hand of so many `points`, or what `regrade` changes, which it does in the gradebook
    within the same transaction, and gives its event. To undo the answer's event undoes that, too. Raises
    GradebookError: there is no open appeal, the text is empty, or points are too many or given to one declined.
    """
    if not text.strip():
        raise GradebookError(say("an answer needs words: what the student reads"))
    if not accepted and (points is not None or regrade):
        raise GradebookError(say("an appeal that is declined changes no points; accept it, or give none"))
    with desk.history.together():
        appeal = open_appeal_about(desk, who, question)
        attempt = desk.gradebook.attempt(appeal.submission_id)
        before, came = _points(desk, appeal), []
        if points is not None:
            came = [desk.put_mark(attempt, question, points, text)]
        elif regrade and (event := regrade()):
            came = [event]
        answer = Answer(
            desk.history.who,
            _now(desk),
            plain(text).strip(),
            accepted,
            before,
            _points(desk, appeal),
            tuple(event.id for event in came),
        )
        return _put(desk, replace(appeal, answer=answer))


def open_appeal_about(desk: Desk, who: str, question: str) -> Appeal:
    """The open appeal about a question of an attempt, or of a student. Raises GradebookError if there is none."""
    attempt = desk.attempt(who).submission_id
    all_of_it = [one for one in appeals(desk.gradebook) if one.question == question]
    mine = [one for one in all_of_it if attempt == one.submission_id or who == one.student_id]
    if opened := [one for one in mine if not one.answer]:
        return opened[0]
    if mine and (answer := mine[-1].answer):
        told = (
            "the appeal of {who} about {question} was answered by {by} on {time};"
            " undo that first: `autograder history` has its number"
        )
        raise GradebookError(say(told, who=who, question=question, by=answer.who, time=answer.time))
    told = "{who} has no appeal about {question}; `autograder appeal list` shows all"
    raise GradebookError(say(told, who=who, question=question))


def _open(desk: Desk, who: str, question: str, text: str, time: str) -> Event:
    if not text.strip():
        raise GradebookError("an appeal needs words: what the student asks")
    student_id, attempt = desk.person(who).student.student_id, desk.attempt_with(who, question)
    earlier = [one for one in appeals(desk.gradebook, attempt.submission_id) if one.question == question]
    if any(not one.answer for one in earlier):
        raise GradebookError(f"{student_id} has an open appeal about {question} already; answer that first")
    number, when = desk.history.next_number(), one_line(time, 40) or _now(desk)
    return _put(desk, Appeal(attempt.submission_id, question, number, student_id, when, plain(text).strip()))


def _put(desk: Desk, appeal: Appeal) -> Event:
    return desk.history.change(Action.APPEAL, appeal.thing, appeal.to_wire(), appeal.student_id)


def _points(desk: Desk, appeal: Appeal) -> str:
    verdicts = desk.gradebook.verdicts(appeal.submission_id)
    return next(one.points_shown for one in verdicts if one.question == appeal.question)


def _now(desk: Desk) -> str:
    return datetime.now(desk.gradebook.assignment.deadline.tzinfo).strftime("%Y-%m-%d %H:%M")


@dataclass
class Imported:
    """What became of a form's rows: the events of those that opened an appeal, how many were known, and problems."""

    events: list[Event] = field(default_factory=list)
    known: int = 0
    problems: list[str] = field(default_factory=list)


def import_appeals(desk: Desk, path: Path) -> Imported:
    """Opens an appeal for each question that a row of a form's CSV file names, but for those it opened before.

    A row that cannot be understood is a problem, with its line, and changes nothing. Raises TableError, GradebookError.
    """
    rows, imported = read_appeal_form(path, desk.gradebook.assignment), Imported()
    roster = Roster(person.student for person in desk.gradebook.people())
    with desk.history.together():
        known = {(one.student_id, one.question, one.text, one.time) for one in appeals(desk.gradebook)}
        for row in rows:
            for problem in _open_row(desk, roster, row, known, imported):
                imported.problems.append(f"{path}, line {row.line}: {problem}")
    return imported


def _open_row(
    desk: Desk, roster: Roster, row: FormRow, known: set[tuple[str, str, str, str]], imported: Imported
) -> Iterator[str]:
    """Opens the appeals of a row; what is wrong with it."""
    try:
        student_id = _who(desk, roster, row).student_id
    except GradebookError as error:
        yield str(error)
        return
    if not row.questions:
        there = ", ".join(desk.gradebook.assignment.questions)
        yield f"expected a question such as {there}, got {row.question!r}"
    for question in row.questions:
        if (key := (student_id, question, row.text, row.time)) in known:
            imported.known += 1
            continue
        try:
            imported.events.append(_open(desk, student_id, question, row.text, row.time))
            known.add(key)
        except GradebookError as error:
            yield str(error)


def _who(desk: Desk, roster: Roster, row: FormRow) -> Student:
    """Who has written a row: whom all that it tells of them fits. Raises GradebookError."""
    told = {"student ID": row.student_id, "e-mail address": row.email, "name": row.name}
    candidates: list[list[Student]] = []
    if row.student_id:
        ids = desk.gradebook.assignment.student_ids(row.student_id) or [row.student_id]
        candidates.append([one for student_id in ids if (one := roster.by_id(student_id))])
    by_email = roster.candidates(LmsPerson("", email=row.email)) if "@" in row.email else []
    by_name = roster.candidates(LmsPerson("", name=row.name)) if row.name else []
    candidates += filter(None, (by_email, by_name))
    shown = ", ".join(f"{what} {one_line(value, 40)!r}" for what, value in told.items() if value) or "nothing"
    fits = [one for one in roster.students.values() if candidates and all(one in some for some in candidates)]
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise GradebookError(f"several students fit {shown}: {quoted([one.student_id for one in fits])}")
    if all(candidates) and len(candidates) > 1:
        each = ", ".join(" or ".join(one.student_id for one in some) for some in candidates)
        raise GradebookError(f"{shown} are of different students: {each}")
    raise GradebookError(f"expected a student of this class, got {shown}")
