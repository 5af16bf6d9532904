"""`autograder intake`: the dry run shows what grading would find, and touches nothing."""

import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli.app import app
from autograder.course.root import project_root
from autograder.sandbox import Sandbox

ROOT = project_root(Path(__file__).parent)
RUN = CliRunner()
NAMES = ("hw4_rnn.ipynb", "hw4_seq2seq.ipynb", "hw4_vit.ipynb")


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "160")


def pack(path: Path, *names: str, content: bytes = b"{}") -> None:
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, content)


def run(*arguments: object) -> tuple[int, str]:
    done = RUN.invoke(app, ["intake", *map(str, arguments)])
    return done.exit_code, done.output


def row(output: str, submission_id: str) -> str:
    """The lines of one submission, without the space between columns."""
    lines = output.splitlines()
    start = next(number for number, line in enumerate(lines) if line.split()[:1] == [submission_id])
    rest = [line for line in lines[start + 1 :] if line.startswith("  ") and line.strip()]
    end = lines.index(rest[0]) if rest and lines.index(rest[0]) == start + 1 else start + 1
    while end < len(lines) and lines[end].startswith("  ") and lines[end].strip():
        end += 1
    return " ".join(" ".join(lines[start:end]).split())


def test_every_submission_has_its_line(tmp_path: Path) -> None:
    pack(tmp_path / "c" / "2024-20001.zip", *NAMES)
    pack(tmp_path / "c" / "2024-20002.zip", "hw4_rnn (1).ipynb", "hw4_vit.ipynb")
    code, output = run(tmp_path / "c", "--assignment", "hw4")
    assert code == 0
    assert "Homework 4" in output
    assert row(output, "2024-20001") == "2024-20001 2024-20001 all 3"
    assert row(output, "2024-20002") == (
        "2024-20002 2024-20002 hw4_rnn.ipynb missing: hw4_seq2seq.ipynb "
        "hw4_vit.ipynb 'hw4_rnn (1).ipynb' was read as hw4_rnn.ipynb"
    )
    assert "2 attempts of 2 students, 0 cannot be read, 0 of nobody known, 0 handed in nothing" in output


def test_what_cannot_be_read_ends_with_1(tmp_path: Path) -> None:
    pack(tmp_path / "c" / "2024-20001.zip", *NAMES)
    (tmp_path / "c" / "2024-20002.zip").write_bytes(b"")
    code, output = run(tmp_path / "c", "--assignment", "hw4")
    assert code == 1
    assert row(output, "2024-20002") == "2024-20002 2024-20002 - '2024-20002.zip' cannot be read: it is empty (0 bytes)"
    assert "2 attempts of 2 students, 1 cannot be read" in output


def test_a_roster_adds_who_is_missing(tmp_path: Path) -> None:
    pack(tmp_path / "c" / "student01_LATE_4821_900_2024-20001.zip", *NAMES)
    pack(tmp_path / "c" / "student01_4821_899_2024-20001.zip", *NAMES)
    (tmp_path / "roster.csv").write_text("student_id,login\n2024-20001,student01\n2024-20002,student02\n")
    code, output = run(tmp_path / "c", "--assignment", "hw4", "--roster", tmp_path / "roster.csv")
    assert code == 0
    words = " ".join(output.split())
    assert "- 2024-20002 - nothing was handed in" in words and "marked LATE by the LMS" in words
    assert "2 attempts of 1 student, 0 cannot be read, 0 of nobody known, 1 handed in nothing" in output


def test_a_roster_among_the_submissions_is_none(tmp_path: Path) -> None:
    pack(tmp_path / "c" / "2024-20001.zip", *NAMES)
    (tmp_path / "c" / "roster.csv").write_text("student_id\n2024-20001\n")
    (tmp_path / "c" / "2024-20001-1.zip").symlink_to("nowhere")
    code, output = run(tmp_path / "c", "--assignment", "hw4", "--roster", tmp_path / "c" / "roster.csv")
    assert code == 1 and "2 attempts of 1 student, 1 cannot be read" in output
    (tmp_path / "c" / "2024-20001-1.zip").unlink()
    code, output = run(tmp_path / "c", "--assignment", "hw4", "--roster", tmp_path / "c" / "roster.csv")
    assert code == 0 and "1 attempt of 1 student, 0 cannot be read" in output
    (tmp_path / "c" / "2024-20001.zip").unlink()
    code, output = run(tmp_path / "c", "--assignment", "hw4", "--roster", tmp_path / "c" / "roster.csv")
    assert code == 2 and "holds no submissions" in output


def test_a_repair_that_costs_points_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = (ROOT / "assignments.toml").read_text(encoding="utf-8")
    costs = '[hw4.repairs]\n"notebook name" = 1.5\n'
    (tmp_path / "assignments.toml").write_text(f"{manifest}\n{costs}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    pack(tmp_path / "c" / "2024-20001.zip", "hw4_rnn (1).ipynb", "HW4_VIT.ipynb")
    _, output = run(tmp_path / "c", "--assignment", "hw4")
    assert "'hw4_rnn (1).ipynb' was read as hw4_rnn.ipynb (-1.5)" in output
    assert "'HW4_VIT.ipynb' was read as hw4_vit.ipynb" in output and output.count("(-1.5)") == 1


def test_renamed_notebooks_are_found_by_the_cells_of_the_handout(tmp_path: Path) -> None:
    for number, name in enumerate(NAMES):
        pack(tmp_path / "c" / f"2024-2000{number}.zip", "final.ipynb", content=(ROOT / "notebooks" / name).read_bytes())
    _, output = run(tmp_path / "c", "--assignment", "hw4")
    for number, name in enumerate(NAMES):
        assert f"'final.ipynb' was read as {name}, whose cells it holds" in row(output, f"2024-2000{number}")


def test_nothing_is_run_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a sandbox was opened")

    monkeypatch.setattr(Sandbox, "__init__", refuse)
    pack(tmp_path / "c" / "2024-20001.zip", *NAMES, content=(ROOT / "notebooks" / NAMES[0]).read_bytes())
    before = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in tmp_path.rglob("*")}
    assert run(tmp_path / "c", "--assignment", "hw4")[0] == 0
    assert {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in tmp_path.rglob("*")} == before


def test_markup_in_names_is_shown_as_it_is(tmp_path: Path) -> None:
    pack(tmp_path / "c" / "2024-20001.zip", "[red]x[/red].ipynb")
    assert "other notebooks in it: '[red]x[/red].ipynb'" in run(tmp_path / "c", "--assignment", "hw4")[1]


def test_wrong_usage_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "roster.csv").write_text("name\nx\n")
    pack(tmp_path / "c" / "2024-20001.zip", *NAMES)
    for arguments, words in (
        ((tmp_path / "nowhere", "--assignment", "hw4"), "no such file or folder"),
        ((tmp_path / "empty", "--assignment", "hw4"), "holds no submissions"),
        ((tmp_path / "c", "--assignment", "hw9"), "there are: hw4, assignment2"),
        ((tmp_path / "c", "--assignment", "hw4", "--roster", tmp_path / "none.csv"), "none.csv: No such file"),
        ((tmp_path / "c", "--assignment", "hw4", "--roster", tmp_path / "roster.csv"), "no column student_id"),
    ):
        code, output = run(*arguments)
        assert code == 2 and words in " ".join(output.split()) and "Traceback" not in output
