"""A CSV file as bytes: each cell knows its place, and is replaced there, so that every other byte stays as it was."""

import codecs
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course.sizes import MIB
from autograder.exports.refusal import ExportError
from autograder.intake.member import decoded
from autograder.intake.table import TableError, read_content

MAX_BYTES = 16 * MIB
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_QUOTED = r'"([^"]*+(?:""[^"]*+)*+)"'  # possessive, so that half of a doubled quote never closes the cell
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Cell:
    """One cell: the bytes from `start` to `end`, and what they say."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Row:
    """One record: the bytes from `start` to `end`, its line end included. `line` is counted from 1."""

    line: int
    start: int
    end: int
    cells: tuple[Cell, ...]

    def text(self, column: int | None) -> str:
        """What a cell says, without blanks around it; "" where there is none."""
        return self.cells[column].text.strip() if column is not None and column < len(self.cells) else ""


class Sheet:
    """A CSV file with a header: separated by commas, semicolons or tabs; in UTF-8, UTF-16 or the code page of a PC."""

    def __init__(self, name: str, content: bytes) -> None:
        """Raises ExportError: it is no text, has no header, or a quote is never closed."""
        self.name, self.content = name, content
        mark = next((mark for mark in _MARKS if content.startswith(mark)), b"")
        self._encoding = _MARKS.get(mark, "")
        if not self._encoding:
            if b"\0" in content:
                raise ExportError(f"{name}: is no CSV file; expected the file as the LMS exports it")
            # Whatever the code page, all that is looked for is ASCII, or one of these two.
            fitting = (one for one in ("utf-8", "cp949") if decoded(content, one) is not None)
            self._encoding = next(fitting, "latin-1")
        self._width = 2 if self._encoding.startswith("utf-16") else 1
        units, first = _units(content, self._encoding), len(mark) // self._width
        self.delimiter = _delimiter(units[first:])
        self.rows = list(self._rows(units, first))
        if not self.rows:
            raise ExportError(f"{name}: is empty; expected a header, and a line for each student")

    @property
    def header(self) -> list[str]:
        """What the columns are called."""
        return [cell.text.strip() for cell in self.rows[0].cells]

    def filled(self, texts: Mapping[tuple[int, int], str], without: Collection[int] = ()) -> bytes:
        """The file with other texts in some cells, by line and column, and without some lines.

        Each line is named by the number that its row has.
        """
        pieces, done = [], 0
        for row in self.rows:
            if row.line in without:
                pieces.append(self.content[done : row.start])
                done = row.end
                continue
            for column, cell in enumerate(row.cells):
                if (text := texts.get((row.line, column))) is not None:
                    pieces += [self.content[done : cell.start], self._encoded(text, cell)]
                    done = cell.end
        return b"".join([*pieces, self.content[done:]])

    def _encoded(self, text: str, cell: Cell) -> bytes:
        """A text as its cell holds it: quoted if the cell was, or if it has to be."""
        quoted = any(sign in text for sign in (self.delimiter, '"', "\r", "\n"))
        if quoted or self._decoded(cell.start, cell.end).startswith('"'):
            text = '"' + text.replace('"', '""') + '"'
        # A code page may have been guessed wrong, but all of them agree on ASCII.
        encoding = self._encoding if self._encoding.startswith("utf") else "ascii"
        return text.encode(encoding, "xmlcharrefreplace")

    def _decoded(self, start: int, end: int) -> str:
        return self.content[start:end].decode(self._encoding, "replace")

    def _rows(self, units: str, place: int) -> Iterator[Row]:
        apart = re.escape(self.delimiter)
        plain, quoted = re.compile(rf"[^{apart}\r\n]*"), re.compile(rf"{_QUOTED}([^{apart}\r\n]*)")
        line, cells, start = 1, list[Cell](), place
        while place < len(units):
            pattern = quoted if units[place] == '"' else plain
            match = pattern.match(units, place)
            if match is None:
                raise ExportError(f"{self.name}, line {line}: a quote that is never closed")
            place = match.end()
            cells.append(self._cell(match, pattern is quoted))
            if units[place : place + 1] == self.delimiter:
                place += 1
                if place < len(units) and units[place] not in "\r\n":
                    continue
                cells.append(Cell(place * self._width, place * self._width, ""))
            place += len(end[0]) if (end := _LINE_END.match(units, place)) else 0
            if len(cells) > 1 or cells[0].text.strip():
                yield Row(line, start * self._width, place * self._width, tuple(cells))
            line += len(_LINE_END.findall(units, start, place))
            cells, start = [], place

    def _cell(self, match: re.Match[str], quoted: bool) -> Cell:
        start, end = match.start() * self._width, match.end() * self._width
        text = self._decoded(start, end)
        if quoted and (inside := re.fullmatch(rf"{_QUOTED}(.*)", text, re.DOTALL)):
            text = inside[1].replace('""', '"') + inside[2]
        return Cell(start, end, text)


def read_sheet(path: Path) -> Sheet:
    """The CSV file at `path`. Raises ExportError."""
    try:
        return Sheet(str(path), read_content(path, MAX_BYTES))
    except TableError as error:
        raise ExportError(str(error)) from None


def comparable(text: str) -> str:
    """A title or a name without what may differ between two spellings of it: case, blanks, Unicode's forms."""
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()


def _units(content: bytes, encoding: str) -> str:
    """A character for each byte, or for each two of UTF-16: what separates cells is the same in all code pages."""
    if not encoding.startswith("utf-16"):
        return content.decode("latin-1")
    low, high = (0, 1) if encoding.endswith("le") else (1, 0)
    return "".join(chr(one | two << 8) for one, two in zip(content[low::2], content[high::2], strict=False))


def _delimiter(units: str) -> str:
    """What follows the first cell: no system puts a separator into the first name of its header."""
    match = re.match(rf"(?:{_QUOTED}|[^,;\t\r\n]*)([,;\t])", units)
    return match[2] if match else ","
