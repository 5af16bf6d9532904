"""Landlock: which files a process may touch. Needs Linux 5.13 and no privilege."""

import ctypes
import os
from collections.abc import Iterable

from autograder.sandbox.layers import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
# How many of the rights, lowest bit first, a version of the interface knows; 16 from version 5 on.
_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15}

# Mapping a shared library asks for no execute right, so reading is enough for imports.
_READ = _READ_FILE | _READ_DIR
_TCP = 0b11  # bind and connect
_SCOPES = 0b11  # abstract sockets and signals outside the domain


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("access", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def abi() -> int:
    """The version of Landlock that the kernel offers; raises OSError where there is none."""
    return kernel.syscall(_CREATE_RULESET, None, 0, 1, what="landlock")


def restrict(read: Iterable[str], write: Iterable[str], devices: Iterable[str]) -> None:
    """Allow this process to read below `read`, to do anything below `write`, to read and write the files `devices`.

    Everything else is denied from here on, for all that it starts too: files by any other path, TCP, abstract sockets
    and signals to processes outside (the last three where the kernel knows them). Raises OSError.
    """
    version = abi()
    files = (1 << _RIGHTS_BY_ABI.get(version, 16)) - 1
    known = 24 if version >= 6 else 16 if version >= 4 else 8  # bytes of the structure that this ABI accepts
    ruleset = _Ruleset(files, _TCP, _SCOPES)
    descriptor = kernel.syscall(_CREATE_RULESET, ctypes.byref(ruleset), known, 0, what="landlock")
    try:
        for paths, access in ((read, _READ), (write, files & ~_EXECUTE), (devices, _READ_FILE | _WRITE_FILE)):
            for path in paths:
                _allow(descriptor, path, access)
        kernel.syscall(_RESTRICT_SELF, descriptor, 0, what="landlock")
    finally:
        os.close(descriptor)


def _allow(ruleset: int, path: str, access: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):  # noqa: PTH112
            access &= _ON_FILES
        rule = _PathRule(access, descriptor)
        kernel.syscall(_ADD_RULE, ruleset, 1, ctypes.byref(rule), 0, what=f"landlock {path}")
    finally:
        os.close(descriptor)
