"""What a real container keeps student code from, when neither Landlock nor seccomp helps it. Needs a usable runtime."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_children import REPLY
from sandbox_talk import HERE, ask, ready, soon, start, tell

from autograder.sandbox import Child, ChildEnded, Limits, Sandbox
from autograder.sandbox.container import process

ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def runtime() -> str:
    found = process.runtime()
    if not found.name:
        pytest.skip(found.reason)
    return found.name


@pytest.fixture(scope="module")
def sandbox(runtime: str) -> Iterator[Sandbox]:
    with start(container=runtime, layers=(), protect=(), limits=Limits(memory_mib=512)) as sandbox:
        assert sandbox.layers == ("container", "limits")
        yield sandbox


@pytest.fixture
def child(sandbox: Sandbox) -> Iterator[Child]:
    child = ready(sandbox)
    yield child
    child.kill()


def test_nothing_of_the_host_can_be_read(child: Child, tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    answers.write_text("secret")
    for path in (answers, ROOT / "staff/solutions/gru.py", ROOT / "tests/test_gru.py", ROOT / "data/samples/README.md"):
        assert path.exists()
        assert ask(child, "read", str(path)) == "ENOENT"
    assert ask(child, "listing", str(ROOT)) == ["autograder", "data", "staff"]
    assert ask(child, "listing", str(ROOT / "staff")) == ["tests"]  # which the tests asked for


def test_no_other_process_can_be_looked_into(child: Child) -> None:
    fields = status(child)
    for pid in (1, int(fields["PPid"])):  # the relay, through which every student's bytes go, and the warm process
        for name in ("environ", "maps"):
            assert ask(child, "read", f"/proc/{pid}/{name}") == "EACCES"
        assert ask(child, "write", f"/proc/{pid}/mem") == "EACCES"
    assert fields["NoNewPrivs"] == "1"
    assert {fields[name] for name in fields if name.startswith("Cap")} == {"0" * 16}
    assert fields["Uid"].split() == fields["Gid"].split() == ["65534"] * 4


def status(child: Child) -> dict[str, str]:
    lines = ask(child, "read", "/proc/self/status").splitlines()
    return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}


def test_there_is_no_network(child: Child) -> None:
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as abstract:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        abstract.bind(f"\0autograder-{os.getpid()}")
        abstract.listen()
        family, address = tcp.family, tcp.getsockname()
        assert ask(child, "connect", family, socket.SOCK_STREAM, address) == "ECONNREFUSED"
        assert ask(child, "connect", socket.AF_UNIX, socket.SOCK_STREAM, f"@autograder-{os.getpid()}") == "ECONNREFUSED"
        for route in ("192.0.2.1", "255.255.255.255"):
            assert ask(child, "connect", family, socket.SOCK_DGRAM, [route, 53]) in {"ENETUNREACH", "EACCES"}


def test_nothing_can_be_written_but_temporary_files(child: Child) -> None:
    module = process.__file__
    assert ask(child, "write", str(Path(module).with_name("new.py"))) == "EROFS"
    assert ask(child, "truncate", module) in {"EROFS", "EACCES"}
    assert ask(child, "write", "/usr/lib/new") in {"EROFS", "EACCES"}
    assert ask(child, "write", "/etc/new") in {"EROFS", "EACCES"}
    assert [ask(child, "fill", f"file{number}", 16) for number in range(6)][-1] == "ENOSPC"


def test_processes_are_counted(sandbox: Sandbox, child: Child) -> None:
    made = int(ask(child, "fork_bomb", seconds=120).split()[0])
    assert 100 < made < 576
    child.kill()
    assert ask(ready(sandbox), "measure", "ab") == 2


def test_child_that_kills_the_warm_process_costs_nobody_else(sandbox: Sandbox, child: Child) -> None:
    tell(child, "send_signal", 1)  # the relay, which no signal from inside reaches
    assert b"sent" in child.receive(REPLY, soon())
    tell(child, "send_signal", int(status(child)["PPid"]))
    with pytest.raises(ChildEnded) as caught:
        child.receive(2 * REPLY, soon())
    assert caught.value.exit.reason in {"setup", "signal"}
    assert ask(ready(sandbox), "measure", "ab") == 2


def test_memory_of_all_together_is_limited(runtime: str) -> None:
    limits = Limits(memory_mib=64, scratch_mib=8)
    code = "kept = []\nwhile len(kept) < 4096: kept.append(bytearray(b'x') * (1 << 20))"
    command = [runtime, "run", *process.options("autograder-test-memory", [], limits), process.IMAGE, "-c", code]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert ended.returncode == 137, ended.stderr
