"""Replies that no honest worker gives: true ones changed, and frames that hypothesis makes up."""

import json
import struct
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import torch
from hypothesis import strategies as st
from lying_worker import HANDLE, USUAL, Forgery, Plan, frame, halves, usual
from mutation import NUMBERS, mutate
from odd_notebooks import change_value, dumped, odd_values
from safetensors.torch import load, save

from autograder.protocol.frames import HEADER, Operation

_OPERATIONS = tuple(one for one in Operation if one is not Operation.READ_WEIGHTS)
_ERROR = {"kind": "ValueError", "message": "no", "cell": 1, "line": 1, "text": "x"}
_KINDS = ("missing", "NotImplementedError", "MemoryError", "UnreadableNotebook", "x" * 500)
_ENCODED = (
    {"$float": 10**400}, {"$float": []}, {"$reference": float("inf"), "kind": "x"}, {"$reference": 10**400,
    "kind": "x"},
    {"$reference": 1}, {"$tensor": "9"}, {"$tensor": []}, {"$device": "cuda:999999999999999999999"},
    {"$device": "x" * 5000},
    {"$dict": [[{"$list": []}, 1]]}, {"$dict": [[1]]}, {"$dict": 5}, {"$list": {"a": 1}}, {"$tuple": "abc"},
    {"$opaque": 10**400},
    {"$list": [{"$tensor": "0"}] * 500}, {"$opaque": "x"}, {"$tensor": "0", "$list": []}, {"$float": "nan"}, HANDLE,
)  # fmt: skip
_ENDS = ("timeout", "exited", "signal")
_Samples = Sequence[tuple[Operation, bytes]]


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
        for message in USUAL.values()
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
