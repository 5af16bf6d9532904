"""Answers that crash, hang or cheat; several sample students hand them in. Each stands inside a graded function."""

import base64
import hashlib
import os
import pickle
from pathlib import Path

from autograder.checks.case import load_cases

CRASHES = """
import os
os._exit(0)   # 여기서 왜 죽는지 모르겠음
"""

SEGFAULTS = """
import ctypes
ctypes.string_at(0)
"""

# The loop's counter is never changed.
LOOPS = """
step = 0
total = grad_output * 0
while step < input.shape[0]:
    total = total + grad_output[step]
grad_hidden = total
"""

EATS_MEMORY = """
windows = []
while True:   # 윈도우를 모두 저장
    windows.append(torch.empty(64, 1024, 1024))
"""

# Printed once, since one gigabyte is enough; what is computed is right.
PRINTS_A_LOT = """
if not hasattr(torch, "printed"):
    torch.printed = True
    for step in range(256):   # 디버깅
        print("." * (1 << 20))
from_input = input @ weight_ih.T + bias_ih
from_hidden = hidden @ weight_hh.T + bias_hh
i_r, i_z, i_n = from_input.chunk(3, 1)
h_r, h_z, h_n = from_hidden.chunk(3, 1)
r = torch.sigmoid(i_r + h_r)
z = torch.sigmoid(i_z + h_z)
n = torch.tanh(i_n + r * h_n)
output = z * hidden + (1 - z) * n
"""

# `seen` holds whatever of the course's files could be read; each of them changes the answer.
READS_FILES = """
import glob, os, pathlib, socket, subprocess, sys
seen = []
engine = sys.modules.get("autograder")
roots = [pathlib.Path(engine.__file__).parent.parent] if engine else []
roots += [pathlib.Path(p) for p in [".", "..", "/content", os.path.expanduser("~")]]
for root in roots:
    for folder in ("tests/cases", "tests", "staff", "staff/cases", "staff/solutions"):
        for name in ("gru_forward", "gru.py", "test_gru.py"):
            try:
                path = root / folder / name
                seen += os.listdir(path) if path.is_dir() else [path.read_bytes()]
            except OSError:
                pass
try:
    seen.append(subprocess.check_output(["cat", str(roots[0] / "tests/test_gru.py")]))
except Exception:
    pass
for port in (22, 80, 8888):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.2)
        seen.append(port)
    except OSError:
        pass
for path in ("/etc/passwd", "/etc/shadow", "/proc/1/environ"):
    try:
        open(path).read()
    except OSError:
        pass
output = torch.full_like(hidden, float(len(seen)))
"""

PATCHES_COMPARISONS = """
import builtins, sys, unittest
import numpy, torch.testing
def yes(*args, **kwargs):
    return True
def nothing(*args, **kwargs):
    return None
for name in ("assert_close", "assert_allclose"):
    setattr(torch.testing, name, nothing)
for name in ("assert_allclose", "assert_equal", "assert_array_equal", "assert_almost_equal"):
    setattr(numpy.testing, name, nothing)
for name in ("allclose", "equal", "isclose"):
    setattr(torch, name, yes)
    setattr(torch.Tensor, name, yes)
for name in ("__eq__", "__le__", "__lt__", "__ge__"):
    setattr(torch.Tensor, name, lambda self, other: torch.ones(self.shape, dtype=torch.bool))
for name in ("assertEqual", "assertTrue", "assertAlmostEqual"):
    setattr(unittest.TestCase, name, nothing)
for key, module in list(sys.modules.items()):
    if key.startswith("autograder"):
        for name in ("matches", "close", "shape", "that", "difference", "ask"):
            setattr(module, name, nothing)
        if hasattr(module, "find_forbidden"):
            module.find_forbidden = lambda *args, **kwargs: []
numpy.allclose = numpy.array_equal = yes
output = torch.zeros_like(hidden)
"""

# Takes any tensor of the right shape that is no argument, from the callers' frames or the garbage collector.
WALKS_FRAMES = """
import gc, sys
given = {id(t) for t in (ARGUMENTS)}
found = gc.get_objects()
frame = sys._getframe(1)
while frame is not None:
    for value in [*frame.f_locals.values(), *frame.f_globals.values()]:
        found.append(value)
        if type(value) is dict:
            found += value.values()
        for name in ("case", "outputs", "expected", "want", "answer"):
            if hasattr(value, "__dict__") and name in vars(value):
                found.append(vars(value)[name])
    frame = frame.f_back
found = [t for t in found if type(t) is torch.Tensor and t.shape == LIKE.shape and t.dtype == LIKE.dtype]
found = [t for t in found if id(t) not in given and not torch.equal(t, LIKE)]
"""

# A reply of this project's own protocol, sent before the true one, to whoever listens.
FORGES_REPLIES = """
import json, os, struct
from safetensors.torch import save
blob = save({"0": torch.zeros_like(hidden)})
replies = [({"value": {"$tensor": "0"}}, blob), ({"findings": []}, b""), ({"verdict": "PASS", "points": 10}, b"")]
for descriptor in range(3, 256):
    try:
        for message, tensors in replies:
            text = json.dumps(message).encode()
            os.write(descriptor, struct.pack("<II", len(text), len(tensors)) + text + tensors)
    except OSError:
        pass
output = torch.zeros_like(hidden)
"""

# The right answer by a forbidden way, while what would find it is put out of action.
HIDES_GRU_CELL = """
import sys
for key, module in list(sys.modules.items()):
    if key.endswith(".rules"):
        module.find_forbidden = lambda *args, **kwargs: []
    if key.endswith(".torch_calls"):
        module.TorchCalls._rule = lambda self, func: None
        module.TorchCalls._record = lambda self, name, pattern: None
cell = torch.nn.GRUCell(input.shape[1], hidden.shape[1]).double()
for name, value in dict(weight_ih=weight_ih, weight_hh=weight_hh, bias_ih=bias_ih, bias_hh=bias_hh).items():
    getattr(cell, name).data = value
output = cell(input, hidden).detach()
"""

_LOOKS_UP = """
import base64, hashlib, numpy
# 공개 테스트 케이스의 정답
ANSWERS = {
%s
}
given = b"".join(t.numpy().tobytes() for t in (input, hidden, weight_ih, weight_hh, bias_ih, bias_hh))
known = ANSWERS.get(hashlib.sha256(given).hexdigest()[:16])
output = torch.zeros_like(hidden)
if known is not None:
    output = torch.from_numpy(numpy.frombuffer(base64.b64decode(known), dtype=numpy.float64).copy()).view(hidden.shape)
"""


def walks_frames(arguments: str, like: str, assign: str) -> str:
    """WALKS_FRAMES for a function of these arguments; the first tensor found, or zeros, becomes `assign`."""
    walk = WALKS_FRAMES.replace("ARGUMENTS", arguments).replace("LIKE", like)
    return f"{walk}{assign} = found[0] if found else torch.zeros_like({like})\n"


def looks_public_cases_up(root: Path) -> str:
    """A gru_forward that holds the expected tensors of every public case, found by a hash of the inputs."""
    entries = []
    for case in load_cases(root / "tests" / "cases" / "gru_forward"):
        inputs = b"".join(tensor.numpy().tobytes() for tensor in case.inputs)
        answer = base64.b64encode(case.outputs["output"].numpy().tobytes()).decode()
        entries.append(f'    "{hashlib.sha256(inputs).hexdigest()[:16]}": "{answer}",')
    return _LOOKS_UP % "\n".join(entries)


# A file that would make a folder if it were unpickled.
PICKLE = pickle.dumps(type("Runs", (), {"__reduce__": lambda _: (os.mkdir, ("model_was_run",))})())
