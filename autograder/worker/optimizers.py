"""In the student's process: optimizers that do not import torch's compiler.

torch's own do so when one is made and when it makes a step, only to tell the compiler to keep out. That import takes a
second of CPU time. Nothing is compiled here (worker/accelerator.py).
"""

import functools
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import torch
from torch.optim.optimizer import Optimizer, _use_grad_for_differentiable

from autograder.worker.callers import passes_on

# What torch makes of a function that its compiler is to leave alone, and of a step: each time the same code.
_LEFT_ALONE = torch._disable_dynamo(lambda: None).__code__  # type: ignore[attr-defined]
_STEP = _use_grad_for_differentiable(lambda: None).__code__


def keep_compiler_out_of_optimizers() -> None:
    """Makes the optimizers of torch.optim, and those that are derived from them, work without `torch._dynamo`."""
    for kind in (Optimizer, *_derived(Optimizer)):
        for name, function in list(vars(kind).items()):
            if not isinstance(function, FunctionType) or not hasattr(function, "__wrapped__"):
                continue
            if function.__code__ is _LEFT_ALONE:  # torch keeps there what its compiler made of the function
                setattr(function.__wrapped__, "__dynamo_disable", function.__wrapped__)
            elif function.__code__ is _STEP:
                setattr(kind, name, _step(function.__wrapped__))


def _derived(kind: type[Optimizer]) -> Iterator[type[Optimizer]]:
    for one in kind.__subclasses__():
        yield one
        yield from _derived(one)


def _step(function: Callable[..., Any]) -> Callable[..., Any]:
    """The step of an optimizer, with gradients only where it is to be differentiated itself."""

    def step(self: Any, *args: Any, **kwargs: Any) -> Any:
        with torch.set_grad_enabled(self.defaults["differentiable"]):
            return function(self, *args, **kwargs)

    passes_on(step.__code__)
    return functools.update_wrapper(step, function)
