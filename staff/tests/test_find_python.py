"""`make` and CI take the newest Python that runs, and say so when there is none."""

import os
import subprocess
from pathlib import Path

import pytest

from autograder.course.root import project_root

FIND = project_root(Path(__file__).parent) / ".ci" / "find-python"
RUNS = 'echo "$0"'  # whatever it is asked
DOES_NOT = "exit 127"  # like a shim of pyenv


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder with an empty `bin`, which is all of the PATH, and an empty `pyenv`."""
    for folder in ("some bin", "pyenv/versions"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def install(path: Path, body: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def find(machine: Path, *versions: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(machine / "some bin"), "PYENV_ROOT": str(machine / "pyenv"), "HOME": str(machine)}
    command = ["/bin/bash", str(FIND), *versions]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_newest_that_runs_is_taken(machine: Path) -> None:
    install(machine / "some bin/python3.13", DOES_NOT)
    expected = install(machine / "some bin/python3.12", RUNS)
    install(machine / "some bin/python3.11", RUNS)
    assert find(machine).stdout == f"{expected}\n"


def test_pyenv_is_looked_at_where_its_shim_does_not_run(machine: Path) -> None:
    install(machine / "some bin/python3.13", DOES_NOT)
    expected = install(machine / "pyenv/versions/3.13.0/bin/python3", RUNS)
    install(machine / "some bin/python3.12", RUNS)
    assert find(machine).stdout == f"{expected}\n"


def test_a_version_may_be_asked_for(machine: Path) -> None:
    install(machine / "some bin/python3.13", RUNS)
    expected = install(machine / "pyenv/versions/3.11.9/bin/python3", RUNS)
    assert find(machine, "3.11").stdout == f"{expected}\n"


def test_a_python3_of_another_version_is_not_taken(machine: Path) -> None:
    (machine / "some bin/python3").symlink_to(os.path.realpath("/proc/self/exe"))
    assert find(machine, "3.99").returncode == 1


def test_that_none_runs_is_one_line(machine: Path) -> None:
    install(machine / "some bin/python3.13", DOES_NOT)
    install(machine / "some bin/python3.14", RUNS)  # torch may not be there for it
    done = find(machine)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1 and f"in {machine / 'pyenv'}: 3.13 3.12 3.11" in done.stderr
