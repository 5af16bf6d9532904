"""Attacks on the interpreter that our worker shares with the student: patches, hooks, frames, the worker itself."""

from corpus import Hostile

from hostile.cheats import FORGES_REPLIES, HIDES_GRU_CELL, PATCHES_COMPARISONS, walks_frames

_ARGUMENTS = "input, hidden, weight_ih, weight_hh, bias_ih, bias_hh"

_PATCHES_ENCODER = """
from autograder.protocol import frames
def encode(self, value, depth=0):
    self.tensors["0"] = torch.zeros(2, 4, dtype=torch.float64)
    return {"$tensor": "0", "points": 10, "verdict": "PASS"}
frames.Encoder.encode = encode
frames.pack = lambda message, tensors=None, raw=b"": b"\\0" * 8
"""

_REPLACES_WORKER = """
from autograder.worker import server
def answer(self, *given):
    return {"value": None, "findings": [], "points": 10, "state": "PASS"}, {}
server.Worker.answer = answer
for name in ("call", "report_broken_rules", "begin_check", "read_notebook"):
    setattr(server.Worker, name, lambda self, *given: ({"value": {"$float": "nan"}, "findings": []}, {}))
"""

_CHANGES_CODE = """
import gc, types
def nothing(*given, **named):
    return None
for one in gc.get_objects():
    if type(one) is types.FunctionType and one.__module__.startswith("autograder") and not one.__code__.co_freevars:
        one.__code__ = nothing.__code__
"""

_TRACES = """
def trace(frame, event, argument):
    for name in ("value", "reply", "output", "tensor"):
        if name in frame.f_locals:
            frame.f_locals[name] = None
    return trace
sys.settrace(trace)
sys.setprofile(trace)
"""

_IMPORT_HOOKS = """
class Hook:
    def find_spec(self, name, path=None, target=None):
        raise SystemExit(name)
sys.meta_path.insert(0, Hook())
sys.path_hooks.insert(0, Hook)
sys.path_importer_cache.clear()
sys.modules.clear()
"""

_BUILTINS = """
import builtins
for name in ("isinstance", "len", "type", "getattr", "print", "open", "id", "min", "max", "sorted", "BaseException"):
    setattr(builtins, name, lambda *given, **named: 10)
"""

_JSON = """
import json
json.dumps = lambda *given, **named: '{"value": true, "findings": [], "state": "PASS"}'
json.loads = lambda *given, **named: {"forbid": []}
"""

_OBJECTS = """
import gc
for one in gc.get_objects():
    if isinstance(one, dict):
        for key in ("forbid", "rules", "findings", "objects"):
            if key in one and isinstance(one[key], list):
                one[key].clear()
"""

_WRITES_MEMORY = """
for address in (id(True), id(1), id(None), id(0.0)):
    ctypes.memset(address, 0x41, 24)
"""

_TORCH = """
def broken(*given, **named):
    raise KeyboardInterrupt
for name in ("save", "load", "zeros", "ones", "equal", "allclose", "tensor", "manual_seed"):
    setattr(torch, name, broken)
torch.Tensor.detach = torch.Tensor.clone = torch.Tensor.numpy = torch.Tensor.cpu = broken
"""

_COLLECTOR = """
import gc
class Trap:
    def __del__(self):
        while True:
            pass
trap = Trap()
trap.self = trap
del trap
gc.callbacks.append(lambda phase, about: os.write(4, bytes(8)))
gc.collect()
"""

_LOOKS_FOR_CASES = """
import gc
for one in gc.get_objects():
    name = type(one).__name__
    if name in ("Case", "Mistake", "Check", "Course", "Verdict", "Gradebook"):
        won()
for name in list(sys.modules):
    if name.split(".")[0] in ("staff", "tests", "checks") or name.startswith(("checks_", "staff_cases")):
        won()
"""

CASES = tuple(
    Hostile(name, "interpreter", code, ends=ends)
    for name, code, ends in (
        ("comparisons that say yes", PATCHES_COMPARISONS, ()),
        ("answers in frames and objects", walks_frames(_ARGUMENTS, "hidden", "output"), ()),
        ("answers among the worker's objects", _LOOKS_FOR_CASES, ()),
        ("hiding a forbidden layer", HIDES_GRU_CELL, ("forbidden call",)),
        ("another encoder", _PATCHES_ENCODER, ()),
        ("another worker", _REPLACES_WORKER, ()),
        ("another worker that forges", _REPLACES_WORKER + FORGES_REPLIES, ()),
        ("functions without code", _CHANGES_CODE, ()),
        ("trace functions", _TRACES, ()),
        ("import hooks", _IMPORT_HOOKS, ()),
        ("other built-in functions", _BUILTINS, ()),
        ("another JSON", _JSON, ()),
        ("rules that are emptied", _OBJECTS, ()),
        ("constants overwritten in memory", _WRITES_MEMORY, ()),
        ("a broken torch", _TORCH, ()),
        ("traps for the garbage collector", _COLLECTOR, ()),
    )
)
