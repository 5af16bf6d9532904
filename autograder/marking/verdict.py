"""What a question yields for one submission."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from autograder.course.manifest import points_text
from autograder.marking.evidence import Evidence
from autograder.messages import join
from autograder.protocol.faults import OURS, Fault

MAX_LINES = 6  # of a message


class Diagnosis(StrEnum):
    """The diagnoses that no check gives, in the words of the reports; those of a student's code are `Fault`s."""

    NOTHING_HANDED_IN = "nothing was handed in"
    UNREADABLE_ARCHIVE = "unreadable archive"
    MISSING_NOTEBOOK = "missing notebook"
    NOT_GRADED = "not graded"
    NOT_KEPT = "not kept"  # by the grader, which tries again when grading goes on
    SANDBOX = "sandbox"  # it could not be asked, and is asked again when grading goes on
    GRADER_ERROR = "grader error"
    NOT_MEASURED = "not measured"
    NO_MODEL = "no model"
    WRONG_CHECKPOINT = "wrong checkpoint"
    TOO_FEW_MODELS = "too few models"
    RANK_PENDING = "rank pending"
    BELOW_THRESHOLD = "below the threshold"
    UNKNOWN_VALUE = "unknown value"  # which the notebook has on Colab alone
    BY_HAND = "marked by hand"
    WAITS = "waits for a person"  # who alone marks such a question


# The grader's fault: UNGRADED, and asked again by the next `grade`, which may be luckier.
ASKED_AGAIN = (Diagnosis.SANDBOX, Diagnosis.GRADER_ERROR, Diagnosis.NOT_KEPT, *sorted(OURS))

# Nothing was marked, since what was handed in, or a notebook in it, cannot be read or was not kept.
UNREAD = (Diagnosis.UNREADABLE_ARCHIVE, Diagnosis.NOT_KEPT, Fault.UNREADABLE_NOTEBOOK)


class State(StrEnum):
    """How a question ended; UNGRADED says that the grader, not the student, is at fault or in doubt."""

    PASS = "PASS"
    PARTIAL = "PARTIAL"
    FAIL = "FAIL"
    UNGRADED = "UNGRADED"


@dataclass(frozen=True)
class Verdict:
    """The mark of one question, with the reason for it.

    `diagnosis` is a short key that can be counted over a class ("gates exchanged", "time limit", "not written");
    `message` is what the student reads, at most six lines; its language is chosen when it is shown. `figure` is what
    was claimed or measured ("66.10 %"), where the question is about one. `flags` are reasons for a teaching assistant
    to look at it; they cost nothing.
    `evidence` is what a page shows beside the message; verdicts that differ in nothing else are equal.
    """

    question: str
    points: float
    max_points: float
    state: State
    diagnosis: str = ""
    message: str = ""
    figure: str = ""
    flags: tuple[str, ...] = ()
    evidence: Evidence = field(default=Evidence(), compare=False)

    @classmethod
    def scored(
        cls, question: str, points: float, max_points: float, diagnosis: str = "", message: str = ""
    ) -> "Verdict":
        """A verdict whose state follows from its points."""
        state = State.PASS if points >= max_points else State.PARTIAL if points > 0 else State.FAIL
        return cls(question, points, max_points, state, diagnosis, message)

    @classmethod
    def ungraded(cls, question: str, max_points: float, diagnosis: str, message: str) -> "Verdict":
        """A question that a teaching assistant has to mark: neither zero nor full marks are given."""
        return cls(question, 0.0, max_points, State.UNGRADED, diagnosis, message)

    @property
    def points_shown(self) -> str:
        """The points as tables and pages show them; a question mark where a teaching assistant has to give them."""
        return "?" if self.state is State.UNGRADED else points_text(self.points)

    @property
    def diagnoses(self) -> tuple[str, ...]:
        """The diagnoses of all checks, one by one, and of mistakes that were made at once."""
        return tuple(part for one in self.diagnosis.split(", ") for part in one.split(" + ") if part)

    def flagged(self, flag: str) -> "Verdict":
        """The verdict with one more reason to look at it."""
        return replace(self, flags=(*self.flags, flag))


def sum_verdicts(parts: Sequence[Verdict]) -> Verdict:
    """The verdict of a question from those of its checks."""
    if len(parts) == 1:
        return parts[0]
    question, most = parts[0].question, sum(part.max_points for part in parts)
    message = join(dict.fromkeys(part.message for part in parts if part.message))
    diagnosis = ", ".join(dict.fromkeys(part.diagnosis for part in parts if part.diagnosis))
    for again in ASKED_AGAIN:  # then all of it is
        if any(part.diagnosis == again for part in parts):
            diagnosis = str(again)
            break
    if any(part.state is State.UNGRADED for part in parts):
        added = Verdict.ungraded(question, most, diagnosis, message)
    else:
        added = Verdict.scored(question, sum(part.points for part in parts), most, diagnosis, message)
    figure = ", ".join(dict.fromkeys(part.figure for part in parts if part.figure))
    flags = tuple(dict.fromkeys(flag for part in parts for flag in part.flags))
    evidence = next((part.evidence for part in parts if part.evidence != Evidence()), Evidence())
    return replace(added, figure=figure, flags=flags, evidence=evidence)
