"""The marks of a class as JSON, for other programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from autograder.gradebook.grades import StudentGrade
from autograder.marking.verdict import State, Verdict


def records(assignment: str, points: Decimal, grades: Sequence[StudentGrade]) -> bytes:
    """A JSON object in UTF-8: `assignment`, `points`, and `students`, one object for each, in order.

    `total` is null for a student whose mark is not ready or who is excused, and a question's `points` are null while it
    is UNGRADED.
    """
    students = [_record(grade) for grade in grades]
    whole = {"assignment": assignment, "points": float(points), "students": students}
    return (json.dumps(whole, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def _record(grade: StudentGrade) -> dict[str, Any]:
    return {
        **asdict(grade.student),
        "questions": [_question(verdict) for verdict in grade.verdicts],
        **{step: float(getattr(grade, step)) for step in ("earned", "repairs", "late", "adjusted")},
        "total": float(grade.total) if grade.ready and not grade.excused else None,
        "excused": grade.excused,
        "open_questions": grade.open_questions,
        "notes": grade.notes,
        "attempt": grade.attempt,
        "sources": grade.sources,
    }


def _question(verdict: Verdict) -> dict[str, Any]:
    """A verdict without its evidence, which is for the student's page."""
    points = None if verdict.state is State.UNGRADED else verdict.points
    known = {**asdict(verdict), "points": points, "state": verdict.state.value}
    del known["evidence"]
    return known
