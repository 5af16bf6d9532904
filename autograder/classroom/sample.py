"""Which students of a class are in a sample, for what would take too long for all."""

import hashlib
from collections.abc import Sequence

from autograder.intake.attempts import Attempt


def sample_of(attempts: Sequence[Attempt], percent: float, seed: int) -> list[Attempt]:
    """About `percent` of the attempts, at least one if there are any; the same ones for the same seed.

    Each student is drawn apart from the others, so that a late one changes nobody's place. Nobody who does not know the
    seed can tell who is drawn.
    """
    places = {one.submission_id: _place(seed, _drawn(one)) for one in attempts}
    limit = max(percent / 100, min(places.values(), default=0.0))
    return [one for one in attempts if places[one.submission_id] <= limit]


def _drawn(attempt: Attempt) -> str:
    """Who is drawn: the students, where they are known."""
    return ", ".join(student.student_id for student in attempt.students) or attempt.submission_id


def _place(seed: int, student: str) -> float:
    """A number in [0, 1) that only the seed and the student decide."""
    digest = hashlib.sha256(f"sample/{seed}/{student}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
