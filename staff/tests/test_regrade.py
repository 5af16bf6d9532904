"""A class is regraded from what was recorded: no student code runs, the diff is right, and applied only if asked."""

import csv
import io
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.authoring import build
from autograder.cli.app import app
from autograder.course.root import project_root
from autograder.sandbox import Sandbox

pytestmark = pytest.mark.slow

ROOT = project_root(Path(__file__).parent)
NAME = "Assignment2-1_RNN.ipynb"
NEARLY = "    return output + 0.5"
CRASH = "    import os; os._exit(1)"
RUN = CliRunner()


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the course whose checks may be changed."""
    root = tmp_path / "course"
    root.mkdir()
    for name in ("data", "staff", "notebooks"):
        (root / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "tests", root / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "assignments.toml", root)
    monkeypatch.chdir(root)
    return root


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def pack(path: Path, ending: str) -> None:
    """A submission whose gru_forward ends in these lines."""
    notebook = build.solution_notebook(build.read_sources(ROOT, ["gru"]))
    cell = next(cell for cell in notebook.cells if "def gru_forward" in cell.source)
    cell.source = cell.source.removesuffix("    return output") + ending
    content = build.to_bytes(notebook)
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(NAME)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a class of four and its grades."""
    folder = tmp_path_factory.mktemp("graded")
    (folder / "class").mkdir()
    for number, ending in enumerate(("    return output", NEARLY, NEARLY, CRASH)):
        pack(folder / "class" / f"2024-2000{number}.tar.gz", ending)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        grade(folder / "class", folder / "grades")
    return folder


@pytest.fixture
def grades(course: Path, graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The grades, in a copy; no student code can be run."""
    shutil.copytree(graded / "grades", tmp_path / "grades")

    def refuse(*_: object) -> None:
        raise AssertionError("student code would run")

    monkeypatch.setattr(Sandbox, "fork", refuse)
    return tmp_path / "grades"


def grade(submissions: Path, out: Path) -> None:
    command = ["grade", submissions, "--assignment", "assignment2", "--out", out, "--secret-seed", 5, "--jobs", 1]
    result = RUN.invoke(app, [str(word) for word in command])
    assert result.exit_code == 1, result.output  # saved models are not measured


def regrade(out: Path, *options: str) -> tuple[int, str]:
    result = RUN.invoke(app, ["regrade", str(out), *options])
    return result.exit_code, " ".join(result.output.split())


def points(out: Path, label: str = "2-1-1a") -> list[str]:
    with (out / "verdicts.csv").open(newline="", encoding="utf-8") as file:
        return [row["points"] for row in csv.DictReader(file) if row["question"] == label]


def test_nothing_changes_while_nothing_is_changed(grades: Path) -> None:
    assert regrade(grades) == (0, "0 verdicts change; 0 submissions gain points, 0 lose some. No student code ran.")


def test_a_changed_tolerance_moves_those_whom_it_concerns(course: Path, grades: Path) -> None:
    before = points(grades)
    assert before == ["10", "0", "0", "0"]
    change(course / "tests" / "test_gru.py", "TOLERANCE = 1e-5", "TOLERANCE = 1.0")
    code, said = regrade(grades)
    assert code == 0, said
    for submission_id in ("2024-20001", "2024-20002"):
        assert f"{submission_id} 2-1-1a 0 10 +10 wrong values → right" in said
    assert "2 verdicts change; 2 submissions gain points, 0 lose some. No student code ran." in said
    assert "Nothing is changed yet: `--apply` does it." in said
    assert points(grades) == before

    assert regrade(grades, "--apply")[0] == 0
    assert points(grades) == ["10", "10", "10", "0"]
    assert "wrong values" not in (grades / "students" / "2024-20001.html").read_text("utf-8")
    assert regrade(grades)[1].startswith("0 verdicts change")


def test_grading_goes_on_from_what_regrading_applied(course: Path, grades: Path, graded: Path) -> None:
    change(course / "tests" / "test_gru.py", "TOLERANCE = 1e-5", "TOLERANCE = 1.0")
    regrade(grades, "--apply")
    grade(graded / "class", grades)
    assert points(grades) == ["10", "10", "10", "0"]


def test_other_points_are_applied(course: Path, grades: Path) -> None:
    change(course / "tests" / "test_gru.py", '"2-1-1a", points=10', '"2-1-1a", points=8')
    change(course / "assignments.toml", "2-1-1a = 10", "2-1-1a = 8")
    code, said = regrade(grades, "--apply")
    assert code == 0
    assert "2024-20000 2-1-1a 10 8 -2 worth 8 instead of 10" in said
    assert "4 verdicts change; 0 submissions gain points, 1 lose some." in said
    assert points(grades) == ["8", "0", "0", "0"]


def test_a_mark_given_by_hand_stays(course: Path, grades: Path) -> None:
    given = RUN.invoke(app, ["mark", str(grades), "2024-20001", "2-1-1a", "--points", "4.5", "--reason", "half"])
    assert given.exit_code == 0, given.output
    assert points(grades) == ["10", "4.5", "0", "0"]
    change(course / "tests" / "test_gru.py", "TOLERANCE = 1e-5", "TOLERANCE = 1.0")
    code, said = regrade(grades, "--apply")
    assert code == 0
    assert "1 verdicts change" in said and "1 marks given by hand stay as they are." in said
    assert points(grades) == ["10", "4.5", "10", "0"]
    assert "marked by hand" in (grades / "students" / "2024-20001.html").read_text("utf-8")
    taken = RUN.invoke(app, ["mark", str(grades), "2024-20001", "2-1-1a"])
    assert taken.exit_code == 0, taken.output
    assert points(grades) == ["10", "10", "10", "0"]


def test_one_question_of_one_student_is_regraded_for_a_reason(course: Path, grades: Path) -> None:
    change(course / "tests" / "test_gru.py", "TOLERANCE = 1e-5", "TOLERANCE = 1.0")
    part = ("--student", "2024-20001", "--question", "2-1-1a")
    page = grades / "students" / "2024-20001.html"
    before = page.read_text("utf-8")
    assert "wrong values" in before
    assert "1 verdicts change" in regrade(grades, *part)[1] and points(grades) == ["10", "0", "0", "0"]
    code, said = regrade(grades, *part, "--apply", "--reason", "the tolerance was too strict", "--as", "TA 1")
    assert code == 0, said
    assert "1 verdicts change; 1 submissions gain points, 0 lose some." in said
    assert "event 1: regrade of 2-1-1a for 2024-20001: 0 → 10 (the tolerance was too strict)" in said
    assert points(grades) == ["10", "10", "0", "0"] and "wrong values" not in page.read_text("utf-8")
    assert "TA 1: regrade of 2-1-1a" in " ".join(RUN.invoke(app, ["history", str(grades), "2024-20001"]).output.split())
    code, said = regrade(grades, "--apply")  # the rest of the class
    assert (code, points(grades)) == (0, ["10", "10", "10", "0"]), said
    undone = RUN.invoke(app, ["undo", str(grades), "1"])  # the two are about different marks
    assert (undone.exit_code, points(grades)) == (0, ["10", "0", "10", "0"]), undone.output
    assert page.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("part", "says"),
    [
        (["--student", "2024-20001", "--apply"], "--reason is missing: why this part of the class is regraded"),
        (["--student", "2024-29999"], "has no student 2024-29999"),
        (["--question", "9z"], "no question '9z' in assignment2; there are: 2-1-1a"),
    ],
)
def test_a_part_that_cannot_be_regraded_says_why(course: Path, grades: Path, part: list[str], says: str) -> None:
    code, said = regrade(grades, *part)
    assert code == 2 and says in said, said


def test_regrading_under_a_mark_by_hand_is_an_event(course: Path, grades: Path) -> None:
    given = ["mark", str(grades), "2024-20001", "2-1-1a", "--points", "4.5", "--reason", "half"]
    assert RUN.invoke(app, given).exit_code == 0
    change(course / "tests" / "test_gru.py", "TOLERANCE = 1e-5", "TOLERANCE = 1.0")
    part = ("--student", "2024-20001", "--question", "2-1-1a")
    code, said = regrade(grades, *part, "--apply", "--reason", "tolerance")
    assert code == 0 and "event 2: regrade for what marks by hand cover: 0 → 10 (tolerance)" in said, said
    assert RUN.invoke(app, ["undo", str(grades), "2"]).exit_code == 0
    assert RUN.invoke(app, ["mark", str(grades), "2024-20001", "2-1-1a"]).exit_code == 0
    assert points(grades) == ["10", "0", "0", "0"]


def test_an_appeal_is_answered_by_regrading(course: Path, grades: Path) -> None:
    who = [str(grades), "2024-20001", "2-1-1a"]
    answer = ["appeal", "answer", *who, "--accept", "--text", "The tolerance was too strict.", "--regrade"]
    assert RUN.invoke(app, ["appeal", "open", *who, "--text", "Only rounding."]).exit_code == 0
    change(course / "tests" / "test_gru.py", "TOLERANCE = 1e-5", "TOLERANCE = 1.0")
    result = RUN.invoke(app, answer)
    assert result.exit_code == 0, result.output
    assert points(grades) == ["10", "10", "0", "0"]
    page = (grades / "students" / "2024-20001.html").read_text("utf-8")
    assert "points 0 → 10" in page and "The tolerance was too strict." in page
    undone = RUN.invoke(app, ["undo", str(grades), "3"])
    assert (undone.exit_code, points(grades)) == (0, ["10", "0", "0", "0"]), undone.output
    change(
        course / "tests" / "test_gru.py", "student.gru_forward(*case.inputs)", "student.gru_forward(*case.inputs[::-1])"
    )
    result = RUN.invoke(app, answer)
    assert (result.exit_code, points(grades)) == (2, ["10", "0", "0", "0"])
    assert "its check asks what was not recorded; run `autograder grade SUBMISSIONS --only 2024-20001`" in result.output


def test_a_check_that_asks_something_new_needs_the_code(course: Path, grades: Path) -> None:
    change(
        course / "tests" / "test_gru.py", "student.gru_forward(*case.inputs)", "student.gru_forward(*case.inputs[::-1])"
    )
    before = points(grades)
    code, said = regrade(grades, "--apply")
    assert code == 1
    assert "4 verdicts of 4 submissions need student code to run (2-1-1a):" in said
    assert points(grades) == before


@pytest.mark.parametrize("table", ["recordings", "readings"])
def test_a_recording_of_another_form_needs_the_code(course: Path, grades: Path, table: str) -> None:
    before = points(grades)
    change(course / "tests" / "test_gru.py", "TOLERANCE = 1e-5", "TOLERANCE = 1.0")
    with closing(sqlite3.connect(grades / "gradebook.sqlite")) as connection, connection:
        connection.execute(f"UPDATE {table} SET recording = x'2a'")
    code, said = regrade(grades, "--apply")
    assert (code, points(grades)) == (1, before)
    assert "8 verdicts of 4 submissions need student code to run (2-1-1a, 2-1-1b):" in said


def test_other_limits_leave_what_a_limit_did_not_end(course: Path, grades: Path) -> None:
    change(course / "assignments.toml", "[assignment2.limits]\nseconds = 10", "[assignment2.limits]\nseconds = 11")
    code, said = regrade(grades)
    assert code == 1
    assert "1 verdicts of 1 submissions need student code to run (2-1-1a):" in said


@pytest.mark.slow
def test_a_class_that_was_interrupted_is_said_to_be_incomplete(grades: Path) -> None:
    with closing(sqlite3.connect(grades / "gradebook.sqlite")) as connection, connection:
        connection.execute("DELETE FROM verdicts WHERE submission_id = '2024-20002' AND question = '2-1-1b'")
    before = points(grades)
    result = RUN.invoke(app, ["regrade", str(grades)])
    assert result.exit_code == 1 and points(grades) == before
    assert "The class is not complete: 1 submission has questions without a verdict." in result.stdout
    assert "need student code to run" not in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nobody", "2-1-1a", "--points", "1", "--reason", "x"], "has no student nobody"),
        (["2024-20001", "1a", "--points", "1", "--reason", "x"], "no question '1a' in assignment2; there are: 2-1-1a,"),
        (["2024-20001", "2-1-1a", "--points", "11", "--reason", "x"], "2-1-1a is worth 10 points, not 11"),
        (["2024-20001", "2-1-1a", "--points", "1"], "--reason is missing"),
    ],
)
def test_a_mark_that_makes_no_sense_is_refused(grades: Path, words: list[str], message: str) -> None:
    before = points(grades)
    result = RUN.invoke(app, ["mark", str(grades), *words])
    assert (result.exit_code, message in " ".join(result.stderr.split())) == (2, True), result.stderr
    assert points(grades) == before


def test_a_folder_without_grades_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for command in (["regrade", str(tmp_path)], ["mark", str(tmp_path), "a", "1a"]):
        result = RUN.invoke(app, command)
        assert (result.exit_code, "no such file; expected the folder" in " ".join(result.stderr.split())) == (2, True)
