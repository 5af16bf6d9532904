"""The class for the terminal."""

from rich import box
from rich.table import Table
from rich.text import Text

from autograder.course.manifest import points_text
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import grades_of
from autograder.gradebook.sheets import remarks_of
from autograder.marking.verdict import State
from autograder.notebook.text import one_line

_STYLES = {State.PASS: "green", State.PARTIAL: "yellow", State.FAIL: "red", State.UNGRADED: "bold magenta"}


def table(gradebook: Gradebook) -> Table:
    """A line per student, a column per question, and how many are ungraded."""
    assignment = gradebook.assignment
    shown = Table(title=Text(assignment.title), box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    shown.title_justify = shown.caption_justify = "left"
    shown.add_column("student", no_wrap=True, max_width=24)
    for question in assignment.questions:
        shown.add_column(Text(question), justify="right", no_wrap=True)
    shown.add_column("total", justify="right", no_wrap=True, min_width=5)
    shown.add_column("notes")  # alone gives way where the terminal is narrow
    grades = grades_of(gradebook)
    for grade in grades:
        points = [Text(verdict.points_shown, style=_STYLES[verdict.state]) for verdict in grade.verdicts]
        total = "EX" if grade.excused else points_text(float(grade.total))
        remarks = Text(one_line("; ".join(remarks_of(gradebook, grade)), 60), no_wrap=True, overflow="ellipsis")
        shown.add_row(Text(f"{grade.student.student_id} {grade.student.name}".strip()), *points, total, remarks)
    ungraded = sum(grade.ungraded for grade in grades)
    best = assignment.total_text(assignment.points_in)
    plural = "" if len(grades) == 1 else "s"
    shown.caption = Text(f"{len(grades)} student{plural}, {ungraded} ungraded; the best total is {best}")
    return shown
