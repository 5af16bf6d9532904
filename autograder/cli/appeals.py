"""Commands about appeals: what students ask about their marks, and what is answered."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.common import Wrong, console, course_root, prepare_process
from autograder.cli.conversion import Command, Group
from autograder.cli.graded import Grades
from autograder.cli.marks import As, Who, complete_question, open_desk, say_events

if TYPE_CHECKING:
    from autograder.desk.desk import Desk
    from autograder.gradebook.events import Event

app = typer.Typer(cls=Group, help="Opens, answers and lists what students ask about their marks.", no_args_is_help=True)
Question = Annotated[
    str, typer.Argument(help="A question's label, as the reports write it.", autocompletion=complete_question)
]


@app.command("open", cls=Command)
def open_one(
    grades: Grades,
    who: Who,
    question: Question,
    text: Annotated[str, typer.Option(help="What the student asks.")] = "",
    time: Annotated[str, typer.Option(help="When they asked; without it, now.")] = "",
    by: As = "",
) -> None:
    """Opens an appeal of a student about a question."""
    from autograder.desk.appeals import open_appeal

    with open_desk(grades, by) as desk:
        say_events(open_appeal(desk, who, question, text, time))


@app.command(cls=Command)
def answer(
    grades: Grades,
    who: Annotated[str, typer.Argument(help="A student, or an attempt as the reports name it.")],
    question: Question,
    accepted: Annotated[
        bool | None, typer.Option("--accept/--decline", help="Whether the student is right.", show_default=False)
    ] = None,
    text: Annotated[str, typer.Option(help="The answer, as the student reads it.")] = "",
    points: Annotated[float | None, typer.Option(help="The question's points from now on, as a mark by hand.")] = None,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Regrade this question of the student with the checks as they are now.")
    ] = False,
    by: As = "",
) -> None:
    """Answers an open appeal; `undo` of the answer undoes what came of it, too."""
    from autograder.desk.appeals import answer_appeal

    if accepted is None:
        raise Wrong("expected --accept or --decline: whether the student is right")
    if regrade and points is not None:
        raise Wrong("expected --points or --regrade, not both: one of them says what the question earns")
    if regrade:
        prepare_process()
    with open_desk(grades, by) as desk:
        change = _regrading(desk, who, question, text) if regrade else None
        say_events(answer_appeal(desk, who, question, text, accepted, points, change))


def _regrading(desk: "Desk", who: str, question: str, reason: str) -> Callable[[], "Event | None"]:
    """What regrades one question of a student; raises Wrong where student code would have to run."""
    from autograder.classroom.regrade import Part
    from autograder.classroom.regrade import regrade as regrade_class
    from autograder.course.course import load_course
    from autograder.course.points import require_agreement
    from autograder.desk.appeals import open_appeal_about

    student, root, gradebook = open_appeal_about(desk, who, question).student_id, course_root(), desk.gradebook
    seconds = gradebook.limit_seconds(None)
    assignment = gradebook.assignment.with_seconds(seconds) if seconds else gradebook.assignment
    course = load_course(root, assignment, gradebook.secret_seed(), gradebook)
    require_agreement(course)

    def change() -> "Event | None":
        part = Part(student, question, reason)
        diff = regrade_class(root, course, gradebook, apply=True, who=desk.history.who, part=part)
        if diff.unrecorded:
            raise Wrong(
                f"{question} of {who}: its check asks what was not recorded;"
                f" run `autograder grade SUBMISSIONS --only {student}` first, or give --points"
            )
        return diff.event

    return change


@app.command("list", cls=Command)
def list_all(
    grades: Grades,
    unanswered: Annotated[bool, typer.Option("--open", help="Only those that wait for an answer.")] = False,
) -> None:
    """Lists appeals and their answers."""
    from autograder.gradebook.appeals import appeals

    with open_desk(grades, "") as desk:
        listed = [one for one in appeals(desk.gradebook) if not (unanswered and one.answer)]
    for words in [one.in_words for one in listed] or ["no open appeals" if unanswered else "no appeals"]:
        console().print(words, markup=False, soft_wrap=True, highlight=False)


@app.command("import", cls=Command)
def import_form(
    grades: Grades,
    table: Annotated[Path, typer.Argument(metavar="FORM", help="The CSV that Google or Microsoft Forms exports.")],
    by: As = "",
) -> None:
    """Opens an appeal for each row of a form; what was imported before is left alone."""
    from autograder.desk.appeals import import_appeals
    from autograder.intake.table import TableError

    with open_desk(grades, by, TableError) as desk:
        imported = import_appeals(desk, table)
    say_events(*imported.events)
    for problem in imported.problems:
        console().print(problem, markup=False, soft_wrap=True, highlight=False)
    counts = f"{len(imported.events)} opened, {imported.known} known already, {len(imported.problems)} not understood"
    console().print(counts, highlight=False)
    raise typer.Exit(1 if imported.problems else 0)
