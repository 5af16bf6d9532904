"""A notebook that is not there under its name is found by its cells, or read from a script."""

import json
import zipfile
from pathlib import Path

import pytest
from packers import HW4, NOTEBOOKS, kinds, read, zipped

from autograder.course.root import project_root
from autograder.intake import handout, substitutes
from autograder.intake.handout import NOTHING, Handout
from autograder.intake.source import source_at
from autograder.intake.submission import Submission, load
from autograder.intake.substitutes import notebook_of
from autograder.notebook.repair import Kind

# Notebooks that are not there under their names

GATES, PATCHES = "The gates of a unit, and what they do.", "Patches of a picture, and what they do."
SHEET = json.dumps({"nbformat": 4, "cells": [{"cell_type": "markdown", "source": GATES}]})
OTHER = SHEET.replace(GATES, PATCHES).encode()
HANDOUT = Handout({"hw4_rnn.ipynb": GATES, "hw4_vit.ipynb": PATCHES})
RNN = SHEET.encode()


COURSE = Handout.read(project_root(Path(__file__).parent) / "notebooks")


@pytest.mark.parametrize("path", sorted((project_root(Path(__file__).parent) / "notebooks").glob("*.ipynb")))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_handout_is_recognised_as_itself_alone(path: Path, encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = path.read_text(encoding="utf-8").encode(encoding)
    assert COURSE.recognise(content) == path.name
    assert COURSE.recognise(content[: len(content) // 8]) == ""
    assert COURSE.recognise(b"") == "" and NOTHING.recognise(content) == ""
    monkeypatch.setattr(handout, "LARGEST", len(content) - 1)
    assert COURSE.recognise(content) == ""


def test_lines_that_two_handouts_share_tell_nothing() -> None:
    line = "This notebook runs on Colab as it is."
    assert Handout({"a.ipynb": line, "b.ipynb": line}).recognise(line.encode()) == ""
    shared = f"{line}\nIt shows what a network learns."
    two = Handout({"a.ipynb": f"{shared}\n{GATES}", "b.ipynb": f"{shared}\n{PATCHES}"})
    assert two.recognise(f"{shared}\n{GATES}".encode()) == "a.ipynb"


def test_without_the_courses_notebooks_nothing_is_recognised(tmp_path: Path) -> None:
    assert Handout.read(tmp_path / "nowhere").recognise(RNN) == ""


def looked_up(path: Path) -> Submission:
    return load(source_at(path, HW4), "id", HW4, HANDOUT)


def test_a_renamed_notebook_is_found_by_its_cells(tmp_path: Path) -> None:
    found = looked_up(zipped(tmp_path / "2024-20001.zip", {"final/과제.ipynb": RNN, "x.ipynb": b"{}"}))
    assert found.notebooks == {"hw4_rnn.ipynb": RNN}
    assert found.notes[1:] == [
        "'final/과제.ipynb' was read as hw4_rnn.ipynb, whose cells it holds",
        "other notebooks in it: 'x.ipynb'",
    ]
    assert kinds(found) == [Kind.NOTEBOOK_RENAMED]
    assert read(zipped(tmp_path / "2024-20001.zip", {"final/과제.ipynb": RNN})).notebooks == {}


def test_the_right_name_wins_over_the_cells(tmp_path: Path) -> None:
    found = looked_up(zipped(tmp_path / "2024-20001.zip", {"copy.ipynb": RNN, "hw4_rnn.ipynb": b"{}"}))
    assert found.notebooks == {"hw4_rnn.ipynb": b"{}"}
    assert "not graded, since there is another copy: 'copy.ipynb'" in found.notes
    assert kinds(found) == [Kind.COPIES]


def test_two_different_renamed_copies_are_left_to_a_person(tmp_path: Path) -> None:
    files = {"a.ipynb": RNN, "b.ipynb": RNN + b" "}
    found = looked_up(zipped(tmp_path / "2024-20001.zip", files))
    assert found.notebooks == {} and kinds(found) == []
    assert "not graded, since more than one may be hw4_rnn.ipynb: 'a.ipynb', 'b.ipynb'" in found.notes
    same = looked_up(zipped(tmp_path / "2024-20001.zip", {"a.ipynb": RNN, "b.ipynb": RNN}))
    assert "'a.ipynb' was read as hw4_rnn.ipynb, whose cells it holds" in same.notes


def test_a_notebook_with_the_cells_of_two_is_neither(tmp_path: Path) -> None:
    assert looked_up(zipped(tmp_path / "2024-20001.zip", {"all.ipynb": RNN + OTHER})).notebooks == {}


def test_a_script_is_read_as_its_notebook(tmp_path: Path) -> None:
    script = b"#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n\n\nx = 1\n\n# In[ ]:\n\n\ndef f():\n    pass\n"
    found = read(zipped(tmp_path / "2024-20001.zip", {"hw4_rnn.py": script}))
    cells = json.loads(found.notebooks["hw4_rnn.ipynb"])["cells"]
    assert [cell["source"] for cell in cells][1:] == ["x = 1", "def f():\n    pass"]
    assert "'hw4_rnn.py' is a script; it was read as hw4_rnn.ipynb without outputs" in found.notes
    assert kinds(found) == [Kind.SCRIPT]


def test_a_script_in_percent_format_has_its_cells() -> None:
    cells = json.loads(notebook_of(b"# %% [markdown]\n# Text\n\n# %%\nx = 1\n\n#%% tags\ny = '# %%'\n"))["cells"]
    assert [cell["source"] for cell in cells] == ["# Text", "x = 1", "y = '# %%'"]


@pytest.mark.parametrize("content", ["이름 = 1".encode(), "이름 = 1".encode("cp949"), "\ufeff이름 = 1".encode()])
def test_scripts_in_every_usual_encoding_are_read(content: bytes) -> None:
    assert json.loads(notebook_of(content))["cells"][0]["source"] == "이름 = 1"


def test_a_script_of_stray_bytes_is_read_all_the_same() -> None:
    assert json.loads(notebook_of(b"x = 1 # \xff\xff"))["cells"][0]["source"].startswith("x = 1")


def test_a_script_beside_its_notebook_is_nothing_special(tmp_path: Path) -> None:
    found = read(zipped(tmp_path / "2024-20001.zip", {"hw4_rnn.py": b"x = 1", **NOTEBOOKS}))
    assert (found.notebooks, found.notes) == (NOTEBOOKS, [])


def test_a_backup_is_read_when_nothing_else_is_there(tmp_path: Path) -> None:
    backup = ".ipynb_checkpoints/hw4_rnn-checkpoint.ipynb"
    found = read(zipped(tmp_path / "2024-20001.zip", {backup: RNN}))
    assert found.notebooks == {"hw4_rnn.ipynb": RNN}
    assert f"'{backup}' is a backup that Jupyter made; it was read as hw4_rnn.ipynb" in found.notes
    assert kinds(found) == [Kind.BACKUP]
    both = looked_up(zipped(tmp_path / "2024-20001.zip", {backup: b"{}", "a.ipynb": RNN}))
    assert both.notebooks == {"hw4_rnn.ipynb": RNN} and kinds(both) == [Kind.NOTEBOOK_RENAMED]


def test_what_is_searched_for_notebooks_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a.ipynb": b"{}", "b.ipynb": b"{}", "c.ipynb": RNN}
    path = zipped(tmp_path / "2024-20001.zip", files)
    assert looked_up(path).notebooks
    monkeypatch.setattr(substitutes, "_MOST_READ", 2)
    assert not looked_up(path).notebooks
    monkeypatch.setattr(substitutes, "_MOST_READ", 3)
    monkeypatch.setattr(substitutes, "_MOST_BYTES", 4)
    assert not looked_up(path).notebooks


def test_a_damaged_notebook_of_another_name_costs_nothing(tmp_path: Path) -> None:
    path = zipped(tmp_path / "2024-20001.zip", {"x.ipynb": RNN, **NOTEBOOKS}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"gates", b"gatez", 1))
    assert looked_up(path).notebooks == NOTEBOOKS
