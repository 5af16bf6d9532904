"""What one student leaves for the next: files, memory, switches of torch, locks, and traps for the cleaner."""

from corpus import Hostile

_FILES = """
for folder in (".", os.environ["HOME"], os.environ["TMPDIR"], "/dev/shm", "/tmp", "/var/tmp"):
    for name in ("note", ".hidden", ".bashrc", "sitecustomize.py", "numpy.py"):
        each(lambda: open(f"{folder}/{CANARY['mark']}{name}", "w").write("for you"))
each(lambda: os.makedirs(".config/matplotlib"), lambda: os.makedirs(".cache/torch/hub"))
each(lambda: open(".config/matplotlib/matplotlibrc", "w").write("backend: mine"))
"""

_CLOSED = """
os.makedirs("closed/deeper")
open("closed/deeper/file", "w").write("x")
for path in ("closed/deeper/file", "closed/deeper", "closed", "."):
    each(lambda: os.chmod(path, 0))
"""

_LINKS_FOR_THE_CLEANER = """
os.symlink(os.path.dirname(CANARY["answers"]), "folder")
os.symlink(CANARY["answers"], "file")
os.symlink("/", "root")
os.symlink("itself", "itself")
os.mkfifo("fifo")
os.mkdir("inner")
os.symlink("..", "inner/up")
"""

_NAMES = """
for name in (b"\\xff\\xfe", b"-rf", b"new\\nline", b"\\x1b[2J", b" ", b"~", b"x" * 255):
    each(lambda: os.close(os.open(name, os.O_CREAT | os.O_WRONLY)))
    each(lambda: os.mkdir(name + b".d"))
"""

_TORCH = """
torch.set_default_dtype(torch.float16)
torch.set_num_threads(2)
torch.manual_seed(13)
torch.set_grad_enabled(False)
torch.use_deterministic_algorithms(True)
torch.sigmoid = torch.tanh
torch.Tensor.__matmul__ = lambda a, b: torch.zeros(1)
"""

_PROCESS = """
os.umask(0o777)
os.environ.update(PYTHONSTARTUP="x", LD_PRELOAD="y", TORCH_HOME="z")
os.nice(5)
sys.path.insert(0, os.getcwd())
sys.setrecursionlimit(50_000)
import fcntl
descriptor = os.open("lock", os.O_CREAT | os.O_RDWR)
fcntl.flock(descriptor, fcntl.LOCK_EX)
"""

_SHARED_MEMORY = """
from multiprocessing import shared_memory, resource_tracker
resource_tracker.register = lambda *about: None
shared_memory.SharedMemory(name=CANARY["mark"], create=True, size=1 << 20)
"""

# Shared pages of the warm process must be copied before they change.
_SHARED_PAGES = """
import mmap
for line in open("/proc/self/maps"):
    span, rights, _, _, _, *name = line.split()
    if rights == "rw-p" and name and name[0].endswith(".so") and "torch" in name[0]:
        begin, end = (int(part, 16) for part in span.split("-"))
        ctypes.memset(begin + (end - begin) // 2, 0x41, min(4096, (end - begin) // 2))
"""

_READ_ONLY_PAGES = """
for line in open("/proc/self/maps"):
    span, rights, _, _, _, *name = line.split()
    if rights.startswith("r-x") and name and "libtorch_cpu" in name[0]:
        begin, end = (int(part, 16) for part in span.split("-"))
        if libc.mprotect(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), 7) == 0:
            ctypes.memset(begin, 0xC3, 1 << 20)
torch.ones(2) @ torch.ones(2)
"""

CASES = tuple(
    Hostile(name, "leftovers", code, works_unconfined=works)
    for name, code, works in (
        ("files everywhere", _FILES, True),
        ("folders that nobody may enter", _CLOSED, False),
        ("links for the cleaner", _LINKS_FOR_THE_CLEANER, False),
        ("odd names", _NAMES, False),
        ("switches of torch", _TORCH, False),
        ("switches of the process", _PROCESS, False),
        ("named shared memory", _SHARED_MEMORY, True),
        ("libraries changed in memory", _SHARED_PAGES, False),
        ("code of libraries changed in memory", _READ_ONLY_PAGES, False),
    )
)
