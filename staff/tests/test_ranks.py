"""Ranks below a threshold: exact p-values, tiers, shares, and that a model with more right answers never earns less."""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import astuple, replace
from fractions import Fraction
from math import comb
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.checks.case import load_module
from autograder.models.ranks import Candidate, TierPlace, assign_tiers, differ, discordant, p_value, reaches, share

WORST, BEST = 0.4, 0.9
simulation = load_module(Path(__file__).parents[2] / "benchmarks" / "ranks.py", "simulation_of_ranks")


def candidate(submission_id: str, right: Iterable[int], total: int = 1000) -> Candidate:
    """A candidate who gets the test examples with these numbers right."""
    bits = np.zeros(total, dtype=np.uint8)
    bits[list(right)] = 1
    return Candidate(submission_id, np.packbits(bits).tobytes(), int(bits.sum()), total)


def placed(*candidates: Candidate, threshold: int = 88) -> dict[str, TierPlace]:
    return assign_tiers(candidates, threshold, WORST, BEST)


def tiers(places: dict[str, TierPlace]) -> dict[str, int]:
    return {submission_id: found.tier for submission_id, found in places.items()}


@pytest.mark.parametrize(
    ("b", "c", "p"),
    [
        (0, 0, Fraction(1)),
        (7, 7, Fraction(1)),
        (0, 1, Fraction(1)),
        (0, 5, Fraction(2, 2**5)),
        (0, 6, Fraction(2, 2**6)),
        (1, 9, Fraction(2 * (1 + 10), 2**10)),
        (2, 10, Fraction(2 * (1 + 12 + 66), 2**12)),
        (3, 10, Fraction(2 * (1 + 13 + 78 + 286), 2**13)),
        # Of an odd number of coin tosses, one side always comes less often: twice one half.
        (2500, 2501, Fraction(1)),
        # The next count less: both middle terms of the symmetric sum are missing.
        (2499, 2502, 1 - Fraction(2 * comb(5001, 2500), 2**5001)),
    ],
)
def test_p_values_are_those_of_the_closed_form(b: int, c: int, p: Fraction) -> None:
    assert p_value(b, c) == p_value(c, b) == float(p)
    assert differ(b, c) == differ(c, b) == (p < Fraction(1, 20))


def test_the_decision_is_that_of_whole_numbers() -> None:
    for b in range(40):
        for c in range(40):
            tail = sum(comb(b + c, k) for k in range(min(b, c) + 1))
            assert differ(b, c) == (Fraction(2 * tail, 2 ** (b + c)) < Fraction(5, 100)), (b, c)


def test_thousands_of_discordant_examples_are_decided_at_the_right_count() -> None:
    tails = np.cumsum([Fraction(comb(3001, k), 2**3001) for k in range(1501)])
    most = max(k for k, tail in enumerate(tails) if 2 * tail < Fraction(1, 20))
    assert 1400 < most < 1500
    assert differ(most, 3001 - most) and not differ(most + 1, 3000 - most)
    assert p_value(most, 3001 - most) == float(2 * tails[most])


def test_discordant_answers_are_counted_for_each_side() -> None:
    one, other = candidate("a", range(9), total=11), candidate("b", [*range(4, 9), 10], total=11)
    assert discordant(one, other) == (4, 1) and discordant(other, one) == (1, 4)


@pytest.mark.parametrize(
    ("right", "total", "threshold", "reached"),
    [
        (22_000, 25_000, 88, True),
        (21_999, 25_000, 88, False),
        (7_300, 10_000, 73, True),
        (7_299, 10_000, 73, False),
        (0, 10, 1, False),
        (10, 10, 100, True),
        # 0.29 * 100 is less than 29 in floating point.
        (29, 100, 29, True),
    ],
)
def test_a_threshold_is_reached_in_whole_numbers(right: int, total: int, threshold: int, reached: bool) -> None:
    assert reaches(right, total, threshold) is reached


def test_no_tie_lifts_a_model_over_the_threshold() -> None:
    above, below = candidate("a", range(22_000), total=25_000), candidate("b", range(21_999), total=25_000)
    assert p_value(*discordant(above, below)) == 1
    places = placed(above, below)
    assert list(places) == ["b"]
    assert (places["b"].share, places["b"].below, places["b"].leader_right) == (BEST, 1, 21_999)


def test_who_reaches_the_threshold_leads_no_tier() -> None:
    # Both differ from the model above the threshold, and not from each other.
    places = placed(candidate("a", range(880)), candidate("b", range(870)), candidate("c", range(866)))
    assert tiers(places) == {"b": 1, "c": 1}


def test_nobody_below_the_threshold_is_placed_nowhere() -> None:
    assert placed() == {}
    assert placed(candidate("a", range(880))) == {}


def test_one_student_and_one_tier_earn_the_best_share() -> None:
    alone = placed(candidate("a", range(3)))["a"]
    assert (alone.tier, alone.tiers, alone.lower, alone.below, alone.share, alone.p) == (1, 1, 0, 1, BEST, 1.0)
    together = placed(candidate("a", range(100)), candidate("b", range(95)))
    assert [found.share for found in together.values()] == [BEST, BEST]
    assert together["b"].p == p_value(5, 0) == 0.0625


def test_a_chain_of_ties_is_cut_at_the_first_that_differs_from_the_leader() -> None:
    a, b, c = candidate("a", range(100)), candidate("b", range(95)), candidate("c", range(90))
    assert [differ(*discordant(*pair)) for pair in [(a, b), (b, c), (a, c)]] == [False, False, True]
    places = placed(c, a, b)
    assert tiers(places) == {"a": 1, "b": 1, "c": 2}
    assert [(found.lower, found.share) for found in places.values()] == [(1, BEST), (1, BEST), (0, WORST)]
    assert (places["c"].above_right, places["c"].above_p) == (100, p_value(10, 0))
    assert (places["b"].leader_right, places["b"].p) == (100, p_value(5, 0))


def test_who_follows_the_first_that_differs_joins_no_tier_above() -> None:
    leader, differs = candidate("a", range(100)), candidate("b", range(90))
    undecided = candidate("c", [*range(40), *range(500, 549)])  # 89 right, many others than the leader
    assert not differ(*discordant(leader, undecided)) and not differ(*discordant(differs, undecided))
    assert tiers(placed(leader, differs, undecided)) == {"a": 1, "b": 2, "c": 2}
    assert tiers(placed(leader, undecided)) == {"a": 1, "c": 1}


@pytest.mark.parametrize("names", ["bc", "cb"])
def test_equally_many_right_answers_make_one_tier(names: str) -> None:
    """Of two models with 94 right answers one alone differs from the leader: as in any order, both begin a tier."""
    leader = candidate("a", range(100))
    tied, differs = candidate(names[0], range(50, 144)), candidate(names[1], range(94))
    assert not differ(*discordant(leader, tied)) and differ(*discordant(leader, differs))
    for order in ([leader, tied, differs], [differs, tied, leader]):
        places = placed(*order)
        assert tiers(places) == {"a": 1, "b": 2, "c": 2}
        assert places["b"].share == places["c"].share == WORST
        assert places["b"].above_p == places["c"].above_p == p_value(6, 0)
    assert tiers(placed(leader, tied)) == {"a": 1, names[0]: 1}


@pytest.mark.parametrize("names", ["ab", "ba"])
def test_equally_good_models_lead_together(names: str) -> None:
    """Who differs from one of two best models begins the next tier, whatever the names of the two are."""
    nested, other = candidate(names[0], range(100)), candidate(names[1], range(50, 150))
    third = candidate("c", range(90))
    assert differ(*discordant(nested, third)) and not differ(*discordant(other, third))
    assert tiers(placed(nested, other, third)) == {"a": 1, "b": 1, "c": 2}


def test_shares_are_linear_in_the_students_in_lower_tiers() -> None:
    sizes = {100: 1, 80: 2, 60: 1, 40: 3}
    models = [candidate(f"{right}-{n}", range(right)) for right, size in sizes.items() for n in range(size)]
    found = {places.right: (places.lower, places.share) for places in placed(*models).values()}
    assert found == {
        100: (6, BEST),
        80: (4, pytest.approx(WORST + 0.5 * 4 / 6)),
        60: (3, pytest.approx(WORST + 0.5 * 3 / 6)),
        40: (0, WORST),
    }


def test_shares_meet_both_ends_exactly() -> None:
    for worst, best in [(0.2, 0.8), (0.4, 0.85), (0.35, 0.35), (0.4, 0.9)]:
        assert [share(0, 7, worst, best), share(7, 7, worst, best), share(0, 0, worst, best)] == [worst, best, best]


TOTAL = 64
# Right on the first examples, with some answers turned: neither all tied nor all different.
MODELS = st.tuples(st.integers(0, TOTAL), st.sets(st.integers(0, TOTAL - 1), max_size=24))
CLASSES = st.lists(MODELS, max_size=10).map(
    lambda models: [
        candidate(f"2024-{20001 + number}", set(range(right)) ^ turned, TOTAL)
        for number, (right, turned) in enumerate(models)
    ]
)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=300)
@given(CLASSES, st.integers(1, 100))
def test_a_better_model_never_earns_less(models: list[Candidate], threshold: int) -> None:
    places = placed(*models, threshold=threshold)
    below = [one for one in models if not reaches(one.right, one.total, threshold)]
    assert places.keys() == {one.submission_id for one in below}
    for one in below:
        for other in below:
            mine, others = places[one.submission_id], places[other.submission_id]
            if one.right > other.right:
                assert mine.tier <= others.tier and mine.share >= others.share
            elif one.right == other.right:
                assert mine == others or replace(mine, p=others.p) == others
            if mine.tier < others.tier:
                assert mine.share > others.share
    ends = {found.share for found in places.values() if found.tier in (1, found.tiers)}
    assert ends == (set() if not places else {BEST, WORST} if max(tiers(places).values()) > 1 else {BEST})


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=300)
@given(CLASSES)
def test_a_tier_holds_who_does_not_differ_from_its_leaders(models: list[Candidate]) -> None:
    places = placed(*models, threshold=100)
    by_tier: dict[int, list[Candidate]] = {}
    for one in sorted((one for one in models if one.submission_id in places), key=lambda one: -one.right):
        by_tier.setdefault(places[one.submission_id].tier, []).append(one)
    leaders: Sequence[Candidate] = ()
    for number, tier in sorted(by_tier.items()):
        begins = [one for one in tier if one.right == tier[0].right]
        assert number == 1 or any(differ(*discordant(leader, one)) for leader in leaders for one in begins)
        assert not any(differ(*discordant(leader, one)) for leader in begins for one in tier)
        leaders = begins


@pytest.mark.slow
@settings(derandomize=True, deadline=None)
@given(CLASSES.flatmap(lambda models: st.tuples(st.just(models), st.permutations(models))))
def test_neither_order_nor_names_decide(classes: tuple[list[Candidate], list[Candidate]]) -> None:
    models, shuffled = classes
    places = placed(*models, threshold=100)
    assert list(placed(*shuffled, threshold=100).items()) == list(places.items())
    renamed = {one.submission_id: replace(one, submission_id=f"x{-number}") for number, one in enumerate(models)}
    found = placed(*renamed.values(), threshold=100)
    assert {submission_id: found[renamed[submission_id].submission_id] for submission_id in places} == places


def test_pairwise_ties_break_monotonicity_and_tiers_do_not() -> None:
    """Against the naive rule, points from how many models are significantly worse, each pair tested on its own."""
    models = simulation.candidates(simulation.counterexample())
    most, middle, fewest = models
    assert most.right > middle.right > fewest.right
    wins = {
        one.submission_id: sum(b > c and differ(b, c) for b, c in (discordant(one, o) for o in models))
        for one in models
    }
    assert wins == {
        most.submission_id: 0,
        middle.submission_id: 1,
        fewest.submission_id: 0,
    }  # the best of all would earn as little as the worst
    places = placed(*models)
    assert [places[one.submission_id].share for one in models] == [BEST, BEST, BEST]


def test_the_simulation_counts_what_a_rule_breaks() -> None:
    """The figures of the benchmark tell a rule that breaks monotonicity from one that does not."""
    right = simulation.counterexample()
    beaten = simulation.significantly_worse(right)
    assert beaten.tolist() == [[False, False, False], [False, False, True], [False, False, False]]
    counts = right.sum(1)
    broken = {
        name: simulation.inversions(counts, np.array(lower_of(right, beaten), dtype=float))
        for name, lower_of in simulation.RULES.items()
    }
    assert broken == {"tiers": 0, "pairwise": 1, "chained": 0, "plain": 0}


def test_nobody_reads_another_students_name() -> None:
    models = [candidate(f"2024-2000{n}", range(100 - 4 * n)) for n in range(9)]
    for submission_id, found in placed(*models).items():
        told = " ".join([*found.explain(), *map(str, astuple(found))])
        assert not any(one.submission_id in told for one in models), submission_id


def test_the_explanation_of_one_who_leads_a_lower_tier() -> None:
    places = placed(candidate("a", range(21_700), 25_000), candidate("b", range(21_500), 25_000))
    assert places["a"].explain() == [
        "your best model got 21,700 of 25,000 right; the test set tells it from the other tiers of models below the"
        " threshold: 90 % of the points",
        "that is tier 1 of 2: lower tiers hold 1 of the 2 students below the threshold (the lowest tier earns 40 %,"
        " the highest 90 %)",
    ]
    assert places["b"].explain() == [
        "your best model got 21,500 of 25,000 right; the test set tells it from the other tiers of models below the"
        " threshold: 40 % of the points",
        "the best of the tier above got 21,700, which an exact McNemar test tells from the best of your tier, 21,500"
        " (p < 0.001, below 0.05)",
        "that is tier 2 of 2: lower tiers hold 0 of the 2 students below the threshold (the lowest tier earns 40 %,"
        " the highest 90 %)",
    ]


def test_the_explanation_of_one_tier() -> None:
    places = placed(candidate("a", range(100)), candidate("b", range(95)))
    assert places["b"].explain() == [
        "your best model got 95 of 1,000 right; 2 students below the threshold could not be told apart by the test set,"
        " both earn 90 % of the points",
        "the best of your tier got 100, which an exact McNemar test does not tell from yours (p = 0.062)",
    ]
    assert placed(candidate("a", range(95)))["a"].explain()[-1] == (
        "your best model got 95 of 1,000 right; no other student is below the threshold: 90 % of the points"
    )


def test_a_p_value_below_the_bound_never_looks_like_one_above_it() -> None:
    leader, other = candidate("a", range(42)), candidate("b", range(42, 42 + 25))
    assert f"{p_value(*discordant(leader, other)):.3f}" == "0.050" and differ(*discordant(leader, other))
    assert "(p = 0.049, below 0.05)" in placed(leader, other)["b"].explain()[1]


ANSWERS = candidate("a", range(5), total=11)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (replace(ANSWERS, right=6), "a: the answers do not fit 6 right of 11: 2 bytes with 5 bits set"),
        (replace(ANSWERS, answers=ANSWERS.answers + b"\0"), "a: the answers do not fit 5 right of 11: 3 bytes"),
        (replace(ANSWERS, answers=ANSWERS.answers[:1]), "a: the answers do not fit 5 right of 11: 1 bytes"),
        # Six bits set, one of them behind the last example.
        (replace(ANSWERS, answers=bytes([0b11111000, 0b00000001]), right=6), "a: the answers do not fit 6 right of 11"),
        (replace(ANSWERS, submission_id="b"), "a submission occurs twice: ['b']"),
        (candidate("a", range(5), total=12), "measured on different test sets: [11, 12] examples"),
    ],
)
def test_candidates_that_do_not_fit_are_refused(wrong: Candidate, message: str) -> None:
    fits = candidate("b", range(11), total=11)
    assert tiers(placed(fits, ANSWERS)) == {"a": 1}
    with pytest.raises(ValueError) as caught:
        placed(fits, wrong)
    assert message in str(caught.value)


def test_ranks_need_no_torch() -> None:
    code = "import sys, autograder.models.ranks; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
