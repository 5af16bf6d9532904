"""Values cross unchanged, and nothing that a hostile process sends gets past the caps."""

import json
import math
import struct
from functools import reduce
from typing import cast

import pytest
import torch
from safetensors.torch import save

from autograder.protocol import frames
from autograder.protocol.operation import Operation

KINDS = [
    *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex64),
    *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8),
]


def nested(inner: object, _: int) -> object:
    return {"$list": [inner]}


def there_and_back(value: object) -> object:
    encoder = frames.Encoder()
    encoded = encoder.encode(value)
    frame = frames.pack({"value": encoded}, encoder.tensors)
    text, blob = frames.lengths(frame[: frames.HEADER.size])
    body = frame[frames.HEADER.size :]
    assert len(body) == text + blob
    message, tensors = frames.unpack(body[:text], body[text:])
    return frames.decode(message["value"], tensors)


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -7, 1.5, "한글", [1, [2.0, "x"]], (1, (None,)), {"a": 1, 2: [3]}, [], (), {}, 1 << 62, -math.inf],
)
def test_plain_values_come_back_equal_and_of_the_same_type(value: object) -> None:
    back = there_and_back(value)
    assert back == value and type(back) is type(value)


def test_nan_comes_back() -> None:
    assert math.isnan(there_and_back(math.nan))  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", [*KINDS, torch.bool])
def test_tensors_keep_dtype_shape_and_values(dtype: torch.dtype) -> None:
    tensor = torch.arange(6).reshape(2, 3).to(dtype)
    back = there_and_back({"x": tensor.T})["x"]  # type: ignore[index]
    assert back.dtype == dtype and torch.equal(back, tensor.T)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_tensors_that_share_memory_arrive_apart(dtype: torch.dtype) -> None:
    tensor = torch.arange(6).to(dtype)
    one, other = cast("list[torch.Tensor]", there_and_back([tensor, tensor[:3]]))
    other += 1
    assert torch.equal(one, tensor) and torch.equal(other, tensor[:3] + 1)


@pytest.mark.parametrize("dtype", KINDS)
def test_a_request_has_the_bytes_that_safetensors_makes(dtype: torch.dtype) -> None:
    tensors = [
        torch.arange(6).reshape(2, 3),
        torch.tensor(7),
        torch.empty(0, 3),
        *(torch.ones(one) for one in range(9)),
    ]
    encoder = frames.Encoder()
    encoder.encode([one.to(dtype) for one in tensors])  # "10" stands before "2"
    frame = frames.pack_request(Operation.CALL, {}, encoder.tensors)
    assert frame[frames.REQUEST_HEADER.size + 2 :] == save({name: one.clone() for name, one in encoder.tensors.items()})


def test_tensors_of_all_kinds_arrive_together() -> None:
    tensors = [torch.arange(3).to(dtype) for dtype in (torch.bool, torch.uint8, *KINDS)]
    for one, back in zip(tensors, cast("list[torch.Tensor]", there_and_back(tensors)), strict=True):
        assert back.dtype == one.dtype and torch.equal(back, one)


def test_a_tensor_that_needs_a_gradient_arrives_without_its_graph() -> None:
    back = there_and_back(torch.ones(2, requires_grad=True) * 3)
    assert isinstance(back, torch.Tensor) and not back.requires_grad and torch.equal(back, torch.full((2,), 3.0))


def test_a_conjugate_view_arrives_with_its_values() -> None:
    value = torch.tensor([1 + 2j]).conj()
    assert torch.equal(there_and_back(value), torch.tensor([1 - 2j]))  # type: ignore[arg-type]


class Liar(torch.Tensor):
    """Claims through the function protocol to be small."""

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        raise RuntimeError("looked at")


def test_a_tensor_subclass_is_read_without_its_own_methods() -> None:
    back = there_and_back(torch.ones(2, 3).as_subclass(Liar))
    assert type(back) is torch.Tensor and back.shape == (2, 3)


@pytest.mark.parametrize(
    "value",
    [
        torch.zeros(1).expand(1 << 40),
        torch.empty(3, device="meta"),
        torch.eye(3).to_sparse(),
        torch.zeros(2, dtype=torch.complex128),
        torch.zeros([1] * 100),
        1 << 64,
        object(),
        {1, 2},
        [0] * 10_001,
        {(1, 2): 3},
        {None: 1},
        {1.5: torch.ones(2)},
        {True: 1},
        {1 << 64: 1},
    ],
)
def test_what_has_no_plain_form_arrives_as_its_kind(value: object) -> None:
    back = there_and_back(value)
    assert isinstance(back, frames.Opaque) and repr(back).startswith("<")


def test_many_tensors_share_one_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_TENSOR_BYTES", 100)
    back = there_and_back([torch.zeros(20), torch.zeros(20)])
    assert isinstance(back, list) and isinstance(back[0], torch.Tensor) and isinstance(back[1], frames.Opaque)


def test_a_list_that_holds_itself_ends() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert isinstance(there_and_back(endless), list)


def test_modules_stay_behind_as_references() -> None:
    encoder = frames.Encoder(lambda value: 3 if isinstance(value, torch.nn.Module) else None)
    back = frames.decode(encoder.encode(torch.nn.Linear(1, 1)), {})
    assert isinstance(back, frames.Reference) and (back.number, back.kind) == (3, "Linear")


@pytest.mark.parametrize(
    "header",
    [frames.HEADER.pack(frames.MAX_JSON_BYTES + 1, 0), frames.HEADER.pack(2, (frames.MAX_TENSOR_BYTES << 1) + 1)],
)
def test_a_frame_beyond_the_caps_is_refused_before_it_is_read(header: bytes) -> None:
    with pytest.raises(frames.MalformedFrame, match="more than is allowed"):
        frames.lengths(header)


@pytest.mark.parametrize(
    ("text", "blob"),
    [(b"{", b""), (b"[1]", b""), (b"\xff", b""), (b"[" * 100_000, b""), (b"{}", b"not tensors"), (b"{}", b"\xff" * 16)],
)
def test_damaged_frames_are_refused(text: bytes, blob: bytes) -> None:
    with pytest.raises(frames.MalformedFrame):
        frames.unpack(text, blob)


@pytest.mark.parametrize(
    "value",
    [
        {"$tensor": "9"},
        {"$tensor": []},
        {"$float": "x"},
        {"$list": 3},
        {"$dict": [[1]]},
        {"$dict": [[{"$list": []}, 1]]},
        {"$reference": "x", "kind": ""},
        {"$reference": 1},
        {"other": 1},
        [1],
        reduce(nested, range(9), None),
        reduce(nested, range(2000), None),
        {"$list": [0] * 10_001},
        {"$tuple": "abc"},
        {"$dict": [["a", 0]] * 10_001},
        {"$dict": [[{"$tuple": [1]}, 1]]},
        {"$dict": [[1.5, 1]]},
        {"$dict": [[True, 1]]},
        {"$dict": [[None, 1]]},
    ],
)
def test_values_that_are_not_encoded_are_refused(value: object) -> None:
    with pytest.raises(frames.MalformedFrame):
        frames.decode(value, {})


def test_a_value_takes_its_tensors_and_none_twice() -> None:
    tensors = {"0": torch.ones(2), "1": torch.ones(2)}
    assert torch.equal(frames.decode({"$tensor": "0"}, tensors), torch.ones(2)) and tensors.keys() == {"1"}
    with pytest.raises(frames.MalformedFrame):
        frames.decode({"$list": [{"$tensor": "1"}] * 2}, tensors)


def test_a_list_of_tensors_has_a_limit() -> None:
    names = {str(number): {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]} for number in range(40_000)}
    header = json.dumps(names).encode()
    with pytest.raises(frames.MalformedFrame, match="too many tensors"):
        frames.unpack(b"{}", struct.pack("<Q", len(header)) + header)


def test_devices_pass_and_other_texts_are_no_devices() -> None:
    encoder = frames.Encoder()
    assert frames.decode(encoder.encode(torch.device("cpu")), {}) == torch.device("cpu")
    with pytest.raises(frames.MalformedFrame):
        frames.decode({"$device": "somewhere"}, {})


def test_references_become_what_stands_for_them_wherever_they_are() -> None:
    encoder = frames.Encoder(lambda value: 7 if isinstance(value, set) else None)
    found = frames.decode(encoder.encode([{1}, {"key": ({2},)}]), {}, lambda reference: reference.number)
    assert found == [7, {"key": (7,)}]
    with pytest.raises(frames.MalformedFrame):
        frames.decode({"$reference": 3, "kind": "x"}, {}, lambda reference: [][reference.number])
