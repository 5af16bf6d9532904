"""A mark in words, for where an LMS has room for no page: what each question earned, and why."""

from collections.abc import Iterator
from decimal import Decimal
from html import escape

from autograder.course.manifest import points_text
from autograder.exports.numbers import number_text
from autograder.gradebook.grades import StudentGrade
from autograder.marking.verdict import Verdict
from autograder.messages import ENGLISH, Language, say
from autograder.notebook.text import plain


def comment_lines(grade: StudentGrade, points: Decimal, language: Language = ENGLISH) -> list[str]:
    """The total of `points`, each question with what it earned and its message, and each step that changed the sum."""
    total = say("Total: {points} of {total}", points=number_text(grade.total), total=number_text(points))
    steps = [(say("repairs"), grade.repairs), *grade.reasons]
    changes = [f"{language.word(step)}: {'+' * (change > 0)}{number_text(change)}" for step, change in steps if change]
    lines = (line for verdict in grade.verdicts for line in _lines(verdict, language))
    return [language.word(total), *lines, *changes]


def comment_html(grade: StudentGrade, points: Decimal, language: Language = ENGLISH) -> str:
    """`comment_lines` as HTML in one line of text; nothing of a student's is markup in it."""
    return "<br>".join(escape(line) for line in comment_lines(grade, points, language))


def _lines(verdict: Verdict, language: Language) -> Iterator[str]:
    worth = {"points": verdict.points_shown, "total": points_text(verdict.max_points)}
    earned = f"{verdict.question}: {language.word(say('{points} of {total}', **worth))}"
    first, *others = plain(language.render(verdict.message)).splitlines() or [""]
    yield ". ".join(part for part in (earned, first) if part)
    yield from (line for line in others if line)
