"""Reads a notebook, however broken, into cells of plain Python.

nbconvert's PythonExporter turns magics and shell lines into Python; it runs once on a lean copy (sources alone), with
a random marker before each cell at which the script is split again. Each cell is parsed on its own, so that one bad
cell costs that cell alone. Lines keep their numbers: line 3 of `Cell.source` is line 3 of what the student sees.

Definitions in the bodies of cell magics such as `%%bash` and `%%writefile` are not seen; the timing magics are
unwrapped.
"""

import ast
import json
import re
import secrets
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, cast

from nbconvert.exporters import PythonExporter
from nbconvert.filters.strings import ipython2python
from nbformat.notebooknode import NotebookNode, from_dict

from autograder.worker.outputs import Shown, shown
from autograder.worker.statements import Bindings

TIMING_MAGIC = re.compile(r"[ \t]*%%(time|timeit|capture|prun)\b[^\n]*")
# A line that IPython may transform: magic, shell, help and call escapes, prompts, and an indented first line. Its
# tokenizing costs ten times the parsing, and most cells have no such line.
IPYTHON_LINE = re.compile(r"\A\s*^[ \t]+\S|^[ \t]*([%!?,;/]|>>>|\.\.\.|In ?\[)|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)
# IPython runs these without a leading %, if no variable has their name.
SHELL_LINE = re.compile(
    r"([ \t]*)(cd|ls|ll|cat|cp|mv|rm|mkdir|rmdir|pwd|pip3?|conda|apt|apt-get|git|wget|curl|unzip|tar|python3?|echo)\b"
)


class UnreadableNotebook(Exception):
    """The file is no notebook; the message says why, for the student."""


@dataclass
class Cell:
    """A code cell. `tree` is None if it does not parse; `error` and `error_line` (from 1) then say why and where.

    `shown` are its saved outputs.
    """

    number: int
    source: str
    text: str
    tree: ast.Module | None = None
    error: str = ""
    error_line: int = 0
    shown: Shown = field(default_factory=Shown)


@dataclass
class Notebook:
    """The code cells of a notebook, in order, and what they bind."""

    cells: list[Cell]

    @cached_property
    def bindings(self) -> Bindings:
        """The top-level statements of all the cells that parse."""
        return Bindings((cell.number, cell.tree) for cell in self.cells if cell.tree is not None)

    @property
    def definitions(self) -> dict[str, list[int]]:
        """Every name that the notebook binds, with the numbers of the code cells that bind it."""
        return self.bindings.cells()

    @property
    def unreadable(self) -> list[dict[str, Any]]:
        """The cells that do not parse: {"cell": number, "line": number, "error": message, "text": source line}."""
        return [
            {
                "cell": cell.number,
                "line": cell.error_line,
                "error": cell.error,
                "text": _line(cell.text, cell.error_line),
            }
            for cell in self.cells
            if cell.tree is None
        ]


def read(data: bytes) -> Notebook:
    """The notebook in the bytes of an .ipynb file of format 3 or 4, with or without BOM, valid or not.

    Raises UnreadableNotebook if the bytes are no JSON, or no notebook.
    """
    raw = _code_cells(data)
    sources = [_joined(cell.get("source", cell.get("input"))) for cell in raw]
    texts = [source.replace("\r\n", "\n").replace("\r", "\n") for source in sources]
    cells = [_parsed(number, *pair) for number, pair in enumerate(zip(texts, _exported(texts), strict=True), 1)]
    for cell, saved in zip(cells, raw, strict=True):
        cell.shown = shown(saved.get("outputs"))
    return Notebook(cells)


@cache
def exporter() -> PythonExporter:
    """The exporter, made once and ready for a process that may open no file: call it before forking."""
    make: Callable[..., PythonExporter] = PythonExporter
    made = make(exclude_input_prompt=True, default_preprocessors=[], filters={"ipython2python": _plain_python})
    made.environment.auto_reload = False  # a sandboxed child cannot look whether a template file has changed
    made.environment.auto_reload = False
    made.from_notebook_node(_lean(["%pwd"], "warm"))
    return made


def _code_cells(data: bytes) -> list[dict[str, Any]]:
    try:
        raw = json.loads(data.decode(json.detect_encoding(data), errors="replace"))
    except RecursionError:
        raise UnreadableNotebook("The file is nested too deeply to be a notebook.") from None
    except ValueError as error:
        reason = f"it is not valid JSON: {error}" if data.strip() else "it is empty"
        raise UnreadableNotebook(
            f"The file cannot be read as a notebook: {reason}. Save it again from Colab or Jupyter."
        ) from None
    cells = _cells_of(raw)
    if cells is None:
        raise UnreadableNotebook(
            "The file is JSON but no notebook: it has no list of cells. Save it again from Colab or Jupyter."
        )
    return [cell for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]


def _cells_of(raw: object) -> list[object] | None:
    """The cells of format 4 (`cells`) or 3 (`worksheets`, with `input` for `source`); None if there is no such list."""
    if not isinstance(raw, dict):
        return None
    if isinstance(raw.get("worksheets"), list):
        sheets = [sheet.get("cells") for sheet in raw["worksheets"] if isinstance(sheet, dict)]
        return [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    cells = raw.get("cells")
    return cells if isinstance(cells, list) else None


def _joined(source: object) -> str:
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


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
    """The cell without the timing magics on its first lines, whose bodies are ordinary code."""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if TIMING_MAGIC.fullmatch(line):
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
        not written[len(aligned)].strip() or TIMING_MAGIC.fullmatch(written[len(aligned)])
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


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    return lines[number - 1] if 0 < number <= len(lines) else ""
