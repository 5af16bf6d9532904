"""The roster: a CSV file of the students of a class, by which logins and names become student IDs."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course.manifest import Assignment
from autograder.intake.member import decoded
from autograder.notebook.text import one_line

MAX_BYTES = 4 << 20
# What the columns are called in exports of the usual systems; case, blanks and marks between words do not matter.
_COLUMNS = {
    "student_id": ("student_id", "studentid", "sis_user_id", "id_number", "학번"),
    "login": ("login", "login_id", "sis_login_id", "username", "user_name", "user_id", "아이디"),
    "name": ("name", "full_name", "student", "student_name", "이름", "성명"),
}


class RosterError(ValueError):
    """The roster cannot be used; the message names the file, the line and what is expected there."""


@dataclass(frozen=True)
class Student:
    """A line of the roster: what the file does not tell is "". `lms_id` is the number that the LMS knows them by."""

    student_id: str
    lms_id: str = ""
    login: str = ""
    name: str = ""
    email: str = ""
    section: str = ""


class Roster:
    """The students of a class by their IDs, in the order of the file."""

    def __init__(self, students: Iterable[Student]) -> None:
        self.students = {student.student_id: student for student in students}
        self._owners: dict[str, list[str]] = {}
        for student in self.students.values():
            for owner in {_plain(student.login), _plain(student.name)} - {""}:
                self._owners.setdefault(owner, []).append(student.student_id)

    def student_of(self, owner: str) -> str:
        """The ID of the only student with this login or name, as an LMS writes it; "" if there is none, or several."""
        ids = self._owners.get(_plain(owner), [])
        return ids[0] if len(ids) == 1 else ""


def read_roster(path: Path, assignment: Assignment) -> Roster:
    """The roster in a CSV file with a header, separated by commas, semicolons or tabs, in UTF-8 or cp949.

    Raises RosterError: it cannot be read, has no column of student IDs, or an ID is wrong or occurs twice.
    """
    lines = list(_rows(path))
    columns = _columns(path, lines[0][1] if lines else [])
    students: dict[str, tuple[int, Student]] = {}
    for number, row in lines[1:]:
        fields = {column: one_line(row[place]) if place < len(row) else "" for column, place in columns.items()}
        student = Student(fields["student_id"], login=fields.get("login", ""), name=fields.get("name", ""))
        if not re.fullmatch(assignment.student_id, student.student_id, re.ASCII):
            expected = f"expected a student ID that matches {assignment.student_id}"
            raise RosterError(f"{path}, line {number}: {expected}, got {student.student_id!r}")
        if student.student_id in students:
            first = students[student.student_id][0]
            raise RosterError(f"{path}, line {number}: student ID {student.student_id} stands in line {first} already")
        students[student.student_id] = number, student
    if not students:
        raise RosterError(f"{path}: no students in it; expected a line for each below the header")
    return Roster(student for _, student in students.values())


def _rows(path: Path) -> Iterable[tuple[int, list[str]]]:
    """The lines that are not empty, with their numbers."""
    text = _text(path)
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise RosterError(f"{path}, line {reader.line_num}: cannot be read as CSV: {error}") from None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RosterError(f"{path}: {error.strerror or error}") from None
    if len(content) > MAX_BYTES:
        raise RosterError(f"{path}: larger than {MAX_BYTES >> 20} MiB; expected a CSV file, a line for each student")
    text = decoded(content, "utf-8-sig", "cp949")
    if text is None:
        raise RosterError(f"{path}: neither UTF-8 nor cp949; save it as 'CSV UTF-8'")
    return text


def _columns(path: Path, header: list[str]) -> Mapping[str, int]:
    """Where the known columns stand."""
    called = [re.sub(r"[\s_-]+", "_", _plain(cell)) for cell in header]
    columns = {
        column: min(map(called.index, there))
        for column, names in _COLUMNS.items()
        if (there := [name for name in names if name in called])
    }
    if "student_id" not in columns:
        got = ", ".join(one_line(cell, 30) for cell in header[:8]) or "nothing"
        raise RosterError(f"{path}: no column student_id in the first line, got {got}")
    return columns


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()
