"""What the sandbox refuses, what becomes of it when its own parts fail, and that nothing of it outlives the grader."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sandbox_talk import HERE, ask, ready, soon, start, start_or_skip, tell, warm

from autograder.sandbox import ChildEnded, Exit, Sandbox, SandboxUnavailable, connection, control, paths

pytestmark = pytest.mark.slow
PAGE = "docs/container.md"
UNSAFE = "--unsafe: then student code has your own rights."


def test_no_process_outlives_the_grader(tmp_path: Path) -> None:
    script = """if True:
        import os, sys
        sys.path[:0] = sys.argv[1:]
        import sandbox_talk, test_sandbox_failures
        sandbox = sandbox_talk.start(int(sys.argv[3]))
        sandbox_talk.tell(sandbox_talk.ready(sandbox), "sleep", 600)
        print(*test_sandbox_failures.members(sandbox_talk.warm(sandbox)._process.pid), flush=True)
        os.kill(os.getpid(), 9)
    """
    for tier in (1, 2):
        command = [sys.executable, "-c", script, str(HERE), str(HERE.parents[1]), str(tier)]
        environment = {**os.environ, "TMPDIR": str(tmp_path)}
        ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        wait_for_the_end_of([int(pid) for pid in ended.stdout.split()])


def wait_for_the_end_of(pids: list[int]) -> None:
    deadline = soon()
    while left := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.05)


def members(session: int) -> list[int]:
    """Processes of a session, or started by one of them."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            _, parent, _, its = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if session in (int(its), int(folder.name)) or int(parent) in found:
            found.append(int(folder.name))
    return found


def test_failed_set_up_is_not_the_students_fault() -> None:
    with start(2) as sandbox:
        (warm(sandbox)._folder / "scratch" / "0").rmdir()
        with pytest.raises(ChildEnded) as caught:
            sandbox.fork().receive(1, soon())
        assert ask(sandbox.fork(), "measure", "") == 0
    assert caught.value.exit.reason == "setup"
    assert "FileNotFoundError" in caught.value.exit.detail


@pytest.mark.parametrize("tier", [1, 2])
def test_sandbox_survives_its_warm_process(tier: int) -> None:
    with start(tier) as sandbox:
        child = ready(sandbox)
        tell(child, "sleep", 600)
        processes = members(warm(sandbox)._process.pid)
        os.kill(warm(sandbox)._process.pid, signal.SIGKILL)
        with pytest.raises(ChildEnded) as caught:
            child.receive(1, soon())
        assert caught.value.exit.reason == "setup"
        assert child.kill() == caught.value.exit
        assert len(processes) >= 2
        wait_for_the_end_of(processes)
        assert ask(sandbox.fork(), "measure", "ab") == 2


def test_warm_process_that_does_not_answer_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    with start(2) as sandbox:
        child = ready(sandbox)
        monkeypatch.setattr(connection, "_KILL_SECONDS", 0.2)
        os.kill(warm(sandbox)._process.pid, signal.SIGSTOP)
        assert child.kill() == Exit("setup", detail="the warm process does not answer")
        monkeypatch.undo()
        assert ask(sandbox.fork(), "measure", "ab") == 2


def test_warm_process_that_does_not_start_in_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_START_SECONDS", 0.2)
    monkeypatch.setattr(connection, "_KILL_SECONDS", 0.2)
    with pytest.raises(SandboxUnavailable, match="did not start in 0.2 seconds"):
        start(4, preload=("sandbox_children:dawdle",), unsafe=True)


def test_warm_process_that_keeps_dying_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def fork(*_: object) -> int:
        raise control.Closed

    with start(2) as sandbox:
        monkeypatch.setattr(connection.WarmProcess, "fork", fork)
        with pytest.raises(SandboxUnavailable, match="died twice"):
            sandbox.fork()


def test_failed_fork_is_not_the_students_fault() -> None:
    with start(2, preload=("sandbox_children:refuse_forks",)) as sandbox:
        for _ in range(2):
            with pytest.raises(ChildEnded) as caught:
                sandbox.fork().receive(1, soon())
            assert caught.value.exit == Exit("setup", detail="no fork: [Errno 11] not now")


@pytest.mark.parametrize(
    ("hook", "message"),
    [
        ("disable_landlock", "no landlock .*/ can be read in the sandbox"),
        ("disable_seccomp", "no seccomp .*socket works in the sandbox"),
        ("refuse_threads", "does not hold here: .*code cannot work in it: RuntimeError: can't start new thread"),
        ("disable_lockdown", f"does not hold here: .* can be read in the sandbox\nRun .* in its container .{PAGE}"),
    ],
)
def test_layer_that_does_not_hold_is_noticed(hook: str, message: str) -> None:
    with pytest.raises(SandboxUnavailable, match=message):
        start(2, preload=(f"sandbox_children:{hook}",))


def test_layers_that_hold_together_are_not_tried_alone() -> None:
    start_or_skip(1).close()
    with start(1, preload=("sandbox_children:try_no_layer_alone",)) as sandbox:
        assert sandbox.tier == 1


def test_forks_are_not_made_cheap_for_few_children() -> None:
    preload = ("sandbox_children:break_huge_pages",)
    with start(2, preload=preload, few=True) as sandbox:
        assert ask(sandbox.fork(), "measure", "ab") == 2
    with start(2, preload=preload) as sandbox:
        assert warm(sandbox)._process.wait(60) == 1


def test_closed_folders_are_the_outermost_ones(tmp_path: Path) -> None:
    inner = tmp_path / "closed" / "open" / "closed too"
    inner.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    inner.parent.chmod(0o755)
    inner.chmod(0o700)
    outer = [folder for folder in (*reversed(tmp_path.parents), tmp_path) if not folder.stat().st_mode & 1]
    expected = outer[0] if outer else tmp_path / "closed"
    assert paths.closed_folders([str(inner / "library")]) == [str(expected)]


def test_limits_alone_are_refused_unless_asked_for() -> None:
    for layers in ((), ("landlock",), ("seccomp", "namespaces")):
        with pytest.raises(SandboxUnavailable, match="cannot be isolated") as caught:
            start(layers=layers)
        remedy = str(caught.value).splitlines()[1]
        assert remedy == f"Run the whole grader in its container ({PAGE}), on a kernel with Landlock, or give {UNSAFE}"
    with start(layers=(), unsafe=True) as sandbox:
        assert (sandbox.tier, sandbox.layers) == (4, ("limits",))
        assert ask(sandbox.fork(), "measure", "ab") == 2


def test_page_that_the_refusal_names_is_there() -> None:
    assert (HERE.parents[1] / PAGE).is_file()


def test_other_systems_get_tier_4() -> None:
    system = ("sandbox_children:pretend_macos",)
    with pytest.raises(SandboxUnavailable, match="not on this system"):
        start(2, preload=system)
    with start(2, preload=system, unsafe=True) as sandbox:
        assert (sandbox.tier, sandbox.layers) == (4, ("limits",))
        child = sandbox.fork()
        assert ask(child, "import_late", "zoneinfo") == "zoneinfo"


def test_system_without_fork_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    with pytest.raises(SandboxUnavailable, match="on Windows in WSL 2"):
        start(4, unsafe=True)


def test_protected_folder_among_readable_ones_is_refused(tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    answers.mkdir()
    with pytest.raises(SandboxUnavailable, match="answers must stay unreadable"):
        start(read=[tmp_path], protect=[answers])
    (tmp_path / "link").symlink_to(answers)
    with pytest.raises(SandboxUnavailable, match="must stay unreadable"):
        start(read=[answers], protect=[tmp_path / "link"])
    with pytest.raises(SandboxUnavailable, match="must stay unreadable"):
        start(protect=[Path(os.__file__).parent / "json"])


def test_readable_folder_may_lie_in_a_protected_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "words").write_text("public")
    (tmp_path / "answers").write_text("secret")
    for tier in (1, 2):
        # As with a virtual environment inside the project that must not be readable.
        with start(tier, read=[data], protect=[tmp_path, Path(sys.prefix)]) as sandbox:
            child = sandbox.fork()
            assert ask(child, "read", str(tmp_path / "answers")) in {"EACCES", "ENOENT"}
            assert ask(child, "import_late", "safetensors") == "safetensors"
            assert ask(child, "read", str(data / "words")) == "public"


@pytest.fixture
def linked_python(tmp_path: Path) -> Path:
    """This environment, and what it is based on, behind links in a folder that only its owner may pass."""
    closed, version = tmp_path / "closed", f"python{sys.version_info.major}.{sys.version_info.minor}"
    (closed / "environment" / "bin").mkdir(parents=True)
    (closed / "base").symlink_to(sys.base_prefix)
    (closed / "environment" / "lib").symlink_to(Path(sys.prefix) / "lib")
    (closed / "environment" / "pyvenv.cfg").write_text(f"home = {closed / 'base' / 'bin'}\n")
    python = closed / "environment" / "bin" / "python"
    python.symlink_to(closed / "base" / "bin" / version)
    closed.chmod(0o700)
    return python


@pytest.mark.parametrize("tier", [1, 2])
def test_libraries_behind_links_can_be_imported_late(
    tier: int, linked_python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(linked_python))
    with start(tier, preload=["numpy"]) as sandbox:
        child = ready(sandbox)
        for late in ("numpy.testing", "json.tool", "safetensors", "zoneinfo"):  # parts of what is there, and others
            assert not ask(child, "loaded", late)
            assert ask(child, "import_late", late) == late.partition(".")[0]
        named = ask(child, "surroundings")["path"]
    assert not [path for path in named if Path(path).is_relative_to(linked_python.parents[2])]


def test_entry_that_cannot_be_imported_is_named() -> None:
    with pytest.raises(SandboxUnavailable, match="no_such_module"):
        Sandbox("no_such_module:serve")
    with pytest.raises(SandboxUnavailable, match="out of cheese"):
        start(preload=("sandbox_children:collapse",))
