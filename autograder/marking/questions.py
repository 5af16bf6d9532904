"""The verdicts of a notebook, question by question."""

from collections.abc import Sequence
from dataclasses import replace

from autograder.checks.question import Check
from autograder.course.course import Course
from autograder.marking.ask import ask
from autograder.marking.sandboxes import process_limits
from autograder.marking.verdict import Diagnosis, State, Verdict
from autograder.protocol.faults import TRIES, StudentError, WorkerFailure
from autograder.protocol.session import Session


def ask_check(course: Course, session: Session, check: Check) -> Verdict:
    """Puts one check to a notebook, within the limits of its question."""
    limits = course.assignment.limits_of(check.question)
    session.allow(limits.seconds, process_limits(limits))
    return ask(check, session, course.cases.get(check.cases, ()), course.seed)


def mark(course: Course, session: Session, notebook: str) -> list[Verdict]:
    """The verdict of every question that the notebook's code is marked for."""
    return [
        sum_verdicts([ask_check(course, session, check) for check in checks])
        for checks in course.checks_by_question(notebook).values()
    ]


def absent(course: Course, notebook: str, diagnosis: str, message: str) -> list[Verdict]:
    """Zero for every such question of a notebook that cannot be marked, all with the same reason."""
    return [
        Verdict.scored(question, 0.0, sum(check.points for check in checks), diagnosis, message)
        for question, checks in course.checks_by_question(notebook).items()
    ]


def unreadable(course: Course, session: Session, notebook: str) -> list[Verdict]:
    """The verdicts of a notebook that cannot be read, none if it was read; a failing sandbox is tried again."""
    failure: WorkerFailure | None = None
    for failures in range(TRIES):
        try:
            session.open(may_retry=not failures)
        except StudentError as error:
            return absent(course, notebook, error.diagnosis, f"{notebook}: {error}")
        except WorkerFailure as raised:
            failure = raised
        else:
            return []
    return [
        Verdict.ungraded(verdict.question, verdict.max_points, Diagnosis.SANDBOX, str(failure))
        for verdict in absent(course, notebook, "", "")
    ]


def mark_notebook(course: Course, session: Session, notebook: str) -> list[Verdict]:
    """`mark`, after the notebook was read; an unreadable one fails as a whole with one message."""
    return unreadable(course, session, notebook) or mark(course, session, notebook)


def sum_verdicts(parts: Sequence[Verdict]) -> Verdict:
    """The verdict of a question from those of its checks."""
    if len(parts) == 1:
        return parts[0]
    question, most = parts[0].question, sum(part.max_points for part in parts)
    message = "\n".join(dict.fromkeys(part.message for part in parts if part.message))
    diagnosis = ", ".join(dict.fromkeys(part.diagnosis for part in parts if part.diagnosis))
    if any(part.diagnosis == Diagnosis.SANDBOX for part in parts):  # all of it is asked again
        diagnosis = Diagnosis.SANDBOX
    if any(part.state is State.UNGRADED for part in parts):
        added = Verdict.ungraded(question, most, diagnosis, message)
    else:
        added = Verdict.scored(question, sum(part.points for part in parts), most, diagnosis, message)
    figure = ", ".join(dict.fromkeys(part.figure for part in parts if part.figure))
    return replace(added, figure=figure, flags=tuple(dict.fromkeys(flag for part in parts for flag in part.flags)))
