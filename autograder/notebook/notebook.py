"""Reads a notebook, however broken, into cells of plain Python.

IPython turns magics and shell lines into Python (`notebook.magics`). Each cell is parsed on its own, so that one bad
cell costs that cell alone. Lines keep their numbers: line 3 of `Cell.source` is line 3 of what the student sees.

Definitions in the bodies of cell magics such as `%%bash` and `%%writefile` are not seen; magics that run their body
here are unwrapped. A cell of another type that holds a definition which no code cell has is read as code. What sets up
the check, and calls it, is left out.
"""

import ast
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from autograder.notebook.findings import Unreadable
from autograder.notebook.functions import give_announced_names_none
from autograder.notebook.given import drop_given
from autograder.notebook.magics import exported
from autograder.notebook.outputs import CellOutputs, shown
from autograder.notebook.raw import RawNotebook
from autograder.notebook.raw import UnreadableNotebook as UnreadableNotebook
from autograder.notebook.repair import Repair
from autograder.notebook.statements import Bindings

# IPython runs these without a leading %, if no variable has their name.
SHELL_LINE = re.compile(
    r"([ \t]*)(cd|ls|ll|cat|cp|mv|rm|mkdir|rmdir|pwd|pip3?|conda|apt|apt-get|git|wget|curl|unzip|tar|python3?|echo)\b"
)
_DEFINES = re.compile(r"^[ \t]*(?:def|class)[ \t]+(\w+)", re.MULTILINE)


@dataclass
class Cell:
    """A code cell. `tree` is None if it does not parse; `error` and `error_line` (from 1) then say why and where.

    `heading` is the one that it stands under, `shown` are its saved outputs.
    """

    number: int
    source: str
    text: str
    tree: ast.Module | None = None
    error: str = ""
    error_line: int = 0
    heading: str = ""
    shown: CellOutputs = field(default_factory=CellOutputs)


@dataclass(eq=False)
class Notebook:
    """The code cells of a notebook, in order, what they bind, what was repaired in the file, and its Python."""

    cells: list[Cell]
    repairs: list[Repair] = field(default_factory=list)
    python: str = ""

    @cached_property
    def bindings(self) -> Bindings:
        """The top-level statements of all the cells that parse."""
        lines = [cell.source.count("\n") + 1 for cell in self.cells]
        above = accumulate(lines, initial=0)
        cells = zip(self.cells, above, strict=False)
        return Bindings((cell.number, before, cell.tree) for cell, before in cells if cell.tree is not None)

    @cached_property
    def numbered(self) -> dict[int, Cell]:
        """The cells by their numbers, of which some may be left out."""
        return {cell.number: cell for cell in self.cells}

    @property
    def definitions(self) -> dict[str, list[int]]:
        """Every name that the notebook binds, with the numbers of the code cells that bind it."""
        return self.bindings.cells()

    @property
    def unreadable(self) -> list[Unreadable]:
        """The cells that do not parse."""
        return [
            Unreadable(cell.number, cell.error_line, cell.error, _line(cell.text, cell.error_line), _defined(cell.text))
            for cell in self.cells
            if cell.tree is None
        ]


def read(data: bytes) -> Notebook:
    """The notebook in the bytes of an .ipynb file of format 2, 3 or 4, with or without BOM, valid or not.

    Raises UnreadableNotebook if the bytes are no JSON, or no notebook.
    """
    raw = RawNotebook(data)
    texts = [source.replace("\r\n", "\n").replace("\r", "\n") for source in raw.sources]
    cells, given = parse_cells((number, text, exported(text)) for number, text in enumerate(texts, 1))
    for cell, heading, saved, is_given in zip(cells, raw.headings, raw.cells, given, strict=True):
        cell.heading, cell.shown = heading, CellOutputs() if is_given else shown(saved.get("outputs"))
    return Notebook(cells, raw.repairs, raw.python)


def parse_cells(cells: Iterable[tuple[int, str, str]]) -> tuple[list[Cell], list[bool]]:
    """The cells of some numbers, texts and their Python, without given statements, and which hold nothing else."""
    parsed = [_parsed(*cell) for cell in cells]
    rest = drop_given((cell.tree, cell.source) for cell in parsed)
    for cell, (source, _) in zip(parsed, rest, strict=True):
        cell.source = source
    return parsed, [is_given for _, is_given in rest]


def _parsed(number: int, text: str, source: str) -> Cell:
    """The cell, with its syntax tree or the reason why there is none. Shell lines without a `!` become `pass`."""
    lines = source.split("\n")
    while True:
        cell = Cell(number, "\n".join(lines), text)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                cell.tree = ast.parse(cell.source)
                give_announced_names_none(cell.tree)
            return cell
        except SyntaxError as error:
            cell.error, cell.error_line = error.msg, min(max(error.lineno or 1, 1), len(lines))
        except (RecursionError, MemoryError):
            cell.error, cell.error_line = "nested too deeply to be read", 1
        except ValueError as error:
            cell.error, cell.error_line = str(error), 1
        shell = SHELL_LINE.match(lines[cell.error_line - 1])
        if not shell:
            return cell
        lines[cell.error_line - 1] = f"{shell.group(1)}pass"


def _defined(text: str) -> tuple[str, ...]:
    """The names that a cell which does not parse would have defined, as far as its text tells."""
    return tuple(sorted(set(_DEFINES.findall(text))))


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    return lines[number - 1] if 0 < number <= len(lines) else ""
