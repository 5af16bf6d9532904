"""Comparisons: what is close passes, all else says what, expected and got."""

import math

import pytest
import torch

from autograder.checks import expect
from autograder.checks.case import Case
from autograder.checks.closeness import may_be_close
from autograder.checks.mistakes import Mismatch, Mistake
from autograder.protocol.frames import Opaque
from autograder.protocol.grid import MOST_COLUMNS, MOST_ROWS, grid

WANT = torch.arange(6, dtype=torch.float64).reshape(2, 3)
NAN = torch.tensor([[float("nan")] * 3] * 2, dtype=torch.float64)


def mismatch(*args: object, **kwargs: object) -> Mismatch:
    with pytest.raises(Mismatch) as caught:
        expect.close("output", *args, **kwargs)  # type: ignore[arg-type]
    return caught.value


def test_equal_and_nearly_equal_tensors_pass() -> None:
    expect.close("output", WANT, WANT)
    expect.close("output", WANT + 1e-9, WANT)
    expect.close("output", WANT.float(), WANT)


def test_infinities_pass_only_where_they_are_expected() -> None:
    infinite = torch.tensor([torch.inf, -torch.inf, 1.0])
    expect.close("output", infinite.clone(), infinite)
    with pytest.raises(Mismatch):
        expect.close("output", torch.tensor([-torch.inf, -torch.inf, 1.0]), infinite)
    with pytest.raises(Mismatch):
        expect.close("output", torch.tensor([torch.inf, -torch.inf, torch.inf]), infinite)


@pytest.mark.parametrize("got", [WANT + 1e-3, -WANT, NAN])
def test_other_values_fail_and_are_counted(got: torch.Tensor) -> None:
    assert "values" in mismatch(got, WANT).lines[0]


def test_complex_values_are_none_of_the_expected() -> None:
    assert mismatch(WANT + 0j, WANT).lines == [
        "output is complex",
        "expected real values",
        "got a tensor of shape (2, 3), complex128",
    ]


def test_the_worst_place_is_shown() -> None:
    got = WANT.clone()
    got[1, 2], got[0, 1] = 9, 1.5
    assert mismatch(got, WANT).lines[1] == "expected 5 at [1, 2], got 9"


def test_one_nan_among_right_values_fails() -> None:
    got = WANT.clone()
    got[1, 0] = float("nan")
    assert "at [1, 0], got nan" in mismatch(got, WANT).lines[1]


def test_an_expected_nan_is_never_met() -> None:
    with pytest.raises(Mismatch):
        expect.close("output", NAN, NAN)


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (None, "return statement"),
        (3, "3"),
        ([1, 2], "a list of 2"),
        (Opaque("ndarray"), "ndarray"),
        ((WANT,), "a tuple of 1: a tensor of shape (2, 3), float64"),
        ({}, "dict"),
    ],
)
def test_what_is_no_tensor_is_described(got: object, words: str) -> None:
    assert words in mismatch(got, WANT).lines[1]


def test_a_wrong_shape_is_shown() -> None:
    assert mismatch(WANT.T, WANT).lines[1:3] == ["expected shape (2, 3)", "got shape (3, 2)"]


def test_shape_compares_and_describes() -> None:
    expect.shape("x", WANT, (2, 3))
    with pytest.raises(Mismatch, match=r"expected \(3, 2\) = \(batch, dim\)"):
        expect.shape("x", WANT, (3, 2), dims="(batch, dim)")
    with pytest.raises(Mismatch, match="got None"):
        expect.shape("x", None, (3, 2))


def test_that_carries_its_diagnosis_and_points() -> None:
    expect.that(True, "never seen", diagnosis="x")
    with pytest.raises(Mismatch) as caught:
        expect.that(False, "rows must sum to one", diagnosis="softmax", earns=4, look_at="dim=")
    assert (caught.value.diagnosis, caught.value.earns) == ("softmax", 4)
    assert caught.value.lines == ["rows must sum to one", "look at: dim="]


def test_ungraded_is_raised() -> None:
    with pytest.raises(expect.Ungraded, match="by hand"):
        expect.ungraded("mark by hand", "unknown layers")


CASE = Case(
    inputs=(),
    outputs={"a": WANT, "b": WANT + 10},
    mistakes={"exchanged": {"a": WANT + 10, "b": WANT}, "negated": {"a": -WANT}},
    sizes={"batch": 2, "dim": 3},
)
DIMS = {"a": "(batch, dim)", "b": "(batch, dim)"}
MISTAKES = {
    "exchanged": Mistake("a and b are exchanged", "the order", earns=3),
    "negated": Mistake("the sign is wrong"),
}


def wrong(got: object, case: Case = CASE, **kwargs: object) -> Mismatch:
    with pytest.raises(Mismatch) as caught:
        expect.matches(got, case, dims=DIMS, mistakes=MISTAKES, **kwargs)  # type: ignore[arg-type]
    return caught.value


def test_right_outputs_match_as_tuple_or_list() -> None:
    expect.matches((WANT, WANT + 10), CASE, dims=DIMS)
    expect.matches([WANT, WANT + 10], CASE, dims=DIMS)


def test_a_known_mistake_is_called_by_its_name_and_earns_its_points() -> None:
    found = wrong((WANT + 10, WANT))
    assert (found.diagnosis, found.earns) == ("exchanged", 3)
    assert "a and b are exchanged" in found.lines[0] and "look at: the order" in found.lines


def test_a_mistake_in_one_output_is_recognised_beside_a_right_one() -> None:
    assert wrong((-WANT, WANT + 10), each=4).diagnosis == "negated"


def test_a_mistake_has_to_explain_every_output_unless_each_counts_alone() -> None:
    assert wrong((-WANT, WANT + 10)).diagnosis == "wrong values"


def test_an_unknown_mistake_earns_nothing_and_names_the_case() -> None:
    found = wrong((WANT + 1, WANT + 10), look_at="the handout")
    assert (found.diagnosis, found.earns, found.costs) == ("wrong values", 0, {})
    assert "with the public case (batch 2, dim 3)" in found.lines and "look at: the handout" in found.lines


def test_each_wrong_output_costs_its_points() -> None:
    assert wrong((WANT + 1, WANT), each=4).costs == {"a": 4, "b": 4}
    assert wrong((WANT, WANT), each=4).costs == {"b": 4}


@pytest.mark.parametrize("got", [WANT, (WANT,), (WANT, WANT, WANT), None])
def test_a_wrong_number_of_values_names_those_expected(got: object) -> None:
    found = wrong(got)
    assert found.diagnosis == "wrong structure" and "expected 2 values: a, b" in found.lines[0]


def test_a_wrong_shape_is_its_own_diagnosis() -> None:
    assert wrong((WANT.T, WANT + 10)).diagnosis == "wrong shape"


def test_any_accepted_alternative_matches_as_a_whole() -> None:
    case = Case(inputs=(), outputs={"a": WANT}, accepted={"other": {"a": WANT + 5}})
    expect.matches(WANT + 5, case, dims={"a": "(batch, dim)"})
    with pytest.raises(Mismatch):
        expect.matches(WANT + 6, case, dims={"a": "(batch, dim)"})


SEVERAL = {"doubled": Mistake("doubled", "the factor", earns=2), "negative": Mistake("negative", "the sign", earns=1)}


def test_several_mistakes_earn_what_the_worst_of_them_earns() -> None:
    case = Case(inputs=(), outputs={"a": WANT}, mistakes={"doubled + negative | at once": {"a": -2 * WANT}})
    with pytest.raises(Mismatch) as caught:
        expect.matches(-2 * WANT, case, dims={"a": ""}, mistakes=SEVERAL)
    assert (caught.value.diagnosis, caught.value.earns) == ("doubled + negative", 1)
    assert caught.value.lines[0] == "a: doubled; negative" and caught.value.lines[-1] == "look at: the sign"


def test_mistakes_of_which_one_is_unknown_have_no_name() -> None:
    assert expect.named("doubled + lost", SEVERAL) is None
    case = Case(inputs=(), outputs={"a": WANT}, mistakes={"doubled + lost": {"a": 3 * WANT}})
    with pytest.raises(Mismatch) as caught:
        expect.matches(3 * WANT, case, dims={"a": ""}, mistakes=SEVERAL)
    assert (caught.value.diagnosis, caught.value.earns) == ("wrong values", 0)


def test_a_name_is_what_stands_before_the_bar() -> None:
    case = Case(inputs=(), outputs={"a": WANT}, mistakes={"doubled | by adding": {"a": 2 * WANT}})
    with pytest.raises(Mismatch) as caught:
        expect.matches(2 * WANT, case, dims={"a": ""}, mistakes=SEVERAL)
    assert (caught.value.diagnosis, caught.value.earns) == ("doubled", 2)


def test_a_check_may_look_at_some_outputs_of_a_case_alone() -> None:
    case = Case(inputs=(), outputs={"a": WANT, "b": -WANT}, accepted={"other": {"a": WANT + 5}})
    expect.matches(-WANT, case, dims={"b": ""})
    expect.matches(WANT + 5, case, dims={"a": ""})
    with pytest.raises(Mismatch):
        expect.matches(WANT + 5, case, dims={"b": ""})


def test_a_mistake_that_a_check_found_is_said_with_what_it_earns() -> None:
    table = {"early": Mistake("it ends early", "the loop", earns=3), "late": Mistake("it ends late", earns=2)}
    with pytest.raises(Mismatch) as raised:
        expect.raise_mistake("f", "early + late", table, "with 3 steps")
    assert raised.value.lines == ["f: it ends early; it ends late", "with 3 steps"]
    assert (raised.value.diagnosis, raised.value.earns) == ("early + late", 2)
    with pytest.raises(Mismatch, match="look at: the loop"):
        expect.raise_mistake("f", "early", table)
    with pytest.raises(KeyError):
        expect.raise_mistake("f", "never", table)


@pytest.mark.parametrize("want", [0.0, 1.0, -2.5, math.inf, -math.inf, math.nan, 1e308])
def test_one_value_tells_what_cannot_be_close(want: float) -> None:
    expected = torch.tensor([want], dtype=torch.float64)
    for got in (0.0, 1.0, 1.0 + 1e-6, 1.0 + 3e-6, -2.5, math.inf, -math.inf, math.nan, 1e308, -1e308):
        value = torch.tensor([got], dtype=torch.float64)
        assert may_be_close(value, expected) == expect.is_close(value, expected), got
    assert may_be_close(torch.tensor([9.0, want, 9.0]), torch.tensor([0.0, want, 0.0])) == (not math.isnan(want))
    assert may_be_close("text", expected) and may_be_close(torch.ones(2), expected)  # which `is_close` looks at


@pytest.mark.parametrize("shape", [(1,), (3, 4), (24, 48), (25, 49), (2, 3, 50), (70, 100)])
def test_a_picture_has_a_digit_for_each_part_of_a_tensor(shape: tuple[int, ...]) -> None:
    right = torch.rand(shape, generator=torch.Generator().manual_seed(1)) < 0.6
    flat = right.reshape(-1, shape[-1])
    rows, columns = min(flat.shape[0], MOST_ROWS), min(flat.shape[1], MOST_COLUMNS)
    parts = [
        block.tensor_split(_bounds(flat.shape[1], columns), 1)
        for block in flat.tensor_split(_bounds(flat.shape[0], rows))
    ]
    said = tuple("".join("0" if one.all() else "1" if one.any() else "2" for one in row) for row in parts)
    assert grid("y", right).rows == said


def _bounds(side: int, parts: int) -> tuple[int, ...]:
    return tuple(side * place // parts for place in range(1, parts))


@pytest.mark.parametrize("got", [1.5, math.nan, math.inf, -math.inf])
def test_the_first_of_many_that_is_close_is_the_one_that_one_by_one_finds(got: float) -> None:
    value = torch.tensor([[1.0, got, 3.0], [4.0, 5.0, 6.0]], dtype=torch.float32)
    wants = [
        value[0],  # another shape
        value + 1e-3,
        value.double() + 1e-6,
        torch.where(value == 3.0, math.inf, value),
        torch.full((2, 3), math.nan),
        value,
    ]
    one_by_one = [place for place, want in enumerate(wants) if expect.is_close(value, want, atol=1e-5, rtol=0.0)]
    assert expect.first_close(value, wants, atol=1e-5, rtol=0.0) == (one_by_one[0] if one_by_one else None)
    assert one_by_one == ([] if math.isnan(got) else [2, 5])
    assert expect.first_close(value[0, 0], [wants[1], torch.tensor(1)], atol=1e-5, rtol=0.0) == 1
    assert expect.first_close(value + 1j, wants, atol=1e-5, rtol=0.0) is None
