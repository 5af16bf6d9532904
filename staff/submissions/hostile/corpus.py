"""The corpus: every attack, the notebook that it stands in, and the good submission that follows it."""

import json
import textwrap
from pathlib import Path

import colab
import writing
from corpus import Corpus, Hostile, Whereabouts
from sample import Work

from autograder.course.manifest import load
from hostile import endings, files, interpreter, kernel, leftovers, memory, network, processes, readers, replies, values

ASSIGNMENT, NOTEBOOK, LABEL, FUNCTION = "assignment2", "Assignment2-1_RNN.ipynb", "2-1-1a", "gru_forward"
_HERE = "WRITE_HERE"
TOPICS = (processes, memory, files, network, kernel, replies, interpreter, values, endings, leftovers, readers)

# One or two of each threat, for `make quick`; they take little time.
QUICK = {
    "processes": ("subprocess, posix_spawn, popen", "another process's limits"),
    "memory": ("100 GB in one piece", "files in /dev/shm"),
    "files": ("the answers", "another student's working folder"),
    "network": ("TCP", "a socket by system call"),
    "kernel": ("ptrace", "new namespaces"),
    "replies": ("forged", "tensors that lie about their size"),
    "interpreter": ("comparisons that say yes", "another worker that forges"),
    "values": ("a subclass that lies", "NaN"),
    "endings": ("os._exit", "a segmentation fault"),
    "leftovers": ("files everywhere", "named shared memory"),
    "notebooks": ("JSON nested without end", "a pickle"),
    "saved models": ("a pickle that runs code", "an archive cut off"),
}

# What the attacks share: ways to tell the doctor, and system calls by number.
TOOLS = """
import ctypes, os, sys, time
libc = ctypes.CDLL(None, use_errno=True)

def tell(value):
    text = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
    os.write(1, text[:20000] + b"\\n")

def won():
    tell(CANARY["flag"])

def each(*actions):
    for action in actions:
        try:
            action()
        except Exception:
            pass

def call(name, *arguments):
    number = NUMBERS[name][os.uname().machine == "aarch64"]
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return libc.syscall(ctypes.c_long(number), *words)
"""

# What a student could see of the one before: nothing may differ from one good submission to the next.
LOOKS_AROUND = """
import os, resource, sys, json
if not hasattr(torch, "looked"):
    torch.looked = True
    def names(folder):
        try:
            outside = folder in ("/dev/shm", "/tmp")   # where others come and go, too
            return sorted(name for name in os.listdir(folder) if not outside or name.startswith("canary"))
        except OSError as error:
            return type(error).__name__
    limits = [resource.getrlimit(kind) for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_CPU)]
    os.write(1, json.dumps([
        *map(names, (".", os.environ["HOME"], os.environ["TMPDIR"], "/dev/shm", "/tmp", "/proc/self/fd")),
        sorted(os.environ), os.umask(0o22), os.getuid(), limits, len(sys.meta_path), sys.path,
        open("/proc/self/stat").read().rpartition(")")[2].split()[16],   # priority
        len(os.listdir("/proc/self/task")), str(torch.get_default_dtype()), torch.get_num_threads(),
        torch.initial_seed(), torch.sigmoid(torch.tensor(1.0)).item(), sys.getrecursionlimit(), sys.gettrace() is None,
    ]).encode())
"""

NEIGHBOUR = """
import os
if not os.path.exists("note"):
    open("note", "w").write(SECRET)
    os.chmod("note", 0o666)
    os.write(1, os.path.abspath("note").encode())
"""

RIGHT = """
from_input, from_hidden = input @ weight_ih.T + bias_ih, hidden @ weight_hh.T + bias_hh
(i_r, i_z, i_n), (h_r, h_z, h_n) = from_input.chunk(3, 1), from_hidden.chunk(3, 1)
r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
output = z * hidden + (1 - z) * torch.tanh(i_n + r * h_n)
"""


def corpus(root: Path) -> Corpus:
    """All cases, put to the GRU's forward step."""
    needed = _needed_cells(root)

    def notebook(code: str, *cells: str) -> bytes:
        body = textwrap.indent(code, "    ").lstrip()
        sources = [*cells, *(source.replace(_HERE, body) for source in needed)]
        return colab.notebook([("code", source) for source in sources], NOTEBOOK)

    def write(case: Hostile, whereabouts: Whereabouts) -> bytes:
        if case.notebook:
            return case.notebook()
        canary = f"CANARY = {json.dumps(dict(whereabouts))}"
        code = f"output = torch.zeros_like(hidden)\n{case.code}"
        return notebook(code, canary, TOOLS, f"NUMBERS = {kernel.NUMBERS!r}", *case.cells)

    cases = tuple(case for topic in TOPICS for case in topic.CASES)
    good = notebook(RIGHT + LOOKS_AROUND)

    def neighbour(secret: str) -> bytes:
        return notebook(RIGHT + NEIGHBOUR, f"SECRET = {secret!r}")

    return Corpus(ASSIGNMENT, NOTEBOOK, LABEL, cases, write, good, neighbour)


def _needed_cells(root: Path) -> list[str]:
    """The cells of the real notebook that the graded function needs, with _HERE where the student writes.

    The others would only be read again and again.
    """
    content = writing.notebook(root, load(root)[ASSIGNMENT], NOTEBOOK, Work({FUNCTION: _HERE}), NOTEBOOK)
    sources = ["".join(cell["source"]) for cell in json.loads(content)["cells"] if cell["cell_type"] == "code"]
    return [source for source in sources if source.strip() == "import torch" or _HERE in source]
