"""What `autograder intake` does: reads a class as `grade` would, and prints what it found."""

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.course.manifest import Assignment
from autograder.intake.attempts import Attempt
from autograder.intake.classlist import ClassList, Survey, readers_of
from autograder.intake.submission import SubmissionState


def show(
    root: Path, assignment: Assignment, submissions: Path, roster: Path | None, times: Path | None, console: Console
) -> bool:
    """Prints a line for each attempt, and what a person has to answer; returns whether all is read and answered.

    Raises FileNotFoundError when there are none, RosterError for a roster that cannot be used.
    """
    with readers_of(submissions, (roster, times)) as readers:
        survey = Survey(root, assignment, submissions, roster, None, times)
        found = survey.take_in(survey.sources(readers), readers)
    console.print(table(found, assignment))
    asked = [attempt for attempt in found.attempts if attempt.open_questions]
    for attempt in asked:
        for question in attempt.open_questions:
            console.print(f"{attempt.source_names[0]}: {question}", markup=False, soft_wrap=True)
    if asked:
        console.print("Once it is graded, each is answered by:", markup=False)
        for attempt in asked:
            console.print(f"autograder assign GRADES '{attempt.source_names[0]}' STUDENT", markup=False, soft_wrap=True)
    return not asked and not any(map(_unreadable, found.attempts))


def table(found: ClassList, assignment: Assignment) -> Table:
    """The attempts for the terminal: the student of each, the notebooks found in it, and every note."""
    shown = Table(title=Text(assignment.title), box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    shown.title_justify = shown.caption_justify = "left"
    for column in ("submission", "student ID", "notebooks"):
        shown.add_column(column, overflow="fold")
    shown.add_column("notes", overflow="fold", ratio=1)
    for one in found.attempts:
        style = "red" if one.state is not SubmissionState.READ else ""
        students = ", ".join(student.student_id for student in one.students)
        cells = one.submission_id, students or "-", _notebooks(one, assignment)
        shown.add_row(*map(Text, cells), Text("\n".join(_remarks(one, assignment))), style=style)
    there = {student.student_id for one in found.attempts for student in one.students}
    absent = [one.student_id for one in found.students if one.student_id not in there]
    for student_id in absent:
        shown.add_row(Text("-"), Text(student_id), Text("-"), Text("nothing was handed in"), style="dim")
    shown.caption = Text(", ".join(_counts(found.attempts, len(there), len(absent))))
    return shown


def _counts(attempts: Sequence[Attempt], students: int, absent: int) -> list[str]:
    number = len(attempts)
    return [
        f"{number} attempt{'s' * (number != 1)} of {students} student{'s' * (students != 1)}",
        f"{sum(map(_unreadable, attempts))} cannot be read",
        f"{sum(not one.students for one in attempts)} of nobody known",
        f"{absent} handed in nothing",
    ]


def _notebooks(attempt: Attempt, assignment: Assignment) -> str:
    """The assignment's notebooks that an attempt holds; the manifest requires each of them."""
    unread = attempt.state is not SubmissionState.READ
    there = [] if unread else [name for name in assignment.notebooks if name not in attempt.missing]
    return f"all {len(there)}" if len(there) == len(assignment.notebooks) else "\n".join(there) or "-"


def _unreadable(attempt: Attempt) -> bool:
    return attempt.state in (SubmissionState.UNREADABLE, SubmissionState.UNKEPT)


def _remarks(attempt: Attempt, assignment: Assignment) -> list[str]:
    notes = assignment.with_costs(attempt.notes, attempt.repairs)
    return [*([attempt.error] if attempt.error else []), *notes]
