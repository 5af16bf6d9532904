"""When two saved models are two, and what is kept and flagged of models whose inputs are changed a little."""

import sys
from dataclasses import replace
from math import inf
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from autograder.checks.case import make_importable
from autograder.course.course import load_checks
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.gradebook import rows
from autograder.models.likeness import Likeness, distance_of, likeness
from autograder.models.measurement import Changed, Model, ModelScores

ROOT = project_root()
RULE = replace(load(ROOT)["assignment2"].model_questions["2-1-2"], keeps=80)
make_importable(ROOT / "tests")
load_checks(ROOT, "imdb")
load_checks(ROOT, "cifar10")
reviews, pictures = sys.modules["imdb_changes"], sys.modules["cifar10_changes"]


@pytest.mark.parametrize(
    ("distance", "differing", "examples", "expected"),
    [
        (0.003, 0, 25_000, Likeness.ONE),  # a copy
        (0.04, 900, 25_000, Likeness.ONE),  # with noise that changes answers
        (0.15, 240, 25_000, Likeness.ONE),
        (0.15, 260, 25_000, Likeness.DOUBTFUL),
        (0.9, 1250, 25_000, Likeness.TWO),
        (inf, 250, 25_000, Likeness.TWO),
        (inf, 249, 25_000, Likeness.ONE),  # the same answers from other shapes: filled up with zeros
        (1.2, 0, 200, Likeness.DOUBTFUL),  # few examples prove little
        (0.1, 0, 200, Likeness.ONE),
    ],
)
def test_two_models_differ_in_weights_and_answers(
    distance: float, differing: int, examples: int, expected: Likeness
) -> None:
    assert likeness(distance, differing, examples) is expected


def test_distance_is_relative_and_infinite_between_shapes(tmp_path: Path) -> None:
    def saved(name: str, **tensors: torch.Tensor) -> Path:
        save_file(tensors, tmp_path / name)
        return tmp_path / name

    one = saved("one", a=torch.full((2, 8), 3.0))
    assert distance_of(one, saved("twice", a=torch.full((2, 8), 6.0))) == pytest.approx(0.5)
    assert distance_of(one, saved("wrapped", **{"module._orig_mod.a": torch.full((2, 8), 3.0)})) == 0
    assert distance_of(one, saved("other", a=torch.ones(16))) == inf
    assert distance_of(one, saved("more", a=torch.full((2, 8), 3.0), b=torch.ones(1))) == inf


def scores(*models: Model) -> ModelScores:
    return ModelScores("2-1-2", models, 100, b"", 1)


def test_a_loss_on_changed_inputs_is_flagged_by_the_rule_as_it_is_now() -> None:
    table = Model("table", 99, changed=Changed(96, 50, 100), flags=("odd",))
    honest = Model("honest", 90, changed=Changed(90, 80, 100), flags=("odd",))
    flag = "table: 96.00 % right, 50.00 % once the inputs are changed a little"
    assert scores(table, honest, Model("bad", None, "is missing")).flags(RULE) == (
        "odd",
        f"{flag}; honest models keep 80 % of their right answers",
    )
    assert scores(table, honest).flags(replace(RULE, keeps=50)) == ("odd",)
    assert scores(table).flags(replace(RULE, keeps=0)) == ("odd",)


def test_scores_are_kept_with_what_changed_inputs_gave() -> None:
    kept = scores(Model("one", 90, changed=Changed(90, 80, 100), flags=("odd",)), Model("two", None, "is missing"))
    columns = rows.from_scores(kept)
    assert rows.to_scores(columns) == kept
    former = columns | {"models": '[["one", 90, ""], ["two", null, "is missing"]]'}
    assert rows.to_scores(former) == scores(Model("one", 90), Model("two", None, "is missing"))


def test_reviews_lose_their_ends_and_some_words_the_same_ones_each_time() -> None:
    words = [".", "a", "b", "c", "d", "e"]
    text = [1, 0, *[2, 3, 4, 5, 0] * 8, 1, 1, 0]
    numbered = np.full((50, 60), reviews.EMPTY, dtype=np.int32)
    numbered[:, : len(text)] = text
    numbered[0, 2:] = numbered[1, 5:] = numbered[2] = reviews.EMPTY  # one sentence, one and a half, none
    changed = reviews.changed(words, numbered)
    assert (changed == reviews.changed(words, numbered)).all()
    assert not (changed[3:] == 1).any()  # the first and the last sentence
    left = (changed[3:] != reviews.EMPTY).sum(1)
    assert left.min() >= 15 and 30 < left.mean() < 40
    unknown = (changed[3:] == reviews.UNKNOWN).sum() / left.sum()
    assert 0.03 < unknown < 0.07
    assert [(row != reviews.EMPTY).sum() for row in changed[:3]] == [2, 5, 0]
    assert len(reviews.rows_to_change(25_000)) == 5000 and len(reviews.rows_to_change(100)) == 100


def test_pictures_move_by_a_pixel_with_a_little_noise() -> None:
    images = np.zeros((400, 8, 8, 3), dtype=np.uint8)
    images[:, 4, 4] = 200
    changed = pictures.changed(images)
    assert (changed == pictures.changed(images)).all() and changed.dtype == np.uint8
    places = {divmod(int(one[..., 0].argmax()), 8) for one in changed}
    assert places == {(y, x) for y in (3, 4, 5) for x in (3, 4, 5)} - {(4, 4)}
    assert 0 < changed[:, 0, 0].astype(float).mean() < 4
    assert len(pictures.pictures_to_change(10_000)) == 5000
