"""What known mistakes make of the block of 2-2-1."""

from dataclasses import replace
from typing import Any

import torch
from swin_block import Block, Weigh, Windows, masked, same, softmax_over, unmasked


def _split_interleaved(tokens: torch.Tensor, heads: int, _: Windows) -> torch.Tensor:
    return torch.stack([tokens[..., head::heads] for head in range(heads)], dim=1)


def _merge_interleaved(values: torch.Tensor, _: Windows) -> torch.Tensor:
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
    return windows.together() & same(windows.wrapped()[0])


def _columns_joined(windows: Windows) -> torch.Tensor:
    return windows.together() & same(windows.wrapped()[1])


def _equally_often_wrapped(windows: Windows) -> torch.Tensor:
    rows, columns = windows.wrapped()
    return windows.together() & same(rows.long() + columns.long())


def _over_heads(scores: torch.Tensor, windows: Windows) -> torch.Tensor:
    return scores.softmax(1) * windows.together()  # every head is masked alike, so that a finite mask cancels


def _over_batch(scores: torch.Tensor, windows: Windows) -> torch.Tensor:
    return scores.softmax(0) * windows.together()  # as is every picture


def _masked_by(mask: float) -> Weigh:
    return lambda scores, windows: unmasked(scores + mask * ~windows.joined(), windows)


# What each mistake changes in Block.
_WRONG_BLOCKS: dict[str, dict[str, Any]] = {
    "no mask": {"second": unmasked},
    "mask for rows only": {"second": softmax_over(_rows_joined)},
    "mask for columns only": {"second": softmax_over(_columns_joined)},
    "mask regions merged": {"second": softmax_over(_equally_often_wrapped)},
    "mask inverted": {"second": lambda scores, windows: unmasked(scores + 100 * ~windows.joined(), windows)},
    **{f"mask too small | -{size}": {"second": _masked_by(-size)} for size in (5, 10, 15, 20, 25, 30, 40, 50)},
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


def _wrong_windows(windows: Windows) -> dict[str, Windows]:
    """The second step's windows as students mistake them, each used with the mask."""
    (h, w), (up, left) = windows.window, windows.shift
    larger = (h - up, w - left)
    return {
        "masked without a shift": replace(windows, shift=(0, 0)),
        "shift rounded up": replace(windows, shift=larger, seam=larger),
        "rolled the other way": replace(windows, shift=(-up, -left)),
        "window sides exchanged": replace(windows, window=(w, h), shift=(left, up), seam=(left, up)),
    }


def mistaken(x: torch.Tensor, right: Block, windows: Windows) -> dict[str, torch.Tensor]:
    """What each mistake makes of `x` (batch, height, width, channels), by the mistake's name."""
    up, left = windows.shift
    without_shift = replace(windows, shift=(0, 0))
    output, without_mask = right(x, windows), replace(right, second=unmasked)(x, windows)
    return {
        **{name: replace(right, **changes)(x, windows) for name, changes in _WRONG_BLOCKS.items()},
        **{name: right(x, wrong) for name, wrong in _wrong_windows(windows).items()},
        "scaled by all channels": replace(right, divisor=x.shape[-1] ** 0.5)(x, windows),
        "divided by head_dim": replace(right, divisor=x.shape[-1] / right.heads)(x, windows),
        "no shift": replace(right, second=unmasked)(x, without_shift),
        "step 1 alone": right.step(x, without_shift, unmasked),
        "step 2 not given step 1": right.step(x, windows, masked),
        "not rolled back": output.roll((-up, -left), (1, 2)),
        "rolled back the wrong way": output.roll((-2 * up, -2 * left), (1, 2)),
        "neither masked nor rolled back": without_mask.roll((-up, -left), (1, 2)),
    }
