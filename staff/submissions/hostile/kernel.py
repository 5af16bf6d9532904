"""Attacks on other processes through the kernel, and on the kernel: debuggers, namespaces, mounts, odd system calls."""

from pathlib import Path

from corpus import Hostile

# Name: number on x86-64, on aarch64; -1 where the call does not exist.
NUMBERS = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "capset": (126, 91),
    "chroot": (161, 51),
    "clone": (56, 220),
    "clone3": (435, 435),
    "finit_module": (313, 273),
    "fsopen": (430, 430),
    "get_robust_list": (274, 100),
    "inotify_add_watch": (254, 27),
    "inotify_init1": (294, 26),
    "io_setup": (206, 0),
    "io_uring_setup": (425, 425),
    "ioprio_set": (251, 30),
    "kcmp": (312, 272),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "mount": (165, 40),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "name_to_handle_at": (303, 264),
    "openat2": (437, 437),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
    "prctl": (157, 167),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "reboot": (169, 142),
    "rt_sigqueueinfo": (129, 138),
    "seccomp": (317, 277),
    "semget": (64, 190),
    "sendmmsg": (307, 269),
    "sendto": (44, 206),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "setuid": (105, 146),
    "shmget": (29, 194),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "splice": (275, 76),
    "syncfs": (306, 267),
    "tgkill": (234, 131),
    "tkill": (200, 130),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "vmsplice": (278, 75),
}

_PTRACE = """
for pid in CANARY["victims"]:
    if call("ptrace", 16, pid, 0, 0) == 0:   # attach
        time.sleep(0.2)
        call("ptrace", 17, pid, 0, 0)        # detach
        won()
"""

_TRACED_BY_PARENT = """
if call("ptrace", 0, 0, 0, 0) == 0:
    won()
"""

# The environment of a process lies at the top of its stack.
_READS_MEMORY = """
class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
for pid in CANARY["victims"]:
    try:
        (stack,) = [line.split()[0] for line in open(f"/proc/{pid}/maps") if "[stack]" in line]
    except OSError:
        continue
    end = int(stack.split("-")[1], 16)
    buffer = ctypes.create_string_buffer(4096)
    here, there = Vector(ctypes.addressof(buffer), 4096), Vector(end - 4096, 4096)
    if call("process_vm_readv", pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) > 0:
        tell(buffer.raw.replace(b"\\0", b" ")[-300:])
"""

_READS_MEM = """
for pid in (*CANARY["victims"], os.getppid(), 1):
    def read():
        stack = next(line.split()[0] for line in open(f"/proc/{pid}/maps") if "[stack]" in line)
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            memory.seek(int(stack.split("-")[1], 16) - 4096)
            tell(memory.read(4096).replace(b"\\0", b" ")[-300:])
    each(read)
"""

_NAMESPACES = """
for flags in (0x10000000, 0x10020000, 0x50000000, 0x20000000, 0x02000000):   # user; with mounts, network; ...
    if call("unshare", flags) == 0:
        won()
        break
"""

_MOUNTS = """
call("unshare", 0x10020000)
os.mkdir("place")
tried = (
    call("mount", b"tmpfs", b"place", b"tmpfs", 0, None),
    call("mount", b"/", b"place", None, 4096 | 16384, None),
    call("mount", b"proc", b"place", b"proc", 0, None),
    call("umount2", b"/proc", 2),
    call("umount2", os.getcwd().encode(), 2),
    call("fsopen", b"tmpfs", 0),
)
if max(tried) >= 0:
    won()
"""

_CHROOT = """
os.makedirs("a/b")
call("unshare", 0x10000000)
if call("chroot", b"a") == 0:
    won()
"""

_JOINS = """
for kind in ("mnt", "pid", "net", "user", "ipc", "uts", "cgroup"):
    for pid in (1, os.getppid(), *CANARY["victims"]):
        def join():
            descriptor = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
            if call("setns", descriptor, 0) == 0:
                won()
        each(join)
"""

_RIGHTS = """
each(lambda: os.setgroups([0]), lambda: os.setresgid(0, 0, 0), lambda: os.setresuid(0, 0, 0), lambda: os.setuid(0))
header, rights = (ctypes.c_uint * 2)(0x20080522, 0), (ctypes.c_uint * 6)(*[0xFFFFFFFF] * 6)
call("capset", header, rights)
held = [line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapEff", "CapPrm"))]
if any(int(mask, 16) for mask in held):
    won()
"""

_LIMITS = """
import resource
for name in ("AS", "CPU", "FSIZE", "NOFILE", "CORE"):
    kind = getattr(resource, f"RLIMIT_{name}")
    try:
        before = resource.getrlimit(kind)
        resource.setrlimit(kind, (before[0] + 1, before[1] + 1))
        won()
    except (OSError, ValueError):
        pass
"""

_SHEDS_ITS_PARENT = """
if call("prctl", 1, 0, 0, 0, 0) == 0:   # PR_SET_PDEATHSIG
    won()
"""

_KEYS = """
if call("add_key", b"user", b"mine", b"x", 1, -4) >= 0 or call("keyctl", 0, -3, 0) >= 0:
    won()
"""

_DOORS = """
zeros = ctypes.create_string_buffer(256)
doors = [call("io_uring_setup", 4, zeros), call("userfaultfd", 1), call("bpf", 0, zeros, 128)]
doors.append(call("perf_event_open", zeros, 0, -1, -1, 0))
if max(doors) >= 0:
    won()
"""

_MACHINE = """
tried = (
    call("sethostname", b"mine", 4), call("reboot", 0, 0, 0, 0), call("kexec_load", 0, 0, None, 0),
    call("finit_module", 0, b"", 0), call("personality", 0x0040000),
)
if max(tried) >= 0:
    won()
"""

# No new filter may be needed to find out, so this one allows everything.
_NEW_FILTER = """
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
allow = ctypes.create_string_buffer(bytes([6, 0, 0, 0, 0, 0, 0xFF, 0x7F]), 8)
call("seccomp", 1, 0, ctypes.byref(Program(1, ctypes.addressof(allow))))
if call("socket", 2, 1, 0) >= 0:
    won()
"""

# Machine code that enters the kernel as a 32-bit program does: eax = getpid, int 0x80, ret.
_OTHER_ARCHITECTURE = """
import mmap
if os.uname().machine == "x86_64":
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(bytes.fromhex("b814000000cd80c3"))
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    if function() == os.getpid():
        won()
"""

_X32 = """
if os.uname().machine == "x86_64":
    if libc.syscall(ctypes.c_long(0x40000000 + 41), 2, 1, 0) >= 0:
        won()
"""


_ATTACHES_SHARED_MEMORY = """
libc.shmat.restype = ctypes.c_void_p
address = libc.shmat(CANARY["segment"], None, 0o10000)   # to read it
if address not in (None, 2**64 - 1):
    tell(ctypes.string_at(address, 32))
"""

_SENDS_TO_A_QUEUE = """
message = ctypes.create_string_buffer((1).to_bytes(8, sys.byteorder) + b"answers, please")
call("msgsnd", CANARY["queue"], message, 15, 0)
"""

# Whoever opens a file under a lease waits for its holder, by default 45 seconds.
_LEASES = """
import fcntl
with open("leased", "w") as file:
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    won()
"""

_WATCHES_A_FOLDER = """
import fcntl
fcntl.fcntl(os.open(".", os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_CREATE)
won()
"""

_READS_LATER = """
context = ctypes.c_ulong(0)
if call("io_setup", 1, ctypes.byref(context)) == 0:
    won()
"""

_GIVES_PAGES = """
out, into = os.pipe()
page = ctypes.create_string_buffer(4096)
part = (ctypes.c_size_t * 2)(ctypes.addressof(page), 4096)
if call("vmsplice", into, part, 1, 0) > 0:
    won()
"""

_WRITES_ALL_BACK = """
if call("syncfs", os.open(".", os.O_RDONLY)) == 0:
    won()
"""

_FINDS_LOCKS = """
head, size = ctypes.c_void_p(0), ctypes.c_size_t(0)
for pid in CANARY["victims"]:
    if call("get_robust_list", pid, ctypes.byref(head), ctypes.byref(size)) == 0:
        won()
"""

_MOVES_PAGES = """
out, into = os.pipe()
with open("pages", "w+b") as file:
    file.write(bytes(4096))
    file.flush()
    if call("splice", file.fileno(), ctypes.byref(ctypes.c_long(0)), into, None, 4096, 0) > 0:
        won()
"""

_OPENS_BY_STRUCTURE = """
how = (ctypes.c_uint64 * 3)(os.O_RDONLY, 0, 0)
descriptor = call("openat2", -100, CANARY["answers"].encode(), how, ctypes.sizeof(how))
tell(os.read(descriptor, 4096))
"""

# The flags of clone3 lie in memory: none, and SIGCHLD at the end.
_FORKS_BY_STRUCTURE = """
how = (ctypes.c_uint64 * 8)()
how[4] = 17
pid = call("clone3", how, ctypes.sizeof(how))
if pid == 0:
    won()
    os._exit(0)
if pid > 0:
    os.waitpid(pid, 0)
"""

_TAKES_DESCRIPTORS = """
for pid in CANARY["victims"]:
    handle = call("pidfd_open", pid, 0)
    if handle >= 0 and call("pidfd_getfd", handle, 1, 0) >= 0:
        won()
"""

_COMPARES = """
for pid in CANARY["victims"]:
    if call("kcmp", os.getpid(), pid, 1, 0, 0) >= 0:   # whether memory is shared, which also leaks addresses' order
        won()
"""

# What lies at the top of the stack is written over itself.
_WRITES_MEMORY = _READS_MEMORY.replace(
    '        tell(buffer.raw.replace(b"\\0", b" ")[-300:])\n',
    '        if call("process_vm_writev", pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) > 0:\n'
    "            won()\n",
)

_OPENS_ITSELF = """
if call("prctl", 4, 1, 0, 0, 0) == 0:   # PR_SET_DUMPABLE
    won()
"""


def _enabled(name: str, wanted: bool = True) -> bool:
    """Whether a switch below /proc/sys/ is on (or off, if it is not wanted); one that is missing is as wanted."""
    path = Path("/proc/sys") / name
    return not path.exists() or (path.read_text().strip() != "0") is wanted


_TRACES = _enabled("kernel/yama/ptrace_scope", False)
_SPLITS = (
    _enabled("user/max_user_namespaces")
    and _enabled("kernel/unprivileged_userns_clone")
    and _enabled("kernel/apparmor_restrict_unprivileged_userns", False)
)

CASES = tuple(
    Hostile(name, "kernel", code, works_unconfined=works)
    for name, code, works in (
        ("ptrace", _PTRACE, _TRACES),
        ("being traced", _TRACED_BY_PARENT, _TRACES),
        ("process_vm_readv", _READS_MEMORY, _TRACES),
        ("/proc/PID/mem", _READS_MEM, _TRACES),
        ("new namespaces", _NAMESPACES, _SPLITS),
        ("mounts", _MOUNTS, _SPLITS),
        ("chroot", _CHROOT, _SPLITS),
        ("joining namespaces", _JOINS, False),
        ("more rights", _RIGHTS, False),
        ("higher limits", _LIMITS, False),
        ("outliving its parent", _SHEDS_ITS_PARENT, True),
        ("keyrings", _KEYS, Path("/proc/keys").exists()),
        ("io_uring, bpf, perf, userfaultfd", _DOORS, _enabled("kernel/io_uring_disabled", False)),
        ("the machine's configuration", _MACHINE, True),
        ("another filter", _NEW_FILTER, True),
        ("calls of a 32-bit program", _OTHER_ARCHITECTURE, Path("/proc/sys/abi/vsyscall32").exists()),
        ("x32 calls", _X32, False),
        ("shared memory by its number", _ATTACHES_SHARED_MEMORY, True),
        ("a message queue by its number", _SENDS_TO_A_QUEUE, True),
        ("a lease on a file", _LEASES, True),
        ("notices of a folder", _WATCHES_A_FOLDER, True),
        ("input and output later", _READS_LATER, True),
        ("pages for a pipe", _GIVES_PAGES, True),
        ("writing all files back", _WRITES_ALL_BACK, True),
        ("where another process keeps its locks", _FINDS_LOCKS, True),
        ("open to debuggers", _OPENS_ITSELF, True),
        ("pages of a file for a pipe", _MOVES_PAGES, True),
        ("opening by a structure", _OPENS_BY_STRUCTURE, True),
        ("a process by a structure", _FORKS_BY_STRUCTURE, True),
        ("descriptors of another process", _TAKES_DESCRIPTORS, _TRACES),
        ("comparing itself with another process", _COMPARES, _TRACES),
        ("process_vm_writev", _WRITES_MEMORY, _TRACES),
    )
)
