"""Ranks of models below a threshold: tiers of models that an exact McNemar test does not tell from the best of them.

Pairwise ties are not transitive, so ranks that count the models which are significantly worse can give a better model
less. Here every tier is compared with its best models alone, and counts of right answers alone put it in order: a
model with more right answers never earns less than one with fewer.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import floor

from autograder.course.manifest import points_text
from autograder.messages import join, say

SIGNIFICANCE = Fraction(1, 20)  # a p-value below it tells two models apart


@dataclass(frozen=True)
class Candidate:
    """A student's best model: `answers` holds one bit for each of `total` test examples (1: right), `right` of them 1.

    The bits are packed as by `numpy.packbits`: the first example is the highest bit of the first byte, and the last
    byte is filled up with zeros.
    """

    submission_id: str
    answers: bytes
    right: int
    total: int


@dataclass(frozen=True)
class TierPlace:
    """Where a model below the threshold stands; nothing in it names another student.

    Of `below` students below the threshold, `mates` are in `tier` (1 is the highest of `tiers`) and `lower` in lower
    ones. `right` are the right answers of its model, of `total`. The
    best models of the tier have `leader_right` right answers, and `p` is the least p-value of this model against these
    (1.0 for one of them). The best models of the tier above have `above_right` right answers, and `above_p` is the
    p-value by which the best of this tier differ from them; both are 0 in tier 1.
    """

    right: int
    total: int
    tier: int
    tiers: int
    mates: int
    lower: int
    below: int
    share: float
    worst_share: float
    best_share: float
    leader_right: int
    p: float
    above_right: int
    above_p: float

    def explain(self) -> list[str]:
        """One to three lines for the student: what the model earns with whom, what the test says, the other tiers."""
        first = "your best model got {right:,} of {total:,} right; {company}"
        lines: list[str] = [say(first, right=self.right, total=self.total, company=self._company())]
        if comparisons := self._comparisons():
            lines.append(join(comparisons, "; "))
        if self.tiers > 1:
            lines.append(self._tier_line())
        return lines

    def _company(self) -> str:
        earned = say("{share} of the points", share=_percent(self.share))
        if self.below == 1:
            return say("no other student is below the threshold: {earned}", earned=earned)
        if self.mates == 1:
            alone = "the test set tells it from the other tiers of models below the threshold: {earned}"
            return say(alone, earned=earned)
        tied = "{count} students below the threshold could not be told apart by the test set, all earn {earned}"
        if self.mates == 2:
            tied = "{count} students below the threshold could not be told apart by the test set, both earn {earned}"
        return say(tied, count=self.mates, earned=earned)

    def _comparisons(self) -> list[str]:
        comparisons: list[str] = []
        leader = self.leader_right
        if self.right != leader:
            tied = "the best of your tier got {leader:,}, which an exact McNemar test does not tell from yours ({p})"
            comparisons.append(say(tied, leader=leader, p=_p_text(self.p)))
        if self.tier > 1:
            apart = (
                "the best of the tier above got {above:,}, which an exact McNemar test tells from the best of your "
                "tier, {leader:,} ({p}, below {level:g})"
            )
            p, level = _p_text(self.above_p), float(SIGNIFICANCE)
            comparisons.append(say(apart, above=self.above_right, leader=leader, p=p, level=level))
        return comparisons

    def _tier_line(self) -> str:
        line = (
            "that is tier {tier} of {tiers}: lower tiers hold {lower} of the {below} students below the threshold "
            "(the lowest tier earns {worst}, the highest {best})"
        )
        ends = {"worst": _percent(self.worst_share), "best": _percent(self.best_share)}
        return say(line, tier=self.tier, tiers=self.tiers, lower=self.lower, below=self.below, **ends)


def reaches(right: int, total: int, threshold: int) -> bool:
    """Whether `right` of `total` answers are at least `threshold` percent, in whole numbers."""
    return right * 100 >= threshold * total


def assign_tiers(
    candidates: Sequence[Candidate], threshold: int, worst_share: float, best_share: float
) -> dict[str, TierPlace]:
    """The place of every candidate below `threshold` percent, by submission, the best first.

    Whoever reaches the threshold takes no part: leads no tier, and lifts nobody by a tie. Of the others, by right
    answers, the best not yet placed leads a tier; those that follow join it until the first that differs, which leads
    the next.

    Equally many right answers always make one tier, so that neither names nor the order of files decides. Such
    candidates may be right on different examples, and one of them alone may differ from the leader: as the first that
    differs begins a tier, all of them begin it together. Several with equally many right answers lead together, too,
    and whoever differs from any of them begins the next tier. Raises ValueError if two candidates are of one submission
    or have different totals, or answers do not fit `right` and `total`.
    """
    _check(candidates)
    tiers = _tiers([one for one in candidates if not reaches(one.right, one.total, threshold)])
    sizes = [len(tier) for tier in tiers]
    places: dict[str, TierPlace] = {}
    for number, tier in enumerate(tiers):
        leaders, above = _leaders(tier), _leaders(tiers[number - 1]) if number else []
        lower = sum(sizes[number + 1 :])
        for candidate in tier:
            places[candidate.submission_id] = TierPlace(
                right=candidate.right,
                total=candidate.total,
                tier=number + 1,
                tiers=len(tiers),
                mates=len(tier),
                lower=lower,
                below=sum(sizes),
                share=share(lower, sum(sizes[1:]), worst_share, best_share),
                worst_share=worst_share,
                best_share=best_share,
                leader_right=leaders[0].right,
                p=_least_p(leaders, [candidate]),
                above_right=above[0].right if above else 0,
                above_p=_least_p(above, leaders),
            )
    return places


def share(lower: int, most: int, worst_share: float, best_share: float) -> float:
    """The share of the points with `lower` students in lower tiers, of whom the highest tier has `most`.

    worst_share + (best_share - worst_share) * lower / most: linear in the share of students in lower tiers, and scaled
    so that the lowest tier earns worst_share, and the highest, or only one, best_share. Computed exactly and rounded
    once, so that both ends are met and a better tier never earns less.
    """
    worst, best = Fraction(worst_share), Fraction(best_share)
    return float(worst + (best - worst) * Fraction(lower, most)) if most else best_share


def discordant(one: Candidate, other: Candidate) -> tuple[int, int]:
    """How many examples `one` alone gets right, and how many `other` alone."""
    first, second = (int.from_bytes(candidate.answers, "big") for candidate in (one, other))
    return (first & ~second).bit_count(), (second & ~first).bit_count()


def differ(b: int, c: int) -> bool:
    """Whether p is below SIGNIFICANCE for discordant counts `b` and `c`, decided in whole numbers."""
    return 2 * _tail(min(b, c), b + c) * SIGNIFICANCE.denominator < SIGNIFICANCE.numerator << (b + c)


def p_value(b: int, c: int) -> float:
    """The two-sided p-value of the exact McNemar test for discordant counts `b` and `c`.

    p = min(1, 2 * sum over k <= min(b, c) of C(b + c, k) / 2^(b + c)): if two models are equally good, each discordant
    example is right for either with probability one half (McNemar, Psychometrika 12, 1947, in its binomial form).
    """
    return min(1.0, 2 * _tail(min(b, c), b + c) / (1 << (b + c)))


@lru_cache(maxsize=256)
def _tail(fewest: int, trials: int) -> int:
    """The sum of C(trials, k) over k <= fewest."""
    term = total = 1
    for k in range(fewest):
        term = term * (trials - k) // (k + 1)
        total += term
    return total


def _check(candidates: Sequence[Candidate]) -> None:
    """Raises ValueError unless all are of one test set and what they hold fits together."""
    totals = {candidate.total for candidate in candidates}
    if len(totals) > 1:
        raise ValueError(f"candidates of one question were measured on different test sets: {sorted(totals)} examples")
    counts = Counter(candidate.submission_id for candidate in candidates)
    if twice := sorted(submission_id for submission_id, count in counts.items() if count > 1):
        raise ValueError(f"a submission occurs twice: {twice}")
    for one in candidates:
        size, filling = -(-one.total // 8), -one.total % 8
        bits = int.from_bytes(one.answers, "big")
        if len(one.answers) != size or bits & ((1 << filling) - 1) or bits.bit_count() != one.right:
            raise ValueError(
                f"{one.submission_id}: the answers do not fit {one.right} right of {one.total}:"
                f" {len(one.answers)} bytes with {bits.bit_count()} bits set"
            )


def _tiers(candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    """The candidates by right answers, the best first, cut where one begins a tier."""
    by_right: dict[int, list[Candidate]] = {}
    for candidate in sorted(candidates, key=lambda candidate: (-candidate.right, candidate.submission_id)):
        by_right.setdefault(candidate.right, []).append(candidate)
    tiers: list[list[Candidate]] = []
    for group in by_right.values():
        if tiers and not any(differ(*counts) for counts in _comparisons(_leaders(tiers[-1]), group)):
            tiers[-1] += group
        else:
            tiers.append([*group])
    return tiers


def _leaders(tier: Sequence[Candidate]) -> list[Candidate]:
    return [candidate for candidate in tier if candidate.right == tier[0].right]


def _comparisons(leaders: Sequence[Candidate], others: Sequence[Candidate]) -> Iterator[tuple[int, int]]:
    return (discordant(leader, other) for leader in leaders for other in others)


def _least_p(leaders: Sequence[Candidate], others: Sequence[Candidate]) -> float:
    return min((p_value(*counts) for counts in _comparisons(leaders, others)), default=0.0)


def _p_text(p: float) -> str:
    """Three decimals, rounded down, so that no p-value below 0.05 looks like one that is not."""
    return f"p = {floor(p * 1000) / 1000:g}" if p >= 0.001 else "p < 0.001"


def _percent(part: float) -> str:
    return f"{points_text(100 * part)} %"
