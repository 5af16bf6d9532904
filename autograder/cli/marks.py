"""Commands of teaching assistants for one student: marks by hand, extensions, whose a file is, and their history."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.common import Wrong, console, course_root
from autograder.cli.graded import Grades, graded_class

if TYPE_CHECKING:
    from autograder.desk.desk import Desk
    from autograder.gradebook.events import Event

Who = Annotated[str, typer.Argument(help="A student, by ID, number in the LMS or login.")]
Reason = Annotated[str, typer.Option(help="Why, as the student reads it.")]
As = Annotated[str, typer.Option("--as", help="Who decides; without it, your login name.")]


def complete_question(context: typer.Context, incomplete: str) -> list[str]:
    """The questions of the gradebook in the folder named before whose labels begin so, for the shell."""
    from autograder.course.manifest import load
    from autograder.course.root import project_root
    from autograder.gradebook.file import assignment_of

    with suppress(Exception):  # a shell that completes shows no errors
        assignment = load(project_root())[assignment_of(Path(context.params["grades"]))]
        return [question for question in assignment.questions if question.startswith(incomplete)]
    return []


@contextmanager
def open_desk(grades: Path, who: str, *others: type[Exception]) -> Iterator["Desk"]:
    """A gradebook open for single changes, also while `grade` is at work, whose reports follow at the end.

    What goes wrong is one line.
    """
    from autograder.desk.desk import Desk
    from autograder.pages.reports import catch_up

    with graded_class(grades, *others) as gradebook:
        try:
            yield Desk(gradebook, who)
        finally:
            catch_up(gradebook)


def say_events(*events: "Event") -> None:
    """Prints what was done, a line for each event."""
    for event in events:
        console().print(f"event {event.id}: {event.in_words}", markup=False, soft_wrap=True, highlight=False)


def _require(reason: str) -> None:
    if not reason.strip():
        raise Wrong("--reason is missing: why, as the student reads it")


def mark(
    grades: Grades,
    who: Annotated[str, typer.Argument(help="A student, or an attempt as the reports name it.")],
    question: Annotated[
        str,
        typer.Argument(help="A question's label, as the reports write it.", autocompletion=complete_question),
    ],
    points: Annotated[
        float | None, typer.Option(min=0, help="The points; without them, the mark by hand is removed.")
    ] = None,
    reason: Reason = "",
    by: As = "",
) -> None:
    """Marks a question by hand; the mark stays with the attempt, whatever is graded or regraded later."""
    with open_desk(grades, by) as desk:
        if points is not None:
            _require(reason)
        say_events(desk.mark(who, question, points, reason))


def adjust(
    grades: Grades,
    who: Who,
    points: Annotated[str, typer.Option(help="What is added to the total: 3, or -5.")],
    reason: Reason = "",
    by: As = "",
) -> None:
    """Gives or takes points of a student's total, after lateness."""
    _require(reason)
    try:
        given = Decimal(points)
    except InvalidOperation:
        given = Decimal("NaN")
    if not given.is_finite() or not given or abs(given) > 10_000:
        raise Wrong(f"--points: expected a number such as 3 or -5, got {points!r}")
    with open_desk(grades, by) as desk:
        say_events(desk.adjust(who, given, reason))


def extend(
    grades: Grades,
    who: Annotated[str, typer.Argument(help="A student, by ID, number in the LMS or login; none with --csv.")] = "",
    until: Annotated[
        str, typer.Option(help="The student's own deadline: 2024-06-16T18:00; without it, the extension is taken back.")
    ] = "",
    reason: Reason = "",
    table: Annotated[
        Path | None, typer.Option("--csv", help="A CSV file of extensions: student_id, until, reason.")
    ] = None,
    by: As = "",
) -> None:
    """Gives a student more time, or takes that back."""
    if bool(who) == bool(table):
        raise Wrong("expected either a student, or --csv FILE with many")
    asked = _extensions(table) if table else [(who, until, reason)]
    with open_desk(grades, by) as desk:
        changes = []
        for student, time, why in asked:
            if time:
                _require(why)
            changes.append((desk.person(student), _time(time), why))
        say_events(*(desk.extend(person, deadline, why) for person, deadline, why in changes))


def _extensions(path: Path) -> list[tuple[str, str, str]]:
    """The extensions in a CSV file."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeError, csv.Error) as error:
        raise Wrong(f"{path}: cannot be read as CSV: {error}") from None
    needed = ("student_id", "until", "reason")
    for number, row in enumerate(rows, start=2):
        if missing := [name for name in needed if not (row.get(name) or "").strip()]:
            raise Wrong(f"{path}, line {number}: nothing in the column {missing[0]}; expected {', '.join(needed)}")
    if not rows:
        raise Wrong(f"{path}: no extensions in it; expected a line for each below the header {','.join(needed)}")
    return [(row["student_id"].strip(), row["until"].strip(), row["reason"]) for row in rows]


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        raise Wrong(f"--until: expected a date and time such as 2024-06-16T18:00, got {text!r}") from None


def assign(
    grades: Grades,
    file: Annotated[str, typer.Argument(help="A file that was handed in, or an attempt, as the reports name it.")],
    who: Annotated[str, typer.Argument(help="A student, by ID, number in the LMS or login; or 'nobody'.")],
    by: As = "",
) -> None:
    """Answers whose a file is; of several attempts of one student, which counts."""
    with open_desk(grades, by) as desk:
        say_events(desk.assign(file, who))


def excuse(
    grades: Grades,
    who: Who,
    reason: Reason = "",
    by: As = "",
) -> None:
    """Excuses a student, who then has no mark rather than 0; without a reason, takes that back."""
    with open_desk(grades, by) as desk:
        say_events(desk.excuse(who, reason))


def history(
    grades: Grades, who: Annotated[str, typer.Argument(help="A student, or an attempt; without one, all.")] = ""
) -> None:
    """Shows what people decided: when, who, what it was before and after, and why."""
    with open_desk(grades, "") as desk:
        for event in desk.events(who):
            line = f"{event.id:>4}  {event.time[:16].replace('T', ' ')}  {event.who}: {event.in_words}"
            console().print(line, markup=False, soft_wrap=True, highlight=False)


def undo(
    grades: Grades, event: Annotated[int, typer.Argument(help="The event's number in the history.")], by: As = ""
) -> None:
    """Undoes what somebody decided, unless something later depends on it."""
    with open_desk(grades, by) as desk:
        say_events(desk.undo(event))


def marks(
    grades: Grades,
    ungraded: Annotated[bool, typer.Option("--ungraded", help="Those that a person has to give.")] = False,
    flagged: Annotated[bool, typer.Option("--flagged", help="Those that a person should look at.")] = False,
    by_hand: Annotated[bool, typer.Option("--by-hand", help="Those that a person gave.")] = False,
    appealed: Annotated[bool, typer.Option("--appeals", help="Those about which an appeal is open.")] = False,
) -> None:
    """Lists what needs a person: ungraded and flagged questions, open appeals, marks by hand, open questions."""
    with open_desk(grades, "") as desk:
        for line in desk.needing_a_person(ungraded, flagged, by_hand, appealed):
            console().print(line, markup=False, soft_wrap=True, highlight=False)


def explain(grades: Grades, who: Who, question: Annotated[str, typer.Argument(help="A question's label.")]) -> None:
    """Says why a question has its points: the rule, the mark scheme, the message, the code, and who changed what."""
    from autograder.classroom.explanation import explain as lines_about
    from autograder.course.course import load_course

    with open_desk(grades, "") as desk:
        root, gradebook = course_root(), desk.gradebook
        if question not in gradebook.assignment.questions:
            raise Wrong(f"no question {question!r}; there are: {', '.join(gradebook.assignment.questions)}")
        course = load_course(root, gradebook.assignment)
        for line in lines_about(root, course, gradebook, desk.person(who), question):
            console().print(line, markup=False, soft_wrap=True, highlight=False)


def forget(
    grades: Grades,
    who: Who,
    sure: Annotated[bool, typer.Option("--sure", help="Do it: it cannot be undone.")] = False,
) -> None:
    """Erases all that is kept of one student: attempts, marks, pages, history."""
    if not sure:
        raise Wrong(f"this erases all that is kept of {who} and cannot be undone; say --sure to do it")
    with open_desk(grades, "") as desk:
        desk.forget(who)
        console().print(f"nothing of {who} is kept any more", markup=False)
        for copy in sorted(grades.glob("gradebook-format-*.sqlite")):
            console().print(f"{copy} is a copy of an older format and may hold more: delete it", markup=False)
