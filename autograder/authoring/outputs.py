"""Recorded outputs of the solution notebooks: what stands in them after a run on real data, without the run."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import nbformat

PICTURE = (  # one white pixel, in place of every picture
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg=="
)
_MOST_CHARACTERS = 8000  # of one cell

Outputs = Mapping[str, list[dict[str, Any]]]


def recorded(root: Path, topics: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """The recorded outputs of topics by the id of their cell; topics without a record have none."""
    paths = (root / "staff" / "outputs" / f"{topic}.json" for topic in topics)
    return {cell: outputs for path in paths if path.exists() for cell, outputs in json.loads(path.read_text()).items()}


def with_outputs(notebook: bytes, outputs: Outputs) -> bytes:
    """The file of a notebook with recorded outputs in its cells of the same ids."""
    content = json.loads(notebook)
    for cell in content["cells"]:
        if cell["cell_type"] == "code" and cell.get("id") in outputs:
            cell["outputs"] = outputs[cell["id"]]
    return json.dumps(content, ensure_ascii=False).encode()


def record(executed: nbformat.NotebookNode, path: Path) -> None:
    """Writes what the cells of an executed notebook printed, and where they showed pictures, to a record."""
    found = {cell.id: _outputs(cell) for cell in executed.cells if cell.cell_type == "code"}
    text = json.dumps({cell: outputs for cell, outputs in found.items() if outputs}, indent=1, ensure_ascii=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


def _outputs(cell: nbformat.NotebookNode) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stdout" and len(output.text) < _MOST_CHARACTERS:
            kept.append({"output_type": "stream", "name": "stdout", "text": output.text.splitlines(keepends=True)})
        elif "image/png" in output.get("data", {}):
            kept.append({"output_type": "display_data", "metadata": {}, "data": {"image/png": PICTURE}})
    return kept
