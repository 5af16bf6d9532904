"""Seccomp: which system calls a process may make. No privilege needed.

The filter allows what computing with tensors needs (`system_calls`) and refuses the rest: new processes, programs,
sockets, other processes, and the kernel's configuration. A call that is newer than the tables does not exist.
"""

import ctypes
import errno
import os
import platform
import struct

from autograder.sandbox.layers import kernel
from autograder.sandbox.layers.system_calls import ALLOWED, ARGUMENTS, CLONE, CLONE3, FIRST_UNKNOWN, IGNORED, OWN_PID

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column of the tables, audit number

_KILL_PROCESS, _ALLOW = 0x80000000, 0x7FFF0000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_X32 = 0x40000000
_CLONE_THREAD, _CLONE_NEW = 0x00010000, 0x7E020000  # a thread; any new namespace

_Instruction = tuple[int, int, int, int]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def _answer(number: int) -> int:
    return 0x50000 | number  # SECCOMP_RET_ERRNO


def _return(value: int) -> _Instruction:
    return (_RETURN, 0, 0, value)


def _program(machine: str) -> bytes:
    """The filter, assembled; `OWN_PID` stands for the number of the process."""
    column, audit = _ARCHITECTURES[machine]
    refuse, allow = _return(_answer(errno.EPERM)), _return(_ALLOW)
    code: list[_Instruction] = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, audit),
        _return(_KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        refuse,
        (_AT_LEAST, 0, 1, FIRST_UNKNOWN),
        _return(_answer(errno.ENOSYS)),
        (_EQUAL, 0, 1, CLONE3[column]),
        _return(_answer(errno.ENOSYS)),
    ]
    for table, verdict in ((ALLOWED, allow), (IGNORED, _return(_answer(0)))):
        for numbers in table.values():
            number = numbers[column]
            if number is not None:
                code += [(_EQUAL, 0, 1, number), verdict]
    for call, argument, values in ARGUMENTS.values():
        tests = [line for value in values for line in ((_EQUAL, 0, 1, value), allow)]
        load = (_LOAD, 0, 0, _FIRST_ARGUMENT + 8 * argument)
        code += [(_EQUAL, 0, len(tests) + 2, call[column]), load, *tests, refuse]
    code += [(_EQUAL, 0, 4, CLONE[column]), (_LOAD, 0, 0, _FIRST_ARGUMENT), (_ANY_BIT, 0, 2, _CLONE_THREAD)]
    code += [(_ANY_BIT, 1, 0, _CLONE_NEW), allow, refuse]
    return b"".join(struct.pack("HBBI", *line) for line in code)


# Assembled before any fork, for that takes as long as the kernel takes to accept it.
_FILTER = _program(platform.machine()) if platform.machine() in _ARCHITECTURES else b""


def restrict() -> None:
    """Put this process under the filter; raises OSError, also on a machine that the tables do not know."""
    if not _FILTER:
        raise OSError(errno.ENOSYS, f"no filter for {platform.machine()}")
    code = _FILTER.replace(struct.pack("I", OWN_PID), struct.pack("I", os.getpid()))
    buffer = ctypes.create_string_buffer(code, len(code))
    kernel.seccomp_filter(_Program(len(code) // 8, ctypes.addressof(buffer)))
