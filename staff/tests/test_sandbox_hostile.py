"""Children that try what they must not, in tiers 1 and 2; and that the same attempts succeed without the layers."""

import os
import platform
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_talk import HERE, ask, ready, soon, start, start_or_skip, tell

from autograder.sandbox import Child, ChildEnded, ChildTimeout, Sandbox

DENIED = {"EACCES", "EPERM"}
HIDDEN = DENIED | {"ENOENT"}  # with namespaces, a folder may be covered altogether


@pytest.fixture(scope="module", params=[1, 2])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with start_or_skip(request.param) as sandbox:
        yield sandbox


@pytest.fixture
def child(sandbox: Sandbox) -> Iterator[Child]:
    child = ready(sandbox)
    yield child
    child.kill()


@pytest.fixture
def loose() -> Iterator[Child]:
    """A child that only limits hold: what is denied to the others must work here, or nothing would be proved."""
    with start(4, unsafe=True) as sandbox:
        yield sandbox.fork()


@pytest.fixture
def answers() -> Iterator[Path]:
    """A file that any user of the machine may read and write, so that only the sandbox stands before it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        path = Path(folder, "answers")
        path.write_text("secret")
        path.chmod(0o666)
        yield path


# ---------------------------------------------------------------- files


def test_files_outside_cannot_be_read(child: Child, answers: Path) -> None:
    for path in (answers, "/etc/passwd", "/etc/hostname", HERE / "sandbox_children.py", "/proc/2/cmdline"):
        assert ask(child, "read", str(path)) in HIDDEN, path
    for folder in ("/", "/etc", "/home", "/tmp", "/proc", "/dev", str(Path.home()), str(HERE), str(HERE.parent)):
        assert ask(child, "listing", folder) in HIDDEN, folder


def test_no_detour_leads_to_a_file(child: Child, answers: Path) -> None:
    assert ask(child, "link", str(answers), "way") in HIDDEN
    assert ask(child, "hard_link", str(answers), "way_in") in HIDDEN | {"EXDEV"}
    for start_at in ("/proc/self/root", "/proc/self/cwd/../../..", "/proc/self/task/../root"):
        detour = f"{start_at}{answers}"
        assert ask(child, "read", detour) in HIDDEN, detour
    assert ask(child, "rename", str(answers), "mine") in HIDDEN | {"EXDEV"}


def test_files_outside_cannot_be_changed(child: Child, answers: Path) -> None:
    before = answers.stat()
    for attempt in (("write", str(answers)), ("truncate", str(answers)), ("remove", str(answers))):
        assert ask(child, *attempt) in HIDDEN, attempt
    for folder in (answers.parent, Path("/tmp"), HERE, Path(os.__file__).parent):
        new = folder / f"new-{answers.parent.name}"
        assert ask(child, "write", str(new)) in HIDDEN | {"EROFS"}, folder
        assert not new.exists()
    ask(child, "chmod", str(answers), 0)
    ask(child, "set_times", str(answers))
    after = answers.stat()
    assert (after.st_mode, after.st_mtime, after.st_uid) == (before.st_mode, before.st_mtime, before.st_uid)
    assert answers.read_text() == "secret"


def test_copying_in_the_scratch_folder_works(child: Child) -> None:
    assert ask(child, "write", "a") == "written"
    assert ask(child, "copy", "a", "b") == "mine"
    assert ask(child, "rename", "b", "c") == "done"


# ---------------------------------------------------------------- processes and programs


def test_no_process_can_be_started(child: Child) -> None:
    assert ask(child, "fork") in DENIED
    assert ask(child, "fork_bomb") == "0 processes"
    assert ask(child, "spawn") in DENIED
    assert ask(child, "execute") in DENIED


def test_no_other_process_can_be_touched(child: Child) -> None:
    with subprocess.Popen(["sleep", "60"]) as victim:
        for pid in (victim.pid, 0, -1):
            assert ask(child, "send_signal", pid) in DENIED | {"ESRCH"}, pid
        assert ask(child, "limit_process", victim.pid) in DENIED | {"ESRCH"}
        assert victim.poll() is None
        victim.kill()


def test_child_cannot_shed_its_parent(child: Child) -> None:
    pr_set_pdeathsig = 1
    number = {"x86_64": 157, "aarch64": 167}[platform.machine()]
    assert ask(child, "system_call", number, pr_set_pdeathsig, 0, 0, 0, 0) == "EPERM"


# ---------------------------------------------------------------- network


def test_no_socket_can_be_made(child: Child) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = list(server.getsockname())
        for family, kind, where in (
            (socket.AF_INET, socket.SOCK_STREAM, address),
            (socket.AF_INET, socket.SOCK_DGRAM, address),
            (socket.AF_INET6, socket.SOCK_STREAM, ["::1", address[1]]),
            (socket.AF_UNIX, socket.SOCK_STREAM, "/tmp/socket"),
            (socket.AF_UNIX, socket.SOCK_DGRAM, "@abstract"),
            (socket.AF_INET, socket.SOCK_RAW, address),
        ):
            assert ask(child, "connect", family, kind, where) in DENIED, (family, kind)


# ---------------------------------------------------------------- the kernel

CALLS = {  # name: number on x86-64, on aarch64, arguments
    "ptrace": (101, 117, (0, 0, 0, 0)),
    "memfd_create": (319, 279, (0, 0)),
    "shmget": (29, 194, (0, 4096, 0o1600)),
    "unshare": (272, 97, (0x10000000,)),
    "mount": (165, 40, (0, 0, 0, 0, 0)),
    "io_uring_setup": (425, 425, (4, 0)),
    "bpf": (321, 280, (0, 0, 0)),
    "keyctl": (250, 219, (0, -3, 1)),
    "perf_event_open": (298, 241, (0, 0, -1, -1, 0)),
    "userfaultfd": (323, 282, (1,)),
    "inotify_init1": (294, 26, (0,)),
    "pidfd_open": (434, 434, (1, 0)),
    "mq_open": (240, 180, (0, 0, 0, 0)),
}


@pytest.mark.parametrize("name", CALLS)
def test_system_call_is_denied(child: Child, name: str) -> None:
    number = CALLS[name][{"x86_64": 0, "aarch64": 1}[platform.machine()]]
    assert ask(child, "system_call", number, *CALLS[name][2]) == "EPERM"


def test_user_cannot_be_changed(child: Child) -> None:
    setuid = {"x86_64": 105, "aarch64": 146}[platform.machine()]
    for user in (0, 12345):
        if user != ask(child, "surroundings")["user"]:  # EINVAL: in a user namespace, there are no others
            assert ask(child, "system_call", setuid, user) in {"EPERM", "EINVAL"}


def test_processes_cannot_be_made_by_other_calls(child: Child) -> None:
    clone, clone3 = ({"x86_64": 56, "aarch64": 220}[platform.machine()], 435)
    sigchld, new_user = 17, 0x10000000
    assert ask(child, "system_call", clone, sigchld, 0, 0, 0, 0) == "EPERM"
    assert ask(child, "system_call", clone, sigchld | new_user, 0, 0, 0, 0) == "EPERM"
    assert ask(child, "system_call", clone3, 0, 0) == "ENOSYS"
    assert ask(child, "system_call", 460, 0) == "ENOSYS"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="x32 calls exist on x86-64 alone")
def test_x32_calls_are_denied(child: Child) -> None:
    assert ask(child, "system_call", 0x40000000 + 41, 2, 1, 0) == "EPERM"


def test_child_ignoring_signals_is_killed(child: Child) -> None:
    tell(child, "ignore_signals")
    with pytest.raises(ChildTimeout):
        child.receive(1, soon(0.5))
    assert child.kill().reason == "killed"


# ---------------------------------------------------------------- the attempts are real


def test_without_layers_the_attempts_succeed(loose: Child, answers: Path) -> None:
    assert ask(loose, "read", str(answers)) == "secret"
    assert "passwd" in ask(loose, "listing", "/etc")
    assert ask(loose, "link", str(answers), "way") == "secret"
    assert ask(loose, "read", f"/proc/self/root{answers}") == "secret"
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = list(server.getsockname())
        assert ask(loose, "connect", socket.AF_INET, socket.SOCK_STREAM, address) == "connected"
    assert ask(loose, "fork") == "forked"
    assert ask(loose, "spawn") == "ran"
    assert ask(loose, "write", str(answers)) == "written"
    assert ask(loose, "truncate", str(answers)) == "done"
    assert ask(loose, "chmod", str(answers), 0o600) == "done"
    with pytest.raises(ChildEnded):
        ask(loose, "execute")
