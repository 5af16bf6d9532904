"""Cases survive their files; recipes are reproducible; streams differ by seed."""

from pathlib import Path

import pytest
import torch

from autograder.checks.case import PUBLIC_SEED, Case, Recipe, collect_recipes, load_cases, mistake_key, recipe
from autograder.checks.rng import Rng


@recipe("doubling", sizes=[{"batch": 2, "window": (3, 5)}])
def doubling(rng: Rng, batch: int, window: tuple[int, int]) -> Case:
    x = rng.normal(batch, *window)
    return Case(inputs=(x, window, "text"), outputs={"y": 2 * x}, mistakes={"tripled": {"y": 3 * x}})


RECIPE: Recipe = doubling.recipe  # type: ignore[attr-defined]


def test_a_case_survives_its_file(tmp_path: Path) -> None:
    (case,) = RECIPE.cases(PUBLIC_SEED)
    case.save(tmp_path / f"{case.name}.safetensors")
    (loaded,) = load_cases(tmp_path)
    assert loaded.name == "batch2-window_3__5" and loaded.sizes == {"batch": 2, "window": (3, 5)}
    assert torch.equal(loaded.inputs[0], case.inputs[0]) and loaded.inputs[1:] == ((3, 5), "text")
    assert torch.equal(loaded.outputs["y"], case.outputs["y"])
    assert torch.equal(loaded.mistakes["tripled"]["y"], case.mistakes["tripled"]["y"])
    assert not loaded.secret and "public case (batch 2" in str(loaded)


def test_a_case_may_hold_one_tensor_twice() -> None:
    shared = torch.arange(6.0).view(2, 3)
    case = Case((shared,), {"output": shared}, {"transposed": {"output": shared.T}})
    again = Case.from_bytes(case.to_bytes(), "case_000")
    assert torch.equal(again.outputs["output"], shared)
    assert torch.equal(again.mistakes["transposed"]["output"], shared.T)


def test_the_same_seed_repeats_and_another_differs() -> None:
    (one,), (again,), (other,) = RECIPE.cases(5), RECIPE.cases(5), RECIPE.cases(6)
    assert torch.equal(one.inputs[0], again.inputs[0]) and not torch.equal(one.inputs[0], other.inputs[0])
    assert one.secret and str(one).startswith("secret case")


def test_a_folder_without_cases_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="autograder cases"):
        load_cases(tmp_path)


def test_recipes_are_collected_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "topic.py"
    path.write_text(
        "from autograder.checks.case import Case, recipe\n"
        "@recipe('twice', sizes=[{'n': 1}])\n"
        "def twice(rng, n): return Case(inputs=(n,))\n"
    )
    assert list(collect_recipes(path)) == ["twice"]


def test_random_tensors_have_the_asked_shape_range_and_type() -> None:
    rng = Rng("a test")
    print(rng)
    assert rng.normal(2, 3, dtype=torch.float64).dtype == torch.float64
    uniform = rng.uniform(1000, low=2, high=3)
    assert uniform.min() >= 2 and uniform.max() < 3 and uniform.std() > 0.2
    integers = rng.integers(4, 7, 1000)
    assert set(integers.tolist()) == {4, 5, 6} and integers.dtype == torch.int64
    assert rng.normal().shape == () and str(rng) == "Rng(a test)"


def test_a_permutation_moves_something() -> None:
    orders = [Rng("order", seed).permutation(2).tolist() for seed in range(8)]
    assert orders == [[1, 0]] * 8
    assert Rng("order").permutation(1).tolist() == [0]


def test_forks_are_independent_and_repeatable() -> None:
    assert torch.equal(Rng(1).fork("a").normal(4), Rng(1).fork("a").normal(4))
    assert not torch.equal(Rng(1).fork("a").normal(4), Rng(1).fork("b").normal(4))


@pytest.mark.parametrize(
    ("mistakes", "variant", "key"),
    [
        (("a",), "", "a"),
        (("a", "", "b"), "", "a + b"),
        (("a", "b"), "x", "a + b | x"),
        (("a | early", "b"), "", "a + b | early"),
        (("a | early", "b | left"), "x", "a + b | early, left, x"),
        (("", ""), "", ""),
    ],
)
def test_several_mistakes_share_one_bar(mistakes: tuple[str, ...], variant: str, key: str) -> None:
    assert mistake_key(*mistakes, variant=variant) == key
