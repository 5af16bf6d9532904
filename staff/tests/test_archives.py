"""Archives of every format, in one another and damaged at random, are read or say why they are not."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packers import HW4, NOTEBOOKS, PACKERS, kinds, read, tarred, unpacked, zipped

from autograder.intake import wrapping
from autograder.intake.submission import SubmissionState
from autograder.models.saved_files import save_models
from autograder.notebook.repair import Kind

# Formats


def test_the_content_decides_what_an_archive_is(tmp_path: Path) -> None:
    found = read(zipped(tmp_path / "2024-20001.tar.gz", NOTEBOOKS), HW4)
    assert found.notebooks == NOTEBOOKS
    assert "the archive is called '2024-20001.tar.gz' but is a zip archive; it was read as one" in found.notes
    found = read(tarred(tmp_path / "2024-20001.zip", NOTEBOOKS))
    assert found.notebooks == NOTEBOOKS
    assert found.notes == ["the archive is called '2024-20001.zip' but is a tar.gz archive; it was read as one"]


def test_a_bare_notebook_is_graded(tmp_path: Path) -> None:
    path = tmp_path / "hw4_vit.ipynb"
    path.write_bytes(b"\xef\xbb\xbf {}")
    found = read(path)
    assert found.notebooks == {"hw4_vit.ipynb": b"\xef\xbb\xbf {}"}
    assert "a notebook without an archive around it; expected <student ID>.zip" in found.notes


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "it is empty (0 bytes)"),
        (b"I forgot to attach it", "it is no archive"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "it is a 7z archive"),
        (b"Rar!\x1a\x07\x01\0", "it is a rar archive"),
        (b"ALZ\x01\x0a\0\0\0", "it is an alz archive"),
        (b"%PDF-1.7", "it is a PDF document"),
        (b"PK\x03\x04" + bytes(60), "it is a damaged or incomplete zip archive"),
        (b"PK\x05\x06" + bytes(18), "there is no file in it"),
        (gzip.compress(b"not a tar archive", mtime=0), "it is a gzip file without a tar archive in it"),
        (
            gzip.compress(bytes(2000), mtime=0)[:12],
            "it is damaged (Compressed file ended before the end-of-stream marker",
        ),
        (b"\x1f\x8b\x08\0" + bytes(20), "it is damaged"),
        (bytes(257) + b"ustar" + bytes(600), "it is damaged"),
    ],
)
def test_a_file_that_is_no_archive_says_what_it_is(tmp_path: Path, content: bytes, error: str) -> None:
    path = tmp_path / "2024-20001.zip"
    path.write_bytes(content)
    found = read(path)
    assert found.error.startswith("'2024-20001.zip' cannot be read: ")
    assert error in found.error
    assert (found.notebooks, found.missing, found.student_id) == ({}, [], "2024-20001")
    assert str(tmp_path) not in found.error


@pytest.mark.parametrize(("name", "pack"), PACKERS)
def test_nothing_inside_is_an_error(tmp_path: Path, name: str, pack: Callable[..., Path]) -> None:
    assert read(pack(tmp_path / name, {})).error.endswith("there is no file in it")


def test_pipes_and_absent_files_do_not_stop_the_grader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.zip")
    assert "neither a regular file nor a folder" in read(tmp_path / "pipe.zip").error
    found = read(tmp_path / "gone.zip")
    assert found.error == "'gone.zip' cannot be read: it is damaged (No such file or directory)"
    assert found.state is SubmissionState.UNREADABLE


# Archives in archives


@pytest.mark.parametrize(("outer", "pack"), PACKERS)
@pytest.mark.parametrize(("inner", "pack_inner"), PACKERS[:3])
def test_an_archive_that_is_all_there_is_is_opened(
    tmp_path: Path, outer: str, pack: Callable[..., Path], inner: str, pack_inner: Callable[..., Path]
) -> None:
    content = pack_inner(tmp_path / f"inner-{inner}", NOTEBOOKS).read_bytes()
    found = read(pack(tmp_path / outer, {inner: content}))
    assert (found.notebooks, found.missing, found.error) == (NOTEBOOKS, [], "")
    if outer == "2024-20001":
        assert f"the folder holds only the archive '{inner}', which was opened" in found.notes
        assert Kind.WRAPPING not in kinds(found)
    else:
        assert f"the archive holds only another archive, '{inner}', which was opened" in found.notes
        assert Kind.WRAPPING in kinds(found)


def test_what_systems_add_does_not_hide_that_an_archive_is_all_there_is(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", NOTEBOOKS).read_bytes()
    files = {"hw/.DS_Store": b"x", "hw/2024-20001.ZIP": inner, "__MACOSX/hw/._2024-20001.ZIP": b"x"}
    assert read(zipped(tmp_path / "2024-20001.zip", files)).notebooks == NOTEBOOKS


def test_archives_beside_other_files_are_pointed_out(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", NOTEBOOKS).read_bytes()
    for files in ({"a.zip": inner, "b.txt": b""}, {"b.txt": b"", "a.zip": inner}, {"a.zip": inner, "b.zip": inner}):
        found = read(zipped(tmp_path / "2024-20001.zip", files))
        assert found.notes[-1].startswith("archives inside the submission are not opened: 'a.zip'")
        assert found.missing == list(NOTEBOOKS)


def test_archives_are_opened_one_deep(tmp_path: Path) -> None:
    content = zipped(tmp_path / "inner.zip", NOTEBOOKS).read_bytes()
    for _ in range(2):
        content = zipped(tmp_path / "inner.zip", {"x.zip": content}).read_bytes()
    (tmp_path / "2024-20001.zip").write_bytes(content)
    found = read(tmp_path / "2024-20001.zip")
    assert found.missing == list(NOTEBOOKS)
    assert found.notes[-1] == "archives inside the submission are not opened: 'x.zip'"


def test_a_broken_archive_in_a_sound_one_says_which_is_broken(tmp_path: Path) -> None:
    found = read(zipped(tmp_path / "2024-20001.zip", {"x.zip": b"I forgot"}))
    assert found.error.startswith("'2024-20001.zip' cannot be read: the archive inside: it is no archive")


def test_an_inner_archive_that_is_too_large_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = zipped(tmp_path / "inner.zip", NOTEBOOKS).read_bytes()
    path = zipped(tmp_path / "2024-20001.zip", {"x.zip": inner})
    monkeypatch.setattr(wrapping, "INNER_RATIO", 0)
    monkeypatch.setattr(wrapping, "INNER_MATTERS_FROM", len(inner) - 1)
    assert read(path).notes[-1] == "archives inside the submission are not opened: 'x.zip'"
    monkeypatch.setattr(wrapping, "INNER_MATTERS_FROM", len(inner))
    assert read(path).missing == []


def test_a_link_to_an_archive_is_not_followed(tmp_path: Path) -> None:
    outside = zipped(tmp_path / "outside.zip", NOTEBOOKS)
    folder = unpacked(tmp_path / "2024-20001", {})
    (folder / "2024-20001.zip").symlink_to(outside)
    assert read(folder).notebooks == {}


def test_saved_models_are_found_in_the_inner_archive(tmp_path: Path) -> None:
    content = tarred(tmp_path / "inner.tar.gz", {"model_checkpoints/a/x.pt": b"weights"}).read_bytes()
    path = zipped(tmp_path / "2024-20001.zip", {"inner.tar.gz": content})
    (tmp_path / "out").mkdir()
    found = save_models(path, {"model_checkpoints/a": 512}, tmp_path / "out")
    taken = found["model_checkpoints/a"]["x.pt"].path
    assert taken is not None and taken.read_bytes() == b"weights"


# Fuzzing

SAMPLE = {"2024-20001/hw4_rnn.ipynb": b'{"cells": []}' * 9, "과제/hw4_vit.ipynb": b"{}", "x/": b""}


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("seeds")
    packed = [
        zipped(folder / "a.zip", SAMPLE),
        tarred(folder / "a.tar.gz", SAMPLE),
        tarred(folder / "a.tar", SAMPLE, "w"),
    ]
    return [path.read_bytes() for path in packed]


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.data())
def test_damaged_archives_never_raise(
    seeds: list[bytes], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(data.draw(st.sampled_from(seeds), label="archive"))
    for _ in range(data.draw(st.integers(1, 6), label="changes")):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))), label="length")
    path = tmp_path_factory.getbasetemp() / "2024-20001.zip"
    path.write_bytes(content[:cut])
    found = read(path)
    assert found.student_id == "2024-20001"
    assert bool(found.error) <= (not found.notebooks)
    assert found.error or found.files
    assert set(found.notebooks) <= set(NOTEBOOKS) and not set(found.missing) & set(found.notebooks)


@settings(derandomize=True, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_are_a_submission(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.zip"
    path.write_bytes(content)
    assert read(path).error
