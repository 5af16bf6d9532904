"""What a piece of code does to the machine: files that it writes, programs, sockets; memory and time that it takes."""

import os
import resource
import signal
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from types import FrameType
from unittest import mock

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Event: which of its arguments are paths that change, each with that of the folder's descriptor, -1 if there is none.
_CHANGES = {
    "os.mkdir": ((0, 2),), "os.remove": ((0, 1),), "os.rmdir": ((0, 1),), "os.rename": ((0, 2), (1, 3)),
    "os.symlink": ((1, 2),), "os.link": ((1, 3),), "os.chmod": ((0, 2),), "os.chown": ((0, 3),),
    "os.truncate": ((0, -1),), "os.utime": ((0, 3),), "os.setxattr": ((0, -1),), "sqlite3.connect": ((0, -1),),
}  # fmt: skip
_FORBIDDEN = frozenset({
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn",
    "socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "urllib.Request", "pickle.find_class",
    "os.putenv", "os.unsetenv", "os.chdir", "webbrowser.open",
})  # fmt: skip
_MOST_EVENTS = 10


class TooLong(BaseException):
    """The code used more processor time than is allowed; no `except Exception` may swallow it."""


class Watch:
    """Collects in `events` what must not happen: a change outside of `allowed`, a program, a socket, an unpickling."""

    def __init__(self, allowed: list[Path]) -> None:
        self.allowed = [str(path.resolve()) for path in allowed]
        self.events: list[str] = []

    def see(self, event: str, arguments: tuple[object, ...]) -> None:
        """One audit event of the interpreter."""
        if event in _FORBIDDEN:
            self._note(f"{event}{arguments[:2]}")
        elif event == "open" and len(arguments) == 3 and isinstance(arguments[2], int) and arguments[2] & _WRITING:
            self._note_outside(event, arguments[0])
        elif event in _CHANGES:
            for path, folder in _CHANGES[event]:
                self._note_outside(event, arguments[path], arguments[folder] if folder >= 0 else -1)

    def _note_outside(self, event: str, path: object, folder: object = -1) -> None:
        if not isinstance(path, (str, bytes, os.PathLike)):
            return  # a descriptor that was opened before
        beginning = f"/proc/self/fd/{folder}" if folder != -1 else ""
        real = os.path.realpath(Path(beginning, os.fsdecode(path)))
        if not any(real == root or real.startswith(f"{root}{os.sep}") for root in self.allowed):
            self._note(f"{event} {real}")

    def _note(self, what: str) -> None:
        if len(self.events) < _MOST_EVENTS:
            self.events.append(what[:300])


_watch: Watch | None = None
_hooked = False


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    global _watch
    watch = _watch
    if watch is None:
        return
    _watch = None  # what the watch itself does is not watched
    try:
        watch.see(event, arguments)
    finally:
        _watch = watch


@contextmanager
def watched(allowed: list[Path]) -> Iterator[Watch]:
    """Watches the block through the interpreter's audit events, which no code in it can switch off."""
    global _watch, _hooked
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked = True
    watch = Watch(allowed)
    _watch = watch
    try:
        yield watch
    finally:
        _watch = None


@contextmanager
def time_limits(processor: float, wall: float) -> Iterator[None]:
    """Raises TooLong in the block after so many seconds of processor or wall time. For the main thread only."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong(
            f"more than {processor:g} s of processor time" if number == signal.SIGPROF else f"more than {wall:g} s"
        )

    limits = ((signal.SIGPROF, signal.ITIMER_PROF, processor), (signal.SIGALRM, signal.ITIMER_REAL, wall))
    before = [signal.signal(number, stop) for number, _, _ in limits]
    for _, timer, seconds in limits:
        signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        for (number, timer, _), handler in zip(limits, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)


def listing(folder: Path, without: Path) -> dict[str, tuple[int, int, int]]:
    """Kind of everything below `folder`, size and time of its files; but for what lies in `without`."""
    found: dict[str, tuple[int, int, int]] = {}
    waiting = [os.fsencode(folder)]
    while waiting:
        for entry in os.scandir(waiting.pop()):
            about = entry.stat(follow_symlinks=False)
            if entry.path == os.fsencode(without):
                continue
            is_folder = stat.S_ISDIR(about.st_mode)
            # A folder's own time and size tell of temporary files that are gone.
            size, changed = (0, 0) if is_folder else (about.st_size, about.st_mtime_ns)
            found[os.fsdecode(entry.path)] = about.st_mode, size, changed
            if is_folder:
                waiting.append(entry.path)
    return found


def remove(folder: Path | bytes) -> None:
    """Removes a folder, whatever names are in it."""
    for entry in list(os.scandir(os.fsencode(folder))):
        if entry.is_dir(follow_symlinks=False):
            remove(entry.path)
        else:
            os.unlink(entry.path)  # noqa: PTH108 (Path takes no bytes)
    os.rmdir(folder)  # noqa: PTH106


@contextmanager
def confined(work: Path) -> Iterator[None]:
    """Home, temporary and current directory lie below `work`, and imports write no files."""
    places = {"HOME": str(work / "home"), "TMPDIR": str(work / "temporary")}
    with (
        mock.patch.dict(os.environ, places),
        mock.patch.object(tempfile, "tempdir", places["TMPDIR"]),
        mock.patch.object(sys, "dont_write_bytecode", True),
        chdir(work / "directory"),
    ):
        yield


class Memory:
    """Most memory that this process holds at a time, above what it held when this was made, in MiB."""

    def __init__(self) -> None:
        try:
            Path("/proc/self/clear_refs").write_text("5")  # sets the peak back to what is held now
            self._held = self._status("VmRSS")
        except OSError:  # without it the peak is that of the whole life, which bounds this one too
            self._held = self._most()

    @property
    def peak(self) -> float:
        """MiB since then."""
        return max(0.0, self._most() - self._held)

    def _most(self) -> float:
        try:
            return self._status("VmHWM")
        except OSError:
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    @staticmethod
    def _status(key: str) -> float:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:")) / 1024
