"""Batches of hw4_rnn.ipynb: what a student's network makes of its own and of the case's."""

from typing import Any

import rnn_network
import torch
from torch import Tensor

from autograder.checks import Case, Handle, Mismatch, StudentError, attempt, expect


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


def pair(name: str, returned: Any, expected: str) -> tuple[Any, Any]:
    """The two values that a function returned; `expected` says what they should be. Raises Mismatch."""
    if isinstance(returned, (tuple, list)) and len(returned) == 2:
        return returned[0], returned[1]
    raise Mismatch(
        f"{name} does not return two values",
        f"expected ({expected})",
        f"got {expect.describe(returned)}",
        "look at: the return statement",
        diagnosis="wrong structure",
    )


def on_a_batch(student: Any, network: Handle, case: Case) -> tuple[Any, list[int]]:
    """What the network makes of a batch as `collate_batch` makes it, and how the student's own orders the rows.

    It is the student's own batch if the network is right on it, else the case's; the result is in the case's order.
    Parameters are stored as the network takes them. Raises StudentError if it fails on both, however they are stored.
    """
    _, _, parameters, texts, lengths = case.inputs
    error: StudentError | None = None
    for _ in rnn_network.load(network, parameters):
        try:
            got, order = _on_own_batch(student, network, case)
            return (network(texts["cut"], lengths["cut"]) if got is None else got), order
        except StudentError as raised:
            error = error or raised
    assert error is not None  # there is at least one way to store them
    raise error


def on_short_texts(network: Handle, case: Case, order: list[int]) -> Any:
    """What the network makes of a batch in which every text is shorter than T, in the case's order.

    The batch has the order of the student's own, which its code may rely on. Raises Mismatch if it fails.
    """
    *_, texts, lengths = case.inputs
    text, length = texts["long"][:, order], lengths["long"][order]
    got = attempt(network, text, length)
    if isinstance(got, StudentError):
        raise Mismatch(
            f"forward fails when every text is shorter than T: {got}",
            f"in line {got.line} of code cell {got.cell}: {got.text.strip()}" if got.line else "",
            f"with inputs of shape {tuple(text.shape)}, lengths {length.tolist()}",
            "look at: what you index with the lengths",
            diagnosis="error on short texts",
            earns=8,
        )
    return _in_order(got, order)


def _on_own_batch(student: Any, network: Handle, case: Case) -> tuple[Tensor | None, list[int]]:
    """As `on_a_batch`, on the student's own batch alone; None if it is no batch of the case's or the result wrong."""
    _, rows, *_ = case.inputs
    batch = one_by_one(attempt(student.collate_batch, rows))
    order = _order(batch, rows)
    if order is None:
        return None, list(range(len(rows)))
    got = _in_order(attempt(network, batch[0], batch[2]), order)
    accepted = (case.outputs, *case.accepted.values())
    return (got if any(expect.is_close(got, one["probabilities"]) for one in accepted) else None), order


def _in_order(got: Any, order: list[int]) -> Any:
    """Rows back in the case's order; what is no tensor of so many rows stays as it is."""
    fits = isinstance(got, Tensor) and got.dim() > 0 and len(got) == len(order)
    return got[torch.tensor(order).argsort()] if fits else got


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
