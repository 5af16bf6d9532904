"""Cases of 2-2-1: attention in windows, then in shifted windows.

The answer is worked out without cutting or rolling anything: every position of the picture is scored against every
other one, and a rule says which pairs may attend to each other. Source: Liu et al. 2021, "Swin Transformer", section
3.2, without residual connections, normalisation and position bias.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch

from autograder.case import Case, recipe
from autograder.rng import Rng

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
        return _same(self.number())

    def joined(self) -> torch.Tensor:
        """Pairs of which, for rows and for columns, both or neither wrapped around: (P, P)."""
        rows, columns = self.wrapped()
        return _same(rows) & _same(columns)

    def permitted(self) -> torch.Tensor:
        """Pairs that may attend to each other: (P, P)."""
        return self.together() & self.joined()


def _same(flags: torch.Tensor) -> torch.Tensor:
    return flags[:, None] == flags[None, :]


Weigh = Callable[[torch.Tensor, Windows], torch.Tensor]  # scores (batch, heads, P, P) -> attention, the same shape


def softmax_over(pairs: Callable[[Windows], torch.Tensor], dim: int = -1) -> Weigh:
    """Softmax over those scores that `pairs` allows."""
    return lambda scores, windows: scores.masked_fill(~pairs(windows), -torch.inf).softmax(dim)


unmasked = softmax_over(Windows.together)
masked = softmax_over(Windows.permitted)


def split_contiguous(tokens: torch.Tensor, heads: int, windows: Windows) -> torch.Tensor:
    """(batch, P, channels) -> (batch, heads, P, head_dim)."""
    return torch.stack(tokens.chunk(heads, dim=-1), dim=1)


def merge_contiguous(values: torch.Tensor, windows: Windows) -> torch.Tensor:
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
        return x @ weight.T + torch.cos(frequency * index[:size])


def _split_interleaved(tokens: torch.Tensor, heads: int, windows: Windows) -> torch.Tensor:
    return torch.stack([tokens[..., head::heads] for head in range(heads)], dim=1)


def _merge_interleaved(values: torch.Tensor, windows: Windows) -> torch.Tensor:
    return torch.stack(values.unbind(1), dim=-1).flatten(-2)


def _split_without_transposing(tokens: torch.Tensor, heads: int, windows: Windows) -> torch.Tensor:
    cells = windows.cells()
    inside = tokens[:, cells].view(*tokens.shape[:1], len(cells), heads, cells.shape[1], -1)
    values = tokens.new_empty(len(tokens), heads, tokens.shape[1], inside.shape[-1])
    values[:, :, cells] = inside.transpose(1, 2)
    return values


def _merge_without_transposing(values: torch.Tensor, windows: Windows) -> torch.Tensor:
    cells = windows.cells()
    tokens = values.new_empty(len(values), values.shape[2], values.shape[1] * values.shape[3])
    tokens[:, cells] = values[:, :, cells].transpose(1, 2).reshape(len(values), *cells.shape, -1)
    return tokens


def _over_windows(scores: torch.Tensor, windows: Windows) -> torch.Tensor:
    """Softmax over all windows of all pictures, which most answers keep in the first dimension."""
    cells = windows.cells()
    queries, keys = cells[:, :, None], cells[:, None, :]
    inside = scores[:, :, queries, keys].transpose(1, 2)  # (batch, windows, heads, cells, cells)
    attention = torch.zeros_like(scores)
    attention[:, :, queries, keys] = inside.flatten(0, 1).softmax(0).view(inside.shape).transpose(1, 2)
    return attention


def _over_windows_masked(scores: torch.Tensor, windows: Windows) -> torch.Tensor:
    return _over_windows(scores.masked_fill(~windows.joined(), -torch.inf), windows)


def _rows_joined(windows: Windows) -> torch.Tensor:
    return windows.together() & _same(windows.wrapped()[0])


def _columns_joined(windows: Windows) -> torch.Tensor:
    return windows.together() & _same(windows.wrapped()[1])


def _equally_often_wrapped(windows: Windows) -> torch.Tensor:
    rows, columns = windows.wrapped()
    return windows.together() & _same(rows.long() + columns.long())


def _over_heads(scores: torch.Tensor, windows: Windows) -> torch.Tensor:
    return scores.softmax(1) * windows.together()  # every head is masked alike, so that a finite mask cancels


def _over_batch(scores: torch.Tensor, windows: Windows) -> torch.Tensor:
    return scores.softmax(0) * windows.together()  # as is every picture


# What each mistake changes in Block.
WRONG_BLOCKS: dict[str, dict[str, Any]] = {
    "no mask": {"second": unmasked},
    "mask for rows only": {"second": softmax_over(_rows_joined)},
    "mask for columns only": {"second": softmax_over(_columns_joined)},
    "mask regions merged": {"second": softmax_over(_equally_often_wrapped)},
    "mask inverted": {"second": lambda scores, windows: unmasked(scores + 100 * ~windows.joined(), windows)},
    "mask multiplied": {"second": lambda scores, windows: unmasked(scores * windows.joined(), windows)},
    "mask after the softmax": {"second": lambda scores, windows: unmasked(scores, windows) * windows.joined()},
    "mask in step 1 too": {"first": masked},
    "heads interleaved": {"split": _split_interleaved, "merge": _merge_interleaved},
    "heads merged interleaved": {"merge": _merge_interleaved},
    "heads not transposed": {"split": _split_without_transposing},
    "heads not transposed back": {"merge": _merge_without_transposing},
    "heads never transposed": {"split": _split_without_transposing, "merge": _merge_without_transposing},
    "no scaling": {"divisor": 1.0},
    "softmax over the queries": {
        "first": softmax_over(Windows.together, dim=-2),
        "second": softmax_over(Windows.permitted, dim=-2),
    },
    "softmax over the heads": {"first": _over_heads, "second": _over_heads},
    "softmax over the batch": {"first": _over_batch, "second": _over_batch},
    "softmax over the windows": {"first": _over_windows, "second": _over_windows_masked},
    "no IdentityMLP": {"project": False},
    "no HeaderConcatMLP": {"concatenate": False},
    "residual added": {"residual": True},
    "windows left in a row": {"left_in_windows": True},
}


def wrong_windows(windows: Windows) -> dict[str, Windows]:
    """The second step's windows as students mistake them, each used with the mask."""
    (h, w), (down, right) = windows.window, windows.shift
    up = (-(-h // 2), -(-w // 2))
    return {
        "masked without a shift": replace(windows, shift=(0, 0)),
        "shift rounded up": replace(windows, shift=up, seam=up),
        "rolled the other way": replace(windows, shift=(-down, -right)),
        "window sides exchanged": replace(windows, window=(w, h), shift=(right, down), seam=(right, down)),
    }


@recipe(
    "swin_block",
    sizes=[
        {"batch": 1, "height": 6, "width": 12, "channels": 8, "window": (2, 3), "heads": 4, "weights": "waves"},
        {"batch": 3, "height": 12, "width": 8, "channels": 10, "window": (4, 2), "heads": 5, "weights": "waves"},
        {"batch": 2, "height": 9, "width": 6, "channels": 20, "window": (3, 3), "heads": 4, "weights": "waves"},
        {"batch": 1, "height": 10, "width": 20, "channels": 15, "window": (5, 2), "heads": 3, "weights": "waves"},
        {"batch": 1, "height": 12, "width": 8, "channels": 6, "window": (4, 2), "heads": 3, "weights": "ones"},
    ],
)
def swin_block(
    rng: Rng, batch: int, height: int, width: int, channels: int, window: Pair, heads: int, weights: str
) -> Case:
    """x (batch, height, width, channels), window and heads with what the block makes of them."""
    x = rng.normal(batch, height, width, channels)
    if weights == "ones":
        # Two layers of ones multiply x by channels ** 2, and scores are products of two such numbers. This keeps them
        # so close to each other that a mask of -100 hides as much as one of -inf.
        x = rng.uniform(batch, height, width, channels, low=-5.0, high=5.0) / channels**3 - 1.2 / channels
    shift = (window[0] // 2, window[1] // 2)
    windows = Windows((height, width), window, shift, seam=shift)
    right = Block(heads, weights)
    exact = x.double()
    mistakes = {name: replace(right, **changes)(exact, windows) for name, changes in WRONG_BLOCKS.items()}
    mistakes |= {name: right(exact, wrong) for name, wrong in wrong_windows(windows).items()}
    without_shift = replace(windows, shift=(0, 0))
    mistakes |= {
        "no shift": replace(right, second=unmasked)(exact, without_shift),
        "step 1 alone": right.step(exact, without_shift, unmasked),
        "step 2 not given step 1": right.step(exact, windows, masked),
        "scaled by all channels": replace(right, divisor=channels**0.5)(exact, windows),
        "divided by head_dim": replace(right, divisor=channels / heads)(exact, windows),
    }
    output = right(exact, windows)
    mistakes["not rolled back"] = output.roll((-shift[0], -shift[1]), (1, 2))
    mistakes["rolled back the wrong way"] = output.roll((-2 * shift[0], -2 * shift[1]), (1, 2))
    mistakes["neither masked nor rolled back"] = mistakes["no mask"].roll((-shift[0], -shift[1]), (1, 2))
    outputs = {name: {"output": value.float()} for name, value in mistakes.items()}
    return Case((x, window, heads), {"output": output.float()}, outputs)
