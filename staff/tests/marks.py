"""How tests fill a gradebook: a submission with its verdicts, one after the other, as grading does it."""

from collections.abc import Sequence

from autograder.gradebook.gradebook import Gradebook
from autograder.intake.submission import Submission
from autograder.marking.verdict import Verdict


def enter_marks(gradebook: Gradebook, submission: Submission, verdicts: Sequence[Verdict], seconds: float) -> None:
    """Records a submission and all of its verdicts."""
    gradebook.enter(submission)
    gradebook.add_seconds(submission.submission_id, seconds)
    for verdict in verdicts:
        gradebook.record(submission.submission_id, verdict)
