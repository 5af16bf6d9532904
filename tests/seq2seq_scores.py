"""Compares what the modules of hw4_seq2seq.ipynb return, however it is packed, with a case."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder import expect
from autograder.case import Case, Outputs
from autograder.session import StudentError
from autograder.student import Handle

PROBABILITIES = "probabilities"
SHIFTED = "shifted by one"


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
        scores = tensor.squeeze() if batch > 1 else tensor
        if scores.shape == (batch, words):
            name = _recognise(scores, "step", case)
            if name is not None:
                return name
    return None


def scores_name(got: Tensor, case: Case) -> str | None:
    """By which mistakes the scores (B, out_dim, L) are what they are; "" for right ones, None for unknown ones.

    Index 0 is free. Scores at index t that belong to index t + 1 are shifted; then the last index is free or missing.
    """
    length = case.outputs["scores"].shape[2] + 1
    if got.shape[2] == length:
        name = _recognise(got[:, :, 1:], "scores", case)
        if name is not None:
            return name
        got = got[:, :, :-1]
    name = _recognise(got, "scores", case)
    return None if name is None else " + ".join(filter(None, (SHIFTED, name)))


def _recognise(got: Tensor, output: str, case: Case) -> str | None:
    """`got` holds scores of words along axis 1, whose log-softmax is compared; probabilities are seen as such."""
    readings = {"": got.double().log_softmax(1)}
    if bool((got >= 0).all()) and expect.is_close(got.sum(1), torch.ones(got.sum(1).shape)):
        readings = {PROBABILITIES: got.double().clamp_min(1e-30).log()}
    for reading, scores in readings.items():
        for right in (case.outputs, *case.accepted.values()):
            if expect.is_close(scores, right[output], atol=1e-4, rtol=1e-3):
                return reading
        for key, wrong in case.mistakes.items():
            if output in wrong and expect.is_close(scores, wrong[output], atol=1e-4, rtol=1e-3):
                return " + ".join(filter(None, (key.split(" | ")[0], reading)))
    return None


def law(model: Handle, src: Tensor, trg: Tensor, got: Tensor) -> str:
    """The first law of a translator that a model breaks, by the name of the mistake; "" if it breaks none.

    `got` are its scores (B, out_dim, L) of sentences and translations (B, L).
    """
    middle = trg.shape[1] // 2

    def same(other_trg: Tensor, until: int, since: int = 1) -> bool:
        try:
            other = model(src, other_trg)
        except StudentError:
            return False
        return expect.is_close(other[:, :, since : until + 1], got[:, :, since : until + 1], atol=1e-5)

    def changed(*places: int) -> Tensor:
        other = trg.clone()
        other[:, places] = 3 + (other[:, places] - 2) % (got.shape[1] - 3)
        return other

    if not same(changed(*range(middle, trg.shape[1])), until=middle):
        return "target leak"
    if not expect.is_close(model(src[:1], trg[:1])[:, :, 1:], got[:1, :, 1:], atol=1e-5):
        return "attention over the batch"
    if same(changed(*range(1, trg.shape[1])), until=trg.shape[1] - 1):
        return "translations not read"
    if same(changed(1), until=trg.shape[1] - 1, since=3):
        return "state not carried"
    return ""
