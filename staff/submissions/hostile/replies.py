"""Attacks on the grader's ear: frames that are forged, broken, huge, nested, random or in the wrong place."""

from corpus import Hostile

from hostile.cheats import FORGES_REPLIES

BROKEN = ("malformed reply",)

# A frame is two lengths, JSON and tensors; the sandbox gives the child descriptor 4 for it.
_SENDS = """
import json, struct
def send(text, tensors=b"", lengths=None):
    text = text if isinstance(text, bytes) else json.dumps(text).encode()
    data = struct.pack("<II", *(lengths or (len(text), len(tensors)))) + text + tensors
    while data:
        data = data[os.write(4, data):]
"""

_EMPTY_TENSORS = 'b"\\x02\\0\\0\\0\\0\\0\\0\\0{}"'


def _lies(shape: list[int], offsets: list[int]) -> str:
    """A tensor of 16 bytes whose header promises this shape, at these offsets."""
    return f"""
header = json.dumps({{"0": {{"dtype": "F64", "shape": {shape}, "data_offsets": {offsets}}}}}).encode()
send({{"value": {{"$tensor": "0"}}}}, struct.pack("<Q", len(header)) + header + bytes(16))
"""


_WRONG_TYPES = """
values = [
    {"$float": "nan"}, {"$float": []}, {"$tensor": []}, {"$list": {"a": 1}}, {"$dict": [[{"$list": []}, 1]]},
    {"$dict": 7},
    {"$reference": "x", "kind": 1}, {"$reference": -1, "kind": "Module"}, {"$device": "cuda:99"}, {"$device": {}},
    {"$opaque": {"$opaque": 1}}, [], {}, "x" * 1000, 1 << 62, {"$tuple": [[[[]]]]}, {"$float": "1e999999"},
]
send({"value": values[CANARY["tcp"] % len(values)]})
for value in values:
    send({"value": value})
"""

_ERRORS = """
message = {"a": "[bold red]PASS[/]\\x1b[2J" * 1000}
send({"error": {"kind": ["x"] * 100, "message": message, "cell": 1e300, "line": [1], "text": 7}})
send({"error": "everything"})
send({"error": None, "findings": "none", "value": None, "points": 10, "state": "PASS"})
"""

_MISSING = """
send({"error": {"kind": "missing", "message": "gru_forward" * 100_000}})
"""

_STEALS = """
each(lambda: tell(os.read(3, 1 << 20)))
while True:
    os.read(3, 1 << 20)
"""

_LATER = """
import _thread
def later():
    while True:
        send({"value": {"$tensor": "0"}, "findings": []})
        time.sleep(0.01)
_thread.start_new_thread(later, ())
"""

# What an honest encoder never writes: keys that may be made to collide, and tensors without a value.
_TUPLES = """
send({"value": {"$dict": [[{"$tuple": [number, -number]}, 0] for number in range(5000)]}})
"""

_MANY_PAIRS = """
send({"value": {"$dict": [[number << 32, 0] for number in range(200_000)]}})
"""

_ORPHANS = """
header = json.dumps({str(n): {"dtype": "U8", "shape": [1 << 24], "data_offsets": [n << 24, (n + 1) << 24]}
                     for n in range(4)}).encode()
blob = struct.pack("<Q", len(header)) + header + bytes(1 << 26)
while True:
    send({"value": {"$list": []}}, blob)
"""

_FLOOD = """
while True:
    send({"value": None, "findings": []})
"""

CASES = tuple(
    Hostile(name, "replies", code, cells=(_SENDS,), ends=ends)
    for name, code, ends in (
        ("forged", FORGES_REPLIES, ()),
        ("forged without end", _FLOOD, ()),
        ("forged from a thread, later", _LATER, ()),
        ("random bytes", "import random\nrandom.seed(0)\nos.write(4, random.randbytes(1 << 15))", BROKEN),
        ("cut off, and the process ends", "send({'value': 1}, lengths=(1000, 0))\nos._exit(0)", ("crash",)),
        ("cut off, and nothing follows", "send({'value': 1}, lengths=(1000, 0))\ntime.sleep(60)", ("time limit",)),
        ("four gigabytes, says its head", "send(b'', lengths=(0xFFFFFFFF, 0xFFFFFFFF))", BROKEN),
        ("as long as is allowed", "send(b'[' * (8 << 20))", BROKEN),
        ("nested", "send(b'{\"value\":' + b'[' * 1_000_000 + b']' * 1_000_000 + b'}')", BROKEN),
        ("values nested", "send(b'{\"value\":' + b'{\"$list\":[' * 5000 + b']}' * 5000 + b'}')", BROKEN),
        ("no JSON object", "send([1, 2, 3])", BROKEN),
        ("no UTF-8", 'send(b\'{"value": "\\xff\\xfe"}\')', BROKEN),
        ("a number of a million digits", "send(b'{\"value\": ' + b'9' * 1_000_000 + b'}')", BROKEN),
        ("tensors that are not there", f"send({{'value': {{'$tensor': 'x'}}}}, {_EMPTY_TENSORS})", BROKEN),
        ("tensors that lie about their size", _lies([1 << 34], [0, 1 << 37]), BROKEN),
        ("tensors that begin before the file", _lies([2], [-8, 8]), BROKEN),
        ("tensors whose shape overflows", _lies([1 << 33, 1 << 33], [0, 16]), BROKEN),
        ("tensors that nothing refers to", _ORPHANS, BROKEN),
        ("keys that are tuples", _TUPLES, BROKEN),
        ("a dictionary of 200,000 keys", _MANY_PAIRS, BROKEN),
        ("values of wrong types", _WRONG_TYPES, ()),
        ("errors of wrong types", _ERRORS, ()),
        ("an error of a megabyte", _MISSING, ()),
        ("a closed pipe", "os.close(4)", ("crash", "malformed reply")),
        ("a pipe that leads nowhere", "os.dup2(os.open('/dev/null', os.O_WRONLY), 4)", ("crash", "malformed reply")),
        ("stealing requests", _STEALS, ("time limit", "crash")),
    )
)
