"""Choosing how children are locked down: what holds on this machine, and whether that is enough."""

import dataclasses
import os
import stat
import sys
from collections.abc import Callable, Iterable, Mapping
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
    why_no_namespaces,
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

EARLY_LAYERS = ("namespaces", "memory cgroup")  # which can be tried before a process has grown
_PROBE_MIB = 16
_CONTAINER = "Run the whole grader in its container (docs/container.md), on a kernel with Landlock"


def choose_lockdown(
    config: Message, obstacles: Mapping[str, str], namespaces: int | None, compute: Callable[[], object]
) -> Lockdown:
    """The strongest lockdown that holds here; raises Unavailable if it is below tier 2 and not `unsafe`.

    `config` is what `Sandbox` sends, `obstacles` what `find_obstacles` returned, `namespaces` what `enter_namespaces`
    did; `compute` must work inside. All is tried at once, since each fork of a process with torch takes its time.
    """
    readable = real_paths([*library_paths(), *config["read"]])
    if found := exposed(config["protect"], readable):
        raise Unavailable(f"{found[0]} must stay unreadable, but lies in {found[1]}, which student code may read")
    scratch = config["scratch"]
    if namespaces is not None and os.geteuid() == 0:
        _open_way([*readable, str(Path(scratch).parent)])  # twins put their own folders beside it
    wanted = config["layers"] if sys.platform == "linux" else ()
    lockdown = Lockdown(
        scratch,
        tuple(readable),
        namespaces,
        landlock="landlock" in wanted,
        seccomp="seccomp" in wanted,
        drop_user=_give_to_nobody(scratch),
    )
    if lockdown.tier == 4 or _why_not(lockdown, config, compute):
        lockdown = _weaken(lockdown, config, compute)
    if "memory cgroup" not in wanted or obstacles["memory cgroup"]:
        return lockdown
    made = memory_cgroup.make()
    if isinstance(made, str):
        return lockdown
    made.enter()
    return dataclasses.replace(lockdown, memory_cgroup=made)


def find_obstacles(scratch: str, layers: Iterable[str] = EARLY_LAYERS) -> dict[str, str]:
    """What keeps those of `layers` that are in EARLY_LAYERS from holding here, by name; "" where nothing does.

    `scratch` is a folder over which a file system can be mounted. Each is tried in forks of this process: do this
    while it is small.
    """
    made = try_memory_cgroup() if "memory cgroup" in layers else "not wanted"
    if isinstance(made, MemoryCgroup):
        made.remove()
    none = why_no_namespaces(scratch) if "namespaces" in layers else "not wanted"
    return {"namespaces": none, "memory cgroup": made if isinstance(made, str) else ""}


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


def _weaken(wanted: Lockdown, config: Message, compute: Callable[[], object]) -> Lockdown:
    """What holds of a lockdown that does not hold as a whole; raises Unavailable.

    Each layer is tried on its own, then all that hold together.
    """
    readable = list(wanted.readable)
    layers = [name for name in ("landlock", "seccomp") if getattr(wanted, name)]
    failures = {name: why_no(name, readable) for name in layers}
    drop_user = wanted.drop_user
    if drop_user and probe(lambda: _read_as_nobody(readable, config["read"], wanted.scratch)):
        os.chown(wanted.scratch, 0, 0)
        drop_user = False
    lockdown = dataclasses.replace(
        wanted,
        landlock=failures.get("landlock") == "",
        seccomp=failures.get("seccomp") == "",
        drop_user=drop_user,
    )
    if lockdown.tier == 4 and not config["unsafe"]:
        reasons = [f"{name} ({failures.get(name, 'not on this system')})" for name in ("landlock", "seccomp")]
        missing = [reason for reason in reasons if not reason.endswith("()")]
        raise Unavailable(
            f"student code cannot be isolated here: no {', no '.join(missing)}\n"
            f"{_CONTAINER}, or give --unsafe: then student code has your own rights."
        )
    if failure := _why_not(lockdown, config, compute):
        raise Unavailable(f"the sandbox does not hold here: {failure}\n{_CONTAINER}.")
    return lockdown


def _why_not(lockdown: Lockdown, config: Message, compute: Callable[[], object]) -> str:
    """What the whole lockdown does not keep of its promises, or keeps code from, tried in a fork; "" if nothing."""

    def attempt() -> None:
        lockdown.apply(Limits())
        if lockdown.drop_user:
            _require_readable(lockdown.readable, config["read"])
        keep_importable(lockdown.readable)
        check_work(compute)
        if lockdown.landlock:
            check_files(config["protect"])
        if lockdown.seccomp:
            check_calls()

    home = lockdown.namespaces
    return probe(attempt, os.fork if home is None else lambda: fork_into_namespace(home))


def _give_to_nobody(scratch: str) -> bool:
    """Gives nobody the scratch folder, so that children can run as that user; whether this process may do so."""
    if os.geteuid() != 0:
        return False
    try:
        os.chown(scratch, NOBODY, NOBODY)
    except OSError:  # root of a user namespace that knows no other user
        return False
    return True


def _read_as_nobody(readable: Iterable[str], data: Iterable[str], scratch: str) -> None:
    """Raises OSError if nobody could not import what root can, or not read the data."""
    become_nobody()
    os.chdir(scratch)
    _require_readable(readable, data)


def _require_readable(readable: Iterable[str], data: Iterable[str]) -> None:
    """Raises PermissionError where this process can read too little of its libraries, or of the data."""
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
