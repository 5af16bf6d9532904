"""Canvas's own gradebook export, with marks in one of its columns and every other byte as it was."""

import re
from collections.abc import Sequence
from decimal import Decimal

from autograder.exports.filling import Entry, FilledSheet, Line, Terms, fill
from autograder.exports.numbers import decimal_sign, is_number, number, number_text
from autograder.exports.refusal import ExportError, listed
from autograder.exports.sheet import Row, Sheet, comparable
from autograder.gradebook.grades import StudentGrade

_NUMBERED = re.compile(r"(.*\S)\s*\(\d+\)")  # Homework 4 (123456)
_ACCOUNTS = ("sis user id", "sis login id", "integration id")
_TEST_STUDENT = {"student, test", "test student"}
_POINTS_POSSIBLE = "points possible"
_BLANK = ("", "-")
_EXCUSED = "EX"


def fill_canvas(sheet: Sheet, column: int, grades: Sequence[StudentGrade], terms: Terms) -> FilledSheet:
    """Canvas's gradebook with the totals of a class in a column that `column_of` gave.

    Only cells of that column differ, those of students whose marks are ready. A cell that holds a word stays as it is:
    EX, N/A, complete. Who is excused gets EX.
    Raises ExportError: the column cannot be written or gives other points, or `fill` refuses.
    """
    sign = _decimal_sign(sheet, column)
    most = _points_possible(sheet, column, sign)
    terms.check(most, f"{sheet.name}: {sheet.header[column]}")

    def entry_of(line: Line, grade: StudentGrade) -> Entry:
        return _entry(line.row.text(column), grade, terms.mark(grade, most), column, sign, len(line.row.cells))

    return fill(sheet, _lines(sheet), grades, entry_of, terms)


def _entry(cell: str, grade: StudentGrade, mark: Decimal, column: int, sign: str, cells: int) -> Entry:
    if column >= cells:
        return Entry(refused=f"its line ends before column {column + 1}")
    if cell not in _BLANK and not is_number(cell):
        return Entry(untouched=f"the cell says {cell!r}")
    if grade.excused:
        return Entry({column: _EXCUSED}, _EXCUSED)
    return Entry({column: number_text(mark, sign)}, number_text(mark))


def column_of(sheet: Sheet, title: str) -> int:
    """The column of this title, with or without Canvas's number behind it.

    The name with its number goes before the name without it. Raises ExportError: it is no gradebook of Canvas's, or not
    exactly one column is meant.
    """
    names, wanted = [comparable(name) for name in sheet.header], comparable(title)
    if "student" not in names or not {"id", *_ACCOUNTS} & set(names):
        got = listed([name for name in sheet.header if name])
        raise ExportError(f"{sheet.name}: no columns Student and ID, got {got}; expected Canvas's gradebook export")
    numbered = {place: match[1] for place, name in enumerate(names) if (match := _NUMBERED.fullmatch(name))}
    whole = [place for place, name in enumerate(names) if name == wanted]
    places = [place for place in whole if place in numbered]
    places = places or whole + [place for place, name in numbered.items() if name == wanted]
    if len(places) == 1:
        return places[0]
    columns = [sheet.header[place] for place in places or numbered]
    if places:
        raise ExportError(f"{sheet.name}: {title!r} means {len(places)} columns: {listed(columns)}")
    raise ExportError(f"{sheet.name}: no column {title!r}; there are: {listed(columns) or 'no assignments'}")


def _points_row(sheet: Sheet) -> Row:
    for row in sheet.rows[1:]:
        if comparable(row.text(0)) == _POINTS_POSSIBLE:
            return row
    raise ExportError(f"{sheet.name}: no line 'Points Possible'; expected Canvas's gradebook export as it is")


def _points_possible(sheet: Sheet, column: int, sign: str) -> Decimal:
    text = _points_row(sheet).text(column)
    most = number(text, sign)
    if most is None:
        what = f"{sheet.header[column]}: no assignment with points (Points Possible says {text!r})"
        raise ExportError(f"{sheet.name}: {what}")
    return most


def _decimal_sign(sheet: Sheet, column: int) -> str:
    """The sign before decimals: as in the column, or else in the columns of other assignments."""
    points = _points_row(sheet)
    others = [place for place in range(len(points.cells)) if is_number(points.text(place))]
    texts = [row.text(place) for place in (column, *others) for row in (points, *sheet.rows[1:])]
    return decimal_sign(texts)


def _lines(sheet: Sheet) -> list[Line]:
    """The lines of students: all that have an identity."""
    called = [comparable(name) for name in sheet.header]
    places = [called.index(name) if name in called else None for name in ("id", *_ACCOUNTS)]
    lines = []
    for row in sheet.rows[1:]:
        number_, *accounts = (row.text(place) for place in places)
        name = comparable(row.text(called.index("student")))
        if name in _TEST_STUDENT:
            lines.append(Line(row, ""))  # which names nobody
        elif name != _POINTS_POSSIBLE and any((number_, *accounts)):
            lines.append(Line(row, number_, tuple(account for account in accounts if account)))
    return lines
