"""Points stand in two places, and must be the same in both: `points=` of the checks, and assignments.toml."""

from autograder.course.course import Course
from autograder.course.manifest import CourseError, points_text


def find_disagreement(course: Course) -> str:
    """Where the checks and the manifest disagree on points, in one sentence that names both places; "" nowhere.

    The checks of a question add up to its entry in `questions`, and those of a notebook to its `notebook_points`: to
    exactly that once all questions of the assignment are there, to no more before.
    """
    assignment = course.assignment
    section = f"[{assignment.name}] in assignments.toml"
    sums: dict[str, float] = {}
    for check in (check for checks in course.questions.values() for check in checks):
        sums[check.question] = sums.get(check.question, 0) + check.points
    for question in dict.fromkeys([*assignment.questions, *sums]):
        if question in assignment.manual_questions:
            if question in sums:
                return f"a check in tests/ asks {question}, which `manual` of {section} leaves to people"
            continue
        if question not in sums:
            return f"no check in tests/ asks {question}, which {section} gives {_text(assignment.questions[question])}"
        if question not in assignment.questions:
            return f"the checks of {question} give {_text(sums[question])}, but `questions` of {section} lacks it"
        if sums[question] != assignment.questions[question]:
            given = f"{section} gives it {_text(assignment.questions[question])}"
            return f"`points` of the checks of {question} add up to {_text(sums[question])}, {given}"
    complete = assignment.points_in == assignment.points
    for notebook, checks in course.questions.items():
        worth, total = assignment.notebook_points[notebook], sum(check.points for check in checks)
        if total > worth or (complete and total != worth):
            given = f"`notebook_points` of {section} gives {_text(worth)}"
            return f"`points` of the checks of {notebook} add up to {_text(total)}, {given}"
    return ""


def require_agreement(course: Course) -> None:
    """Raises CourseError where the checks and the manifest disagree on points."""
    if problem := find_disagreement(course):
        raise CourseError(f"{problem}; change one of them")


def _text(points: float) -> str:
    return f"{points_text(points)} {'point' if points == 1 else 'points'}"
