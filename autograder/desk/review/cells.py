"""What a person reads of a submission to mark one question: read, pictures drawn anew, in a process that may be killed.

Functions that begin with `answer_` run in that process and return JSON.
"""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from autograder.course.manifest import Assignment
from autograder.desk.review.pictures import FORMATS, Painter
from autograder.intake.handout import Handout
from autograder.intake.source import Source
from autograder.intake.submission import load
from autograder.intake.texts import REPORT_FILE, texts_called
from autograder.notebook.outputs import shown
from autograder.notebook.prose import prose_of
from autograder.notebook.raw import RawNotebook, UnreadableNotebook
from autograder.notebook.text import one_line, plain
from autograder.sandbox.reader import Readers

MOST_LINES = 60  # of a cell's outputs, from their beginning and end
_MOST_CODE = 20_000  # characters of a cell
_MOST_TEXT = 200_000  # characters of a file or an answer in words
_MOST_FILES = 9  # of one name
_MOST_MARKUP = 4_000  # of an output that is markup
_MOST_CELLS = 60
_MARKUP = ("image/svg+xml", "text/html", "text/latex", "application/javascript")


@dataclass(frozen=True)
class Wanted:
    """Cells of a notebook: those that define `names`, stand under a heading of `question`, or `numbers`.

    Instead of them a `file` of the submission, or the markdown `text_under` a heading of any notebook.
    """

    notebook: str
    question: str
    names: Sequence[str]
    numbers: Sequence[int]
    file: str = ""
    text_under: str = ""


@dataclass(frozen=True)
class Cell:
    """A code cell: its place, its text, the lines that it shows and how many there are, and pictures as PNG files.

    Text that is no code, such as that of a file, has the number 0 and its place as heading.
    """

    number: int
    heading: str
    text: str
    lines: tuple[str, ...]
    total: int
    pictures: tuple[bytes, ...]


@dataclass(frozen=True)
class Reading:
    """What is read of a submission: the `cells` that are wanted, its `reports`, and all its words as `prose`."""

    cells: Sequence[Cell]
    reports: Sequence[Cell]
    prose: str


def read(readers: Readers, source: Source, assignment: Assignment, handout: Handout, wanted: Wanted) -> Reading:
    """What is wanted of a submission, and its words. Raises ReaderEnded, OSError."""
    with readers.borrow() as reader:
        told = reader.call(f"{__name__}:answer_reading", source, assignment, handout, vars(wanted), size=source.size)
    return Reading(_cells(told["cells"]), _cells(told["reports"]), plain(told["prose"], _MOST_TEXT))


def _cells(told: Sequence[dict[str, Any]]) -> list[Cell]:
    return [
        Cell(
            int(cell["number"]),
            one_line(cell["heading"]),
            plain(cell["text"], _MOST_CODE if cell["number"] else _MOST_TEXT),
            tuple(plain(line, _MOST_MARKUP) for line in cell["lines"]),
            int(cell["total"]),
            tuple(base64.b64decode(picture) for picture in cell["pictures"]),
        )
        for cell in told
    ]


def answer_reading(source: Source, assignment: Assignment, handout: Handout, wanted: dict[str, Any]) -> dict[str, Any]:
    """What `read` gives, read here."""
    which, notebooks = Wanted(**wanted), _notebooks(source, assignment, handout)
    reports = [_text(*one) for one in islice(texts_called(source, REPORT_FILE), _MOST_FILES)]
    if which.file:
        cells = [_text(*one) for one in islice(texts_called(source, which.file), _MOST_FILES)]
    elif which.text_under:
        cells = list(_texts(notebooks, which.text_under))
    else:
        cells = list(_code(notebooks.get(which.notebook), which))
    prose = "\n".join([*map(prose_of, notebooks.values()), *(str(one["text"]) for one in reports)])
    return {"cells": cells, "reports": reports, "prose": prose[: 2 * _MOST_TEXT]}


def _code(notebook: RawNotebook | None, which: Wanted) -> Iterator[dict[str, object]]:
    """The code cells that are wanted of a notebook."""
    painter = Painter()
    if notebook is None:
        return
    for number in _numbers(notebook, which):
        yield {
            "number": number,
            "heading": notebook.headings[number - 1],
            "text": notebook.sources[number - 1][: 2 * _MOST_CODE],
            **_outputs(notebook.cells[number - 1].get("outputs"), painter),
        }


def _texts(notebooks: Mapping[str, RawNotebook], heading: str) -> Iterator[dict[str, object]]:
    """The markdown cells under a heading, that with the heading among them."""
    for name, notebook in notebooks.items():
        yield from (_text(name, text) for under, text in notebook.markdown if under == heading)


def _notebooks(source: Source, assignment: Assignment, handout: Handout) -> dict[str, RawNotebook]:
    """The notebooks of a submission that can be read, by name."""
    notebooks = {}
    for name, content in load(source, "", assignment, handout, "unused").notebooks.items():
        with suppress(UnreadableNotebook):
            notebooks[name] = RawNotebook(content)
    return notebooks


def _text(heading: str, text: str) -> dict[str, object]:
    """Text that is no code, as the other side reads it."""
    return {"number": 0, "heading": heading, "text": text[: 2 * _MOST_TEXT], "lines": [], "total": 0, "pictures": []}


def _numbers(notebook: RawNotebook, wanted: Wanted) -> list[int]:
    names = "|".join(map(re.escape, wanted.names)) or "(?!)"
    defines = re.compile(rf"^[ \t]*(?:(?:def|class)[ \t]+)?(?:{names})[ \t]*[(:=]", re.MULTILINE)
    heading = re.compile(rf"(?<![\w-]){re.escape(wanted.question)}(?![\w-])")
    return [
        number
        for number, (text, under) in enumerate(zip(notebook.sources, notebook.headings, strict=True), start=1)
        if number in wanted.numbers or defines.search(text) or heading.search(under)
    ][:_MOST_CELLS]


def _outputs(outputs: object, painter: Painter) -> dict[str, object]:
    told = [line.text for line in shown(outputs).lines]
    pictures, markup = [], []
    for kind, value in _bundles(outputs):
        if kind in FORMATS and (picture := painter.redraw(kind, value)):
            pictures.append(picture)
        elif kind in FORMATS:
            markup.append("(a picture that cannot be shown)")
        elif kind in _MARKUP:
            markup.append(value[:_MOST_MARKUP])
    half = MOST_LINES // 2
    lines = told if len(told) <= MOST_LINES else [*told[:half], "…", *told[-half:]]
    return {"lines": lines + markup[:MOST_LINES], "total": len(told), "pictures": pictures}


def _bundles(outputs: object) -> Iterator[tuple[str, str]]:
    """What outputs show beside plain text: the kind, and the text that the file has for it."""
    for output in outputs if isinstance(outputs, list) else []:
        data = output.get("data") if isinstance(output, dict) else None
        for kind, value in data.items() if isinstance(data, dict) else ():
            text = "".join(one for one in value if isinstance(one, str)) if isinstance(value, list) else value
            if isinstance(kind, str) and isinstance(text, str):
                yield kind, text
