"""Fingerprints of token streams: winnowing (Schleimer, Wilkerson, Aiken 2003) of what is not common.

copydetect does not fit: it reads files by itself, takes the letters of Pygments' tokens with all names alike (so that
`torch.sigmoid` and `torch.tanh` are one), and knows given code as files but nothing that a class shares; compare50's
passes read files and their own lexers' tokens, too.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
BREAK = "\0"  # a token between what does not follow each other; nothing over it is a fingerprint
_BASE = 0x9E3779B97F4A7C15  # odd, so that no power of it is 0


@lru_cache(maxsize=1 << 16)
def _hash(token: str) -> int:
    return int.from_bytes(hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def grams(tokens: Sequence[str], length: int) -> Hashes:
    """The hash of every `length` tokens in a row, (tokens - length + 1); 0 for those with a BREAK among them."""
    number = len(tokens) - length + 1
    if number < 1:
        return np.zeros(0, np.uint64)
    single = np.array([_hash(token) for token in tokens], np.uint64)
    total, factor = np.zeros(number, np.uint64), 1
    for place in range(length):
        total += single[place : place + number] * np.uint64(factor)
        factor = factor * _BASE % (1 << 64)
    total ^= total >> np.uint64(31)  # so that the least of some hashes is not that of the same first token
    total *= np.uint64(0xBF58476D1CE4E5B9)
    for place in (place for place, token in enumerate(tokens) if token == BREAK):
        total[max(0, place - length + 1) : place + 1] = 0
    return total


def distinctive(hashes: Hashes, common: Hashes, window: int) -> dict[int, list[int]]:
    """The fingerprints of a stream and where each begins: of `window` hashes in a row the least, the last of equals.

    Hashes that are `common` (sorted) stand in no fingerprint, and hide none.
    """
    if not len(hashes):
        return {}
    open_ = ~_among(hashes, common) & (hashes != 0)
    worst = np.iinfo(np.uint64).max
    masked = np.where(open_, hashes, worst)
    padded = np.concatenate([masked, np.full(max(0, window - len(masked)), worst, np.uint64)])
    views = np.lib.stride_tricks.sliding_window_view(padded, window)
    chosen = np.arange(len(views)) + window - 1 - views[:, ::-1].argmin(axis=1)
    places: dict[int, list[int]] = {}
    for place in np.unique(chosen):
        if place < len(hashes) and open_[place]:
            places.setdefault(int(hashes[place]), []).append(int(place))
    return places


def _among(hashes: Hashes, some: Hashes) -> NDArray[np.bool_]:
    """Which hashes stand among some that are sorted: `numpy.isin` would sort those again for every stream."""
    if not len(some):
        return np.zeros(len(hashes), bool)
    places = np.minimum(np.searchsorted(some, hashes), len(some) - 1)
    found: NDArray[np.bool_] = some[places] == hashes
    return found


def union(several: Iterable[Hashes]) -> Hashes:
    """All hashes that occur, sorted."""
    listed = list(several)
    return np.unique(np.concatenate(listed)) if listed else np.zeros(0, np.uint64)


def shared_by_more(several: Sequence[Hashes], most: int) -> Hashes:
    """The hashes that stand in more than `most` of some streams, sorted."""
    every = [np.unique(one) for one in several]
    if not every:
        return np.zeros(0, np.uint64)
    values, counts = np.unique(np.concatenate(every), return_counts=True)
    return values[counts > most]
