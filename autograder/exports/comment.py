"""A mark in words, for where an LMS has room for no page: what each question earned, and why."""

from collections.abc import Iterator
from decimal import Decimal
from html import escape

from autograder.course.manifest import points_text
from autograder.exports.numbers import number_text
from autograder.gradebook.grades import StudentGrade
from autograder.marking.verdict import Verdict
from autograder.notebook.text import plain


def comment_lines(grade: StudentGrade, points: Decimal) -> list[str]:
    """The total of `points`, each question with what it earned and its message, and each step that changed the sum."""
    total = f"Total: {number_text(grade.total)} of {number_text(points)}"
    steps = [("repairs", grade.repairs), *grade.reasons]
    changes = [f"{step}: {'+' * (change > 0)}{number_text(change)}" for step, change in steps if change]
    return [total, *(line for verdict in grade.verdicts for line in _lines(verdict)), *changes]


def comment_html(grade: StudentGrade, points: Decimal) -> str:
    """`comment_lines` as HTML in one line of text; nothing of a student's is markup in it."""
    return "<br>".join(escape(line) for line in comment_lines(grade, points))


def _lines(verdict: Verdict) -> Iterator[str]:
    earned = f"{verdict.question}: {verdict.points_shown} of {points_text(verdict.max_points)}"
    first, *others = plain(verdict.message).splitlines() or [""]
    yield ". ".join(part for part in (earned, first) if part)
    yield from (line for line in others if line)
