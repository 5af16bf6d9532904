"""Hostile cases as the doctor sees them: what each does, what must become of it, and where the course keeps them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.checks.case import make_importable

Whereabouts = Mapping[str, Any]  # where the doctor has planted what; JSON


@dataclass(frozen=True)
class Hostile:
    """One attack.

    `code` stands inside the graded function, after a line that makes the answer zeros. It finds the doctor's canaries
    in the dictionary `CANARY`, prints what it read, and prints `CANARY["flag"]` when it did what no canary can tell.
    `cells` stand before it. Or `notebook` makes the whole file, or `model` a saved model that is read in its place. The
    verdict must have one of the diagnoses `ends`, if there are any, or say that the time was up. `works_unconfined`
    says that the attempt succeeds where only limits hold, which proves it to be real.
    """

    name: str
    threat: str
    code: str = ""
    cells: tuple[str, ...] = ()
    notebook: Callable[[], bytes] | None = None
    model: Callable[[], bytes] | None = None
    ends: tuple[str, ...] = ()
    works_unconfined: bool = False


@dataclass(frozen=True)
class Corpus:
    """The attacks, and what they stand in.

    All of them are put to the question `question` of one notebook of an assignment. `write` makes the file of a case.
    `good` is right and prints what it sees around it; `neighbour` leaves a secret in its working folder, prints where
    that is, and is right, too.
    """

    assignment: str
    notebook: str
    question: str
    cases: tuple[Hostile, ...]
    write: Callable[[Hostile, Whereabouts], bytes]
    good: bytes
    neighbour: Callable[[str], bytes]  # of the secret


def load_corpus(root: Path) -> Corpus:
    """The course's corpus, which lies beside its sample classes."""
    make_importable(root / "staff" / "submissions")
    from hostile.corpus import corpus

    return corpus(root)
