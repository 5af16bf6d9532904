"""Moodle's grading worksheet, with grades and comments in it and every other byte as it was."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from autograder.exports.comment import comment_html
from autograder.exports.filling import Entry, FilledSheet, Line, Terms, fill
from autograder.exports.numbers import decimal_sign, is_number, number, number_text
from autograder.exports.refusal import ExportError, listed
from autograder.exports.sheet import Row, Sheet, comparable
from autograder.gradebook.grades import StudentGrade

# What the columns are called in English, German and Korean; in other languages they are found by where they stand.
_IDENTIFIER = ("identifier", "id", "식별자", "식별 번호")
_GRADE = ("grade", "bewertung", "성적", "점수")
_MAXIMUM = ("maximum grade", "bestwertung", "최고 성적", "최대 성적", "최고 점수")
_COMMENTS = ("feedback comments", "feedback als kommentar", "피드백 댓글", "피드백 의견", "피드백 코멘트")
_LOCKED = ("no", "nein", "아니오", "아니요")  # Grade can be changed
_NO_GRADE = ("", "-")
_DATE = re.compile(r"-|(?=.{,60}$)[^<>]*\d[^<>]*\d[:.]\d\d[^<>]*")


@dataclass(frozen=True)
class Columns:
    """Where a worksheet has what is read and written; `comments` is None where it has none."""

    identifier: int
    grade: int
    maximum: int
    comments: int | None


def fill_moodle(sheet: Sheet, grades: Sequence[StudentGrade], terms: Terms) -> FilledSheet:
    """Moodle's worksheet with the totals of a class as grades, and the reasons for them as comments.

    Raises ExportError: it is no worksheet, gives other points, somebody has more of them than it gives, or `fill`
    refuses.
    """
    columns = columns_of(sheet)
    rows = [row for row in sheet.rows[1:] if re.search(r"\d", row.text(columns.identifier))]
    sign = decimal_sign(row.text(place) for place in (columns.maximum, columns.grade) for row in rows)
    most = _maximum({row.text(columns.maximum) for row in rows}, sign, f"{sheet.name}: {sheet.header[columns.maximum]}")
    terms.check(most, f"{sheet.name}: {sheet.header[columns.maximum]}")

    def entry_of(line: Line, grade: StudentGrade) -> Entry:
        mark = terms.mark(grade, most)
        if reason := _untouchable(line.row, columns, grade):
            return Entry(untouched=reason)
        if mark > most:
            return Entry(refused=f"{number_text(mark)} points are more than the {number_text(most)} that Moodle takes")
        if max(columns.grade, columns.comments or 0) >= len(line.row.cells):
            return Entry(refused=f"line {line.row.line} of {sheet.name} ends too early")
        return _entry(grade, mark, columns, sign, terms)

    return fill(sheet, [_line(row, columns) for row in rows], grades, entry_of, terms)


def _entry(grade: StudentGrade, mark: Decimal, columns: Columns, sign: str, terms: Terms) -> Entry:
    texts = {columns.grade: number_text(mark, sign)}
    if columns.comments is None:
        return Entry(texts, number_text(mark))
    comment = texts[columns.comments] = comment_html(grade, terms.points, terms.language)
    return Entry(texts, f"{number_text(mark)}, comment {sha256(comment.encode()).hexdigest()[:12]}")


def _untouchable(row: Row, columns: Columns, grade: StudentGrade) -> str:
    """Why a line must stay as it is; "" if it need not."""
    cell = row.text(columns.grade)
    if grade.excused:
        return "is excused"
    if comparable(row.text(columns.maximum + 1)) in _LOCKED:
        return "Moodle says that the grade cannot be changed"
    return "" if cell in _NO_GRADE or is_number(cell) else f"the cell says {cell!r}"


def _line(row: Row, columns: Columns) -> Line:
    """A line by its participant number, and by what else in it may be an ID, a login or an e-mail address."""
    number_ = re.findall(r"\d+", row.text(columns.identifier))[-1]
    others = (row.text(place) for place in range(columns.grade) if place != columns.identifier)
    return Line(row, number_, tuple(text for text in others if re.fullmatch(r"\S*[\d@]\S*", text)))


def columns_of(sheet: Sheet) -> Columns:
    """The columns of a worksheet, by what they are called or by where Moodle puts them. Raises ExportError."""
    called = [comparable(name) for name in sheet.header]
    maximum = _named(called, _MAXIMUM, _maximum_place(sheet))
    grade = _named(called, _GRADE, None if maximum is None else maximum - 1)
    identifier = _named(called, _IDENTIFIER, 0)
    if maximum is None or grade is None or identifier is None:
        got = listed([name for name in sheet.header if name])
        raise ExportError(f"{sheet.name}: no columns Identifier, Grade and Maximum Grade, got {got}")
    return Columns(identifier, grade, maximum, _named(called, _COMMENTS, _behind_dates(sheet, maximum)))


def _behind_dates(sheet: Sheet, maximum: int) -> int | None:
    """What follows the last column of dates, which says when a grade was changed; None if that ends the line."""
    columns = range(maximum + 1, len(sheet.header))
    texts = {place: [text for row in sheet.rows[1:] if (text := row.text(place))] for place in columns}
    dated = [place for place in columns if texts[place] and all(map(_DATE.fullmatch, texts[place]))]
    return dated[-1] + 1 if dated and dated[-1] + 1 in columns else None


def _named(called: Sequence[str], names: Sequence[str], otherwise: int | None) -> int | None:
    return next((place for place, name in enumerate(called) if name in names), otherwise)


def _maximum_place(sheet: Sheet) -> int | None:
    """The only column that says one number in all lines, behind one of grades: nothing, a hyphen or a number."""
    rows = sheet.rows[1:]
    places = [
        place
        for place in range(2, len(sheet.header) if rows else 0)
        if len({row.text(place) for row in rows}) == 1
        and is_number(rows[0].text(place))
        and all(row.text(place - 1) in _NO_GRADE or is_number(row.text(place - 1)) for row in rows)
    ]
    return places[0] if len(places) == 1 else None


def _maximum(texts: Collection[str], sign: str, where: str) -> Decimal:
    """What the worksheet gives for the assignment, the same in all lines. Raises ExportError."""
    numbers = {number(text, sign) for text in texts}
    most = numbers.pop() if len(numbers) == 1 else None
    if most is None:
        raise ExportError(f"{where}: expected one number in all lines, got {listed(sorted(texts)) or 'no lines'}")
    return most
