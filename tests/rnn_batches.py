"""Batches of hw4_rnn.ipynb: what a student's `collate_batch` returns, and a student's network on it."""

from typing import Any

import torch
from torch import Tensor

from autograder import expect
from autograder.case import Case
from autograder.session import StudentError
from autograder.student import Handle


def one_by_one(value: Any) -> Any:
    """Tensors for numbers and lists of numbers, the items of a tuple likewise; everything else as it is."""
    if type(value) in (int, float):
        return torch.tensor(value, dtype=torch.float64 if type(value) is float else torch.long)
    if isinstance(value, list) and value and all(type(item) is int for item in value):
        return torch.tensor(value)
    if isinstance(value, (tuple, list)):
        return tuple(one_by_one(item) for item in value)
    return value


def single(value: Any) -> Any:
    """A tensor of one number without its axes; everything else as it is."""
    return value.squeeze() if isinstance(value, Tensor) and value.numel() == 1 else value


def whole_number(tensor: Tensor) -> bool:
    """Whether a tensor holds whole numbers by its type."""
    return not tensor.is_floating_point() and not tensor.is_complex() and tensor.dtype != torch.bool


def own_batch(student: Any, network: Handle, case: Case) -> tuple[Tensor | None, list[int]]:
    """What the network makes of the student's own batch, None if it is not right; and how that orders the rows.

    A batch is used if it holds the case's texts, in whatever order; then a mistake in `collate_batch` costs nothing.
    The result is in the case's order.
    """
    _, rows, *_ = case.inputs
    order = list(range(len(rows)))
    try:
        batch = one_by_one(student.collate_batch(rows))
        order = _order(batch, rows) or order
        got = network(batch[0], batch[2]) if _order(batch, rows) else None
    except StudentError as error:
        if error.ended:
            raise
        return None, order
    if not isinstance(got, Tensor) or len(got) != len(order):
        return None, order
    got = got[torch.tensor(order).argsort()]
    accepted = (case.outputs, *case.accepted.values())
    return (got if any(expect.is_close(got, one["probabilities"]) for one in accepted) else None), order


def _order(batch: Any, rows: list[tuple[int, str]]) -> list[int] | None:
    """Which row stands in each column of a batch; None if it is none of these rows'."""
    if not (isinstance(batch, tuple) and len(batch) == 3 and all(isinstance(part, Tensor) for part in batch)):
        return None
    text, _, lengths = batch
    if text.dim() != 2 or not whole_number(text) or lengths.shape != (len(rows),) or text.shape[1] != len(rows):
        return None
    texts = [[0 if word == "unknown" else int(word.removeprefix("w")) for word in words.split()] for _, words in rows]
    T = len(text)
    filled = [ids[:T] + [0] * (T - len(ids)) for ids in texts]
    held = text.T.tolist()
    order = [filled.index(column) if column in filled else -1 for column in held]
    mean = sum(map(len, texts)) / len(texts)
    return order if sorted(order) == list(range(len(rows))) and abs(T - mean) < 1 else None
