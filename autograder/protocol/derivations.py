"""How one value is a part of another, or the same in another order, as Python that stands behind the other's name."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor


def derivation(known: object, value: object, rtol: float = 0.0) -> str | None:
    """The form that makes `value` of `known`, such as "[:1]"; "" where they are equal, None where there is none.

    Both are tensors, or lists with the same items; numbers count as tensors. Tensors are equal within `rtol` of their
    values, sides of length 1 of a single number do not count.
    """
    if isinstance(known, list) and isinstance(value, list):
        forms = (("", known), ("[:1]", known[:1]))
        return next((form for form, part in forms if [*map(id, part)] == [*map(id, value)] and value), None)
    one, other = _tensor(known), _tensor(value)
    if one is None or other is None:
        return None
    if one.is_floating_point() != other.is_floating_point() or one.numel() < other.numel():  # each form is a part
        return None
    return next((form for form, part in _forms(one, other) if _equal(part, other, rtol)), None)


def _tensor(value: object) -> Tensor | None:
    if type(value) in (int, float):
        return torch.tensor(value, dtype=torch.float64 if type(value) is float else torch.long)
    is_numbers = isinstance(value, list) and value and all(type(one) is int for one in value)
    return value if isinstance(value, Tensor) else torch.tensor(value) if is_numbers else None


def _forms(known: Tensor, value: Tensor) -> Iterator[tuple[str, Tensor]]:
    yield "", known
    if known.numel() == value.numel() == 1:
        yield "", known.reshape(value.shape)
    if not known.dim() or not known.numel():
        return
    yield "[:1]", known[:1]
    yield ".flip(0)", known.flip(0)
    yield "[0]", known[0]
    if known.dim() > 1:
        yield "[:, :1]", known[:, :1]
        yield "[:, 0]", known[:, 0]
        yield "[..., 1:]", known[..., 1:]
    for axis, before in ((0, ""), (1, ":, ")):
        if order := _order(known, value, axis):
            yield f"[{before}{order}]", known.index_select(axis, torch.tensor(order))


def _order(known: Tensor, value: Tensor, axis: int) -> list[int]:
    """Where in `known` each slice of `value` along an axis stands; [] where one of them does not."""
    if known.shape != value.shape or known.dim() <= axis or known.dtype != value.dtype or known.shape[axis] > 100:
        return []
    slices: list[Any] = [one.tolist() for one in known.movedim(axis, 0)]
    order = [slices.index(one) if one in slices else -1 for one in value.movedim(axis, 0).tolist()]
    return order if -1 not in order else []


def _equal(one: Tensor, other: Tensor, rtol: float) -> bool:
    return one.shape == other.shape and torch.allclose(
        one.double(), other.double(), rtol=rtol, atol=rtol, equal_nan=True
    )
