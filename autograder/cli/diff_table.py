"""What regrading changes, as a table for the terminal."""

from collections.abc import Iterable

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.classroom.regrade import GradeDiff, Move
from autograder.course.manifest import Assignment, points_text
from autograder.notebook.text import one_line


def diff_table(diff: GradeDiff, assignment: Assignment) -> RenderableType:
    """A line for each verdict that changes, then how many move and what could not be regraded."""
    shown = Table(title=Text(f"{assignment.title}: grade diff"), box=box.SIMPLE_HEAD, pad_edge=False)
    shown.title_justify = "left"
    for heading in ("submission", "question"):
        shown.add_column(heading, no_wrap=True)
    for heading in ("before", "after", "change"):
        shown.add_column(heading, justify="right", no_wrap=True)
    shown.add_column("why")
    for move in diff.moves:
        style = "green" if move.gain > 0 else "red" if move.gain < 0 else ""
        change = Text(f"{'+' if move.gain > 0 else ''}{points_text(move.gain)}" if move.gain else "", style=style)
        cells = [
            Text(move.submission_id),
            Text(move.after.question),
            Text(move.before.points_shown),
            Text(move.after.points_shown),
            change,
        ]
        shown.add_row(*cells, Text(one_line(move.why)))
    lines = [Text(line) for line in _summary(diff)]
    return Group(*([shown] if diff.moves else []), *lines)


def _summary(diff: GradeDiff) -> Iterable[str]:
    moved = _totals(diff.moves)
    up, down = sum(gain > 0 for gain in moved.values()), sum(gain < 0 for gain in moved.values())
    yield f"{len(diff.moves)} verdicts change; {up} submissions gain points, {down} lose some. No student code ran."
    if diff.by_hand:
        yield f"{diff.by_hand} marks given by hand stay as they are."
    if diff.unfinished:
        count = len(diff.unfinished)
        missing = f"{count} submission{'s have' if count > 1 else ' has'} questions without a verdict"
        yield f"The class is not complete: {missing}. `autograder grade` goes on with them."
    if diff.unrecorded:
        count = sum(map(len, diff.unrecorded.values()))
        questions = ", ".join(
            dict.fromkeys(question for questions in diff.unrecorded.values() for question in questions)
        )
        yield f"{count} verdicts of {len(diff.unrecorded)} submissions need student code to run ({questions}):"
        yield "their checks ask what was not asked before. They stay as they are until `autograder grade` runs again."


def _totals(moves: Iterable[Move]) -> dict[str, float]:
    """The points that each submission gains."""
    totals: dict[str, float] = {}
    for move in moves:
        totals[move.submission_id] = totals.get(move.submission_id, 0.0) + move.gain
    return totals
