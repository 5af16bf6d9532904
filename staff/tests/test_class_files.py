"""A class on disk: each archive is read once, its notebooks lie in files meanwhile, and a full disk is no student's."""

import errno
import shutil
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from surveys import ROOT, attempts

from autograder.course.manifest import load
from autograder.course.sizes import MIB
from autograder.intake.attempts import Attempt
from autograder.intake.classlist import Survey, readers_of
from autograder.intake.digests import KnownDigests
from autograder.models.saved_files import save_models
from autograder.sandbox.reader import Reader

HW4 = load(ROOT)["hw4"]
NOTEBOOKS = {name: f'{{"notebook": "{name}"}}'.encode() for name in HW4.notebooks}


def pack(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "notebooks"
    made.mkdir()
    return made


def test_notebooks_come_from_files_and_are_read_again_when_somebody_tidied_up(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    plain = Reader.call

    def called(self: Reader, name: str, *rest: object, size: int = 0) -> object:
        calls.append(name)
        return plain(self, name, *rest, size=size)

    monkeypatch.setattr(Reader, "call", called)
    source = pack(tmp_path / "2024-20001.zip", NOTEBOOKS | {"../../evil.ipynb": b"{}"})
    with readers_of(source, ()) as readers:
        survey = Survey(ROOT, HW4, source, None, folder)
        (found,) = survey.take_in(survey.sources(readers), readers).attempts
        calls.clear()
        for _ in range(2):
            assert dict(found.notebooks) == NOTEBOOKS
        assert "other.ipynb" not in found.notebooks and not calls
        assert {path.read_bytes() for path in folder.rglob("*.ipynb")} == set(NOTEBOOKS.values())
        assert list(tmp_path.glob("*evil*")) == []
        shutil.rmtree(folder)
        assert dict(found.notebooks) == NOTEBOOKS and calls
        shutil.rmtree(folder)
        source.unlink()
        with pytest.raises(FileNotFoundError):
            dict(found.notebooks)


def test_a_file_is_hashed_again_only_if_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, digests = pack(tmp_path / "2024-20001.zip", NOTEBOOKS), KnownDigests()
    handed: list[object] = []
    plain, found = Reader.call, list[Attempt]()

    def called(self: Reader, name: str, *rest: object, size: int = 0) -> object:
        if name.endswith(":answer_submission"):
            handed.append(rest[-2])
        return plain(self, name, *rest, size=size)

    monkeypatch.setattr(Reader, "call", called)
    for again in (False, True, True):
        if len(found) == 2:
            pack(source, {"hw4_rnn.ipynb": b"{}"})
        with readers_of(source, ()) as readers:
            survey = Survey(ROOT, HW4, source)
            found += survey.take_in(survey.sources(readers), readers, None, digests).attempts
        assert again or not handed[0]
    assert handed == ["", found[0].digest, ""]
    assert found[0].digest == found[1].digest != found[2].digest


def test_what_is_known_already_is_written_when_it_is_asked_for(tmp_path: Path) -> None:
    place, to, digests = tmp_path / "class", tmp_path / "notebooks", KnownDigests()
    place.mkdir()
    pack(place / "2024-20001.zip", NOTEBOOKS)
    for known in ([], ["2024-20001"]):
        shutil.rmtree(to, ignore_errors=True)
        with readers_of(place, ()) as readers:
            survey = Survey(ROOT, HW4, place, folder=to)
            found = survey.take_in(survey.sources(readers), readers, None, digests, lazily=True).attempts
            written = {path.name for path in to.iterdir()}
            assert written == {one.submission_id for one in found} - set(known)
            assert all(one.notebooks.keys() == NOTEBOOKS.keys() for one in found)
            assert all(dict(one.notebooks) == NOTEBOOKS for one in found)
            assert {path.name for path in to.iterdir()} == {one.submission_id for one in found}
        pack(place / "2024-20002.zip", NOTEBOOKS)


def test_a_large_class_takes_no_more_memory(tmp_path: Path, folder: Path) -> None:
    def peak(count: int) -> int:
        place = tmp_path / str(count)
        place.mkdir()
        for number in range(count):
            pack(place / f"2024-{10000 + number}.zip", {"hw4_rnn.ipynb": bytes(4 * MIB)})
        tracemalloc.start()
        found = attempts(HW4, place, folder / str(count))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert [len(one.notebooks) for one in found] == [1] * count
        return most

    assert peak(12) < peak(3) + 4 * MIB


@pytest.mark.parametrize("problem", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_no_damage_of_an_archive(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, problem: int
) -> None:
    source = pack(tmp_path / "2024-20001.zip", NOTEBOOKS | {"models/a.pt": b"weights"})

    def refuse(*_: object) -> None:
        raise OSError(problem, "full", str(source))

    monkeypatch.setattr(Reader, "take", refuse)
    with pytest.raises(OSError, match="full"):
        attempts(HW4, source, folder)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(OSError, match="full"):
        save_models(source, {"models": 512}, folder)
