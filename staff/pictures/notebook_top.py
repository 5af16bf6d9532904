"""The top of a student's notebook as a picture (PNG), as nbconvert shows it."""

import tempfile
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from sample_reports import photograph

NOTEBOOK = "notebooks/hw4_rnn.ipynb"
TOP = (1000, 1330)  # pixels: what its first cell says


def draw(root: Path, picture: Path) -> None:
    """Writes the picture of a notebook of the course at `root`. Raises FileNotFoundError where there is no browser."""
    notebook = nbformat.read(root / NOTEBOOK, as_version=4)
    notebook.cells = notebook.cells[:1]
    exporter = HTMLExporter(mathjax_url="", require_js_url="", jquery_url="")  # the picture needs no network
    page, _ = exporter.from_notebook_node(notebook)
    with tempfile.TemporaryDirectory() as temporary:
        html = Path(temporary) / "notebook.html"
        html.write_text(page, encoding="utf-8")
        photograph(html, picture, TOP)
