"""What a notebook uses is told the same whatever was found out before, and in whatever order Python keeps sets."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.authoring.build import read_sources, solution_notebook, to_bytes
from autograder.notebook import origins
from autograder.notebook.notebook import read
from autograder.notebook.outline import Outline
from conftest import notebook_of

ALIASES = """
import torch
chosen = torch.relu if torch else torch.tanh
class Base(torch.nn.Module):
    def forward(self, x): return chosen(x)
def helper(x):
    relu = chosen
    def inner(y):
        relu = torch.nn.functional.silu
        return relu(y).relu
    exec("import torch; relu = torch.nn.GRU; relu(1)")
    global chosen
    return [relu for relu in inner(x)], relu(x), chosen.x, getattr(torch, "lu")(x), Base().forward(x)
class Child(Base):
    def backward(self): self.loss.backward(Child().backward, helper.x)
first = second
second = first.x
"""


ROOT = Path(__file__).resolve().parents[2]


class Forgetful(dict[object, object]):
    """A dictionary that keeps nothing."""

    def __setitem__(self, *_: object) -> None:
        pass


def notebooks() -> list[bytes]:
    topics = ("seq2seq", "rnn", "vit", "gru", "swin")
    return [notebook_of(ALIASES), *(to_bytes(solution_notebook(read_sources(ROOT, [topic]))) for topic in topics)]


def usages_of(notebook: bytes) -> object:
    return Outline.of(read(notebook)).to_wire()["usages"]


def test_a_name_that_was_looked_up_before_is_what_it_would_be_without(monkeypatch: pytest.MonkeyPatch) -> None:
    described = [usages_of(notebook) for notebook in notebooks()]
    kept: list[int] = []
    start = origins.Origins.__init__

    def start_forgetful(self: origins.Origins, *bindings: object) -> None:
        start(self, *bindings)  # type: ignore[arg-type]
        self._known = Forgetful()  # type: ignore[assignment]
        kept.append(len(self._known))

    monkeypatch.setattr(origins.Origins, "__init__", start_forgetful)
    assert [usages_of(notebook) for notebook in notebooks()] == described
    assert kept == [0] * len(described)


def test_a_description_does_not_depend_on_the_order_of_sets(tmp_path: Path) -> None:
    program = (
        "import json, pathlib, sys; from autograder.notebook.notebook import read;"
        "from autograder.notebook.outline import Outline;"
        "files = sorted(pathlib.Path(sys.argv[1]).iterdir());"
        "print(json.dumps([Outline.of(read(file.read_bytes())).to_wire() for file in files]))"
    )
    for number, notebook in enumerate(notebooks()):
        (tmp_path / f"{number}.ipynb").write_bytes(notebook)
    told = [
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert len(json.loads(told[0])) == len(notebooks())
    assert told[0] == told[1]
