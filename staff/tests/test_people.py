"""Whose it is: the LMS's identity decides, never the file's own name; what is not sure is a question."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from surveys import ROOT, standings, survey_into, zipped

from autograder.course.late import Counts
from autograder.course.manifest import load
from autograder.desk.desk import Desk
from autograder.gradebook.file import GradebookError
from autograder.gradebook.gradebook import Gradebook

HW4 = replace(load(ROOT)["hw4"], counts=Counts.LAST, late=None)
RIGHT = dict.fromkeys(HW4.notebooks, b"{}")
ONE, TWO, THREE = "2024-20001", "2024-20002", "2024-20003"
ROSTER = """Student,ID,SIS User ID,SIS Login ID,Section
"One, Student",48211,2024-20001,login1,A
"Two, Student",48212,2024-20002,login2,A
"Two, Student",48213,2024-20003,login3,B
"""


@pytest.fixture
def gradebook(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook(tmp_path / "grades", HW4) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "class"
    made.mkdir()
    return made


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "roster.csv"
    path.write_text(ROSTER, encoding="utf-8")
    return path


def pack(folder: Path, *names: str) -> None:
    for name in names:
        if name.endswith(".pdf"):
            (folder / name).write_bytes(b"%PDF-1.7")
        else:
            zipped(folder / name, RIGHT)


@pytest.mark.parametrize(
    ("name", "student", "question"),
    [
        ("onestudent_48211_991234_2024-20001.zip", ONE, ""),
        ("onestudent_48211_991234_homework.zip", ONE, ""),
        ("twostudent_48213_991234_homework.zip", THREE, ""),  # two of one name
        ("twostudent_LATE_48212_991235_x_1_assignsubmission_file_2024-20002.zip", TWO, ""),
        ("twostudent_48213_991234_2024-20001.zip", THREE, "The LMS says 2024-20003, the file's own name 2024-20001"),
        ("someoneelse_48999_991234_2024-20001.zip", "", "'someoneelse' is not on the roster, though its own name says"),
        ("someoneelse_48999_991234_hw.zip", "", "'someoneelse' is not on the roster"),
        ("2024-20003.zip", THREE, ""),
        ("202420003.zip", THREE, ""),
        ("2024-20009.zip", "2024-20009", "Student ID 2024-20009 is not on the roster"),
        ("homework.zip", "", "Nothing in its names tells"),
    ],
)
def test_a_roster_tells_whose_it_is(
    gradebook: Gradebook, folder: Path, roster: Path, name: str, student: str, question: str
) -> None:
    pack(folder, name)
    survey_into(gradebook, folder, roster)
    found = standings(gradebook)
    assert found.keys() == {ONE, TWO, THREE, student}
    assert {who for who, (sources, _) in found.items() if sources} == {student}
    sources, questions = found[student]
    assert sources == name and len(questions) == bool(question)
    assert all(one.startswith("whose is it?") and question in one for one in questions)


def test_of_two_people_of_one_name_nobody_is_guessed(gradebook: Gradebook, folder: Path, roster: Path) -> None:
    roster.write_text("student_id,name\n2024-20002,Student Two\n2024-20003,Student Two\n")
    pack(folder, "Student Two_90001_assignsubmission_file_hw.zip")
    survey_into(gradebook, folder, roster)
    (question,) = standings(gradebook)[""][1]
    assert question == "whose is it? 'Student Two' may be '2024-20002', '2024-20003'"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["onestudent_48211_991_2024-20001.zip"], {ONE: 0}),
        (["onestudent_48211_991_hw.zip"], {"48211": 0}),
        (["onestudent_48211_991_hw.zip", "onestudent_48211_992_2024-20001-1.zip"], {ONE: 0}),
        (["onestudent_48211_991_2024-20001.zip", "2024-20001 (1).zip"], {ONE: 0}),
        # Two people claim one ID: neither gets it before somebody has looked.
        (["a_48211_991_2024-20001.zip", "b_48212_992_2024-20001.zip"], {"48211": 1, "48212": 1}),
        (["a_48211_991_2024-20001.zip", "a_48211_992_2024-20002.zip"], {ONE: 1}),
        (["a.zip", "b.zip"], {"": 2}),
        (["a.zip", "Instructions.pdf"], {"": 1}),
    ],
)
def test_without_a_roster_whoever_the_lms_names_is_a_student(
    gradebook: Gradebook, folder: Path, names: list[str], expected: dict[str, int]
) -> None:
    pack(folder, *names)
    survey_into(gradebook, folder)
    assert {who: len(questions) for who, (_, questions) in standings(gradebook).items()} == expected


def test_an_id_alone_is_enough_where_the_roster_knows_no_more(gradebook: Gradebook, folder: Path) -> None:
    roster = folder.parent / "roster.csv"
    roster.write_text("student_id\n2024-20001\n2024-20002\n")
    pack(folder, "nick_48211_991_2024-20001.zip")
    survey_into(gradebook, folder, roster)
    assert standings(gradebook)[ONE] == ("nick_48211_991_2024-20001.zip", ())
    pack(folder, "mallory_48666_992_2024-20001.zip")  # claims the same ID
    survey_into(gradebook, folder, roster)
    found = standings(gradebook)
    assert found[ONE] == ("", ()) and len(found[""][1]) == 2


def test_an_answer_ends_the_question_and_survives_a_new_download(
    gradebook: Gradebook, folder: Path, roster: Path
) -> None:
    wrong = "twostudent_48213_991234_2024-20001.zip"
    pack(folder, wrong)
    survey_into(gradebook, folder, roster)
    assert standings(gradebook)[THREE][1]
    desk = Desk(gradebook, "a teacher")
    event = desk.assign(wrong, ONE)
    expected = {ONE: (wrong, ()), TWO: ("", ()), THREE: ("", ())}
    assert standings(gradebook) == expected
    (folder / wrong).unlink()
    again = "twostudent_48213_995678_2024-20001-1.zip"
    pack(folder, again)
    survey_into(gradebook, folder, roster)
    assert standings(gradebook) == expected | {ONE: (again, ())}
    desk.undo(event.id)
    survey_into(gradebook, folder, roster)
    assert standings(gradebook)[THREE][0] == again and standings(gradebook)[THREE][1]


def test_somebody_whom_nobody_knew_is_entered_by_an_answer(gradebook: Gradebook, folder: Path, roster: Path) -> None:
    pack(folder, "homework.zip")
    survey_into(gradebook, folder, roster)
    desk = Desk(gradebook)
    for file, who, problem in (
        ("homework.zip", "somebody", "has no student somebody"),
        ("nothing.zip", ONE, "has no file or attempt nothing.zip"),
    ):
        with pytest.raises(GradebookError, match=problem):
            desk.assign(file, who)
    desk.assign("homework.zip", "2024-20077")
    survey_into(gradebook, folder, roster)
    assert standings(gradebook)["2024-20077"] == ("homework.zip", ())
    assert "" not in standings(gradebook)


def test_what_is_nobodys_is_no_question_any_more(gradebook: Gradebook, folder: Path) -> None:
    pack(folder, "solution of last year.zip", "2024-20001.zip")
    survey_into(gradebook, folder)
    assert len(standings(gradebook)[""][1]) == 1
    event = Desk(gradebook).assign("solution of last year.zip", "nobody")
    assert event.in_words == "owner for nobody: nothing → nobody"
    for _ in range(2):
        assert standings(gradebook)[""][1] == () and standings(gradebook).keys() == {"", ONE}
        survey_into(gradebook, folder)


def test_students_are_one_person_once_the_roster_says_so(gradebook: Gradebook, folder: Path, roster: Path) -> None:
    pack(folder, "onestudent_48211_991_hw.zip")
    survey_into(gradebook, folder)
    Desk(gradebook).excuse("48211", "ill")
    survey_into(gradebook, folder, roster)
    assert standings(gradebook)[ONE][0] == "onestudent_48211_991_hw.zip"
    assert gradebook.person(ONE).excused == "ill" and gradebook.person("login1") == gradebook.person("48211")
    with pytest.raises(GradebookError, match="has no student 2024-2000; do you mean '2024-20001', '2024-20002'"):
        gradebook.person("2024-2000")
