"""Seccomp: which system calls a process may make. No privilege needed.

The filter denies what nobody needs for computing with tensors and what Landlock does not govern: new processes,
programs, sockets, other processes, the kernel's configuration, and changes to the mode, owner or times of files
(Landlock lets a process change those of every file of its user).
"""

import ctypes
import errno
import os
import platform
import struct

from autograder.sandbox.layers import kernel

# Name: number on x86-64, on aarch64; None where the call does not exist.
_DENIED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # new processes and programs
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "vfork": (58, None),
    # network: a pair of sockets reaches others as well, by the address of a message
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    "recvfrom": (45, 207),
    "recvmsg": (47, 212),
    "recvmmsg": (299, 243),
    "getsockname": (51, 204),
    "getpeername": (52, 205),
    "setsockopt": (54, 208),
    "getsockopt": (55, 209),
    "shutdown": (48, 210),
    # memory that outlives a process or escapes RLIMIT_AS
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    # namespaces and mounts
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    # wide doors into the kernel
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "lookup_dcookie": (212, 18),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "personality": (135, 92),
    "syslog": (103, 116),
    "iopl": (172, None),
    "ioperm": (173, None),
    # the machine
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "vhangup": (153, 58),
    "clock_settime": (227, 112),
    "settimeofday": (164, 170),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    # files by path that Landlock does not govern (truncate: not before its ABI 3)
    "truncate": (76, 45),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
}

# These answer "done" and do nothing, for shutil.copy and archives call them on files of the scratch folder.
_IGNORED: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
}

_CLONE = (56, 220)
_CLONE3 = (435, 435)
_KILL = (62, 129)
_TGKILL = (234, 131)
_PRLIMIT = (302, 261)
_PRCTL = (157, 167)
_FCNTL = (72, 25)
_SIGNALS_OTHERS = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: whom a file signals, and with what
_FIRST_UNKNOWN = 457  # calls newer than this table

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column of the tables, audit number

_KILL_PROCESS, _ALLOW = 0x80000000, 0x7FFF0000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24  # offsets in struct seccomp_data
_OWN_PID = 0xFFFFFFFF
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
    """The filter, assembled; `_OWN_PID` stands for the pid of the process."""
    column, audit = _ARCHITECTURES[machine]
    deny, allow = _return(_answer(errno.EPERM)), _return(_ALLOW)
    code: list[_Instruction] = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, audit),
        _return(_KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        deny,
        (_AT_LEAST, 0, 1, _FIRST_UNKNOWN),
        _return(_answer(errno.ENOSYS)),
        (_EQUAL, 0, 1, _CLONE3[column]),  # its flags lie in memory, where no filter can look: glibc then uses clone
        _return(_answer(errno.ENOSYS)),
    ]
    for table, verdict in ((_DENIED, deny), (_IGNORED, _return(_answer(0)))):
        for numbers in table.values():
            number = numbers[column]
            if number is not None:
                code += [(_EQUAL, 0, 1, number), verdict]
    argument = (_LOAD, 0, 0, _FIRST_ARGUMENT)
    code += [(_EQUAL, 0, 5, _CLONE[column]), argument, (_ANY_BIT, 0, 1, _CLONE_THREAD), (_ANY_BIT, 0, 1, _CLONE_NEW)]
    code += [deny, allow]
    for call in (_KILL, _TGKILL):  # a process may end itself
        code += [(_EQUAL, 0, 4, call[column]), argument, (_EQUAL, 0, 1, _OWN_PID), allow, deny]
    code += [(_EQUAL, 0, 4, _PRLIMIT[column]), argument, (_EQUAL, 0, 1, 0), allow, deny]
    code += [(_EQUAL, 0, 4, _PRCTL[column]), argument, (_EQUAL, 0, 1, kernel.PR_SET_PDEATHSIG), deny, allow]
    code += [(_EQUAL, 0, 8, _FCNTL[column]), (_LOAD, 0, 0, _SECOND_ARGUMENT)]
    for command in _SIGNALS_OTHERS:
        code += [(_EQUAL, 0, 1, command), deny]
    code += [allow]
    return b"".join(struct.pack("HBBI", *line) for line in (*code, allow))


# Assembled before any fork, for that takes as long as the kernel takes to accept it.
_FILTER = _program(platform.machine()) if platform.machine() in _ARCHITECTURES else b""


def restrict() -> None:
    """Put this process under the filter; raises OSError, also on a machine that the tables do not know."""
    if not _FILTER:
        raise OSError(errno.ENOSYS, f"no filter for {platform.machine()}")
    code = _FILTER.replace(struct.pack("I", _OWN_PID), struct.pack("I", os.getpid()))
    buffer = ctypes.create_string_buffer(code, len(code))
    kernel.seccomp_filter(_Program(len(code) // 8, ctypes.addressof(buffer)))
