"""The commands as people type them: exit codes, files, and one clear line for wrong usage."""

import csv
import errno
import hashlib
import io
import json
import subprocess
import sys
import tarfile
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from korean import english_in
from typer.testing import CliRunner

from autograder.authoring import build
from autograder.cli.app import app
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.gradebook.gradebook import Gradebook
from autograder.marking.sandboxes import NO_ISOLATION
from autograder.marking.verdict import Verdict
from autograder.pages import student_page
from autograder.sandbox import Sandbox
from autograder.sandbox.reader import Reader

ROOT = project_root(Path(__file__).parent)
GRU = "Assignment2-1_RNN.ipynb"
SAMPLES = str(ROOT / "data" / "samples")
RUN = CliRunner()


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="module")
def solution() -> bytes:
    return build.to_bytes(build.solution_notebook(build.read_sources(ROOT, ["gru"])))


def pack(path: Path, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_grade_writes_every_report(tmp_path: Path, solution: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    plain = Reader.call

    def call(reader: Reader, function: str, source: Path, *arguments: object, size: int) -> Any:
        opened.append(source.name)
        return plain(reader, function, source, *arguments, size=size)

    monkeypatch.setattr(Reader, "call", call)
    folder = tmp_path / "class"
    folder.mkdir()
    pack(folder / "2024-20001.tar.gz", {GRU: solution})
    (folder / "2024-20002.tar.gz").write_bytes(b"not an archive")
    out = tmp_path / "grades"
    grade = ["grade", str(folder), "--assignment", "assignment2", "--out", str(out), "--data", SAMPLES, "--jobs"]
    done = RUN.invoke(app, [*grade, "2"])
    assert done.exit_code == 1, done.output
    assert "2 students, 0 ungraded" in done.output and "1 submission was not read" in done.output
    # Once for its notebooks; once more for its models, which take too much room to lie on the disk for a whole class.
    assert Counter(opened) == {"2024-20001.tar.gz": 2, "2024-20002.tar.gz": 1}
    for row in rows(out / "attempts.csv"):  # what CollectSubmission.sh prints
        archive = folder / row["files"]
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        assert (row["bytes"], row["sha256"]) == (str(archive.stat().st_size), digest)
        page_text = (out / "students" / f"{row['submission']}.html").read_text(encoding="utf-8")
        assert f"Receipt: {archive.stat().st_size:,} bytes, SHA-256 {digest}" in page_text
    grades = rows(out / "grades.csv")
    assert [(row["student_id"], row["Q 2-1-1a"], row["total"]) for row in grades] == [
        ("2024-20001", "10", "30"),
        ("2024-20002", "0", "0"),
    ]
    verdicts = rows(out / "verdicts.csv")
    assert len(verdicts) == 10 and {row["verdict"] for row in verdicts} == {"PASS", "FAIL"}
    assert sorted(path.name for path in (out / "students").iterdir()) == ["2024-20001.html", "2024-20002.html"]
    assert (out / "gradebook.sqlite").is_file()
    again = RUN.invoke(app, [*grade, "1", "--json"])
    assert again.exit_code == 1 and rows(out / "verdicts.csv") == verdicts
    marks = json.loads(again.stdout)
    assert [(one["student_id"], one["total"]) for one in marks["students"]] == [("2024-20001", 30), ("2024-20002", 0)]
    assert "2 students" in again.stderr and "marking: 2 of 2, 0 ungraded in" in again.stderr
    quiet = RUN.invoke(app, [*grade, "1", "--quiet"])
    assert quiet.exit_code == 1 and quiet.output == ""


@pytest.mark.slow
def test_grade_exits_with_1_when_something_is_ungraded(tmp_path: Path) -> None:
    vit = build.solution_notebook(build.read_sources(ROOT, ["vit"]))
    code = (
        "class Attention(nn.Module):\n"
        "    def __init__(self, dim, num_heads, dropout=0.0):\n"
        "        super().__init__()\n"
        "        self.weight = nn.Parameter(torch.ones(dim, dim))\n"
        "    def forward(self, x):\n"
        "        return x @ self.weight\n"
    )
    folder = tmp_path / "2024-20001"
    folder.mkdir()
    (folder / "hw4_vit.ipynb").write_bytes(build.notebook_with_cell(vit, code))
    out = tmp_path / "grades"
    done = RUN.invoke(app, ["grade", str(folder), "--assignment", "hw4", "--out", str(out)])
    assert done.exit_code == 1, done.output
    assert rows(out / "grades.csv")[0]["Q 3b"] == "?"


@pytest.fixture
def no_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing isolates."""
    monkeypatch.setattr("autograder.marking.sandboxes.Sandbox", partial(Sandbox, layers=()))


@pytest.mark.slow
@pytest.mark.usefixtures("no_layers")
def test_without_isolation_a_class_is_graded_only_when_told_so(tmp_path: Path, solution: bytes) -> None:
    pack(tmp_path / "2024-20001.tar.gz", {GRU: solution})
    out = tmp_path / "grades"
    grade = [
        "grade",
        str(tmp_path / "2024-20001.tar.gz"),
        "--assignment",
        "assignment2",
        "--out",
        str(out),
    ]
    refused = RUN.invoke(app, grade)
    assert refused.exit_code == 2 and "cannot be isolated here" in refused.output
    assert "in its container (docs/container.md)" in refused.output and "or give --unsafe" in refused.output
    assert not (out / "grades.csv").exists()
    done = RUN.invoke(app, [*grade, "--unsafe"])
    assert done.exit_code == 1 and rows(out / "grades.csv")[0]["Q 2-1-1b"] == "20"  # saved models are not scored
    assert "not isolated" in rows(out / "grades.csv")[0]["notes"]
    again = RUN.invoke(app, grade)  # nothing is left to run, so no sandbox is missed
    assert again.exit_code == 1 and "cannot be isolated here" not in again.output


@pytest.mark.slow
@pytest.mark.usefixtures("no_layers")
def test_without_isolation_a_notebook_is_checked_beside_the_answers_only_when_told_so(
    tmp_path: Path, solution: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / GRU
    path.write_bytes(solution)
    refused = RUN.invoke(app, ["check", str(path)])
    assert refused.exit_code == 2 and "cannot be isolated here" in refused.output and "2-1-1a" not in refused.output
    events: list[str] = []

    def warn(_: Sandbox) -> str:
        events.append("warned")
        return NO_ISOLATION

    def mark(*_: object) -> list[Verdict]:
        events.append("marked")
        return [Verdict.scored("2-1-1a", 10, 10, "")]

    monkeypatch.setattr("autograder.selfcheck.file.isolation_warning", warn)
    monkeypatch.setattr("autograder.marking.questions.mark_notebook", mark)
    done = RUN.invoke(app, ["check", str(path), "--unsafe"])
    assert done.exit_code == 0 and done.output.splitlines()[1] == NO_ISOLATION
    monkeypatch.setattr("autograder.selfcheck.file.is_students_copy", lambda _: True)
    done = RUN.invoke(app, ["check", str(path)])
    assert done.exit_code == 0 and done.output.splitlines()[1] == NO_ISOLATION
    assert events == ["warned", "marked"] * 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grade", "nowhere", "--assignment", "hw4", "--out", "x"], "nowhere: no such file or folder"),
        (["grade", ".", "--assignment", "hw9", "--out", "x"], "there are: hw4, assignment2"),
        (["check", "nowhere.ipynb"], "nowhere.ipynb: No such file"),
        (["check", "README.md"], "is no notebook of this course"),
        (["release", "--assignment", "hw4", "--out", "docs"], "docs exists already"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(arguments: list[str], words: str) -> None:
    done = RUN.invoke(app, arguments)
    assert done.exit_code == 2 and words in done.output and "Traceback" not in done.output


@pytest.mark.parametrize("arguments", [["grade"], ["unknown"], ["grade", ".", "--assignment", "hw4", "--jobs", "0"]])
def test_missing_arguments_are_wrong_usage(arguments: list[str]) -> None:
    assert RUN.invoke(app, arguments).exit_code == 2


@pytest.mark.slow
def test_what_cannot_be_kept_is_a_row_of_its_own(
    tmp_path: Path, solution: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["2024-20001", "2024-20002", "2024-20003", "2024-20004"]
    folder, out = tmp_path / "class", tmp_path / "grades"
    folder.mkdir()
    for name in names:
        pack(folder / f"{name}.tar.gz", {GRU: solution})
    mkdir, record, write_page = Path.mkdir, Gradebook.record, student_page.write_student_page

    def failing_mkdir(path: Path, *arguments: Any, **options: Any) -> None:
        if path.name == names[0]:
            raise OSError(errno.ENAMETOOLONG, "File name too long", str(path))
        mkdir(path, *arguments, **options)

    def failing_record(book: Gradebook, submission_id: str, verdict: Verdict, *arguments: Any) -> None:
        with book.transaction() as connection:
            if (submission_id, verdict.question, verdict.diagnosis) == (names[1], "2-1-1b", ""):
                connection.execute("SELECT zeroblob(2147483647)")
        record(book, submission_id, verdict, *arguments)

    def failing_page(book: Gradebook, submission_id: str) -> Path:
        if submission_id == names[2]:
            raise OSError(errno.EIO, "Input/output error")
        return write_page(book, submission_id)

    monkeypatch.setattr(Path, "mkdir", failing_mkdir)
    monkeypatch.setattr(Gradebook, "record", failing_record)
    monkeypatch.setattr(student_page, "write_student_page", failing_page)
    done = RUN.invoke(app, ["grade", str(folder), "--assignment", "assignment2", "--out", str(out), "--jobs", "1"])
    assert done.exit_code == 1 and "2 submissions were not read" in done.output, done.output
    marks = {
        row["student_id"]: (row["Q 2-1-1a"], row["Q 2-1-1b"], row["notes"].partition(";")[0])
        for row in rows(out / "grades.csv")
    }
    assert marks == {
        names[0]: ("?", "?", "could not be kept: File name too long"),
        names[1]: ("10", "?", "could not be kept: string or blob too big"),
        names[2]: ("10", "20", "could not be kept: Input/output error"),
        names[3]: ("10", "20", marks[names[3]][2]),
    }
    monkeypatch.undo()
    monkeypatch.chdir(ROOT)
    again = RUN.invoke(app, ["grade", str(folder), "--assignment", "assignment2", "--out", str(out), "--jobs", "1"])
    assert {row["Q 2-1-1b"] for row in rows(out / "grades.csv")} == {"20"}, again.output


def test_an_empty_folder_is_wrong_usage(tmp_path: Path) -> None:
    folder, out = tmp_path / "class", tmp_path / "out"
    folder.mkdir()
    done = RUN.invoke(app, ["grade", str(folder), "--assignment", "hw4", "--out", str(out)])
    assert done.exit_code == 2 and "holds no submissions" in done.output and not out.exists()


@pytest.mark.parametrize(("submissions", "out"), [("class", "class"), ("class", "class/out"), ("out/class", "out")])
def test_reports_among_the_submissions_are_refused(tmp_path: Path, submissions: str, out: str) -> None:
    (tmp_path / submissions).mkdir(parents=True)
    done = RUN.invoke(app, ["grade", str(tmp_path / submissions), "--assignment", "hw4", "--out", str(tmp_path / out)])
    assert done.exit_code == 2 and done.output.count("\n") == 1 and "one lies in the other" in done.output


@pytest.mark.slow
def test_another_seed_for_the_same_grades_is_refused(tmp_path: Path, solution: bytes) -> None:
    pack(tmp_path / "2024-20001.tar.gz", {GRU: solution})
    arguments = [
        "grade",
        str(tmp_path / "2024-20001.tar.gz"),
        "--assignment",
        "assignment2",
        "--out",
        str(tmp_path / "g"),
    ]
    assert RUN.invoke(app, [*arguments, "--secret-seed", "5"]).exit_code == 1  # saved models are not scored
    done = RUN.invoke(app, [*arguments, "--secret-seed", "6"])
    assert done.exit_code == 2 and "another secret seed" in done.output


@pytest.mark.slow
def test_check_prints_points_then_messages(tmp_path: Path, solution: bytes) -> None:
    path = tmp_path / GRU
    path.write_bytes(solution)
    done = RUN.invoke(app, ["check", str(path)])
    assert done.output.startswith(f"{GRU}, last saved 20")
    assert done.exit_code == 0 and done.output.splitlines()[1:5] == [
        "2-1-1a  10 of 10  all right",
        "2-1-1b  20 of 20  all right",
        "2-1-2             not measured here",
        "total 30 of 30, without 2-1-2, on the public cases",
    ]
    skeleton = RUN.invoke(app, ["check", f"notebooks/{GRU}"])
    assert skeleton.exit_code == 1
    assert "2-1-1b: gru_backward is not written yet" in skeleton.output
    assert skeleton.output.index("total") < skeleton.output.index("is not written yet")


@pytest.mark.slow
def test_check_speaks_the_language_that_it_is_asked_for() -> None:
    checked = RUN.invoke(app, ["check", f"notebooks/{GRU}", "--lang", "ko"])
    assert checked.exit_code == 1 and "아직 작성하지 않음" in checked.output
    code = [f'"{name} is not written yet"' for name in ("gru_forward", "gru_backward")]  # of the lines that raise
    assert english_in(checked.output, *code) == []
    both = RUN.invoke(app, ["check", f"notebooks/{GRU}", "--lang", "both"])
    assert "not written yet · 아직 작성하지 않음" in both.output


@pytest.mark.slow
def test_check_imports_torch_beside_the_sandbox_and_nothing_that_takes_as_long(tmp_path: Path, solution: bytes) -> None:
    (tmp_path / GRU).write_bytes(solution)
    code = (
        "import sys; from autograder.cli.app import app; import autograder.selfcheck.file\n"
        "early = 'torch' in sys.modules\n"
        f"app(['check', {str(tmp_path / GRU)!r}], standalone_mode=False)\n"
        "print(early, {'sympy', 'torchvision', 'nbformat', 'IPython', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False {'torch'}", done.stdout


@pytest.mark.slow
def test_one_question_of_a_file_that_the_browser_renamed_is_checked_from_elsewhere(
    tmp_path: Path, solution: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where no course is: the one around the package is taken
    path = tmp_path / "assignment2-1_rnn (1).ipynb"
    path.write_bytes(solution)
    done = RUN.invoke(app, ["check", str(path), "--question", "2-1-1a"])
    first, *rest = done.output.splitlines()
    assert first.startswith(f"{path.name}, is read as {GRU}, last saved ")
    assert done.exit_code == 0 and rest == ["2-1-1a  10 of 10  all right"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "says"),
    [("9z", f"{GRU} has no question '9z', but 2-1-1a, 2-1-1b, 2-1-2"), ("2-1-2", "2-1-2: measured by the")],
)
def test_a_question_that_is_not_there(tmp_path: Path, solution: bytes, question: str, says: str) -> None:
    (tmp_path / GRU).write_bytes(solution)
    done = RUN.invoke(app, ["check", str(tmp_path / GRU), "--question", question])
    assert done.exit_code == 2 and says in done.output


def test_what_cannot_be_checked_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "essay.ipynb").write_text("{}")
    done = RUN.invoke(app, ["check", str(tmp_path / "essay.ipynb")])
    assert done.exit_code == 2 and "essay.ipynb is no notebook of this course; there are: hw4_rnn.ipynb" in done.output
    done = RUN.invoke(app, ["check", str(tmp_path / GRU)])
    assert done.exit_code == 2 and "No such file" in done.output
    (tmp_path / "assignments.toml").write_bytes((ROOT / "assignments.toml").read_bytes())
    (tmp_path / GRU).write_text("{}")
    done = RUN.invoke(app, ["check", str(tmp_path / GRU)])
    assert done.exit_code == 2 and f"{GRU} is a notebook of Assignment 2, whose checks are not in" in done.output
    monkeypatch.setattr("autograder.cli.common.__file__", str(tmp_path / "a" / "b" / "c" / "common.py"))
    monkeypatch.chdir("/")
    (tmp_path / "assignments.toml").unlink()
    done = RUN.invoke(app, ["check", str(tmp_path / GRU)])
    assert done.exit_code == 2 and "belongs to no course" in done.output


def test_a_watched_file_is_checked_again_when_it_was_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / GRU
    path.write_text("{}")
    naps = iter((path.unlink, lambda: path.write_text("{ }"), lambda: None))
    checks: list[object] = []

    def check_notebook(*about: object, **_: object) -> bool:
        checks.append(about)
        return False

    def sleep(_: float) -> None:
        try:
            next(naps)()
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr("autograder.cli.students.time.sleep", sleep)
    monkeypatch.setattr("autograder.selfcheck.file.FileCheck.check", check_notebook)
    done = RUN.invoke(app, ["check", str(path), "--watch"])
    assert done.exit_code == 0 and len(checks) == 2
    assert done.output.count("Waiting until it is saved again; Ctrl-C ends this.") == 2


@pytest.mark.slow
def test_check_of_a_broken_file_says_why(tmp_path: Path) -> None:
    path = tmp_path / GRU
    path.write_text("{")
    done = RUN.invoke(app, ["check", str(path)])
    assert done.exit_code == 1 and "not valid JSON" in done.output


def test_staff_commands_need_a_staff_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "assignments.toml").write_bytes((ROOT / "assignments.toml").read_bytes())
    monkeypatch.chdir(tmp_path)
    for command in (["build"], ["cases"], ["verify"], ["release", "--assignment", "hw4", "--out", "x"]):
        done = RUN.invoke(app, command)
        assert done.exit_code == 2 and "for the course's authors" in done.output
    done = RUN.invoke(app, ["grade", ".", "--assignment", "hw4", "--out", "x"])
    assert done.exit_code == 2 and "autograder check" in done.output


def test_a_manifest_that_cannot_be_read_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "assignments.toml").write_text("[")
    (tmp_path / "staff").mkdir()
    monkeypatch.chdir(tmp_path)
    done = RUN.invoke(app, ["build"])
    assert done.exit_code == 2 and "assignments.toml" in done.output and "Traceback" not in done.output


@pytest.mark.slow
def test_build_and_cases_write_into_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = (ROOT / "assignments.toml").read_text()
    (tmp_path / "assignments.toml").write_text(manifest)
    for part in ("solutions", "cases"):
        (tmp_path / "staff" / part).mkdir(parents=True)
        for path in (ROOT / "staff" / part).glob("*.py"):
            (tmp_path / "staff" / part / path.name).write_bytes(path.read_bytes())
    (tmp_path / "images").mkdir()
    for path in (ROOT / "images").glob("*.png"):
        (tmp_path / "images" / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert RUN.invoke(app, ["build"]).exit_code == 0 and RUN.invoke(app, ["cases"]).exit_code == 0
    for name in load(ROOT)["assignment2"].notebooks:
        assert (tmp_path / "notebooks" / name).read_bytes() == (ROOT / "notebooks" / name).read_bytes()
    assert len(list((tmp_path / "tests/cases/gru_forward").iterdir())) >= 3


# --- completion ---


def completed(*words: str) -> list[str]:
    """What a shell is offered for the last of some words."""
    line = {"_AUTOGRADER_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(["autograder", *words])}
    done = RUN.invoke(app, [], env={**line, "COMP_CWORD": str(len(words))}, prog_name="autograder")
    return done.output.split()


def test_a_shell_completes_assignments_and_questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Gradebook(tmp_path, load(ROOT)["assignment2"]).close()
    assert completed("grade", "x", "--assignment", "assi") == ["assignment2"]
    assert completed("mark", str(tmp_path), "2024-20001", "2-1-1") == ["2-1-1a", "2-1-1b"]
    assert completed("mark", str(tmp_path / "none"), "2024-20001", "2") == []
    monkeypatch.chdir(tmp_path)
    assert completed("grade", "x", "--assignment", "") == []
