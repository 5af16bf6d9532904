"""The test reviews changed a little: what a model has learnt of reviews survives that, a table of them does not."""

import numpy as np
import numpy.typing as npt

SEED = 2024
MOST = 5000  # reviews, spread over all of them
DROPPED, REPLACED = 0.1, 0.05  # of the sentences, and of the words of the others
ENDS = frozenset(".!?")
EMPTY, UNKNOWN = -1, -2  # where a review has no word any more, and where it has <unk>

Numbers = npt.NDArray[np.int32]


def rows_to_change(reviews: int) -> npt.NDArray[np.int64]:
    """Which of so many reviews are changed."""
    return np.arange(0, reviews, -(-reviews // MOST))


def changed(words: list[str], numbered: Numbers) -> Numbers:
    """Reviews, as numbers of words (reviews, length), without some sentences and with UNKNOWN for some words.

    Of three sentences or more the first and the last always go: what tells one review from another often stands there.
    """
    random = np.random.default_rng(SEED)
    present = numbered != EMPTY
    ends = np.isin(numbered, [number for number, word in enumerate(words) if word in ENDS])
    sentences: npt.NDArray[np.int64] = np.cumsum(ends, axis=1) - ends  # the number of each word's sentence
    last = np.where(present, sentences, 0).max(axis=1, keepdims=True)
    dropped = random.random(numbered.shape, dtype=np.float32) < DROPPED
    dropped[:, 0] = True
    np.put_along_axis(dropped, last, True, axis=1)
    left = present & ~(np.take_along_axis(dropped, sentences, axis=1) & (last >= 2))
    left |= present & ~left.any(axis=1, keepdims=True)  # of no review is nothing left
    replaced = np.where(random.random(numbered.shape, dtype=np.float32) < REPLACED, UNKNOWN, numbered)
    kept = np.where(left, replaced, EMPTY).astype(np.int32)
    return np.take_along_axis(kept, np.argsort(~left, axis=1, kind="stable"), axis=1)
