"""The marks of a class as they may leave the house."""

from collections.abc import Sequence
from dataclasses import replace

from autograder.exports.filling import doubts
from autograder.exports.refusal import listed, require_none
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import StudentGrade, whole_grades


def marks_of(gradebook: Gradebook, partial: bool) -> list[StudentGrade]:
    """The grades of a class; while a file is nobody's so far, none is ready of a student who handed in nothing.

    Raises ExportError, unless `partial`: something is UNGRADED, or a person is in question.
    """
    unowned = gradebook.unowned()
    grades = _without_zeros([one.source for one in unowned], list(whole_grades(gradebook)))
    questions = [f"{one.source}: {question}" for one in unowned for question in one.open_questions]
    require_none([*questions, *doubts(grades)], partial)
    return grades


def _without_zeros(unowned: Sequence[str], grades: list[StudentGrade]) -> list[StudentGrade]:
    """The grades, with a question where one of these files may be the student's, who has no other."""
    if not unowned:
        return grades
    question = f"handed in nothing, unless it is {listed(unowned)}"
    return [
        grade if grade.sources else replace(grade, open_questions=(*grade.open_questions, question)) for grade in grades
    ]
