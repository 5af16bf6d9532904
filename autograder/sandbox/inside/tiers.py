"""Choosing how children are locked down: what holds on this machine, and whether that is enough."""

import dataclasses
import os
import stat
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from autograder.sandbox.control import Message
from autograder.sandbox.inside.lockdown import NOBODY, Lockdown, become_nobody
from autograder.sandbox.inside.probe import (
    Unavailable,
    check_calls,
    check_files,
    check_work,
    fork_into_namespace,
    probe,
)
from autograder.sandbox.layers import memory_cgroup
from autograder.sandbox.layers.memory_cgroup import MemoryCgroup
from autograder.sandbox.limits import Limits
from autograder.sandbox.paths import (
    DEVICES,
    closed_folders,
    exposed,
    inside,
    keep_importable,
    library_paths,
    real_paths,
)

if sys.platform == "linux":
    from autograder.sandbox.layers import kernel, landlock, seccomp

_PROBE_MIB = 16
_CONTAINER = "Run the whole grader in its container (docs/container.md), on a kernel with Landlock"


def choose_lockdown(config: Message, namespaces: int | None, compute: Callable[[], object]) -> Lockdown:
    """The strongest lockdown that holds here; raises Unavailable if it is below tier 2 and not `unsafe`.

    `config` is what `Sandbox` sends; `namespaces` what `enter_namespaces` returned; `compute` must work inside.
    """
    readable = real_paths([*library_paths(), *config["read"]])
    if found := exposed(config["protect"], readable):
        raise Unavailable(f"{found[0]} must stay unreadable, but lies in {found[1]}, which student code may read")
    scratch = config["scratch"]
    if namespaces is not None and os.geteuid() == 0:
        _open_way([*readable, str(Path(scratch).parent)])  # twins put their own folders beside it
    failures = {}
    if sys.platform == "linux":
        failures = {name: why_no(name, readable) for name in ("landlock", "seccomp") if name in config["layers"]}
    lockdown = Lockdown(
        scratch,
        tuple(readable),
        namespaces,
        landlock=failures.get("landlock") == "",
        seccomp=failures.get("seccomp") == "",
        drop_user=_nobody_may_take_over(readable, config["read"], scratch),
    )
    if lockdown.tier == 4 and not config["unsafe"]:
        reasons = [f"{name} ({failures.get(name, 'not on this system')})" for name in ("landlock", "seccomp")]
        missing = [reason for reason in reasons if not reason.endswith("()")]
        raise Unavailable(
            f"student code cannot be isolated here: no {', no '.join(missing)}\n"
            f"{_CONTAINER}, or give --unsafe: then student code has your own rights."
        )
    _verify(lockdown, config["protect"], compute)
    wanted = sys.platform == "linux" and "memory cgroup" in config["layers"]
    made = try_memory_cgroup() if wanted else ""
    if isinstance(made, str):
        return lockdown
    made.enter()
    return dataclasses.replace(lockdown, memory_cgroup=made)


def why_no(name: str, readable: list[str]) -> str:
    """What keeps "landlock" or "seccomp" from holding here, tried in a fork; empty if nothing."""

    def attempt() -> None:
        kernel.forbid_new_privileges()
        if name == "landlock":
            landlock.restrict(readable, [], DEVICES)
            check_files([])
        else:
            seccomp.restrict()
            check_calls()

    return probe(attempt)


def try_memory_cgroup() -> MemoryCgroup | str:
    """A memory cgroup that has ended a process which took too much; why there is none, otherwise."""
    made = memory_cgroup.make()
    if isinstance(made, str):
        return made

    def hoard() -> None:
        memory_cgroup.be_killed_first()
        made.enter()
        b"x" * (2 * _PROBE_MIB << 20)

    made.allow(_PROBE_MIB)
    probe(hoard)
    if made.kills() == 1:
        made.allow(memory_cgroup.PLENTY)
        return made
    made.remove()
    return "its limit does not hold"


def _verify(lockdown: Lockdown, protect: Iterable[str], compute: Callable[[], object]) -> None:
    """Try the whole lockdown once; raises Unavailable if it does not keep its promises, or keeps code from its work."""

    def attempt() -> None:
        lockdown.apply(Limits())
        keep_importable(lockdown.readable)
        check_work(compute)
        if lockdown.landlock:
            check_files(protect)
        if lockdown.seccomp:
            check_calls()

    home = lockdown.namespaces
    if failure := probe(attempt, os.fork if home is None else lambda: fork_into_namespace(home)):
        raise Unavailable(f"the sandbox does not hold here: {failure}\n{_CONTAINER}.")


def _nobody_may_take_over(readable: list[str], data: list[str], scratch: str) -> bool:
    """Whether children can run as nobody, to whom the scratch folder then belongs."""
    if os.geteuid() != 0:
        return False
    try:
        os.chown(scratch, NOBODY, NOBODY)
    except OSError:  # root of a user namespace that knows no other user
        return False
    if probe(lambda: _read_as_nobody(readable, data, scratch)):
        os.chown(scratch, 0, 0)
        return False
    return True


def _read_as_nobody(readable: list[str], data: list[str], scratch: str) -> None:
    """Raises OSError if nobody could not import what root can, or not read the data."""
    become_nobody()
    os.chdir(scratch)
    needed = [*readable, *(str(path) for folder in data for path in Path(folder).rglob("*"))]
    for module in list(sys.modules.values()):
        source = getattr(module, "__file__", None)
        if source and any(inside(source, folder) for folder in readable):
            needed.append(source)
    for path in needed:
        if not os.access(path, os.R_OK):
            raise PermissionError(path)


def _make_like(path: Path, is_folder: bool) -> None:
    """An empty folder or file, over which the real one can be bound."""
    (path if is_folder else path.parent).mkdir(parents=True, exist_ok=True)
    if not is_folder:
        path.touch()


def _open_way(needed: Iterable[str]) -> None:
    """In our own mount namespace: cover folders that only their owner may pass, leaving what is needed in them."""
    paths = [path for path in needed if Path(path).exists()]
    for closed in closed_folders(paths):
        kept = [path for path in paths if inside(path, closed)]
        descriptors = [os.open(path, os.O_PATH) for path in kept]
        kernel.mount_tmpfs(closed, 1)
        for path, descriptor in zip(kept, descriptors, strict=True):
            _make_like(Path(path), stat.S_ISDIR(os.fstat(descriptor).st_mode))
            kernel.bind(descriptor, path)
            os.close(descriptor)
