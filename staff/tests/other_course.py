"""The course of `examples/cnn`, in a folder of its own."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.authoring.answers import answered_notebook, read_answer
from autograder.authoring.build import read_sources
from autograder.sandbox.packages import import_package

ROOT = Path(__file__).parents[2]


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The other course in a folder of its own, which is the present one."""
    folder = shutil.copytree(ROOT / "examples" / "cnn", tmp_path / "cnn")
    monkeypatch.chdir(folder)
    ours = sys.modules.get("data")
    yield folder
    if ours and sys.modules.get("data") is not ours:
        import_package(ROOT / "data")


def answer(folder: Path, kind: str, name: str) -> bytes:
    """The notebook of the other course with a mutant or a variant in it."""
    sources = read_sources(folder, ["convolution"])
    return answered_notebook(sources, read_answer(folder / "staff" / kind / "convolution" / f"{name}.py"))
