"""What a student earns: one total for each person of a class, and each step that led to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from autograder.intake.roster import Student
from autograder.marking.verdict import State, Verdict


@dataclass(frozen=True)
class StudentGrade:
    """One student's mark.

    `verdicts` are those of the attempt that counts, in the order of the manifest. `earned` is the sum of their points;
    `repairs`, `late` and `adjusted` are the points that each step takes (below 0) or gives. `open_questions` are for a
    person to answer, such as whose a file is. `attempt` names the attempt that counts, "" if there is none, `sources`
    its files as they were downloaded. `excused` students have no mark at all.
    """

    student: Student
    verdicts: Sequence[Verdict]
    earned: Decimal
    repairs: Decimal
    late: Decimal
    adjusted: Decimal
    total: Decimal
    open_questions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    attempt: str = ""
    sources: tuple[str, ...] = ()
    excused: bool = False

    @property
    def ungraded(self) -> int:
        """How many questions are UNGRADED."""
        return sum(verdict.state is State.UNGRADED for verdict in self.verdicts)

    @property
    def ready(self) -> bool:
        """Whether the mark may leave the house: nothing is UNGRADED, and no question is open."""
        return not self.ungraded and not self.open_questions
