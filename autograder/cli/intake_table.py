"""What `autograder intake` does: reads a class as `grade` would, and prints what it found."""

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.course.manifest import Assignment
from autograder.intake.classlist import readers_of, survey_folder
from autograder.intake.submission import Submission, SubmissionState


def show(root: Path, assignment: Assignment, submissions: Path, roster: Path | None, console: Console) -> bool:
    """Prints a line for each submission; returns whether all of them could be read.

    Raises FileNotFoundError when there are none, RosterError for a roster that cannot be used.
    """
    with readers_of(submissions, roster) as readers:
        found = survey_folder(root, assignment, submissions, roster, readers)
    console.print(table(found, assignment))
    return not any(map(_unreadable, found))


def table(found: Sequence[Submission], assignment: Assignment) -> Table:
    """The submissions for the terminal: the student of each, the notebooks found in it, and every note."""
    shown = Table(title=Text(assignment.title), box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    shown.title_justify = shown.caption_justify = "left"
    for column in ("submission", "student ID", "notebooks"):
        shown.add_column(column, overflow="fold")
    shown.add_column("notes", overflow="fold", ratio=1)
    for one in found:
        style = "red" if one.state is not SubmissionState.READ else "dim" if one.replaced_by else ""
        cells = one.submission_id, one.student_id or "-", _notebooks(one, assignment)
        shown.add_row(*map(Text, cells), Text("\n".join(_remarks(one, assignment))), style=style)
    absent = sum(one.state is SubmissionState.ABSENT for one in found)
    number = len(found) - absent
    counts = [f"{number} submission{'s' * (number != 1)}", f"{sum(map(_unreadable, found))} cannot be read"]
    counts += [f"{sum(bool(one.replaced_by) for one in found)} replaced by later ones", f"{absent} handed in nothing"]
    shown.caption = Text(", ".join(counts))
    return shown


def _notebooks(submission: Submission, assignment: Assignment) -> str:
    """The assignment's notebooks that a submission holds; the manifest requires each of them."""
    unread = submission.state is not SubmissionState.READ
    there = [] if unread else [name for name in assignment.notebooks if name not in submission.missing]
    return f"all {len(there)}" if len(there) == len(assignment.notebooks) else "\n".join(there) or "-"


def _unreadable(submission: Submission) -> bool:
    return submission.state in (SubmissionState.UNREADABLE, SubmissionState.UNKEPT)


def _remarks(submission: Submission, assignment: Assignment) -> list[str]:
    notes = assignment.with_costs(submission.notes, submission.repairs)
    return [*([submission.error] if submission.error else []), *notes]
