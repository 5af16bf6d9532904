"""The look at a folder before it is handed in: what is wrong is named, and a healthy folder has nothing."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from korean import english_in, in_korean
from typer.testing import CliRunner

from autograder.authoring import build
from autograder.authoring.regions import UNWRITTEN_PART
from autograder.authoring.release import release
from autograder.cli.app import app
from autograder.course.manifest import load
from autograder.course.sizes import MIB
from autograder.sandbox import Sandbox, SandboxUnavailable
from autograder.selfcheck.folder import assignment_of, folder_faults

ROOT = Path(__file__).parents[2]
COURSE = load(ROOT)
ASSIGNMENT = COURSE["assignment2"]
RNN, TRANSFORMERS = ASSIGNMENT.notebooks
GRUS, CIFAR10 = (Path("model_checkpoints", name) for name in ("assignment2-1-2", "assignment2-2-2"))
STATEMENT = "## Collaborators and references\n\nNone"
MODEL = "import torch\nfrom torch import nn\n\nPAD = 0\n\n" + next(
    cell.source
    for cell in build.solution_notebook(build.read_sources(ROOT, ["imdb"])).cells
    if cell.cell_type == "code" and "class SentimentGRU" in cell.source
)
KOREAN_STATEMENT = "## 함께한 사람과 참고 자료\n\n"
RUN = CliRunner()
KOREAN = in_korean(ASSIGNMENT)
PYTHONS_WORDS = ("Expecting property name enclosed in double quotes", "invalid syntax", "Collaborators and references")


def notebook(*sources: str, statement: str = STATEMENT, printed: str = "done\n") -> dict[str, Any]:
    """A notebook as JSON whose cells have run, with a statement about collaborators."""
    outputs = [{"output_type": "stream", "name": "stdout", "text": [printed]}] if printed else []
    code = {"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": outputs}
    cells = [code | {"source": source} for source in (*sources, MODEL)]
    text = {"cell_type": "markdown", "metadata": {}, "source": statement}
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [*cells, text]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of assignment 2 in which nothing is wrong."""
    folder = tmp_path / "과제 2"
    folder.mkdir()
    for name in (RNN, TRANSFORMERS):
        write(folder / name, notebook("x = 1"))
    shutil.copytree(ROOT / "staff" / "models" / "imdb", folder / GRUS)
    shutil.copytree(ROOT / "staff" / "models" / "cifar10", folder / CIFAR10)
    for place in (GRUS, CIFAR10):
        (folder / place / "report.md").write_text("Five models were trained.")
    return folder


@pytest.fixture(autouse=True)
def own_sandbox(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' sandbox, which is warm, in the place of one for each look."""
    monkeypatch.setattr("autograder.selfcheck.fitting.open_scoring_sandbox", lambda *_, **__: nullcontext(sandbox))


def write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content))


def faults(folder: Path, name: str = "assignment2") -> list[str]:
    return folder_faults(ROOT, folder, COURSE[name], COURSE)


def test_nothing_is_wrong_with_a_healthy_folder(folder: Path) -> None:
    (folder / GRUS / ".hidden.pt").write_text("of the system")
    assert faults(folder) == []


def remove_notebook(folder: Path) -> None:
    (folder / RNN).rename(folder / "work.txt")


def rename_by_the_browser(folder: Path) -> None:
    (folder / RNN).rename(folder / "Assignment2-1_RNN (1).ipynb")


def add_the_other_assignments(folder: Path) -> None:
    write(folder / "hw4_vit.ipynb", notebook("x = 1"))


def clear_outputs(folder: Path) -> None:
    write(folder / RNN, notebook("x = 1", printed=""))


def break_a_cell(folder: Path) -> None:
    broken = notebook("x = 1", "def f(:\n    pass")
    broken["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": "## 2-1-1a. Forward"})
    write(folder / RNN, broken)


def leave_a_question_open(folder: Path) -> None:
    write(
        folder / RNN, notebook('def gru_forward(x):\n    raise NotImplementedError("gru_forward is not written yet")')
    )


def leave_a_cell_open(folder: Path) -> None:
    write(folder / RNN, notebook(UNWRITTEN_PART))


def break_the_file(folder: Path) -> None:
    (folder / RNN).write_text("{")


def remove_models(folder: Path) -> None:
    (folder / GRUS / "gru.pt").unlink()


def damage_models(folder: Path) -> None:
    (folder / GRUS / "gru.pt").write_bytes(b"half of it")
    (folder / CIFAR10 / "vit" / "model.safetensors").write_bytes(b"half of it")
    (folder / GRUS / "gru-wide.pt").write_bytes(b"")


def copy_a_model(folder: Path) -> None:
    shutil.copyfile(folder / GRUS / "gru.pt", folder / GRUS / "gru-wide.pt")


def save_a_large_model(folder: Path) -> None:
    with (folder / GRUS / "gru.pt").open("r+b") as file:
        file.truncate(513 * MIB)


def misplace_a_model(folder: Path) -> None:
    shutil.copyfile(folder / GRUS / "gru.pt", folder / "model_checkpoints" / "best.pt")
    shutil.copyfile(folder / GRUS / "gru.pt", folder / "last.pt")


def save_another_kind(folder: Path) -> None:
    (folder / GRUS / "gru.pth").write_bytes(b"x")


def forget_what_lies_beside(folder: Path) -> None:
    (folder / GRUS / "vocab.json").unlink()
    (folder / CIFAR10 / "swin" / "preprocess.json").unlink()
    (folder / GRUS / "gru-wide.json").write_text("{")


def write_no_report(folder: Path) -> None:
    (folder / GRUS / "report.md").unlink()
    shutil.copyfile(ROOT / CIFAR10 / "report.md", folder / CIFAR10 / "report.md")


def forget_the_statement(folder: Path) -> None:
    for name in (RNN, TRANSFORMERS):
        write(folder / name, notebook("x = 1", statement="## Collaborators and references\n\n*Write here with whom.*"))


def forget_the_korean_statement(folder: Path) -> None:
    for name in (RNN, TRANSFORMERS):
        write(folder / name, notebook("x = 1", statement=f"{KOREAN_STATEMENT}*여기에 누구와 함께했는지 쓰세요.*"))


def drop_the_statement(folder: Path) -> None:
    for name in (RNN, TRANSFORMERS):
        write(folder / name, notebook("x = 1", statement="The end."))


BROKEN: list[tuple[Callable[[Path], None], list[str]]] = [
    (remove_notebook, [f"missing: {RNN}"]),
    (rename_by_the_browser, [f"'Assignment2-1_RNN (1).ipynb' was read as {RNN}"]),
    (add_the_other_assignments, ["'hw4_vit.ipynb' is a notebook of Machine Learning"]),
    (clear_outputs, [f"{RNN}: no cell has an output; run it"]),
    (break_a_cell, [f"{RNN}, under '2-1-1a. Forward', code cell 2, line 1: this cell does not parse"]),
    (leave_a_question_open, [f"{RNN}, code cell 1: gru_forward is not written yet"]),
    (leave_a_cell_open, [f"{RNN}, code cell 1: this part is not written yet"]),
    (break_the_file, [f"{RNN}: The file cannot be read as a notebook"]),
    (remove_models, ["2-1-2: 4 of 5 models in model_checkpoints/assignment2-1-2/, as *.pt"]),
    (
        damage_models,
        [
            f"{GRUS}/gru-wide.pt is empty",
            f"2-1-2: {GRUS}/gru.pt is damaged, or holds more than tensors",
            f"{CIFAR10}/vit/model.safetensors is damaged, or no safetensors file",
        ],
    ),
    (
        copy_a_model,
        [
            f"{GRUS}/gru.pt is gru-wide.pt once more: the same model counts once",
            f"2-1-2: {GRUS}/gru-wide.pt does not fit SentimentGRU: key embedding.weight: expected shape",
        ],
    ),
    (save_a_large_model, [f"{GRUS}/gru.pt has 513.0 MiB; a file of weights may have 512"]),
    (
        misplace_a_model,
        [
            "last.pt lies where no question looks; put it into model_checkpoints/assignment2-1-2/, ",
            "model_checkpoints/best.pt lies where no question looks",
        ],
    ),
    (save_another_kind, [f"{GRUS}/gru.pth is not read: files of the kind .pth may run code"]),
    (
        forget_what_lies_beside,
        [
            f"2-1-2: {GRUS}/vocab.json is missing",
            f"2-2-2: {CIFAR10}/swin/preprocess.json is missing",
            f"{GRUS}/gru-wide.json is not valid JSON",
        ],
    ),
    (write_no_report, [f"{GRUS}/report.md is missing", f"{CIFAR10}/report.md still has '...'"]),
    (forget_the_statement, ["'Collaborators and references' is as it was handed out"]),
    (forget_the_korean_statement, ["'Collaborators and references' is as it was handed out"]),
    (drop_the_statement, ["no notebook has the text 'Collaborators and references'"]),
]


@pytest.mark.parametrize(("damage", "named"), BROKEN, ids=[damage.__name__ for damage, _ in BROKEN])
def test_what_is_wrong_with_a_folder_is_named(folder: Path, damage: Callable[[Path], None], named: list[str]) -> None:
    damage(folder)
    lines = faults(folder)
    for beginning in named:
        assert any(line.startswith(beginning) for line in lines), (beginning, lines)
    if damage not in (damage_models, forget_what_lies_beside, save_a_large_model):  # where one thing shows twice
        assert len(lines) == len(named), lines
    for line in lines:
        shown = KOREAN.language.render(line)
        assert english_in(shown, *PYTHONS_WORDS) == [] and re.search("[가-힣]", shown), shown


def test_a_statement_in_korean_is_one(folder: Path) -> None:
    for name in (RNN, TRANSFORMERS):
        write(folder / name, notebook("x = 1", statement=f"{KOREAN_STATEMENT}없음"))
    assert faults(folder) == []


def test_a_model_that_does_not_fit_its_class_is_named(folder: Path) -> None:
    settings = json.loads((folder / GRUS / "gru.json").read_text())
    (folder / GRUS / "gru.json").write_text(json.dumps(settings | {"hidden_dim": settings["hidden_dim"] + 1}))
    (line,) = faults(folder)
    assert line.startswith(f"2-1-2: {GRUS}/gru.pt does not fit SentimentGRU: key ")


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("x = 1", "cannot be said: SentimentGRU is not defined in the notebook"),
        (MODEL.replace("super()", "import no_such_package; super()"), "was not looked at: needs the package no_such"),
    ],
)
def test_models_without_their_class_are_not_tried(folder: Path, model: str, said: str) -> None:
    content = notebook("x = 1")
    content["cells"][-2]["source"] = model
    write(folder / RNN, content)
    (line,) = faults(folder)
    assert line.startswith(f"2-1-2: whether your models fit {said}")


def test_without_a_sandbox_no_model_is_tried(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object, **__: object) -> None:
        raise SandboxUnavailable("nothing isolates here")

    monkeypatch.setattr("autograder.selfcheck.fitting.open_scoring_sandbox", unavailable)
    assert faults(folder) == ["whether your models fit was not looked at: nothing isolates here"]


def test_figures_that_are_not_there_are_named(tmp_path: Path) -> None:
    for name in COURSE["hw4"].notebooks:
        write(tmp_path / name, notebook("print('Test perplexity: 3.2')", printed="Test perplexity: 3.2\n"))
    lines = faults(tmp_path, "hw4")
    assert "hw4_rnn.ipynb, 1f: the saved outputs show no test accuracy" in lines
    assert "hw4_vit.ipynb, 3e: the saved outputs show no test accuracy" in lines
    assert any(line.startswith("hw4_seq2seq.ipynb, 2c: perplexity 3.2, but the saved outputs") for line in lines)


def test_without_torch_the_look_says_what_it_leaves_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    (folder / GRUS / "vocab.json").unlink()
    assert faults(folder) == ["figures, plots and what the models hold were not looked at: PyTorch is not installed"]


def test_a_check_that_fails_on_a_file_names_it(folder: Path) -> None:
    (folder / CIFAR10 / "vit" / "config.json").write_text('{"model_type": ["vit"]}')
    assert any("2-2-2: model_checkpoints/assignment2-2-2/vit" in line for line in faults(folder))


def test_the_assignment_is_the_one_that_most_lies_of(folder: Path, tmp_path: Path) -> None:
    assert assignment_of(folder, COURSE).name == "assignment2"
    write(tmp_path / "hw4_vit.ipynb", notebook())
    assert assignment_of(tmp_path, COURSE).name == "hw4"


# --- as commands ---


def test_the_command_prints_a_line_for_each_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    monkeypatch.setattr("autograder.cli.common.project_root", lambda start=None: ROOT)
    fine = RUN.invoke(app, ["check", str(folder)])
    assert (fine.exit_code, fine.output) == (0, "Nothing is missing or odd in what you hand in.\n")
    remove_notebook(folder)
    bad = RUN.invoke(app, ["check", str(folder), "--assignment", "assignment2"])
    assert (bad.exit_code, bad.output) == (1, f"missing: {RNN}\n")
    korean = RUN.invoke(app, ["check", str(folder), "--assignment", "assignment2", "--lang", "ko"])
    assert (korean.exit_code, korean.output) == (1, f"없는 것: {RNN}\n")
    both = RUN.invoke(app, ["check", str(folder), "--assignment", "assignment2", "--lang", "both"])
    assert both.output == f"missing: {RNN}\n없는 것: {RNN}\n"
    watched = RUN.invoke(app, ["check", str(folder), "--watch"])
    assert watched.exit_code == 2 and "for a notebook, not for a folder" in watched.output
    watched = RUN.invoke(app, ["check", str(folder), "--watch", "--lang", "ko"])
    assert watched.exit_code == 2 and "폴더가 아니라 노트북에 씁니다" in watched.output


@pytest.mark.slow
def test_packing_warns_line_by_line_and_packs(folder: Path, tmp_path: Path) -> None:
    bundle = release(ROOT, ASSIGNMENT, tmp_path / "bundle")
    for name in (RNN, TRANSFORMERS):
        shutil.copyfile(folder / name, bundle / name)
    shutil.rmtree(bundle / "model_checkpoints")
    shutil.copytree(folder / "model_checkpoints", bundle / "model_checkpoints")
    for damage in (leave_a_question_open, copy_a_model, misplace_a_model, forget_what_lies_beside, write_no_report):
        damage(bundle)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (programs / "python3").chmod(0o755)
    environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}
    command = ["sh", str(bundle / "CollectSubmission.sh"), "2024-20001"]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    warned = [line.removeprefix("Warning: ") for line in done.stdout.splitlines() if line.startswith("Warning: ")]
    assert len(warned) > 8 and warned == folder_faults(ROOT, bundle, ASSIGNMENT, COURSE)
    assert (bundle / "2024-20001.tar.gz").is_file()
