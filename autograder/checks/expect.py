"""Comparisons that a check is made of. Each raises Mismatch with a message for the student, or returns silently."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NoReturn

import torch

from autograder.checks.case import Case, Outputs
from autograder.checks.closeness import (
    count_shown,
    describe,
    difference,
    first_close,
    got_line,
    grids_of,
    is_close,
    may_be_close,
)
from autograder.checks.mistakes import Mismatch, Mistake, Ungraded, named, raise_mistake, to_look_at
from autograder.messages import lines_of, say
from autograder.protocol.student import Handle, attempt

__all__ = [
    "Ungraded",
    "close",
    "count_shown",
    "describe",
    "difference",
    "first_close",
    "got_line",
    "is_close",
    "matches",
    "module",
    "named",
    "raise_mistake",
    "shape",
    "steady",
    "that",
    "to_look_at",
    "ungraded",
    "with_the",
]


def matches(
    got: Any,
    case: Case,
    *,
    dims: Mapping[str, str],
    mistakes: Mapping[str, Mistake] | None = None,
    each: float = 0.0,
    atol: float | None = None,
    rtol: float | None = None,
    look_at: str = "",
    again: Callable[[], Any] | None = None,
) -> Outputs:
    """What the student returned equals the case's outputs, or one of its accepted alternatives.

    `got` is a tensor, or a tuple of tensors in the order of `dims`, which maps each output's name to its shape in
    words. With `each`, every wrong output costs so many points; otherwise a wrong one costs all but what a recognised
    mistake earns, which then has to explain all of them. `again` asks a module in evaluation once more: if its
    wrong result differs then, that is what is wrong. Returns the outputs that it equals. Raises Mismatch.
    """
    found = _structure(got, dims)
    alternatives = [outputs for outputs in (case.outputs, *case.accepted.values()) if dims.keys() <= outputs.keys()]
    for want in alternatives:  # what differs is put into words only where none is equal
        if _equals(found, want, dims, atol, rtol):
            return want
    wrong: dict[str, list[str]] = {}
    nearest: Outputs = {}
    for want in alternatives:
        differing = {
            name: lines
            for name in dims
            if (lines := difference(f"{name} {dims[name]}".strip(), found[name], want[name], atol=atol, rtol=rtol))
        }
        for name in differing:
            if each and found[name] is None:
                differing[name][1] = say("got None: it is not computed yet")
        if not wrong or len(differing) < len(wrong):
            wrong, nearest = differing, want
    if again:
        steady(" ".join(dims), got, attempt(again))
    key = _recognise(found, case, list(wrong) if each else list(dims), atol, rtol)
    mistake = named(key, mistakes or {}) if key else None
    first = next(iter(wrong.values()))
    hint = (mistake.look_at if mistake else "") or look_at
    if len(wrong) > 1:
        first[0] = say("{first}; {others} wrong, too", first=first[0], others=", ".join(list(wrong)[1:]))
    raise Mismatch(
        say("{what}: {mistake}", what=", ".join(wrong), mistake=mistake.says) if mistake else first[0],
        *first[1:],
        with_the(case),
        to_look_at(hint),
        diagnosis=key if mistake and key else _kind_of_difference(first),
        earns=mistake.earns if mistake else 0.0,
        costs=dict.fromkeys(wrong, each) if each else None,
        got=found[next(iter(wrong))],
        output=next(iter(wrong)),
        pictures=lambda: (
            picture
            for one in wrong
            for picture in grids_of(f"{one} {dims[one]}".strip(), found[one], nearest[one], atol, rtol)
        ),
    )


def steady(what: str, got: Any, again: Any) -> None:
    """Two tensors that a module gave for the same input while it is evaluated are the same. Raises Mismatch."""
    both = isinstance(got, torch.Tensor) and isinstance(again, torch.Tensor) and got.shape == again.shape
    if both and not is_close(again, got):
        raise Mismatch(
            say(
                "{what}: dropout is at work while the module is evaluated: two calls with the same input differ",
                what=what,
            ),
            to_look_at("nn.Dropout, which eval() switches off; F.dropout needs training=self.training"),
            diagnosis="dropout while evaluating",
            got=again,
            want=got,
        )


def close(
    what: str,
    got: Any,
    want: torch.Tensor,
    *,
    atol: float | None = None,
    rtol: float | None = None,
    diagnosis: str = "wrong values",
    earns: float = 0.0,
    look_at: str = "",
) -> None:
    """`got` is a tensor that equals `want` within the tolerance. Raises Mismatch."""
    lines = difference(what, got, want, atol=atol, rtol=rtol)
    if lines:
        about = {"got": got, "want": want, "pictures": partial(grids_of, what, got, want, atol, rtol)}
        raise Mismatch(*lines, to_look_at(look_at), diagnosis=diagnosis, earns=earns, **about)


def shape(what: str, got: Any, shape: tuple[int, ...], *, dims: str = "", look_at: str = "") -> None:
    """`got` is a tensor of this shape; `dims` says it in words. Raises Mismatch."""
    if not isinstance(got, torch.Tensor) or tuple(got.shape) != tuple(shape):
        expected = f"{tuple(shape)}{' = ' + dims if dims else ''}"
        raise Mismatch(
            say("{what} has a wrong shape", what=what),
            say("expected {what}", what=expected),
            say("got {what}", what=str(tuple(got.shape))) if isinstance(got, torch.Tensor) else got_line(got),
            to_look_at(look_at),
            diagnosis="wrong shape",
            got=got,
            shows=f"{{}}.shape, {tuple(shape)}" if isinstance(got, torch.Tensor) else "type({}), torch.Tensor",
        )


def that(condition: bool, message: str, *, diagnosis: str, earns: float = 0.0, look_at: str = "", **shown: Any) -> None:
    """Any other property holds. Raises Mismatch with `message` when it does not; `shown` as in `raise_mistake`."""
    if not condition:
        raise Mismatch(*lines_of(message), to_look_at(look_at), diagnosis=diagnosis, earns=earns, **shown)


def module(name: str, value: Any) -> Handle:
    """The module that calling the class `name` gave. Raises Mismatch for anything else."""
    if not isinstance(value, Handle):
        says, hint = say("{name}(...) is no module", name=name), f"class {name}(nn.Module)"
        raise Mismatch(says, to_look_at(hint), diagnosis="wrong structure")
    return value


def ungraded(message: str, diagnosis: str) -> NoReturn:
    """Leaves the question to a teaching assistant. Raises Ungraded."""
    raise Ungraded(message, diagnosis=diagnosis)


def with_the(case: Case) -> str:
    """The line of a message that says which case fails."""
    return say("with the {case}", case=str(case))


def _kind_of_difference(lines: list[str]) -> str:
    """The generic diagnosis of what `difference` says."""
    if lines[0].partition(";")[0].endswith("is not a tensor"):
        return "wrong structure"
    return "wrong shape" if lines[1].startswith("expected shape") else "wrong values"


def _structure(got: Any, dims: Mapping[str, str]) -> dict[str, Any]:
    if len(dims) == 1:
        values: tuple[Any, ...] = (got,)
    elif isinstance(got, (tuple, list)) and len(got) == len(dims):
        values = tuple(got)
    else:
        raise Mismatch(
            say("expected {count} values: {names}", count=len(dims), names=", ".join(dims)),
            got_line(got),
            to_look_at("the return statement"),
            diagnosis="wrong structure",
            got=got,
            shows=count_shown(got, len(dims)),
        )
    return dict(zip(dims, values, strict=True))


def _recognise(
    found: Mapping[str, Any], case: Case, names: list[str], atol: float | None, rtol: float | None
) -> str | None:
    """The name of the known mistake whose outputs of these names equal those found."""
    for key, outputs in case.mistakes.items():
        if _equals(found, outputs, names, atol, rtol):
            return key.split(" | ")[0]
    return None


def _equals(
    found: Mapping[str, Any], outputs: Outputs, names: Iterable[str], atol: float | None, rtol: float | None
) -> bool:
    """Whether outputs have all these names, and equal what was found under them."""
    return all(
        name in outputs and looks_like(found[name], outputs[name], atol=atol, rtol=rtol)
        for looks_like in (may_be_close, is_close)
        for name in names
    )
