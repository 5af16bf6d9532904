"""Where two tensors differ, as a small picture of digits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.notebook.wire import Wire

if TYPE_CHECKING:  # the gradebook needs the form of a picture, and no tensors
    import torch

MOST_ROWS, MOST_COLUMNS = 24, 48
RIGHT, PARTLY, WRONG = "012"


@dataclass(frozen=True)
class Grid(Wire):
    """The values of a tensor, row by row: RIGHT, WRONG, or PARTLY where one digit stands for several values.

    `shape` is the tensor's; all its axes but the last come to rows.
    """

    name: str
    shape: tuple[int, ...]
    wrong: int
    rows: tuple[str, ...]


def grid(name: str, close: "torch.Tensor") -> Grid:
    """The picture of a tensor that says of each value whether it is right."""
    values = close.numpy()  # whose sums take half as long
    flat = values.reshape(-1, close.shape[-1]) if close.dim() else values.reshape(1, 1)
    down, across = (_bounds(side, most) for side, most in zip(flat.shape, (MOST_ROWS, MOST_COLUMNS), strict=True))
    rows = [_row(flat[top:bottom].sum(0).cumsum(0).tolist(), bottom - top, across) for top, bottom in down]
    return Grid(name, tuple(close.shape), int((~values).sum()), tuple(rows))


def _bounds(side: int, most: int) -> Sequence[tuple[int, int]]:
    """Where a side is cut into at most so many parts."""
    parts = min(side, most)
    return [(side * i // parts, side * (i + 1) // parts) for i in range(parts)]


def _row(sums: Sequence[int], height: int, across: Sequence[tuple[int, int]]) -> str:
    """One row of a picture, by how many values of so many rows are right up to each column."""
    before = [0, *sums]
    return "".join(_digit(before[right] - before[left], height * (right - left)) for left, right in across)


def _digit(right: int, total: int) -> str:
    return RIGHT if right == total else PARTLY if right else WRONG
