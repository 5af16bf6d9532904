"""Attacks with memory: more than is allowed, and where no limit on the address space would see it."""

from corpus import Hostile

MEMORY = ("memory limit",)

_MANY_PIECES = """
kept = []
while True:
    kept.append(torch.ones(1 << 20, dtype=torch.float64))
"""

_PYTHON_LIST = """
kept = [0]
while True:
    kept += kept
"""

_MEMFD = """
for piece in range(75):
    descriptor = call("memfd_create", b"hidden", 0)
    if descriptor < 0 or os.write(descriptor, bytes(8 << 20)) != 8 << 20:
        break
else:
    won()   # 600 MiB that no address space shows
"""

_SHM_FILES = """
written = 0
try:
    for piece in range(75):
        with open(f"/dev/shm/{CANARY['mark']}{piece}", "wb") as file:
            written += file.write(bytes(8 << 20))
except OSError:
    pass
if written > 256 << 20:
    won()
"""

_SYSTEM_V = """
if call("shmget", CANARY["key"], 64 << 20, 0o1666) >= 0:
    won()
"""

_MESSAGE_QUEUES = """
made = (call("msgget", 0, 0o1600), call("semget", 0, 1000, 0o1600), call("mq_open", b"q", 0o102, 0o600, 0))
if max(made) >= 0:
    won()
"""

_ONE_MAPPING = """
import mmap
mapped = mmap.mmap(-1, 1 << 40)
won()
"""

_FREED_LIBRARIES = """
# Unmap libraries that are not needed, so that the address space allows for as much elsewhere.
kept, freed = [], 0
for line in open("/proc/self/maps"):
    span, rights, _, _, _, *name = line.split()
    if name and name[0].endswith((".mo", ".so")) and "torch" not in name[0] and "python" not in name[0]:
        continue
    if name and "libtorch" in name[0] and rights.startswith("r--"):
        begin, end = (int(part, 16) for part in span.split("-"))
        if libc.munmap(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin)) == 0:
            freed += end - begin
while True:
    kept.append(bytearray(16 << 20))
"""

_MANY_PIPES = """
pipes = []
while True:
    read, write = os.pipe()
    pipes.append((read, write))
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, bytes(1 << 16))
    except BlockingIOError:
        pass
"""

_AGAIN = """
def again(n):
    return again(n + 1) + 1
sys.setrecursionlimit(1 << 30)
again(0)
"""

_DEEP = """
class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")
sys.setrecursionlimit(1 << 30)
Deep().x
"""

CASES = tuple(
    Hostile(name, "memory", code, ends=ends, works_unconfined=works)
    for name, code, ends, works in (
        ("100 GB in one piece", "torch.zeros(100 << 30, dtype=torch.uint8).fill_(1)", MEMORY, False),
        ("100 GB in many pieces", _MANY_PIECES, MEMORY, False),
        ("a list that doubles", _PYTHON_LIST, MEMORY, False),
        ("a string that doubles", "text = 'x'\nwhile True: text += text", MEMORY, False),
        ("a mapping of a terabyte", _ONE_MAPPING, (), False),
        ("memory in place of libraries", _FREED_LIBRARIES, (), False),
        ("files without a name (memfd)", _MEMFD, (), True),
        ("files in /dev/shm", _SHM_FILES, (), True),
        ("System V shared memory", _SYSTEM_V, (), True),
        ("message queues and semaphores", _MESSAGE_QUEUES, (), True),
        ("full pipes", _MANY_PIPES, (), False),
        ("recursion without end", _AGAIN, (), False),
        ("recursion through C", _DEEP, (), False),
    )
)
