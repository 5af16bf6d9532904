"""What right values of one batch do not show: whether a module can learn, and whether it is right a second time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.checks import expect
from autograder.checks.case import Outputs
from autograder.checks.mistakes import Mistake
from autograder.messages import say
from autograder.protocol import frames
from autograder.protocol.faults import StudentError
from autograder.protocol.student import Handle, attempt

_TOLERANCE = 1e-3  # of a gradient, in relation to its largest value
_STEP = 2e-3  # of a central difference, for parameters of about 1 in single precision
_SLOPE = 0.02  # of a slope, in relation to the sum of what each parameter adds to it
_NOTHING = 1e-4  # what a gradient is in relation to the largest one of all if it is there by rounding alone


def robust(points: float, *names: str) -> dict[str, Mistake]:
    """The table of what this module finds in a question worth `points`: of these mistakes, by default of all."""
    table = {
        "detached": Mistake(
            "the values are right, but cannot be learnt from",
            "detach, .data, no_grad, .item(), nn.Parameter(...) in forward, changes in place",
            earns=points / 2,
            in_cases=False,
        ),
        "state kept": Mistake(
            "a second call with other inputs gives something else than the right values",
            "what forward keeps on self from one call to the next",
            earns=points / 2,
            in_cases=False,
        ),
        "batch of one": Mistake(
            "it is right, but not for a batch of one",
            "squeeze() without an axis, and shapes that are told by 1",
            earns=round(0.8 * points, 1),
            in_cases=False,
        ),
    }
    return {name: table[name] for name in names or table}


def learnable(
    what: str,
    module: Handle,
    inputs: tuple[Tensor, ...],
    weights: Tensor,
    outputs: Outputs,
    places: Mapping[str, str],
    table: Mapping[str, Mistake],
) -> None:
    """The gradients of the module's result times `weights` are those that `outputs` has as "gradient of ...".

    That is followed by a parameter of the case, which `places` maps to the module's as `assign` returned them, or by
    the number of an input. Sides of length 1 do not count, and a matrix may be stored transposed. Raises Mismatch.
    """
    found = _gradients(what, module, inputs, [weights], table)
    if found is None:
        return
    right = {key.removeprefix("gradient of "): want for key, want in outputs.items() if key.startswith("gradient of ")}
    least = _NOTHING * max(float(want.abs().max()) for want in right.values())
    for role, want in right.items():
        name = places.get(role, role)
        if name not in found:  # such as a bias that a layer was made without
            continue
        got, called, size = (
            found[name],
            say("input {name}", name=name) if name.isdigit() else name,
            float(want.abs().max()),
        )
        if got is None or (size > least and not bool(got.any())):
            expect.raise_mistake(what, "detached", table, say("no gradient arrives at {what}", what=called))
        allowed = max(_TOLERANCE * size, least)
        if not any(expect.is_close(got.squeeze(), one, atol=allowed, rtol=_TOLERANCE) for one in _as_stored(want)):
            expect.raise_mistake(
                what, "detached", table, say("a part of the gradient of {what} is cut off, or changed", what=called)
            )


def _gradients(
    what: str, module: Handle, inputs: Sequence[object], weights: Sequence[Tensor], table: Mapping[str, Mistake]
) -> dict[str, Tensor | None] | None:
    """The gradients; None if the way back failed for a reason that need not be the module's."""
    try:
        return module.gradients(weights, *inputs)
    except StudentError as error:
        if error.ended:
            raise
        if not str(error).startswith("RuntimeError"):  # what autograd says of a broken graph; else an import of torch's
            return None
        expect.raise_mistake(what, "detached", table, say("the way back fails: {error}", error=str(error)))


def learnable_by_slope(
    what: str,
    module: Handle,
    inputs: Sequence[object],
    got: object,
    values: Mapping[str, Tensor],
    table: Mapping[str, Mistake],
    compared: Callable[[Tensor], Tensor] | None = None,
) -> None:
    """The gradients of what the module returns are finite, not zero for any parameter, and say what really changes.

    That is the slope of the result along one direction of all parameters, by central differences. `got` is what the
    module gave for `inputs`, and `values` are those that its parameters have, by dotted name: they are others
    afterwards. `compared` takes from each floating tensor of the result what counts, by default all of it. A module
    that gives something else for the same inputs a second time has no slope. Raises Mismatch.
    """
    part = compared or _whole
    results = frames.floating_tensors(got)
    weights = [_weights(one, part) for one in results]
    found = _gradients(what, module, inputs, weights, table)
    if found is None:
        return
    expected = []
    for name, value in values.items():
        gradient = found.get(name)
        if gradient is None or not bool(gradient.any()):
            expect.raise_mistake(what, "detached", table, say("no gradient arrives at {what}", what=name))
        if not bool(gradient.isfinite().all()):
            expect.raise_mistake(what, "detached", table, say("the gradient of {what} is not finite", what=name))
        expected.append(float((gradient.reshape(value.shape) * _waves(value)).sum()))

    def total(results: Sequence[Tensor]) -> float:
        return sum(
            float((part(one).double() * part(weight)).sum()) for one, weight in zip(results, weights, strict=True)
        )

    def total_after(step: float) -> float:
        module.load({name: value + step * _waves(value) for name, value in values.items()}, reshape=True)
        return total(frames.floating_tensors(module(*inputs)))

    slope = (total_after(_STEP) - total_after(-_STEP)) / (2 * _STEP)
    if abs(slope - sum(expected)) > _SLOPE * sum(map(abs, expected)) and total_after(0) == total(results):
        expect.raise_mistake(what, "detached", table, "a part of the way back is cut off, or changed")


def _weights(one: Tensor, compared: Callable[[Tensor], Tensor]) -> Tensor:
    """Weights of different sizes for what counts of a result, 0 for the rest."""
    weights = torch.zeros_like(one)
    part = compared(weights)
    part.copy_(1 + _waves(part))
    return weights


def _waves(like: Tensor) -> Tensor:
    return torch.sin(torch.arange(1.0, 1 + like.numel())).reshape(like.shape)


def _whole(one: Tensor) -> Tensor:
    return one


def _as_stored(want: Tensor) -> list[Tensor]:
    core = want.squeeze()
    return [core, core.T] if core.dim() == 2 else [core]


def repeatable(
    what: str,
    module: Callable[..., Any],
    inputs: tuple[Tensor, ...],
    got: Tensor,
    table: Mapping[str, Mistake],
    compared: Callable[[Tensor], Tensor] | None = None,
) -> None:
    """The module is right for the same rows in another order, and for the first one alone; `got` is right for `inputs`.

    The rows are the first axis. `compared` takes from a result what is to be compared, by default all of it. Raises
    Mismatch.
    """
    compared = compared or _whole
    for name, rows in (("state kept", Tensor.flip), ("batch of one", _first_row)):
        other = attempt(module, *(rows(one, 0) for one in inputs))
        comparable = isinstance(other, Tensor) and other.dim() == got.dim()
        still_right(what, compared(other) if comparable else other, compared(rows(got, 0)), table, name)


def _first_row(one: Tensor, axis: int) -> Tensor:
    return one.narrow(axis, 0, 1)


def still_right(what: str, got: Any, want: Any, table: Mapping[str, Mistake], name: str) -> None:
    """What a call gave, or the StudentError that it raised, is right, else the mistake of this name was made.

    got, want: a tensor, or a tuple of tensors. Raises Mismatch.
    """
    if isinstance(got, StudentError):
        expect.raise_mistake(what, name, table, say("got {what}", what=str(got)), got.place, got=got)
    several = isinstance(want, tuple)
    if several and not (isinstance(got, (tuple, list)) and len(got) == len(want)):
        shows = expect.count_shown(got, len(want))
        expect.raise_mistake(what, name, table, expect.got_line(got), got=got, shows=shows)
    for one, wanted in zip(got, want, strict=True) if several else [(got, want)]:
        if lines := expect.difference(say("the result"), one, wanted, atol=1e-4, rtol=1e-3):
            second = name == "state kept"
            expect.raise_mistake(what, name, table, *lines, got=one, want=wanted, second=second)
