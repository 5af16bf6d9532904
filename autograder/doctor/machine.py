"""What a machine offers for shutting student code in: each layer is tried, in a fork that is thrown away."""

import os
import platform
import pwd
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from autograder.sandbox.inside.probe import why_no_namespaces
from autograder.sandbox.inside.tiers import try_memory_cgroup, why_no
from autograder.sandbox.layers import landlock
from autograder.sandbox.paths import library_paths

_SYS_ADMIN = 21  # a bit of the capability masks
HOLDS = "holds"


def facts() -> Iterator[tuple[str, str]]:
    """Names and texts, a line each; call it before torch is imported, for it forks."""
    yield "system", f"{platform.system()} {platform.machine()}, kernel {platform.release()}"
    yield "Python", f"{platform.python_version()} at {sys.executable}"
    yield "torch", metadata.version("torch")
    yield "user", f"{_user()}, capabilities: {_capabilities()}"
    tier = 4
    if sys.platform == "linux":
        namespaces = no_namespaces()
        missing = [why_no(name, library_paths()) for name in ("landlock", "seccomp")]
        yield "namespaces", namespaces or HOLDS
        yield "Landlock", missing[0] or f"{HOLDS}, version {landlock.abi()} of its interface"
        yield "seccomp", missing[1] or HOLDS
        yield "memory cgroup", _memory_cgroup()
        tier = 4 if any(missing) else 2 if namespaces else 1
    none = "none: run the grader in its container (docs/container.md); `grade` refuses without `--unsafe`"
    yield "tier", f"{tier}, which `grade` uses" if tier < 4 else none


def no_namespaces() -> str:
    """Why namespaces cannot be made here; empty if they can."""
    with tempfile.TemporaryDirectory() as folder:
        return why_no_namespaces(folder)


def is_weak_root() -> bool:
    """Whether this is a root user without the right to make namespaces (CAP_SYS_ADMIN)."""
    return os.geteuid() == 0 and not _effective() >> _SYS_ADMIN & 1


def _user() -> str:
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        name = "without a name"
    return f"{os.geteuid()} ({name})"


def _effective() -> int:
    for line in Path("/proc/self/status").read_text().splitlines() if sys.platform == "linux" else ():
        if line.startswith("CapEff"):
            return int(line.split()[1], 16)
    return 0


def _capabilities() -> str:
    held = _effective()
    return f"{held:#x} ({'with' if held >> _SYS_ADMIN & 1 else 'without'} CAP_SYS_ADMIN)" if held else "none"


def _memory_cgroup() -> str:
    made = try_memory_cgroup()
    if isinstance(made, str):
        return made
    made.remove()
    return f"{HOLDS}, {made}"
