"""The memory cgroup: what it ends, what it leaves to the limit on address space, and that none is left behind."""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sandbox_talk import ask, end, ready, start

from autograder.sandbox import Limits, Sandbox
from autograder.sandbox.inside import tiers
from autograder.sandbox.layers import memory_cgroup

pytestmark = pytest.mark.slow

LAYERS = {1: ("namespaces", "landlock", "seccomp", "memory cgroup"), 2: ("landlock", "seccomp", "memory cgroup")}
SMALL = Limits(memory_mib=128, scratch_mib=16)


def start_or_skip(*layers: str, **options: Any) -> Sandbox:
    sandbox = start(layers=layers, unsafe=True, **options)
    if "memory cgroup" not in sandbox.layers:
        sandbox.close()
        pytest.skip("no memory cgroup may be made here")
    return sandbox


@pytest.fixture(scope="module", params=[1, 2])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with start_or_skip(*LAYERS[request.param]) as sandbox:
        yield sandbox


def left() -> set[Path]:
    """The cgroups of all sandboxes of the machine: what looks at them runs at night, when no other grader does."""
    return {folder for one in memory_cgroup.hierarchies() for folder in one.parent.glob("autograder-*")}


def test_memory_that_no_address_space_shows_is_limited() -> None:
    with start_or_skip("memory cgroup") as sandbox:
        exit = end(sandbox.fork(SMALL), "hide_memory", 1024)
        assert (exit.reason, exit.signal, exit.out_of_memory) == ("signal", "SIGKILL", True)
        assert ask(sandbox.fork(), "hide_memory", 1024) == "hidden"  # with limits of 2 GiB
        assert ask(sandbox.fork(SMALL), "hide_memory", 64) == "hidden"  # what the first one took is free again
    with start(4, unsafe=True) as loose:
        assert loose.layers == ("limits",)
        assert ask(loose.fork(SMALL), "hide_memory", 1024) == "hidden"


def test_address_space_is_the_first_limit(sandbox: Sandbox) -> None:
    child = sandbox.fork(Limits(memory_mib=1200, scratch_mib=16))
    assert ask(child, "hoard", 2) == "MemoryError"
    assert ask(child, "fill", "big", 15) == "filled"
    assert ask(child, "hoard", 1) == f"{1 << 30} bytes"


def test_other_ends_are_not_for_lack_of_memory(sandbox: Sandbox) -> None:
    exit = end(sandbox.fork(Limits(cpu_seconds=1)), "spin")
    assert (exit.signal, exit.out_of_memory) == ("SIGKILL", False)
    child = ready(sandbox)
    assert not child.kill().out_of_memory


def test_layer_is_named_and_used_only_if_it_is_asked_for(sandbox: Sandbox) -> None:
    assert sandbox.layers[-2:] == ("memory cgroup", "limits")
    with start(2) as other:
        assert "memory cgroup" not in other.layers


@pytest.mark.nightly
def test_none_is_left_behind() -> None:
    before = left()
    with start_or_skip("memory cgroup") as first, first.twin() as twin:
        assert ask(first.fork(), "measure", "a") == ask(twin.fork(), "measure", "a") == 1
        assert len(left() - before) == 2
        assert end(twin.fork(SMALL), "hide_memory", 1024).out_of_memory
    assert left() == before


@pytest.mark.nightly
def test_one_of_a_killed_process_goes_with_the_next_start() -> None:
    before = left()
    with start_or_skip("memory cgroup") as alive, start_or_skip("memory cgroup") as killed:
        pid = killed._warm._process.pid  # type: ignore[attr-defined]
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        stale = left() - before
        assert len(stale) == 2
        with start_or_skip("memory cgroup"):
            assert len(left() - before) == 2  # its own, and the one that is alive and idle
            assert len(stale - left()) == 1
        assert ask(alive.fork(), "measure", "a") == 1


# ---------------------------------------------------------------- where one can be made


def pretend(folder: Path, own: str, *mounts: str) -> Path:
    """A /proc/self of a process in the cgroups `own`; each of `mounts` is root, place, kind and options."""
    proc = folder / "proc"
    proc.mkdir(parents=True)
    (proc / "cgroup").write_text(own)
    lines = []
    for number, mount in enumerate(mounts):
        root, place, kind, options = mount.split()
        lines.append(f"{number} 1 0:{number} {root} {place} rw,nosuid shared:9 - {kind} {kind} {options}")
    (proc / "mountinfo").write_text("\n".join(lines) + "\n")
    return proc


def test_version_1_is_found_inside_a_container(tmp_path: Path) -> None:
    own = "5:cpu,cpuacct:/\n4:memory:/docker/abc/job\n0::/elsewhere\n"
    mounts = ("/ /sys/fs/cgroup/cpu cgroup rw,cpu,cpuacct", "/docker/abc /sys/fs/cgroup/memory cgroup rw,memory")
    (found,) = memory_cgroup.hierarchies(pretend(tmp_path, own, *mounts))
    assert found.parent == found.home == Path("/sys/fs/cgroup/memory/job")
    assert (found.limit, found.events) == ("memory.limit_in_bytes", "memory.oom_control")


def test_version_2_is_used_where_the_controller_is_passed_on(tmp_path: Path) -> None:
    mount = tmp_path / "cgroup"
    scope = mount / "user.slice" / "app.slice" / "terminal.scope"
    scope.mkdir(parents=True)
    for folder, controllers in ((mount, "cpu memory pids"), (scope.parent, "memory pids"), (scope, "")):
        (folder / "cgroup.subtree_control").write_text(controllers)
    proc = pretend(tmp_path, "0::/user.slice/app.slice/terminal.scope\n", f"/ {mount} cgroup2 rw,nsdelegate")
    found = list(memory_cgroup.hierarchies(proc))
    assert [(one.parent, one.home) for one in found] == [(scope.parent, scope), (mount, scope)]
    assert (found[0].limit, found[0].no_swap, found[0].events) == ("memory.max", "memory.swap.max", "memory.events")


def test_version_2_reads_and_writes_its_own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make_folder(prefix: str, dir: Path) -> str:
        made = dir / f"{prefix}1"
        made.mkdir()
        for name in ("cgroup.procs", "memory.max", "memory.swap.max"):
            (made / name).write_text("")
        (made / "memory.current").write_text("1024")
        (made / "memory.events").write_text("low 0\nhigh 0\nmax 12\noom 2\noom_kill 3\noom_group_kill 0\n")
        return str(made)

    monkeypatch.setattr(tempfile, "mkdtemp", make_folder)
    files = ("memory.max", "memory.current", "memory.swap.max", "memory.events")
    made = memory_cgroup.MemoryCgroup(memory_cgroup.Hierarchy(tmp_path, tmp_path / "home", *files))
    made.allow(64)
    made.enter()
    folder = tmp_path / "autograder-1"
    assert (folder / "memory.max").read_text() == str((64 << 20) + 1024)
    assert (folder / "memory.swap.max").read_text() == "0"
    assert (folder / "cgroup.procs").read_text() == "0"
    assert made.kills() == 3
    assert str(made) == f"version 2, in {tmp_path}"


def test_reason_is_given_where_none_can_be_made(tmp_path: Path) -> None:
    assert memory_cgroup.make(tmp_path / "no_proc") == "this system has no memory cgroups"
    proc = pretend(tmp_path, "4:memory:/gone\n", f"/ {tmp_path} cgroup rw,memory")
    assert memory_cgroup.make(proc) == f"{tmp_path / 'gone'}: No such file or directory"
    (tmp_path / "gone").mkdir()  # a folder, but no cgroup
    assert memory_cgroup.make(proc) == f"{tmp_path / 'gone'}: No such file or directory"
    assert list((tmp_path / "gone").iterdir()) == []


@pytest.mark.nightly
def test_cgroup_that_does_not_hold_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    if isinstance(made := memory_cgroup.make(), str):
        pytest.skip(made)
    made.remove()
    before = left()
    monkeypatch.setattr(memory_cgroup.MemoryCgroup, "enter", lambda self: None)  # as if nothing were counted
    assert tiers.try_memory_cgroup() == "its limit does not hold"
    assert left() == before
