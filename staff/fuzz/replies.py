"""Replies that no honest worker gives: true ones changed, and frames made up of odd values and lying lengths."""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from safetensors.numpy import save

from autograder.protocol.frames import HEADER
from autograder.sandbox import Exit

from .damage import NUMBERS, damaged
from .liar import Forgery, Transcript, frame, halves, replies_to
from .values import altered, dumped, odd_values

_ENDS = (None, Exit("exited", code=1), Exit("signal", signal="SIGSEGV"))
_ERROR = {"error": {"kind": "ValueError", "message": "no", "cell": 1, "line": 1, "text": "x"}}
_ODD: tuple[Any, ...] = (
    "missing", "NotImplementedError", "MemoryError", "UnreadableNotebook", "x" * 500, {"$reference": 0, "kind": "ViT"},
    {"$reference": 10**400, "kind": "x"}, {"$float": 10**400}, {"$float": []}, {"$float": "nan"}, {"$opaque": "x"},
    {"$tensor": "9"}, {"$tensor": []}, {"$tensor": "0", "$list": []}, {"$list": [{"$tensor": "0"}] * 500},
    {"$list": {"a": 1}}, {"$dict": 5}, {"$dict": [[1]]}, {"$dict": [[{"$list": []}, 1]]}, {"$tuple": "abc"},
    {"$dict": [[{"$tuple": [1, 2]}, 1]] * 3}, {"$dict": [[1.5, 0]]}, {"$dict": [[1 << 61, 0], [(1 << 61) - 1, 0]]},
    {"$list": [0] * 10_001}, {"$list": [{"$tensor": "0"}, {"$tensor": "0"}]},
    {"$device": "cuda:999999999999999999999"}, {"$device": "x" * 5000},
)  # fmt: skip
_RAW = (b"", b"{}", b"[" * 100_000, b"\xff\xfe{\0}\0", b"9" * 5000, b"{" * 9)
_LENGTHS = (*NUMBERS, 8 << 20, (8 << 20) + 1, 64 << 20, 65 << 20)
_ORPHANS = save({str(number): np.zeros(number) for number in range(9)})  # more than any value refers to
# What the header of tensors may say instead: names, shapes, places and types, some of them of the same size.
_LIES: tuple[Any, ...] = (
    "1", "__metadata__", [], [0], [1], [1 << 40], [0, 1 << 62], [1 << 62, 4], [-1], [1] * 100, [1.5], [24, 0],
    [-8, 16], [0, 1 << 70], [4, 28], "F32", "I32", "F64", "I64", "BOOL", "I8", "F16", "BF16", "C64", "F8_E4M3", "F4",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What a worker lies about: the notebook whose conversation is replayed, and what is forged in it."""

    notebook: str
    forgeries: Sequence[Forgery]


def plans(notebooks: Sequence[str], transcript: Transcript) -> st.SearchStrategy[Plan]:
    """One to three forged replies in the conversation about one of the notebooks."""
    return st.builds(Plan, st.sampled_from(notebooks), st.lists(_forgeries(transcript), min_size=1, max_size=3))


@st.composite
def _forgeries(draw: st.DrawFn, transcript: Transcript) -> Forgery:
    operation = draw(st.sampled_from(sorted({operation for operation, _ in transcript.values()})))
    true = replies_to(operation, transcript)
    at = draw(st.sampled_from((-1, -1, 0, 1)) | st.integers(-1, len(true)))
    return Forgery(operation, at, draw(_replies(draw(st.sampled_from(true)))), draw(st.sampled_from(_ENDS)))


def _replies(true: bytes) -> st.SearchStrategy[bytes]:
    text, blob = halves(true)
    odd = odd_values(_ODD)
    changed = st.builds(frame, altered(json.loads(text), odd).map(_encoded), st.just(blob))
    others = st.one_of(altered(_ERROR, odd), odd.map(lambda value: {"value": value}), odd).map(_encoded)
    raw = st.sampled_from(_RAW) | st.binary(max_size=80)
    blobs = st.one_of(st.just(blob), st.just(b""), damaged([blob]), _tensors(blob), st.just(_ORPHANS))
    length = st.sampled_from(_LENGTHS) | st.integers(0, 300)
    made_up = st.one_of(
        st.builds(frame, others, blobs),
        st.builds(frame, st.just(text), blobs),
        st.builds(frame, damaged([text]) | raw, blobs),
        st.builds(lambda first, second, body: HEADER.pack(first, second) + body, length, length, others | raw),
        damaged([true]),
        raw,
    )
    return st.booleans().flatmap(lambda is_changed: changed if is_changed else made_up)


def _encoded(value: Any) -> bytes:
    return dumped(value).encode()


def _tensors(blob: bytes) -> st.SearchStrategy[bytes]:
    """The tensors of a blob with other contents, or under a header that lies."""
    end = 8 + int.from_bytes(blob[:8], "little")
    header, data = (json.loads(blob[8:end]), blob[end:]) if blob else ({"0": {}}, bytes(24))
    odd = odd_values(_LIES)
    headers = st.one_of(st.just(header), altered(header, odd), odd).map(_encoded)
    lengths = st.sampled_from((None, None, None, 0, 1, 8, 1 << 20, 100_000_001, 1 << 63, (1 << 64) - 1))
    contents = (data, bytes(len(data)), b"\xff" * len(data), data[::-1], data[:-4], data * 2, b"")
    return st.builds(
        lambda text, length, content: struct.pack("<Q", len(text) if length is None else length) + text + content,
        headers, lengths, st.sampled_from(contents),
    )  # fmt: skip
