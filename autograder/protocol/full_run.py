"""One run of a whole notebook in the sandbox, and what it leaves behind: errors, claims, trained models."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.notebook.claims.model import CellSummary, SavedOutputs, saved_outputs_from_wire
from autograder.protocol import frames
from autograder.protocol.faults import StudentError
from autograder.protocol.session import Session
from autograder.protocol.student import Handle

NO_RULES: dict[str, Any] = {"forbid": [], "allow_layers": None, "allow_modules": None}
SEED = 0  # of what a notebook does not seed itself


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
    models: dict[str, list[tuple[Handle, bool]]]

    @property
    def epoch(self) -> str:
        """The last epoch that was logged, in words; "" if that is not known."""
        logs = [one for one in self.saved.cells if one.logged]
        return _progress(logs[-1]) if logs else ""


def _progress(log: CellSummary) -> str:
    return f"epoch {log.logged} of {log.asked}" if log.asked else f"epoch {log.logged}"


def run_fully(session: Session, directory: Path, seconds: float, kinds: Sequence[str]) -> RunReport:
    """Runs the notebook of a session on a data directory. Its names answer calls afterwards, as those of a notebook do.

    `seconds` is the wall time after which the run is interrupted; the session needs some more. `kinds` are names of
    classes. Raises StudentError, WorkerFailure.
    """
    session.begin(NO_RULES, SEED)
    request = {"op": "rerun", "data": str(directory), "seconds": seconds, "kinds": list(kinds)}
    reply, _ = session.exchange(request)
    try:
        found = frames.decode(reply["models"], {}, lambda one: Handle(session, one.number, one.kind, one.kind))
        return RunReport(
            bool(reply["stopped"]),
            _pairs(reply["errors"]),
            _pairs(reply["printed"]),
            saved_outputs_from_wire(reply["claims"]),
            {kind: [(_handle(one), bool(trained)) for one, trained in listed]
             for kind, listed in zip(kinds, found, strict=True)},
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, frames.MalformedFrame):
        raise StudentError("the run sent what makes no sense", "malformed reply") from None


def _pairs(values: Any) -> list[tuple[int, str]]:
    return [(int(number), str(text)) for number, text in values]


def _handle(value: object) -> Handle:
    if not isinstance(value, Handle):
        raise TypeError(type(value).__name__)
    return value
