"""What the children of the sandbox's tests do. `serve` runs the functions below on request.

A request is a line of JSON, [function, arguments]; the reply a line of JSON padded to REPLY bytes.
"""

import ctypes
import errno
import json
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import sysconfig
import threading
import time
from pathlib import Path
from typing import Any

from autograder.sandbox.inside import forks, lockdown, probe, tiers
from autograder.sandbox.layers import kernel, landlock, seccomp, system_calls

REPLY = 4096

_replies = -1


def serve(requests: int, replies: int) -> None:
    """Answer requests until the grader hangs up."""
    global _replies
    _replies = replies
    with os.fdopen(requests, "r") as lines:
        for line in lines:
            name, arguments = json.loads(line)
            try:
                answer = globals()[name](*arguments)
            except OSError as error:
                answer = errno.errorcode[error.errno or 0]
            except MemoryError:
                answer = "MemoryError"
            os.write(replies, json.dumps(answer).encode().ljust(REPLY))


def echo(requests: int, replies: int) -> None:
    """Another entry: send everything back."""
    while data := os.read(requests, 1 << 16):
        while data:
            data = data[os.write(replies, data) :]


def fail(*_: int) -> None:
    """Another entry: raise."""
    raise RuntimeError("no such luck")


def leave_a_thread(_: int, replies: int) -> None:
    """Another entry: end while a thread runs."""
    threading.Thread(target=time.sleep, args=(60,)).start()
    os.write(replies, b"left")


def pretend_macos() -> None:
    """To be preloaded: from here on, nothing that only Linux has may be touched."""
    sysconfig.get_paths()  # asks for files that only a real Mac has
    for module in (lockdown, probe, tiers):
        for name in ("kernel", "landlock", "seccomp"):
            vars(module).pop(name, None)  # as if they had not been imported
    sys.platform = "darwin"


def disable_landlock() -> None:
    """To be preloaded: a layer that does nothing."""
    landlock.restrict = lambda *_: None


def disable_seccomp() -> None:
    """To be preloaded: a layer that does nothing."""
    seccomp.restrict = lambda: None


def refuse_threads() -> None:
    """To be preloaded: a filter that has forgotten one call that programs need."""
    for number in system_calls.CLONE:
        line, other = (struct.pack("HBBI", 0x15, 0, 4, value) for value in (number, 9999))
        seccomp._FILTER = seccomp._FILTER.replace(line, other)


def disable_lockdown() -> None:
    """To be preloaded: layers that work, but are not applied."""
    lockdown.Lockdown.apply = lambda self, limits: os.chdir(self.scratch)  # type: ignore[method-assign]


def try_no_layer_alone() -> None:
    """To be preloaded: the warm process must not ask each layer whether it holds."""
    tiers.why_no = lambda *_: os._exit(1)


def break_huge_pages() -> None:
    """To be preloaded: the warm process ends when it makes its forks cheap."""
    kernel.collapse_pages = lambda: os._exit(1)


def refuse_forks() -> None:
    """To be preloaded: the warm process cannot fork children."""

    def fork(*_: object) -> int:
        raise BlockingIOError(errno.EAGAIN, "not now")

    forks.Forks._fork = fork  # type: ignore[method-assign, assignment]


def dawdle() -> None:
    """To be preloaded: the warm process takes its time."""
    time.sleep(60)


def compute() -> None:
    """To be preloaded: an operation that would start a pool of threads in the warm process."""
    import torch

    torch.tanh(torch.ones(1 << 22))


def collapse() -> None:
    """To be preloaded: the warm process ends."""
    sys.stderr.write("out of cheese\n")
    os._exit(3)


# ---------------------------------------------------------------- talking


def measure(text: str) -> int:
    return len(text)


def produce(size: int) -> str:
    """Sends `size` bytes before the reply proper."""
    data = memoryview(b"y" * size)
    while data:
        data = data[os.write(_replies, data) :]
    return "produced"


# ---------------------------------------------------------------- looking around


def surroundings() -> dict[str, Any]:
    descriptors = []
    for number in range(1024):
        try:
            os.fstat(number)
        except OSError:
            continue
        descriptors.append(number)
    status = Path("/proc/self/status").read_text().splitlines()
    return {
        "descriptors": descriptors,
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "files": listing("."),
        "user": os.getuid(),
        "capabilities": [line.split()[1] for line in status if line.startswith("Cap")],
        "path": [*sys.path, *sys.path_importer_cache],
    }


def loaded(name: str) -> bool:
    return name in sys.modules


def import_late(name: str) -> str:
    return str(__import__(name).__name__)


def read(path: str) -> str:
    return Path(path).read_text()


def listing(path: str) -> list[str]:
    return sorted(entry.name for entry in Path(path).iterdir())


def add() -> float:
    import torch

    x = torch.ones(1 << 20, requires_grad=True)
    torch.relu(x).sum().backward()
    assert x.grad is not None
    return float(x.grad.sum())


# ---------------------------------------------------------------- changing things


def write(path: str, text: str = "mine") -> str:
    Path(path).write_text(text)
    return "written"


def create_private(path: str) -> str:
    Path(path).mkdir()
    os.close(os.open(path + "/file", os.O_CREAT | os.O_WRONLY, 0))
    Path(path, "closed").mkdir(mode=0)
    return "done"


def nest(depth: int) -> str:
    for _ in range(depth):
        Path("d").mkdir()
        os.chdir("d")
    return "done"


def link(target: str, name: str) -> str:
    Path(name).symlink_to(target)
    return Path(name).read_text()


def hard_link(target: str, name: str) -> str:
    os.link(target, name)
    return Path(name).read_text()


def copy(path: str, to: str) -> str:
    shutil.copy2(path, to)
    return Path(to).read_text()


def chmod(path: str, mode: int) -> str:
    Path(path).chmod(mode)
    return "done"


def set_times(path: str) -> str:
    os.utime(path, (1, 1))
    return "done"


def truncate(path: str) -> str:
    os.truncate(path, 0)
    return "done"


def remove(path: str) -> str:
    Path(path).unlink()
    return "done"


def rename(path: str, to: str) -> str:
    Path(path).rename(to)
    return "done"


# ---------------------------------------------------------------- processes


def fork() -> str:
    if os.fork() == 0:
        time.sleep(60)
    return "forked"


def fork_bomb() -> str:
    made = 0
    for _ in range(1000):
        try:
            if os.fork() == 0:
                time.sleep(60)
            made += 1
        except OSError:
            continue
    return f"{made} processes"


def spawn() -> str:
    subprocess.run(["/bin/true"], check=True)
    return "ran"


def execute() -> str:
    os.execv("/bin/true", ["true"])


def send_signal(pid: int) -> str:
    os.kill(pid, signal.SIGTERM)
    return "sent"


def limit_process(pid: int) -> str:
    resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1))
    return "limited"


def connect(family: int, kind: int, address: Any) -> str:
    with socket.socket(socket.AddressFamily(family), socket.SocketKind(kind)) as made:
        made.connect(tuple(address) if isinstance(address, list) else address.replace("@", "\0"))
    return "connected"


def system_call(number: int, *arguments: int) -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    return "done" if result >= 0 else errno.errorcode[ctypes.get_errno()]


# ---------------------------------------------------------------- ends


def leave(code: int) -> None:
    os._exit(code)


def crash() -> None:
    ctypes.string_at(0)


def die_of(number: int) -> None:
    os.kill(os.getpid(), number)


def abort() -> None:
    os.abort()


def hoard(gib: int) -> str:
    kept = bytearray(gib << 30)
    return f"{len(kept)} bytes"


def hide_memory(mib: int) -> str:
    """Take memory that no address space shows: files without a name that are memory."""
    for _ in range(mib // 8):
        os.write(os.memfd_create("hidden"), bytes(8 << 20))
    return "hidden"


def fill(path: str, mib: int) -> str:
    with Path(path).open("wb") as file:
        for _ in range(mib):
            file.write(bytes(1 << 20))
    return "filled"


def spin() -> None:
    while True:
        pass


def sleep(seconds: float) -> str:
    time.sleep(seconds)
    return "awake"


def ignore_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXCPU):
        signal.signal(number, signal.SIG_IGN)
    time.sleep(60)


def hang_up(seconds: float) -> None:
    os.close(_replies)
    time.sleep(seconds)


def orphan() -> None:
    """End, leaving a process that holds the pipes open."""
    if os.fork() == 0:
        os.setsid()
        time.sleep(5)
    os._exit(0)


def flood(mib: int) -> str:
    for _ in range(mib):
        os.write(1, b"x" * (1 << 20))
    return "done"


def say(text: str) -> str:
    print(text)
    print(text, file=sys.stderr)
    return "said"


def half() -> None:
    os.write(_replies, b"half")
    time.sleep(60)
