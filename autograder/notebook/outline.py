"""What is read of a notebook before any student code runs: made in the student's process, told to the grader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from autograder.notebook.claims.model import SavedOutputs
from autograder.notebook.claims.reader import claims
from autograder.notebook.findings import Unreadable
from autograder.notebook.notebook import Notebook
from autograder.notebook.repair import Repair
from autograder.notebook.usage import Usage, usages

MOST_REPAIRS = 10  # of one notebook


@dataclass(frozen=True)
class Outline:
    """A notebook as its reader describes it.

    `definitions` maps names to the code cells that bind them, `unreadable` are the cells that do not parse, `usages`
    say what each statement uses, `saved` what the saved outputs show, `repairs` what was mended in the file.
    """

    definitions: Mapping[str, Sequence[int]] = field(default_factory=dict)
    unreadable: Sequence[Unreadable] = ()
    usages: Sequence[Usage] = ()
    saved: SavedOutputs = SavedOutputs()
    repairs: Sequence[Repair] = ()

    @classmethod
    def of(cls, notebook: Notebook) -> Self:
        """The outline of a notebook that was read."""
        return cls(notebook.definitions, notebook.unreadable, usages(notebook), claims(notebook), notebook.repairs)

    def to_wire(self) -> dict[str, Any]:
        """The outline as JSON."""
        return {
            "definitions": self.definitions,
            "unreadable": [cell.to_wire() for cell in self.unreadable],
            "usages": [usage.to_wire() for usage in self.usages],
            "claims": self.saved.to_wire(),
            "repairs": [repair.to_wire() for repair in self.repairs],
        }

    @classmethod
    def from_wire(cls, data: Any) -> Self:
        """What `to_wire` made. Raises TypeError, ValueError, KeyError or AttributeError for any other form."""
        return cls(
            {str(name): [int(cell) for cell in cells] for name, cells in data["definitions"].items() if cells},
            [Unreadable.from_wire(cell) for cell in data["unreadable"]],
            [Usage.from_wire(usage) for usage in data["usages"]],
            SavedOutputs.from_wire(data["claims"]),
            [Repair.from_wire(repair) for repair in data["repairs"][:MOST_REPAIRS]],
        )
