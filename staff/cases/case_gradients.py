"""Gradients that a right module gives, by autograd through the oracle."""

from collections.abc import Callable

import torch
from case_parameters import Parameters
from torch import Tensor


def gradients(forward: Callable[[Parameters], Tensor], variables: Parameters, weights: Tensor) -> Parameters:
    """Those of `forward(variables)` times `weights`, as "gradient of <variable>"."""
    leaves = {name: value.detach().clone().requires_grad_() for name, value in variables.items()}
    with torch.enable_grad():
        # Of one number: given weights, autograd imports half a second's worth of modules.
        found = torch.autograd.grad((forward(leaves) * weights).sum(), [*leaves.values()])
    return {f"gradient of {name}": value for name, value in zip(leaves, found, strict=True)}
