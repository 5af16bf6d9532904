"""Sizes of cases and parameters of layers, drawn so that every one of them shows in what a model returns."""

from math import sqrt

import torch
from torch import Tensor

from autograder.checks import Rng

Parameters = dict[str, Tensor]


def table(names: str, *rows: tuple[int, ...]) -> list[dict[str, int]]:
    """Sizes by name, one dictionary for each row."""
    return [dict(zip(names.split(), row, strict=True)) for row in rows]


def linear(rng: Rng, role: str, out_features: int, *in_features: int) -> Parameters:
    """Weight (out, in, ...) and bias (out,) of a linear layer or a convolution."""
    fan_in = torch.Size(in_features).numel()
    return {
        f"{role}.weight": rng.normal(out_features, *in_features, scale=1.5 / sqrt(fan_in)),
        f"{role}.bias": rng.normal(out_features, scale=0.5),
    }


def normalisation(rng: Rng, role: str, dim: int) -> Parameters:
    """Weight and bias, both (dim,), of a layer normalisation, away from 1 and 0."""
    return {f"{role}.weight": rng.uniform(dim, low=0.5, high=2.0), f"{role}.bias": rng.normal(dim, scale=0.5)}
