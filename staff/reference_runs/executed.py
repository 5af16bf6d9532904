"""Executed notebooks: whether one ran to its end, and what it printed."""

from pathlib import Path

import nbformat


def read_executed(path: Path) -> nbformat.NotebookNode | None:
    """The notebook in a file; None if there is none, or one of which a cell was not executed or raised an error."""
    if not path.is_file():
        return None
    notebook = nbformat.read(path, as_version=4)
    failed = any(output.output_type == "error" for cell in _code_cells(notebook) for output in cell.outputs)
    return notebook if all(cell.execution_count for cell in _code_cells(notebook)) and not failed else None


def code(notebook: nbformat.NotebookNode) -> list[str]:
    """The sources of the code cells, in order."""
    return [cell.source for cell in _code_cells(notebook)]


def printed_lines(notebook: nbformat.NotebookNode) -> list[str]:
    """The lines on standard output of all cells, in order."""
    outputs = [output for cell in _code_cells(notebook) for output in cell.outputs]
    printed = [output.text for output in outputs if output.output_type == "stream" and output.name == "stdout"]
    return "".join(printed).splitlines()


def _code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]
