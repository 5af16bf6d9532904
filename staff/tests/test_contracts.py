"""Every contract between the rooms, in pyproject.toml, is red for one import that breaks it, and names itself."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIRECTION = "One direction: a room imports only from rooms below it"
BREAKING = {  # the module that imports, and what
    DIRECTION: ("models/ranks.py", "autograder.classroom.ranking"),
    "Only the check in a kernel imports the worker: both run beside student code": (
        "marking/verdict.py",
        "autograder.worker.colab",
    ),
    "The worker knows frames and notebooks, and no answer": ("worker/colab.py", "autograder.protocol.rules"),
    "Authors' commands stand on marking, not on a class": ("authoring/new.py", "autograder.intake.names"),
    "The grader's side of the sandbox runs nothing of the warm process's": (
        "sandbox/child.py",
        "autograder.sandbox.inside.warm",
    ),
    "Nothing but the doctor's command asks what this machine offers": (
        "marking/sandboxes.py",
        "autograder.sandbox.examination",
    ),
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the engine, beside one of the contracts."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignored = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(ROOT / "autograder", tmp_path / "autograder", ignore=ignored)


def broken(package: Path) -> list[str]:
    """The contracts that the copy breaks."""
    command: list[Path | str] = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=package.parent, capture_output=True, text=True)
    names = re.findall(r"^(.*) BROKEN$", done.stdout, re.MULTILINE)
    assert done.returncode == bool(names), done.stdout + done.stderr
    return names


def test_every_contract_is_tried() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert [contract["name"] for contract in settings["contracts"]] == list(BREAKING)


def test_the_package_keeps_all(package: Path) -> None:
    assert broken(package) == []


@pytest.mark.parametrize("name", BREAKING)
def test_one_import_breaks_a_contract(name: str, package: Path) -> None:
    file, imported = BREAKING[name]
    assert (package.parent / f"{imported.replace('.', '/')}.py").is_file()
    with (package / file).open("a", encoding="utf-8") as module:
        module.write(f"\n\ndef late() -> None:\n    import {imported}\n")
    assert broken(package) == [name]


def test_a_room_that_the_contracts_do_not_name_is_red(package: Path) -> None:
    (package / "attic").mkdir()
    (package / "attic" / "__init__.py").touch()
    assert broken(package) == [DIRECTION]
