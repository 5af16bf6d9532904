"""The code cells of a notebook as the student sees them: under which heading each stands, and its lines."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.messages import join, say
from autograder.notebook.text import one_line
from autograder.notebook.wire import Wire

MOST_CHARACTERS = 300_000  # of all cells that are listed with their lines; no homework comes near
_MOST_HEADING = 80
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(\S.*)")
_FENCE = re.compile(r"[ \t]*(```|~~~)")
# "(10 points)", "[3 pts]", "[3점]"
_WORTH = re.compile(r"[ \t]*[(\[][^()\[\]]*(?:\b(?:pts?|points?)\b|\d\s?점)[^()\[\]]*[)\]]$")
_MARKUP = re.compile(r"\*\*|__|`|[ \t]+#+[ \t]*$")


@dataclass(frozen=True)
class Listing(Wire):
    """A code cell: its number among the code cells, from 1, the heading above it, "" without one, and its lines."""

    number: int
    heading: str
    lines: Sequence[str]


def listings(cells: Iterable[tuple[int, str, str]]) -> list[Listing]:
    """The cells of a notebook, by number, heading and text; those beyond MOST_CHARACTERS come without lines."""
    listed, left = [], MOST_CHARACTERS
    for number, heading, text in cells:
        left -= len(text)
        listed.append(Listing(number, heading, text.split("\n") if left >= 0 else ()))
    return listed


def headings(cells: Iterable[dict[str, Any]], texts: Iterable[str]) -> Iterator[str]:
    """For each cell, of any type, the last heading in the markdown above it."""
    heading = ""
    for cell, text in zip(cells, texts, strict=True):
        if cell.get("cell_type") == "markdown":
            heading = last_heading(text) or heading
        yield heading


def last_heading(markdown: str) -> str:
    """The last heading of a text without markup and without what the question is worth; "" if there is none."""
    heading, fenced = "", False
    for line in markdown.splitlines():
        fenced ^= _FENCE.match(line) is not None
        match = None if fenced else _HEADING.fullmatch(line)
        if match:
            heading = match[1]
    return one_line(_WORTH.sub("", _MARKUP.sub("", heading)), _MOST_HEADING)


def place_text(heading: str, cell: int, line: int = 0, text: str = "") -> str:
    """A place in words: "under 'Batches', code cell 5, line 3: return x". What is not known is left out."""
    heading = one_line(heading, _MOST_HEADING)
    parts = [
        say("under '{heading}'", heading=heading) if heading else "",
        say("code cell {cell}", cell=cell) if cell else "",
        say("line {line}", line=line) if line else "",
    ]
    words = join([part for part in parts if part], ", ")
    return say("{place}: {text}", place=words, text=text.strip()) if words and text.strip() else words
