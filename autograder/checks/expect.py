"""Comparisons that a check is made of. Each raises Mismatch with a message for the student, or returns silently.

A gap passes only if `gap <= allowed`, so that NaN never passes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import torch

from autograder.checks.case import Case, Outputs
from autograder.checks.grid import Grid, grid
from autograder.protocol.frames import Opaque
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


class Mismatch(AssertionError):
    """What a student's code computed is not what was asked.

    `earns` is what the question still earns; `costs` maps each wrong part to the points it costs, where a question is
    marked part by part (then `earns` does not matter). `lines` are the message, most important first. `about` is the
    name in the notebook that is at fault, if it is not the one that was asked for last; `where` is a place in it.
    `output` names what differs from the case's, `place` is where it stands among the values returned, if there are
    several; `grids` are pictures of where it differs, `to_paste` the lines that repeat the call, once these are known.
    """

    def __init__(
        self,
        *lines: str,
        diagnosis: str,
        earns: float = 0.0,
        costs: Mapping[str, float] | None = None,
        about: str = "",
        where: str = "",
        output: str = "",
        place: int | None = None,
        grids: Sequence[Grid] = (),
    ) -> None:
        super().__init__("\n".join(line for line in lines if line))
        self.lines = [line for line in lines if line]
        self.output = output
        self.place = place
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
        super().__init__("\n".join(line for line in lines if line))
        self.lines = [line for line in lines if line]
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
                differing[name][1] = "got None: it is not computed yet"
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
    others = f"; {', '.join(list(wrong)[1:])} wrong, too" if len(wrong) > 1 else ""
    raise Mismatch(
        f"{', '.join(wrong)}: {mistake.says}" if mistake else first[0] + others,
        *first[1:],
        f"with the {case}",
        f"look at: {hint}" if hint else "",
        diagnosis=key if mistake and key else _kind_of_difference(first),
        earns=mistake.earns if mistake else 0.0,
        costs=dict.fromkeys(wrong, each) if each else None,
        output=next(iter(wrong)),
        place=list(dims).index(next(iter(wrong))) if len(dims) > 1 else None,
        grids=grids,
    )


def steady(what: str, got: Any, again: Any) -> None:
    """Two tensors that a module gave for the same input while it is evaluated are the same. Raises Mismatch."""
    both = isinstance(got, torch.Tensor) and isinstance(again, torch.Tensor) and got.shape == again.shape
    if both and not is_close(again, got):
        raise Mismatch(
            f"{what}: dropout is at work while the module is evaluated: two calls with the same input differ",
            "look at: nn.Dropout, which eval() switches off; F.dropout needs training=self.training",
            diagnosis="dropout while evaluating",
        )


def named(key: str, mistakes: Mapping[str, Mistake]) -> Mistake | None:
    """The mistake of a name; of several that are joined by " + ", all of them as one. None if one is unknown."""
    parts = key.split(" + ")
    if not all(part in mistakes for part in parts):
        return None
    several = [mistakes[part] for part in parts]
    worst = min(several, key=lambda one: one.earns)
    return Mistake("; ".join(one.says for one in several), worst.look_at, worst.earns)


def raise_mistake(what: str, key: str, mistakes: Mapping[str, Mistake], *lines: str) -> NoReturn:
    """Says that `what` makes the mistake of a name, or several (see `named`); `lines` tell how it shows.

    Raises Mismatch, KeyError for a name that is unknown.
    """
    mistake = named(key, mistakes)
    if mistake is None:
        raise KeyError(key)
    look_at = f"look at: {mistake.look_at}" if mistake.look_at else ""
    raise Mismatch(f"{what}: {mistake.says}", *lines, look_at, diagnosis=key, earns=mistake.earns)


UNNAMED = ("wrong structure", "wrong shape", "wrong values")  # diagnoses that name no mistake


def _kind_of_difference(lines: list[str]) -> str:
    """The generic diagnosis of what `difference` says."""
    if lines[0].endswith("is not a tensor"):
        return "wrong structure"
    return "wrong shape" if lines[1].startswith("expected shape") else "wrong values"


def _structure(got: Any, dims: Mapping[str, str]) -> dict[str, Any]:
    if len(dims) == 1:
        values: tuple[Any, ...] = (got,)
    elif isinstance(got, (tuple, list)) and len(got) == len(dims):
        values = tuple(got)
    else:
        raise Mismatch(
            f"expected {len(dims)} values: {', '.join(dims)}",
            f"got {describe(got)}",
            "look at: the return statement",
            diagnosis="wrong structure",
        )
    return dict(zip(dims, values, strict=True))


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
        return [f"{what} is not a tensor", f"got {describe(got)}"]
    if got.shape != want.shape:
        return [
            f"{what} has a wrong shape",
            f"expected shape {tuple(want.shape)}",
            f"got shape {tuple(got.shape)}",
        ]
    if got.is_complex():
        return [f"{what} is complex", "expected real values", f"got {describe(got)}"]
    if is_close(got, want, atol=atol, rtol=rtol):
        return []
    if not want.dim():
        return [f"{what} is wrong", f"expected {_number(want)}, got {_number(got)}"]
    close = _closeness(got, want, atol, rtol)
    gap = (got.double() - want.double()).abs()
    count, worst = int((~close).sum()), int(torch.where(close, -1.0, gap.nan_to_num(torch.inf)).argmax())
    place = [int(i) for i in np.unravel_index(worst, want.shape)]  # torch's own imports sympy, for half a second
    return [
        f"{what} is wrong in {count} of {want.numel()} values",
        f"expected {_number(want.flatten()[worst])} at {place}, got {_number(got.flatten()[worst])}",
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
        hint = f"look at: {look_at}" if look_at else ""
        grids = _pictures(what, got, want, atol, rtol)
        raise Mismatch(*lines, hint, diagnosis=diagnosis, earns=earns, grids=grids)


def shape(what: str, got: Any, shape: tuple[int, ...], *, dims: str = "", look_at: str = "") -> None:
    """`got` is a tensor of this shape; `dims` says it in words. Raises Mismatch."""
    found = tuple(got.shape) if isinstance(got, torch.Tensor) else describe(got)
    if found != tuple(shape):
        raise Mismatch(
            f"{what} has a wrong shape",
            f"expected {tuple(shape)}{' = ' + dims if dims else ''}",
            f"got {found}",
            f"look at: {look_at}" if look_at else "",
            diagnosis="wrong shape",
        )


def that(condition: bool, message: str, *, diagnosis: str, earns: float = 0.0, look_at: str = "") -> None:
    """Any other property holds. Raises Mismatch with `message` when it does not."""
    if not condition:
        raise Mismatch(
            *message.splitlines(), f"look at: {look_at}" if look_at else "", diagnosis=diagnosis, earns=earns
        )


def module(name: str, value: Any) -> Handle:
    """The module that calling the class `name` gave. Raises Mismatch for anything else."""
    if not isinstance(value, Handle):
        raise Mismatch(f"{name}(...) is no module", f"look at: class {name}(nn.Module)", diagnosis="wrong structure")
    return value


def ungraded(message: str, diagnosis: str) -> NoReturn:
    """Leaves the question to a teaching assistant. Raises Ungraded."""
    raise Ungraded(message, diagnosis=diagnosis)


def describe(value: Any) -> str:
    """A value in a few words: a tensor's shape and dtype, a tuple's items, else its kind."""
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}, {str(value.dtype).removeprefix('torch.')}"
    if value is None:
        return "None (is a return statement missing?)"
    if isinstance(value, (Opaque, Handle)):
        return f"a value of type {Handle.kind_of(value) if isinstance(value, Handle) else value.kind}"
    if isinstance(value, (tuple, list)):
        items = ", ".join(describe(item) for item in value[:3]) + (", ..." if len(value) > 3 else "")
        return f"a {type(value).__name__} of {len(value)}: {items}"[:300]
    if isinstance(value, (bool, int, float, str)):
        return f"{value!r}"[:100]
    return f"a value of type {type(value).__name__}"


def _number(value: torch.Tensor) -> str:
    return f"{value.item():.6g}"
