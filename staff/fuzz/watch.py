"""What grading does to the machine: files that it changes, programs, sockets, unpickling, memory and time.

It may change what lies in `grades` in its workplace, and in `temporary` beside that. It may start one program, the
reader of files, which is shut in.
"""

import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

PROCESSOR_SECONDS = 20.0  # of the grader's own, for one input
WALL_SECONDS = 300.0  # for one input, whose questions may each wait for a worker
PEAK_MIB = 512.0  # of the grader's own memory, for one input, above what it held before
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Audit events whose arguments are paths, and at the end the descriptor of a folder that these begin at, or -1.
_CHANGES = frozenset({"os.mkdir", "os.remove", "os.rmdir", "os.rename", "os.chmod", "os.utime", "sqlite3.connect"})
_FORBIDDEN = frozenset({
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn",
    "socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "urllib.Request", "pickle.find_class",
    "os.putenv", "os.unsetenv", "os.chdir", "webbrowser.open", "os.symlink", "os.link", "os.chown", "os.truncate",
    "os.setxattr",
})  # fmt: skip
_READER = "from autograder.sandbox.inside.reader import main"


class TooLong(BaseException):
    """Grading took more time than is allowed; no `except Exception` may swallow it."""


@contextmanager
def workplace(parent: Path) -> Iterator[Path]:
    """A new folder for the block's input and what is made of it; `temporary` beside it stays from block to block.

    Home and current directory lie in it, too. Imports write no files.
    """
    temporary = parent / "temporary"
    temporary.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        work = Path(folder).resolve()
        for name in ("inbox", "home", "directory", "grades"):
            (work / name).mkdir()
        without_cache = mock.patch.object(sys, "dont_write_bytecode", True)
        there = mock.patch.object(tempfile, "tempdir", str(temporary))
        at_home = mock.patch.dict(os.environ, HOME=str(work / "home"))
        with at_home, there, without_cache, chdir(work / "directory"):
            yield work


def harm(work: Path, grade: Callable[[], None]) -> list[str]:
    """What must not have happened while something was graded in its workplace, in words."""
    problems: list[str] = []
    held, spent = _peak_mib(from_now=True), time.process_time()
    try:
        with _watched([str(work / "grades"), str(work.parent / "temporary"), os.devnull]) as events, _time_limit():
            grade()
    except KeyboardInterrupt:
        raise
    except BaseException:
        problems.append(f"raised {traceback.format_exc(limit=-12)}")
    taken, seconds = _peak_mib() - held, time.process_time() - spent
    if taken > PEAK_MIB:
        problems.append(f"took {taken:.0f} MiB of memory, more than {PEAK_MIB:.0f}")
    if seconds > PROCESSOR_SECONDS:
        problems.append(f"took {seconds:.1f} s of processor time, more than {PROCESSOR_SECONDS:g}")
    return problems + [f"did what it must not: {event[:300]}" for event in events[:10]]


class _Watch:
    """Notes audit events of the interpreter, which no code can switch off, but for those of its own."""

    allowed: Sequence[str] = ()
    events: list[str] | None = None

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if (events := self.events) is None:
            return
        self.events = None
        try:
            if event in _FORBIDDEN and _READER not in str(arguments):
                events.append(f"{event}{arguments[:2]}")
            elif event in _CHANGES:
                events += [f"{event} {path}" for path in self._outside(arguments)]
            elif event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
                events += [f"{event} {path}" for path in self._outside((arguments[0], -1))]
        finally:
            self.events = events

    def _outside(self, arguments: tuple[Any, ...]) -> Iterator[str]:
        folder = arguments[-1] if isinstance(arguments[-1], int) else -1
        for path in arguments:
            if isinstance(path, str | bytes | os.PathLike):  # no descriptor that was opened before
                real = os.path.realpath(Path(f"/proc/self/fd/{folder}" if folder != -1 else "", os.fsdecode(path)))
                if not any(real == root or real.startswith(f"{root}{os.sep}") for root in self.allowed):
                    yield real


_watch = _Watch()
sys.addaudithook(_watch)


@contextmanager
def _watched(allowed: Sequence[str]) -> Iterator[list[str]]:
    """Collects what must not happen in the block: a change outside of `allowed`, a program, a socket, an unpickling."""
    events: list[str] = []
    _watch.allowed, _watch.events = allowed, events
    try:
        yield events
    finally:
        _watch.events = None


@contextmanager
def _time_limit() -> Iterator[None]:
    """Raises TooLong in the block when it takes too long. For the main thread only."""

    def stop(*_: object) -> None:
        raise TooLong(f"more than {WALL_SECONDS:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _peak_mib(from_now: bool = False) -> float:
    """The most memory that this process ever held, or what it holds now, from which the peak counts from now on."""
    if from_now:
        with suppress(OSError):  # where that is not allowed, the peak is that of the whole life and bounds this one too
            Path("/proc/self/clear_refs").write_text("5")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
