"""A student's first hour with the released bundle: what it needs is installed, and its checks run in a kernel.

That all solutions run from top to bottom is tested in test_run.py; `make bundle` runs both, nightly with each Python.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from autograder.authoring import build
from autograder.authoring.release import release
from autograder.course.manifest import load
from autograder.course.root import project_root

ROOT = project_root(Path(__file__).parent)
COURSE = load(ROOT)
# What needs neither data nor training.
QUESTIONS = [
    ("assignment2", "Assignment2-1_RNN.ipynb", "2-1-1a"),
    pytest.param("assignment2", "Assignment2-2_Transformers.ipynb", "2-2-1", marks=pytest.mark.nightly),
    pytest.param("hw4", "hw4_vit.ipynb", "3a", marks=pytest.mark.nightly),
]


@pytest.fixture(scope="module", params=COURSE)
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release(ROOT, COURSE[request.param], tmp_path_factory.mktemp("bundles") / request.param)


def in_kernel(folder: Path, cells: list[nbformat.NotebookNode], monkeypatch: pytest.MonkeyPatch) -> str:
    """What cells print when a kernel runs them in a folder."""
    monkeypatch.delenv("PYTHONPATH", raising=False)  # the bundle alone
    notebook = nbformat.v4.new_notebook(cells=cells)
    options: dict[str, Any] = {
        "resources": {"metadata": {"path": str(folder)}},
        "timeout": 300,
        "kernel_name": "python3",
    }
    nbclient.NotebookClient(notebook, **options).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(str(one.get("text") or one.get("data", {}).get("text/plain", "")) for one in outputs)


@pytest.mark.slow
@pytest.mark.parametrize(("assignment", "name", "question"), QUESTIONS)
def test_a_check_cell_of_the_bundle_answers_in_a_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, assignment: str, name: str, question: str
) -> None:
    folder = release(ROOT, COURSE[assignment], tmp_path / "bundle")
    solution = build.solution_notebook(build.read_sources(ROOT, COURSE[assignment].notebooks[name]))
    code = [cell for cell in solution.cells if cell.cell_type == "code"]
    (last,) = (number for number, cell in enumerate(code) if cell.source.startswith(f'check("{question}")'))
    points = f"{COURSE[assignment].questions[question]:g}"
    where = nbformat.v4.new_code_cell("import autograder\nprint(autograder.__file__)")
    said = in_kernel(folder, [*code[: last + 1], where], monkeypatch)
    assert str(folder / "autograder" / "__init__.py") in said
    assert f"{points}/{points}" in said.replace(" of ", "/") and "Traceback" not in said


@pytest.mark.slow
def test_what_the_bundle_needs_is_what_is_installed(bundle: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--quiet", "-r", "requirements.txt"]
    done = subprocess.run(command, cwd=bundle, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
