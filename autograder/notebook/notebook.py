"""Reads a notebook, however broken, into cells of plain Python.

nbconvert's PythonExporter turns magics and shell lines into Python; it runs once on a lean copy (sources alone), with
a random marker before each cell at which the script is split again. Each cell is parsed on its own, so that one bad
cell costs that cell alone. Lines keep their numbers: line 3 of `Cell.source` is line 3 of what the student sees.

Definitions in the bodies of cell magics such as `%%bash` and `%%writefile` are not seen; magics that run their body
here are unwrapped. A cell of another type that holds a definition which no code cell has is read as code. What sets up
the check, and calls it, is left out.
"""

import ast
import re
import secrets
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import accumulate
from typing import Any, cast

from nbconvert.exporters import PythonExporter
from nbconvert.filters.strings import ipython2python
from nbformat.notebooknode import NotebookNode, from_dict

from autograder.notebook.findings import Unreadable
from autograder.notebook.functions import give_announced_names_none
from autograder.notebook.given import drop_given
from autograder.notebook.outputs import CellOutputs, shown
from autograder.notebook.raw import RawNotebook
from autograder.notebook.raw import UnreadableNotebook as UnreadableNotebook
from autograder.notebook.repair import Repair
from autograder.notebook.statements import Bindings

# Cell magics whose body runs elsewhere, or is no Python; all others time, profile, log or silence it.
_OTHER_MAGIC = """
    bash sh script shell system sx cmd perl ruby python python2 python3 pypy cython R julia sql bigquery html HTML
    javascript js latex markdown svg writefile file skip
"""
BODY_MAGIC = re.compile(rf"[ \t]*%%(?!(?:{'|'.join(_OTHER_MAGIC.split())})\b)\w+[^\n]*")
# A line that IPython may transform: magic, shell, help and call escapes, prompts, and an indented first line. Its
# tokenizing costs ten times the parsing, and most cells have no such line.
IPYTHON_LINE = re.compile(r"\A\s*^[ \t]+\S|^[ \t]*([%!?,;/]|>>>|\.\.\.|In ?\[)|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)
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


@dataclass
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
    cells = [_parsed(number, *pair) for number, pair in enumerate(zip(texts, _exported(texts), strict=True), 1)]
    rest = drop_given((cell.tree, cell.source) for cell in cells)
    for cell, heading, saved, (source, is_given) in zip(cells, raw.headings, raw.cells, rest, strict=True):
        cell.heading, cell.source = heading, source
        cell.shown = CellOutputs() if is_given else shown(saved.get("outputs"))
    return Notebook(cells, raw.repairs, raw.python)


@cache
def exporter() -> PythonExporter:
    """The exporter, made once and ready for a process that may open no file: call it before forking."""
    make: Callable[..., PythonExporter] = PythonExporter
    made = make(exclude_input_prompt=True, default_preprocessors=[], filters={"ipython2python": _plain_python})
    made.environment.auto_reload = False  # a sandboxed child cannot look whether a template file has changed
    made.from_notebook_node(_lean(["%pwd"], "warm"))
    return made


def _lean(sources: list[str], marker: str) -> NotebookNode:
    """A notebook of nothing but the code, with a marker in a markdown cell before each cell."""
    cells: list[dict[str, Any]] = []
    for number, source in enumerate(sources, 1):
        cells.append({"cell_type": "markdown", "metadata": {}, "source": f"{marker} {number}"})
        cells.append({"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None})
    as_node = cast("Callable[[object], NotebookNode]", from_dict)
    return as_node({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})


def _exported(texts: list[str]) -> list[str]:
    """The cells as Python, line for line."""
    marker = f"cell-{secrets.token_hex(16)}"
    script, _ = exporter().from_notebook_node(_lean([_unwrapped(text) for text in texts], marker))
    parts = re.split(rf"^# {marker} \d+$", script, flags=re.MULTILINE)[1:]
    return [_aligned(part.strip("\n"), text) for part, text in zip(parts, texts, strict=True)]


def _unwrapped(text: str) -> str:
    """The cell without the magics on its first lines whose bodies are ordinary code."""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if BODY_MAGIC.fullmatch(line):
            lines[place] = ""
        elif line.strip():
            break
    return "\n".join(lines)


def _plain_python(source: str) -> str:
    """nbconvert's filter without its cost for plain cells and its errors: what IPython cannot transform stays."""
    if not IPYTHON_LINE.search(source):
        return source
    try:
        return cast("Callable[[str], str]", ipython2python)(source)
    except Exception:  # a tokenizer in doubt; the parser names the line afterwards
        return source


def _aligned(exported: str, text: str) -> str:
    """The exported cell with the lines put back that IPython drops: blank ones at the top, continuations of a magic."""
    written = text.split("\n")
    aligned: list[str] = []
    while len(aligned) < len(written) and (
        not written[len(aligned)].strip() or BODY_MAGIC.fullmatch(written[len(aligned)])
    ):
        aligned.append("")
    for line in exported.split("\n"):
        place = len(aligned)
        aligned.append(line)
        if "get_ipython()" in line:
            while place < len(written) and line != written[place] and written[place].endswith("\\"):
                place += 1
                aligned.append("")
    return "\n".join(aligned[: len(written)])


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
