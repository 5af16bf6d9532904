"""Asking what works here: in throw-away forks, since nothing that is tried can be undone."""

import importlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from autograder.sandbox.inside.lockdown import mount_private

if sys.platform == "linux":
    from autograder.sandbox.layers import kernel

Fork = Callable[[], int]
_LATE = ("colorsys", "pyclbr", "_lsprof", "syslog")  # modules that few import, in Python and in C
_LIBRARY = Path(os.__file__).resolve()  # now: a child may not be able to follow links


class Unavailable(Exception):
    """The sandbox that was asked for does not hold here; the message says why."""


def probe(attempt: Callable[[], object], fork: Fork = os.fork) -> str:
    """Run `attempt` in a fork; empty if it went well, else what went wrong."""
    watch, tell = os.pipe()
    pid = fork()
    if pid == 0:
        try:
            attempt()
            os._exit(0)
        except BaseException as error:
            os.write(tell, f"{type(error).__name__}: {error}".encode(errors="replace")[:4096])
        finally:
            os._exit(1)
    os.close(tell)
    with os.fdopen(watch, "rb") as pipe:
        message = pipe.read().decode()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return message or (f"the probe ended with {status}" if status else "")


def why_no_namespaces(scratch: str) -> str:
    """What keeps a process here from namespaces and mounts of its own, one of them over `scratch`; empty if nothing."""
    if sys.platform != "linux":
        return "not on this system"

    def attempt() -> None:
        home = enter_namespaces()
        if failure := probe(lambda: mount_private(scratch, 1), lambda: fork_into_namespace(home)):
            raise OSError(failure)

    return probe(attempt)


def enter_namespaces() -> int:
    """Move this process into namespaces of its own, where `why_no_namespaces` says that this works.

    The result is a descriptor of the process namespace that this process now lives in, see `fork_into_namespace`.
    """
    kinds = kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
    try:
        kernel.unshare(kinds)
    except PermissionError:
        kernel.enter_user_namespace(kinds)
    kernel.make_mounts_private()
    # Without root, a process may return to its process namespace (`fork_into_namespace`) only if its own user
    # namespace owns it. So live in the new one: fork now, while that is cheap, and let the outer process wait.
    pid = os.fork()
    if pid:
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # else nobody would see the inner one close its end
        os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL, what="parent death signal")
    kernel.mount_proc()
    return os.open("/proc/self/ns/pid", os.O_RDONLY)


def fork_into_namespace(home: int) -> int:
    """A fork whose child is the first process of a new process namespace, so that all it starts ends with it."""
    kernel.unshare(kernel.CLONE_NEWPID)
    pid = -1
    try:
        pid = os.fork()
    finally:
        if pid:
            kernel.setns(home, kernel.CLONE_NEWPID)
    return pid


def check_files(protect: Iterable[str]) -> None:
    """In a locked-down probe: the libraries are readable, the protected folders and the root folder are not."""
    _LIBRARY.read_bytes()
    for path in (*protect, "/"):
        try:
            os.close(os.open(path, os.O_RDONLY))
        except OSError:
            continue
        raise Unavailable(f"{path} can be read in the sandbox")


def check_calls() -> None:
    """In a locked-down probe: neither sockets nor processes can be made."""
    for call in (socket.socket, socket.socketpair, os.fork):
        try:
            made = call()
        except PermissionError:
            continue
        if made == 0:
            os._exit(1)
        raise Unavailable(f"{call.__name__} works in the sandbox")


def check_work(compute: Callable[[], object]) -> None:
    """In a locked-down probe, in its scratch folder: threads, files, late imports and `compute` work as outside."""
    try:
        thread = threading.Thread(target=compute)
        thread.start()
        thread.join()
        file = Path("probe")
        file.write_text("probe")
        file.replace("moved").unlink()
        compute()
        for name in _LATE:
            importlib.import_module(name)
    except Exception as error:
        raise Unavailable(f"code cannot work in it: {type(error).__name__}: {error}") from error
