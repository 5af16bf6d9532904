"""What a verdict shows beside its message: the student's code, where values differ, a public case to paste."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from autograder.notebook.findings import BrokenRule
from autograder.notebook.functions import Function
from autograder.notebook.outline import Outline
from autograder.notebook.text import one_line, plain
from autograder.notebook.wire import Wire
from autograder.protocol.faults import Fault, StudentError
from autograder.protocol.grid import Grid

if TYPE_CHECKING:  # importing torch is for what marks, after the sandboxes have begun to
    from autograder.checks.mistakes import Mismatch

AROUND = 4  # lines of code before and behind the one that is marked
MOST_LINES = 40  # of a function
_MOST_WIDTH = 200
_MOST_GRIDS = 6


@dataclass(frozen=True)
class Excerpt(Wire):
    """Lines of a student's code cell, which stands under `heading`: `first` is the number of the first of `lines`.

    `marked` is the number of the line to look at, 0 for none.
    """

    heading: str
    cell: int
    first: int
    marked: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Evidence(Wire):
    """What a verdict shows; everything may be missing.

    `excerpts` is the student's code, at most one; `variables` what the names on its marked line are, with shapes;
    `grids` pictures of where tensors differ from the right ones; `case` lines to paste into a cell, which repeat the
    call with a public case.
    """

    excerpts: tuple[Excerpt, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    grids: tuple[Grid, ...] = ()
    case: tuple[str, ...] = ()


def excerpt_at(outline: Outline, cell: int, line: int) -> tuple[Excerpt, ...]:
    """The lines around one; nothing of a cell that is not known, its first lines where no line of it is."""
    end = line + AROUND if line else 2 * AROUND
    return _excerpt(outline, cell, max(1, line - AROUND), end, line)


def excerpt_of(outline: Outline, functions: Sequence[Function]) -> tuple[Excerpt, ...]:
    """The first of some functions."""
    for one in functions[:1]:
        return _excerpt(outline, one.cell, one.first, min(one.last, one.first + MOST_LINES - 1), 0)
    return ()


def _excerpt(outline: Outline, cell: int, first: int, last: int, marked: int) -> tuple[Excerpt, ...]:
    listing = outline.cell(cell)
    lines = tuple(plain(line, _MOST_WIDTH).replace("\n", " ") for line in listing.lines[first - 1 : last])
    if not lines:
        return ()
    shown = marked if first <= marked < first + len(lines) else 0
    return (Excerpt(one_line(listing.heading), cell, first, shown, lines),)


def of_error(outline: Outline, error: StudentError) -> Evidence:
    """Of code that gave no value: its line, and what the variables there are."""
    variables = tuple((one_line(name), one_line(what)) for name, what in error.variables)
    excerpts = excerpt_at(outline, error.cell, error.line)
    repeated = excerpts and error.diagnosis is not Fault.NOT_WRITTEN
    return Evidence(excerpts, variables, case=error.to_paste if repeated else ())


def of_rule(outline: Outline, rule: BrokenRule) -> Evidence:
    """Of a broken rule: the line where it shows."""
    return Evidence(excerpt_at(outline, rule.cell, rule.line))


def of_mismatch(outline: Outline, functions: Sequence[Function], wrong: "Mismatch") -> Evidence:
    """Of wrong values: the function, and where they differ."""
    return Evidence(
        excerpt_of(outline, functions), grids=tuple(islice(wrong.pictures(), _MOST_GRIDS)), case=wrong.to_paste
    )
