"""One question on one of its cases: what a person asks who wants to see what happens there."""

from dataclasses import replace

from autograder.checks.question import Check
from autograder.course.course import Course
from autograder.course.manifest import CourseError
from autograder.marking.ask import Diagnoses, ask
from autograder.marking.question import ask_checks
from autograder.marking.verdict import Verdict, sum_verdicts
from autograder.messages import say
from autograder.notebook.execution import Execution
from autograder.protocol.session import Session


def with_case(course: Course, question: str, cases: str, number: int) -> tuple[Course, str]:
    """The course with one case of a question alone, by the name of its cases and its number, and what to call it.

    For "" checks without cases remain. Raises CourseError for a case that the question does not run on.
    """
    every = [check for checks in course.questions.values() for check in checks if check.question == question]
    if cases not in {check.cases for check in every}:
        raise CourseError(f"no check of {question} runs on {cases or 'no cases'}")
    if not cases:
        return replace(course, alone=("", 0)), say("without cases")
    listed = course.cases.get(cases, ())
    if not 0 <= number < len(listed):
        raise CourseError(f"{cases} has no case {number + 1}, but {len(listed)}")
    return replace(course, alone=(cases, number)), str(listed[number])


def ask_case(course: Course, session: Session, question: str, earlier: Diagnoses) -> Verdict:
    """The verdict of the checks of a question that run on the course's only case."""
    assert course.alone
    cases, _ = course.alone

    def put(course: Course, session: Session, check: Check, earlier: Diagnoses, execution: Execution) -> Verdict:
        if check.cases != cases:
            return Verdict.scored(check.question, check.points, check.points)
        return ask(course, session, check, earlier, execution)

    checks = course.checks_by_question(session.filename)[question]
    verdicts = ask_checks(course, session, question, earlier, put)
    return sum_verdicts([one for check, one in zip(checks, verdicts, strict=True) if check.cases == cases])
