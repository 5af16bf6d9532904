# question: 2-1-1a, 2-1-1b

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, sigmoid, tanh

BLOCKS = ("reset", "update", "new")
ONE = 1.0


@dataclass
class Gates:
    reset: Tensor
    update: Tensor
    new: Tensor
    recurrent: Tensor

    @property
    def keep(self) -> Tensor:
        return ONE - self.update

    @classmethod
    def of(cls, input: Tensor, hidden: Tensor, weight_ih: Tensor, weight_hh: Tensor, *biases: Tensor) -> Gates:
        x = blocks(input @ weight_ih.T + biases[0])
        h = blocks(hidden @ weight_hh.T + biases[1])
        reset, update = (sigmoid(x[name] + h[name]) for name in BLOCKS[:2])
        return cls(reset, update, tanh(x["new"] + reset * h["new"]), h["new"])


def blocks(stacked: Tensor) -> dict[str, Tensor]:
    return dict(zip(BLOCKS, stacked.unflatten(1, (3, -1)).unbind(1), strict=True))


def gru_forward(input: Tensor, hidden: Tensor, weight_ih: Tensor, weight_hh: Tensor, *biases: Undefined) -> Tensor:  # noqa: F821
    gates = Gates.of(input, hidden, weight_ih, weight_hh, *biases)
    return gates.update * hidden + gates.keep * gates.new


def gru_backward(grad_output: Tensor, input: Tensor, hidden: Tensor, *parameters: Tensor) -> list[Tensor]:
    gates = Gates.of(input, hidden, *parameters)
    new = grad_output * gates.keep * (ONE - gates.new**2)
    update = grad_output * (hidden - gates.new) * gates.update * gates.keep
    reset = new * gates.recurrent * gates.reset * (ONE - gates.reset)
    x, h = torch.cat([reset, update, new], 1), torch.cat([reset, update, new * gates.reset], 1)
    return [grad_output * gates.update + h @ parameters[1], x.T @ input, h.T @ hidden, x.sum(0), h.sum(0)]
