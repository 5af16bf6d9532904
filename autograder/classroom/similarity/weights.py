"""Saved models as samples of their weights, so that equal and nearly equal ones can be told without loading any.

Functions that begin with `answer_` run in a process that may be killed and return JSON.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from autograder.models.saved_files import WEIGHTS, save_models
from autograder.models.storages import Values, tensors_in

_SAMPLE = 32  # values of one tensor
_TENSORS = 400
_LEAST = 64  # values that a tensor needs to say anything
_BLOCK = 1 << 20  # values that are looked at together, so that a large tensor needs little memory


def answer_weights(path: Path, member: str, folders: Mapping[str, int]) -> dict[str, list[float]]:
    """A sample of the weights of each saved model, by its folder and file; of what cannot be read, nothing."""
    samples: dict[str, list[float]] = {}
    for folder, files in save_models(path, folders, Path(), member).items():
        for name, file in files.items():
            if file.path is not None and file.path.suffix in WEIGHTS:
                with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, MemoryError):
                    samples[f"{folder}/{name}"] = sample_of(file.path)
                file.path.unlink()
    return {name: sample for name, sample in samples.items() if sample}


def sample_of(path: Path) -> list[float]:
    """Values of the weights in a file, in an order that the names in it do not change.

    Raises what `tensors_in` raises.
    """
    listed = [_sample(values) for values in tensors_in(path) if len(values) >= _LEAST]
    usable = [one for one in listed if np.isfinite(one[1])][:_TENSORS]
    return [value for _, _, sample in sorted(usable) for value in sample]


def _sample(values: Values) -> tuple[int, float, list[float]]:
    """How many values a tensor has, the sum of their magnitudes (not finite where one is not), and some of them."""
    blocks = (values[begin : begin + _BLOCK] for begin in range(0, len(values), _BLOCK))
    total = sum(float(np.abs(block.astype(np.float64)).sum()) for block in blocks)
    places = np.linspace(0, len(values) - 1, _SAMPLE).astype(int)
    return len(values), total, [round(float(one), 6) for one in values[places]]
