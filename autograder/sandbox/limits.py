"""What a child may use, and how it ended."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Limits:
    """The most that one child may use; wall time is the grader's to watch (see `Child.receive`)."""

    cpu_seconds: int = 120  # of all threads together, over the child's life
    memory_mib: int = 2048  # address space on top of what the warm process has mapped already
    scratch_mib: int = 64  # the scratch folder, and /dev/shm likewise; needs namespaces
    file_mib: int = 16  # one file
    output_mib: int = 64  # one reply
    log_kib: int = 64  # kept of stdout and stderr; what follows is read and dropped


Reason = Literal["exited", "killed", "signal", "setup"]


@dataclass(frozen=True)
class Exit:
    """How a child ended.

    `reason` is "exited" (of its own accord, with `code`), "killed" (by the grader), "signal" (by `signal`: a crash, or
    SIGKILL from the kernel for the CPU limit or lack of memory), or "setup": the sandbox itself failed, so that
    nothing can be said about the student's code, and `detail` tells why. `out_of_memory` says that a memory cgroup
    ended it; without one, a child that lacks memory ends like any other.
    """

    reason: Reason
    code: int = 0
    signal: str = ""
    cpu_seconds: float = 0.0
    detail: str = ""
    out_of_memory: bool = False
