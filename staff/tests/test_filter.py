"""The list of system calls: its numbers are the kernel's, and the assembled filter says what the list says.

A few lines interpret the filter, so that both architectures are tested on any machine.
"""

import errno
import re
import struct
from pathlib import Path

import pytest

from autograder.sandbox.layers import seccomp
from autograder.sandbox.layers.system_calls import ALLOWED, ARGUMENTS, CLONE, CLONE3, FIRST_UNKNOWN, IGNORED, OWN_PID

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, audit number
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
IN_HEADERS = {("aarch64", "newfstatat"): "fstatat"}
NUMBERS = {
    **ALLOWED,
    **IGNORED,
    **{name: rule[0] for name, rule in ARGUMENTS.items()},
    "clone": CLONE,
    "clone3": CLONE3,
}
THREAD, NEW_USER = 0x00010000, 0x10000000

# What a filter of denied calls once forgot, or could: name, number on x86-64, on aarch64.
REFUSED = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "recvmsg": (47, 212),
    "execve": (59, 221),
    "ptrace": (101, 117),
    "io_setup": (206, 0),
    "shmat": (30, 196),
    "pidfd_open": (434, 434),
    "setuid": (105, 146),
    "seccomp": (317, 277),
    "memfd_create": (319, 279),
    "splice": (275, 76),
    "syncfs": (306, 267),
    "mknodat": (259, 33),
    "getxattr": (191, 8),
    "landlock_create_ruleset": (444, 444),
}


def answer(machine: str, number: int, *arguments: int, audit: int | None = None) -> str:
    """What the filter says of a call: "allowed", "killed", "done" or the name of an error."""
    code = list(struct.iter_unpack("HBBI", seccomp._program(machine)))
    words = [number, MACHINES[machine][1] if audit is None else audit, 0, 0]
    for argument in (*arguments, *[0] * (6 - len(arguments))):
        words += [argument & 0xFFFFFFFF, argument >> 32]
    loaded = at = 0
    while True:
        operation, then, otherwise, value = code[at]
        at += 1
        if operation == 0x06:
            break
        if operation == 0x20:
            loaded = words[value // 4]
        else:
            holds = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[operation]
            at += then if holds else otherwise
    if value >> 16 == 5:
        return errno.errorcode[value & 0xFFFF] if value & 0xFFFF else "done"
    return {0x7FFF0000: "allowed", 0x80000000: "killed"}[value]


@pytest.mark.parametrize("machine", HEADERS)
def test_numbers_are_those_of_the_kernels_headers(machine: str) -> None:
    if not HEADERS[machine].is_file():
        pytest.skip("the kernel's headers are not installed")
    lines = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)$", HEADERS[machine].read_text(), re.MULTILINE)
    known = {name: int(number) for name, number in lines}
    for name, numbers in NUMBERS.items():
        number = numbers[MACHINES[machine][0]]
        wanted = known.get(IN_HEADERS.get((machine, name), name))
        assert wanted == number or (wanted is None and number is not None and number > max(known.values())), name


@pytest.mark.parametrize("machine", MACHINES)
def test_filter_says_what_the_list_says(machine: str) -> None:
    column = MACHINES[machine][0]
    allowed = {numbers[column] for numbers in ALLOWED.values()}
    ignored = {numbers[column] for numbers in IGNORED.values()}
    conditional = {rule[0][column] for rule in ARGUMENTS.values()} | {CLONE[column]}
    assert (allowed & ignored) | (allowed | ignored) & conditional <= {None}
    for number in range(FIRST_UNKNOWN):
        wanted = "allowed" if number in allowed else "done" if number in ignored else "EPERM"
        if number not in conditional and number != CLONE3[column]:
            assert answer(machine, number) == wanted, number
    assert answer(machine, FIRST_UNKNOWN) == answer(machine, 600) == answer(machine, CLONE3[column]) == "ENOSYS"
    for name, numbers in REFUSED.items():
        assert answer(machine, numbers[column]) == "EPERM", name


@pytest.mark.parametrize("machine", MACHINES)
def test_arguments_are_looked_at(machine: str) -> None:
    column = MACHINES[machine][0]

    def said(name: str, *arguments: int) -> str:
        return answer(machine, ARGUMENTS[name][0][column], *arguments)

    for name, (_, position, values) in ARGUMENTS.items():
        for value in values:
            assert said(name, *[0] * position, value) == "allowed", (name, value)
        assert said(name, *[0] * position, 0xDEAD) == "EPERM", name
    assert said("kill", OWN_PID - 1, 9) == said("kill", 1, 9) == "EPERM"
    for command in (8, 10, 15, 1024, 1026, 1031, 1033):  # owners, signals, leases, notices, sizes of pipes, seals
        assert said("fcntl", 0, command) == said("fcntl", 0, command | 1 << 32) == "EPERM"
    for request in (0x5412, 0x8901, 0x40049409):  # TIOCSTI, FIOSETOWN, FICLONE
        assert said("ioctl", 0, request) == said("ioctl", 0, request | 1 << 32) == "EPERM"
    for option in (1, 4, 22, 38, 0x59616D61):  # the signal at the parent's death, dumpable, seccomp, no_new_privs, Yama
        assert said("prctl", option) == "EPERM"
    assert answer(machine, CLONE[column], THREAD | 0x3D0F00) == "allowed"
    for flags in (0, 17, NEW_USER, THREAD | NEW_USER, THREAD << 32):
        assert answer(machine, CLONE[column], flags) == "EPERM"


def test_other_architectures_are_refused() -> None:
    assert answer("x86_64", 1, audit=0x40000003) == "killed"  # i386: 1 is exit
    assert answer("x86_64", 0x40000000) == "EPERM"  # x32: read
    assert answer("aarch64", 63, audit=0x40000028) == "killed"  # arm
