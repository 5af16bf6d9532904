"""The given cell that sets up the check: it finds the homework's folder, or says in one line what is missing."""

import sys
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from korean import english_in

from autograder.authoring.set_up import set_up_cell, topic_of
from autograder.messages import load_language

CELL = set_up_cell("knots")
FOLDER = "hw9"


class Check:
    """Stands in for the room `live` of a bundle."""

    def of(self, topic: str) -> str:
        """What the cell gives its notebook."""
        return f"the check of {topic}"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[], Any]:
    """Runs the cell in an empty folder, below which nothing lies: its `check`, and what it printed."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(sys, "path", [*sys.path])
    live = ModuleType("autograder.selfcheck.live")
    live.check = Check()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "autograder.selfcheck.live", live)

    def run_cell() -> tuple[Any, str]:
        names: dict[str, Any] = {}
        exec(CELL, names)
        return names["check"], capsys.readouterr().out

    return run_cell


def bundle(folder: Path) -> Path:
    """A folder that the cell takes for the homework's."""
    (folder / "tests").mkdir(parents=True)
    (folder / "tests" / "test_knots.py").touch()
    (folder / "assignments.toml").touch()
    return folder


def colab(monkeypatch: pytest.MonkeyPatch, mount: Callable[[str], None]) -> None:
    """Makes this process look like Colab, with a Drive that `mount` mounts."""
    google, module = ModuleType("google"), ModuleType("google.colab")
    module.drive = type("drive", (), {"mount": staticmethod(mount)})  # type: ignore[attr-defined]
    google.colab = module  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "google", google)
    monkeypatch.setitem(sys.modules, "google.colab", module)


@pytest.mark.parametrize("place", ["work", "."])
def test_the_folder_of_the_notebook_or_one_above_is_found(run: Callable[[], Any], tmp_path: Path, place: str) -> None:
    bundle(tmp_path / place)
    assert run() == ("the check of knots", "")
    assert sys.path[0] == str(tmp_path / place) or sys.path[0] == str((tmp_path / place).resolve())
    assert Path.cwd() == tmp_path / "work"


@pytest.mark.parametrize("depth", ["", "Colab Notebooks", "a/b"])
def test_on_colab_the_drive_is_mounted_and_searched(
    run: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, depth: str
) -> None:
    mounted: list[str] = []
    colab(monkeypatch, mounted.append)
    monkeypatch.setattr(f"{__name__}.CELL", CELL.replace("/content/drive", str(tmp_path / "drive")))
    bundle(tmp_path / "drive" / "MyDrive" / "other")  # of the same name, but later in the alphabet than none
    (tmp_path / "drive" / "MyDrive" / "other" / "tests" / "test_knots.py").unlink()
    here = bundle(tmp_path / "drive" / "MyDrive" / depth / FOLDER)
    assert run() == ("the check of knots", "")
    assert mounted == [str(tmp_path / "drive")] and Path.cwd() == here


def test_on_colab_a_folder_beside_the_notebook_needs_no_drive(
    run: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(_: str) -> None:
        raise AssertionError("mounted")

    colab(monkeypatch, refuse)
    bundle(tmp_path / "work" / FOLDER)
    assert run() == ("the check of knots", "")


def no_drive(_: str) -> None:
    raise ValueError("mount failed")


Version = namedtuple("Version", "major minor")
TROUBLE: dict[str, Callable[[pytest.MonkeyPatch, Path], None]] = {
    "put the homework's folder on your Drive (Colab) or beside this notebook": lambda *_: None,
    "your Drive could not be opened (mount failed)": lambda patch, _: colab(patch, no_drive),
    "it needs Python 3.11 or newer": lambda patch, _: patch.setattr(sys, "version_info", Version(3, 10)),
    "Use Colab, or WSL on Windows": lambda patch, _: patch.setattr(sys, "platform", "win32"),
    "is older than this notebook": lambda patch, path: older(patch, path),
    "Install what it needs: pip install -r": lambda patch, path: lacking(patch, path),
}


def older(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    bundle(path / "work")
    monkeypatch.setitem(sys.modules, "autograder.selfcheck.live", None)


def lacking(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    bundle(path / "work")

    class Lacking:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "autograder.selfcheck.live":
                raise ModuleNotFoundError("No module named 'safetensors'", name="safetensors")

    monkeypatch.delitem(sys.modules, "autograder.selfcheck.live")
    monkeypatch.setattr(sys, "meta_path", [Lacking(), *sys.meta_path])


@pytest.mark.parametrize("reason", TROUBLE)
def test_what_is_missing_is_said_in_a_line_there_and_by_every_check(
    run: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    reason: str,
) -> None:
    TROUBLE[reason](monkeypatch, tmp_path)
    check, printed = run()
    assert printed.startswith("check is not here: ") and reason in printed and printed.count("\n") == 1
    check("1a")
    check.all()
    assert capsys.readouterr().out == 2 * printed


def test_the_cell_speaks_the_language_of_its_assignment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    korean = set_up_cell("knots", load_language("ko"))
    assert topic_of(korean) == "knots" and topic_of("x = 1") == ""
    exec(korean, {})
    monkeypatch.setattr(sys, "version_info", (3, 10))
    exec(korean, {})
    monkeypatch.setattr(sys, "platform", "win32")
    exec(korean, {})
    folder, python, windows = capsys.readouterr().out.splitlines()
    assert english_in(folder + python + windows) == [] and folder.startswith("check를 쓸 수 없습니다: 과제 폴더를")
    assert f"이 커널은 파이썬 {sys.version.split()[0]}입니다" in python
    assert english_in("\n".join(line for line in korean.splitlines() if line.startswith("#"))) == []
    both = set_up_cell("knots", load_language("both"))
    assert "check is not here: {reason} · check를 쓸 수 없습니다: {reason}" in both
    exec(both, {})
