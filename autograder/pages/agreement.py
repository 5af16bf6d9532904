"""Whose answers to a question agree with each other, by what was recorded when the code ran.

The tensors are read by NumPy, for nobody who looks at a class waits for torch.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, deserialize

from autograder.protocol.envelope import HEADER, MalformedFrame, message_in
from autograder.protocol.recording import Recording, Unrecorded

_RTOL, _ATOL = 1e-4, 1e-6  # what the order of additions may change in single precision
# How safetensors calls its kinds of numbers, and NumPy does.
_KINDS = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "C64": "<c8"},
    **{"I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "<i1", "U8": "<u1", "BOOL": "?"},
}

Answers = list[npt.NDArray[Any]]


def answers_in(recordings: Mapping[str, bytes]) -> Answers | None:
    """The tensors and numbers that came back on the checks of a question, in order; None where that cannot be told.

    It cannot of code that was ended, of recordings of another version, and of answers without any number.
    """
    answers: Answers = []
    try:
        for check in sorted(recordings):
            for answer in Recording.from_bytes(recordings[check]).answers.values():
                if answer.end is not None:
                    return None
                answers += _numbers_in(answer.frame)
    except (Unrecorded, MalformedFrame):
        return None
    return answers or None


def _numbers_in(frame: bytes) -> Answers:
    """What stands in one reply as a result."""
    text, _ = HEADER.unpack_from(frame)
    start = HEADER.size
    message, tensors = message_in(frame[start : start + text]), _tensors_in(frame[start + text :])
    plain = [np.array(float(number)) for number in _plain(message.get("value"))]
    return [*(tensors[name] for name in sorted(tensors, key=lambda name: (len(name), name))), *plain]


def _tensors_in(blob: bytes) -> dict[str, npt.NDArray[Any]]:
    """The tensors of a reply by their names. Raises MalformedFrame."""
    try:
        return {name: _array(about) for name, about in deserialize(blob)} if blob else {}
    except (SafetensorError, KeyError, ValueError) as error:
        raise MalformedFrame(f"a reply whose tensors cannot be read ({type(error).__name__})") from None


def _array(about: Mapping[str, Any]) -> npt.NDArray[Any]:
    """One tensor. A number of bfloat16, which NumPy does not know, is the first half of one in single precision."""
    if about["dtype"] == "BF16":
        halves = np.frombuffer(about["data"], "<u2").astype("<u4") << 16
        return halves.view("<f4").reshape(about["shape"])
    return np.frombuffer(about["data"], _KINDS[about["dtype"]]).reshape(about["shape"])


def _plain(value: Any) -> Iterable[float]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _plain(item)
    elif isinstance(value, dict):
        for key in ("$list", "$tuple"):
            yield from _plain(value.get(key))


def agreeing(answers: Iterable[tuple[str, Answers]]) -> list[list[str]]:
    """The groups of at least two whose answers agree, the largest first; each is like the first of its group.

    Only the answers of the first of each group are kept, so that those of a large class need not fit into memory.
    """
    groups: dict[tuple[tuple[int, ...], ...], list[tuple[Answers, list[str]]]] = {}  # by the shapes of answers
    for name, its in answers:
        alike = groups.setdefault(tuple(one.shape for one in its), [])
        group = next((names for first, names in alike if _agree(first, its)), None)
        if group is None:
            alike.append((its, [name]))
        else:
            group.append(name)
    several = [names for alike in groups.values() for _, names in alike if len(names) > 1]
    return sorted(several, key=lambda group: (-len(group), group))


def _agree(some: Answers, others: Answers) -> bool:
    """Whether answers of the same shapes agree."""
    pairs = zip(some, others, strict=True)
    return all(
        np.allclose(one.astype(np.complex128), other.astype(np.complex128), _RTOL, _ATOL, equal_nan=True)
        for one, other in pairs
    )
