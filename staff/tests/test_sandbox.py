"""Conversations with children, their limits, their ends, and the clean start that each gets."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_children import REPLY
from sandbox_talk import HERE, ask, end, ready, soon, start, start_or_skip, tell

from autograder.sandbox import Child, ChildEnded, ChildTimeout, Limits, Sandbox


@pytest.fixture(scope="module", params=[1, 2])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with start_or_skip(request.param) as sandbox:
        yield sandbox


@pytest.fixture
def child(sandbox: Sandbox) -> Iterator[Child]:
    child = ready(sandbox)
    yield child
    child.kill()


# ---------------------------------------------------------------- talking


@pytest.mark.parametrize("tier", [1, 2])
def test_frames_larger_than_a_pipe_go_both_ways(tier: int) -> None:
    data = os.urandom(1 << 20)
    with start(tier, "echo", limits=Limits(output_mib=8)) as sandbox:
        child = sandbox.fork()
        for size in (1, 5, len(data)):  # the child answers as it reads, so a pipe's worth is on its way at most
            for at in range(0, size, 32768):
                part = data[:size][at : at + 32768]
                child.send(part, soon())
                assert child.receive(len(part), soon()) == part
    with start(tier, limits=Limits(output_mib=8)) as sandbox:
        child = sandbox.fork()
        assert ask(child, "measure", "x" * (8 << 20)) == 8 << 20
        tell(child, "produce", 8 << 20)
        assert child.receive(8 << 20, soon()) == b"y" * (8 << 20)
        assert b"produced" in child.receive(REPLY, soon())


def test_reply_above_the_cap_ends_the_child(child: Child) -> None:
    with pytest.raises(ChildEnded, match="more than 64 MiB") as caught:
        child.receive((64 << 20) + 1, soon())
    assert caught.value.exit.reason == "killed"


def test_log_holds_both_streams(child: Child) -> None:
    assert ask(child, "say", "안녕") == "said"
    assert child.log == "안녕\n안녕\n"
    child.kill()
    assert child.log == "안녕\n안녕\n"


@pytest.mark.slow
def test_flood_of_output_is_read_and_dropped(child: Child) -> None:
    assert ask(child, "flood", 1024) == "done"
    assert child.log == "x" * (64 << 10)


def test_output_without_a_reply_does_not_outlast_the_deadline(child: Child) -> None:
    with pytest.raises(ChildTimeout):
        ask(child, "flood", 1 << 30, seconds=0.5)


# ---------------------------------------------------------------- ends


def test_timeout_leaves_the_child_to_be_killed(child: Child) -> None:
    with pytest.raises(ChildTimeout):
        ask(child, "sleep", 60, seconds=0.2)
    exit = child.kill()
    assert (exit.reason, exit.signal) == ("killed", "SIGKILL")
    assert child.kill() is exit
    with pytest.raises(ChildEnded):
        child.receive(1, soon())
    with pytest.raises(ChildEnded):
        child.send(b"more", soon())


@pytest.mark.slow
def test_part_of_a_reply_stays_after_a_timeout(child: Child) -> None:
    with pytest.raises(ChildTimeout):
        ask(child, "half", seconds=2)
    assert child.receive(4, soon()) == b"half"


def test_child_that_does_not_read_times_out(child: Child) -> None:
    with pytest.raises(ChildTimeout):
        ask(child, "sleep", 60, seconds=0.2)
    with pytest.raises(ChildTimeout):
        child.send(bytes(1 << 22), soon(0.2))


def test_only_one_child_lives(sandbox: Sandbox) -> None:
    first = ready(sandbox)
    second = sandbox.fork()
    with pytest.raises(ChildEnded):
        first.receive(1, soon())
    assert ask(second, "measure", "ab") == 2


def test_any_signal_has_a_name() -> None:
    with start(2) as sandbox:
        assert end(ready(sandbox), "die_of", 40).signal == "signal 40"


def test_exit_code_is_told(child: Child) -> None:
    exit = end(child, "leave", 7)
    assert (exit.reason, exit.code) == ("exited", 7)
    assert exit.cpu_seconds > 0


def test_crash_is_a_signal(child: Child) -> None:
    exit = end(child, "crash")
    assert (exit.reason, exit.signal) == ("signal", "SIGSEGV")


def test_abort_is_a_signal(child: Child) -> None:
    exit = end(child, "abort")
    assert exit.reason == "signal"
    assert exit.signal in {"SIGABRT", "SIGSEGV"}  # the first process of a namespace ignores its own SIGABRT


def test_exception_in_the_entry_is_logged() -> None:
    with start(function="fail") as sandbox:
        child = sandbox.fork()
        with pytest.raises(ChildEnded) as caught:
            child.receive(1, soon())
    assert (caught.value.exit.reason, caught.value.exit.code) == ("exited", 1)
    assert "RuntimeError: no such luck" in child.log


def test_child_that_closed_its_pipe_is_killed(child: Child) -> None:
    assert end(child, "hang_up", 60).reason == "killed"


def test_child_that_closed_its_pipe_and_ended_has_ended(child: Child) -> None:
    assert end(child, "hang_up", 0.1).reason == "exited"


def test_thread_left_behind_ends_with_the_child() -> None:
    with start(function="leave_a_thread") as sandbox:
        child = sandbox.fork()
        assert child.receive(4, soon()) == b"left"
        with pytest.raises(ChildEnded) as caught:
            child.receive(1, soon())
    assert (caught.value.exit.reason, caught.value.exit.code) == ("exited", 0)


def test_survivor_with_the_pipe_does_not_hold_up_the_grader() -> None:
    with start(4, unsafe=True) as sandbox:
        assert end(sandbox.fork(), "orphan").reason == "exited"


# ---------------------------------------------------------------- limits


@pytest.mark.slow
def test_memory_is_limited(child: Child) -> None:
    assert ask(child, "hoard", 8) == "MemoryError"
    assert ask(child, "hoard", 1) == f"{1 << 30} bytes"


@pytest.mark.slow
def test_cpu_time_is_limited() -> None:
    for tier in (1, 2):
        with start(tier, limits=Limits(cpu_seconds=1)) as sandbox:
            exit = end(sandbox.fork(), "spin")
            assert (exit.reason, exit.signal) == ("signal", "SIGKILL")
            assert exit.cpu_seconds >= 0.5  # the kernel's ticks count more on a busy machine, see `explain_exit`


def test_file_size_is_limited(child: Child) -> None:
    assert ask(child, "fill", "big", 16) == "filled"
    assert ask(child, "fill", "bigger", 17) == "EFBIG"


@pytest.mark.slow
def test_one_child_can_have_limits_of_its_own(sandbox: Sandbox) -> None:
    own = Limits(memory_mib=256, file_mib=1, output_mib=1)
    child = sandbox.fork(own)
    assert ask(child, "hoard", 1) == "MemoryError"
    assert ask(child, "fill", "big", 2) == "EFBIG"
    with pytest.raises(ChildEnded, match="more than 1 MiB"):
        child.receive((1 << 20) + 1, soon())
    child = sandbox.fork()  # and the next one has the sandbox's again
    assert ask(child, "hoard", 1) == f"{1 << 30} bytes"
    assert ask(child, "fill", "big", 2) == "filled"


def test_scratch_size_is_limited() -> None:
    with start(1, limits=Limits(scratch_mib=8)) as sandbox:
        if sandbox.tier != 1:
            pytest.skip("needs namespaces")
        assert ask(sandbox.fork(), "fill", "big", 9) == "ENOSPC"


# ---------------------------------------------------------------- a clean start for every child


def test_child_sees_nothing_of_the_grader(child: Child) -> None:
    seen = ask(child, "surroundings")
    assert seen["descriptors"] == [0, 1, 2, 3, 4]
    assert set(seen["environment"]) == {"HOME", "TMPDIR", "PATH", "LANG", "USER"}
    assert seen["environment"]["HOME"] == seen["environment"]["TMPDIR"] == seen["folder"]
    assert seen["files"] == []
    assert {int(mask, 16) for mask in seen["capabilities"][:3]} == {0}
    outside = [Path(path) for path in seen["path"] if not Path(path).is_relative_to(sys.prefix)]
    assert not [path for path in outside if path.is_relative_to(HERE.parents[1])]


def test_root_becomes_nobody_where_namespaces_open_the_way() -> None:
    with start(1) as sandbox:
        rights = Path("/proc/self/status").read_text().partition("CapEff:")[2].split()[0]
        if sandbox.tier != 1 or os.getuid() != 0 or not int(rights, 16) >> 21 & 1:
            pytest.skip("needs root, CAP_SYS_ADMIN and namespaces")
        assert ask(sandbox.fork(), "surroundings")["user"] == 65534


def test_nothing_is_left_for_the_next_child(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    child = sandbox.fork()
    ask(child, "write", "note")
    ask(child, "create_private", "private")
    ask(child, "link", str(tmp_path), "way_out")
    ask(child, "nest", 1200)  # deeper than Python recurses
    child.kill()
    assert ask(sandbox.fork(), "surroundings")["files"] == []
    assert (tmp_path / "kept").read_text() == "kept"


def test_child_imports_what_was_not_preloaded(child: Child) -> None:
    assert ask(child, "loaded", "zoneinfo") is False
    assert ask(child, "import_late", "zoneinfo") == "zoneinfo"
    assert ask(child, "import_late", "safetensors") == "safetensors"


@pytest.mark.slow
def test_torch_works_after_the_fork() -> None:
    with start(preload=("torch", "sandbox_children:compute")) as sandbox:
        for _ in range(2):
            assert ask(sandbox.fork(), "add") == 1 << 20
