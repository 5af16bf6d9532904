"""A class as a whole: names that an LMS made, the roster, resubmissions, and students who handed in nothing."""

import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course.manifest import load, project_root
from autograder.intake import roster as roster_module
from autograder.intake.classlist import superseded, survey
from autograder.intake.handout import NOTHING
from autograder.intake.lms.forms import parse
from autograder.intake.lms.given import GivenName, LmsPerson
from autograder.intake.roster import Roster, RosterError, Student, read_roster
from autograder.intake.submission import Submission
from autograder.notebook.repair import Kind

ASSIGNMENTS = load(project_root(Path(__file__).parent))
HW4, ASSIGNMENT2 = ASSIGNMENTS["hw4"], ASSIGNMENTS["assignment2"]

# Names


def canvas(original: str, owner: str, late: bool, number: int, resubmission: int = 0) -> GivenName:
    person = LmsPerson("canvas 48211", "48211", name=owner)
    return GivenName(original, (person,), "Canvas", None, late, number, resubmission)


def moodle(original: str, owner: str, resubmission: int = 0) -> GivenName:
    person = LmsPerson("moodle 48211", "48211", name=owner)
    return GivenName(original, (person,), "Moodle", resubmission=resubmission)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2024-20001.zip", GivenName("2024-20001.zip")),
        ("2024-20001-1.zip", GivenName("2024-20001.zip", resubmission=1)),
        ("student01_48211_991234_2024-20001.zip", canvas("2024-20001.zip", "student01", False, 991234)),
        (
            "student01_LATE_48211_991234_2024-20001-1.zip",
            canvas("2024-20001.zip", "student01", True, 991234, 1),
        ),
        ("student_01_48211_991234_a_b.zip", canvas("a_b.zip", "student_01", False, 991234)),
        ("student01_48211_991234_hw4_vit-2.ipynb", canvas("hw4_vit.ipynb", "student01", False, 991234, 2)),
        ("student01_48211_991234_homework-2.zip", canvas("homework-2.zip", "student01", False, 991234)),
        ("홍길동_48211_assignsubmission_file_", moodle("", "홍길동")),
        ("Gil Dong_48211_assignsubmission_file", moodle("", "Gil Dong")),
        ("홍길동_48211_assignsubmission_file_2024-20001.zip", moodle("2024-20001.zip", "홍길동")),
        ("홍길동_48211_assignsubmission_file_2024-20001-3.zip", moodle("2024-20001.zip", "홍길동", resubmission=3)),
        ("hw-4.zip", GivenName("hw-4.zip")),
        ("kim_2024-20001.zip", GivenName("kim_2024-20001.zip")),
        ("2024-20001", GivenName("2024-20001")),
    ],
)
def test_names_of_downloads_are_taken_apart(name: str, expected: GivenName) -> None:
    assert parse(name, HW4) == expected


def test_canvas_puts_its_number_before_the_last_extension() -> None:
    assert parse("2024-20001.tar-1.gz", ASSIGNMENT2) == GivenName("2024-20001.tar.gz", resubmission=1)


@pytest.mark.slow
@settings(derandomize=True, deadline=None)
@given(
    st.from_regex(
        r"[a-z가_]{0,4}_?(LATE_)?[0-9_-]{0,12}(_assignsubmission_file_)?.{0,12}(\.zip|\.tar-1\.gz)?", fullmatch=True
    )
)
def test_any_name_is_taken_apart_without_losing_the_students_own(name: str) -> None:
    name = unicodedata.normalize("NFC", name)
    given_name = parse(name, HW4)
    own = given_name.original.rpartition(".")[0]
    assert name.startswith(given_name.owner) and own in name
    assert given_name.number >= 0 and given_name.resubmission >= 0


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
        Student("2024-20001", login="student01", name="One, Student"),
        Student("2024-20002", login="", name="Two"),
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
    with pytest.raises(RosterError, match="neither UTF-8 nor cp949; save it as 'CSV UTF-8'"):
        read_roster(tmp_path / "x.csv", HW4)
    monkeypatch.setattr(roster_module, "MAX_BYTES", 10)
    with pytest.raises(RosterError, match="larger than"):
        students(tmp_path, "student_id\n2024-20001\n")


def test_owners_are_found_by_login_or_by_a_name_that_one_student_has() -> None:
    known = Roster(
        [
            Student("2024-20001", login="student01", name="홍길동"),
            Student("2024-20002", login="student02", name="홍길동"),
            Student("2024-20003", login="", name="Kim Three"),
        ]
    )
    assert [known.student_of(owner) for owner in ("student01", "STUDENT02", "kim three", "홍길동", "", "nobody")] == [
        "2024-20001",
        "2024-20002",
        "2024-20003",
        "",
        "",
        "",
    ]


# The class

RIGHT = dict.fromkeys(HW4.notebooks, b"{}")


def pack(folder: Path, *names: str, files: dict[str, bytes] = RIGHT) -> list[Path]:
    for name in names:
        with zipfile.ZipFile(folder / name, "w") as archive:
            for member, content in files.items():
                archive.writestr(member, content)
    return sorted(folder.iterdir())


def by_id(found: list[Submission]) -> dict[str, Submission]:
    return {one.submission_id: one for one in found}


@pytest.mark.parametrize(
    "names",
    [
        ("student01_48211_1001_2024-20001.zip", "student01_48211_991_2024-20001-1.zip"),
        ("2024-20001-10.zip", "2024-20001-9.zip"),
        ("2024-20001 (2).zip", "2024-20001.zip"),
        ("student01_LATE_48211_1030_anything.zip", "student01_48211_1029_2024-20001.zip"),
    ],
)
def test_the_latest_of_a_student_counts(tmp_path: Path, names: tuple[str, str]) -> None:
    sources = pack(tmp_path, *names)
    found = {one.source.name: one for one in survey(sources, HW4, NOTHING, Roster([STUDENT]))}
    later, earlier = found[names[0]], found[names[1]]
    assert (later.replaced_by, earlier.replaced_by) == ("", later.submission_id)
    assert f"replaces '{earlier.submission_id}'" in later.notes
    assert earlier.notes[0] == f"not graded: replaced by '{later.submission_id}', which is later"


STUDENT = Student("2024-20001", login="student01", name="")


def test_without_any_number_the_last_by_name_counts_and_is_said_to(tmp_path: Path) -> None:
    first, last = survey(pack(tmp_path, "2024-20001_a.zip", "2024-20001_b.zip"), HW4, NOTHING)
    assert (first.replaced_by, last.replaced_by) == (last.submission_id, "")
    assert first.notes[0].endswith(f"'{last.submission_id}', the last by name, since nothing tells which is later")


def test_one_that_can_be_read_counts_whatever_comes_later(tmp_path: Path) -> None:
    pack(tmp_path, "2024-20001.zip")
    (tmp_path / "2024-20001-1.zip").write_bytes(b"PK\x03\x04 broken")
    found = by_id(survey(sorted(tmp_path.iterdir()), HW4, NOTHING))
    assert found["2024-20001-1"].replaced_by == "2024-20001" and found["2024-20001"].replaced_by == ""
    assert found["2024-20001-1"].notes[0] == "not graded: replaced by '2024-20001', which can be read"


def test_of_three_one_counts(tmp_path: Path) -> None:
    sources = pack(tmp_path, "2024-20001.zip", "2024-20001-1.zip", "2024-20001-2.zip", "2024-20002.zip")
    found = survey(sources, HW4, NOTHING)
    assert superseded(found, HW4) == {"2024-20001": "2024-20001-2", "2024-20001-1": "2024-20001-2"}
    assert "replaces '2024-20001', '2024-20001-1'" in by_id(found)["2024-20001-2"].notes


def test_another_login_cannot_replace_a_students_work(tmp_path: Path) -> None:
    mine, theirs = "student01_4821_900_2024-20001.zip", "student02_4821_901_2024-20001-1.zip"
    sources = pack(tmp_path, mine, theirs)
    found = survey(sources, HW4, NOTHING)
    assert not any(one.replaced_by for one in found)
    assert all("2 submissions of student 2024-20001 are graded" in one.notes for one in found)
    known = Roster([STUDENT, Student("2024-20002", login="student02", name="")])
    first, second = survey(sources, HW4, NOTHING, known)
    assert (first.student_id, second.student_id) == ("2024-20001", "2024-20002")
    assert (
        "student ID 2024-20002 taken from the roster, by 'student02', not 2024-20001 as its names say" in second.notes
    )
    assert [repair.kind for repair in second.repairs] == [Kind.STUDENT_ID]
    assert not any(one.replaced_by for one in (first, second))


def test_an_owner_is_the_same_however_its_letters_are_composed(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "홍길동")
    names = ["홍길동_4821_901_a.zip", f"{decomposed}_4821_902_a.zip"]
    pack(tmp_path, *names)
    earlier, later = survey([tmp_path / name for name in names], HW4, NOTHING)
    assert (earlier.replaced_by, later.replaced_by) == (later.submission_id, "")


def test_those_without_any_owner_are_nobodys_resubmission(tmp_path: Path) -> None:
    assert not any(one.replaced_by for one in survey(pack(tmp_path, "a.zip", "b.zip"), HW4, NOTHING))


def test_one_login_without_ids_has_one_submission_that_counts(tmp_path: Path) -> None:
    sources = pack(tmp_path, "student01_4821_900_a.zip", "student01_4821_901_b.zip", "student02_4821_902_b.zip")
    assert [bool(one.replaced_by) for one in survey(sources, HW4, NOTHING)] == [True, False, False]


def test_single_notebooks_replace_only_their_own_name(tmp_path: Path) -> None:
    names = ["s_4821_990_hw4_rnn.ipynb", "s_4821_991_hw4_vit.ipynb", "s_4821_992_hw4_vit-1.ipynb"]
    for name in names:
        (tmp_path / name).write_bytes(b"{}")
    rnn, vit, again = survey([tmp_path / name for name in names], HW4, NOTHING)
    assert (rnn.replaced_by, vit.replaced_by, again.replaced_by) == ("", again.submission_id, "")
    assert again.missing == ["hw4_rnn.ipynb", "hw4_seq2seq.ipynb"]


def test_a_roster_names_who_is_missing_and_who_is_unknown(tmp_path: Path) -> None:
    known = Roster([STUDENT, Student("2024-20002", login="", name=""), Student("2024-20003", login="", name="")])
    sources = pack(tmp_path, "student01_4821_900_final.zip", "2024-20009.zip", "hw.zip", "2024-20003.zip")
    found = by_id(survey(sources, HW4, NOTHING, known))
    assert found["student01_4821_900_final"].student_id == "2024-20001"
    assert "student ID 2024-20001 taken from the roster, by 'student01'" in found["student01_4821_900_final"].notes
    assert "student ID 2024-20009 is not on the roster" in found["2024-20009"].notes
    assert found["hw"].notes[-1] == "belongs to nobody on the roster"
    assert found["2024-20003"].notes == []
    absent = found["2024-20002"]
    assert (absent.student_id, absent.state, absent.error) == ("2024-20002", "absent", "nothing was handed in")
    assert absent.missing == list(HW4.required)
    assert {one.state for one in found.values() if one is not absent} == {"read"}
    assert list(found)[-1] == "2024-20002" and len(found) == 5


def test_who_handed_in_nothing_gets_a_row_whose_name_is_free(tmp_path: Path) -> None:
    known = Roster([STUDENT, Student("2024-20002", login="", name="")])
    (tmp_path / "2024-20002").mkdir()
    pack(tmp_path / "2024-20002", "a.zip", "student01_4821_9001_a.zip")
    sources = [tmp_path / "2024-20002" / "student01_4821_9001_a.zip"]
    sources.append(Path(tmp_path / "2024-20002" / "a.zip").rename(tmp_path / "2024-20002.x"))
    found = survey(sources, HW4, NOTHING, known)
    assert [one.submission_id for one in found] == ["student01_4821_9001_a", "2024-20002.x"]
    found = survey(sources[:1], HW4, NOTHING, known)
    assert [one.submission_id for one in found] == ["student01_4821_9001_a", "2024-20002"]


def test_a_class_is_kept_without_its_notebooks(tmp_path: Path) -> None:
    (found,) = survey(pack(tmp_path, "2024-20001.zip"), HW4, NOTHING)
    assert (found.notebooks, found.missing) == ({}, [])
