"""What a machine offers for isolating student code, and why not more: `autograder doctor` prints it.

Each layer is tried in a fork that is thrown away, so look before torch is imported.
"""

import os
import platform
import pwd
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from autograder.sandbox.inside.probe import why_no_namespaces
from autograder.sandbox.inside.tiers import try_memory_cgroup, why_no
from autograder.sandbox.layers import landlock
from autograder.sandbox.paths import library_paths

Fact = tuple[str, str]  # its name and its text

_SYS_ADMIN = 21  # a bit of the capability masks
_HOLDS = "holds"


@dataclass(frozen=True)
class Examination:
    """The best tier that holds on this machine (4 if none does), and facts about it, a line each."""

    tier: int
    facts: tuple[Fact, ...]


def examine_machine() -> Examination:
    """Tries every layer."""
    tier, layers = _try_layers() if sys.platform == "linux" else (4, ())
    none = "none: run the grader in its container (docs/container.md); `grade` refuses without `--unsafe`"
    tier_fact = ("tier", f"{tier}, which `grade` uses" if tier < 4 else none)
    return Examination(tier, (*_system(), *layers, tier_fact))


def _system() -> Iterator[Fact]:
    yield "system", f"{platform.system()} {platform.machine()}, kernel {platform.release()}"
    yield "Python", f"{platform.python_version()} at {sys.executable}"
    yield "torch", metadata.version("torch")
    yield "user", f"{_user()}, capabilities: {_capabilities()}"


def _try_layers() -> tuple[int, tuple[Fact, ...]]:
    """The tier that the layers make, and a fact about each of them."""
    namespaces = no_namespaces()
    landless, unfiltered = (why_no(name, library_paths()) for name in ("landlock", "seccomp"))
    layers = (
        ("namespaces", namespaces or _HOLDS),
        ("Landlock", landless or f"{_HOLDS}, version {landlock.abi()} of its interface"),
        ("seccomp", unfiltered or _HOLDS),
        ("memory cgroup", _memory_cgroup()),
    )
    return 4 if landless or unfiltered else 2 if namespaces else 1, layers


def why_no_tier_1() -> str:
    """Why namespaces, and so tier 1, do not hold here."""
    reason = f"no namespaces, for {no_namespaces()}"
    if os.geteuid() == 0 and not _effective() >> _SYS_ADMIN & 1:
        reason += "; this root user lacks CAP_SYS_ADMIN, so grading falls back to tier 2"
    return reason


def no_namespaces() -> str:
    """Why namespaces cannot be made here; empty if they can."""
    with tempfile.TemporaryDirectory() as folder:
        return why_no_namespaces(folder)


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
    return f"{_HOLDS}, {made}"
