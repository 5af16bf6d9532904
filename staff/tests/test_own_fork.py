"""A sandbox whose warm process is a fork of the grader: one notebook's check, which imports torch once."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

import pytest
from sandbox_talk import LAYERS, ask, ready, soon, start, tell

from autograder.sandbox import ChildEnded, SandboxUnavailable
from autograder.sandbox.connection import WarmProcess
from autograder.sandbox.inside import tiers
from autograder.sandbox.inside.tiers import find_obstacles
from autograder.sandbox.own_fork import OwnFork

HERE = Path(__file__).parent


@pytest.mark.parametrize("tier", [1, 2])
def test_children_of_an_own_fork_are_shut_in_like_others(tier: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "of the grader")
    with start(tier) as usual, start(tier, begun=OwnFork()) as sandbox:
        sandbox.wait()
        assert isinstance(sandbox._warm, OwnFork)
        assert (sandbox.tier, sandbox.layers) == (usual.tier, usual.layers)
        expected, found = (ask(one.fork(), "surroundings") for one in (usual, sandbox))
        for name in ("descriptors", "files", "user", "capabilities"):
            assert found[name] == expected[name]
        assert found["environment"].keys() == expected["environment"].keys() and "SECRET" not in str(found)
        for answer in (ask(sandbox.fork(), "read", str(HERE / "test_own_fork.py")), ask(sandbox.fork(), "fork")):
            assert answer in ("EACCES", "EPERM", "ENOENT")


@pytest.mark.parametrize("tier", [1, 2])
def test_what_is_tried_before_a_fork_has_grown_is_not_tried_in_it(tier: int, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    grown: list[str] = []
    fork = OwnFork(grow=lambda: grown.append("grown"))
    assert grown and fork._obstacles == find_obstacles(str(tmp_path.resolve()))
    layers = (*LAYERS[tier], "memory cgroup")
    with start(tier, layers=layers) as usual, start(tier, layers=layers, begun=fork) as sandbox:
        sandbox.wait()
        assert (sandbox.tier, sandbox.layers) == (usual.tier, usual.layers)
    assert list(tmp_path.iterdir()) == []


def test_a_fork_for_which_nothing_could_be_tried_tries_it_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(tiers, "find_obstacles", fail)
    fork = OwnFork(grow=monkeypatch.undo)
    assert fork._obstacles is None
    with start(1) as usual, start(1, begun=fork) as sandbox:
        sandbox.wait()
        assert (sandbox.tier, sandbox.layers) == (usual.tier, usual.layers)


def test_what_the_grader_has_imported_need_not_be_imported_again() -> None:
    script = """
        import pyclbr
        from sandbox_talk import ask, start
        from autograder.sandbox import OwnFork
        with start(2) as usual, start(2, begun=OwnFork()) as sandbox:
            print(ask(usual.fork(), "loaded", "pyclbr"), ask(sandbox.fork(), "loaded", "pyclbr"))
    """
    paths = os.pathsep.join([str(HERE), *sys.path])
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(script)]
    done = subprocess.run(command, capture_output=True, text=True, env={"PYTHONPATH": paths}, check=False)
    assert done.stdout == "False True\n", done.stderr


def test_after_the_end_of_its_fork_the_grader_starts_another_process() -> None:
    with start(2, begun=OwnFork()) as sandbox:
        child = ready(sandbox)
        tell(child, "sleep", 600)
        fork = sandbox._warm
        assert isinstance(fork, OwnFork) and fork._fork.pid
        os.kill(fork._fork.pid, signal.SIGKILL)
        with pytest.raises(ChildEnded) as caught:
            child.receive(1, soon())
        assert caught.value.exit.reason == "setup"
        assert ask(sandbox.fork(), "measure", "ab") == 2
        assert type(sandbox._warm) is WarmProcess


def test_an_own_fork_that_cannot_start_says_why() -> None:
    sandbox = start(2, preload=("sandbox_children:nothing_of_this_name",), begun=OwnFork())
    with sandbox, pytest.raises(SandboxUnavailable, match="could not start: AttributeError"):
        sandbox.wait()


@pytest.mark.parametrize("tier", [1, 2])
def test_a_process_that_has_begun_before_is_told_the_rest(tier: int) -> None:
    layers = (*LAYERS[tier], "memory cgroup")
    with start(tier, layers=layers) as usual, start(tier, layers=layers, begun=WarmProcess(["pyclbr"])) as sandbox:
        sandbox.wait()
        assert (sandbox.tier, sandbox.layers) == (usual.tier, usual.layers)
        assert [ask(one.fork(), "loaded", "pyclbr") for one in (usual, sandbox)] == [False, True]


def test_a_process_that_cannot_begin_says_why() -> None:
    sandbox = start(2, begun=WarmProcess(["no_such_module"]))
    with sandbox, pytest.raises(SandboxUnavailable, match="could not start: ModuleNotFoundError"):
        sandbox.wait()
