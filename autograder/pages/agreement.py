"""Whose answers to a question agree with each other, by what was recorded when the code ran."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch

from autograder.protocol.frames import HEADER, MalformedFrame, unpack
from autograder.protocol.recording import Recording, Unrecorded

_RTOL, _ATOL = 1e-4, 1e-6  # what the order of additions may change in single precision

Answers = list[torch.Tensor]


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
    message, tensors = unpack(frame[start : start + text], frame[start + text :])
    plain = [torch.tensor(float(number)) for number in _plain(message.get("value"))]
    return [*(tensors[name] for name in sorted(tensors, key=lambda name: (len(name), name))), *plain]


def _plain(value: Any) -> Iterable[float]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _plain(item)
    elif isinstance(value, dict):
        for key in ("$list", "$tuple"):
            yield from _plain(value.get(key))


def agreeing(answers: Mapping[str, Answers]) -> list[list[str]]:
    """The groups of at least two whose answers agree, the largest first; each is like the first of its group."""
    groups: list[list[str]] = []
    for name, its in answers.items():
        group = next((one for one in groups if _agree(answers[one[0]], its)), None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    return sorted((group for group in groups if len(group) > 1), key=lambda group: (-len(group), group))


def _agree(some: Answers, others: Answers) -> bool:
    if [one.shape for one in some] != [one.shape for one in others]:
        return False
    pairs = zip(some, others, strict=True)
    return all(
        torch.allclose(one.to(torch.complex128), other.to(torch.complex128), _RTOL, _ATOL, equal_nan=True)
        for one, other in pairs
    )
