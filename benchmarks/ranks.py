"""How fair ranks are: tiers, and other rules for models below a threshold, on simulated classes.

    python benchmarks/ranks.py [--classes 200] [--students 40] [--seed 1]

Each student has a true accuracy. Whether a model gets a test example right depends on that, on the example's difficulty
for everybody, on its difficulty for the model's architecture, and on the training seed. The last ten students are
five pairs of twins: two trainings of one and the same model. The rules, all with the same linear shares:

- tiers: `autograder.models.ranks`, what this project grades by;
- pairwise: the share of students whose models are significantly worse, each pair tested on its own;
- chained: pairs that no test tells apart are tied, so are those tied to one of them, and groups are ranked;
- plain: the share of students with fewer right answers.

Prints, for each measured question: how many classes hold a model that earns less than one with fewer right answers; how
often twins earn different points, and how much they differ on average over all twins; how far points lie on average
from those of ranks by true accuracy; how many pairs of students earn points against their true accuracies. Then a class
in which pairwise ranks give the best model the least.
"""

import argparse
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.course.manifest import load
from autograder.course.model_question import ModelQuestion
from autograder.course.root import project_root
from autograder.models.ranks import Candidate, assign_tiers, differ, discordant, p_value, reaches, share

Bits = NDArray[np.bool_]  # (students, examples): whether a model gets an example right

ARCHITECTURES = 4
TWINS = 5
# Parts of the variance of what decides about one example; they add up to 1. Three GRUs of different sizes, trained on
# the real reviews, differed in whether they were right on 4.9 to 6.8 % of 5,000 test reviews; these differ as much.
DIFFICULTY, ARCHITECTURE, SEED_NOISE = 0.94, 0.02, 0.04
# Test examples, mean and standard deviation of the true accuracies.
SETTINGS = {"2-1-2": (25_000, 0.86, 0.015), "2-2-2": (10_000, 0.69, 0.03)}


@dataclass(frozen=True)
class SimulatedClass:
    """Students below the threshold: true accuracies (students,), their models' answers, and pairs that are twins."""

    accuracies: NDArray[np.float64]
    right: Bits
    twins: Sequence[tuple[int, int]]


def simulate(rng: np.random.Generator, label: str, rule: ModelQuestion, students: int) -> SimulatedClass:
    """Draws a class and leaves out those who reach the threshold."""
    total, mean, deviation = SETTINGS[label]
    accuracies = np.clip(rng.normal(mean, deviation, students), 0.5, 0.99)
    architectures = rng.integers(ARCHITECTURES, size=students)
    for drawn in (accuracies, architectures):
        drawn[-TWINS:] = drawn[-2 * TWINS : -TWINS]
    scores = sqrt(SEED_NOISE) * rng.standard_normal((students, total), dtype=np.float32)
    scores += sqrt(DIFFICULTY) * rng.standard_normal(total, dtype=np.float32)
    scores += sqrt(ARCHITECTURE) * rng.standard_normal((ARCHITECTURES, total), dtype=np.float32)[architectures]
    # The scores have variance 1, so that this bound is passed with a probability of the true accuracy.
    right = scores < np.array([NormalDist().inv_cdf(accuracy) for accuracy in accuracies], dtype=np.float32)[:, None]
    below = [student for student in range(students) if not reaches(int(right[student].sum()), total, rule.threshold)]
    pairs = [(student - TWINS, student) for student in range(students - TWINS, students)]
    twins = [(below.index(one), below.index(other)) for one, other in pairs if one in below and other in below]
    return SimulatedClass(accuracies[below], right[below], twins)


@cache
def most_that_differ(trials: int) -> int:
    """The largest smaller count of `trials` discordant examples that tells two models apart, -1 if none does."""
    most = int(trials / 2 - 0.98 * sqrt(trials))
    while differ(most + 1, trials - most - 1):
        most += 1
    while most >= 0 and not differ(most, trials - most):
        most -= 1
    return most


def significantly_worse(right: Bits) -> Bits:
    """(students, students): whether the second model is significantly worse than the first."""
    counts = right.sum(1)
    both = np.rint(right.astype(np.float32) @ right.astype(np.float32).T).astype(int)
    alone = counts[:, None] - both  # right answers that the first has and the second has not
    found = np.zeros(both.shape, dtype=bool)
    for one, other in combinations(range(len(right)), 2):
        b, c = int(alone[one, other]), int(alone[other, one])
        if min(b, c) <= most_that_differ(b + c):
            found[one, other], found[other, one] = b > c, b < c
    return found


def in_tiers(right: Bits, _: Bits) -> list[int]:
    """Students in lower tiers, by the rule of this project."""
    places = assign_tiers(candidates(right), 100, 0, 0)
    return [places[str(student)].lower for student in range(len(right))]


def pairwise(_: Bits, beaten: Bits) -> list[int]:
    """Students whose models are significantly worse."""
    return [int(count) for count in beaten.sum(1)]


def chained(right: Bits, beaten: Bits) -> list[int]:
    """Students in lower groups, where ties are chained; the best model of a group tells its rank."""
    tied = (~beaten & ~beaten.T).astype(int)
    for _ in range(len(right).bit_length()):
        tied = ((tied @ tied) > 0).astype(int)
    return fewer((tied * right.sum(1)).max(1))


def fewer(values: NDArray[Any]) -> list[int]:
    """How many values are less than each."""
    return [int((values < value).sum()) for value in values]


RULES: Mapping[str, Callable[[Bits, Bits], Sequence[int]]] = {
    "tiers": in_tiers,
    "pairwise": pairwise,
    "chained": chained,
    "plain": lambda right, _: fewer(right.sum(1)),
}


def candidates(right: Bits) -> list[Candidate]:
    """Candidates whose submissions are the numbers of the rows."""
    return [Candidate(str(n), np.packbits(row).tobytes(), int(row.sum()), row.size) for n, row in enumerate(right)]


def points(lower: Sequence[int], worth: float, rule: ModelQuestion) -> NDArray[np.float64]:
    """Points from how many students are lower; the highest earns `best_share` of what the question is worth."""
    most = max(lower, default=0)
    return np.array([worth * share(count, most, rule.worst_share, rule.best_share) for count in lower])


def inversions(better: NDArray[Any], earned: NDArray[np.float64]) -> int:
    """Pairs in which the one that is better by `better` earns less."""
    return int(((better[:, None] > better) & (earned[:, None] < earned)).sum())


@dataclass
class Tally:
    """What one rule did over all classes; points are those of the question."""

    broken: list[bool] = field(default_factory=list)
    twins: list[float] = field(default_factory=list)
    distances: list[float] = field(default_factory=list)
    inverted: int = 0
    pairs: int = 0

    def add(self, drawn: SimulatedClass, earned: NDArray[np.float64], ideal: NDArray[np.float64]) -> None:
        """Takes note of one class."""
        self.broken.append(inversions(drawn.right.sum(1), earned) > 0)
        self.twins += [abs(float(earned[one] - earned[other])) for one, other in drawn.twins]
        self.distances += np.abs(earned - ideal).tolist()
        self.inverted += inversions(drawn.accuracies, earned)
        self.pairs += len(earned) * (len(earned) - 1) // 2

    def row(self) -> str:
        """The figures of a rule, in the order of the heading."""
        twins = np.array(self.twins)
        figures = (
            f"{sum(self.broken)} of {len(self.broken)}",
            f"{100 * (twins > 0).mean():.1f} %",
            f"{twins.mean():.2f}",
            f"{np.mean(self.distances):.2f}",
            f"{100 * self.inverted / self.pairs:.2f} %",
        )
        return "".join(f"{figure:>16}" for figure in figures)


def compare(
    rng: np.random.Generator, label: str, worth: float, rule: ModelQuestion, options: argparse.Namespace
) -> None:
    """Simulates the classes of one question and prints a row for each rule."""
    tallies = {name: Tally() for name in RULES}
    tiers, below, churn = [], [], []
    for _ in range(options.classes):
        drawn = simulate(rng, label, rule, options.students)
        churn += [float((drawn.right[one] != drawn.right[other]).mean()) for one, other in drawn.twins]
        ideal = points(fewer(drawn.accuracies), worth, rule)
        beaten = significantly_worse(drawn.right)
        for name, lower_of in RULES.items():
            lower = lower_of(drawn.right, beaten)
            tallies[name].add(drawn, points(lower, worth, rule), ideal)
            if name == "tiers":
                tiers.append(len(set(lower)))
        below.append(len(drawn.right))
    print(
        f"\n{label}: {options.classes} classes of {options.students}, {np.mean(below):.1f} below {rule.threshold} % on"
        f" average, in {np.mean(tiers):.1f} tiers; twins differ on {100 * np.mean(churn):.1f} % of the examples"
    )
    headings = ("classes broken", "twins unequal", "by points", "from ideal", "pairs inverted")
    print(f"{'rule':<10}" + "".join(f"{heading:>16}" for heading in headings))
    for name, tally in tallies.items():
        print(f"{name:<10}{tally.row()}")


def counterexample() -> Bits:
    """Three models on 25,000 reviews: the first has most right answers, the third fewest.

    The second makes nearly the same mistakes as the third, so fifty more right answers among few discordant ones prove
    it better. The first makes other mistakes, so sixty more among many prove nothing.
    """
    right = np.zeros((3, 25_000), dtype=bool)
    right[0, 470:22_170] = True
    right[1, 200:21_890] = True
    right[2, :21_640] = True
    return right


def show_counterexample(worth: float, rule: ModelQuestion) -> None:
    """Prints what pairwise ranks and tiers make of it."""
    right = counterexample()
    beaten = significantly_worse(right)
    print("\nA class in which pairwise ranks give a better model less")
    for one, other in combinations(candidates(right), 2):
        b, c = discordant(one, other)
        print(f"  {one.right:,} and {other.right:,} right: {b:,} and {c:,} discordant, p = {p_value(b, c):.2g}")
    for name, lower_of in RULES.items():
        earned = points(lower_of(right, beaten), worth, rule)
        told = ", ".join(f"{count:,} right: {value:g}" for count, value in zip(right.sum(1), earned, strict=True))
        print(f"  {name:<10}{told} of {worth:g} points")


def main() -> None:
    """Simulates and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classes", type=int, default=200)
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.perf_counter()
    print(f"seed {options.seed}")
    rng = np.random.default_rng(options.seed)
    assignment = load(project_root())["assignment2"]
    for label, rule in assignment.model_questions.items():
        compare(rng, label, assignment.questions[label], rule, options)
    show_counterexample(assignment.questions["2-1-2"], assignment.model_questions["2-1-2"])
    print(f"\n{time.perf_counter() - started:.0f} seconds, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
