"""The loaders of `data/`: where they look, what they say when a file is missing, and what they read."""

import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

import data
from data import ag_news, cifar10, eng_fra, fetch, imdb
from data.__main__ import DATA_SETS as COMMANDS

DATA_SETS = (ag_news.AG_NEWS, imdb.IMDB, eng_fra.ENG_FRA, cifar10.CIFAR10)
LOADERS: dict[str, Callable[..., Any]] = {
    "ag_news": lambda **where: data.load_ag_news("test", **where),
    "imdb": lambda **where: data.load_imdb("test", **where),
    "eng-fra": lambda **where: data.load_eng_fra(**where),
    "cifar10": lambda **where: data.load_cifar10("test", **where),
}
FILES = {"ag_news": "ag_news/test.csv", "imdb": "imdb/test.csv", "eng-fra": "eng-fra.txt", "cifar10": "cifar10.npz"}


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(fetch.DIRECTORY_VARIABLE, raising=False)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any attempt to download fails the test: AssertionError is nothing that the loaders catch."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a download was attempted")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every download fails as it does without internet."""

    def fail(*_: object, **__: object) -> NoReturn:
        raise OSError("no route to host")

    monkeypatch.setattr(urllib.request, "urlopen", fail)


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


# --- where they look ---


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.usefixtures("no_network")
def test_a_named_directory_is_read_without_network(name: str) -> None:
    assert len(LOADERS[name](directory=data.SAMPLES)) > 0


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize("how", ["argument", "use_directory", "variable"])
@pytest.mark.usefixtures("no_network")
def test_a_file_missing_from_the_named_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, how: str
) -> None:
    if how == "use_directory":
        monkeypatch.setenv(fetch.DIRECTORY_VARIABLE, "")  # so that it is restored afterwards
        data.use_directory(tmp_path)
    if how == "variable":
        monkeypatch.setenv(fetch.DIRECTORY_VARIABLE, str(tmp_path))
    with pytest.raises(data.MissingData) as caught:
        LOADERS[name](**({"directory": tmp_path} if how == "argument" else {}))
    assert str(caught.value) == (
        f"{FILES[name]} is missing; looked in {tmp_path}\n"
        f"To get it, in the folder {Path(data.__file__).parents[1]}: python -m data {tmp_path} {name}"
    )


@pytest.mark.usefixtures("no_network")
def test_the_argument_wins_over_the_named_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(fetch.DIRECTORY_VARIABLE, "/nowhere")
    put(tmp_path, {"eng-fra.txt": "Go.\tVa !\n"})
    assert data.load_eng_fra(directory=tmp_path) == [("Go.", "Va !")]


@pytest.mark.usefixtures("no_network")
def test_a_named_directory_stays_named_when_the_folder_changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(fetch.DIRECTORY_VARIABLE, "")
    put(tmp_path, {"real/eng-fra.txt": "Go.\tVa !\n"})
    monkeypatch.chdir(tmp_path)
    data.use_directory("real")
    monkeypatch.chdir("/")
    assert data.load_eng_fra() == [("Go.", "Va !")]
    data.use_directory(None)
    with pytest.raises(AssertionError, match="a download was attempted"):
        data.load_eng_fra(downloads=tmp_path / "empty")


@pytest.mark.usefixtures("no_network")
def test_what_was_downloaded_is_not_downloaded_again(tmp_path: Path) -> None:
    put(tmp_path, {"eng-fra.txt": "Go.\tVa !\n"})
    assert data.load_eng_fra(downloads=tmp_path) == [("Go.", "Va !")]


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.usefixtures("offline")
def test_offline_the_sample_is_used_and_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.warns(UserWarning, match=f"{name} is NOT the real data set") as warned:
        got = LOADERS[name](downloads=tmp_path)
    want = LOADERS[name](directory=data.SAMPLES)
    assert all(np.array_equal(one, other) for one, other in zip(got, want, strict=True))
    printed = capsys.readouterr().out
    assert printed.startswith(f"WARNING: {name} is NOT the real data set: ") and printed.count("\n") == 1
    assert "no route to host" in printed and ("GENERATED" in printed) == (name != "eng-fra")
    assert f"python -m data {tmp_path} {name}" in str(warned[0].message)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_network")
def test_a_folder_for_downloads_that_cannot_be_made_leads_to_the_sample(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.warns(UserWarning, match="NotADirectoryError"):
        data.load_eng_fra(downloads=tmp_path / "file" / "folder")


@pytest.mark.usefixtures("offline")
def test_without_the_sample_both_folders_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "SAMPLES", tmp_path / "samples")
    with pytest.raises(data.MissingData) as caught:
        data.load_eng_fra(downloads=tmp_path / "downloads")
    assert f"looked in {tmp_path / 'downloads'} and {tmp_path / 'samples'}\n" in str(caught.value)
    assert "no route to host" in str(caught.value) and "python -m data" in str(caught.value)


# --- what they read ---


def test_columns_are_joined_and_a_header_is_left_out(tmp_path: Path) -> None:
    put(tmp_path, {"ag_news/train.csv": 'label,title,description\n3,"A ""b"", c",d\n4,,only this\n1,é,"two\nlines"\n'})
    assert data.load_ag_news("train", tmp_path) == [(3, 'A "b", c d'), (4, "only this"), (1, "é two\nlines")]


def test_canonical_files_have_no_header(tmp_path: Path) -> None:
    put(tmp_path, {"ag_news/test.csv": '"3","Title","Text \\$5"\n', "imdb/train.csv": "1,label\n0,bad<br />film\n"})
    assert data.load_ag_news("test", tmp_path) == [(3, "Title Text \\$5")]
    assert data.load_imdb("train", tmp_path) == [(1, "label"), (0, "bad<br />film")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1,good\n2,label of torchtext\n", r"line 2: expected 2 columns, the first a label of \[0, 1\], got \['2'"),
        ("label,text\n1,good\nlabel,text\n", "line 3: expected 2 columns"),
        ("1,good,more\n", "line 1: expected 2 columns"),
        ("\n1,good\n", r"line 1: .* got \[\]"),
        ("-1,good\n", "line 1: "),
        (f"1,{'x' * 200_000}\n", r"line \d: field larger than field limit"),
        ("label,text\n", "holds no rows"),
        ("", "holds no rows"),
    ],
)
def test_damaged_rows(tmp_path: Path, text: str, says: str) -> None:
    put(tmp_path, {"imdb/train.csv": text})
    with pytest.raises(ValueError, match=says) as caught:
        data.load_imdb("train", tmp_path)
    assert str(tmp_path / "imdb" / "train.csv") in str(caught.value)


@pytest.mark.parametrize("load", [data.load_ag_news, data.load_imdb, data.load_cifar10])
@pytest.mark.usefixtures("no_network")
def test_unknown_split(load: Callable[[str], object]) -> None:
    with pytest.raises(ValueError, match=r"split is one of \('train', 'test'\), not 'valid'"):
        load("valid")


def test_pairs_are_read_as_they_are_written(tmp_path: Path) -> None:
    put(tmp_path, {"eng-fra.txt": "Go.\tVa\u202f!\tsomebody (CC-BY)\r\nA\u2028b\tÀ\n"})
    assert data.load_eng_fra(tmp_path) == [("Go.", "Va\u202f!"), ("A\u2028b", "À")]


@pytest.mark.parametrize(("text", "says"), [("a\tb\nno tab\n", "line 2: .* got 'no tab'"), ("", "holds no pairs")])
def test_damaged_pairs(tmp_path: Path, text: str, says: str) -> None:
    put(tmp_path, {"eng-fra.txt": text})
    with pytest.raises(ValueError, match=says):
        data.load_eng_fra(tmp_path)


def save_pictures(folder: Path, **changed: np.ndarray) -> None:
    arrays: dict[str, Any] = {"x_test": np.zeros((3, 32, 32, 3), np.uint8), "y_test": np.arange(3, dtype=np.uint8)}
    np.savez(folder / "cifar10.npz", **arrays | changed)


def test_pictures_have_labels_for_torch(tmp_path: Path) -> None:
    save_pictures(tmp_path)
    images, labels = data.load_cifar10("test", tmp_path)
    assert (images.shape, labels.tolist()) == ((3, 32, 32, 3), [0, 1, 2])
    assert images.dtype == np.uint8 and labels.dtype == np.int64


@pytest.mark.parametrize(
    "changed",
    [
        {"x_test": np.zeros((3, 3, 32, 32), np.uint8)},
        {"x_test": np.zeros((3, 32, 32, 3))},
        {"y_test": np.zeros(2, int)},
        {"y_test": np.array([None, 1, 2])},
    ],
    ids=["channels first", "float", "too few labels", "pickled"],
)
def test_damaged_pictures(tmp_path: Path, changed: dict[str, np.ndarray]) -> None:
    save_pictures(tmp_path, **changed)
    with pytest.raises(ValueError, match=r"cifar10\.npz"):
        data.load_cifar10("test", tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 truncated", b"no archive"])
def test_a_file_that_is_no_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cifar10.npz").write_bytes(content)
    with pytest.raises(ValueError, match="does not hold the arrays x_train and y_train"):
        data.load_cifar10("train", tmp_path)


def test_every_data_set_can_be_downloaded_by_name() -> None:
    assert list(COMMANDS) == [one.name for one in DATA_SETS] == list(LOADERS)
    assert all(FILES[one.name] in one.files for one in DATA_SETS)
