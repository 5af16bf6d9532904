"""A class as a whole: names that an LMS made, the roster, resubmissions, and students who handed in nothing."""

import re
import unicodedata
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.intake import table
from autograder.intake.lms.given import LmsPerson
from autograder.intake.roster import Roster, RosterError, Student
from autograder.intake.roster_file import read_roster

ASSIGNMENTS = load(project_root(Path(__file__).parent))
HW4, ASSIGNMENT2 = ASSIGNMENTS["hw4"], ASSIGNMENTS["assignment2"]

# The roster file


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return path


def students(tmp_path: Path, text: str, encoding: str = "utf-8") -> list[Student]:
    return list(read_roster(written(tmp_path, text, encoding), HW4).students.values())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_roster_is_read_in_the_usual_forms(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    text = end.join(["학번,login,이름", "2024-20001,student01,학생 하나", "", "2024-20002,,", ""]).replace(
        ",", delimiter
    )
    assert students(tmp_path, text, encoding) == [
        Student("2024-20001", login="student01", name="학생 하나"),
        Student("2024-20002", login="", name=""),
    ]


@pytest.mark.parametrize(
    "header", ["student_id", "Student ID", "SIS User ID", "STUDENT-ID", " student_id ", "ID number"]
)
def test_columns_may_have_the_names_of_exports_and_any_order(tmp_path: Path, header: str) -> None:
    text = f'Section,Student,SIS Login ID,{header}\nA,"One, Student",student01,2024-20001\nB,Two,,2024-20002\n'
    assert students(tmp_path, text) == [
        Student("2024-20001", login="student01", name="One, Student", section="A"),
        Student("2024-20002", login="", name="Two", section="B"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "roster.csv: no column student_id in the first line, got nothing"),
        ("name,login\nx,y\n", "roster.csv: no column student_id in the first line, got name, login"),
        ("student_id\n", "roster.csv: no students in it; expected a line for each below the header"),
        ("student_id\n2024-20001\n\n2024-2\n", "roster.csv, line 4: expected a student ID that matches"),
        ("login,student_id\nstudent01\n", "roster.csv, line 2: expected a student ID that matches"),
        ("student_id\n2024-20001\n2024-20001\n", "line 3: student ID 2024-20001 stands in line 2 already"),
        ('student_id\n"2024-20001\n', "roster.csv, line 2: cannot be read as CSV"),
        ("student_id\n2024-20001,\0" + "x" * 140_000 + "\n", "cannot be read as CSV"),
    ],
)
def test_a_roster_that_cannot_be_used_says_where(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(RosterError) as caught:
        students(tmp_path, text)
    assert message in str(caught.value)


def test_a_roster_that_is_no_text_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RosterError, match="nowhere.csv: No such file"):
        read_roster(tmp_path / "nowhere.csv", HW4)
    with pytest.raises(RosterError, match="Is a directory"):
        read_roster(tmp_path, HW4)
    (tmp_path / "x.csv").write_bytes(b"student_id\n\xff\xff\n")
    with pytest.raises(RosterError, match="neither UTF-8, UTF-16 nor cp949; save it as 'CSV UTF-8'"):
        read_roster(tmp_path / "x.csv", HW4)
    monkeypatch.setattr(table, "MAX_BYTES", 10)
    with pytest.raises(RosterError, match="larger than"):
        students(tmp_path, "student_id\n2024-20001\n")


CANVAS = """Student,ID,SIS User ID,SIS Login ID,Integration ID,Root Account,Section,Homework 4 (123456)
,,,,,,,Manual Posting
    Points Possible,,,,,,,100.00
"One, Student",48211,2024-20001,student01,x-1,canvas.example.edu,A,90.00
"Two, Stu-Dent",48212,,student02,,canvas.example.edu,"A and B",
Student Three,48213,S-3,,,canvas.example.edu,A,
"Student, Test",99999,,b1946ac92492d2347c6235b4d2611184,,,A,
"""


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_canvas_gradebook_is_a_roster_as_it_is(tmp_path: Path, delimiter: str) -> None:
    text = CANVAS if delimiter == "," else re.sub(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', ";", CANVAS)
    assert students(tmp_path, text, "utf-8-sig") == [
        Student("2024-20001", "48211", "student01", "One, Student", "", "A"),
        Student("student02", "48212", "student02", "Two, Stu-Dent", "", "A and B"),
        Student("S-3", "48213", "", "Student Three", "", "A"),
    ]


def test_what_separates_columns_is_not_looked_for_in_a_name_of_one(tmp_path: Path) -> None:
    text = 'Student;ID;Section;"Homework 4, 5, 6, and 7, late (1)"\n"One, Student";48211;A;90,00\n'
    assert students(tmp_path, text) == [Student("48211", "48211", "", "One, Student", "", "A")]


def test_canvas_gradebook_needs_no_column_of_the_universitys(tmp_path: Path) -> None:
    text = """Student,ID,Section\n    Points Possible,,\n"One, Student",48211,A\nTest Student,9,A\n"""
    assert students(tmp_path, text) == [Student("48211", "48211", "", "One, Student", "", "A")]


def test_of_a_students_names_in_an_export_the_one_counts_that_is_an_id(tmp_path: Path) -> None:
    text = "Student,ID,SIS User ID,SIS Login ID,Section\nA,481234567,X-1,202420001,A\nB,481234568,X-2,b,A\n"
    assert [one.student_id for one in students(tmp_path, text)] == ["2024-20001", "X-2"]


@pytest.mark.parametrize("participant", ["Participant 48211", "참가자 48211", "48211"])
def test_moodle_worksheet_is_a_roster_as_it_is(tmp_path: Path, participant: str) -> None:
    text = (
        "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Last modified (submission)\n"
        f'{participant},Student One,2024-20001,one@example.edu,Submitted,,100,"Friday, 14 June 2024, 5:59 PM"\n'
        "Participant 48212,Student Two,,two@example.edu,No submission,,100,-\n"
        "Participant 48213,,,,No submission,,100,-\n"
    )
    assert students(tmp_path, text) == [
        Student("2024-20001", "48211", "", "Student One", "one@example.edu"),
        Student("two@example.edu", "48212", "", "Student Two", "two@example.edu"),
        Student("48213", "48213"),
    ]


def test_blackboards_columns_are_a_roster(tmp_path: Path) -> None:
    text = 'Last Name,First Name,Username,Student ID\nOne,Student,s001,202420001\nTwo,Student,s002,\n"","",s003,\n'
    assert students(tmp_path, text) == [
        Student("2024-20001", login="s001", name="One, Student"),
        Student("s002", login="s002", name="Two, Student"),
        Student("s003", login="s003"),
    ]


@pytest.mark.parametrize("written_id", ["202420001", "2024_20001", "２０２４－２０００１", "2024–20001"])
def test_an_id_is_what_it_is_without_separators(tmp_path: Path, written_id: str) -> None:
    (student,) = students(tmp_path, f"student_id\n{written_id}\n")
    assert student.student_id == "2024-20001"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a,48211,2024-20001,\nb,48212,202420001,", "line 3: student ID 2024-20001 stands in line 2 already"),
        ("a,48211,2024-20001,\nb,48211,2024-20002,", "line 3: LMS ID 48211 stands in line 2 already"),
        ("a,48211,2024-20001,\nb,,,", "line 3: no ID, login, e-mail address or number of a student in it"),
        ("Points Possible,,,\n", "no students in it"),
    ],
)
def test_an_export_that_cannot_be_used_says_where(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(RosterError, match=re.escape(message)):
        students(tmp_path, f"Student,ID,SIS User ID,Section\n{rows}\n")


CLASS = Roster(
    [
        Student("2024-20001", "48211", "s001", "One, Student", "one@example.edu"),
        Student("2024-20002", "48212", "s002", "O'Two, Stu-Dent", "two@example.edu"),
        Student("2024-20003", "48213", "s003", "학생라"),
        Student("2024-20004", "48214", "s004", "학생라"),
        Student("2024-20005", "", "student_05", "José Five Long"),
        Student("2024-20006", "", "05", ""),
    ]
)


@pytest.mark.parametrize(
    ("person", "numbers"),
    [
        (LmsPerson("", "48211"), [1]),
        (LmsPerson("", "48212", name="One, Student"), [2]),  # the number decides
        (LmsPerson("", "99", name="onestudent"), []),  # a namesake of another number
        (LmsPerson("", login="S002"), [2]),
        (LmsPerson("", login="202420003"), [3]),
        (LmsPerson("", login="s009", email="TWO@example.edu"), [2]),
        (LmsPerson("", login="s009", name="One, Student"), []),  # a namesake of another login
        (LmsPerson("", login="4_s001"), [1]),
        (LmsPerson("", login="4_student_05"), [5, 6]),
        (LmsPerson("", name="onestudent"), [1]),
        (LmsPerson("", name="Student One"), [1]),
        (LmsPerson("", name="otwostudent"), [2]),
        (LmsPerson("", name="Stu-Dent O’Two"), [2]),
        (LmsPerson("", name=unicodedata.normalize("NFD", "학생라")), [3, 4]),
        (LmsPerson("", "48214", name="학생라"), [4]),
        (LmsPerson("", "77", name="Long, Jose Five"), [5]),
        (LmsPerson("", "77", name="student_05"), [5]),
        (LmsPerson("", name="Student"), []),
        (LmsPerson("canvas anon 79kX3"), []),
        (LmsPerson("", name="---"), []),
    ],
)
def test_an_lms_names_candidates(person: LmsPerson, numbers: list[int]) -> None:
    assert [one.student_id for one in CLASS.candidates(person)] == [f"2024-2000{number}" for number in numbers]


NAMES = st.lists(st.text(st.sampled_from("abcéłñØ가힣-' "), min_size=1), min_size=1, max_size=3)


@given(NAMES, st.randoms(use_true_random=False))
def test_a_name_is_the_same_in_either_order_and_as_canvas_writes_it(parts: list[str], dice: Random) -> None:
    last, first = " ".join(parts[:1]), " ".join(parts[1:])
    (student,) = Roster([Student("2024-20001", name=f"{last}, {first}")]).students.values()
    canvas = "".join(letter for letter in (last + first).lower() if letter.isalnum())
    mixed = "".join(dice.choice((str.upper, str.lower))(letter) for letter in f"{first} {last}")
    for name in (canvas, mixed, unicodedata.normalize("NFD", f"{last} {first}")):
        expected = [student] if canvas else []
        assert Roster([student]).candidates(LmsPerson("", name=name)) == expected


def test_an_id_is_found_whatever_its_separators() -> None:
    twins = Roster([Student("2024-20001"), Student("20-2420001"), Student("2024-20002")])
    assert twins.by_id("2024-20001") == Student("2024-20001")
    assert twins.by_id("202420001") is None and twins.by_id("2024-20009") is None
    assert twins.by_id("202420002") == Student("2024-20002")
