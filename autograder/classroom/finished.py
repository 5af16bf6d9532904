"""A class in which nothing is left to mark, known again by hashes of files: going on with it imports no torch.

What is left is known exactly once the checks and cases of the course are loaded. Only where nothing at all has changed
since nothing was left, no file of the course or of the grader and nothing that was handed in, this is not needed.
"""

from collections.abc import Sequence
from pathlib import Path

from autograder.classroom.progress import ClassProgress
from autograder.course.fingerprints import files_version, fingerprint
from autograder.course.manifest import Assignment
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import grades_of
from autograder.intake.attempts import Attempt
from autograder.pages import student_page


class FinishedClass:
    """Whether nothing is left of some attempts, as the gradebook remembers it; `seed` is that of the secret cases."""

    def __init__(
        self, root: Path, assignment: Assignment, gradebook: Gradebook, seed: int | None, attempts: Sequence[Attempt]
    ) -> None:
        limits = repr((assignment.limits, sorted(assignment.question_limits.items())))
        self._course = fingerprint(files_version(root), limits, str(seed))
        self._gradebook = gradebook
        self._attempts = attempts

    @property
    def is_known(self) -> bool:
        """Whether all is as it was when nothing was left."""
        return self._gradebook.finished == self._state()

    def remember(self) -> None:
        """Keeps that nothing is left."""
        self._gradebook.keep_finished(self._state())

    def _state(self) -> str:
        """The hash of the course, of what was handed in, and of what the marks depended on when they were made."""
        parts = [self._course]
        for one in self._attempts:
            keys = sorted(self._gradebook.keys(one.submission_id).items())
            parts.append(repr((one.submission_id, one.digest, one.state, one.error, *keys)))
        return fingerprint(*parts)


def write_pages(gradebook: Gradebook, attempts: Sequence[Attempt], progress: ClassProgress) -> None:
    """Brings the pages of submissions up to date that need no sandbox, since none is left to be marked."""
    if attempts:
        grades_of(gradebook)  # all at once, which the pages then find
    for attempt in attempts:
        student_page.try_student_page(gradebook, attempt.submission_id)
        progress.end(attempt.submission_id, gradebook.verdicts(attempt.submission_id))
