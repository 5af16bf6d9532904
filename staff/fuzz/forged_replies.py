"""A worker that lies: true replies were recorded, and forged ones take the place of some."""

import base64
import hashlib
import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

import torch
from hypothesis import strategies as st
from mutation import NUMBERS, mutate
from odd_notebooks import change_value, dumped, odd_values
from safetensors.torch import load, save

from autograder.codec import HEADER
from autograder.sandbox import Child, ChildEnded, ChildTimeout, Exit, Limits

# Operations in which an error that the worker reports is taken for the grader's own, as `session` documents it.
OUR_OPERATIONS = frozenset({"read", "begin", "stand_in", "evidence", "rerun"})
_OPERATIONS = (
    "read", "begin", "stand_in", "call", "attribute", "inventory", "load", "restore", "mode", "evidence", "rerun",
)  # fmt: skip
_CLAIMS = {
    "figures": [["accuracy", ["test"], 91.5, True, "test", 1, 1, "Test accuracy: 91.5%", True, "acc", "test"]],
    "cells": [[1, 1, ["loss"], "", 3, 3, 10, False]],
    "scalars": [[1, ["accuracy", "test"]]],
}
_READ = {
    "definitions": {"Attention": [1]},
    "unreadable": [{"cell": 2, "line": 1, "error": "invalid syntax", "text": "x =", "names": ["ViT"]}],
    "usages": [[1, ["Attention"], ["torch"], [[["torch.nn.Linear"], "nn.Linear", 3, "nn.Linear(1, 2)"]]]],
    "claims": _CLAIMS,
}
_FINDING = {"diagnosis": "forbidden call", "call": "torch.gru", "rule": "torch.gru*", "cell": 1, "line": 2, "text": "x"}
_HANDLE = {"$reference": 0, "kind": "ViT"}
# What a worker answers where no true reply to the same request was recorded.
_USUAL: dict[str, dict[str, Any]] = {
    "read": _READ,
    "call": {"value": {"$list": [{"$tensor": "0"}, 1, {"$float": "nan"}, {"$dict": [["a", {"$tuple": []}]]}, _HANDLE]}},
    "attribute": {"value": _HANDLE},
    "inventory": {"inventory": [{"name": "", "kind": "ViT", "parameters": [["cls_token", [1, 1, 8]]]}]},
    "load": {"value": None},
    "restore": {"value": ""},
    "evidence": {"findings": [_FINDING]},
    "rerun": {
        "stopped": False, "errors": [[1, "x"]], "printed": [[1, "x"]], "claims": _CLAIMS,
        "models": {"$list": [{"$list": [{"$tuple": [_HANDLE, True]}]}]},
    },
}  # fmt: skip
_ERROR = {"kind": "ValueError", "message": "no", "cell": 1, "line": 1, "text": "x"}
_KINDS = ("missing", "NotImplementedError", "MemoryError", "UnreadableNotebook", "x" * 500)
_ENCODED = (
    {"$float": 10**400}, {"$float": []}, {"$reference": float("inf"), "kind": "x"}, {"$reference": 10**400,
    "kind": "x"},
    {"$reference": 1}, {"$tensor": "9"}, {"$tensor": []}, {"$device": "cuda:999999999999999999999"},
    {"$device": "x" * 5000},
    {"$dict": [[{"$list": []}, 1]]}, {"$dict": [[1]]}, {"$dict": 5}, {"$list": {"a": 1}}, {"$tuple": "abc"},
    {"$opaque": 10**400},
    {"$list": [{"$tensor": "0"}] * 500}, {"$opaque": "x"}, {"$tensor": "0", "$list": []}, {"$float": "nan"}, _HANDLE,
)  # fmt: skip


@dataclass
class Transcript:
    """True replies: by what was asked since the question began, and in order with the operation that each answers."""

    by_request: dict[bytes, bytes] = field(default_factory=dict)
    in_order: list[tuple[str, bytes]] = field(default_factory=list)


class RecordingChild:
    """A true worker, of which every reply goes into a transcript."""

    def __init__(self, child: Child, transcript: Transcript) -> None:
        self._child = child
        self._transcript = transcript
        self._request = b""
        self._asked = b""
        self._reply = b""

    def send(self, data: bytes, deadline: float) -> None:
        """Sends a request; the reply to the one before it is complete now."""
        self._keep()
        self._request, self._asked = data, asked_with(self._asked, data)
        self._child.send(data, deadline)

    def receive(self, size: int, deadline: float) -> bytes:
        """So many bytes of the reply."""
        data = self._child.receive(size, deadline)
        self._reply += data
        return data

    def kill(self) -> Exit:
        """Ends the worker."""
        self._keep()
        return self._child.kill()

    def _keep(self) -> None:
        if self._request:
            self._transcript.by_request[self._asked] = self._reply
            self._transcript.in_order.append((operation_of(self._request), self._reply))
        self._request = self._reply = b""


def asked_with(asked: bytes, request: bytes) -> bytes:
    """A hash of everything that was asked since a question began, `asked`, and of one request more."""
    begins = operation_of(request) in ("read", "begin")
    return hashlib.sha256((b"" if begins else asked) + request).digest()


def operation_of(request: bytes) -> str:
    """What a request asks for."""
    size, _ = HEADER.unpack_from(request)
    return str(json.loads(request[HEADER.size : HEADER.size + size])["op"])


@dataclass(frozen=True)
class Forgery:
    """Bytes in place of the replies to one operation: to the `at`-th of a conversation, or to all if that is -1.

    `end` says what follows when more is asked for than there is: "timeout", or the reason of a process's end.
    """

    operation: str
    at: int
    reply: bytes
    end: str


@dataclass(frozen=True)
class Plan:
    """One input: the notebook whose conversation is replayed, and what is forged in it."""

    notebook: str
    forgeries: tuple[Forgery, ...]

    def to_bytes(self) -> bytes:
        """The plan as JSON."""
        listed = [asdict(one) | {"reply": base64.b64encode(one.reply).decode()} for one in self.forgeries]
        return json.dumps({"notebook": self.notebook, "forgeries": listed}).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Plan":
        """What `to_bytes` wrote."""
        told = json.loads(content)
        forgeries = [Forgery(**one | {"reply": base64.b64decode(one["reply"])}) for one in told["forgeries"]]
        return cls(told["notebook"], tuple(forgeries))


class Liar:
    """Makes workers that answer as recorded, but for a plan's forgeries.

    `told_error` says whether a forged reply to an operation of the grader's own was a well-formed report of an error.
    """

    def __init__(self, plan: Plan, transcript: Transcript) -> None:
        self._plan = plan
        self._transcript = transcript
        self._count: dict[str, int] = {}
        self.told_error = False

    def fork(self, *limits: object) -> "LyingChild":
        """A fresh worker; no limits bind it."""
        return LyingChild(self)

    def reply(self, request: bytes, asked: bytes) -> tuple[bytes, str]:
        """The reply to a request and what follows behind it; `asked` is the hash of the question up to it."""
        operation = operation_of(request)
        number = self._count.get(operation, 0)
        self._count[operation] = number + 1
        for one in self._plan.forgeries:
            if one.operation == operation and one.at in (number, -1):
                self.told_error |= operation in OUR_OPERATIONS and b'"error"' in one.reply
                return one.reply, one.end
        return self._transcript.by_request.get(asked) or usual(operation), "timeout"


class LyingChild:
    """The grader's end of a conversation with a worker that there is not; behaves as `sandbox.Child` does."""

    def __init__(self, liar: Liar) -> None:
        self._liar = liar
        self._waiting = b""
        self._asked = b""
        self._end = "timeout"

    def send(self, data: bytes, deadline: float) -> None:
        """Takes a request; its reply waits behind what is left of the one before."""
        self._asked = asked_with(self._asked, data)
        reply, self._end = self._liar.reply(data, self._asked)
        self._waiting += reply

    def receive(self, size: int, deadline: float) -> bytes:
        """Exactly so many bytes. Raises ChildEnded or ChildTimeout when there are not so many."""
        if size > Limits().output_mib << 20:
            raise ChildEnded(Exit("killed"))
        if len(self._waiting) < size:
            if self._end == "timeout":
                raise ChildTimeout
            raise ChildEnded(Exit("signal", signal="SIGSEGV") if self._end == "signal" else Exit("exited", code=1))
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        return data

    def kill(self) -> Exit:
        """Nothing is there to be ended."""
        return Exit("killed")


def usual(operation: str) -> bytes:
    """A well-formed reply to any request for this operation."""
    blob = save({"0": torch.ones(2, 3)}) if operation in ("call", "attribute") else b""
    return frame(json.dumps(_USUAL.get(operation, {})).encode(), blob)


def refusal() -> Forgery:
    """Every notebook is none: for archives, of which nothing but the intake is tried."""
    error = {"error": {"kind": "UnreadableNotebook", "message": "The file is JSON but no notebook."}}
    return Forgery("read", -1, frame(json.dumps(error).encode(), b""), "timeout")


def frame(text: bytes, blob: bytes) -> bytes:
    """A reply with true lengths."""
    return HEADER.pack(len(text), len(blob)) + text + blob


def halves(reply: bytes) -> tuple[bytes, bytes]:
    """JSON and blob of a reply with true lengths."""
    size, _ = HEADER.unpack_from(reply)
    return reply[HEADER.size :][:size], reply[HEADER.size :][size:]


_ENDS = ("timeout", "exited", "signal")
_Samples = Sequence[tuple[str, bytes]]


def change_replies(notebook: str, samples: _Samples, random: Random) -> Plan:
    """A plan with one to three true replies changed: in their bytes, their JSON values or their tensors."""
    forgeries = []
    for _ in range(random.choice((1, 1, 2, 3))):
        operation = random.choice(sorted({name for name, _ in samples} | set(_OPERATIONS)))
        recorded = [reply for name, reply in samples if name == operation] or [usual(operation)]
        changed = _changed(random.choice(recorded), random)
        at = random.choice((-1, 0, 1, random.randrange(max(1, len(recorded)))))
        forgeries.append(Forgery(operation, at, changed, random.choice(_ENDS)))
    return Plan(notebook, tuple(forgeries))


def _changed(reply: bytes, random: Random) -> bytes:
    text, blob = halves(reply)
    kind = random.random()
    if kind < 0.15:
        return mutate(reply, random, [reply, b"{}" * 40])
    if kind < 0.25:
        return frame(mutate(text, random, [text, blob or b"{}"]), blob)
    if kind < 0.35 and blob:
        return frame(text, mutate(blob, random, [blob, text]))
    if kind < 0.5 and blob:
        return frame(text, save({name: odd_tensor(tensor, random) for name, tensor in load(blob).items()}))
    value = json.loads(text)
    for _ in range(random.choice((1, 1, 2, 4))):
        change_value(value, random)
    return frame(dumped(value).encode(), blob)


def odd_tensor(tensor: torch.Tensor, random: Random) -> torch.Tensor:
    """A tensor of another shape, kind or content."""
    changes: tuple[Callable[[torch.Tensor], torch.Tensor], ...] = (
        lambda one: one.to(random.choice((torch.bool, torch.int8, torch.float16, torch.bfloat16, torch.complex64,
        torch.uint8))),
        lambda one: one.to(torch.float8_e4m3fn if one.is_floating_point() else torch.int64),
        lambda one: torch.full_like(one, random.choice((float("nan"), float("inf"),
        1e30)) if one.is_floating_point() else 1),
        lambda one: one.reshape(-1), lambda one: one.unsqueeze(0), lambda one: one.sum(), lambda one: one[:0],
        lambda one: torch.zeros(0, 1 << 40), lambda one: torch.zeros([1] * 60), lambda one: torch.zeros(3, 1000, 1000),
        lambda one: one.transpose(0, -1) if one.dim() else one, lambda one: one,
    )  # fmt: skip
    with_dimension = tensor if tensor.dim() else tensor.reshape(1)
    return random.choice(changes)(with_dimension).contiguous()


def forged(notebooks: Sequence[str]) -> st.SearchStrategy[Plan]:
    """A plan of frames that hypothesis makes up: odd values in every field, lying lengths, absurd tensors."""
    places = st.sampled_from((-1, -1, 0, 1, 2))
    forgery = st.builds(Forgery, st.sampled_from(_OPERATIONS), places, _replies(), st.sampled_from(_ENDS))
    return st.builds(Plan, st.sampled_from(notebooks), st.lists(forgery, min_size=1, max_size=3).map(tuple))


def _replies() -> st.SearchStrategy[bytes]:
    text = _messages().map(lambda value: dumped(value).encode())
    raw = st.one_of(
        st.binary(max_size=80), st.sampled_from((b"", b"{}", b"[" * 100_000, b"\xff\xfe{\0}\0", b"9" * 5000, b"{" * 9))
    )
    blob = st.one_of(st.just(b""), st.just(save({"0": torch.ones(2, 3)})), _blobs())
    true_lengths = st.builds(frame, st.one_of(text, text, raw), blob)
    size = st.one_of(st.sampled_from((*NUMBERS, 8 << 20, (8 << 20) + 1, 64 << 20, 65 << 20)), st.integers(0, 300))
    lying = st.builds(lambda first, second, body: HEADER.pack(first, second) + body, size, size, st.one_of(text, raw))
    return st.one_of(true_lengths, true_lengths, true_lengths, lying, raw)


def _messages() -> st.SearchStrategy[Any]:
    """A reply's JSON: well-formed in all but a field or two."""
    odd = st.one_of(odd_values(), st.sampled_from(_ENCODED), st.sampled_from(_ENCODED))
    parts: list[st.SearchStrategy[Any]] = [
        st.fixed_dictionaries({key: _one_field_odd(value, odd) for key, value in message.items()})
        for message in _USUAL.values()
    ]
    kinds = st.one_of(st.sampled_from(_KINDS), odd_values())
    error = st.builds(
        lambda kind, rest: {"error": rest | {"kind": kind}},
        kinds,
        _one_field_odd(_ERROR, odd_values()).filter(_is_object),
    )
    return st.one_of(
        *parts,
        error,
        st.builds(lambda value: {"error": value}, odd),
        st.builds(lambda value: {"value": value}, odd),
        odd,
    )


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _one_field_odd(value: Any, odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The value, or the value with something in it replaced, or something else."""
    choices = [st.just(value), odd]
    if isinstance(value, dict):
        choices += [
            st.builds(lambda part, key=key: value | {key: part}, _one_field_odd(inner, odd))
            for key, inner in value.items()
        ]
    if isinstance(value, list):
        choices += [
            st.builds(lambda part, place=place: [*value[:place], part, *value[place + 1 :]], _one_field_odd(inner, odd))
            for place, inner in enumerate(value)
        ]
        choices += [st.builds(lambda part: [*value, part], odd), st.just([]), st.just(value * 3000)]
    return st.one_of(*choices)


def _blobs() -> st.SearchStrategy[bytes]:
    """Blobs in the safetensors format whose header lies."""
    shapes = st.sampled_from(
        ([], [2, 3], [0], [1 << 40], [0, 1 << 62], [1 << 62, 4], [-1], [1] * 100, [1.5], "x", None, [1 << 70])
    )
    offsets = st.sampled_from(([0, 24], [0, 0], [24, 0], [0, 1 << 62], [-8, 16], [0], None, [0, 1 << 70], [4, 28]))
    kinds = st.sampled_from(("F32", "F64", "BOOL", "F8_E4M3", "F4", "X", None, 5, "BF16", "U64", "C64", "F8_E8M0"))
    entry = st.one_of(st.fixed_dictionaries({"dtype": kinds, "shape": shapes, "data_offsets": offsets}), odd_values())
    names = st.one_of(st.sampled_from(("0", "1", "__metadata__", "x" * 300, "")), st.text(max_size=5))
    header = st.one_of(st.dictionaries(names, entry, max_size=3), odd_values())
    lying = st.one_of(st.none(), st.sampled_from((0, 1, 8, 1 << 20, 100_000_001, 1 << 63, (1 << 64) - 1)))
    return st.builds(_blob, header, lying, st.sampled_from((0, 24, 48, 1000)))


def _blob(header: Any, length: int | None, data: int) -> bytes:
    text = dumped(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + bytes(data)
