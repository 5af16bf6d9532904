"""What one run of a whole notebook in the sandbox leaves behind: errors, claims, trained models."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograder.notebook.claims.model import CellSummary, SavedOutputs
from autograder.protocol.frames import MalformedFrame, Reference, decode


@dataclass(frozen=True)
class RunReport:
    """What the student's process tells of a run.

    `stopped` says that the budget ended it, `errors` which cells raised what, `printed` what each cell printed, `saved`
    what a reader makes of that. `models` are the instances of each class that was asked for, with whether they were
    trained; trained ones come last.
    """

    stopped: bool
    errors: Sequence[tuple[int, str]]
    printed: Sequence[tuple[int, str]]
    saved: SavedOutputs
    models: dict[str, list[tuple[Reference, bool]]]

    @classmethod
    def from_wire(cls, data: dict[str, Any], kinds: Sequence[str]) -> "RunReport":
        """What the student's process sent of a run that was asked for the instances of `kinds`."""
        models = [
            [(_reference(one), bool(trained)) for one, trained in listed] for listed in decode(data["models"], {})
        ]
        return cls(
            bool(data["stopped"]),
            _pairs(data["errors"]),
            _pairs(data["printed"]),
            SavedOutputs.from_wire(data["saved"]),
            dict(zip(kinds, models, strict=True)),
        )

    @property
    def epoch(self) -> str:
        """The last epoch that was logged, in words; "" if that is not known."""
        logs = [one for one in self.saved.cells if one.logged]
        return _progress(logs[-1]) if logs else ""


def _progress(log: CellSummary) -> str:
    return f"epoch {log.logged} of {log.asked}" if log.asked else f"epoch {log.logged}"


def _pairs(values: Any) -> list[tuple[int, str]]:
    return [(int(number), str(text)) for number, text in values]


def _reference(value: object) -> Reference:
    if not isinstance(value, Reference):
        raise MalformedFrame("a model that is none")
    return value
