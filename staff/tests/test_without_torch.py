"""Who only looks at a graded class does not wait for torch: its import fails here, and nothing is missing."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from marks import attempt_of
from packers import zipped
from sample_class import write_class

from autograder.classroom.finished import FinishedClass
from autograder.course.manifest import Assignment, load
from autograder.course.root import project_root
from autograder.gradebook.gradebook import Gradebook
from autograder.marking.verdict import Diagnosis, Verdict

ROOT = project_root(Path(__file__).parent)
GRU = "Assignment2-1_RNN.ipynb"
COMMAND = str(Path(sys.executable).with_name("autograder"))
QUEUE = """
import sys
from dataclasses import replace
from pathlib import Path
import autograder.desk.review.serve, autograder.desk.review.terminal
from autograder.course.manifest import load
from autograder.desk.review.graded import GradedClass
from autograder.gradebook.gradebook import Gradebook
root, grades = map(Path, sys.argv[1:])
with Gradebook(grades, load(root)["hw4"], alone=False) as gradebook:
    print(len(GradedClass(root, gradebook).queue.items))  # not entered, for then the checks load beside it
"""


@pytest.fixture(scope="module")
def grades(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graded class with wrong values in plenty, of which the page of the class warns."""
    folder = tmp_path_factory.mktemp("grades")
    write_class(folder, load(ROOT)["hw4"], 20)
    return folder


@pytest.fixture(scope="module")
def no_torch(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which importing torch ends a process."""
    folder = tmp_path_factory.mktemp("path")
    (folder / "torch.py").write_text("import os\nprint('torch is imported', flush=True)\nos._exit(99)\n")
    return {**os.environ, "PYTHONPATH": str(folder)}


def test_the_environment_tells_of_torch(no_torch: dict[str, str]) -> None:
    assert subprocess.run([sys.executable, "-c", "import torch"], env=no_torch, capture_output=True).returncode == 99


@pytest.mark.parametrize(
    "words",
    [
        ["stats"],
        ["stats", "--csv"],
        ["stats", "--json"],
        ["export", "--partial", "--json", "marks.json"],
        ["marks"],
        ["history"],
        ["mark", "2024-20001", "1a", "--points", "1", "--reason", "read by hand"],
    ],
)
def test_a_command_on_a_graded_class_imports_no_torch(
    words: list[str], grades: Path, no_torch: dict[str, str], tmp_path: Path
) -> None:
    command, *options = [str(tmp_path / word) if word == "marks.json" else word for word in words]
    done = subprocess.run(
        [COMMAND, command, str(grades), *options], cwd=ROOT, env=no_torch, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_review_shows_its_queue_before_torch_is_imported(grades: Path, no_torch: dict[str, str]) -> None:
    command = [sys.executable, "-c", QUEUE, str(ROOT), str(grades)]
    done = subprocess.run(command, env=no_torch, capture_output=True, text=True)
    assert done.returncode == 0 and int(done.stdout) > 0, done.stdout + done.stderr


@pytest.mark.slow
def test_going_on_with_a_finished_class_imports_no_torch(tmp_path: Path, no_torch: dict[str, str]) -> None:
    (tmp_path / "class").mkdir()
    zipped(tmp_path / "class" / "2024-20001.zip", {GRU: (ROOT / "notebooks" / GRU).read_bytes()})
    command = [COMMAND, "grade", str(tmp_path / "class"), "--assignment", "assignment2", "--out", str(tmp_path / "out")]
    pages = []
    for environment in (dict(os.environ), no_torch):
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 1 and "2024-20001" in done.stdout, done.stdout + done.stderr
        pages.append([path.read_bytes() for path in sorted((tmp_path / "out" / "students").iterdir())])
    assert pages[0] == pages[1]
    zipped(tmp_path / "class" / "2024-20001.zip", {GRU: b"{}"})
    assert subprocess.run(command, cwd=ROOT, env=no_torch, capture_output=True).returncode == 99


def test_a_finished_class_is_known_while_nothing_changes(tmp_path: Path) -> None:
    assignment, root = load(ROOT)["hw4"], tmp_path / "course"
    (root / "tests" / "cases").mkdir(parents=True)
    (root / "tests" / "cases" / "1a.safetensors").write_bytes(b"numbers")
    with Gradebook(tmp_path / "out", assignment) as gradebook:
        gradebook.start_run(2, ["x"])
        attempts = [attempt_of("2024-20001"), attempt_of("2024-20002")]
        for attempt in attempts:
            gradebook.enter(attempt)
            gradebook.record(attempt.submission_id, Verdict.scored("1a", 3, 3), "key")

        def known(assignment: Assignment = assignment, seed: int | None = 7) -> bool:
            return FinishedClass(root, assignment, gradebook, seed, attempts).is_known

        def remember() -> None:
            FinishedClass(root, assignment, gradebook, 7, attempts).remember()

        assert not known()
        remember()
        assert known() and not known(seed=None) and not known(assignment.with_seconds(3.0))
        gradebook.record("2024-20002", Verdict.scored("1a", 3, 3), "another key")
        assert not known()
        remember()
        (root / "tests" / "cases" / "1a.safetensors").write_bytes(b"other numbers")
        assert not known()
        remember()
        attempts[0] = replace(attempts[0], digest="another file")
        assert not known()
        remember()
        gradebook.record("2024-20001", Verdict.ungraded("1a", 3, Diagnosis.SANDBOX, "no sandbox"), "key")
        assert not known()
