"""A class of the other course, and what a grader makes of it on this machine or on a cluster."""

import io
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from autograder.authoring.answers import Answer, answered_notebook
from autograder.authoring.build import read_sources
from autograder.classroom.cluster.version import LOWEST_TIER

HEAD = "def convolve(image, kernel, bias, stride, padding):\n    "


def attack(course: Path, statement: str) -> bytes:
    """A notebook of the other course whose function does one thing."""
    return answered_notebook(read_sources(course, ["convolution"]), Answer(course, {}, HEAD + statement))


def pack_class(folder: Path, hand_in: Mapping[str, bytes]) -> Path:
    """A folder with an archive of each notebook, by student."""
    folder.mkdir()
    for student, content in hand_in.items():
        with tarfile.open(folder / f"lab1-{student}.tar.gz", "w:gz") as archive:
            member = tarfile.TarInfo("lab1.ipynb")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return folder


def command(class_: Path, out: Path, *options: str) -> list[str]:
    """What grades such a class, always with the same secret cases."""
    settings = ["--assignment", "lab1", "--secret-seed", "7", "--limit-seconds", "20"]
    return [sys.executable, "-m", "autograder", "grade", str(class_), "--out", str(out), *settings, *options]


def run_grade(course: Path, arguments: Sequence[str]) -> str:
    """What a grader says that ends well."""
    done = subprocess.run(arguments, cwd=course, capture_output=True, text=True, timeout=900)
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stdout + done.stderr
    return done.stdout + done.stderr


def marks(out: Path) -> bytes:
    """The table of marks."""
    return (out / "grades.csv").read_bytes()


def tiers(out: Path) -> list[int]:
    """The tier that each mark was made in."""
    return [tier for (tier,) in _select(out, "SELECT tier FROM verdicts JOIN runs ON verdicts.run = runs.id")]


def message(out: Path, student: str, question: str) -> str:
    """What a student is told about a question."""
    query = "SELECT message FROM verdicts WHERE submission_id = ? AND question = ?"
    return "".join(text for (text,) in _select(out, query, f"lab1-{student}", question))


def _select(out: Path, query: str, *given: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(out / "gradebook.sqlite")) as gradebook:
        return gradebook.execute(query, given).fetchall()


def require_tier(out: Path) -> None:
    """Skips a test where no sandbox isolates enough for a cluster."""
    if any(tier > LOWEST_TIER or not tier for tier in tiers(out)):
        pytest.skip(f"no sandbox of tier {LOWEST_TIER} on this machine")
