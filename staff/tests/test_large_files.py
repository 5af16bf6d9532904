"""Saved models of up to 512 MiB are read piece by piece, from every kind of archive."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from large_models import PACKERS, random_file, tar_of, zip_of
from packers import ASSIGNMENT2, zipped

from autograder.course.sizes import MAX_TOTAL, MIB
from autograder.intake import wrapping
from autograder.intake.digests import digest_of
from autograder.intake.source import source_at
from autograder.models.reading import take_models
from autograder.models.saved_files import SavedFile, save_models
from autograder.sandbox import reader as reader_module
from autograder.sandbox.reader import Readers

FOLDER = "model_checkpoints/assignment2-1-2"
NAME = f"{FOLDER}/wide.pt"
SLOW_LAST = [PACKERS[0], PACKERS[2], pytest.param(*PACKERS[1], marks=pytest.mark.nightly)]


def taken(path: Path, to: Path, mib: int = 512) -> SavedFile:
    to.mkdir()
    with Readers([path], [take_models.__module__]) as readers:
        return take_models(readers, source_at(path, ASSIGNMENT2), {FOLDER: mib}, to)[FOLDER]["wide.pt"]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_file(tmp_path_factory.mktemp("large") / "file", 500)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "pack"), [PACKERS[0], pytest.param(*PACKERS[1], marks=pytest.mark.nightly), PACKERS[2]]
)
def test_a_file_of_500_mib_is_taken_out_with_little_memory(
    tmp_path: Path, large: Path, monkeypatch: pytest.MonkeyPatch, name: str, pack: Callable[..., Path]
) -> None:
    monkeypatch.setattr(reader_module, "MEMORY_MIB", 400)  # less than the file has
    found = taken(pack(tmp_path / name, {NAME: large}), tmp_path / "to")
    assert found.problem == "" and found.path is not None and digest_of(found.path) == digest_of(large)


@pytest.mark.nightly
def test_a_large_archive_in_another_one_is_opened(tmp_path: Path, large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "MEMORY_MIB", 400)
    inner = zip_of(tmp_path / "inner.zip", {NAME: large})
    found = taken(tar_of(tmp_path / "2024-20001.tar.gz", {"2024-20001.zip": inner}), tmp_path / "to")
    assert found.path is not None and found.path.stat().st_size == 500 * MIB


def test_an_archive_that_grows_in_another_one_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = zipped(tmp_path / "inner.zip", {NAME: bytes(MIB)}, zipfile.ZIP_STORED).read_bytes()
    bomb = zipped(tmp_path / "2024-20001.zip", {"x.zip": inner})
    plain = zipped(tmp_path / "2024-20002.zip", {"x.zip": inner}, zipfile.ZIP_STORED)
    assert all(save_models(path, {FOLDER: 512}, tmp_path)[FOLDER] for path in (bomb, plain))
    monkeypatch.setattr(wrapping, "INNER_MATTERS_FROM", MIB // 2)
    assert save_models(bomb, {FOLDER: 512}, tmp_path)[FOLDER] == {}
    assert list(save_models(plain, {FOLDER: 512}, tmp_path)[FOLDER]) == ["wide.pt"]


@pytest.mark.parametrize(("name", "pack"), PACKERS)
def test_a_file_that_is_too_large_leaves_nothing(tmp_path: Path, name: str, pack: Callable[..., Path]) -> None:
    found = taken(pack(tmp_path / name, {NAME: random_file(tmp_path / "file", 3)}), tmp_path / "to", mib=2)
    assert found == SavedFile(None, "is larger than 2 MiB and was not read")
    assert not list((tmp_path / "to").iterdir())


def test_how_much_is_to_be_read(tmp_path: Path) -> None:
    def size(path: Path) -> int:
        return source_at(path, ASSIGNMENT2).size

    file = random_file(tmp_path / "file", 2)
    assert 2 * MIB <= size(file) < 3 * MIB
    (tmp_path / "link").symlink_to(file)
    assert size(tmp_path / "link") == size(file)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "one").hardlink_to(file)
    (folder / "link").symlink_to(file)  # nobody follows it
    with (folder / "hole").open("wb") as hole:
        hole.truncate(2 * MAX_TOTAL)
    assert size(file) <= size(folder) < 3 * MIB
    assert size(tmp_path / "nowhere") == 0
