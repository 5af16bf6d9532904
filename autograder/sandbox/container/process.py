"""Tier 3: the warm process in a container of docker or podman, for machines that have no isolation of their own.

The container has no network, no capability, no file of the host but this package and the folders named, all of them
read-only, and caps on its processes, memory and temporary files. Inside, Landlock and seccomp are used where its kernel
has them. A runtime passes no descriptors on, so a relay carries the conversation (`relay_outside`, `relay_inside`).
"""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from autograder.sandbox.connection import PACKAGE_PARENT, SandboxUnavailable, WarmProcess, start
from autograder.sandbox.control import Message
from autograder.sandbox.limits import Limits
from autograder.sandbox.paths import exposed, real_paths

RUNTIMES = ("docker", "podman")
IMAGE = "autograder"
BUILD = "build -t autograder -f staff/container/Containerfile ."  # in the project's folder

_IMPORTED = ("autograder", "data/*.py")  # of the project's folder: what the warm process imports; neither holds answers
_NOBODY = 65534
_ANSWER_SECONDS = 30.0  # for a runtime that may have to wake up its virtual machine
_WARM_MIB = 1536  # of the warm process, with whatever it was told to import
_WARM_TMP_MIB = 16
_TASKS = 576  # a child's processes and threads, with those of the warm process and the relay


class Runtime(NamedTuple):
    """A container runtime that answers and has the image, or why there is none."""

    name: str
    reason: str = ""
    builder: str = "docker"  # the runtime to build the image with


def runtime(names: Sequence[str] = RUNTIMES) -> Runtime:
    """The first usable runtime of these; else its name is empty and the reason, one line, names what each lacks."""
    reasons, answering = [], ""
    for name in names:
        if not shutil.which(name):
            reasons.append(f"{name} is not installed")
        elif failure := _failure([name, "info"]):
            reasons.append(f"{name} does not answer ({failure})")
        elif _failure([name, "image", "inspect", IMAGE]):
            answering = answering or name
            reasons.append(f"{name} has no image called {IMAGE}")
        else:
            return Runtime(name)
    return Runtime("", "; ".join(reasons), answering or names[0])


def usable_runtime(cause: str, names: Sequence[str] = RUNTIMES) -> str:
    """The name of a usable runtime; raises SandboxUnavailable, which tells the cause and what to install."""
    found = runtime(names)
    if not found.name:
        raise SandboxUnavailable(
            f"{cause}\nA container would do it, but {found.reason}.\n"
            f"Install and start docker or podman, then build the image in the project's folder:\n"
            f"    {found.builder} {BUILD}\nand grade again"
        )
    return found.name


def options(name: str, mounts: Sequence[str], limits: Limits) -> list[str]:
    """What `docker run` and `podman run` are told, up to the image; `mounts` are paths, the same inside as outside."""
    scratch_mib = limits.scratch_mib + _WARM_TMP_MIB
    memory = f"{_WARM_MIB + limits.memory_mib + scratch_mib}m"
    bound = [f"--mount=type=bind,source={path},target={path},readonly" for path in mounts]
    return [
        f"--name={name}",
        "--rm",
        "--interactive",
        "--pull=never",
        "--log-driver=none",  # or every reply would be kept in a file
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        f"--user={_NOBODY}:{_NOBODY}",
        "--ipc=none",
        f"--pids-limit={_TASKS}",
        f"--memory={memory}",
        f"--memory-swap={memory}",  # no swap
        f"--tmpfs=/tmp:rw,noexec,nosuid,nodev,size={scratch_mib}m,mode=1777",
        *bound,
        "--workdir=/",
        "--entrypoint=python3",
    ]


class ContainerProcess(WarmProcess):
    """A warm process in a container. Raises SandboxUnavailable, also for a protected folder that would be mounted."""

    def __init__(self, runtime_name: str, config: Message, limits: Limits) -> None:
        """`config` is what `launcher` makes; `limits` are the largest that a child may be given."""
        own = [str(path) for pattern in _IMPORTED for path in Path(PACKAGE_PARENT).glob(pattern)]
        if found := exposed(config["protect"], [*own, *config["read"]]):
            raise SandboxUnavailable(f"{found[0]} must stay unreadable, but lies in {found[1]}, which would be mounted")
        import_path = [str(Path(path).resolve()) for path in config["import_path"]]
        mounts = real_paths([*own, *config["read"], *(path for path in import_path if path != PACKAGE_PARENT)])
        if strange := [path for path in mounts if "," in path or '"' in path]:
            raise SandboxUnavailable(f"{strange[0]} cannot be mounted into a container: rename it without , and quotes")
        self._runtime, self._given, self._limits = runtime_name, config, limits
        self._mounts = mounts
        # Whatever holds inside comes on top of the container.
        super().__init__({**config, "import_path": import_path, "unsafe": True})

    def twin(self) -> "ContainerProcess":
        """Another container: what one student's code uses up in there, another's must not lack."""
        return ContainerProcess(self._runtime, self._given, self._limits)

    def _command(self) -> list[str]:
        name = f"{IMAGE}-{os.getpid()}-{uuid.uuid4().hex[:12]}"
        run = [self._runtime, "run", *options(name, self._mounts, self._limits), IMAGE, *start("container.inside")]
        return [sys.executable, *start("relay_outside"), name, *run]

    def _environment(self) -> dict[str, str]:
        return dict(os.environ)  # runtimes find their configuration by it; nothing of it reaches the container


def _failure(command: list[str]) -> str:
    """Empty if the command succeeds; else the last thing that it says."""
    try:
        ended = subprocess.run(command, capture_output=True, timeout=_ANSWER_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"it took more than {_ANSWER_SECONDS:g} seconds"
    except OSError as error:
        return str(error.strerror)
    if ended.returncode == 0:
        return ""
    said = [line.strip() for line in ended.stderr.decode(errors="replace").splitlines() if line.strip()]
    return said[-1][:160] if said else f"exit code {ended.returncode}"
