"""`autograder export` and `feedback` over a gradebook: what is written, what is refused, and what the history keeps."""

import io
import json
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from surveys import ROOT, survey_into, zipped
from typer.testing import CliRunner, Result

from autograder.cli.app import app
from autograder.course.late import Counts
from autograder.course.manifest import load
from autograder.desk.desk import Desk
from autograder.gradebook.events import Action
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import grades_of
from autograder.marking.verdict import Verdict
from autograder.pages.student_page import write_student_page

HW4 = replace(load(ROOT)["hw4"], counts=Counts.LAST, late=None)
ONE, TWO, THREE = "2024-20001", "2024-20002", "2024-20003"
CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Homework 4 (123456),Homework 5 (123457),Final Score\r\n"
    "    Points Possible,,,,,100.00,50.00,(read only)\r\n"
    '"One, Student",48211,2024-20001,login1,A,,,\r\n'
    '"Two, Student",48212,2024-20002,login2,A,12.00,,\r\n'
    '"Three, Student",48213,2024-20003,login3,B,N/A,,\r\n'
)
MOODLE = (
    "Identifier,Full name,Grade,Maximum Grade,Grade can be changed,Last modified (grade),Feedback comments\n"
    "Participant 48211,Student One,,100.00,Yes,-,\n"
    "Participant 48212,Student Two,,100.00,Yes,-,\n"
)
UP = ["--column", "Homework 4"]


@pytest.fixture
def grades(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of grades: two students handed in something, a third one nothing."""
    monkeypatch.chdir(ROOT)
    (tmp_path / "class").mkdir()
    for name in ("onestudent_48211_991234_2024-20001.zip", "twostudent_48212_991235_2024-20002-1.zip"):
        zipped(tmp_path / "class" / name, dict.fromkeys(HW4.notebooks, b"{}"))
    (tmp_path / "gradebook.csv").write_bytes(CANVAS.encode())
    (tmp_path / "worksheet.csv").write_bytes(MOODLE.encode())
    with Gradebook(tmp_path / "grades", HW4) as gradebook:
        for attempt in survey_into(gradebook, tmp_path / "class", tmp_path / "gradebook.csv", points=2):
            write_student_page(gradebook, attempt.submission_id)
    return tmp_path / "grades"


@pytest.fixture
def desk(grades: Path) -> Iterator[Desk]:
    with Gradebook(grades, HW4, alone=False) as gradebook:
        yield Desk(gradebook)


def run(command: str, grades: Path, *options: object) -> Result:
    result = CliRunner().invoke(app, [command, str(grades), *map(str, options)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def to_canvas(grades: Path, *options: object, column: str = "Homework 4") -> Result:
    folder = grades.parent
    given = ["--canvas", folder / "gradebook.csv", "--column", column, "--out", folder / "up.csv"]
    return run("export", grades, *given, *options)


def ungrade(grades: Path, student_id: str) -> None:
    with Gradebook(grades, HW4) as gradebook:
        (attempt,) = (one.attempt for one in grades_of(gradebook) if one.student.student_id == student_id)
        gradebook.record(attempt, Verdict.ungraded("1a", 3, "sandbox", ""))


def test_canvas_goes_out_and_in(grades: Path) -> None:
    result = to_canvas(grades)
    up = grades.parent / "up.csv"
    expected = CANVAS.replace("A,,,", "A,28,,").replace("12.00", "28")
    assert up.read_bytes().decode() == expected and up.stat().st_mode & 0o777 == 0o600
    assert result.exit_code == 0 and result.stdout == f"wrote {up}: 2 marks\n"
    assert result.stderr == "left as they were:\n  2024-20003: the cell says 'N/A'\n"


def test_only_what_changed_since_the_last_export(grades: Path, desk: Desk) -> None:
    lines = CANVAS.splitlines(keepends=True)
    to_canvas(grades, "--changed")
    assert (grades.parent / "up.csv").read_bytes().decode().count("\n") == 4
    to_canvas(grades, "--changed")
    assert (grades.parent / "up.csv").read_bytes().decode() == "".join(lines[:2])
    desk.mark(TWO, "1a", 3, "right after all")
    to_canvas(grades, "--changed")
    assert (grades.parent / "up.csv").read_bytes().decode() == "".join([*lines[:2], lines[3].replace("12.00", "29")])
    to_canvas(grades, "--scale", "--changed", column="Homework 5")  # another target has a past of its own
    assert (grades.parent / "up.csv").read_bytes().decode().count("\n") == 5
    exports = [event for event in desk.events(TWO) if event.action is Action.EXPORT]
    assert [(event.before, event.after) for event in exports] == [(None, "28"), ("28", "29"), (None, "14.5")]


def test_what_is_not_ready_is_refused_by_name_or_kept(grades: Path) -> None:
    ungrade(grades, ONE)
    to_write = {"--xlsx": "marks.xlsx", "--json": "marks.json"}
    for option, name in to_write.items():
        result = run("export", grades, option, grades.parent / name)
        assert result.exit_code == 2 and "2024-20001: UNGRADED: 1a" in result.stderr
    result = to_canvas(grades)
    assert result.exit_code == 2 and "2024-20001: UNGRADED: 1a" in result.stderr
    assert not {"up.csv", *to_write.values()} & {path.name for path in grades.parent.iterdir()}
    result = to_canvas(grades, "--partial")
    assert result.exit_code == 0 and "2024-20001: UNGRADED: 1a" in result.stderr
    assert (grades.parent / "up.csv").read_bytes().decode() == CANVAS.replace("12.00", "28")


def test_while_a_file_is_nobodys_no_zero_goes_out(grades: Path) -> None:
    zipped(grades.parent / "class" / "homework.zip", dict.fromkeys(HW4.notebooks, b"{}"))
    with Gradebook(grades, HW4) as gradebook:
        survey_into(gradebook, grades.parent / "class", grades.parent / "gradebook.csv", points=2)
    csv = grades.parent / "gradebook.csv"
    csv.write_bytes(CANVAS.replace("N/A", "").encode())
    result = to_canvas(grades)
    assert result.exit_code == 2
    assert "homework.zip: whose is it? Nothing in its names tells" in result.stderr
    assert "2024-20003: handed in nothing, unless it is homework.zip" in result.stderr
    assert to_canvas(grades, "--partial").exit_code == 0
    assert (grades.parent / "up.csv").read_bytes().decode().splitlines()[4].endswith("login3,B,,,")


def test_who_is_excused_is_excused_in_canvas(grades: Path, desk: Desk) -> None:
    desk.excuse(TWO, "ill")
    ungrade(grades, TWO)
    assert to_canvas(grades).exit_code == 0
    assert "login2,A,EX,," in (grades.parent / "up.csv").read_bytes().decode()


def test_moodle_goes_out_and_in(grades: Path) -> None:
    given = ["--moodle", grades.parent / "worksheet.csv", "--out", grades.parent / "up.csv"]
    result = run("export", grades, *given)
    lines = (grades.parent / "up.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith("Participant 48211,Student One,28,100.00,Yes,-,Total: 28 of 100<br>1a: 2 of 3<br>")
    assert result.stderr == f"not in {grades.parent / 'worksheet.csv'}:\n  2024-20003\n"
    run("export", grades, *given, "--changed")
    assert (grades.parent / "up.csv").read_text(encoding="utf-8").splitlines() == lines[:1]


def test_a_workbook_and_json_are_written(grades: Path, desk: Desk) -> None:
    ungrade(grades, ONE)
    marks = grades.parent / "marks.json"
    result = run("export", grades, "--json", marks, "--partial")
    assert result.stdout == f"wrote {marks}: 2 marks\n"
    assert result.stderr == "left blank:\n  2024-20001: UNGRADED: 1a\n"
    assert [one["total"] for one in json.loads(marks.read_bytes())["students"]] == [None, 28, 28]
    book = grades.parent / "marks.xlsx"
    assert run("export", grades, "--xlsx", book, "--partial").exit_code == 0
    with zipfile.ZipFile(book) as archive:
        assert archive.read("xl/workbook.xml").count(b"<sheet ") == 1 + len(HW4.questions)
    assert {path.stat().st_mode & 0o777 for path in (marks, book)} == {0o600}
    events = [(event.about, event.after) for event in desk.events()]
    assert events == [("the class", "marks.json"), ("the class", "marks.xlsx")]


def test_pages_go_back(grades: Path) -> None:
    out = grades.parent / "feedback.zip"
    result = run("feedback", grades, "--canvas", out)
    assert result.exit_code == 0 and result.stdout == f"wrote {out}: 2 pages\n"
    with zipfile.ZipFile(out) as archive:
        names = archive.namelist()
        with zipfile.ZipFile(io.BytesIO(archive.read(names[1]))) as inner:
            (page,) = inner.namelist()
            assert inner.read(page) == (grades / "students" / page).read_bytes()
    assert names == ["onestudent_48211_991234_2024-20001.zip", "twostudent_48212_991235_2024-20002-1.zip"]
    folder = grades.parent / "feedback"
    result = run("feedback", grades, "--moodle", folder)
    assert result.exit_code == 2 and "no name of its files has Moodle's number" in result.stderr
    assert not folder.exists()


def test_a_long_name_goes_back_whole(grades: Path) -> None:
    folder = grades.parent / "class"
    long = f"onestudent_48211_991299_{'homework-' * 20}1.zip"  # handed in again
    zipped(folder / long, dict.fromkeys(HW4.notebooks, b"{} "))
    with Gradebook(grades, HW4) as gradebook:
        for attempt in survey_into(gradebook, folder, grades.parent / "gradebook.csv", points=2):
            write_student_page(gradebook, attempt.submission_id)
    out = grades.parent / "feedback.zip"
    run("feedback", grades, "--canvas", out)
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist()[0] == long


def test_pages_go_back_to_moodle_as_a_folder_or_a_zip(grades: Path) -> None:
    folder = grades.parent / "class"
    for number, path in enumerate(sorted(folder.iterdir()), 1):
        path.rename(folder / f"Student {number}_4821{number}_assignsubmission_file_2024-2000{number}.zip")
    with Gradebook(grades, HW4) as gradebook:
        for attempt in survey_into(gradebook, folder, grades.parent / "gradebook.csv", points=2):
            write_student_page(gradebook, attempt.submission_id)
    out = grades.parent / "feedback"
    assert run("feedback", grades, "--moodle", out).exit_code == 0
    names = {path.relative_to(out).parts[0] for path in out.glob("*/*.html")}
    assert names == {"Student 1_48211_assignfeedback_file_", "Student 2_48212_assignfeedback_file_"}
    assert run("feedback", grades, "--moodle", out).exit_code == 2
    assert run("feedback", grades, "--moodle", f"{out}.zip").exit_code == 0
    with zipfile.ZipFile(f"{out}.zip") as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == names


def test_pages_of_what_is_not_ready_stay(grades: Path) -> None:
    ungrade(grades, ONE)
    out = grades.parent / "feedback.zip"
    result = run("feedback", grades, "--canvas", out)
    assert result.exit_code == 2 and "2024-20001: UNGRADED: 1a" in result.stderr and not out.exists()
    result = run("feedback", grades, "--canvas", out, "--partial")
    assert result.stdout.endswith(": 1 page\n") and result.stderr == "without a page:\n  2024-20001: UNGRADED: 1a\n"


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        ("export", [], "expected one of --canvas, --moodle, --xlsx, --json, got none"),
        ("export", ["--xlsx", "a", "--json", "b"], "got --xlsx and --json"),
        ("export", ["--canvas", "a"], "--canvas needs --column and --out"),
        ("export", ["--canvas", "a", *UP], "--canvas needs --out"),
        ("export", ["--moodle", "a", "--column", "x"], "--moodle needs --out"),
        ("export", ["--moodle", "a", *UP, "--out", "b"], "--column cannot be combined with --moodle"),
        ("export", ["--json", "a", "--scale", "--changed"], "--changed and --scale cannot be combined with --json"),
        ("export", ["--canvas", "none.csv", *UP, "--out", "b"], "none.csv: No such file or directory"),
        ("export", ["--json", "none/marks.json"], "No such file or directory"),
        ("feedback", [], "expected one of --canvas, --moodle, got none"),
        ("feedback", ["--canvas", "none/a.zip"], "No such file or directory"),
    ],
)
def test_other_usage_is_refused(grades: Path, command: str, options: list[str], message: str) -> None:
    result = run(command, grades, *options)
    assert result.exit_code == 2 and message in result.stderr
    assert result.stderr.startswith("autograder: ") and result.stderr.count("\n") == 1


def test_a_folder_without_a_gradebook_is_refused(grades: Path) -> None:
    result = run("export", grades.parent / "class", "--json", "a")
    assert result.exit_code == 2 and "no such file; expected the folder that `autograder grade" in result.stderr


def test_a_package_that_only_graders_need_is_named(grades: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "autograder.exports.workbook", raising=False)
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    done = run("export", grades, "--xlsx", grades.parent / "marks.xlsx", "--partial")
    assert done.exit_code == 2 and "xlsxwriter is not installed: pip install -r requirements-graders.txt" in done.output
    assert not (grades.parent / "marks.xlsx").exists()
