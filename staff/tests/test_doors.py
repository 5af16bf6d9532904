"""One way to put a check: `autograder grade`, `autograder check` and `pytest` come to the same verdicts.

The course is `examples/cnn` with three more questions: one with a limit of its own, one whose checks supply names of
the notebook's, and one that depends on earlier ones. The notebook has a fault that shows in public cases.
"""

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from other_course import without_manual

from autograder.authoring.answers import answered_notebook, read_answer
from autograder.authoring.build import read_sources
from autograder.course.root import project_root
from conftest import notebook_of

pytestmark = pytest.mark.slow

EXAMPLE = project_root(Path(__file__).parent) / "examples" / "cnn"
MANIFEST = {
    "points = 12": "points = 20",
    '"lab1.ipynb" = 12': '"lab1.ipynb" = 20',
    '["convolution"]': '["convolution", "more"]',
    "B = 5": "B = 5\nC = 2\nD = 2\nE = 4",
    "output_mib = 64": "output_mib = 64\n\n[lab1.limits.C]\nseconds = 1",
}
CHECKS = """
from pathlib import Path

import torch

from autograder.checks import expect, question


@question("C", points=2)
def test_patience(student):
    expect.that(student.wait() == 1, "not 1", diagnosis="not 1")


@question("D", points=1)
def test_device(student):
    with Path(__file__).with_name("asked.txt").open("a") as file:  # it passes: what fails is asked twice
        file.write("device ")
    student.given(DEVICE="DEVICE = 'cpu'")
    expect.that(student.place() == "on cpu", "not on the given device", diagnosis="own device")


@question("D", points=1)
def test_encoder(student):
    student.given(encoder="def encoder(x): return 3 * x")
    expect.that(student.code(torch.ones(2)).sum() == 7, "not seven", diagnosis="not seven")


@question("E", points=4, after=["A", "D"])
def test_builds_on(earlier):
    seen = [*earlier["A"], *earlier["D"]]
    expect.that(seen == ["stride ignored", "not seven"], f"{seen}", diagnosis="unlike what was found")
    expect.that(False, "void", diagnosis="void", earns=1)
"""
MORE = """
import time
DEVICE, encoder = "cuda", None

def wait():
    time.sleep(5)  # five times the limit of C, half of what others have
    return 1

def place():
    return f"on {DEVICE}"

def code(x):
    return encoder(x)
"""
VERDICTS = {
    "A": ("PARTIAL", 3.0, "stride ignored"),
    "B": ("PASS", 5.0, ""),
    "C": ("FAIL", 0.0, "time limit"),
    "D": ("PARTIAL", 1.0, "not seven"),
    "E": ("PARTIAL", 1.0, "void"),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course, with the notebook that is handed in among its notebooks."""
    root = shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("courses") / "cnn")
    manifest = without_manual((root / "assignments.toml").read_text(encoding="utf-8"))
    for before, after in MANIFEST.items():
        assert before in manifest
        manifest = manifest.replace(before, after)
    (root / "assignments.toml").write_text(manifest, encoding="utf-8")
    (root / "tests" / "test_more.py").write_text(CHECKS, encoding="utf-8")
    mutant = read_answer(root / "staff" / "mutants" / "convolution" / "convolve_stride_ignored.py")
    notebook = json.loads(answered_notebook(read_sources(root, ["convolution"]), mutant))
    notebook["cells"] += json.loads(notebook_of(MORE))["cells"]
    (root / "notebooks" / "lab1.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return root


def run(course: Path, command: str, *arguments: str) -> str:
    """What an installed command prints in the course's folder."""
    installed = Path(sys.executable).with_name(command)
    done = subprocess.run([installed, *arguments], cwd=course, capture_output=True, text=True)
    assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
    return done.stdout


def printed(text: str) -> list[tuple[str, str, float, str]]:
    """Question, state, points and diagnosis of every line that shows a verdict."""
    lines = re.findall(r"^ *([A-E]) +([\d.]+) of [\d.]+ +([A-Z]+)(?:  \((.*?)\))?(?: +\[.*)?$", text, re.MULTILINE)
    return [(question, state, float(points), diagnosis) for question, points, state, diagnosis in lines]


def test_grade(course: Path, tmp_path: Path) -> None:
    class_, out = tmp_path / "class", tmp_path / "grades"
    (class_ / "ab1234").mkdir(parents=True)
    shutil.copy(course / "notebooks" / "lab1.ipynb", class_ / "ab1234")
    run(course, "autograder", "grade", str(class_), "--assignment", "lab1", "--out", str(out), "--unsafe")
    with (out / "verdicts.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["question"]: (row["verdict"], float(row["points"]), row["diagnosis"]) for row in rows} == VERDICTS


def test_check(course: Path) -> None:
    said = run(course, "autograder", "check", "notebooks/lab1.ipynb")
    lines = re.findall(r"^([A-E]) +([\d.]+) of [\d.]+ +(.+)$", said, re.MULTILINE)
    assert [(question, float(points), words) for question, points, words in lines] == [
        (question, points, diagnosis or "all right") for question, (_, points, diagnosis) in VERDICTS.items()
    ]


def test_pytest_asks_every_check_once(course: Path) -> None:
    lines = printed(run_pytest(course))
    assert lines[3:5] == [("D", "PASS", 1, ""), ("D", "FAIL", 0, "not seven")]  # a line for each check
    lines[3:5] = [("D", *VERDICTS["D"])]
    assert lines == [(question, *verdict) for question, verdict in VERDICTS.items()]


def test_pytest_of_one_question_asks_the_earlier_ones_silently(course: Path) -> None:
    assert printed(run_pytest(course, "-k", "builds_on")) == [("E", *VERDICTS["E"])]


def run_pytest(course: Path, *arguments: str) -> str:
    """What pytest prints, after a look at how often the check that takes notes was put to the notebook."""
    asked = course / "tests" / "asked.txt"
    asked.unlink(missing_ok=True)
    said = run(course, "pytest", "-p", "no:cacheprovider", *arguments, "tests")
    assert asked.read_text() == "device "
    return said
