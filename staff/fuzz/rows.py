"""The only place where fuzzing uses the interfaces of grading and of the gradebook."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

from autograder.classroom.marker import Marker
from autograder.course.course import Course
from autograder.course.manifest import project_root
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.submission import Submission
from autograder.marking.verdict import Verdict
from autograder.sandbox import Sandbox

ROOT = project_root()
SECONDS = 10.0  # of wall time for one question


def row_of(gradebook: Gradebook, loaded: Submission, course: Course, fork: Callable[..., Any]) -> Sequence[Verdict]:
    """Marks a submission by workers that `fork` makes, records it, and returns the verdicts that were recorded."""
    sandbox = cast(Sandbox, SimpleNamespace(fork=fork))  # nothing else of a sandbox is used to mark code
    Marker(ROOT, course, gradebook, lambda: None).mark(loaded, sandbox)
    labels = {check.question for checks in course.questions.values() for check in checks}
    return [verdict for verdict in gradebook.verdicts(loaded.submission_id) if verdict.question in labels]
