"""Whether two saved models are two: by what was trained, by what they predict, and by their weights.

The figures are measured between honest trainings (docs/accuracy.md).
"""

from enum import Enum
from math import inf, sqrt
from pathlib import Path

from safetensors import safe_open

from autograder.checks.parameters import bare_key

# Relative distances of weights: below the first it is one model with noise, from the second on they are trained apart.
ONE_MODEL, TWO_TRAININGS = 0.05, 0.2
PREDICTIONS = 0.01  # the share of examples on which two models differ
ENOUGH = 1000  # examples, with which a smaller share is certain


class Likeness(Enum):
    """What two models are to each other: one, two, or two that a person should look at."""

    ONE = "one"
    DOUBTFUL = "doubtful"
    TWO = "two"


def likeness(distance: float, differing: int, examples: int) -> Likeness:
    """Of two models with different settings, whose predictions differ on so many of the examples."""
    predict_alike = differing < PREDICTIONS * examples
    if distance < ONE_MODEL or (predict_alike and (distance < TWO_TRAININGS or examples >= ENOUGH)):
        return Likeness.ONE
    return Likeness.DOUBTFUL if predict_alike or distance < TWO_TRAININGS else Likeness.TWO


def distance_of(one: Path, other: Path) -> float:
    """The norm of the difference of two safetensors files, relative to the larger one; infinite for other shapes.

    They are compared one tensor at a time, so that neither model is held as a whole.
    """
    difference = 0.0
    sizes = [0.0, 0.0]
    with safe_open(one, framework="pt") as first, safe_open(other, framework="pt") as second:
        keys, others = ({bare_key(key): key for key in file.keys()} for file in (first, second))  # noqa: SIM118 (no mapping)
        if keys.keys() != others.keys():
            return inf
        for key, name in keys.items():
            a, b = first.get_tensor(name).double(), second.get_tensor(others[key]).double()
            if a.shape != b.shape:
                return inf
            difference += float((a - b).square().sum())
            sizes[0] += float(a.square().sum())
            sizes[1] += float(b.square().sum())
    return sqrt(difference / max(sizes)) if max(sizes) else 0.0
