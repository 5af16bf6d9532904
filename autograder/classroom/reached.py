"""The figure that a retrained model reaches, and whether it agrees with a claim."""

import math
import re
from dataclasses import dataclass

import torch

from autograder.models.measurement import percent
from autograder.notebook.claims.model import Figure
from autograder.notebook.claims.words import ACCURACY

# Another seed, another kind of processor, another order of sums: so much may differ, in percentage points ...
OTHER_RUN = 2.0
# ... and as many standard errors of the difference between two accuracies, which matter where the test set is small.
STANDARD_ERRORS = 3.0
PERPLEXITY_FACTOR = 1.2  # between the perplexities of two runs
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass(frozen=True)
class Reached:
    """A figure: an accuracy in percent with its margin in points, or a perplexity with its margin in nats."""

    shown: str
    value: float
    margin: float
    is_accuracy: bool

    @classmethod
    def by(cls, right: torch.Tensor) -> "Reached":
        """The accuracy of a model that gets these test examples right, bool (examples,)."""
        count, total = int(right.sum()), len(right)
        share = count / total
        error = 100 * math.sqrt(2 * share * (1 - share) / total)  # of the difference of two independent accuracies
        return cls(percent(count, total), 100 * share, OTHER_RUN + STANDARD_ERRORS * error, True)

    @classmethod
    def printed(cls, figure: Figure) -> "Reached":
        """A figure that a run printed."""
        is_accuracy = figure.metric == ACCURACY
        margin = OTHER_RUN if is_accuracy else math.log(PERPLEXITY_FACTOR)
        return cls(figure.shown, figure.amount, margin, is_accuracy)

    @property
    def goodness(self) -> float:
        """What is higher the better the figure is, in the unit of the margin."""
        return _goodness(self.value, self.is_accuracy)

    def lead(self, claim: str) -> float | None:
        """By how much the figure is better than a claim such as "66.10 %" or "perplexity 3.86"; None if it has none."""
        found = _NUMBER.search(claim)
        return self.goodness - _goodness(float(found[0]), self.is_accuracy) if found else None


def _goodness(value: float, is_accuracy: bool) -> float:
    return value if is_accuracy else -math.log(max(value, 1e-9))
