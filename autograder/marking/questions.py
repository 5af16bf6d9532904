"""The verdicts of a notebook, question by question."""

from autograder.course.course import Course
from autograder.marking.ask import Diagnoses
from autograder.marking.question import ask_question
from autograder.marking.verdict import Diagnosis, Verdict
from autograder.messages import say
from autograder.protocol.faults import OURS, TRIES, StudentError, WorkerFailure
from autograder.protocol.session import Session


def mark(course: Course, session: Session, only: str = "") -> list[Verdict]:
    """The verdict of every question that the code of the session's notebook is marked for, or of one of them."""
    earlier: Diagnoses = {}
    questions = [only] if only else course.checks_by_question(session.filename)
    return [ask_question(course, session, question, earlier) for question in questions]


def absent(course: Course, notebook: str, diagnosis: str, message: str) -> list[Verdict]:
    """Zero for every such question of a notebook that cannot be marked, all with the same reason."""
    return [
        Verdict.scored(question, 0.0, sum(check.points for check in checks), diagnosis, message)
        for question, checks in course.checks_by_question(notebook).items()
    ]


def unreadable(course: Course, session: Session) -> list[Verdict]:
    """The verdicts of a notebook that cannot be read, none if it was read; a failing sandbox is tried again."""
    notebook = session.filename
    failure: WorkerFailure | None = None
    for failures in range(TRIES):
        try:
            session.open(may_retry=not failures)
        except StudentError as error:
            message = say("{notebook}: {error}", notebook=notebook, error=str(error))
            put = ungraded if error.diagnosis in OURS else absent
            return put(course, notebook, error.diagnosis, message)
        except WorkerFailure as raised:
            failure = raised
        else:
            return []
    return ungraded(course, notebook, Diagnosis.SANDBOX, str(failure))


def ungraded(course: Course, notebook: str, diagnosis: str, message: str) -> list[Verdict]:
    """`absent` for what is the grader's fault."""
    return [
        Verdict.ungraded(verdict.question, verdict.max_points, diagnosis, message)
        for verdict in absent(course, notebook, "", "")
    ]


def mark_notebook(course: Course, session: Session, only: str = "") -> list[Verdict]:
    """`mark`, after the notebook was read; an unreadable one fails as a whole with one message."""
    return unreadable(course, session) or mark(course, session, only)
