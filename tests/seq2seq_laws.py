"""Laws that hold for every translator, whatever its parameters are, for scores that equal those of no known mistake."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.checks import Handle, attempt, expect

PAD, FIRST_WORD = 2, 3  # 0 and 1 are SOS and EOS


def broken_law(model: Handle, src: Tensor, trg: Tensor, words: int) -> str:
    """The first law that a model breaks for sentences and translations (B, L), by the name of the mistake; "" for none.

    `words` is the number of words of the target language.
    """
    got, middle, last = model(src, trg), trg.shape[1] // 2, trg.shape[1] - 1

    def same(src: Tensor, trg: Tensor, since: int = 1, until: int = last, rows: slice = slice(None)) -> bool:
        """Whether the scores of these rows and indices stay what they are."""
        other = attempt(model, src, trg)
        places = (rows, slice(None), slice(since, until + 1))
        alike = isinstance(got, Tensor) and isinstance(other, Tensor) and other.shape == got.shape
        return alike and expect.is_close(other[places], got[places], atol=1e-5)

    def others(trg: Tensor, since: int, until: int = last) -> Tensor:
        """The translations with other words at some indices."""
        changed = trg.clone()
        part = changed[:, since : until + 1]
        changed[:, since : until + 1] = FIRST_WORD + (part - FIRST_WORD + 1) % (words - FIRST_WORD)
        return changed

    first_alone = src[:1].repeat(len(src), 1), trg[:1].repeat(len(trg), 1)
    laws: dict[str, Callable[[], bool]] = {
        "not a number": lambda: _finite(got),
        "not reproducible": lambda: same(src, trg),
        "softmax over the positions": lambda: not _sums_to_one(got),
        "target leak": lambda: same(src, others(trg, middle), until=middle),
        "sentences not independent": lambda: same(*first_alone, rows=slice(1)),
        "translations not read": lambda: not same(src, others(trg, 1)),
        "state not carried": lambda: not same(src, others(trg, 1, 1), since=3),
    }
    return next((name for name, holds in laws.items() if not holds()), "")


def minds_filling(model: Handle, src: Tensor, trg: Tensor) -> bool:
    """Whether sentences that are filled up with PAD make a model fail, or change what it says of one that is not.

    How it deals with the filling itself is free: it may read it, leave it out of the attention, or pack it away.
    """
    filled = src.clone()
    for row in range(len(src) - 1):
        filled[row, row + 1 - len(src) :] = PAD
    got = attempt(model, filled, trg)
    alone = attempt(model, filled[-1:].repeat(len(src), 1), trg[-1:].repeat(len(trg), 1))
    alike = isinstance(got, Tensor) and isinstance(alone, Tensor) and got.shape == alone.shape
    return not (alike and _finite(got) and expect.is_close(got[-1:, :, 1:], alone[-1:, :, 1:], atol=1e-5))


def _finite(scores: Any) -> bool:
    """Whether scores (B, out_dim, L) hold no NaN from index 1 on; an impossible word may be minus infinite."""
    return isinstance(scores, Tensor) and not bool(scores[:, :, 1:].isnan().any())


def _sums_to_one(scores: Tensor) -> bool:
    """Whether scores (B, out_dim, L), or their powers, add up to 1 over the positions, with index 0 or without it."""
    parts = (scores, scores[:, :, 1:])
    return any(
        expect.is_close(sums, torch.ones(sums.shape), atol=1e-4)
        for part in parts
        for sums in (part.sum(2), part.exp().sum(2))
    )
