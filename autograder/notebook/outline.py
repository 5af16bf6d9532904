"""What is read of a notebook before any student code runs: made in the student's process, told to the grader."""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any, Self

from autograder.notebook.claims.model import SavedOutputs
from autograder.notebook.claims.reader import claims
from autograder.notebook.execution import EVERYTHING, order_sensitive
from autograder.notebook.findings import Unreadable
from autograder.notebook.functions import Function, functions_of
from autograder.notebook.listing import Listing, listings, place_text
from autograder.notebook.notebook import Notebook
from autograder.notebook.repair import Repair
from autograder.notebook.side_effects import impure_names, may_have_side_effects
from autograder.notebook.usage import Usage, attributes_by_class, usages
from autograder.notebook.wire import Wire

MOST_REPAIRS = 10  # of one notebook


@dataclass(frozen=True)
class Outline(Wire):
    """A notebook as its reader describes it.

    `definitions` maps names to the code cells that bind them, `unreadable` are the cells that do not parse, `usages`
    say what each statement uses, `saved` what the saved outputs show, `repairs` what was repaired in the file,
    `order_sensitive` names whose value depends on the order in which cells run, `functions` which of them do nothing,
    `attributes` which attributes each top-level class uses, and under "" all other code, `python` the version that ran
    it last, such as "3.12", or "", `cells` the code cells as they stand there, `impure` names whose statements may
    change what is not theirs.
    """

    definitions: Mapping[str, Sequence[int]] = field(default_factory=dict)
    unreadable: Sequence[Unreadable] = ()
    usages: Sequence[Usage] = ()
    saved: SavedOutputs = SavedOutputs()
    repairs: Sequence[Repair] = ()
    order_sensitive: Sequence[str] = ()
    functions: Sequence[Function] = ()
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    python: str = ""
    cells: Sequence[Listing] = ()
    impure: Sequence[str] = (EVERYTHING,)

    @classmethod
    def of(cls, notebook: Notebook) -> Self:
        """The outline of a notebook that was read."""
        trees = [(cell.number, cell.tree) for cell in notebook.cells if cell.tree is not None]
        return cls(
            notebook.definitions,
            notebook.unreadable,
            usages(notebook),
            claims(notebook),
            notebook.repairs,
            order_sensitive(notebook),
            functions_of(trees),
            attributes_by_class(tree for _, tree in trees),
            notebook.python,
            listings((cell.number, cell.heading, cell.text) for cell in notebook.cells),
            impure_names(notebook),
        )

    def cell(self, number: int) -> Listing:
        """The code cell of a number; an empty one for a number that no cell has."""
        return next((cell for cell in self.cells if cell.number == number), Listing(number, "", ()))

    def place(self, cell: int, line: int = 0, text: str = "") -> str:
        """A place in the notebook as messages tell it; see `place_text`."""
        return place_text(self.cell(cell).heading, cell, line, text)

    def may_have_side_effects(self, names: Iterable[str], given: AbstractSet[str]) -> bool:
        """Whether the code of some names may leave something in its process, as far as they are not given."""
        return may_have_side_effects(names, given, self.usages, self.definitions, self.impure)

    @property
    def newer_python(self) -> str:
        """The Python that ran the notebook last, if it is newer than this one; else ""."""
        version = tuple(map(int, self.python.split("."))) if re.fullmatch(r"3\.\d{1,2}", self.python) else (0, 0)
        return self.python if version > sys.version_info[:2] else ""

    @classmethod
    def from_wire(cls, data: Any) -> Self:
        """What `to_wire` made. Raises TypeError, ValueError, KeyError or AttributeError for any other form."""
        told = super().from_wire(data)
        definitions = {name: cells for name, cells in told.definitions.items() if cells}
        return replace(told, definitions=definitions, repairs=told.repairs[:MOST_REPAIRS])
