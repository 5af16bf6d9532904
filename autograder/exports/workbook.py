"""The marks of a class as a workbook: a sheet of totals, and one for each question. Text in it is never computed."""

import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from xlsxwriter import Workbook

from autograder.exports.numbers import number_text
from autograder.gradebook.grades import StudentGrade
from autograder.marking.verdict import State, Verdict
from autograder.notebook.text import plain

TOTALS = "Totals"
_STEPS = ("earned", "repairs", "late", "adjusted")
_LONGEST_NAME = 31  # of a sheet, in Excel
_LONGEST_TEXT = 32_000  # of a cell

Value = str | float | None  # of a cell; None leaves it blank


def workbook(title: str, points: Decimal, questions: Sequence[str], grades: Sequence[StudentGrade]) -> bytes:
    """An .xlsx file: a line for each student in each of its sheets, in the order of `grades`.

    A total that is not ready is blank, and so are the points of a question that is UNGRADED.
    """
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": plain(title)})
        names = _names(questions)
        head = ["student_id", "name", "section", *questions, *_STEPS, f"total of {number_text(points)}"]
        _add_sheet(book, TOTALS, [*head, "ungraded", "notes"], (_total_row(grade, questions) for grade in grades))
        for question in questions:
            rows = (_question_row(grade, question) for grade in grades)
            head = ["student_id", "name", "points", "of", "verdict", "diagnosis", "message", "figure", "flags"]
            _add_sheet(book, names[question], head, rows)
    return file.getvalue()


def _add_sheet(book: Workbook, name: str, head: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    for line, row in enumerate([head, *rows]):
        for column, value in enumerate(row):
            if isinstance(value, str):  # whatever it begins with, it is text
                sheet.write_string(line, column, plain(value, _LONGEST_TEXT))
            elif value is not None:
                sheet.write_number(line, column, value)
    sheet.autofit()


def _total_row(grade: StudentGrade, questions: Sequence[str]) -> list[Value]:
    verdicts = {verdict.question: verdict for verdict in grade.verdicts}
    steps = [float(getattr(grade, step)) for step in _STEPS]
    total = float(grade.total) if grade.ready and not grade.excused else None
    notes = "; ".join([*(["excused"] if grade.excused else []), *grade.open_questions, *grade.notes])
    points = [_points(verdicts.get(question)) for question in questions]
    return [*_who(grade), grade.student.section, *points, *steps, total, grade.ungraded, notes]


def _question_row(grade: StudentGrade, question: str) -> list[Value]:
    verdict = next((one for one in grade.verdicts if one.question == question), None)
    if verdict is None:
        return [*_who(grade)]
    texts = [verdict.state.value, verdict.diagnosis, verdict.message, verdict.figure, "; ".join(verdict.flags)]
    return [*_who(grade), _points(verdict), verdict.max_points, *texts]


def _who(grade: StudentGrade) -> list[str]:
    return [grade.student.student_id, grade.student.name]


def _points(verdict: Verdict | None) -> float | None:
    return None if verdict is None or verdict.state is State.UNGRADED else verdict.points


def _names(questions: Sequence[str]) -> dict[str, str]:
    """A name for the sheet of each question: short, different in more than case, and none of Excel's own."""
    taken, names = {TOTALS.casefold(), "history"}, dict[str, str]()
    for question in questions:
        short = re.sub(r"[\[\]:*?/\\']", "_", question)
        name, number = short[:_LONGEST_NAME], 1
        while name.casefold() in taken:
            number += 1
            name = f"{short[: _LONGEST_NAME - 4]} ({number})"
        taken.add(name.casefold())
        names[question] = name
    return names
