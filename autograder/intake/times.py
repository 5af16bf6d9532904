"""When each student handed in, as a file of the LMS tells: `--times FILE`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from autograder.course.sizes import MIB
from autograder.course.student_ids import squeezed
from autograder.intake.lms.dates import written_time
from autograder.intake.table import Table, TableError, cell_of, number_in, read_text, table_of
from autograder.notebook.text import one_line

_LARGEST = 32 * MIB
# What the columns may be called, as `plain_header` writes it.
_COLUMNS = {
    "lms_id": ("identifier", "식별자", "lms_id", "user_id", "canvas_user_id"),
    "student_id": ("student_id", "studentid", "sis_user_id", "id_number", "학번", "login", "username"),
    "either": ("id",),
    "time": ("submitted_at", "last_modified_(submission)", "제출_시각", "제출_시간", "최종_수정_(제출)"),
    "late": ("late",),
}
_NOTHING = ("", "-")
_YES = ("true", "yes", "1", "late")
_FORMS = "2024-06-14T17:59:59+09:00, 2024-06-14 17:59 or 'Friday, 14 June 2024, 5:59 PM'"


class TimesError(ValueError):
    """The file of times cannot be used; the message names the file, the place in it and what is expected there."""


@dataclass(frozen=True)
class HandIn:
    """When somebody handed in last, in the course's time zone unless it has one, and whether the LMS calls it late."""

    time: datetime
    late: bool = False

    def to_wire(self) -> list[Any]:
        """As JSON."""
        return [self.time.isoformat(), self.late]

    @classmethod
    def from_wire(cls, told: Sequence[Any]) -> Self:
        """What `to_wire` has written."""
        return cls(datetime.fromisoformat(str(told[0])), bool(told[1]))


class Times:
    """When people handed in last, by what the LMS or the university calls them."""

    def __init__(self, by_lms_id: Mapping[str, HandIn], by_student_id: Mapping[str, HandIn]) -> None:
        self.by_lms_id = by_lms_id
        self.by_student_id = {squeezed(student_id): one for student_id, one in by_student_id.items()}

    def of(self, lms_id: str = "", *student_ids: str) -> HandIn | None:
        """The LMS's number decides, then the first of some IDs or logins that is known; None where none is."""
        ids = (self.by_student_id.get(squeezed(one)) for one in student_ids if one)
        return self.by_lms_id.get(lms_id) or next(filter(None, ids), None)


def read_times(path: Path) -> Times:
    """The times in Moodle's grading worksheet, in what Canvas's API answers, or in a CSV file of IDs and times.

    Raises TimesError: it cannot be read, has no such columns, or a time is none that anybody can read.
    """
    try:
        text = read_text(path, _LARGEST)
        if text.lstrip().startswith(("[", "{")):
            return _times(path, _rows_of_json(path, text))
        return _times(path, _rows_of_table(table_of(path, text)))
    except TableError as error:
        raise TimesError(str(error)) from None


@dataclass(frozen=True)
class _Row:
    place: str
    lms_id: str
    student_id: str
    time: str
    late: bool


def _times(path: Path, rows: Iterable[_Row]) -> Times:
    found: dict[str, dict[str, HandIn]] = {"lms_id": {}, "student_id": {}}
    lines: dict[tuple[str, str], str] = {}
    for row in rows:
        if row.time in _NOTHING:
            continue
        ids = {"lms_id": row.lms_id, "student_id": squeezed(row.student_id)}
        if not any(ids.values()):
            raise TimesError(f"{path}, {row.place}: a time of nobody; expected an ID beside it")
        for kind, value in ids.items():
            if value:
                if (first := lines.setdefault((kind, value), row.place)) != row.place:
                    raise TimesError(f"{path}, {row.place}: {row.student_id or value} has a time in {first} already")
                found[kind][value] = HandIn(_time(path, row), row.late)
    if not lines:
        raise TimesError(f"{path}: no times in it; expected one for everybody who handed in")
    return Times(found["lms_id"], found["student_id"])


def _time(path: Path, row: _Row) -> datetime:
    try:
        return datetime.fromisoformat(row.time)
    except ValueError:
        time = written_time(" ".join(row.time.split()))
    if time is None:
        raise TimesError(f"{path}, {row.place}: expected a time such as {_FORMS}, got {one_line(row.time, 60)!r}")
    return time


def _rows_of_table(table: Table) -> Iterable[_Row]:
    places = table.places(_COLUMNS)
    if "time" not in places or not places.keys() & {"lms_id", "student_id", "either"}:
        got = ", ".join(one_line(cell, 30) for cell in table.header[:8]) or "nothing"
        wanted = "an ID (student_id, user_id, Identifier) and submitted_at or Last modified (submission)"
        raise TimesError(f"{table.path}: expected columns of {wanted} in the first line, got {got}")
    for line, row in table.rows:
        says = {column: cell_of(row, there) for column, there in places.items()}
        late = says.get("late", "").casefold() in _YES
        ids = number_in(says.get("lms_id", "")), says.get("student_id", "")
        if not any(ids):
            ids = (says.get("either", ""),) * 2
        yield _Row(f"line {line}", *ids, says["time"], late)


def _rows_of_json(path: Path, text: str) -> Iterable[_Row]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TimesError(f"{path}: cannot be read as JSON: {one_line(str(error), 100)}") from None
    if not isinstance(told, list):
        raise TimesError(f"{path}: expected a list of submissions, as Canvas's API answers, got {type(told).__name__}")
    for number, one in enumerate(told, start=1):
        place = f"submission {number}"
        if not isinstance(one, dict) or not isinstance(one.get("user_id"), int | str):
            raise TimesError(f"{path}, {place}: expected an object with user_id and submitted_at")
        yield _Row(place, str(one["user_id"]), "", _text(one.get("submitted_at")), one.get("late") is True)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
