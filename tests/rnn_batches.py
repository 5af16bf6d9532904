"""Batches of hw4_rnn.ipynb: what a student's network makes of its own and of the case's."""

from dataclasses import dataclass
from typing import Any

import rnn_network
import torch
from rnn_mistakes import FORWARD
from torch import Tensor

from autograder.checks import Case, Handle, Mismatch, StudentError, attempt, expect, say


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
        say("{name} does not return two values", name=name),
        say("expected {what}", what=say(expected)),
        expect.got_line(returned),
        expect.to_look_at("the return statement"),
        diagnosis="wrong structure",
        got=returned,
        shows=expect.count_shown(returned, 2),
    )


@dataclass(frozen=True)
class Probabilities:
    """What a network makes of a batch, in the case's order.

    `order` says which row of the case stands in each column of the batch, `places` what the network calls each
    parameter of the case, `whose` in words whose batch it is, "" for the student's own.
    """

    got: Any
    order: list[int]
    places: dict[str, str]
    whose: str = ""


def on_a_batch(student: Any, network: Handle, case: Case) -> Probabilities:
    """What the network makes of the batch of the student's own `collate_batch`, or else of the case's.

    Its own counts if the network is right on it, or wrong there in a known way and not right on the case's. Parameters
    are stored as the network takes them. Raises StudentError if it fails on its own and is not right on the case's.
    """
    _, _, parameters, texts, lengths, _ = case.inputs
    error: StudentError | None = None
    for places in rnn_network.load(network, parameters):
        own = _on_own_batch(student, network, case, places)
        if own and _diagnosis(own, case) == "":
            return own
        order = own.order if own else list(range(len(lengths["cut"])))
        try:
            got, whose = network(texts["cut"], lengths["cut"]), _NOT_YOURS if own is None else _BOTH
            ours = Probabilities(got, order, places, whose)
        except StudentError as raised:
            error = error or (own.got if own and isinstance(own.got, StudentError) else raised)
            continue
        wrong = _diagnosis(ours, case) != ""
        if wrong and own and isinstance(own.got, StudentError):
            error = error or own.got
        else:
            return own if wrong and own and _diagnosis(own, case) in FORWARD else ours
    assert error is not None  # there is at least one way to store them
    raise error


_NOT_YOURS = say("on a batch of ours, since that of collate_batch holds other texts")
_BOTH = say("on a batch of ours; on that of collate_batch it is wrong, too")


def _diagnosis(probabilities: Probabilities, case: Case) -> str:
    """By which mistake probabilities are what they are; "" for right ones."""
    try:
        expect.matches(probabilities.got, case, dims={"probabilities": ""}, mistakes=FORWARD)
    except Mismatch as mismatch:
        return mismatch.diagnosis
    return ""


def short_texts(case: Case, order: list[int]) -> tuple[Tensor, Tensor]:
    """A batch (T, B) in which every text is shorter than T, in this order, and its lengths (B,)."""
    *_, texts, lengths, _ = case.inputs
    return texts["long"][:, order], lengths["long"][order]


def on_short_texts(network: Handle, case: Case, order: list[int]) -> Any:
    """What the network makes of a batch in which every text is shorter than T, in the case's order.

    The batch has the order of the student's own, which its code may rely on. Raises Mismatch if it fails.
    """
    text, length = short_texts(case, order)
    got = attempt(network, text, length)
    if isinstance(got, StudentError):
        raise Mismatch(
            say("forward fails when every text is shorter than T: {error}", error=str(got)),
            got.place,
            say(
                "with inputs of shape {shape}, lengths {lengths}",
                shape=str(tuple(text.shape)),
                lengths=str(length.tolist()),
            ),
            expect.to_look_at("what you index with the lengths"),
            diagnosis="error on short texts",
            earns=8,
            got=got,
        )
    return _in_order(got, order)


def _on_own_batch(student: Any, network: Handle, case: Case, places: dict[str, str]) -> Probabilities | None:
    """What the network makes of the student's own batch, which may be an error; None if that is none of the case's."""
    _, rows, *_ = case.inputs
    batch = one_by_one(attempt(student.collate_batch, rows))
    order = _order(batch, rows)
    return Probabilities(_in_order(attempt(network, batch[0], batch[2]), order), order, places) if order else None


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
