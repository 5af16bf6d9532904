"""Who only looks at a graded class does not wait for torch: its import fails here, and nothing is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sample_class import write_class

from autograder.course.manifest import load
from autograder.course.root import project_root

ROOT = project_root(Path(__file__).parent)
COMMAND = str(Path(sys.executable).with_name("autograder"))
QUEUE = """
import sys
from pathlib import Path
import autograder.desk.review.serve, autograder.desk.review.terminal
from autograder.course.manifest import load
from autograder.desk.review.graded import GradedClass
from autograder.gradebook.gradebook import Gradebook
root, grades = map(Path, sys.argv[1:])
with Gradebook(grades, load(root)["hw4"], alone=False) as gradebook, GradedClass(root, gradebook) as graded:
    print(len(graded.queue.items))
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
