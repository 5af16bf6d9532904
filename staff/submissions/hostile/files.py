"""Attacks on files: what must not be read, what must not be changed, and what fills a disk."""

from corpus import Hostile

_BY_DESCRIPTOR = """
import posix  # whose functions know no twins of folders in scratch
os.chdir(posix.open("/", os.O_PATH))
tell(open("." + CANARY["answers"]).read())
"""

_LINKS = """
os.symlink(os.path.dirname(CANARY["answers"]), "way")
tell(open("way/" + os.path.basename(CANARY["answers"])).read())
"""

_HARD_LINKS = """
os.link(CANARY["answers"], "mine")
tell(open("mine").read())
"""

_THROUGH_PROC = """
own = os.getpid()
ways = ("/proc/self/root", "/proc/thread-self/root", f"/proc/{own}/task/{own}/root", "/proc/self/cwd/../../../../..")
each(*(lambda way=way: tell(open(way + CANARY["answers"]).read()) for way in ways))
"""

_NEIGHBOUR = """
each(lambda: tell(open(CANARY["neighbour"]).read()))
scratch = os.path.dirname(os.path.dirname(CANARY["neighbour"]))
for folder, _, names in os.walk(scratch):
    for name in names:
        each(lambda: tell(open(os.path.join(folder, name)).read()))
"""

_DESCRIPTORS = """
for descriptor in range(1024):
    if descriptor not in (0, 1, 2, 3, 4):
        each(lambda: tell(os.pread(descriptor, 4096, 0)))
"""

_ENVIRONMENTS = """
for pid in (*CANARY["victims"], os.getppid(), 1):
    each(lambda: tell(open(f"/proc/{pid}/environ", "rb").read().replace(b"\\0", b" ")))
"""

_WALKS = """
import glob
for start in ("/work", "/home", "/root", "/tmp", "/var/tmp", "/mnt", "/srv", os.getcwd() + "/../.."):
    for path in glob.glob(start + "/*/*")[:200]:
        each(lambda: tell(open(path, errors="replace").read(2000)))
"""

_CHANGES = """
path = CANARY["answers"]
each(
    lambda: open(path, "w").write("{}"),
    lambda: os.truncate(path, 0),
    lambda: os.chmod(path, 0o600),
    lambda: os.utime(path, (1, 1)),
    lambda: os.setxattr(path, "user.mine", b"1"),
)
"""

_MOVES = """
path = CANARY["submission"]
each(lambda: os.rename(path, path + ".old"), lambda: os.unlink(path), lambda: os.mkdir(os.path.dirname(path) + "/new"))
"""

_LIBRARIES = """
import sysconfig
paths = sysconfig.get_paths()
evil = "import builtins\\nbuiltins.evil = True\\n"
for folder in (paths["purelib"], paths["stdlib"], paths["purelib"] + "/torch", *sys.path):
    for name in ("sitecustomize.py", "usercustomize.py", "evil.pth", "evil.py"):
        each(lambda: open(os.path.join(folder, name), "x").write(evil))
each(lambda: os.rename(torch.__file__, torch.__file__ + ".old"), lambda: os.unlink(torch.__file__))
"""

_GIANT = """
with open("giant", "wb") as file:
    file.seek(1 << 40)
    file.write(b"x")
won()
"""

_FULL = """
try:
    for number in range(60):
        with open(f"full{number}", "wb") as file:
            file.write(bytes(16 << 20))
except OSError:
    pass
"""

_MANY = """
try:
    for number in range(1_000_000):
        os.close(os.open(f"many{number}", os.O_CREAT | os.O_WRONLY))
except OSError:
    pass
"""

_NESTED = """
import signal
for depth in range(3000):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
os.chmod(".", 0)
"""

_DEVICES = """
import stat
for name, kind, major, minor in (("disk", stat.S_IFBLK, 8, 0), ("memory", stat.S_IFCHR, 1, 1)):
    each(lambda: (os.mknod(name, kind | 0o666, os.makedev(major, minor)), won()))
"""

_WATCHES = """
watcher = call("inotify_init1", 0)
if watcher >= 0 and call("inotify_add_watch", watcher, CANARY["answers"].encode(), 0xFFF) >= 0:
    won()
"""

_HANDLES = """
handle = ctypes.create_string_buffer(136)
ctypes.c_uint.from_buffer(handle).value = 128
mount = ctypes.c_int()
if call("name_to_handle_at", -100, CANARY["answers"].encode(), handle, ctypes.byref(mount), 0) == 0:
    won()
"""

_LABELS = """
import data
labels = CANARY["labels"]
folder = os.path.dirname(os.path.dirname(labels))   # as a data directory: downloaded/imdb/test.csv
inside = os.path.relpath(labels, data.SAMPLES)
each(
    lambda: tell(open(labels).read()),
    lambda: tell(open(os.path.join(data.SAMPLES, inside)).read()),
    lambda: tell(data.load_imdb("test", folder)),
    lambda: os.symlink(folder, "mine") or tell(open("mine/imdb/test.csv").read()),
)
"""

_LABELS_BY_DESCRIPTOR = """
import data
start = os.open(os.path.dirname(data.__file__), os.O_PATH)
inside = os.path.relpath(CANARY["labels"], os.path.dirname(data.__file__))
each(lambda: tell(os.read(os.open(inside, os.O_RDONLY, dir_fd=start), 4096)))
os.chdir(start)
each(lambda: tell(open(inside).read()))
"""

CASES = tuple(
    Hostile(name, "files", code, works_unconfined=works)
    for name, code, works in (
        ("the answers", "tell(open(CANARY['answers']).read())", True),
        ("the course's own files", "tell(open(CANARY['project']).read())", True),
        ("a file in a home", "tell(open(CANARY['home']).read())", True),
        ("another submission", "tell(open(CANARY['submission']).read())", True),
        ("another student's working folder", _NEIGHBOUR, True),
        ("test labels beside the data's modules", _LABELS, True),
        ("test labels from the folder of the data", _LABELS_BY_DESCRIPTOR, True),
        ("relative to the root folder", _BY_DESCRIPTOR, True),
        ("a symbolic link out of scratch", _LINKS, True),
        ("a hard link out of scratch", _HARD_LINKS, True),
        ("detours through /proc", _THROUGH_PROC, True),
        ("inherited descriptors", _DESCRIPTORS, False),
        ("environments of other processes", _ENVIRONMENTS, True),
        ("whatever can be found", _WALKS, False),
        ("changing the answers", _CHANGES, True),
        ("moving another submission away", _MOVES, True),
        ("writing into the libraries", _LIBRARIES, False),
        ("a giant file", _GIANT, False),
        ("a full scratch folder", _FULL, False),
        ("very many files", _MANY, False),
        ("folders nested without end", _NESTED, False),
        ("device files", _DEVICES, False),
        ("watching files", _WATCHES, True),
        ("file handles", _HANDLES, True),
    )
)
