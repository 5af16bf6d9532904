"""Reads rosters: a plain CSV file, or what Canvas, Moodle, Blackboard and others export, as it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course.manifest import Assignment
from autograder.course.student_ids import squeezed
from autograder.intake.roster import Roster, RosterError, Student
from autograder.intake.table import Table, TableError, cell_of, number_in, read_table
from autograder.notebook.text import one_line

# What the columns are called in exports of the usual systems, as `plain_header` writes it.
_COLUMNS = {
    "student_id": ("student_id", "studentid", "sis_user_id", "id_number", "sid", "orgdefinedid", "학번", "고유번호"),
    "login": ("login", "login_id", "sis_login_id", "username", "user_name", "user_id", "아이디", "사용자_아이디"),
    "name": ("name", "full_name", "student", "student_name", "학생", "이름", "성명", "전체_이름"),
    "last": ("last_name", "surname", "성"),
    "first": ("first_name", "given_name"),
    "email": ("email", "email_address", "e_mail", "이메일", "이메일_주소"),
    "section": ("section", "sections", "group", "분반", "섹션"),
    "lms_id": ("lms_id", "identifier", "식별자"),
}
# An export holds these columns together. In Canvas's, ID is its own number for a student.
_CANVAS = (("student", "id", "section"), ("학생", "id", "섹션"))
_OTHERS = (("identifier",), ("식별자",), ("username", "last_name", "first_name"), ("orgdefinedid", "username"))
_POINTS_POSSIBLE = "points possible"
_TEST_STUDENTS = ("student, test", "test student")


@dataclass(frozen=True)
class _Form:
    """How a file is read: where its columns stand, and whether an LMS has written it."""

    columns: Mapping[str, list[int]]
    is_export: bool
    is_canvas: bool


def read_roster(path: Path, assignment: Assignment) -> Roster:
    """The roster in a CSV file with a header, separated by commas, semicolons or tabs, in UTF-8 or cp949.

    A student's ID is the SIS ID or ID number, else the login, the e-mail address or the number that the LMS itself
    gives. In a plain file it has to be as the course's manifest says. Raises RosterError: the file cannot be read, has
    no column of IDs, or an ID is missing, wrong or there twice.
    """
    try:
        table = read_table(path)
    except TableError as error:
        raise RosterError(str(error)) from None
    form = _form(table)
    students: dict[str, Student] = {}
    lines: dict[tuple[str, str], int] = {}
    for number, row in _students_rows(table, form):
        place = f"{path}, line {number}"
        student = _student(row, form, assignment, place)
        for kind, value in (("student ID", squeezed(student.student_id)), ("LMS ID", student.lms_id)):
            if value and (first := lines.setdefault((kind, value), number)) != number:
                shown = student.student_id if kind == "student ID" else value
                raise RosterError(f"{place}: {kind} {shown} stands in line {first} already")
        students[student.student_id] = student
    if not students:
        raise RosterError(f"{path}: no students in it; expected a line for each below the header")
    return Roster(students.values())


def _form(table: Table) -> _Form:
    columns = table.places(_COLUMNS)
    is_canvas = any(_has(table, names) for names in _CANVAS)
    if is_canvas:
        columns["lms_id"] = table.places({"id": ["id"]})["id"]
    is_export = is_canvas or any(_has(table, names) for names in _OTHERS)
    if "student_id" not in columns and not is_export:
        got = ", ".join(one_line(cell, 30) for cell in table.header[:8]) or "nothing"
        raise RosterError(f"{table.path}: no column student_id in the first line, got {got}")
    return _Form(columns, is_export, is_canvas)


def _has(table: Table, names: tuple[str, ...]) -> bool:
    return len(table.places({name: [name] for name in names})) == len(names)


def _students_rows(table: Table, form: _Form) -> Iterator[tuple[int, list[str]]]:
    """The rows of students: not those in which Canvas tells of the columns, nor its test student."""
    begun = False
    for number, row in table.rows:
        if form.is_canvas:
            name = cell_of(row, form.columns["name"]).casefold()
            begun = begun or bool(cell_of(row, form.columns["lms_id"]))
            if not begun or name in (_POINTS_POSSIBLE, *_TEST_STUDENTS):
                continue
        yield number, row


def _student(row: list[str], form: _Form, assignment: Assignment, place: str) -> Student:
    """The student of one row. Raises RosterError."""
    says = {column: cell_of(row, places) for column, places in form.columns.items()}
    lms_id = number_in(says.get("lms_id", ""))
    login, email = says.get("login", ""), says.get("email", "")
    name = says.get("name") or ", ".join(filter(None, (says.get("last"), says.get("first"))))
    ids = [says.get("student_id", "").removeprefix("#"), *([login] if form.is_export else [])]
    student_id = next(filter(None, (_as_the_course_writes(one, assignment) for one in ids)), "")
    if form.is_export:
        student_id = student_id or next(filter(None, (*ids, email, lms_id)), "")
    if not student_id:
        if form.is_export:
            raise RosterError(f"{place}: no ID, login, e-mail address or number of a student in it")
        raise RosterError(f"{place}: expected a student ID that matches {assignment.student_id}, got {ids[0]!r}")
    return Student(student_id, lms_id, login, name, email, says.get("section", ""))


def _as_the_course_writes(student_id: str, assignment: Assignment) -> str:
    """An ID as the manifest's pattern has it, whatever its separators; "" if it is none."""
    ids = assignment.student_ids(student_id)
    return ids[0] if len(ids) == 1 and squeezed(ids[0]) == squeezed(student_id) else ""
