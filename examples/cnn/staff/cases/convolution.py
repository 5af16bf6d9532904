"""Recipes of lab 1. Question A is put to PyTorch's own convolution; question B to sums over shifted images."""

import torch
from torch import Tensor
from torch.nn.functional import conv2d, pad

from autograder.checks import Case, Rng, recipe

# No two dimensions of a tensor are equal, so that no exchange of them passes. The first case is the plain one.
SIZES = [
    {"batch": 2, "channels": 3, "maps": 4, "height": 9, "width": 10, "size": 5, "stride": 1, "padding": 0},
    {"batch": 1, "channels": 3, "maps": 4, "height": 17, "width": 14, "size": 2, "stride": 3, "padding": 1},
    {"batch": 2, "channels": 5, "maps": 4, "height": 9, "width": 12, "size": 3, "stride": 2, "padding": 2},
]


@recipe("convolve", sizes=SIZES)
def convolve(
    rng: Rng, batch: int, channels: int, maps: int, height: int, width: int, size: int, stride: int, padding: int
) -> Case:
    """A convolution, with what each wrong way would give."""
    image = rng.normal(batch, channels, height, width, dtype=torch.float64)
    weight = rng.normal(maps, channels, size, size, dtype=torch.float64)
    bias = rng.normal(maps, dtype=torch.float64)
    options = {"stride": stride, "padding": padding}
    right = conv2d(image, weight, bias, **options)
    sums = right - bias[:, None, None]
    mistakes = {
        "kernel flipped": conv2d(image, weight.flip(2, 3), bias, **options),
        "kernel transposed": conv2d(image, weight.transpose(2, 3), bias, **options),
        "bias missing": sums,
        "bias for each channel": sums + channels * bias[:, None, None],
        "mean over the channels": sums / channels + bias[:, None, None],
        "stride ignored": conv2d(image, weight, bias, padding=padding),
        "padding ignored": conv2d(image, weight, bias, stride=stride),
    }
    return _case((image, weight, bias, stride, padding), right, mistakes)


BLOCKS = [
    {"batch": 2, "channels": 4, "maps": 7, "height": 5, "width": 6},
    {"batch": 1, "channels": 5, "maps": 2, "height": 6, "width": 4},
]


@recipe("separable", sizes=BLOCKS)
def separable(rng: Rng, batch: int, channels: int, maps: int, height: int, width: int) -> Case:
    """Two layers with given parameters, with what each wrong module would give."""
    image = rng.normal(batch, channels, height, width)
    parameters = {
        "depthwise.weight": rng.normal(channels, 1, 3, 3),
        "depthwise.bias": rng.normal(channels),
        "pointwise.weight": rng.normal(maps, channels, 1, 1),
        "pointwise.bias": rng.normal(maps),
    }
    one_by_one, bias = parameters["pointwise.weight"][..., 0, 0], parameters["pointwise.bias"][:, None, None]
    each = _shifted_sums(image, parameters["depthwise.weight"][:, 0]) + parameters["depthwise.bias"][:, None, None]
    mixed = torch.einsum("mc,bchw->bmhw", one_by_one, each.relu()) + bias
    without_biases = _shifted_sums(image, parameters["depthwise.weight"][:, 0]).relu()
    mistakes = {
        "relu missing": torch.einsum("mc,bchw->bmhw", one_by_one, each) + bias,
        "relu last": (torch.einsum("mc,bchw->bmhw", one_by_one, each) + bias).relu(),
        "second relu": mixed.relu(),
        "depthwise missing": torch.einsum("mc,bchw->bmhw", one_by_one, image.relu()) + bias,
        "biases missing": torch.einsum("mc,bchw->bmhw", one_by_one, without_biases),
    }
    return _case((channels, maps, parameters, image), mixed, mistakes)


def _shifted_sums(image: Tensor, kernels: Tensor) -> Tensor:
    """Each channel with its own kernel of 3 x 3, padded: a sum of nine shifted images."""
    height, width = image.shape[2:]
    padded = pad(image, (1, 1, 1, 1))
    shifts = [(row, column) for row in range(3) for column in range(3)]
    total = torch.zeros_like(image)
    for row, column in shifts:
        total += padded[:, :, row : row + height, column : column + width] * kernels[:, row, column, None, None]
    return total


def _case(inputs: tuple[object, ...], right: Tensor, mistakes: dict[str, Tensor]) -> Case:
    wrong = {name: {"result": result} for name, result in mistakes.items()}
    return Case(inputs=inputs, outputs={"result": right}, mistakes=wrong)
