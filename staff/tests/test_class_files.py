"""A class on disk: each archive is read once, its notebooks lie in files meanwhile, and a full disk is no student's."""

import errno
import shutil
import tracemalloc
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from autograder.course.manifest import load, project_root
from autograder.intake import archive
from autograder.intake.classlist import survey
from autograder.intake.handout import NOTHING
from autograder.intake.member import MIB
from autograder.intake.source import source_at
from autograder.models.saved_files import save_models

HW4 = load(project_root(Path(__file__).parent))["hw4"]
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


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each archive is opened, by its name."""
    counted: Counter[str] = Counter()
    plain = archive.format_of

    def count(source: Path) -> str:
        counted[source.name] += 1
        return plain(source)

    monkeypatch.setattr(archive, "format_of", count)
    return counted


def test_notebooks_come_from_files_as_often_as_they_are_asked_for(
    tmp_path: Path, folder: Path, readings: Counter[str]
) -> None:
    source = pack(tmp_path / "2024-20001.zip", NOTEBOOKS | {"../../evil.ipynb": b"{}"})
    (found,) = survey([source_at(source, HW4)], HW4, NOTHING, folder=folder)
    for _ in range(2):
        assert dict(found.notebooks) == NOTEBOOKS
    assert "other.ipynb" not in found.notebooks
    assert readings == {source.name: 1}
    assert {path.read_bytes() for path in folder.rglob("*.ipynb")} == set(NOTEBOOKS.values())
    assert list(tmp_path.glob("*evil*")) == []


def test_notebooks_that_somebody_tidied_up_are_read_again(tmp_path: Path, folder: Path, readings: Counter[str]) -> None:
    source = pack(tmp_path / "2024-20001.zip", NOTEBOOKS)
    (found,) = survey([source_at(source, HW4)], HW4, NOTHING, folder=folder)
    shutil.rmtree(folder)
    assert dict(found.notebooks) == NOTEBOOKS
    assert readings[source.name] == 1 + len(NOTEBOOKS)
    source.unlink()
    with pytest.raises(FileNotFoundError, match=r"0\.ipynb"):
        dict(found.notebooks)


def test_what_does_not_count_keeps_no_notebooks(tmp_path: Path, folder: Path) -> None:
    sources = [source_at(pack(tmp_path / name, NOTEBOOKS), HW4) for name in ("2024-20001.zip", "2024-20001-1.zip")]
    replaced, counting = survey(sources, HW4, NOTHING, folder=folder)
    assert (replaced.replaced_by, dict(replaced.notebooks)) == (counting.submission_id, {})
    assert dict(counting.notebooks) == NOTEBOOKS
    assert all(not one.notebooks for one in survey(sources, HW4, NOTHING))  # nobody asks for them


def test_a_large_class_takes_no_more_memory(tmp_path: Path, folder: Path) -> None:
    def peak(count: int) -> int:
        paths = [pack(tmp_path / f"2024-{count + n}.zip", {"hw4_rnn.ipynb": bytes(4 * MIB)}) for n in range(count)]
        sources = [source_at(path, HW4) for path in paths]
        tracemalloc.start()
        found = survey(sources, HW4, NOTHING, folder=folder)
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
    wrapped = pack(tmp_path / "2024-20002.zip", {"inner.zip": source.read_bytes()})

    def refuse(path: Path, _: bytes) -> int:
        raise OSError(problem, "full", str(path))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    for path in (source, wrapped):
        with pytest.raises(OSError, match="full"):
            survey([source_at(path, HW4)], HW4, NOTHING, folder=folder)
    with pytest.raises(OSError, match="full"):
        save_models(source, ["models"], folder)
