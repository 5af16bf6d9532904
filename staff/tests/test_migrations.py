"""Gradebooks of older formats are opened, keep all that is in them, and are copied first, whatever ends the grader."""

import gzip
import io
import json
import signal
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autograder.cli.app import app
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.gradebook import migrations
from autograder.gradebook.file import FILE_NAME, GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.schema import TABLES
from autograder.marking.verdict import Verdict

ROOT = project_root(Path(__file__).parent)
COURSE = load(ROOT)
ASSIGNMENT = COURSE["assignment2"]
NAME = "Assignment2-1_RNN.ipynb"
BY_HAND = Verdict.scored("2-1-1a", 7.5, 10, "marked by hand", "The idea is right.")
BACKUP = "gradebook-format-0.sqlite"
# Written by the last version without a number of the format, commit 4f8831f, from the class that `pack` makes:
#   autograder grade CLASS --assignment assignment2 --out GRADES --jobs 1 --secret-seed 7 --limit-seconds 5
#       --data data/samples
#   autograder mark GRADES 2024-20001 2-1-1a --points 7.5 --reason "The idea is right."
#   autograder mark GRADES 2024-20001 2-1-2 --points 12 --reason "Asked in person."
# For its size all but one secret case were taken out of it afterwards, and it was vacuumed.
FORMAT_0 = Path(__file__).with_name("gradebook_format_0.sqlite.gz")
DIE = """
import os, signal, sqlite3, sys
from pathlib import Path
from autograder.gradebook.file import GradebookFile

class Dying(sqlite3.Connection):
    left = int(sys.argv[2])

    def execute(self, *arguments):
        self.count()
        return super().execute(*arguments)

    def backup(self, target):
        super().backup(target, pages=3, progress=lambda *_: self.count())

    def count(self):
        Dying.left -= 1
        if Dying.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

connect = sqlite3.connect
sqlite3.connect = lambda *arguments, **options: connect(*arguments, factory=Dying, **options)
GradebookFile(Path(sys.argv[1]), "assignment2").close()
"""


@pytest.fixture
def grades(tmp_path: Path) -> Path:
    """A GRADES folder of the first format, with marks by hand."""
    folder = tmp_path / "grades"
    folder.mkdir()
    (folder / FILE_NAME).write_bytes(gzip.decompress(FORMAT_0.read_bytes()))
    return folder


def pack(folder: Path) -> Path:
    """The class that the old gradebook is about: a notebook with one function, and an empty archive."""
    folder.mkdir()
    source = "def gru_forward(x, *_):\n    return x + 1"
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [cell | {"source": source}]
    content = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode("utf-16")
    with tarfile.open(folder / "2024-20001.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo(NAME)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    (folder / "2024-20002.tar.gz").write_bytes(b"")
    return folder


def run(*command: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in command])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


def content_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of a file, by table."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}")) for name in names}


def by_hand(folder: Path) -> tuple[Verdict, Verdict]:
    with Gradebook(folder, ASSIGNMENT) as gradebook:
        verdicts = {verdict.question: verdict for verdict in gradebook.verdicts("2024-20001")}
    return verdicts["2-1-1a"], verdicts["2-1-2"]


def test_all_that_was_in_it_is_in_it_still(grades: Path) -> None:
    with closing(sqlite3.connect(grades / FILE_NAME)) as connection, connection:
        for table, row in (
            ("ranks", ("2024-20001", "2-1-2", 3.5, "rank: tier 1 of 1")),
            ("retrainings", ("2024-20001", NAME, "key", '{"2-1-1b": "reached 12 %"}')),
        ):
            connection.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", row)
    before = content_of(grades / FILE_NAME)
    with Gradebook(grades, ASSIGNMENT) as gradebook:
        first, second = gradebook.attempts()
        verdicts = gradebook.verdicts("2024-20001")
        cases = gradebook.kept_cases(str(before["secret_cases"][0][3]))
        assert gradebook.secret_seed() == 7
        assert gradebook.limit_seconds(None) == 5
        assert gradebook.scores_of("2024-20001").keys() == {"2-1-2", "2-2-2"}
    assert [repair.kind for repair in first.repairs] == ["encoding"]
    assert second.error == "'2024-20002.tar.gz' cannot be read: it is empty (0 bytes)"
    assert verdicts[0] == BY_HAND
    assert (verdicts[1].diagnosis, verdicts[1].flags) == ("missing", ("reached 12 %",))
    assert [(name, len(content)) for name, content in cases["gru_forward"]] == [("batch2-input3-hidden4", 6304)]
    after = content_of(grades / FILE_NAME)
    before["model_scores"] = before.pop("measurements")
    before["meta"].remove(("version", "3"))
    files = [(row[0], json.dumps([row[1]]), *row[3:7]) for row in before.pop("submissions")]
    assert [row[:6] for row in after.pop("attempts")] == files
    assert [row[1] for row in after.pop("students")] == ["2024-20001", "2024-20002"]
    assert after.pop("attempts_of_students") == [(1, "2024-20001"), (2, "2024-20002")]
    for name in ("answers", "choices", "digests", "events", "extensions", "adjustments"):
        assert after.pop(name) == []
    for name, added in (("verdicts", 3), ("ranks", 1)):  # no seconds are known of them
        assert {cell for row in after[name] for cell in row[-added:]} <= {"", None}
        after[name] = [row[:-added] for row in after[name]]
    assert after == before
    assert content_of(grades / BACKUP)["manual_marks"] == after["manual_marks"]


def test_a_migrated_file_has_the_tables_of_a_new_one(grades: Path, tmp_path: Path) -> None:
    def tables(path: Path) -> dict[str, list[list[tuple[object, ...]]]]:
        with closing(sqlite3.connect(path)) as connection:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            about = ("table_xinfo", "foreign_key_list", "index_list")
            return {name: [connection.execute(f"PRAGMA {one}({name})").fetchall() for one in about] for name in names}

    Gradebook(grades, ASSIGNMENT).close()
    Gradebook(tmp_path / "new", ASSIGNMENT).close()
    assert tables(grades / FILE_NAME) == tables(tmp_path / "new" / FILE_NAME)
    assert TABLES.count("CREATE TABLE") == len(tables(grades / FILE_NAME))


def test_the_file_of_today_is_not_copied(tmp_path: Path) -> None:
    for _ in range(2):
        Gradebook(tmp_path, ASSIGNMENT).close()
    assert not list(tmp_path.glob("*format*"))


@pytest.mark.slow
def test_a_mark_by_hand_survives_regrading_marking_and_grading(
    grades: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    code, said = run("regrade", grades)
    assert (code, "2 verdicts of 1 submissions need student code to run (2-1-1a, 2-1-1b)" in said) == (1, True), said
    assert content_of(grades / BACKUP)["manual_marks"]
    assert by_hand(grades)[0] == BY_HAND
    assert run("mark", grades, "2024-20001", "2-1-2", "--points", 13, "--reason", "Asked again.")[0] == 0
    options = ("--assignment", "assignment2", "--out", grades, "--jobs", 1, "--data", ROOT / "data" / "samples")
    code, said = run("grade", pack(tmp_path / "class"), *options)
    assert (code, "1 submission was not read" in said) == (1, True), said
    assert by_hand(grades) == (BY_HAND, Verdict.scored("2-1-2", 13, 20, "marked by hand", "Asked again."))
    with Gradebook(grades, ASSIGNMENT) as gradebook:
        assert gradebook.recorded_verdicts("2024-20001")["2-1-1a"][1].diagnosis == "wrong shape"
        assert gradebook.attempt("2024-20001").tier  # of the run just now, too


@pytest.mark.slow
@pytest.mark.parametrize("stride", [5, pytest.param(1, marks=pytest.mark.nightly)])
def test_a_grader_killed_at_any_moment_leaves_a_usable_file(grades: Path, stride: int) -> None:
    original = (grades / FILE_NAME).read_bytes()
    marks = content_of(grades / FILE_NAME)["manual_marks"]
    formats, killed, moment = set(), True, 0
    while killed:
        for path in grades.iterdir():
            path.unlink()
        (grades / FILE_NAME).write_bytes(original)
        child = subprocess.run([sys.executable, "-c", DIE, str(grades), str(moment)], cwd=ROOT, check=False)
        assert child.returncode in (0, -signal.SIGKILL)
        killed, moment = child.returncode != 0, moment + stride
        with closing(sqlite3.connect(grades / FILE_NAME)) as connection:
            number = migrations.format_of(connection)
        formats.add((number, (grades / BACKUP).exists()))
        assert by_hand(grades)[0] == BY_HAND
        assert content_of(grades / BACKUP)["manual_marks"] == content_of(grades / FILE_NAME)["manual_marks"] == marks
    possible = {(0, False), *((number, True) for number in range(migrations.FORMAT + 1))}
    assert {(0, False), (migrations.FORMAT, True)} <= formats <= possible
    assert moment > len(migrations.MIGRATIONS[0])


def test_a_copy_that_cannot_be_made_leaves_the_file_as_it_was(grades: Path) -> None:
    before = content_of(grades / FILE_NAME)
    (grades / f".{BACKUP}.part").mkdir()
    with pytest.raises(GradebookError, match="cannot be copied, which comes before it is changed: .*directory"):
        Gradebook(grades, ASSIGNMENT)
    assert content_of(grades / FILE_NAME) == before


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("PRAGMA user_version = 99", r"written by a newer autograder \(format 99, this one reads up to \d\)"),
        ("UPDATE meta SET value = '2' WHERE key = 'version'", "written by another version of the autograder"),
        ("DELETE FROM meta WHERE key = 'version'", "written by another version of the autograder"),
        ("UPDATE meta SET value = 'hw4' WHERE key = 'assignment'", r"marks of another assignment \(hw4, not"),
    ],
)
def test_what_cannot_be_opened_is_refused_and_left_alone(grades: Path, change: str, problem: str) -> None:
    with closing(sqlite3.connect(grades / FILE_NAME)) as connection, connection:
        connection.execute(change)
    before = content_of(grades / FILE_NAME)
    with pytest.raises(GradebookError, match=problem) as caught:
        Gradebook(grades, ASSIGNMENT)
    assert str(caught.value).count("\n") == 0
    assert content_of(grades / FILE_NAME) == before
    assert not (grades / BACKUP).exists()


def test_a_newer_gradebook_is_refused_by_every_command(grades: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with closing(sqlite3.connect(grades / FILE_NAME)) as connection, connection:
        connection.execute("PRAGMA user_version = 99")
    mark = ("mark", grades, "2024-20001", "2-1-1a", "--points", 1, "--reason", "x")
    for command in (("regrade", grades), mark):
        code, said = run(*command)
        assert (code, "was written by a newer autograder" in said) == (2, True), said
