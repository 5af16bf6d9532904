"""The claims of a notebook: the figures in its saved outputs, and what its code says about them.

Taken from the file's bytes before any student code runs; `model` has the form in which they travel.
"""

import ast
import math
import re
from collections.abc import Iterator
from typing import Any

from autograder.notebook.claims.curves import plotted, scalars
from autograder.notebook.claims.epochs import Run, run_of
from autograder.notebook.claims.figures import Found, figures
from autograder.notebook.claims.printed import Hole, Text, squeeze
from autograder.notebook.claims.printing import texts, value_texts
from autograder.notebook.claims.program import Program
from autograder.notebook.claims.provenance import TYPED, Provenance
from autograder.notebook.claims.words import ACCURACY, PERPLEXITY, TRAIN, VALID
from autograder.notebook.notebook import Cell, Notebook

KEPT = frozenset({ACCURACY, PERPLEXITY})
MAX_FIGURES = 1000
MAX_SCALARS = 200
_DIGITS = re.compile(r"\d+")


def claims(notebook: Notebook) -> dict[str, Any]:
    """Everything as JSON: figures, the cells that show something, and the scalars that are logged to TensorBoard."""
    program = Program(notebook)
    showing = [cell for cell in notebook.cells if cell.shown.lines or cell.shown.pictures or cell.shown.error]
    found: list[list[Any]] = []
    for cell in showing:
        prints = _Prints(program, cell)
        found += [
            [one.metric, one.words, one.value, one.percent, one.split, cell.number, one.line.number, one.line.text]
            + list(prints.judged(one))
            for one in figures(cell.shown.lines)
            if one.metric in KEPT and math.isfinite(one.value)  # "1e999" is none that JSON has
        ]
    logged = list(scalars(program, [cell.text for cell in notebook.cells]))[:MAX_SCALARS]
    return {
        "figures": found[: MAX_FIGURES // 2] + found[MAX_FIGURES // 2 :][-MAX_FIGURES // 2 :],
        "cells": [_cell(program, cell) for cell in showing],
        "scalars": [[cell, sorted(listed)] for cell, listed in logged],
    }


def _cell(program: Program, cell: Cell) -> list[Any]:
    run = run_of(cell.shown.lines, program, cell.number) if cell.shown.lines else Run(0, 0, 0, False)
    about = sorted(plotted(program, cell.number)) if cell.shown.pictures else []
    shown = cell.shown
    return [cell.number, shown.pictures, about, shown.error, run.progress, run.logged, run.asked, run.stops_early]


class _Prints:
    """What one cell's code can print."""

    def __init__(self, program: Program, cell: Cell) -> None:
        self._program = program
        self._cell = cell
        self._known: dict[tuple[str, str, bool], tuple[bool, str, str]] = {}
        self._texts: dict[int, list[Text]] = {}

    def judged(self, figure: Found) -> tuple[bool, str, str]:
        """Whether the code can print a figure, the expression that it prints there, and the origin of that."""
        if figure.split in (TRAIN, VALID):
            return True, "", figure.split  # nobody asks
        before = _DIGITS.sub("#", figure.line.text[: figure.start])
        key = (before, _DIGITS.sub("#", figure.line.text[figure.end :]), figure.line.result)
        if key not in self._known:
            self._known[key] = self._judge(figure)
        return self._known[key]

    def _judge(self, figure: Found) -> tuple[bool, str, str]:
        printable = False
        for holes, text in self._writers(figure):
            if holes is not None:
                expression = ", ".join(ast.unparse(hole.expression) for hole in holes)[:200]
                sources = [hole.expression for hole in holes]
                origin = Provenance(self._program, self._cell.number).origin(sources, text.routine) if holes else TYPED
                return True, expression, origin
            printable = True
        return printable or self._program.is_opaque(self._cell.number), "", ""

    def _writers(self, figure: Found) -> Iterator[tuple[tuple[Hole, ...] | None, Text]]:
        """The texts that may have written a figure, surest first; those that may be any line come without holes."""
        squeezed, places = squeeze(figure.line.text)
        start, end = places[figure.start], places[figure.end]
        for text in self._possible(figure.line.result):
            if not text.letters:
                yield None, text
            elif (holes := text.covers(squeezed, start, end)) is not None:
                yield holes, text

    def _possible(self, result: bool) -> Iterator[Text]:
        """The texts of the cell's own code, then those of all that it runs."""
        own = self._program.cell(self._cell.number)
        if result:
            last = own.tree.body[-1] if isinstance(own.tree, ast.Module) and own.tree.body else None
            yield from value_texts(own, last.value) if isinstance(last, ast.Expr) else []
            return
        yield from self._sorted(0)
        yield from self._sorted(1)

    def _sorted(self, place: int) -> list[Text]:
        """The texts of the cell (0), or of the functions that it runs (1); those with most words first."""
        if place not in self._texts:
            running = self._program.running(self._cell.number)[1:] if place else [self._program.cell(self._cell.number)]
            found = [text for routine in running for text in texts(routine)]
            self._texts[place] = sorted(found, key=lambda text: -text.letters)
        return self._texts[place]
