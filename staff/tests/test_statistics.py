"""Numbers about a class: worked by hand, and what holds for all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.pages.statistics import Spread, correlation, discrimination, spread_of

POINTS = st.integers(0, 40).map(lambda quarters: quarters / 4)


def test_a_spread_worked_by_hand() -> None:
    assert spread_of([4, 1, 3, 2]) == Spread(4, 2.5, 1, 1.75, 2.5, 3.25, 4)
    assert spread_of([7]) == Spread(1, 7, 7, 7, 7, 7, 7)
    assert spread_of([]) is None


def test_a_discrimination_worked_by_hand() -> None:
    # the first question against the sum of the others: (0, 1), (0, 3), (1, 2), (1, 6); means 0.5 and 3
    table = [(0, 1, 0), (0, 2, 1), (1, 1, 1), (1, 3, 3)]
    # sums of products: 2 / sqrt(1 * 14)
    assert discrimination(table, 0) == pytest.approx(2 / 14**0.5)


def test_what_tells_nothing_has_no_correlation() -> None:
    assert correlation([(0, 1), (1, 2)]) is None  # too few
    assert correlation([(1, 1), (1, 2), (1, 3)]) is None  # one side never varies
    assert discrimination([(1, 1), (2, 2), (3, 3)], 0) == pytest.approx(1)


@given(st.lists(POINTS, min_size=1, max_size=30))
def test_quartiles_are_numpys(points: list[float]) -> None:
    spread = spread_of(points)
    assert spread
    quartiles = [spread.least, spread.lower, spread.median, spread.upper, spread.most]
    assert quartiles == pytest.approx(list(np.quantile(points, [0, 0.25, 0.5, 0.75, 1])))
    assert spread.mean == pytest.approx(np.mean(points)) and spread.n == len(points)


@given(st.lists(st.tuples(POINTS, POINTS), min_size=3, max_size=30))
def test_a_correlation_is_numpys_and_knows_no_side_and_no_scale(pairs: list[tuple[float, float]]) -> None:
    r = correlation(pairs)
    assert r == correlation([(other, one) for one, other in pairs])
    if r is None:
        assert min(len(set(side)) for side in zip(*pairs, strict=True)) == 1
        return
    assert r == pytest.approx(np.corrcoef(np.array(pairs).T)[0, 1])
    assert correlation([(2 * one + 1, other) for one, other in pairs]) == pytest.approx(r)
