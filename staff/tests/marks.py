"""How tests mark: one check put to a session as grading puts it, a submission's verdicts entered one by one."""

from collections.abc import Sequence
from dataclasses import replace

from autograder.checks.case import Case
from autograder.checks.question import Check
from autograder.course.course import Course
from autograder.course.manifest import QuestionLimits, load, project_root
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.submission import Submission
from autograder.marking.ask import Diagnoses, ask
from autograder.marking.verdict import Verdict
from autograder.protocol.session import Session

LIMITS = QuestionLimits(seconds=60.0, memory_mib=2048)


def enter_marks(gradebook: Gradebook, submission: Submission, verdicts: Sequence[Verdict], seconds: float) -> None:
    """Records a submission and all of its verdicts."""
    gradebook.enter(submission)
    gradebook.add_seconds(submission.submission_id, seconds)
    for verdict in verdicts:
        gradebook.record(submission.submission_id, verdict)


def put(
    check: Check,
    session: Session,
    cases: Sequence[Case] = (),
    seed: object = 0,
    earlier: Diagnoses | None = None,
    limits: QuestionLimits = LIMITS,
) -> Verdict:
    """The verdict of one check on the notebook of a session; `earlier` are the diagnoses of questions before it."""
    assignment = replace(load(project_root())["hw4"], limits=limits, question_limits={})
    course = Course(assignment, {session.filename: [check]}, {check.cases: cases}, seed)
    return ask(course, session, check, {} if earlier is None else earlier)
