"""The figures of the notebooks: drawn the same each time, small, and each of them shown."""

import re
import sys
from pathlib import Path

import pytest
from PIL import Image

from autograder.course.root import project_root

ROOT = project_root()
IMAGES = ROOT / "images"
sys.path.append(str(ROOT / "staff"))  # after the project itself: both have a package `data` or a module of its name

from figures import gallery  # noqa: E402
from figures.__main__ import main  # noqa: E402

SHOWN = re.compile(r"!\[[^\]]+\]\(images/([\w-]+)\.svg\)")


@pytest.mark.slow
@pytest.mark.parametrize("name", gallery.names())
def test_a_figure_is_drawn_the_same_each_time_and_the_file_in_images_is_small(name: str, tmp_path: Path) -> None:
    for folder in (tmp_path / "first", tmp_path / "second"):
        folder.mkdir()
        gallery.draw(name, folder)
    for suffix in ("svg", "png"):
        drawings = [(tmp_path / folder / f"{name}.{suffix}").read_bytes() for folder in ("first", "second")]
        assert drawings[0] == drawings[1]
        assert b"dc:date" not in drawings[0]
    with Image.open(IMAGES / f"{name}.png") as picture, Image.open(tmp_path / "first" / f"{name}.png") as drawn:
        assert picture.size == drawn.size and picture.size[0] <= 1100
        assert "transparency" not in picture.info and picture.mode == "P"
    assert (IMAGES / f"{name}.png").stat().st_size < 60_000


def test_images_hold_the_figures_and_nothing_else() -> None:
    files = {f"{name}.{suffix}" for name in gallery.names() for suffix in ("svg", "png")}
    assert {path.name for path in IMAGES.iterdir()} == files


def test_each_figure_is_shown_in_a_notebook() -> None:
    scripts = (ROOT / "staff" / "solutions").glob("*.py")
    shown = {name for script in scripts for name in SHOWN.findall(script.read_text(encoding="utf-8"))}
    assert shown | {"open_in_colab"} == set(gallery.names())


def test_a_name_that_is_no_figure_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sunset"]) == 2
    assert capsys.readouterr().err.startswith("figures: there is no sunset, but ")
