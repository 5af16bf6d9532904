"""How a value differs from the tensor that is wanted: within which tolerance, where, and in which words.

A gap passes only if `gap <= allowed`, so that NaN never passes.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from autograder.messages import join, say
from autograder.protocol.frames import Opaque
from autograder.protocol.grid import Grid, grid
from autograder.protocol.student import Handle

# Absolute and relative tolerance by the precision of the expected tensor.
TOLERANCES = {torch.float64: (1e-7, 1e-6), torch.float32: (2e-5, 1e-4)}


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


def is_close(got: Any, want: torch.Tensor, *, atol: float | None = None, rtol: float | None = None) -> bool:
    """Whether `got` is a tensor that equals `want` within the tolerance. Infinities equal themselves, NaN nothing."""
    if not isinstance(got, torch.Tensor) or got.shape != want.shape or got.is_complex():
        return False
    absolute, relative = tolerance(want, atol, rtol)
    return torch.allclose(got.double(), want.double(), atol=absolute, rtol=relative)


def first_close(got: torch.Tensor, wants: Sequence[torch.Tensor], *, atol: float, rtol: float) -> int | None:
    """The place of the first of some tensors that `got` is close to, as `is_close` tells; None if it is to none.

    They are compared in one go, since the known mistakes of a case are hundreds.
    """
    places = [place for place, want in enumerate(wants) if want.shape == got.shape]
    if got.is_complex() or not places:
        return None
    together = _side_by_side(tuple(wants[place] for place in places))
    close = torch.isclose(got.double(), together, atol=atol, rtol=rtol).reshape(len(places), -1).all(1)
    return next((place for place, equal in zip(places, close.tolist(), strict=True) if equal), None)


@lru_cache(maxsize=64)  # a case has the same known mistakes for every student
def _side_by_side(wants: tuple[torch.Tensor, ...]) -> torch.Tensor:
    return torch.stack([want.double() for want in wants])


def may_be_close(got: Any, want: torch.Tensor, *, atol: float | None = None, rtol: float | None = None) -> bool:
    """False only where `is_close` is, which takes three times as long: it looks at one value."""
    if not isinstance(got, torch.Tensor) or got.shape != want.shape or got.is_complex() or not want.numel():
        return True
    absolute, relative = tolerance(want, atol, rtol)
    one, other = (float(value.reshape(-1)[want.numel() // 2]) for value in (got, want))
    gap = abs(one - other)
    return one == other or (math.isfinite(gap) and gap <= absolute + abs(relative * other))


def grids_of(
    what: str, got: Any, want: torch.Tensor, atol: float | None = None, rtol: float | None = None
) -> list[Grid]:
    """A picture of where `got` differs from `want`, none if they cannot be laid on each other or have no axis."""
    comparable = isinstance(got, torch.Tensor) and got.shape == want.shape and not got.is_complex()
    return [grid(what, _closeness(got, want, atol, rtol))] if comparable and want.dim() and want.numel() else []


def _closeness(got: torch.Tensor, want: torch.Tensor, atol: float | None, rtol: float | None) -> torch.Tensor:
    """Which values are within the tolerance."""
    absolute, relative = tolerance(want, atol, rtol)
    return torch.isclose(got.double(), want.double(), atol=absolute, rtol=relative)


def tolerance(want: torch.Tensor, atol: float | None, rtol: float | None) -> tuple[float, float]:
    """The absolute and the relative tolerance of a comparison with `want`, where it names none itself."""
    default_atol, default_rtol = TOLERANCES.get(want.dtype, (0.0, 0.0))
    return default_atol if atol is None else atol, default_rtol if rtol is None else rtol


def _number(value: torch.Tensor) -> str:
    return f"{value.item():.6g}"


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


def count_shown(got: Any, count: int) -> str:
    """What to show of a value that should be a tuple of so many, as Python in which {} stands for it."""
    return f"len({{}}), {count}" if isinstance(got, (tuple, list)) else "type({}), tuple"
