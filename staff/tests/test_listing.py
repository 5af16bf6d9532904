"""Where something stands in a notebook, told as the student finds it: heading, code cell, line."""

import json
from typing import Any

import pytest

from autograder.notebook.listing import MOST_CHARACTERS, Listing, last_heading, listings, place_text
from autograder.notebook.notebook import read
from autograder.notebook.outline import Outline


def notebook(*cells: tuple[str, str]) -> bytes:
    listed: list[dict[str, Any]] = [
        {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for kind, text in cells
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": listed}).encode()


def test_each_code_cell_stands_under_the_last_heading_above_it() -> None:
    outline = Outline.of(
        read(
            notebook(
                ("code", "import torch"),
                ("markdown", "# Homework\n\n## **1a.** `Batches` [3 pts]\nText."),
                ("code", "def f():\n    return 1"),
                ("markdown", "Text without a heading."),
                ("code", "x = 1\r\n"),
                ("markdown", "def g():\n    return 2"),
                ("raw", "# no heading"),
                ("code", "y = 1"),
            )
        )
    )
    assert [(cell.number, cell.heading, list(cell.lines)) for cell in outline.cells] == [
        (1, "", ["import torch"]),
        (2, "1a. Batches", ["def f():", "    return 1"]),
        (3, "1a. Batches", ["x = 1", ""]),
        (4, "1a. Batches", ["def g():", "    return 2"]),  # a markdown cell that was read as code
        (5, "1a. Batches", ["y = 1"]),
    ]
    assert outline.place(2, 2, "    return 1") == "under '1a. Batches', code cell 2, line 2: return 1"
    assert Outline.from_wire(json.loads(json.dumps(outline.to_wire()))).place(9, 1) == "code cell 9, line 1"


@pytest.mark.parametrize(
    ("markdown", "heading"),
    [
        ("## 2-1-1b. Backward propagation (20 points)", "2-1-1b. Backward propagation"),
        ("## 3e. Training [5 pts] ##", "3e. Training"),
        ("## 3e. 학습 [5점]", "3e. 학습"),
        ("## 2-1-1b. 역전파 (20 점)", "2-1-1b. 역전파"),
        ("# 시점 (관점)", "시점 (관점)"),
        ("# A (one) point of view", "A (one) point of view"),
        ("#no heading", ""),
        ("    # code", ""),
        ("# A\n```python\n# comment\n```", "A"),
        ("# A\n~~~\n# comment\n~~~\n### B", "B"),
        ("# " + "x" * 200, "x" * 79 + "…"),
        ("", ""),
    ],
)
def test_a_heading_is_told_without_markup_and_points(markdown: str, heading: str) -> None:
    assert last_heading(markdown) == heading


def test_what_is_not_known_of_a_place_is_left_out() -> None:
    assert place_text("", 0, 0, "") == ""
    assert place_text("", 3, 0, "") == "code cell 3"
    assert place_text("A\nB", 3, 4, "  x  ") == "under 'A B', code cell 3, line 4: x"


def test_a_huge_notebook_is_listed_without_its_lines() -> None:
    listed = listings([(1, "A", "x" * MOST_CHARACTERS), (2, "A", "y")])
    assert [len(one.lines) for one in listed] == [1, 0]
    assert listed[1] == Listing(2, "A", ())
