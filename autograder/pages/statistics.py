"""Numbers about the marks of a class: spreads, and how far a question tells strong students from weak ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, quantiles

FEWEST = 3  # students of whom a correlation says anything at all


@dataclass(frozen=True)
class Spread:
    """How numbers are spread: how many there are, their mean, and the five points of a box plot."""

    n: int
    mean: float
    least: float
    lower: float
    median: float
    upper: float
    most: float


def spread_of(numbers: Sequence[float]) -> Spread | None:
    """The spread of numbers, None without any; quartiles lie between neighbours in proportion, as NumPy has them."""
    if not numbers:
        return None
    lower, median, upper = quantiles(numbers, method="inclusive") if len(numbers) > 1 else [numbers[0]] * 3
    return Spread(len(numbers), fmean(numbers), min(numbers), lower, median, upper, max(numbers))


def correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Pearson's r of pairs, from -1 to 1; None of fewer than FEWEST pairs, or where one side never varies."""
    if len(pairs) < FEWEST:
        return None
    left, right = (fmean(side) for side in zip(*pairs, strict=True))
    together = sum((one - left) * (other - right) for one, other in pairs)
    apart = sum((one - left) ** 2 for one, _ in pairs) * sum((other - right) ** 2 for _, other in pairs)
    if apart <= 1e-18:  # of points, which have no more than a few decimals
        return None
    return max(-1.0, min(1.0, together / sqrt(apart)))


def discrimination(points: Sequence[Sequence[float]], place: int) -> float | None:
    """The item-rest correlation of one question: its points against the sum of all others', over complete students.

    `points` has a row for each student and a column for each question, of which `place` is the one asked about. The
    question is left out of the sum, which would else be correlated with itself (Henrysson, Psychometrika 28, 1963).
    None where `correlation` has none.
    """
    return correlation([(row[place], sum(row) - row[place]) for row in points])
