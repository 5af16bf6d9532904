"""A memory cgroup: counts all the memory that a child causes, also where its address space does not show it.

The warm process makes one and moves into it after its imports, so that children are born there: moving each of them
would cost it 10 milliseconds on a busy machine. What was mapped before the move is charged elsewhere, and counts for
no child. Children ask to be killed first, so that the warm process never is.
"""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PREFIX = "autograder-"
_MIB = 1 << 20
PLENTY = 1 << 30  # MiB


@dataclass(frozen=True)
class Hierarchy:
    """A place where cgroups with a memory limit can be made, and the files that they have there."""

    parent: Path
    home: Path  # the cgroup that this process is in now
    limit: str
    usage: str
    no_swap: str
    events: str  # holds a line "oom_kill N"


def hierarchies(proc: Path = Path("/proc/self")) -> Iterator[Hierarchy]:
    """Where this process might make a memory cgroup, the likeliest first; raises OSError if /proc tells nothing."""
    own = dict(line.split(":", 2)[1:] for line in (proc / "cgroup").read_text().splitlines())
    for line in (proc / "mountinfo").read_text().splitlines():
        fields, _, rest = line.partition(" - ")
        root, mount = fields.split()[3:5]
        kind, _, options = rest.split()[:3]
        if kind == "cgroup" and "memory" in options.split(",") and "memory" in own:
            folder = _below(own["memory"], root, mount)
            files = ("memory.limit_in_bytes", "memory.usage_in_bytes", "memory.swappiness", "memory.oom_control")
            yield Hierarchy(folder, folder, *files)
        elif kind == "cgroup2" and "" in own:
            folder = _below(own[""], root, mount)
            # Version 2 limits the memory of a cgroup only if the one above it passes the controller on.
            for above in (folder, *folder.parents):
                if above.is_relative_to(mount) and "memory" in _words(above / "cgroup.subtree_control"):
                    files = ("memory.max", "memory.current", "memory.swap.max", "memory.events")
                    yield Hierarchy(above, folder, *files)


class MemoryCgroup:
    """One cgroup for a process and its children. It belongs to the process that made it, until that ends."""

    def __init__(self, hierarchy: Hierarchy) -> None:
        """Make a cgroup with a limit; raises OSError where that is not allowed."""
        self._hierarchy = hierarchy
        _sweep(hierarchy.parent)
        self._folder, self._lock = _make(hierarchy.parent)
        try:
            self.allow(PLENTY)  # fails where there is no such controller
        except OSError:
            self._folder.rmdir()
            os.close(self._lock)
            raise
        with contextlib.suppress(OSError):  # where nothing is swapped, there is no such file
            (self._folder / hierarchy.no_swap).write_text("0")

    def __str__(self) -> str:
        version = 2 if self._hierarchy.limit == "memory.max" else 1
        return f"version {version}, in {self._hierarchy.parent}"

    def allow(self, mib: int) -> None:
        """Let the next child take this many MiB on top of what is in use now."""
        used = int((self._folder / self._hierarchy.usage).read_text())
        (self._folder / self._hierarchy.limit).write_text(str(used + mib * _MIB))

    def enter(self) -> None:
        """Move this process into it; raises OSError."""
        (self._folder / "cgroup.procs").write_text("0")

    def kills(self) -> int:
        """How many processes in here have been killed for lack of memory, ever."""
        events = (self._folder / self._hierarchy.events).read_text().split()
        return int(events[events.index("oom_kill") + 1])

    def beside(self) -> "MemoryCgroup":
        """Another one, which this process enters: it is a twin of this one's maker. Raises OSError."""
        os.close(self._lock)
        other = MemoryCgroup(self._hierarchy)
        other.enter()
        return other

    def remove(self) -> None:
        """Move this process to where it was, and remove the cgroup; if that fails, the next one made here does it."""
        with contextlib.suppress(OSError):
            (self._hierarchy.home / "cgroup.procs").write_text("0")
            self._folder.rmdir()


def make(proc: Path = Path("/proc/self")) -> MemoryCgroup | str:
    """A memory cgroup for the children of this process; why there can be none, otherwise."""
    problem = "this system has no memory cgroups"
    try:
        for hierarchy in hierarchies(proc):
            try:
                return MemoryCgroup(hierarchy)
            except OSError as error:
                problem = f"{hierarchy.parent}: {error.strerror or error}"
    except OSError:  # not Linux
        pass
    return problem


def be_killed_first() -> None:
    """Make this process the first that the kernel ends when memory is short; everybody may do so."""
    with contextlib.suppress(OSError):  # not on this system
        Path("/proc/self/oom_score_adj").write_text("1000")


def anonymous_mib() -> int:
    """MiB of this process's memory that a fork would have to copy if it wrote everywhere, rounded up."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return -(-int(line.split()[1]) // 1024)
    return 0


def _below(own: str, root: str, mount: str) -> Path:
    """The folder of the cgroup `own` below `mount`, which shows the hierarchy from `root` on."""
    inner = own[len(root) :] if root != "/" and own.startswith(root) else own
    return Path(mount, inner.lstrip("/"))


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []


def _make(parent: Path) -> tuple[Path, int]:
    """A new folder of ours in `parent`, and a descriptor that locks it as long as this process lives."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        with contextlib.suppress(FileNotFoundError):  # another grader has swept it just before it was locked
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _sweep(parent: Path) -> None:
    """Remove the cgroups of warm processes that have been killed: nobody locks them any more."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # it is in use, or has gone
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                folder.rmdir()
            finally:
                os.close(lock)
