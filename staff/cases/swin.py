"""Cases of 2-2-1: attention in windows, then in shifted windows."""

from dataclasses import replace

import torch
from swin_block import Block, Windows, masked
from swin_mistakes import mistaken

from autograder.checks import Case, Rng, recipe


def sizes(
    batch: int, height: int, width: int, channels: int, window: tuple[int, int], heads: int, weights: str
) -> dict[str, object]:
    """The sizes of one case. Height and width are multiples of both window sides, so that exchanging these runs too."""
    return {
        "batch": batch,
        "height": height,
        "width": width,
        "channels": channels,
        "window_height": window[0],
        "window_width": window[1],
        "heads": heads,
        "weights": weights,
    }


@recipe(
    "swin_block",
    sizes=[
        sizes(1, 6, 12, 8, (2, 3), 4, "waves"),
        sizes(3, 12, 8, 10, (4, 2), 5, "waves"),
        sizes(2, 9, 6, 20, (3, 3), 4, "waves"),
        sizes(1, 10, 20, 6, (5, 2), 3, "waves"),
        sizes(1, 12, 8, 6, (4, 2), 3, "ones"),
        sizes(1, 8, 12, 12, (2, 4), 4, "waves") | {"lead": 30},
    ],
)
def swin_block(
    rng: Rng,
    batch: int,
    height: int,
    width: int,
    channels: int,
    window_height: int,
    window_width: int,
    heads: int,
    weights: str,
    lead: int = 0,
) -> Case:
    """x (batch, height, width, channels), window and heads, with what the block makes of them in float64.

    `lead` is by how much the score of some hidden pair is larger than those of all permitted ones, at least.
    """
    x = rng.normal(batch, height, width, channels)
    if weights == "ones":
        # Two layers of ones multiply x by channels ** 2, and scores are products of two such numbers. This keeps them
        # so close to each other that a mask of -100 hides as much as one of -inf.
        x = rng.uniform(batch, height, width, channels, low=-5.0, high=5.0) / channels**3 - 1.2 / channels
    window = (window_height, window_width)
    shift = (window_height // 2, window_width // 2)
    windows = Windows((height, width), window, shift, seam=shift)
    right = Block(heads, weights)
    while lead_of_hidden_pairs(x.double(), right, windows) < lead:
        x = 1.1 * x
    mistakes = mistaken(x.double(), right, windows)
    return Case(
        inputs=(x, window, heads),
        outputs={"output": right(x.double(), windows).float()},
        mistakes={name: {"output": value.float()} for name, value in mistakes.items()},
    )


def lead_of_hidden_pairs(x: torch.Tensor, block: Block, windows: Windows) -> float:
    """By how much, in step 2, the score of a pair that the mask hides exceeds the best permitted one of its row."""
    leads = []

    def weigh(scores: torch.Tensor, windows: Windows) -> torch.Tensor:
        hidden = windows.together() & ~windows.joined()
        permitted = scores.masked_fill(~windows.permitted(), -torch.inf).amax(-1)
        leads.append((scores.masked_fill(~hidden, -torch.inf).amax(-1) - permitted).max())
        return masked(scores, windows)

    replace(block, second=weigh)(x, windows)
    return float(leads[0])
