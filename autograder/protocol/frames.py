"""Values as JSON plus safetensors: what crosses between the grader and a student's process.

Nothing that arrives is unpickled or executed. A frame is a header (`protocol.envelope`), the JSON and the blob of
tensors. The receiving side checks both lengths before it reads on.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from safetensors.torch import load

from autograder.protocol.envelope import HEADER as HEADER
from autograder.protocol.envelope import MAX_JSON_BYTES as MAX_JSON_BYTES
from autograder.protocol.envelope import MAX_TENSOR_BYTES as MAX_TENSOR_BYTES
from autograder.protocol.envelope import REQUEST_HEADER as REQUEST_HEADER
from autograder.protocol.envelope import MalformedFrame as MalformedFrame
from autograder.protocol.envelope import lengths as lengths
from autograder.protocol.envelope import message_in
from autograder.protocol.operation import Operation

MAX_CHECK_BYTES = 128 << 20  # of all replies to one check together
_MAX_HEADER_BYTES = 2 << 20  # of the list of tensors in a blob
MAX_REQUEST_BYTES = 2 << 30  # the grader's own: a saved model, say
_MAX_DEPTH = 8
_MAX_ITEMS = 10_000
_MAX_TEXT = 100_000
_MAX_DIMENSIONS = 32  # of what NumPy takes at least
# What safetensors can hold and a check may ask for, by their names there.
_DTYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.complex64: "C64",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
# Of dictionaries: strings are hashed with a secret of the process, and whole numbers of 64 bits hardly collide.
_KEYS = (str, int)
_NUMPY_KINDS = ((np.bool_, bool), (np.integer, int), (np.floating, float))


class Opaque:
    """A value that has no plain form, known by its kind alone; it equals nothing."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return f"<{self.kind}>"


class Reference:
    """An object that stays in the student's process, known here by its number and class name."""

    def __init__(self, number: int, kind: str) -> None:
        self.number = number
        self.kind = kind


class Encoder:
    """Turns values into JSON, and keeps the tensors found on the way in `tensors`.

    `reference` gives a number to an object that stays in the student's process, or None for every other object.
    Tensors beyond `most_bytes` in all, MAX_TENSOR_BYTES by default, are left out.
    """

    def __init__(
        self, reference: Callable[[object], int | None] = lambda _: None, most_bytes: int | None = None
    ) -> None:
        self.tensors: dict[str, torch.Tensor] = {}
        self._bytes = 0
        self._most_bytes = MAX_TENSOR_BYTES if most_bytes is None else most_bytes
        self._reference = reference

    def encode(self, value: object, depth: int = 0) -> Any:
        """JSON for `value`; kinds without a plain form become their class name."""
        if value is None or type(value) is bool:
            return value
        if type(value) is str:
            return value[:_MAX_TEXT]
        if type(value) is int:
            return value if abs(value) < 1 << 63 else {"$opaque": "int beyond 64 bits"}
        if type(value) is float:
            return value if math.isfinite(value) else {"$float": str(value)}
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        if type(value).__module__ == "numpy":
            for kind, plain in _NUMPY_KINDS:
                if isinstance(value, kind):
                    return self.encode(plain(value), depth)
        if type(value) is torch.device:
            return {"$device": str(value)}
        if depth < _MAX_DEPTH and isinstance(value, (list, tuple, dict)) and len(value) <= _MAX_ITEMS:
            return self._container(value, depth + 1)
        number = self._reference(value)
        if number is not None:
            return {"$reference": number, "kind": _kind(value)}
        return {"$opaque": _kind(value)}

    def _container(self, value: Sequence[object] | dict[object, object], depth: int) -> Any:
        if isinstance(value, dict):
            keys = [self.encode(key) if isinstance(key, (str, int, np.integer)) else None for key in dict.keys(value)]
            if not all(type(key) in _KEYS for key in keys):
                return {"$opaque": f"{_kind(value)} with keys that are neither text nor whole numbers"}
            items = [self.encode(item, depth) for item in dict.values(value)]
            return {"$dict": [list(pair) for pair in zip(keys, items, strict=True)]}
        items = [self.encode(item, depth) for item in value]
        return {"$list": items} if isinstance(value, list) else {"$tuple": items}

    def _tensor(self, value: torch.Tensor) -> Any:
        with torch._C.DisableTorchFunction():
            if value.layout != torch.strided or value.is_meta or value.is_quantized:
                return {"$opaque": f"{_kind(value)} that is sparse, quantized or without data"}
            if value.dtype not in _DTYPES or value.dim() > _MAX_DIMENSIONS:
                return {"$opaque": f"{_kind(value)} of {value.dtype} with {value.dim()} dimensions"}
            # The size is checked before `contiguous`: a stride of zero makes petabytes out of one number.
            size = value.numel() * value.element_size()
            if self._bytes + size > self._most_bytes:
                return {"$opaque": f"tensor of shape {tuple(value.shape)}, larger than {self._most_bytes >> 20} MiB"}
            self._bytes += size
            plain = value.detach()
            if type(plain) is not torch.Tensor or not plain.is_cpu or plain.is_conj() or plain.is_neg():
                plain = plain.as_subclass(torch.Tensor).resolve_conj().resolve_neg().cpu()
            name = str(len(self.tensors))
            self.tensors[name] = plain.contiguous()
        return {"$tensor": name}


def _kind(value: object) -> str:
    return type(value).__name__[:80]


def decode(
    value: Any,
    tensors: dict[str, torch.Tensor],
    dereference: Callable[[Reference], object] = lambda reference: reference,
) -> Any:
    """The value that `Encoder.encode` described. Raises MalformedFrame for anything else.

    Each tensor is taken out of `tensors`, so that none stands in a value twice, and what nothing refers to is left.
    `dereference` makes of each reference what stands for it on this side.
    """
    try:
        return _decode(value, tensors, dereference, 0)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError, RecursionError) as error:
        raise MalformedFrame(f"not an encoded value ({type(error).__name__})") from None


def _decode(
    value: Any, tensors: dict[str, torch.Tensor], dereference: Callable[[Reference], object], depth: int
) -> Any:
    if not isinstance(value, dict):
        if isinstance(value, list):
            raise MalformedFrame("a bare list")
        return value
    if "$tensor" in value:
        return tensors.pop(value["$tensor"])
    if "$float" in value:
        return float(value["$float"])
    if "$list" in value:
        return [_decode(item, tensors, dereference, depth + 1) for item in _items(value["$list"], depth)]
    if "$tuple" in value:
        return tuple(_decode(item, tensors, dereference, depth + 1) for item in _items(value["$tuple"], depth))
    if "$dict" in value:
        pairs = _items(value["$dict"], depth)
        return {_key(key): _decode(item, tensors, dereference, depth + 1) for key, item in pairs}
    if "$reference" in value:
        return dereference(Reference(int(value["$reference"]), str(value["kind"])[:80]))
    if "$device" in value:
        return torch.device(str(value["$device"]))
    return Opaque(str(value["$opaque"])[:200])


def _items(items: Any, depth: int) -> list[Any]:
    """What a container holds, within the caps that `Encoder` keeps."""
    if not isinstance(items, list) or depth >= _MAX_DEPTH or len(items) > _MAX_ITEMS:
        raise MalformedFrame("a container that is none, is nested too deeply or holds too much")
    return items


def _key(key: Any) -> str | int:
    if type(key) not in _KEYS:
        raise MalformedFrame("a dictionary whose keys are neither text nor whole numbers")
    plain: str | int = key
    return plain


def floating_tensors(value: object) -> list[torch.Tensor]:
    """The tensors of floating point in a value, in tuples, lists and dictionaries in it too, in order."""
    if isinstance(value, torch.Tensor):
        return [value] if value.is_floating_point() else []
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else ()
    return [tensor for item in items for tensor in floating_tensors(item)]


def pack(message: Mapping[str, Any], tensors: dict[str, torch.Tensor]) -> bytes:
    """The frame of a reply."""
    text, blob = json.dumps(message).encode(), _save(tensors)
    return b"".join((HEADER.pack(len(text), sum(map(len, blob))), text, *blob))


def pack_request(
    operation: Operation, message: Mapping[str, Any], tensors: dict[str, torch.Tensor], file: bytes = b""
) -> bytes:
    """The frame of a request. Its blob is `tensors` as safetensors, or else the bytes of a file."""
    text, blob = json.dumps(message).encode(), _save(tensors) or [file]
    return b"".join((REQUEST_HEADER.pack(operation, len(text), sum(map(len, blob))), text, *blob))


def _save(tensors: Mapping[str, torch.Tensor]) -> list[bytes]:
    """The tensors in the safetensors format, in parts: for small ones in a third of the time that its library takes.

    The largest kinds come first, as there, so that each lies where its processor likes it.
    """
    if not tensors:
        return []
    parts, entries, begin = [], [], 0
    for name in sorted(tensors, key=lambda one: (-tensors[one].element_size(), one)):
        tensor = tensors[name]
        plain = tensor.view(torch.int16) if tensor.dtype is torch.bfloat16 else tensor  # which NumPy does not know
        parts.append(plain.numpy().tobytes())
        kind, shape, end = _DTYPES[tensor.dtype], ",".join(map(str, tensor.shape)), begin + len(parts[-1])
        entries.append(f'"{name}":{{"dtype":"{kind}","shape":[{shape}],"data_offsets":[{begin},{end}]}}')
        begin = end
    header = f"{{{','.join(entries)}}}".encode()
    header += b" " * (-len(header) % 8)
    return [len(header).to_bytes(8, "little"), header, *parts]


def unpack(text: bytes, blob: bytes) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """The JSON object and the tensors of a received frame; see `message_in`. Raises MalformedFrame."""
    message = message_in(text)
    if int.from_bytes(blob[:8], "little") > _MAX_HEADER_BYTES:
        raise MalformedFrame("a reply with too many tensors")
    try:
        return message, load(blob) if blob else {}
    except Exception as error:  # safetensors raises its own, undocumented kinds for damaged bytes
        raise MalformedFrame(f"a reply whose tensors cannot be read ({type(error).__name__})") from None
