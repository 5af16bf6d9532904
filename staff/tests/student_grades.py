"""Grades of students for tests of what is made of them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from autograder.gradebook.grades import StudentGrade
from autograder.intake.roster import Student
from autograder.marking.verdict import Verdict


def grade_of_student(
    student_id: str, total: str = "87.5", lms_id: str = "", verdicts: Sequence[Verdict] = (), **more: Any
) -> StudentGrade:
    """A grade with this total, in points; `more` are fields of the student or of the grade."""
    about = {name: more.pop(name) for name in ("login", "name", "email", "section") if name in more}
    steps = {name: more.pop(name, Decimal(0)) for name in ("earned", "repairs", "late", "adjusted")}
    return StudentGrade(Student(student_id, lms_id, **about), verdicts, **steps, total=Decimal(total), **more)


def ungraded(question: str) -> Verdict:
    """A question that a person has to mark."""
    return Verdict.ungraded(question, 10, "sandbox", "could not be asked")
