"""How tests mark: one check put to a session as grading puts it, a submission's verdicts entered one by one."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.checks.case import Case
from autograder.checks.question import Check
from autograder.course.course import Course
from autograder.course.limits import QuestionLimits
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.attempts import Attempt
from autograder.intake.lms.given import GivenName
from autograder.intake.roster import Student
from autograder.intake.source import Source
from autograder.intake.timing import Timing
from autograder.marking.ask import Diagnoses, ask
from autograder.marking.verdict import Verdict
from autograder.protocol.session import Session

LIMITS = QuestionLimits(seconds=60.0, memory_mib=2048)


def attempt_of(name: str, student_id: str | None = None, **changes: Any) -> Attempt:
    """An attempt in one zip archive, whose student has the same name unless another is given; "" is nobody."""
    student_id = name if student_id is None else student_id
    students = (Student(student_id),) if student_id else ()
    source = Source(Path("/somewhere") / f"{name}.zip", GivenName(f"{name}.zip"))
    attempt = Attempt(name, (source,), students, f"ID {student_id}", f"digest of {name}", Timing(), {})
    return replace(attempt, **changes)


def enter_marks(
    gradebook: Gradebook, attempt: Attempt, verdicts: Sequence[Verdict] = (), seconds: float = 1.0, listed: bool = False
) -> None:
    """Records an attempt with its students, who are on the roster if `listed`, and all of its verdicts."""
    gradebook.enter(attempt)
    gradebook.link(attempt.submission_id, [gradebook.put_person(one, listed) for one in attempt.students])
    gradebook.add_seconds(attempt.submission_id, seconds)
    for verdict in verdicts:
        gradebook.record(attempt.submission_id, verdict)


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
