"""Twelve checks of a homework about a GRU's step, its gradients, window attention, and attention.

Every grader imports them, so that all do the same arithmetic. What is expected comes from torch's own modules.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear, scaled_dot_product_attention

GRADIENTS = ("grad_hidden", "grad_weight_ih", "grad_weight_hh", "grad_bias_ih", "grad_bias_hh")


@dataclass(frozen=True)
class HomeworkCheck:
    """One check: `expression` is evaluated with `args` among the student's names, `judge` takes what came and `args`.

    `judge` raises AssertionError for a wrong answer. `topic` is the function or class of the homework that it is about.
    """

    name: str
    topic: str
    points: int
    make_args: Callable[[], list[Any]]
    expression: str
    judge: Callable[[Any, list[Any]], None]


def judge(name: str, names: Mapping[str, Any]) -> None:
    """Puts the check of that name to a student's names, in this process. Raises AssertionError, or what they raise."""
    check = CHECKS[name]
    args = check.make_args()
    check.judge(eval(check.expression, {**names, "args": args}), args)


def _gru_args(seed: int, *, batch: int = 4, inputs: int = 5, hidden: int = 6, from_zero: bool = False) -> list[Any]:
    """input, hidden, weight_ih, weight_hh, bias_ih, bias_hh of one step."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64) / 2

    state = draw(batch, hidden)
    weights = [draw(3 * hidden, inputs), draw(3 * hidden, hidden), draw(3 * hidden), draw(3 * hidden)]
    return [draw(batch, inputs), torch.zeros_like(state) if from_zero else state, *weights]


def _backward_args(seed: int) -> list[Any]:
    args = _gru_args(seed)
    return [torch.sin(torch.arange(24.0, dtype=torch.float64)).view(4, 6), *args]


def _window_args(seed: int) -> list[Any]:
    """x (batch, height, width, channels), the same with other numbers in one window, window size, number of heads."""
    x = torch.randn(2, 8, 8, 12, generator=torch.Generator().manual_seed(seed)) / 10
    changed = x.clone()
    changed[:, 0, 0] += 1
    return [x, changed, (4, 4), 3]


def _attention_args(seed: int) -> list[Any]:
    """Weights by name, x (batch, tokens, dim), an order of the tokens."""
    generator = torch.Generator().manual_seed(seed)
    shapes = {"qkv.weight": (48, 16), "qkv.bias": (48,), "proj.weight": (16, 16), "proj.bias": (16,)}
    weights = {name: torch.randn(*shape, generator=generator) * 0.3 for name, shape in shapes.items()}
    return [weights, torch.randn(2, 10, 16, generator=generator), torch.randperm(10, generator=generator)]


def _cell(args: Sequence[Any]) -> torch.nn.GRUCell:
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    cell = torch.nn.GRUCell(args[0].shape[1], args[1].shape[1], dtype=torch.float64)
    cell.load_state_dict(dict(zip(names, args[2:], strict=True)))
    return cell


def _close(what: str, got: Any, want: Tensor, tolerance: float) -> None:
    assert isinstance(got, Tensor), f"{what} is a {type(got).__name__}, no tensor"
    assert got.shape == want.shape, f"{what} has the shape {tuple(got.shape)}, expected {tuple(want.shape)}"
    assert got.dtype == want.dtype, f"{what} is {got.dtype}, expected {want.dtype}"
    difference = (got.detach() - want.detach()).abs().max().item()
    assert difference <= tolerance, f"{what} differs by {difference:.3g}"


def _step_shape(got: Any, args: list[Any]) -> None:
    assert isinstance(got, Tensor), f"the new state is a {type(got).__name__}, no tensor"
    assert (got.shape, got.dtype) == (args[1].shape, args[1].dtype), "the new state is not like the old one"


def _step_values(got: Any, args: list[Any]) -> None:
    _close("the new state", got, _cell(args)(args[0], args[1]), 1e-6)


def _step_is_bounded(got: Any, args: list[Any]) -> None:
    _step_shape(got, args)
    assert bool(torch.isfinite(got).all()), "the new state is not finite"
    assert got.abs().max() < 50, "the new state is too large"


def _gradient_shapes(got: Any, args: list[Any]) -> None:
    assert isinstance(got, tuple | list) and len(got) == len(GRADIENTS), "not five gradients"
    for name, one, like in zip(GRADIENTS, got, args[2:], strict=True):
        assert isinstance(one, Tensor) and one.shape == like.shape, f"{name} has not the shape of what it belongs to"


def _gradients(*names: str) -> Callable[[Any, list[Any]], None]:
    def judge(got: Any, args: list[Any]) -> None:
        assert isinstance(got, tuple | list) and len(got) == len(GRADIENTS), "not five gradients"
        cell, hidden = _cell(args[1:]), args[2].clone().requires_grad_()
        cell(args[1], hidden).backward(args[0])
        want = (hidden.grad, *(one.grad for one in (cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)))
        for name in names:
            place = GRADIENTS.index(name)
            expected = want[place]
            assert expected is not None
            _close(name, got[place], expected, 1e-6)

    return judge


def _window_values(got: Any, args: list[Any]) -> None:
    x, _, (height, width), heads = args
    batch, rows, columns, channels = x.shape
    ones, one = torch.ones(channels, channels), torch.ones(channels)
    windows = x.unflatten(2, (-1, width)).unflatten(1, (-1, height)).transpose(2, 3).flatten(0, 2).flatten(1, 2)
    each = linear(windows, ones, one).unflatten(-1, (heads, -1)).transpose(1, 2)
    merged = linear(scaled_dot_product_attention(each, each, each).transpose(1, 2).flatten(2), ones, one)
    grid = merged.view(batch, rows // height, columns // width, height, width, channels)
    _close("the block's output", got, grid.transpose(2, 3).reshape(x.shape), 1e-3)


def _windows_are_apart(got: Any, args: list[Any]) -> None:
    first, second = got
    assert first.shape == args[0].shape, "the output has not the shape of the input"
    moved = (first - second).detach().abs().amax(-1)
    assert moved[:, :4, :4].max() > 1e-4, "a window does not depend on its own pixels"
    moved[:, :4, :4] = 0
    assert moved.max() < 1e-4, "a window depends on the pixels of another"


def _attention_values(got: Any, args: list[Any]) -> None:
    weights, x, _ = args
    heads = linear(x, weights["qkv.weight"], weights["qkv.bias"]).unflatten(-1, (3, 4, -1)).permute(2, 0, 3, 1, 4)
    merged = scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2)
    _close("the output", got, linear(merged, weights["proj.weight"], weights["proj.bias"]), 1e-5)


def _attention_ignores_order(got: Any, args: list[Any]) -> None:
    _close("the output in another order", got[1], got[0].detach()[:, args[2]], 1e-5)


_STEP, _BACK, _WINDOW, _ATTENTION = "gru_forward", "gru_backward", "cal_window_transformer_block", "Attention"
_LOADED = "(lambda m: (m.load_state_dict(args[0]), m(args[1]))[1])(Attention(16, 4).eval())"
_IN_BOTH_ORDERS = "(lambda m: [m(args[1]), m(args[1][:, args[2]])])(Attention(16, 4).eval())"
_step, _back = f"{_STEP}(*args)", f"{_BACK}(*args)"
_both_windows = f"[{_WINDOW}(x, *args[2:]) for x in args[:2]]"
CHECKS = {
    check.name: check
    for check in (
        HomeworkCheck("step_shape", _STEP, 2, lambda: _gru_args(1), _step, _step_shape),
        HomeworkCheck("step_values", _STEP, 6, lambda: _gru_args(2), _step, _step_values),
        HomeworkCheck("step_from_zero", _STEP, 2, lambda: _gru_args(3, from_zero=True), _step, _step_values),
        HomeworkCheck(
            "step_is_bounded", _STEP, 2, lambda: _gru_args(4, batch=32, inputs=64, hidden=128), _step, _step_is_bounded
        ),
        HomeworkCheck("gradient_shapes", _BACK, 2, lambda: _backward_args(5), _back, _gradient_shapes),
        HomeworkCheck("gradient_of_state", _BACK, 5, lambda: _backward_args(6), _back, _gradients("grad_hidden")),
        HomeworkCheck("gradients_of_weights", _BACK, 6, lambda: _backward_args(7), _back, _gradients(*GRADIENTS[1:3])),
        HomeworkCheck("gradients_of_biases", _BACK, 3, lambda: _backward_args(8), _back, _gradients(*GRADIENTS[3:])),
        HomeworkCheck(
            "window_values", _WINDOW, 5, lambda: _window_args(9), f"{_WINDOW}(args[0], *args[2:])", _window_values
        ),
        HomeworkCheck("windows_are_apart", _WINDOW, 2, lambda: _window_args(10), _both_windows, _windows_are_apart),
        HomeworkCheck("attention_values", _ATTENTION, 3, lambda: _attention_args(11), _LOADED, _attention_values),
        HomeworkCheck(
            "attention_ignores_order",
            _ATTENTION,
            2,
            lambda: _attention_args(12),
            _IN_BOTH_ORDERS,
            _attention_ignores_order,
        ),
    )
}
