"""A CSV file as an LMS or a spreadsheet exports it."""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.intake.member import decoded
from autograder.notebook.text import one_line

MAX_BYTES = 4 << 20
_DELIMITERS = ",;\t"
_NUMBER_AT_THE_END = re.compile(r"(?:.*\D)?(\d+)")


class TableError(ValueError):
    """The file cannot be used; the message names the file, the line and what is expected there."""


@dataclass(frozen=True)
class Table:
    """A file with a header: `rows` are the lines below it that are not empty, with their numbers."""

    path: Path
    header: list[str]
    rows: list[tuple[int, list[str]]]

    def places(self, columns: Mapping[str, Sequence[str]]) -> dict[str, list[int]]:
        """Where those columns stand that are there, by the names that each may have, the first of these first.

        Case, blanks and marks between words do not matter.
        """
        called = [plain_header(cell) for cell in self.header]
        places = {
            column: [place for name in names for place, cell in enumerate(called) if cell == name]
            for column, names in columns.items()
        }
        return {column: there for column, there in places.items() if there}


def read_table(path: Path) -> Table:
    """The table in a CSV file, separated by commas, semicolons or tabs. Raises TableError."""
    return table_of(path, read_text(path, MAX_BYTES))


def table_of(path: Path, text: str) -> Table:
    """The table in the text of a CSV file that is called `path`. Raises TableError."""
    lines = list(_lines(path, text))
    return Table(path, lines[0][1], lines[1:]) if lines else Table(path, [], [])


def read_content(path: Path, largest: int) -> bytes:
    """The content of a file of at most `largest` bytes. Raises TableError."""
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        raise TableError(f"{path}: {error.strerror or error}") from None
    if len(content) > largest:
        raise TableError(f"{path}: larger than {largest >> 20} MiB; expected a CSV file, a line for each student")
    return content


def read_text(path: Path, largest: int) -> str:
    """The text of a file of at most `largest` bytes, without a byte order mark. Raises TableError.

    It is in UTF-8, cp949, or UTF-16 with its mark, as spreadsheets save "Unicode text".
    """
    content = read_content(path, largest)
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = decoded(content, "utf-16") if wide else decoded(content, "utf-8-sig", "cp949")
    if text is None:
        raise TableError(f"{path}: neither UTF-8, UTF-16 nor cp949; save it as 'CSV UTF-8'")
    return text


def plain_header(cell: str) -> str:
    """What the name of a column is compared by."""
    return re.sub(r"[\s_-]+", "_", unicodedata.normalize("NFC", cell).strip().casefold())


def cell_of(row: Sequence[str], places: Sequence[int]) -> str:
    """The first cell at some places that is not empty, made one line; "" if there is none."""
    cells = (one_line(row[place]) for place in places if place < len(row))
    return next(filter(None, cells), "")


def number_in(lms_id: str) -> str:
    """The LMS's number in a cell such as "Participant 48211", in any language; what else stands there as it is."""
    match = _NUMBER_AT_THE_END.fullmatch(lms_id)
    return match[1] if match else lms_id


def _lines(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that are not empty, with their numbers."""
    header = re.sub(r'"[^"]*"', "", text.partition("\n")[0])
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise TableError(f"{path}, line {reader.line_num}: cannot be read as CSV: {error}") from None
