"""Tier 3: talking to children in a container, and what becomes of the grader when parts of it fail.

Every test runs with a `docker` that is faked (see container_fake), and again with a real runtime where one is usable.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import container_fake
import pytest
from sandbox_children import REPLY
from sandbox_talk import HERE, ask, end, ready, soon, start, tell

from autograder.sandbox import ChildEnded, ChildTimeout, Exit, Limits, Sandbox, SandboxUnavailable
from autograder.sandbox.container import process
from autograder.sandbox.container.streams import WINDOW

ENDED = Exit("setup", detail="the warm process ended")
Open = Callable[..., Sandbox]


@cache
def real_runtime() -> process.Runtime:
    return process.runtime()


@pytest.fixture(params=["fake", "real"])
def runtime(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a runtime."""
    if request.param == "fake":
        container_fake.install(tmp_path, monkeypatch)
        return "docker"
    if not real_runtime().name:
        pytest.skip(real_runtime().reason)
    return real_runtime().name


@pytest.fixture
def opened(runtime: str) -> Iterator[Open]:
    """Starts sandboxes in containers, which are closed at the end."""
    sandboxes: list[Sandbox] = []

    def open_one(function: str = "serve", **options: Any) -> Sandbox:
        sandboxes.append(start(2, function, **{"container": runtime, **options}))
        return sandboxes[-1]

    yield open_one
    for sandbox in sandboxes:
        sandbox.close()


def name_of(sandbox: Sandbox) -> str:
    """The container's name."""
    arguments: list[str] = sandbox._warm._process.args  # type: ignore[attr-defined]
    return next(one.removeprefix("--name=") for one in arguments if one.startswith("--name="))


def peak_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


# ---------------------------------------------------------------- talking


def test_layers_are_named(opened: Open) -> None:
    sandbox = opened()
    assert sandbox.tier == 3
    assert sandbox.layers == ("container", "landlock", "seccomp", "limits")


def test_frames_larger_than_any_buffer_go_both_ways(opened: Open) -> None:
    child = opened(limits=Limits(output_mib=8)).fork()
    assert ask(child, "measure", "x" * (8 << 20)) == 8 << 20
    tell(child, "produce", 8 << 20)
    assert child.receive(8 << 20, soon()) == b"y" * (8 << 20)
    assert b"produced" in child.receive(REPLY, soon())


def test_bytes_arrive_as_they_were_sent(opened: Open) -> None:
    child = opened("echo").fork()
    data = os.urandom(1 << 20)
    for at in range(0, len(data), 32768):
        child.send(data[at : at + 32768], soon())
        assert child.receive(32768, soon()) == data[at : at + 32768]


def test_what_was_written_before_the_end_is_read_before_it(opened: Open) -> None:
    child = ready(opened())
    tell(child, "say", "goodbye")
    tell(child, "produce", 3 << 20)
    tell(child, "leave", 4)
    assert b"said" in child.receive(REPLY, soon())
    assert child.receive(3 << 20, soon()) == b"y" * (3 << 20)
    assert b"produced" in child.receive(REPLY, soon())
    with pytest.raises(ChildEnded) as caught:
        child.receive(1, soon())
    assert (caught.value.exit.reason, caught.value.exit.code) == ("exited", 4)
    assert child.log == "goodbye\ngoodbye\n"


@pytest.mark.parametrize("layers", [("landlock", "seccomp"), ("landlock",)])  # without seccomp the container ends, too
def test_what_the_pipe_of_an_ended_child_holds_is_read(opened: Open, layers: tuple[str, ...]) -> None:
    child = ready(opened(layers=layers))
    size = WINDOW + (48 << 10)  # all that may travel unread, and most of what the child's own pipe takes
    tell(child, "produce", size)
    tell(child, "leave", 4)
    time.sleep(1)  # for the child's end; where that takes longer, less is proved
    assert child.receive(size, soon()) == b"y" * size
    assert b"produced" in child.receive(REPLY, soon())
    with pytest.raises(ChildEnded) as caught:
        child.receive(1, soon())
    assert caught.value.exit.code == 4


def test_huge_reply_waits_in_the_child(opened: Open) -> None:
    sandbox = opened()
    child = ready(sandbox)
    tell(child, "produce", 1 << 30)
    for _ in range(8):
        child.receive(8 << 20, soon())
    assert peak_mib(sandbox._warm._process.pid) < 48  # type: ignore[attr-defined]
    with pytest.raises(ChildEnded, match="more than 64 MiB"):
        child.receive((64 << 20) + 1, soon())
    assert ask(ready(sandbox), "measure", "ab") == 2


def test_flood_of_output_is_read_and_dropped(opened: Open) -> None:
    sandbox = opened()
    child = ready(sandbox)
    assert ask(child, "flood", 256) == "done"
    assert child.log == "x" * (64 << 10)
    with pytest.raises(ChildTimeout):
        ask(child, "flood", 1 << 30, seconds=0.5)
    assert child.kill().reason == "killed"
    assert peak_mib(sandbox._warm._process.pid) < 48  # type: ignore[attr-defined]


# ---------------------------------------------------------------- ends


@pytest.mark.parametrize("function", ["ignore_signals", "spin", "half"])
def test_hanging_child_is_killed(opened: Open, function: str) -> None:
    sandbox = opened()
    child = ready(sandbox)
    with pytest.raises(ChildTimeout):
        ask(child, function, seconds=0.3)
    with pytest.raises(ChildTimeout):
        child.send(bytes(4 << 20), soon(0.3))  # it does not read, either
    exit = child.kill()
    assert (exit.reason, exit.signal) == ("killed", "SIGKILL")
    assert ask(sandbox.fork(), "measure", "abc") == 3


def test_child_that_closed_its_pipe_is_killed(opened: Open) -> None:
    assert end(ready(opened()), "hang_up", 60).reason == "killed"


@pytest.mark.parametrize("function", ["leave", "orphan"])
def test_request_to_a_child_that_ended_is_not_waited_for(opened: Open, function: str) -> None:
    layers = ("landlock", "seccomp") if function == "leave" else ()  # a process left behind still holds its pipe
    child = ready(opened(layers=layers, protect=()))
    tell(child, "produce", 1 << 17)  # more than the grader's pipe takes, so that its end is not told yet
    tell(child, function, *([3] if function == "leave" else []))
    with pytest.raises(ChildEnded) as caught:
        child.send(bytes(16 << 20), soon())
    assert (caught.value.exit.reason, caught.value.exit.code) == ("exited", 3 if function == "leave" else 0)


def test_crash_and_exception_are_told(opened: Open) -> None:
    exit = end(ready(opened()), "crash")
    assert (exit.reason, exit.signal) == ("signal", "SIGSEGV")
    child = opened("fail").fork()
    with pytest.raises(ChildEnded) as caught:
        child.receive(1, soon())
    assert (caught.value.exit.reason, caught.value.exit.code) == ("exited", 1)
    assert "RuntimeError: no such luck" in child.log


def test_limits_hold(opened: Open) -> None:
    child = ready(opened(limits=Limits(cpu_seconds=1)))
    assert ask(child, "hoard", 8) == "MemoryError"
    assert ask(child, "fill", "big", 17) == "EFBIG"
    exit = end(child, "spin")
    assert (exit.reason, exit.signal) == ("signal", "SIGKILL")


# ---------------------------------------------------------------- parts that fail


def test_container_that_dies_is_replaced(opened: Open, runtime: str) -> None:
    sandbox = opened()
    child = ready(sandbox)
    tell(child, "sleep", 600)
    first = name_of(sandbox)
    subprocess.run([runtime, "kill", first], check=True, capture_output=True)
    with pytest.raises(ChildEnded) as caught:
        child.receive(1, soon())
    assert caught.value.exit == child.kill() == ENDED
    assert ask(sandbox.fork(), "measure", "ab") == 2
    assert name_of(sandbox) != first


def test_container_that_dies_between_children_is_replaced(opened: Open, runtime: str) -> None:
    sandbox = opened()
    ready(sandbox).kill()
    subprocess.run([runtime, "kill", name_of(sandbox)], check=True, capture_output=True)
    sandbox._warm._process.wait()  # type: ignore[attr-defined]
    assert ask(sandbox.fork(), "measure", "ab") == 2


def test_dead_warm_process_ends_its_container(opened: Open) -> None:
    sandbox = opened()
    ready(sandbox).kill()
    os.kill(warm_process(), signal.SIGKILL)
    sandbox._warm._process.wait()  # type: ignore[attr-defined]
    child = ready(sandbox)
    tell(child, "sleep", 600)
    os.kill(warm_process(), signal.SIGKILL)
    with pytest.raises(ChildEnded) as caught:
        child.receive(1, soon())
    assert caught.value.exit == ENDED
    assert ask(sandbox.fork(), "measure", "ab") == 2


def warm_process() -> int:
    """The one that a relay has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            starter, own = (Path(f"/proc/{pid}/cmdline").read_text() for pid in (parent, folder.name))
            if "relay_inside" in starter and "sandbox.warm" in own:
                found.append(int(folder.name))
    assert len(found) == 1
    return found[0]


def test_warm_process_that_does_not_start_is_told(opened: Open) -> None:
    with pytest.raises(SandboxUnavailable, match="out of cheese"):
        opened(preload=("sandbox_children:collapse",))
    with pytest.raises(SandboxUnavailable, match="no_such_module"):
        opened(preload=("no_such_module",))


def test_two_sandboxes_work_at_once_and_apart(opened: Open, runtime: str) -> None:
    first = opened()
    with first.twin() as twin:
        assert (twin.tier, twin.layers) == (first.tier, first.layers)
        assert name_of(first) != name_of(twin)
        one, other = ready(first), ready(twin)
        ask(one, "write", "note", "first")
        tell(one, "sleep", 600)
        assert ask(other, "listing", ".") == []
        subprocess.run([runtime, "kill", name_of(twin)], check=True, capture_output=True)
        with pytest.raises(ChildEnded):
            ask(other, "measure", "abc")
        assert one.kill().reason == "killed"
        assert ask(ready(first), "measure", "ab") == 2
        assert ask(ready(twin), "measure", "abc") == 3


def test_nothing_is_left_for_the_next_child(opened: Open) -> None:
    sandbox = opened()
    child = ready(sandbox)
    ask(child, "write", "note")
    ask(child, "create_private", "private")
    ask(child, "nest", 1200)
    assert ask(ready(sandbox), "surroundings")["files"] == []


@pytest.mark.parametrize("layers", [(), ("landlock",), ("seccomp",)])
def test_container_is_used_for_one_child_where_a_layer_is_missing(opened: Open, layers: tuple[str, ...]) -> None:
    sandbox = opened(layers=layers, protect=())
    for number in range(2):
        first, child = name_of(sandbox), ready(sandbox)
        assert (name_of(sandbox) == first) == (number == 0)
        assert end(child, "leave", 4).code == 4
    whole = opened()
    first = name_of(whole)
    assert end(ready(whole), "leave", 4) and ask(ready(whole), "measure", "ab") == 2
    assert name_of(whole) == first


# ---------------------------------------------------------------- no container outlives its grader


def test_closed_sandbox_leaves_no_container(opened: Open, runtime: str) -> None:
    sandbox = opened()
    tell(ready(sandbox), "sleep", 600)
    assert is_there(runtime, name_of(sandbox))
    sandbox.close()
    assert not is_there(runtime, name_of(sandbox))


@pytest.mark.parametrize("victim", ["grader", "outside", "runtime"])
def test_no_container_outlives_what_was_killed(runtime: str, victim: str) -> None:
    script = """if True:
        import os, sys
        sys.path[:0] = sys.argv[1:3]
        import sandbox_talk, test_container
        sandbox = sandbox_talk.start(2, container=sys.argv[3])
        sandbox_talk.tell(sandbox_talk.ready(sandbox), "sleep", 600)
        print(test_container.name_of(sandbox), flush=True)
        outside = sandbox._warm._process.pid
        children = test_container.Path(f"/proc/{outside}/task/{outside}/children").read_text().split()
        os.kill({"grader": os.getpid(), "outside": outside, "runtime": int(children[0])}[sys.argv[4]], 9)
        os.kill(os.getpid(), 9)
    """
    command = [sys.executable, "-c", script, str(HERE), str(HERE.parents[1]), runtime, victim]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    deadline = soon()
    while is_there(runtime, ended.stdout.strip()):
        assert time.monotonic() < deadline, "the container is still there"
        time.sleep(0.1)


def is_there(runtime: str, name: str) -> bool:
    """Whether a container runs, or lies about after its end."""
    listing = [runtime, "ps", "--all", "--quiet", f"--filter=name={name}"]
    return bool(subprocess.run(listing, capture_output=True, check=True).stdout)
