"""The checks of `homework_checks` as questions of ours: the same calls, made in the student's process."""

from collections.abc import Callable, Mapping
from typing import Any

from homework_checks import CHECKS
from torch import Tensor

from autograder.checks import Handle, Student, expect, question


def _attention(student: Student, weights: Mapping[str, Tensor] | None = None) -> Handle:
    module = expect.module("Attention", student.Attention(16, 4))
    if weights:
        module.load(weights)
    module.eval()
    return module


def _step(student: Student, args: list[Any]) -> Any:
    return student.gru_forward(*args)


def _back(student: Student, args: list[Any]) -> Any:
    return student.gru_backward(*args)


def _window(student: Student, args: list[Any]) -> Any:
    return student.cal_window_transformer_block(args[0], *args[2:])


def _both_windows(student: Student, args: list[Any]) -> Any:
    return [student.cal_window_transformer_block(x, *args[2:]) for x in args[:2]]


def _loaded_attention(student: Student, args: list[Any]) -> Any:
    return _attention(student, args[0])(args[1])


def _attention_in_both_orders(student: Student, args: list[Any]) -> Any:
    attention = _attention(student)
    return [attention(args[1]), attention(args[1][:, args[2]])]


_OF_TOPIC = {"gru_forward": _step, "gru_backward": _back}
_CALLS = {
    "window_values": _window,
    "windows_are_apart": _both_windows,
    "attention_values": _loaded_attention,
    "attention_ignores_order": _attention_in_both_orders,
}


def _question(name: str, call: Callable[[Student, list[Any]], Any]) -> Callable[..., None]:
    @question(name, points=CHECKS[name].points)
    def test(student: Student) -> None:
        args = CHECKS[name].make_args()
        got = call(student, args)
        try:
            CHECKS[name].judge(got, args)
        except AssertionError as error:
            expect.that(False, str(error), diagnosis="wrong values")

    test.__name__ = f"test_{name}"
    return test


for _name, _check in CHECKS.items():
    globals()[f"test_{_name}"] = _question(_name, _CALLS[_name] if _name in _CALLS else _OF_TOPIC[_check.topic])
