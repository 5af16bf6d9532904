"""Threads and the interpreter's switch interval are set by commands, and by nothing that a command loads."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from rich.console import Console
from typer.testing import CliRunner

from autograder.classroom.phases import ClassRun
from autograder.classroom.progress import ClassProgress
from autograder.cli import pytest_plugin
from autograder.cli.app import app
from autograder.course.course import load_course
from autograder.course.manifest import load
from autograder.course.root import project_root

ROOT = project_root(Path(__file__).parent)
UNTOUCHED: object = (2, pytest.approx(0.005))
PREPARED: object = (1, pytest.approx(0.0005))


def settings() -> tuple[int, float]:
    return torch.get_num_threads(), sys.getswitchinterval()


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    """A process that nobody has prepared."""
    threads, interval = settings()
    torch.set_num_threads(2)
    sys.setswitchinterval(0.005)
    yield
    torch.set_num_threads(threads)
    sys.setswitchinterval(interval)


def test_loading_a_course_and_grading_a_class_change_neither() -> None:
    course = load_course(ROOT, load(ROOT)["hw4"])
    progress = ClassProgress("marking", 0, Console(quiet=True))
    gradebook = cast(Any, SimpleNamespace(diagnosed=lambda _: set()))
    ClassRun(ROOT, course, gradebook, [cast(Any, None)]).grade([], progress)
    assert settings() == UNTOUCHED


@pytest.mark.parametrize(
    "command",
    [
        ["check", "nowhere.ipynb"],
        ["grade", ".", "--assignment", "one", "--out", "out"],
        ["regrade", "nowhere"],
        ["cases"],
        ["verify"],
    ],
    ids=lambda command: command[0],
)
def test_commands_that_judge_set_both(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where there is no course, so that they end as soon as they have begun
    assert CliRunner().invoke(app, command).exit_code == 2
    assert settings() == PREPARED


def test_a_training_run_of_authors_keeps_all_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["run", "x.ipynb", "--out", "out"]).exit_code == 2
    assert settings() == UNTOUCHED


def test_the_doctor_sets_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.sandbox.examination.examine_machine", lambda: SimpleNamespace(facts=[], tier=1))
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 0
    assert settings() == PREPARED


def test_pytest_sets_both() -> None:
    manager = SimpleNamespace(register=lambda plugin, name: None)
    pytest_plugin.pytest_configure(cast(Any, SimpleNamespace(pluginmanager=manager, getoption=lambda name: None)))
    assert settings() == PREPARED


@pytest.mark.slow
def test_torch_has_one_thread_when_a_command_imports_it_later() -> None:
    code = (
        "import sys\nfrom autograder.cli import app, common\nassert 'torch' not in sys.modules\n"
        "common.prepare_process()\nimport torch\nprint(torch.get_num_threads())"
    )
    several = {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | several)
    assert done.stdout == "1\n", done.stderr


def test_grading_imports_torch_only_once_its_sandbox_imports_it_as_well() -> None:
    program = "import sys, autograder.classroom.grade\nprint({'torch', 'numpy', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
