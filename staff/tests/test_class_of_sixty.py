"""Sixty students of five systems, from their downloads to the gradebook of the LMS: one mark each, in any order."""

import csv
import io
import random
import shlex
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from other_course import answer, example, whole_example
from typer.testing import CliRunner

from autograder.cli.app import app
from autograder.gradebook.file import FILE_NAME

__all__ = ["example", "whole_example"]
MARKS = {"right": ("7", "5"), "stride": ("3", "5"), "skeleton": ("0", "0")}  # of A and B
KINDS = list(MARKS)
LATE = '\n[lab1.late]\npolicy = "zero"\n'


@dataclass(frozen=True)
class Person:
    """One of the class; the twelve of each system follow each other."""

    number: int

    @property
    def student_id(self) -> str:
        return f"st{1000 + self.number}"

    @property
    def name(self) -> tuple[str, str]:
        """The last name and the first; the first two people have the same."""
        letters = f"{'abcdefghij'[self.number // 10]}{'abcdefghij'[self.number % 10]}"
        return ("Twin", "Same") if self.number < 2 else (f"Last{letters}", f"First-{letters}")

    @property
    def kind(self) -> str:
        return KINDS[self.number % 3]

    @property
    def lms_id(self) -> int:
        """What this person's system calls them."""
        return (10000 if self.number // 12 == 3 else 48000) + self.number

    def given(self, own: str, file: int = 0, late: bool = False, at: str = "2025-11-07-11-59-59") -> str:
        """The name that this person's system gives to a file."""
        last, first = self.name
        squeezed = f"{last}{first}".lower().replace("-", "")
        number = 48000 + self.number
        return (
            f"{squeezed}_{'LATE_' * late}{number}_{990000 + file + self.number}_{own}",
            f"{first} {last}_{number}_assignsubmission_file_/{own}",
            f"LAB1_login{self.number}_attempt_{at}_{own}",
            f"{10000 + self.number}-20002 - {first} {last} - Nov 6, 2025 559 PM - {own}",
            own,
        )[self.number // 12]


CLASS = [Person(number) for number in range(60)]


def class_of(notebooks: Mapping[str, bytes]) -> dict[str, bytes]:
    """What is handed in, by the names that the systems give."""
    packed = {kind: pack(content) for kind, content in notebooks.items()}
    files = {}
    for one in CLASS[:58]:
        own = f"lab1-{one.student_id}.tar.gz"
        if one.number not in (5, 7, 8, 25, 26, 27, 28):
            files[one.given(own)] = packed[one.kind]
    a, b, c, d, e, f, g = (CLASS[number] for number in (5, 7, 8, 25, 26, 27, 28))
    files[a.given(f"lab1-{a.student_id}.tar.gz", late=True)] = packed["right"]
    files[b.given("lab1.ipynb")] = notebooks["right"]
    files[b.given("remarks.md", file=500)] = b"# none"
    files[c.given(f"lab1-{CLASS[9].student_id}.tar.gz")] = packed["right"]  # a mistyped ID
    files[d.given("a.tar.gz", at="2025-11-05-10-00-00")] = packed["skeleton"]
    files[d.given("b.tar.gz", at="2025-11-06-10-00-00")] = packed["right"]
    files[e.given("a.tar.gz", at="2025-11-07-12-00-01")] = packed["right"]
    files[f.given("a.tar.gz", at="2025-11-07-13-00-00")] = packed["right"]
    files[g.given("a.tar.gz", at="2025-11-07-10-00-00")] = packed["stride"]
    files[g.given("b.tar.gz", at="2025-11-07-12-30-00")] = packed["right"]
    return files


def expected() -> dict[str, tuple[str, ...]]:
    """Points of A and B, total, lateness and adjustments of each student, as worked out by hand."""
    rows: dict[str, tuple[str, ...]] = {}
    for one in CLASS:
        points = MARKS[one.kind]
        rows[one.student_id] = (*points, str(sum(map(int, points))), "0", "0")
    for number in (5, 26):
        rows[CLASS[number].student_id] = ("7", "5", "0", "-12", "0")
    for number in (7, 8, 25, 27):
        rows[CLASS[number].student_id] = ("7", "5", "12", "0", "0")
    rows[CLASS[28].student_id] = ("3", "5", "8", "0", "0")
    rows[CLASS[10].student_id] = ("5", "5", "10", "0", "0")  # by hand
    rows[CLASS[11].student_id] = ("0", "0", "1.5", "0", "1.5")  # adjusted
    rows[CLASS[58].student_id] = rows[CLASS[59].student_id] = ("0", "0", "0", "0", "0")
    return rows


def pack(notebook: bytes) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        member = tarfile.TarInfo("lab1.ipynb")
        member.size = len(notebook)
        archive.addfile(member, io.BytesIO(notebook))
    return content.getvalue()


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def run(*command: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in command])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


def interrupt(command: list[object], grades: Path) -> None:
    """Starts to grade, and presses Ctrl-C once some marks are there."""
    words = [sys.executable, "-m", "autograder", *map(str, command)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
        while child.poll() is None and _verdicts(grades) < 20:
            time.sleep(0.1)
        child.send_signal(signal.SIGINT)
        errors = child.communicate()[1]
    assert (child.returncode, "the same command continues" in errors) == (130, True), errors


def _verdicts(grades: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{grades / FILE_NAME}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM verdicts").fetchone()[0])
    except sqlite3.Error:
        return 0


def canvas_gradebook() -> str:
    def line(one: Person) -> str:
        return f'"{", ".join(one.name)}",{48000 + one.number},{one.student_id},login{one.number},A, , x'

    rows = [
        "Student,ID,SIS User ID,SIS Login ID,Section,Lab 1 (77),Other (78)",
        '    Points Possible,,,,,12.00,"1,0"',
        *(
            f'"{one.name[0]}, {one.name[1]}",{48000 + one.number},{one.student_id},login{one.number},A, , x'
            for one in CLASS[:12]
        ),
    ]
    return "\ufeff" + "\r\n".join([*rows, '"Student, Test",1,,,A,, x', ""])


def decide(grades: Path) -> None:
    """What people decide about this class."""
    for command in (
        ("mark", grades, CLASS[10].student_id, "A", "--points", 5, "--reason", "half of it"),
        ("adjust", grades, CLASS[11].student_id, "--points", "1.5", "--reason", "asked well"),
        ("extend", grades, CLASS[27].student_id, "--until", "2025-11-08T12:00", "--reason", "ill"),
    ):
        code, said = run(*command)
        assert code == 0, said


def rows(path: Path) -> dict[str, tuple[str, ...]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        columns = ("Q A", "Q B", "total", "late", "adjustments")
        return {row["student_id"]: tuple(row[name] for name in columns) for row in csv.DictReader(file)}


@pytest.mark.slow
def test_sixty_students_have_one_mark_each(example: Path, tmp_path: Path) -> None:
    manifest = example / "assignments.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + LATE, encoding="utf-8")
    notebooks = {
        "right": answer(example, "variants", "convolve_loops"),
        "stride": answer(example, "mutants", "convolve_stride_ignored"),
        "skeleton": (example / "notebooks" / "lab1.ipynb").read_bytes(),
    }
    files, dice = class_of(notebooks), random.Random(60)
    names = dice.sample(sorted(files), len(files))
    roster = tmp_path / "roster.csv"
    lines = (f'{one.student_id},{one.lms_id},login{one.number},"{", ".join(one.name)}"' for one in CLASS)
    roster.write_text("\n".join(["student_id,lms_id,login,name", *lines]), encoding="utf-8")

    def grading(name: str) -> tuple[Path, list[object]]:
        folder, grades = tmp_path / name / "class", tmp_path / name / "grades"
        folder.mkdir(parents=True)
        return folder, [
            "grade",
            folder,
            "--assignment",
            "lab1",
            "--out",
            grades,
            "--roster",
            roster,
            "--secret-seed",
            1,
        ]

    # In three waves, interrupted, with everything decided in between.
    folder, command = grading("in waves")
    grades = folder.with_name("grades")
    mistyped = next(name for name in files if name.endswith(f"{CLASS[9].student_id}.tar.gz") and "_48008_" in name)
    first = [
        name for name in names if f"_{48010}_" in name or f"_{48011}_" in name or "login27_" in name or name == mistyped
    ]
    rest = [name for name in names if name not in first]
    write(folder, {name: files[name] for name in [*first, *rest[:30]]})
    code, said = run("intake", folder, "--assignment", "lab1", "--roster", roster)
    assert code == 1 and f"autograder assign GRADES '{mistyped}' STUDENT" in said
    interrupt(command, grades)
    code, said = run(*command)
    assert code == 1 and "whose is it? The LMS says st1008, the file's own name st1009" in said, said
    assert f"Answer whose a file is by: autograder assign {shlex.quote(str(grades))} FILE STUDENT" in said
    decide(grades)
    write(folder, {name: files[name] for name in rest[30:]})
    run(*command)
    code, said = run("regrade", grades, "--apply")
    assert code == 0 and "0 verdicts change" in said, said
    assert rows(grades / "grades.csv") == expected()

    code, said = run("explain", grades, CLASS[10].student_id, "A")
    assert code == 0, said
    for part in (
        "st1010, A, of lastbafirstba_48010_990010_lab1-st1010.tar.gz",
        "earns 3: ",
        "By hand: 5: half of it",
        "mark of A for st1010: nothing → 5.0",
        "def convolve(",
    ):
        assert part in said, said

    # The one in question is withheld, until it is answered.
    (tmp_path / "canvas.csv").write_bytes(canvas_gradebook().encode())
    export = ["export", grades, "--canvas", tmp_path / "canvas.csv", "--column", "Lab 1", "--out", tmp_path / "up.csv"]
    code, said = run(*export)
    assert code == 2 and "st1008" in said, said
    assert run("assign", grades, mistyped, CLASS[8].student_id)[0] == 0
    assert run(*export) == (0, run(*export)[1])
    before, after = canvas_gradebook().split("\r\n"), (tmp_path / "up.csv").read_bytes().decode().split("\r\n")
    for one, old, new in zip(CLASS, before[2:14], after[2:14], strict=False):
        total = expected()[one.student_id][2]
        assert new == old.replace(",A, , x", f",A,{total}, x"), new
    assert before[:2] + before[14:] == after[:2] + after[14:]
    code, said = run("feedback", grades, "--canvas", tmp_path / "pages.zip")
    assert code == 0, said
    with zipfile.ZipFile(tmp_path / "pages.zip") as archive:
        assert len([name for name in archive.namelist() if "_4800" in name or "_4801" in name]) == 12

    # All at once, decided afterwards.
    folder, command = grading("at once")
    write(folder, files)
    run(*command)
    grades = folder.with_name("grades")
    decide(grades)
    assert run("assign", grades, mistyped, CLASS[8].student_id)[0] == 0

    def same(name: str) -> bytes:
        return (tmp_path / name / "grades" / "grades.csv").read_bytes()

    assert same("in waves") == same("at once")
