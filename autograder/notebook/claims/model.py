"""What a notebook's saved outputs show, as the student's process read it before any student code ran.

It comes from a stranger's file: its form is checked, its content decides nothing by itself.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograder.notebook.claims.words import ACCURACY, EPOCH, TEST, words

MOST = 4000  # entries of one kind


@dataclass(frozen=True)
class Figure:
    """A number in the outputs of a code cell.

    `metric` and `words` are its label, `split` the data that the label names ("" for none). `printable` says whether
    the cell's code can print it, `expression` what it prints there, `origin` what that is computed from: "test",
    "valid", "train", "typed" for a number that stands in the code, or "".
    """

    metric: str
    words: tuple[str, ...]
    value: float
    percent: bool
    split: str
    cell: int
    line: int
    text: str
    printable: bool
    expression: str
    origin: str

    @property
    def amount(self) -> float:
        """The value; of an accuracy in percent, also where a fraction is printed."""
        fraction = self.metric == ACCURACY and not self.percent and self.value <= 1
        return 100 * self.value if fraction else self.value

    @property
    def shown(self) -> str:
        """The figure in a few characters."""
        return f"{self.amount:.2f} %" if self.metric == ACCURACY else f"{self.metric} {self.value:.4g}"

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"code cell {self.cell}, output line {self.line}: {self.text[:160]}"

    @property
    def of_test(self) -> bool:
        """Whether label, or else code, say that it is of the test data."""
        return self.split == TEST or (not self.split and self.origin == TEST)

    @property
    def unnamed(self) -> bool:
        """Whether neither label nor code say what data it is of, and it is not one of a log."""
        return not self.split and self.origin in ("", "typed") and EPOCH not in words(self.text)


@dataclass(frozen=True)
class CellSummary:
    """A code cell with saved outputs: pictures and what their code is about, the exception that ended it, its log.

    `progress` counts the lines of a log, `logged` the epochs, of `asked` (0 if unknown); `stops_early` if the code may.
    """

    cell: int
    pictures: int
    plotted: frozenset[str]
    error: str
    progress: int
    logged: int
    asked: int
    stops_early: bool

    @property
    def run(self) -> str:
        """How many of the epochs are logged, if they are not all."""
        return f"{self.logged} of {self.asked} epochs are logged" if 0 < self.logged < self.asked else ""


@dataclass(frozen=True)
class Scalar:
    """A scalar that the code logs to TensorBoard: the words of its tag and value."""

    cell: int
    words: frozenset[str]


@dataclass(frozen=True)
class SavedOutputs:
    """What was read from a notebook's saved outputs and code before any of that code ran."""

    figures: Sequence[Figure] = ()
    cells: Sequence[CellSummary] = ()
    scalars: Sequence[Scalar] = ()


def saved_outputs_from_wire(data: Any) -> SavedOutputs:
    """What the student's process read. Raises TypeError, ValueError, KeyError or IndexError for any other form."""
    if max(len(data[kind]) for kind in ("figures", "cells", "scalars")) > MOST:
        raise ValueError("too many claims")
    return SavedOutputs(
        [
            Figure(
                str(metric)[:40], tuple(map(str, label)), _finite(value), bool(percent), str(split)[:40], int(cell),
                int(line), str(text)[:400], bool(printable), str(expression)[:200], str(origin)[:40],
            )
            for metric, label, value, percent, split, cell, line, text, printable, expression, origin in data["figures"]
        ],
        [
            CellSummary(
                int(cell), int(pictures), frozenset(map(str, plotted)), str(error)[:80], int(progress), int(logged),
                int(asked), bool(early),
            )
            for cell, pictures, plotted, error, progress, logged, asked, early in data["cells"]
        ],
        [Scalar(int(cell), frozenset(map(str, listed))) for cell, listed in data["scalars"]],
    )  # fmt: skip


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("a figure is no number")
    return number
