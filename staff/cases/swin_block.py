"""The block of 2-2-1 without cutting or rolling anything.

Every position of the picture is scored against every other one, and a rule says which pairs may attend to each other.
Source: Liu et al. 2021, "Swin Transformer", section 3.2, without residual connections, normalisation and position bias.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

Pair = tuple[int, int]


@dataclass(frozen=True)
class Windows:
    """Which of the P = height * width positions share a window once the picture is rolled by minus `shift`.

    `seam` is the number of last rows and columns of the rolled picture that the mask takes for wrapped around.
    """

    size: Pair
    window: Pair
    shift: Pair
    seam: Pair

    def rolled(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Row and column, each (P,), at which every position ends up in the rolled picture."""
        position = torch.arange(self.size[0] * self.size[1])
        row, column = position // self.size[1], position % self.size[1]
        return (row - self.shift[0]) % self.size[0], (column - self.shift[1]) % self.size[1]

    def number(self) -> torch.Tensor:
        """The window, counted row by row, of every position: (P,)."""
        row, column = self.rolled()
        return row // self.window[0] * (self.size[1] // self.window[1]) + column // self.window[1]

    def cells(self) -> torch.Tensor:
        """The positions in every window, in reading order: (windows, cells)."""
        row, column = self.rolled()
        order = (self.number() * self.size[0] + row) * self.size[1] + column
        return order.argsort().view(-1, self.window[0] * self.window[1])

    def wrapped(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Whether the row, and whether the column, of every position wrapped around: (P,) each."""
        row, column = self.rolled()
        return row >= self.size[0] - self.seam[0], column >= self.size[1] - self.seam[1]

    def together(self) -> torch.Tensor:
        """Pairs in one window: (P, P)."""
        return same(self.number())

    def joined(self) -> torch.Tensor:
        """Pairs of which, for rows and for columns, both or neither wrapped around: (P, P)."""
        rows, columns = self.wrapped()
        return same(rows) & same(columns)

    def permitted(self) -> torch.Tensor:
        """Pairs that may attend to each other: (P, P)."""
        return self.together() & self.joined()


def same(flags: torch.Tensor) -> torch.Tensor:
    """Pairs with equal flags: (P,) -> (P, P)."""
    return flags[:, None] == flags[None, :]


Weigh = Callable[[torch.Tensor, Windows], torch.Tensor]  # scores (batch, heads, P, P) -> attention, the same shape


def softmax_over(pairs: Callable[[Windows], torch.Tensor], dim: int = -1) -> Weigh:
    """Softmax over those scores that `pairs` allows."""
    return lambda scores, windows: scores.masked_fill(~pairs(windows), -torch.inf).softmax(dim)


unmasked = softmax_over(Windows.together)
masked = softmax_over(Windows.permitted)


def split_contiguous(tokens: torch.Tensor, heads: int, _: Windows) -> torch.Tensor:
    """(batch, P, channels) -> (batch, heads, P, head_dim)."""
    return torch.stack(tokens.chunk(heads, dim=-1), dim=1)


def merge_contiguous(values: torch.Tensor, _: Windows) -> torch.Tensor:
    """(batch, heads, P, head_dim) -> (batch, P, channels)."""
    return torch.cat(values.unbind(1), dim=-1)


@dataclass(frozen=True)
class Block:
    """The two steps; the defaults are right, and every other value is somebody's mistake."""

    heads: int
    weights: str  # what the given layers are initialised with: "waves" or "ones"
    first: Weigh = unmasked
    second: Weigh = masked
    divisor: float | None = None
    split: Callable[[torch.Tensor, int, Windows], torch.Tensor] = split_contiguous
    merge: Callable[[torch.Tensor, Windows], torch.Tensor] = merge_contiguous
    project: bool = True
    concatenate: bool = True
    residual: bool = False
    left_in_windows: bool = False

    def __call__(self, x: torch.Tensor, windows: Windows) -> torch.Tensor:
        """Both steps on `x` (batch, height, width, channels); `windows` are the second step's."""
        return self.step(self.step(x, replace(windows, shift=(0, 0)), self.first), windows, self.second)

    def step(self, x: torch.Tensor, windows: Windows, weigh: Weigh) -> torch.Tensor:
        """One attention step; x and result (batch, height, width, channels)."""
        tokens = x.flatten(1, 2)
        projected = self.linear(tokens, frequency=1.0) if self.project else tokens
        q = k = v = self.split(projected, self.heads, windows)  # every IdentityMLP has the same weights
        scores = q @ k.mT / (self.divisor or q.shape[-1] ** 0.5)
        result = self.merge(weigh(scores, windows) @ v, windows)
        if self.concatenate:
            result = self.linear(result, frequency=0.7)
        if self.left_in_windows:
            row, column = windows.rolled()
            result = result[:, windows.cells().flatten()][:, row * windows.size[1] + column]
        return result.view(x.shape) + (x if self.residual else 0)

    def linear(self, x: torch.Tensor, frequency: float) -> torch.Tensor:
        """What IdentityMLP (frequency 1) and HeaderConcatMLP (0.7) compute of `x` (..., channels)."""
        size = x.shape[-1]
        if self.weights == "ones":
            return x.sum(-1, keepdim=True).expand(x.shape) + 1
        index = torch.arange(size * size, dtype=torch.float64)
        weight = (torch.sin(frequency * index**2 + 1) * (2 / size) ** 0.5).view(size, size)
        bias = torch.cos(frequency * index[:size])
        return torch.nn.functional.linear(x, weight, bias)
