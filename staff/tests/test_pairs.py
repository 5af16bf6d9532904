"""The sentence pairs and vocabularies of the seq2seq notebook: `data.data`."""

from pathlib import Path
from typing import Any

import pytest

import data

SUBJECTS = {"I": ("am", "'m"), "He": ("is", "'s"), "She": ("is", "'s")}
SUBJECTS |= dict.fromkeys(("You", "We", "They"), ("are", "'re"))
BEGINNINGS = [begin for one, (verb, short) in SUBJECTS.items() for begin in (f"{one} {verb}", f"{one}{short}")]
BEGINNINGS.append("HE ISN'T")


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("I'm OK.", "i m ok ."),
        ("  Va\u202f! ", "va !"),
        ("Où êtes-vous ?", "ou etes vous ?"),
        ("J'ai 19 ans...", "j ai ans . . ."),
        ("«\xa0Quoi?!\xa0»", "quoi ? !"),
        ("ÀÇÑ", "acn"),
        ("42", ""),
    ],
)
def test_normalize(text: str, normal: str) -> None:
    assert data.data.normalize(text) == normal


def write_pairs(folder: Path, *pairs: tuple[str, str]) -> None:
    text = "".join(f"{english}\t{french}\n" for english, french in pairs)
    (folder / "eng-fra.txt").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "beginning",
    BEGINNINGS,
)
def test_beginnings_that_are_kept(tmp_path: Path, beginning: str) -> None:
    write_pairs(tmp_path, (f"{beginning} here.", "Oui."))
    assert len(data.prepareData("eng", "fra", 10, True, tmp_path)[2]) == 1


@pytest.mark.parametrize("text", ["I amuse.", "I was.", "He said.", "She sang.", "It is.", "You rest.", "Go. I am."])
def test_beginnings_that_are_not_kept(tmp_path: Path, text: str) -> None:
    write_pairs(tmp_path, (text, "Oui."))
    assert data.prepareData("eng", "fra", 10, True, tmp_path)[2] == []


def test_fewer_tokens_than_the_maximum_on_both_sides_with_punctuation(tmp_path: Path) -> None:
    nine, ten = "I am" + " a" * 6, "I am" + " a" * 7
    write_pairs(tmp_path, (f"{nine}.", "Oui."), (f"{ten}.", "Non."), ("I'm.", "b " * 8 + "!"), ("I'm.", "b " * 9 + "!"))
    kept = [[f"{nine.lower()} .", "oui ."], ["i m .", "b " * 8 + "!"]]
    assert data.prepareData("eng", "fra", 10, directory=tmp_path)[2] == kept
    assert data.prepareData("eng", "fra", directory=tmp_path)[2] == kept
    assert len(data.prepareData("eng", "fra", 11, directory=tmp_path)[2]) == 4
    assert data.prepareData("eng", "fra", 4, directory=tmp_path)[2] == []


def test_vocabularies_of_both_directions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_pairs(tmp_path, ("I'm cold.", "J'ai froid."), ("I am cold.", "J'ai froid."), ("Run!", "Cours !"))
    source, target, pairs = data.prepareData("eng", "fra", 10, True, tmp_path)
    assert pairs == [["j ai froid .", "i m cold ."], ["j ai froid .", "i am cold ."]]
    assert (source.name, target.name, source.n_words, target.n_words) == ("fra", "eng", 7, 8)
    assert source.index2word == {0: "SOS", 1: "EOS", 2: "PAD", 3: "j", 4: "ai", 5: "froid", 6: "."}
    assert target.word2index == {"i": 3, "m": 4, "cold": 5, ".": 6, "am": 7}
    assert target.word2count == {"i": 2, "m": 1, "cold": 2, ".": 2, "am": 1}
    assert capsys.readouterr().out == "3 sentence pairs, 2 kept; words: 7 fra, 8 eng\n"
    source, target, pairs = data.prepareData("eng", "fra", 10, False, tmp_path)
    assert (source.name, target.name, pairs[0]) == ("eng", "fra", ["i m cold .", "j ai froid ."])


def test_a_word_that_is_named_like_a_special_token_is_a_word() -> None:
    language = data.Lang("eng")
    language.addSentence("SOS PAD SOS")
    assert (data.SOS_token, data.EOS_token, data.PAD_token) == (0, 1, 2)
    assert (language.word2index, language.n_words) == ({"SOS": 3, "PAD": 4}, 5)


def test_other_languages() -> None:
    with pytest.raises(ValueError, match="there are pairs of 'eng' and 'fra' only, not of 'fra' and 'eng'"):
        data.prepareData("fra", "eng")


def test_the_ways_notebooks_import_it() -> None:
    names: dict[str, Any] = {}
    exec("from data.data import *\nfrom data.data import Lang, prepareData as one\nfrom data import prepareData", names)
    assert names["one"] is names["prepareData"] is data.prepareData and {"SOS_token", "Lang", "MAX_LENGTH"} <= set(
        names
    )
