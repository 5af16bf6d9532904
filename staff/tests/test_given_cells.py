"""Given cells, which set up the check and call it: grading neither runs them nor believes what they print."""

import ast
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.authoring import build
from autograder.course.manifest import load
from autograder.intake.handout import Handout
from autograder.notebook.given import is_check
from autograder.notebook.notebook import Notebook, read
from autograder.notebook.outline import Outline
from autograder.worker.full_run import FullRun
from autograder.worker.namespace import LazyNamespace
from autograder.worker.ordered import OrderedNamespace

SET_UP = 'def set_up_check(topic):\n    raise SystemExit\n\ncheck = set_up_check("rnn")'
PRINTS = [{"output_type": "stream", "name": "stdout", "text": "Test accuracy: 99.00 %\n"}]


def notebook_of(*sources: str, outputs: Any = ()) -> Notebook:
    cells = [{"cell_type": "code", "source": one, "metadata": {}, "outputs": list(outputs)} for one in sources]
    return read(json.dumps({"nbformat": 4, "nbformat_minor": 0, "metadata": {}, "cells": cells}).encode())


def test_the_cells_of_every_kind_hold_nothing() -> None:
    notebook = notebook_of(SET_UP, 'check("1a")', "check.all()", "from autograder.selfcheck.live import check")
    assert notebook.cells[0].source == "pass\n\n\npass"
    assert all(cell.tree is not None and not cell.tree.body for cell in notebook.cells)
    outline = Outline.of(notebook)
    assert not outline.definitions and not outline.usages and not outline.functions and not outline.order_sensitive


def test_what_a_student_writes_beside_them_stays_on_its_lines() -> None:
    notebook = notebook_of('check("1a"); x = "날"\ny = 2\ncheck(\n    "1b"\n); z = 3')
    assert notebook.cells[0].source == 'pass; x = "날"\ny = 2\npass; z = 3\n\n'
    assert notebook.definitions == {"x": [1], "y": [1], "z": [1]}
    tree = ast.parse(notebook.cells[0].source)
    assert [node.lineno for node in tree.body] == [1, 1, 2, 3, 3]


@pytest.mark.parametrize(
    "source",
    ["def check(text):\n    seen.append(text)", "from helpers import check", "for check in [seen.append]:\n    pass"],
)
def test_a_check_of_the_students_own_is_theirs(source: str) -> None:
    notebook = notebook_of("seen = []", source, 'check("1a")')
    assert [len(cell.tree.body) for cell in notebook.cells if cell.tree] == [1, 1, 1]


@pytest.mark.parametrize(
    "source", ["check", "check()", 'check("1a", 2)', 'check(q="1a")', "check(1)", 'x = check("1a")']
)
def test_other_uses_of_the_name_are_no_given_cells(source: str) -> None:
    assert not is_check(source)
    assert [bool(cell.tree and cell.tree.body) for cell in notebook_of(source).cells] == [True]


def test_what_they_print_is_no_evidence() -> None:
    notebook = notebook_of(SET_UP, 'check("1f")', "check.all()", outputs=PRINTS)
    assert not Outline.of(notebook).saved.figures and not Outline.of(notebook).saved.cells
    assert Outline.of(notebook_of("print(accuracy)", outputs=PRINTS)).saved.figures


def test_no_way_to_run_a_notebook_runs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    notebook = notebook_of(SET_UP, "seen = [1]", 'check("1a")', "seen.append(2)", "check.all()")
    assert LazyNamespace(notebook, {}, "x.ipynb").definition("seen") == [1, 2]
    for to_end in (True, False):
        assert OrderedNamespace(notebook, {}, "x.ipynb", to_end).definition("seen") == [1, 2]
    run = FullRun(notebook, "x.ipynb")
    run.run(60)
    assert run.definition("seen") == [1, 2] and not run.errors and "check" not in run.namespace


SCRIPT = """\
# %% [markdown]
# # Text

# %%
x = 1

# %%
check("1a")

# %%
y = 2
"""


def test_a_notebook_with_checks_begins_with_the_set_up_and_keeps_the_ids_of_its_cells() -> None:
    cells = build.skeleton_notebook({"gru": SCRIPT}).cells
    assert [cell.id for cell in cells] == ["gru-01", "set-up", "gru-02", "check-03", "gru-03"]
    assert 'set_up_check("gru")' in cells[1].source
    compile(cells[1].source, "set-up", "exec")
    assert all(len(line) <= 120 for line in cells[1].source.splitlines())


def test_a_notebook_without_checks_has_no_set_up() -> None:
    cells = build.skeleton_notebook({"gru": SCRIPT.replace('check("1a")', "z = 3")}).cells
    assert [cell.id for cell in cells] == ["gru-01", "gru-02", "gru-03", "gru-04"]


ROOT = Path(__file__).parents[2]
TOPICS = {name: topics for one in load(ROOT).values() for name, topics in one.notebooks.items()}


@pytest.mark.parametrize("name", TOPICS)
def test_a_notebook_of_an_edition_without_them_is_recognised(name: str) -> None:
    former = build.skeleton_notebook(build.read_sources(ROOT, TOPICS[name]))
    former.cells = [cell for cell in former.cells if cell.id != "set-up" and not is_check(cell.source)]
    assert Handout.read(ROOT / "notebooks").recognise(build.to_bytes(former)) == name
