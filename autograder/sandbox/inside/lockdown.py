"""What a forked child does to itself before student code runs in it."""

import contextlib
import fcntl
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.layers.memory_cgroup import MemoryCgroup, be_killed_first
from autograder.sandbox.limits import Limits
from autograder.sandbox.paths import DEVICES

if sys.platform == "linux":  # and never in a function: children would import it again and again, or could not
    from autograder.sandbox.layers import kernel, landlock, seccomp

NOBODY = 65534
REQUESTS, REPLIES, READY = 3, 4, 5  # the child's descriptors beside 0, 1 and 2
_OPEN_FILES = 256
_TASKS = 512
_MIB = 1 << 20


@dataclass(frozen=True)
class Lockdown:
    """How the children of one warm process are locked down."""

    scratch: str  # the child's working folder, home and temporary folder
    readable: tuple[str, ...]
    namespaces: int | None  # descriptor of the process namespace that the warm process lives in
    landlock: bool
    seccomp: bool
    drop_user: bool  # become nobody; only root can
    memory_cgroup: MemoryCgroup | None = None

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of what holds, for reports."""
        held = {
            "namespaces": self.namespaces is not None,
            "landlock": self.landlock,
            "seccomp": self.seccomp,
            "memory cgroup": self.memory_cgroup is not None,
        }
        return (*(name for name, holds in held.items() if holds), "limits")

    @property
    def tier(self) -> int:
        """1: namespaces, Landlock and seccomp; 2: Landlock and seccomp; 4: at most one of these two."""
        if not (self.landlock and self.seccomp):
            return 4
        return 2 if self.namespaces is None else 1

    def apply(self, limits: Limits) -> None:
        """Shut this process in, for good; raises OSError if a layer cannot be put in place."""
        mapped = _address_space()
        be_killed_first()
        os.setsid()
        writable = [self.scratch]
        if self.namespaces is not None:
            writable += mount_private(self.scratch, limits.scratch_mib)
        if self.drop_user:
            become_nobody()
        os.chdir(self.scratch)
        _set_environment(self.scratch)
        _set_limits(limits, mapped, count_tasks=self.namespaces is not None or self.drop_user)
        if sys.platform == "linux":
            self._apply_linux(writable)

    def _apply_linux(self, writable: Iterable[str]) -> None:
        kernel.drop_capabilities()
        # Only now: a change of user would clear it.
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL, what="parent death signal")
        kernel.forbid_new_privileges()
        if self.landlock:
            own = str(Path("/proc/self").resolve())
            landlock.restrict([*self.readable, own], writable, DEVICES)
        if self.seccomp:
            seccomp.restrict()


def become_nobody() -> None:
    """Give up root for a user that owns nothing."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def arrange_descriptors(requests: int, replies: int, log: int, ready: int) -> None:
    """Put the pipes where a child expects them, stdout and stderr into the log, and close everything else."""
    high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 64) for descriptor in (requests, replies, ready, log)]
    null = os.open(os.devnull, os.O_RDWR)
    for source, target in zip((null, high[3], high[3], *high[:3]), (0, 1, 2, REQUESTS, REPLIES, READY), strict=True):
        os.dup2(source, target)
    os.closerange(READY + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def mount_private(scratch: str, mib: int) -> list[str]:
    """Memory file systems and a /proc that end with this process; the folders besides `scratch` that it may write."""
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount_tmpfs(scratch, mib, "1777")
    kernel.mount_proc()
    if not Path("/dev/shm").is_dir():
        return []
    kernel.mount_tmpfs("/dev/shm", mib, "1777")
    return ["/dev/shm"]


def _address_space() -> int:
    """Bytes mapped by this process; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _set_environment(scratch: str) -> None:
    os.environ.clear()
    names = {"HOME": scratch, "TMPDIR": scratch, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "USER": "student"}
    os.environ.update(names)
    tempfile.tempdir = None


def _set_limits(limits: Limits, mapped: int, *, count_tasks: bool) -> None:
    values = {
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.file_mib * _MIB,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_AS: mapped + limits.memory_mib * _MIB,
    }
    if count_tasks:  # without a user or namespace of its own, every process of the login would count
        values[resource.RLIMIT_NPROC] = _TASKS
    for kind, value in values.items():
        # Soft and hard alike: the first process of a namespace ignores SIGXCPU, but not what the hard limit sends.
        # macOS refuses RLIMIT_AS below what is mapped, and a hard limit that is lower already is good enough.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))
