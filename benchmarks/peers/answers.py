"""What the students of the class wrote: a right answer and five wrong ones, each in a way that a grader meets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

IMPORTS = """from typing import Tuple
import torch, torchvision, matplotlib
import torch.nn as nn
import matplotlib.pyplot as plt"""
GIVEN = """class IdentityMLP(nn.Module):
    # makes queries, keys and values
    def __init__(self, dim: int):
        super().__init__()
        self.mlp = nn.Linear(dim, dim)
        nn.init.ones_(self.mlp.weight)
        nn.init.ones_(self.mlp.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.mlp(x)


class HeaderConcatMLP(nn.Module):
    # merges the heads
    def __init__(self, in_dim: int, out_dim: int):
        super().__init__()
        self.mlp = nn.Linear(in_dim, out_dim)
        nn.init.ones_(self.mlp.weight)
        nn.init.ones_(self.mlp.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.mlp(x)"""
_GATES = """    i_r, i_z, i_n = (input @ weight_ih.T + bias_ih).chunk(3, 1)
    h_r, h_z, h_n = (hidden @ weight_hh.T + bias_hh).chunk(3, 1)
    reset = torch.sigmoid(i_r + h_r)
    update = torch.sigmoid(i_z + h_z)
    new = torch.tanh(i_n + reset * h_n)"""
RIGHT = {
    "gru_forward": f"""def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
{_GATES}
    output = update * hidden + (1 - update) * new
    return output""",
    "gru_backward": f"""def gru_backward(grad_output, input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
{_GATES}
    d_update = grad_output * (hidden - new) * update * (1 - update)
    d_new = grad_output * (1 - update) * (1 - new ** 2)
    d_reset = d_new * h_n * reset * (1 - reset)
    d_input = torch.cat([d_reset, d_update, d_new], dim=1)
    d_hidden = torch.cat([d_reset, d_update, d_new * reset], dim=1)
    grad_hidden = grad_output * update + d_hidden @ weight_hh
    grads = d_input.T @ input, d_hidden.T @ hidden, d_input.sum(0), d_hidden.sum(0)
    return grad_hidden, *grads""",
    "cal_window_transformer_block": """def cal_window_transformer_block(x, window_size, num_heads):
    B, H, W, C = x.shape
    h, w = window_size
    dim = C // num_heads
    windows = x.view(B, H // h, h, W // w, w, C).permute(0, 1, 3, 2, 4, 5).reshape(-1, h * w, C)
    shape = (windows.shape[0], h * w, num_heads, dim)
    q, k, v = (IdentityMLP(C)(windows).view(shape).transpose(1, 2) for _ in range(3))
    weights = torch.softmax(q @ k.transpose(-2, -1) / dim ** 0.5, dim=-1)
    merged = HeaderConcatMLP(C, C)((weights @ v).transpose(1, 2).reshape(windows.shape))
    output = merged.view(B, H // h, W // w, h, w, C).permute(0, 1, 3, 2, 4, 5).reshape(B, H, W, C)
    return output""",
    "Attention": """class Attention(nn.Module):
    def __init__(self, dim, num_heads):
        super().__init__()
        self.num_heads, self.head_dim = num_heads, dim // num_heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x):
        B, N, D = x.shape
        q, k, v = self.qkv(x).view(B, N, 3, self.num_heads, self.head_dim).permute(2, 0, 3, 1, 4)
        weights = torch.softmax(q @ k.transpose(-2, -1) / self.head_dim ** 0.5, dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, N, D))""",
}


@dataclass(frozen=True)
class Homework:
    """What one student handed in: source by topic, and the kind of answer that it is."""

    student_id: str
    kind: str
    sources: Mapping[str, str]


def _wrong(topic: str, right: str, wrong: str) -> dict[str, str]:
    """The right answer, but for one line of one topic."""
    assert right in RIGHT[topic], (topic, right)
    return {**RIGHT, topic: RIGHT[topic].replace(right, wrong)}


def _raising(topic: str) -> dict[str, str]:
    first_line = RIGHT[topic].split("\n", 1)[0]
    return {**RIGHT, topic: f"{first_line}\n    raise NotImplementedError"}


ANSWERS = {
    "right": RIGHT,
    "gates exchanged": _wrong(
        "gru_forward", "update * hidden + (1 - update) * new", "(1 - update) * hidden + update * new"
    ),
    "gradients missing": _wrong("gru_backward", "return grad_hidden, *grads", "return grad_hidden, *grads[:2]"),
    "raises": _raising("gru_backward"),
    "no scaling": _wrong("Attention", " / self.head_dim ** 0.5", ""),
    "no windows": _wrong("cal_window_transformer_block", "h, w = window_size", "h, w = H, W"),
}


def make_class(count: int, kinds: Sequence[str] = tuple(ANSWERS)) -> list[Homework]:
    """A first student who is right, and `count` more, whose answers are of these kinds in turn; no two are equal."""
    chosen = ["right", *islice(cycle(kinds), count)]
    return [
        Homework(
            f"2024-{20001 + number}",
            kind,
            {topic: f"# {topic}, by student {number}\n{source}" for topic, source in ANSWERS[kind].items()},
        )
        for number, kind in enumerate(chosen)
    ]
