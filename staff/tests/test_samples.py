"""The samples that the project ships: generated as the committed script does it, learnable, small, and attributed."""

import math
import types
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import data
from autograder.checks.case import load_module
from data.data import is_kept, normalize
from data.torchtext.data.utils import get_tokenizer

ROOT = Path(__file__).parents[2]
CSV_FILES = ("ag_news/train.csv", "ag_news/test.csv", "imdb/train.csv", "imdb/test.csv")


@pytest.fixture(scope="module")
def make() -> types.ModuleType:
    return load_module(ROOT / "staff" / "samples" / "make.py", "make_samples")


def test_the_script_makes_what_is_shipped(
    make: types.ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["make.py", str(tmp_path)])
    make.main()
    for file in CSV_FILES:
        assert (tmp_path / file).read_bytes() == (data.SAMPLES / file).read_bytes(), file
    for split in ("train", "test"):
        made, shipped = data.load_cifar10(split, tmp_path), data.load_cifar10(split, data.SAMPLES)
        assert np.array_equal(made[0], shipped[0]) and np.array_equal(made[1], shipped[1])
    assert not (tmp_path / "eng-fra.txt").exists()


def test_the_excerpt_holds_frequent_words_as_they_were_written(
    make: types.ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "PAIRS", 2)
    frequent = ["I'm cold.\tJ'ai froid.", "I am cold.\tJ'ai froid."]
    rare = ["I'm Tom.\tMoi, Tom.", "I am Ann.\tJ'ai mal.", "I'M COLD.\tJ'ai froid.", "Cold.\tFroid."]
    lines = [rare[3], frequent[0], *rare[:3], frequent[1]]
    (tmp_path / "all.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["make.py", str(tmp_path / "out"), "--eng-fra", str(tmp_path / "all.txt")])
    make.main()
    assert (tmp_path / "out" / "eng-fra.txt").read_text(encoding="utf-8").splitlines() == frequent


@pytest.mark.parametrize(("load", "labels"), [(data.load_ag_news, {1, 2, 3, 4}), (data.load_imdb, {0, 1})])
def test_texts_are_learnable_and_say_that_they_are_generated(
    load: Callable[..., list[tuple[int, str]]], labels: set[int]
) -> None:
    """Naive Bayes on words, the simplest of classifiers, tells the classes apart."""
    train, test = load("train", data.SAMPLES), load("test", data.SAMPLES)
    assert all("generated" in text.lower() for _, text in train + test)
    assert not {text for _, text in train} & {text for _, text in test}
    tokenize = get_tokenizer("basic_english")
    counts = {
        label: Counter(word for one, text in train if one == label for word in tokenize(text)) for label in labels
    }
    totals = {label: sum(counts[label].values()) for label in labels}

    def guess(text: str) -> int:
        words = tokenize(text)
        return max(labels, key=lambda one: sum(math.log((counts[one][word] + 1) / totals[one]) for word in words))

    right = sum(guess(text) == label for label, text in test) / len(test)
    assert right > 0.9
    assert len(set(Counter(label for label, _ in train).values())) == 1


def test_pictures_are_learnable() -> None:
    """The nearest picture of the training set has the label of most test pictures; chance would be one in ten."""
    images, labels = data.load_cifar10("train", data.SAMPLES)
    unseen, wanted = data.load_cifar10("test", data.SAMPLES)
    known, asked = (
        images.reshape(len(images), -1).astype(np.float32),
        unseen.reshape(len(unseen), -1).astype(np.float32),
    )
    distances = (known**2).sum(1) - 2 * asked @ known.T
    assert (labels[distances.argmin(1)] == wanted).mean() > 0.6
    assert set(Counter(labels.tolist()).values()) == {100}


def test_pairs_are_real_ones_that_the_notebook_keeps() -> None:
    pairs = [(normalize(english), normalize(french)) for english, french in data.load_eng_fra(data.SAMPLES)]
    assert len(pairs) == len(set(pairs)) == 2000
    assert all(is_kept(english, french, 10) for english, french in pairs)
    counts = [Counter(word for pair in pairs for word in pair[side].split()) for side in (0, 1)]
    assert all(len(count) < 400 for count in counts)


def test_the_folder_is_small_explained_and_attributed() -> None:
    files = [path for path in data.SAMPLES.rglob("*") if path.is_file()]
    assert {str(path.relative_to(data.SAMPLES)) for path in files} == {
        *CSV_FILES,
        "ATTRIBUTION.md",
        "README.md",
        "cifar10.npz",
        "eng-fra.txt",
    }
    assert sum(path.stat().st_size for path in files) < 1_500_000
    attribution = (data.SAMPLES / "ATTRIBUTION.md").read_text(encoding="utf-8")
    for words in (
        "tatoeba.org",
        "manythings.org/anki",
        "creativecommons.org/licenses/by/2.0",
        "2,000 of 142,787 pairs",
    ):
        assert words in attribution
    assert (data.SAMPLES / "README.md").read_text(encoding="utf-8").count("**generated**") == 3
