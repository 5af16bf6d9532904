"""The torchtext stand-in: when it is used, and that it does what torchtext 0.18.0 was seen to do (tables below)."""

import importlib
import io
import json
import sys
import threading
import types
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import torch

import data
from autograder.checks.case import load_module
from data.fetch import DIRECTORY_VARIABLE

STAND_IN_VERSION = "0.18.0+standin"
TEXTS = ["the cat sat on the mat", "the dog sat on the log", "Zebra zebra <unk> the"]


@pytest.fixture(autouse=True)
def imports_of_its_own() -> Iterator[None]:
    """Every test starts without torchtext, and leaves the process as it was."""
    saved = {
        name: module for name, module in sys.modules.items() if name.partition(".")[0] in ("torchtext", "torchdata")
    }
    forget()
    yield
    forget()
    sys.modules.update(saved)


def forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in ("torchtext", "torchdata")]:
        del sys.modules[name]


@pytest.fixture
def torchtext() -> types.ModuleType:
    """The stand-in's package, whatever is installed here."""
    data._load_stand_in()
    return importlib.import_module("torchtext")


def package(folder: Path, files: dict[str, str]) -> None:
    """A torchtext, and a torchdata, of our making that can be imported from the folder."""
    for name, text in files.items():
        path = folder / name if name.startswith("torchdata") else folder / "torchtext" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


WORKING = {
    "__init__.py": "__version__ = '0.18.0'\ndef disable_torchtext_deprecation_warning(): pass",
    "vocab.py": "Vocab = vocab = build_vocab_from_iterator = 'real'",
    "data/__init__.py": "",
    "data/utils.py": "get_tokenizer = ngrams_iterator = 'real'",
    "data/functional.py": "to_map_style_dataset = 'real'",
    "datasets/__init__.py": "AG_NEWS = IMDB = 'real'",
    "torchdata/__init__.py": "",
    "torchdata/datapipes/__init__.py": "",
    "torchdata/datapipes/iter.py": "FileOpener = 'real'",
}


def test_working_torchtext_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, WORKING)
    monkeypatch.syspath_prepend(tmp_path)
    assert data.install_torchtext() == "0.18.0"
    assert importlib.import_module("torchtext.vocab").vocab == "real"


@pytest.mark.parametrize(
    "broken",
    [
        {"__init__.py": "raise OSError('undefined symbol: _ZN2at')"},
        {"__init__.py": "raise ImportError('no torchdata')"},
        {"__init__.py": "raise RuntimeError('operator torchtext::x does not exist')"},
        {"vocab.py": "import torch; torch.no_such_name"},
        {"vocab.py": "Vocab = build_vocab_from_iterator = 'too old to have vocab()'"},
        {"__init__.py": "__version__ = '0.15.0'"},
        {"datasets/__init__.py": "AG_NEWS = 'real'"},
        {"torchdata/datapipes/__init__.py": "raise ImportError('removed')"},
    ],
    ids=["OSError", "ImportError", "RuntimeError", "AttributeError", "too old", "no switch", "no IMDB", "no datapipes"],
)
def test_broken_torchtext_gives_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: dict[str, str]) -> None:
    package(tmp_path, {**WORKING, **broken})
    monkeypatch.syspath_prepend(tmp_path)
    assert data.install_torchtext() == STAND_IN_VERSION
    assert importlib.import_module("torchtext.vocab").vocab({"a": 1}).get_itos() == ["a"]


def test_installed_twice_is_installed_once(torchtext: types.ModuleType) -> None:
    assert data.install_torchtext() == data.install_torchtext() == STAND_IN_VERSION
    assert sys.modules["torchtext"] is torchtext


def test_threads_that_install_it_at_once_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "_works", lambda: False)
    load, half_loaded, versions = data._load_stand_in, threading.Event(), []

    def install_second() -> None:
        half_loaded.wait()
        versions.append(data.install_torchtext())

    def load_slowly() -> None:
        module = types.ModuleType("torchtext")  # as it is between its making and its code
        module.__file__ = str(data.STAND_IN / "__init__.py")
        sys.modules["torchtext"] = module
        half_loaded.set()
        other.join(0.5)
        load()

    monkeypatch.setattr(data, "_load_stand_in", load_slowly)
    other = threading.Thread(target=install_second)
    other.start()
    versions.append(data.install_torchtext())
    other.join()
    assert versions == [STAND_IN_VERSION] * 2


@pytest.mark.usefixtures("torchtext")
def test_the_ways_notebooks_import_it() -> None:
    names: dict[str, Any] = {}
    exec(
        "import torchtext, torchtext.data, torchtext.data.utils as utils, torchtext.vocab, torchtext.datasets\n"
        "from torchtext.datasets import AG_NEWS, IMDB\n"
        "from torchtext.data.utils import get_tokenizer, ngrams_iterator\n"
        "from torchtext.data.functional import to_map_style_dataset\n"
        "from torchtext.data import get_tokenizer, to_map_style_dataset\n"
        "from torchtext.vocab import Vocab, vocab, build_vocab_from_iterator\n"
        "torchtext.disable_torchtext_deprecation_warning()\n"
        "version = torchtext.__version__, torchtext.vocab.Vocab is Vocab, torchtext.data.utils is utils\n",
        names,
    )
    assert names["version"] == (STAND_IN_VERSION, True, True)


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("You can now install TorchText using pip!", "you can now install torchtext using pip !"),
        ("Wall St. Bears Back in the Black (Reuters)", "wall st . bears back in the black ( reuters )"),
        ("She said: \"it's 3.5%; don't!\"", "she said it ' s 3 . 5% don ' t !"),
        ("good<br /><br />bad<BR />x<br/>y", "good bad x<br/>y"),
        ("(a,b)?c;d:e", "( a , b ) ? c d e"),
        ("U.S.-based, $1,000.00...", "u . s . -based , $1 , 000 . 00 . . ."),
        ("  tabs\tand\nnew lines  ", "tabs and new lines"),
        ("안녕, 세계! “quotes” ’s", "안녕 , 세계 ! “quotes” ’s"),
        ("a-b_c/d & e@f.com", "a-b_c/d & e@f . com"),
        ("", ""),
        ("'", "'"),
    ],
)
def test_basic_english(torchtext: types.ModuleType, line: str, tokens: str) -> None:
    assert torchtext.data.get_tokenizer("basic_english")(line) == tokens.split()


def test_other_tokenizers(torchtext: types.ModuleType) -> None:
    get_tokenizer = torchtext.data.utils.get_tokenizer
    assert get_tokenizer(None)("Keeps Case, and commas") == ["Keeps", "Case,", "and", "commas"]
    assert get_tokenizer(len) is len
    with pytest.raises(ValueError, match="'spacy' is not known here"):
        get_tokenizer("spacy")
    with pytest.raises(ValueError, match="not for 'ko'"):
        get_tokenizer("basic_english", language="ko")


@pytest.mark.parametrize(
    ("ngrams", "more"),
    [
        (0, []),
        (1, []),
        (2, ["here we", "we are", "are now"]),
        (3, ["here we", "we are", "are now", "here we are", "we are now"]),
    ],
)
def test_ngrams(torchtext: types.ModuleType, ngrams: int, more: list[str]) -> None:
    words = ["here", "we", "are", "now"]
    assert list(torchtext.data.utils.ngrams_iterator(words, ngrams)) == words + more


@pytest.mark.parametrize(
    ("options", "tokens"),
    [
        ({}, "the on sat <unk> Zebra cat dog log mat zebra"),
        ({"specials": ["<unk>"]}, "<unk> the on sat Zebra cat dog log mat zebra"),
        ({"specials": ["<pad>", "<unk>"], "special_first": False, "min_freq": 2}, "the on sat <pad> <unk>"),
        ({"specials": ["<unk>", "the"], "max_tokens": 5}, "<unk> the on sat"),
        ({"min_freq": 2}, "the on sat"),
        ({"max_tokens": 3}, "the on sat"),
    ],
)
def test_vocabulary_order(torchtext: types.ModuleType, options: dict[str, Any], tokens: str) -> None:
    built = torchtext.vocab.build_vocab_from_iterator((text.split() for text in TEXTS), **options)
    assert built.get_itos() == tokens.split()
    assert built.get_stoi() == {token: index for index, token in enumerate(tokens.split())}


def test_specials_must_leave_room(torchtext: types.ModuleType) -> None:
    with pytest.raises(AssertionError, match="entirely special tokens"):
        torchtext.vocab.build_vocab_from_iterator([["a"]], specials=["<unk>", "<pad>"], max_tokens=2)


def test_vocabulary_of_a_dictionary_keeps_its_order(torchtext: types.ModuleType) -> None:
    frequencies = {"c": 1, "a": 5, "b": 2}
    assert torchtext.vocab.vocab(frequencies).get_itos() == ["c", "a", "b"]
    assert torchtext.vocab.vocab(frequencies, min_freq=2, specials=["b", "x"]).get_itos() == ["b", "x", "a"]


def test_lookups(torchtext: types.ModuleType) -> None:
    words = torchtext.vocab.vocab({"a": 1, "b": 1}, specials=["<unk>"])
    assert issubclass(type(words), torch.nn.Module)
    assert (len(words), "a" in words, "c" in words) == (3, True, False)
    assert words["b"] == 2
    assert words(["b", "a"]) == words.lookup_indices(["b", "a"]) == [2, 1]
    assert words.lookup_token(0) == "<unk>"
    assert words.lookup_tokens([2, 1]) == ["b", "a"]
    words.get_itos().clear()
    words.get_stoi().clear()
    assert len(words.get_itos()) == len(words.get_stoi()) == 3


def test_default_index(torchtext: types.ModuleType) -> None:
    words = torchtext.vocab.vocab({"a": 1}, specials=["<unk>"])
    assert words.get_default_index() is None
    with pytest.raises(RuntimeError, match="Token c not found and default index is not set"):
        words["c"]
    with pytest.raises(RuntimeError, match="default index is not set"):
        words(["a", "c"])
    words.set_default_index(words["<unk>"])
    assert words.get_default_index() == 0
    assert words(["a", "c"]) == [1, 0]
    words.set_default_index(None)
    with pytest.raises(RuntimeError, match="default index is not set"):
        words["c"]


def test_adding_tokens(torchtext: types.ModuleType) -> None:
    words = torchtext.vocab.vocab({"a": 1, "b": 1})
    words.insert_token("first", 0)
    words.append_token("last")
    assert words.get_itos() == ["first", "a", "b", "last"]
    assert words(["last", "b", "a", "first"]) == [3, 2, 1, 0]
    with pytest.raises(RuntimeError, match="Token a already exists in the Vocab with index: 1"):
        words.append_token("a")
    with pytest.raises(RuntimeError, match="index 9 is out of bounds for vocab of size 4"):
        words.insert_token("x", 9)


def test_refused_tokens_and_indices(torchtext: types.ModuleType) -> None:
    with pytest.raises(RuntimeError, match="Duplicate token found in tokens list: a"):
        torchtext.vocab.vocab({"b": 1}, specials=["a", "a"])
    with pytest.raises(TypeError, match="a token is a str, not int"):
        torchtext.vocab.Vocab([1])
    words = torchtext.vocab.vocab({"a": 1})
    with pytest.raises(TypeError, match="a token is a str, not int"):
        words[0]
    with pytest.raises(TypeError, match="a list of tokens is expected"):
        words("a")
    for index in (-1, 1):
        with pytest.raises(RuntimeError, match=f"index {index} is out of bounds for vocab of size 1"):
            words.lookup_token(index)


def test_vocabulary_can_be_saved_whole(torchtext: types.ModuleType) -> None:
    file = io.BytesIO()
    torch.save(torchtext.vocab.vocab({"a": 1}, specials=["<unk>"]), file)
    file.seek(0)
    assert torch.load(file, weights_only=False).get_itos() == ["<unk>", "a"]


def test_map_style_dataset(torchtext: types.ModuleType) -> None:
    dataset = torchtext.data.to_map_style_dataset((label, text) for label, text in enumerate(TEXTS))
    assert issubclass(type(dataset), torch.utils.data.Dataset)
    assert (len(dataset), dataset[1]) == (3, (1, TEXTS[1]))
    with pytest.raises(IndexError):
        dataset[3]


# --- data sets ---


@pytest.fixture
def samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """The samples are the named data directory, and a download would fail the test."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a download was attempted")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(data.SAMPLES))


@pytest.mark.usefixtures("samples")
def test_news_are_those_of_our_loader(torchtext: types.ModuleType) -> None:
    rows = torchtext.datasets.AG_NEWS(root=".data", split="train")
    assert list(rows) == list(rows) == data.load_ag_news("train")
    assert {label for label, _ in rows} == {1, 2, 3, 4}


@pytest.mark.usefixtures("samples")
def test_reviews_have_labels_1_and_2(torchtext: types.ModuleType) -> None:
    rows = list(torchtext.datasets.IMDB(split="test"))
    assert rows == [(label + 1, text) for label, text in data.load_imdb("test")]
    assert {label for label, _ in rows} == {1, 2}


@pytest.mark.parametrize("name", ["AG_NEWS", "IMDB"])
@pytest.mark.usefixtures("samples")
def test_splits(torchtext: types.ModuleType, name: str) -> None:
    dataset = getattr(torchtext.datasets, name)
    train, test = dataset()
    (only,) = dataset(".data", ("test",))
    assert list(only) == list(test) == list(dataset(split="test")) != list(train)
    with pytest.raises(TypeError, match=f"'valid'.* not supported for dataset {name}"):
        dataset(split="valid")


@pytest.mark.usefixtures("samples")
def test_two_passes_at_once_do_not_disturb_each_other(torchtext: types.ModuleType) -> None:
    rows = torchtext.datasets.AG_NEWS(split="test")
    first, second = iter(rows), iter(rows)
    assert next(first) == next(second) and next(first) != next(iter(rows))


@pytest.mark.usefixtures("samples")
def test_data_sets_go_into_loaders(torchtext: types.ModuleType) -> None:
    rows = torchtext.datasets.AG_NEWS(split="test")
    labels, texts = next(iter(torch.utils.data.DataLoader(rows, batch_size=3)))
    assert labels.tolist() == [label for label, _ in list(rows)[:3]] and len(texts) == 3
    assert len(torchtext.data.to_map_style_dataset(rows)) == len(data.load_ag_news("test"))


def test_root_is_where_downloads_go(
    torchtext: types.ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DIRECTORY_VARIABLE, raising=False)
    (tmp_path / "imdb").mkdir()
    (tmp_path / "imdb" / "train.csv").write_text("0,bad\n")
    assert list(torchtext.datasets.IMDB(root=tmp_path, split="train")) == [(1, "bad")]


def test_nothing_is_read_before_it_is_wanted(
    torchtext: types.ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(tmp_path))
    rows = torchtext.datasets.AG_NEWS(split="train")
    with pytest.raises(data.MissingData, match=f"ag_news/train.csv is missing; looked in {tmp_path}"):
        iter(rows)


# --- the recorded fuzz ---


@pytest.mark.usefixtures("torchtext")
def test_recorded_results_are_repeated() -> None:
    recording = load_module(Path(__file__).with_name("torchtext_recording.py"), "torchtext_recording")
    recorded = json.loads(recording.FILE.read_text(encoding="utf-8"))
    assert recorded["inputs"] == recording.inputs()
    got = json.loads(json.dumps(recording.outputs(recorded["inputs"])))
    for kind, given in recorded["inputs"].items():
        for one, want, have in zip(given, recorded["outputs"][kind], got[kind], strict=True):
            assert have == want, one
