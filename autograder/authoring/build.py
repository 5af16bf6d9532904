"""Notebooks from percent scripts: one solution source per topic yields the solution notebook and the skeleton.

A script (`staff/solutions/<topic>.py`, jupytext's percent format) holds the whole topic with its answers. Solution
regions (see regions.py) and every cell tagged "staff" exist in the solution notebook alone. Where cells call `check`,
the first code cell is a given one that sets it up.
"""

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import nbformat

from autograder.authoring.finish import finish
from autograder.authoring.regions import STAFF_TAG, ScriptPlace, both_versions
from autograder.authoring.regions import BuildError as BuildError
from autograder.authoring.set_up import set_up_cell
from autograder.course.manifest import Assignment
from autograder.notebook.given import is_check

CELL_START = re.compile(r"# ?%%(?!%)")

# How Colab and JupyterLab show a cell by its title alone.
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}

COLAB_METADATA = {
    "accelerator": "GPU",
    "colab": {"provenance": [], "toc_visible": True},
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def solution_notebook(sources: Mapping[str, str]) -> nbformat.NotebookNode:
    """The notebook with every answer and every staff cell, for the staff: in English alone.

    `sources` maps each topic to its percent script, in the order of the notebook. Raises BuildError.
    """
    return _notebook(sources, answers=True)


def skeleton_notebook(sources: Mapping[str, str]) -> nbformat.NotebookNode:
    """The notebook that students get, with its texts in both languages: regions replaced, every cell parses.

    `sources` maps each topic to its percent script, in the order of the notebook. Raises BuildError.
    """
    return _notebook(sources, answers=False)


def to_bytes(notebook: nbformat.NotebookNode) -> bytes:
    """The notebook as a file's content; the same notebook always yields the same bytes."""
    text: str = nbformat.writes(notebook, version=4)
    return (text.rstrip("\n") + "\n").encode()


def notebook_with_cell(notebook: nbformat.NotebookNode, code: str) -> bytes:
    """A copy of the notebook, as a file's content, with one code cell appended, whose definitions therefore win."""
    extended = copy.deepcopy(notebook)
    extended.cells.append(_cell("code", f"added-{len(extended.cells) + 1:02}", code, {}))
    return to_bytes(extended)


def _notebook(sources: Mapping[str, str], answers: bool) -> nbformat.NotebookNode:
    cells: list[nbformat.NotebookNode] = []
    for topic, script in sources.items():
        number = 0
        for cell, place in _script_cells(topic, script):
            given = cell.cell_type == "code" and is_check(cell.source)
            twin = "lang" in cell.metadata
            number += not (given or twin)  # so that the other cells keep their ids when one is put between them
            solved, skeleton = both_versions(cell, place)
            source = solved if answers else skeleton
            if source is not None and not (twin and answers):
                # jupytext keeps its own layout notes among the metadata
                metadata = {key: value for key, value in cell.metadata.items() if key != "lines_to_next_cell"}
                place_in_english = sum("lang" not in one.metadata for one in cells) + 1
                cell_id = f"check-{place_in_english:02}" if given else f"{topic}-{number:02}"
                cell_id += f"-{metadata['lang']}" if twin else ""
                cells.append(_cell(cell.cell_type, cell_id, source, metadata))
    if any(is_check(cell.source) for cell in cells if cell.cell_type == "code"):
        first = next(place for place, cell in enumerate(cells) if cell.cell_type == "code")
        cells.insert(first, _cell("code", "set-up", set_up_cell(next(iter(sources))), FOLDED))
    notebook: nbformat.NotebookNode = nbformat.v4.new_notebook(cells=cells, metadata=copy.deepcopy(COLAB_METADATA))
    notebook.nbformat_minor = 5
    return notebook


def _cell(kind: str, cell_id: str, source: str, metadata: Mapping[str, object]) -> nbformat.NotebookNode:
    make = getattr(nbformat.v4, f"new_{kind}_cell")
    cell: nbformat.NotebookNode = make(source.strip("\n"), id=cell_id, metadata=dict(metadata))
    return cell


def _script_cells(topic: str, script: str) -> Iterator[tuple[nbformat.NotebookNode, ScriptPlace]]:
    """The cells of a percent script, each with its place."""
    try:
        import jupytext
    except ImportError as error:  # students get this package without it
        raise BuildError("jupytext is not installed: pip install jupytext") from error
    try:
        cells = jupytext.reads(script, fmt="py:percent").cells
    except nbformat.ValidationError as error:
        raise BuildError(f"staff/solutions/{topic}.py: not a notebook: {str(error).splitlines()[0]}") from error
    starts = {number: line for number, line in enumerate(script.splitlines(), start=1) if CELL_START.match(line)}
    if len(cells) != len(starts):
        raise BuildError(
            f"staff/solutions/{topic}.py, line 1: there are {len(starts)} '# %%' lines but {len(cells)} cells. "
            "Nothing may stand before the first '# %%' line, and no string may hold such a line"
        )
    for cell, (start, marker) in zip(cells, starts.items(), strict=True):
        # a tag written otherwise would hand the cell to students
        if "staff" in marker.lower() and STAFF_TAG not in list(cell.metadata.get("tags", [])):
            raise ScriptPlace(topic, 0).error(start, f"'{marker}' does not tag the cell; write tags=[\"{STAFF_TAG}\"]")
        yield cell, ScriptPlace(topic, start)


def read_sources(root: Path, topics: Iterable[str]) -> dict[str, str]:
    """The solution scripts of the topics, in their order; BuildError names the one that is missing."""
    sources = {}
    for topic in topics:
        path = root / "staff" / "solutions" / f"{topic}.py"
        try:
            sources[topic] = path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise BuildError(f"staff/solutions/{topic}.py is missing, but assignments.toml names its topic") from error
    return sources


def finished_skeleton(root: Path, assignment: Assignment, name: str) -> bytes:
    """The file of a notebook as students get it, with the manifest's words and the figures. Raises BuildError."""
    skeleton = skeleton_notebook(read_sources(root, assignment.notebooks[name]))
    return to_bytes(finish(skeleton, root, assignment, name))


def write_notebooks(root: Path, assignments: Iterable[Assignment]) -> list[Path]:
    """Writes notebooks/<name> for every notebook that has topics; returns the paths.

    Raises BuildError, before anything is written.
    """
    contents = _skeletons(root, assignments)
    folder = root / "notebooks"
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


def stale_notebooks(root: Path, assignments: Iterable[Assignment]) -> list[str]:
    """The names of the notebooks whose file is missing or differs from a rebuild. Raises BuildError."""
    folder = root / "notebooks"
    return [
        name
        for name, content in _skeletons(root, assignments).items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != content
    ]


def _skeletons(root: Path, assignments: Iterable[Assignment]) -> dict[str, bytes]:
    return {
        name: finished_skeleton(root, assignment, name)
        for assignment in assignments
        for name, topics in assignment.notebooks.items()
        if topics
    }
