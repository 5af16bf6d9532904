"""What one command costs, with every process that it starts: seconds by the clock, seconds of the cores, memory."""

import ctypes
import os
import re
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_ORPHAN_SECONDS = 5.0  # that a process may outlive the command


@dataclass(frozen=True)
class Usage:
    """What a command took. `cpu` is that of all processes, in seconds as `wall` is.

    `peak_mib` is the largest resident size of the command's own process, `tree_mib` that of all together, with shared
    pages counted once (PSS); both are samples, None where none were taken. `others` is how many cores others used.
    """

    wall: float
    cpu: float
    status: int
    peak_mib: float | None
    tree_mib: float | None
    others: float


def run(
    command: Sequence[str],
    folder: Path,
    *,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
    seconds: float = 3600.0,
    sample_every: float = 0.0,
    on_sample: Callable[["Usage"], None] | None = None,
) -> Usage:
    """Runs a command in a folder until it ends, or ends it after `seconds`; its output goes to `log`, or nowhere.

    With `sample_every`, its memory is looked at every so many seconds, which costs the machine some milliseconds each
    time; `on_sample` gets what was used so far. What it leaves running is ended soon after it.
    """
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # so that what orphans took is counted
    used, of_machine, began = _children_seconds(), _busy_seconds(), time.perf_counter()
    with Path(log or os.devnull).open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    killer = threading.Timer(seconds, _kill, [process.pid])
    killer.start()
    with _sampled(process.pid, sample_every, began, on_sample) as memory:
        status = process.wait()
    wall = time.perf_counter() - began
    killer.cancel()
    _reap_orphans()
    cpu = _children_seconds() - used
    others = max(0.0, (_busy_seconds() - of_machine - cpu) / (time.perf_counter() - began))
    return Usage(wall, cpu, status, memory.peak, memory.tree, others)


def least(usages: Sequence[Usage]) -> Usage:
    """The least time of several runs by each clock, since others on the machine only add to it; the most memory."""
    peaks, trees = ([one for one in many if one is not None] for many in zip(*map(_memory, usages), strict=True))
    return Usage(
        min(one.wall for one in usages),
        min(one.cpu for one in usages),
        max(one.status for one in usages),
        max(peaks, default=None),
        max(trees, default=None),
        max(one.others for one in usages),
    )


def private_mib(pid: int) -> float:
    """The memory of a process, of shared pages only its share (PSS); 0 if it is gone."""
    return _kib(f"/proc/{pid}/smaps_rollup", "Pss") / 1024


def descendants(pid: int) -> list[int]:
    """A process and all that it started, as far as they live."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(folder.name))
    family = [pid]
    for one in family:
        family += children.get(one, [])
    return family


def cpu_seconds(pid: int) -> float:
    """What a process and the children that it waited for have taken of the cores so far; 0 if it is gone."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _memory(usage: Usage) -> tuple[float | None, float | None]:
    return usage.peak_mib, usage.tree_mib


@dataclass
class _Memory:
    peak: float | None = None
    tree: float | None = None


@contextmanager
def _sampled(pid: int, every: float, began: float, on_sample: Callable[[Usage], None] | None) -> Iterator[_Memory]:
    """The memory of a process and its descendants, watched while the block runs."""
    memory, done = _Memory(), threading.Event()

    def watch() -> None:
        while not done.wait(every):
            family = descendants(pid)
            memory.peak = max(memory.peak or 0.0, _kib(f"/proc/{pid}/status", "VmHWM") / 1024)
            memory.tree = max(memory.tree or 0.0, sum(map(private_mib, family)))
            if on_sample:
                cpu = sum(map(cpu_seconds, family))
                on_sample(Usage(time.perf_counter() - began, cpu, -1, memory.peak, memory.tree, 0.0))

    watcher = threading.Thread(target=watch, daemon=True)
    if every:
        watcher.start()
    try:
        yield memory
    finally:
        done.set()
        if every:
            watcher.join()


def _kib(path: str, field: str) -> int:
    """A number of a file in /proc; 0 where there is none, as of a process that has gone."""
    with suppress(OSError):
        if found := re.search(rf"^{field}:\s+(\d+)", Path(path).read_text(), re.MULTILINE):
            return int(found[1])
    return 0


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _busy_seconds() -> float:
    """What all cores together have worked so far."""
    user, nice, system, _, _, *rest = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def _kill(pid: int) -> None:
    """Ends a process and what it started; a Jupyter kernel is in a session of its own, so by its parents."""
    for one in descendants(pid):
        with suppress(OSError):
            os.kill(one, signal.SIGKILL)


def _reap_orphans() -> None:
    """Waits for what the command left, and ends it when it stays."""
    end = time.monotonic() + _ORPHAN_SECONDS
    with suppress(ChildProcessError):
        while True:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid:
                continue
            if time.monotonic() > end:
                for one in descendants(os.getpid())[1:]:
                    with suppress(OSError):
                        os.kill(one, signal.SIGKILL)
            time.sleep(0.01)
