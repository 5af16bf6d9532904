"""The cells of a notebook as plain Python, by nbconvert.

Importing it takes seconds, so nothing imports this module before a file is read.
"""

import re
import secrets
from collections.abc import Callable
from functools import cache
from typing import Any, cast

from nbconvert.exporters import PythonExporter
from nbformat.notebooknode import NotebookNode, from_dict

from autograder.notebook.magics import aligned, plain_python, unwrapped


@cache
def exporter() -> PythonExporter:
    """The exporter, made once and ready for a process that may open no file: call it before forking."""
    make: Callable[..., PythonExporter] = PythonExporter
    made = make(exclude_input_prompt=True, default_preprocessors=[], filters={"ipython2python": plain_python})
    made.environment.auto_reload = False  # a sandboxed child cannot look whether a template file has changed
    made.from_notebook_node(_lean(["%pwd"], "warm"))
    return made


def _lean(sources: list[str], marker: str) -> NotebookNode:
    """A notebook of nothing but the code, with a marker in a markdown cell before each cell."""
    cells: list[dict[str, Any]] = []
    for number, source in enumerate(sources, 1):
        cells.append({"cell_type": "markdown", "metadata": {}, "source": f"{marker} {number}"})
        cells.append({"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None})
    as_node = cast("Callable[[object], NotebookNode]", from_dict)
    return as_node({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})


def exported(texts: list[str]) -> list[str]:
    """The cells as Python, line for line."""
    marker = f"cell-{secrets.token_hex(16)}"
    script, _ = exporter().from_notebook_node(_lean([unwrapped(text) for text in texts], marker))
    parts = re.split(rf"^# {marker} \d+$", script, flags=re.MULTILINE)[1:]
    return [aligned(part.strip("\n"), text) for part, text in zip(parts, texts, strict=True)]
