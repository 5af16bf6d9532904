"""The check in a real kernel, from a bundle in an empty folder: nothing of this repository is on its path."""

import os
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from autograder.authoring import build
from autograder.authoring.release import release
from autograder.course.manifest import load
from autograder.notebook.given import is_check
from autograder.notebook.outputs import OF_CHECK

ROOT = Path(__file__).parents[2]
NAME = "Assignment2-1_RNN.ipynb"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release(ROOT, load(ROOT)["assignment2"], tmp_path_factory.mktemp("student") / "homework")


def shown_by(bundle: Path, cells: list[Any]) -> list[Any]:
    """What each check cell shows when the cells run in a kernel that starts in the bundle."""
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = nbclient.NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=300,
        allow_error_names=["NotImplementedError"],
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(bundle)}},
    )
    client.execute(env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"})
    return [output for cell in notebook.cells if is_check(cell.source) for output in cell.outputs]


def of_gru(notebook: Any) -> list[Any]:
    """The code cells of the first topic, and all that check."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and (cell.id.startswith(("gru-", "check-")) or cell.id == "set-up")
    ]


@pytest.mark.parametrize("kind", ["skeleton", "half", "solution"])
def test_a_bundle_in_an_empty_folder_says_how_every_question_stands(bundle: Path, kind: str) -> None:
    sources = build.read_sources(ROOT, ["gru", "imdb"])
    skeleton = of_gru(nbformat.read(bundle / NAME, 4))
    cells = skeleton if kind == "skeleton" else of_gru(build.solution_notebook(sources))
    if kind == "half":
        unwritten = {cell.id: cell for cell in skeleton if "def gru_backward" in cell.source}
        cells = [unwritten.get(cell.id, cell) for cell in cells]
    shown = shown_by(bundle, cells)
    assert [output.output_type for output in shown] == ["display_data"] * 4
    assert all(OF_CHECK in output.metadata and "border-left" in output.data["text/html"] for output in shown)
    first, second, models, table = [output.data["text/plain"] for output in shown]
    assert first.startswith("2-1-1a  10 of 10" if kind != "skeleton" else "2-1-1a  0 of 10  not written yet")
    assert second.startswith("2-1-1b  20 of 20" if kind == "solution" else "2-1-1b  0 of 20  not written yet")
    assert "your 5 models: found 0" in models and "not measured here" in table
    assert not any("Traceback" in output.data["text/plain"] for output in shown)
