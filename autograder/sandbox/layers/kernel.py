"""System calls that the standard library lacks, through ctypes. Nothing here may be called outside Linux."""

import ctypes
import os
import struct
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 0x2, 0x4, 0x8
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38

_HUGE_PAGE = 1 << 21  # bytes, on x86-64 and most of aarch64
_MADV_COLLAPSE = 25

_CAPABILITY_VERSION_3 = 0x20080522


def checked(result: int, what: str) -> int:
    """The result of a libc call; raises OSError, which names `what`, if the call failed."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(number: int, *arguments: object, what: str) -> int:
    """A system call by its number; integers are passed as longs."""
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return checked(_libc.syscall(ctypes.c_long(number), *words), what)


def prctl(option: int, argument: object, *, what: str) -> None:
    """prctl with one argument and zeros after it."""
    word = ctypes.c_ulong(argument) if isinstance(argument, int) else argument
    zero = ctypes.c_ulong(0)
    checked(_libc.prctl(ctypes.c_int(option), word, zero, zero, zero), what)


def seccomp_filter(program: ctypes.Structure) -> None:
    """Put this thread, and all that it starts, under a filter; needs `forbid_new_privileges` first."""
    checked(_libc.prctl(PR_SET_SECCOMP, ctypes.c_ulong(2), ctypes.byref(program), 0, 0), "seccomp")


def forbid_new_privileges() -> None:
    """No exec can gain rights any more; Landlock and seccomp ask for this."""
    prctl(PR_SET_NO_NEW_PRIVS, 1, what="no_new_privs")


def close_memory() -> None:
    """No process without privileges may look into this one through /proc or ptrace; forks inherit it."""
    prctl(PR_SET_DUMPABLE, 0, what="dumpable")


def unshare(flags: int) -> None:
    """Leave namespaces for new ones (for CLONE_NEWPID, the next process forked does)."""
    checked(_libc.unshare(ctypes.c_int(flags)), "unshare")


def setns(descriptor: int, kind: int) -> None:
    """Join the namespace behind a descriptor of /proc/self/ns."""
    checked(_libc.setns(ctypes.c_int(descriptor), ctypes.c_int(kind)), "setns")


def _mount(source: str, target: str, kind: bytes | None, flags: int, options: str = "") -> None:
    result = _libc.mount(os.fsencode(source), os.fsencode(target), kind, ctypes.c_ulong(flags), options.encode())
    checked(result, f"mount {target}")


def make_mounts_private() -> None:
    """From here on, mounts of this namespace are seen by nobody else."""
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)


def mount_tmpfs(target: str, mib: int, mode: str = "755") -> None:
    """An empty memory file system of at most `mib` MiB over `target`."""
    _mount("tmpfs", target, b"tmpfs", _MS_NOSUID | _MS_NODEV, f"size={mib}m,mode={mode},nr_inodes=10000")


def mount_proc() -> None:
    """The /proc of this process's own process namespace."""
    _mount("proc", "/proc", b"proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)


def bind(descriptor: int, target: str) -> None:
    """Make the folder behind an O_PATH descriptor appear at `target`."""
    _mount(f"/proc/self/fd/{descriptor}", target, None, _MS_BIND | _MS_REC)


def enter_user_namespace(flags: int) -> None:
    """Leave for a new user namespace, and for new ones of the other kinds in `flags`, as the same user and group."""
    user, group = os.getuid(), os.getgid()
    unshare(CLONE_NEWUSER | flags)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path("/proc/self", name).write_text(text)


def collapse_pages() -> None:
    """Back this process's memory by huge pages where the kernel can (Linux 6.1), so that forks copy small tables."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, rights, _, _, file, *name = line.split()
        if rights != "rw-p" or file != "0" or name not in ([], ["[heap]"]):
            continue
        start, end = (int(address, 16) for address in span.split("-"))
        start, end = -(-start // _HUGE_PAGE) * _HUGE_PAGE, end // _HUGE_PAGE * _HUGE_PAGE
        if start < end:  # a refusal does no harm
            _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_COLLAPSE)


def drop_capabilities() -> None:
    """Give up every capability; raises OSError."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    checked(_libc.capset(header, bytes(24)), "capset")
