"""Comparisons that a check is made of. Each raises Mismatch with a message for the student, or returns silently.

A gap passes only if `gap <= allowed`, so that NaN never passes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import torch

from autograder.checks.case import Case, Outputs
from autograder.messages import join, lines_of, say
from autograder.protocol.frames import Opaque
from autograder.protocol.grid import Grid, grid
from autograder.protocol.student import Handle, attempt

# Absolute and relative tolerance by the precision of the expected tensor.
TOLERANCES = {torch.float64: (1e-7, 1e-6), torch.float32: (2e-5, 1e-4)}


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer: what to call it, where to look, and the points that it still earns.

    A case holds what it gives under its name. A name of its own tells apart what the handout leaves open, behind a bar
    ("off by one | lengths rounded up"); several mistakes at once are joined by a plus ("log-softmax + off by one") and
    earn what the worst of them earns. With `in_cases=False` no case holds it: the check sees it in another way.
    """

    says: str
    look_at: str = ""
    earns: float = 0.0
    in_cases: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "says", say(self.says))
        object.__setattr__(self, "look_at", say(self.look_at))


class Mismatch(AssertionError):
    """What a student's code computed is not what was asked.

    `earns` is what the question still earns; `costs` maps each wrong part to the points it costs, where a question is
    marked part by part (then `earns` does not matter). `lines` are the message, most important first. `about` is the
    name in the notebook that is at fault, if it is not the one that was asked for last; `where` is a place in it.
    `got` is what is wrong, as a call gave it, or a part of that; `output` names what it differs from in the case, or it
    differs from `want`; `shows` is what of it is to be looked at, as Python in which {} stands for it; `second` says
    that it is right unless its object was called before. `grids` are pictures of where it differs, `to_paste` the lines
    that repeat the call, once these are known: none where `got` is not given.
    """

    def __init__(
        self,
        *lines: str,
        diagnosis: str,
        earns: float = 0.0,
        costs: Mapping[str, float] | None = None,
        about: str = "",
        where: str = "",
        got: object = ...,
        output: str = "",
        want: torch.Tensor | None = None,
        shows: str = "",
        second: bool = False,
        grids: Sequence[Grid] = (),
    ) -> None:
        self.lines: list[str] = [say(line) for line in lines if line]
        super().__init__(join(self.lines))
        self.got, self.output, self.want, self.shows, self.second = got, output, want, shows, second
        self.grids = tuple(grids)
        self.to_paste: tuple[str, ...] = ()
        self.diagnosis = diagnosis
        self.earns = earns
        self.costs = dict(costs or {})
        self.about = about
        self.where = where


class Ungraded(Exception):
    """The check cannot decide; a teaching assistant has to. `where` is the place in the notebook that is in doubt."""

    def __init__(self, *lines: str, diagnosis: str, where: str = "") -> None:
        self.lines: list[str] = [say(line) for line in lines if line]
        super().__init__(join(self.lines))
        self.diagnosis = diagnosis
        self.where = where


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
    wrong: dict[str, list[str]] = {}
    grids: list[Grid] = []
    for want in (outputs for outputs in (case.outputs, *case.accepted.values()) if dims.keys() <= outputs.keys()):
        differing = {
            name: lines
            for name in dims
            if (lines := difference(f"{name} {dims[name]}".strip(), found[name], want[name], atol=atol, rtol=rtol))
        }
        for name in differing:
            if each and found[name] is None:
                differing[name][1] = say("got None: it is not computed yet")
        if not differing:
            return want
        if not wrong or len(differing) < len(wrong):
            wrong = differing
            pictures = (_pictures(f"{one} {dims[one]}".strip(), found[one], want[one], atol, rtol) for one in differing)
            grids = [picture for one in pictures for picture in one]
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
        grids=grids,
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


def named(key: str, mistakes: Mapping[str, Mistake]) -> Mistake | None:
    """The mistake of a name; of several that are joined by " + ", all of them as one. None if one is unknown."""
    parts = key.split(" + ")
    if not all(part in mistakes for part in parts):
        return None
    several = [mistakes[part] for part in parts]
    worst = min(several, key=lambda one: one.earns)
    return Mistake(join([one.says for one in several], "; "), worst.look_at, worst.earns)


def raise_mistake(what: str, key: str, mistakes: Mapping[str, Mistake], *lines: str, **shown: Any) -> NoReturn:
    """Says that `what` makes the mistake of a name, or several (see `named`); `lines` tell how it shows.

    `shown` is what Mismatch takes as got, output, want, shows, second. Raises Mismatch, KeyError for an unknown name.
    """
    mistake = named(key, mistakes)
    if mistake is None:
        raise KeyError(key)
    name = say(what) if " " in what else what  # without a blank it is a name of code
    says = say("{what}: {mistake}", what=name, mistake=mistake.says)
    raise Mismatch(says, *lines, to_look_at(mistake.look_at), diagnosis=key, earns=mistake.earns, **shown)


def to_look_at(hint: str) -> str:
    """The line of a message that says what to look at; "" for no hint."""
    return say("look at: {hint}", hint=say(hint)) if hint else ""


def with_the(case: Case) -> str:
    """The line of a message that says which case fails."""
    return say("with the {case}", case=str(case))


UNNAMED = ("wrong structure", "wrong shape", "wrong values")  # diagnoses that name no mistake


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


def count_shown(got: Any, count: int) -> str:
    """What to show of a value that should be a tuple of so many, as Python in which {} stands for it."""
    return f"len({{}}), {count}" if isinstance(got, (tuple, list)) else "type({}), tuple"


def _recognise(
    found: Mapping[str, Any], case: Case, names: list[str], atol: float | None, rtol: float | None
) -> str | None:
    """The name of the known mistake whose outputs of these names equal those found."""
    for key, outputs in case.mistakes.items():
        if all(name in outputs and is_close(found[name], outputs[name], atol=atol, rtol=rtol) for name in names):
            return key.split(" | ")[0]
    return None


def difference(
    what: str, got: Any, want: torch.Tensor, *, atol: float | None = None, rtol: float | None = None
) -> list[str]:
    """Message lines that say how `got` differs from `want`; empty when it is close enough."""
    if not isinstance(got, torch.Tensor):
        return [say("{what} is not a tensor", what=what), got_line(got)]
    if got.shape != want.shape:
        return [
            say("{what} has a wrong shape", what=what),
            say("expected shape {shape}", shape=str(tuple(want.shape))),
            say("got shape {shape}", shape=str(tuple(got.shape))),
        ]
    if got.is_complex():
        return [say("{what} is complex", what=what), say("expected real values"), got_line(got)]
    if is_close(got, want, atol=atol, rtol=rtol):
        return []
    if not want.dim():
        numbers = {"expected": _number(want), "got": _number(got)}
        return [say("{what} is wrong", what=what), say("expected {expected}, got {got}", **numbers)]
    close = _closeness(got, want, atol, rtol)
    gap = (got.double() - want.double()).abs()
    count, worst = int((~close).sum()), int(torch.where(close, -1.0, gap.nan_to_num(torch.inf)).argmax())
    place = [int(i) for i in np.unravel_index(worst, want.shape)]  # torch's own imports sympy, for half a second
    return [
        say("{what} is wrong in {count} of {total} values", what=what, count=count, total=want.numel()),
        say(
            "expected {expected} at {place}, got {got}",
            expected=_number(want.flatten()[worst]),
            place=str(place),
            got=_number(got.flatten()[worst]),
        ),
    ]


def _pictures(
    what: str, got: Any, want: torch.Tensor, atol: float | None = None, rtol: float | None = None
) -> list[Grid]:
    """A picture of where `got` differs from `want`, none if they cannot be laid on each other or have no axis."""
    comparable = isinstance(got, torch.Tensor) and got.shape == want.shape and not got.is_complex()
    return [grid(what, _closeness(got, want, atol, rtol))] if comparable and want.dim() and want.numel() else []


def _closeness(got: torch.Tensor, want: torch.Tensor, atol: float | None, rtol: float | None) -> torch.Tensor:
    """Which values are within the tolerance."""
    absolute, relative = _tolerance(want, atol, rtol)
    return torch.isclose(got.double(), want.double(), atol=absolute, rtol=relative)


def is_close(got: Any, want: torch.Tensor, *, atol: float | None = None, rtol: float | None = None) -> bool:
    """Whether `got` is a tensor that equals `want` within the tolerance. Infinities equal themselves, NaN nothing."""
    if not isinstance(got, torch.Tensor) or got.shape != want.shape or got.is_complex():
        return False
    absolute, relative = _tolerance(want, atol, rtol)
    return torch.allclose(got.double(), want.double(), atol=absolute, rtol=relative)


def _tolerance(want: torch.Tensor, atol: float | None, rtol: float | None) -> tuple[float, float]:
    default_atol, default_rtol = TOLERANCES.get(want.dtype, (0.0, 0.0))
    return default_atol if atol is None else atol, default_rtol if rtol is None else rtol


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
        grids = _pictures(what, got, want, atol, rtol)
        raise Mismatch(*lines, to_look_at(look_at), diagnosis=diagnosis, earns=earns, got=got, want=want, grids=grids)


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


def got_line(value: Any) -> str:
    """The line of a message that says what came, in a few words."""
    return say("got {what}", what=describe(value))


def describe(value: Any) -> str:
    """A value in a few words: a tensor's shape and dtype, a tuple's items, else its kind."""
    if isinstance(value, torch.Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        return say("a tensor of shape {shape}, {dtype}", shape=str(tuple(value.shape)), dtype=dtype)
    if value is None:
        return say("None (is a return statement missing?)")
    if isinstance(value, (Opaque, Handle)):
        kind = Handle.kind_of(value) if isinstance(value, Handle) else value.kind
        return say("a value of type {kind}", kind=kind)
    if isinstance(value, (tuple, list)):
        items = join([*map(describe, value[:3]), *(["..."] if len(value) > 3 else [])], ", ")
        said = say("a {kind} of {count}: {items}", kind=type(value).__name__, count=len(value), items=items)
        return said if len(said) <= 300 else said[:300]
    if isinstance(value, (bool, int, float, str)):
        return f"{value!r}"[:100]
    return say("a value of type {kind}", kind=type(value).__name__)


def _number(value: torch.Tensor) -> str:
    return f"{value.item():.6g}"
