"""Compares what the modules of hw4_seq2seq.ipynb return, however it is packed, with a case."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.checks import Case, Outputs, expect

PROBABILITIES = "probabilities"
SHIFTED = "shifted by one"
RESHAPED = "axes mixed by reshape"


def flatten(value: Any) -> Iterator[Tensor]:
    """Every tensor inside tuples, lists and dictionaries."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from flatten(list(value.values()))
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from flatten(item)


def holds(tensors: Sequence[Tensor], want: Tensor) -> bool:
    """Whether one of the tensors is `want` (all sides differ), with its axes in any order and with or without ones."""
    core = want.squeeze()
    for tensor in tensors:
        found = tensor.squeeze()
        if sorted(found.shape) == sorted(core.shape):
            moved = found.permute([found.shape.index(side) for side in core.shape]) if found.dim() > 1 else found
            if expect.is_close(moved, core):
                return True
    return False


def missing_states(returned: Any, want: Outputs) -> list[str]:
    """Which of outputs, hidden and cell are not in what an encoder returned."""
    tensors = list(flatten(returned))
    return [name for name in ("outputs", "hidden", "cell") if not holds(tensors, want[name])]


def step_name(returned: Any, case: Case) -> str | None:
    """By which mistake one of the returned tensors is the decoder's step; "" for a right one, None for none."""
    batch, words = case.outputs["step"].shape
    for tensor in flatten(returned):
        scores = tensor.squeeze()
        name = _recognise(scores, "step", case) if scores.shape == (batch, words) else None
        if name is not None:
            return name
    return None


def scores_name(got: Tensor, case: Case) -> str | None:
    """By which mistakes the scores (B, out_dim, L) are what they are; "" for right ones, None for unknown ones.

    Index 0 is free. Scores at index t that belong to index t + 1 are shifted; then the last index is free or missing.
    """
    batch, words, length = case.outputs["scores"].shape
    if got.shape[2] == length:
        name = _recognise(got, "scores", case)
        return None if name is None else " + ".join(filter(None, (SHIFTED, name)))
    for extra, scores in (
        ("", got[:, :, 1:]),
        (SHIFTED, got[:, :, :-1]),
        (RESHAPED, got.reshape(batch, length + 1, words).transpose(1, 2)[:, :, 1:]),
        (RESHAPED, got.reshape(length + 1, batch, words).permute(1, 2, 0)[:, :, 1:]),
    ):
        name = _recognise(scores, "scores", case)
        if name is not None:
            return " + ".join(filter(None, (extra, name)))
    return None


def _recognise(got: Tensor, output: str, case: Case) -> str | None:
    """`got` holds scores of words along axis 1, whose log-softmax is compared; probabilities are seen as such."""
    if got.is_complex():
        return None
    readings = {"": got.double().log_softmax(1)}
    if bool((got >= 0).all()) and expect.is_close(got.sum(1), torch.ones(got.sum(1).shape)):
        readings = {PROBABILITIES: got.double().clamp_min(1e-30).log()}
    names = {key: wrong[output] for key, wrong in case.mistakes.items() if output in wrong}
    rights = [right[output] for right in (case.outputs, *case.accepted.values())]
    for reading, scores in readings.items():
        place = expect.first_close(scores, [*rights, *names.values()], atol=1e-4, rtol=1e-3)
        if place is not None:
            mistake = "" if place < len(rights) else [*names][place - len(rights)].split(" | ")[0]
            return " + ".join(filter(None, (mistake, reading)))
    return None
