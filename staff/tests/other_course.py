"""The course of `examples/cnn`, in a folder of its own."""

import re
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
def whole_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The other course in a folder of its own, which is the present one."""
    folder = shutil.copytree(ROOT / "examples" / "cnn", tmp_path / "cnn")
    monkeypatch.chdir(folder)
    ours = sys.modules.get("data")
    yield folder
    if ours and sys.modules.get("data") is not ours:
        import_package(ROOT / "data")


@pytest.fixture
def example(whole_example: Path) -> Path:
    """The other course as `whole_example` has it, without its question that only a person marks."""
    manifest = whole_example / "assignments.toml"
    manifest.write_text(without_manual(manifest.read_text(encoding="utf-8")), encoding="utf-8")
    return whole_example


def without_manual(manifest: str) -> str:
    """The manifest of the other course without the question that only a person marks."""
    shorter = re.sub(r"\n# Only a person marks.*?\n\]\n", "", manifest, flags=re.DOTALL)
    assert manifest.count("points = 15") == 1 and "manual" in manifest and "manual" not in shorter
    return shorter.replace("points = 15", "points = 12")


def answer(folder: Path, kind: str, name: str) -> bytes:
    """The notebook of the other course with a mutant or a variant in it."""
    sources = read_sources(folder, ["convolution"])
    return answered_notebook(sources, read_answer(folder / "staff" / kind / "convolution" / f"{name}.py"))
