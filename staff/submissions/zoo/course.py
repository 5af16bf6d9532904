"""The course's own notebooks, as students hand them in when everything is right."""

import copy
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import writing
from sample import Work

from autograder.course.manifest import load

ROOT = Path(__file__).resolve().parents[3]


@cache
def solved(name: str) -> bytes:
    """A notebook with every answer and its outputs, as Colab saves it."""
    (assignment,) = (one for one in load(ROOT).values() if name in one.notebooks)
    return writing.notebook(ROOT, assignment, name, Work(), name)


@cache
def handed_out(name: str) -> bytes:
    """A notebook as students get it."""
    return (ROOT / "notebooks" / name).read_bytes()


def content(name: str) -> dict[str, Any]:
    """The JSON of a solved notebook, to be changed."""
    return copy.deepcopy(_content(name))


@cache
def _content(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(solved(name))
    return loaded


def written(notebook: dict[str, Any]) -> bytes:
    """The JSON as a file."""
    return json.dumps(notebook, ensure_ascii=False, indent=1).encode()


def with_cells(name: str, cells: Iterable[dict[str, Any]]) -> bytes:
    """A solved notebook with other cells."""
    return written({**content(name), "cells": list(cells)})


def source_of(cell: dict[str, Any]) -> str:
    """The text of a cell."""
    return "".join(cell["source"])


def place_of(cells: list[dict[str, Any]], text: str) -> int:
    """The only code cell that holds this text. Raises ValueError if there is none, or several."""
    (place,) = (number for number, cell in enumerate(cells) if cell["cell_type"] == "code" and text in source_of(cell))
    return place


def exported(name: str, marks: bool) -> bytes:
    """A solved notebook as a script: with a mark before each cell as Jupyter exports it, or as Colab does."""
    parts = ["#!/usr/bin/env python\n# coding: utf-8\n" if marks else "# -*- coding: utf-8 -*-\n"]
    for cell in content(name)["cells"]:
        text = source_of(cell)
        if cell["cell_type"] == "code":
            parts.append(f"# In[{cell['execution_count']}]:\n\n\n{text}\n" if marks else f"{text}\n")
        elif marks:
            parts.append("".join(f"# {line}\n" for line in text.splitlines()))
        else:
            parts.append('"""' + text.replace("\\", "\\\\") + '"""\n')
    return "\n".join(parts).encode()
