"""The test reviews as ids, in the order and the batches in which every model gets them."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import torch
from imdb_changes import EMPTY, changed, rows_to_change

import data as course_data
from autograder.checks import TestSet

MAX_LENGTH = 400  # words of a review that are read
MAX_WORDS = 25_000
PAD, UNK = 0, 1
BATCH = 500


def tokenizer(text: str) -> list[str]:
    """The words of a text, as torchtext's `get_tokenizer("basic_english")` gives them."""
    course_data.install_torchtext()
    from torchtext.data.utils import get_tokenizer

    words: list[str] = get_tokenizer("basic_english")(text)
    return words


@lru_cache(maxsize=1)
def _numbered(data: TestSet) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Every word of the reviews once; the reviews as numbers of words (reviews, MAX_LENGTH); their labels (reviews,).

    Splitting all the reviews into words costs seconds, and is the same for every student.
    """
    numbers: dict[str, int] = {}
    reviews = np.full((len(data.examples), MAX_LENGTH), EMPTY, dtype=np.int32)
    for row, (_, text) in enumerate(data.examples):
        words = tokenizer(text)[:MAX_LENGTH]
        reviews[row, : len(words)] = [numbers.setdefault(word, len(numbers)) for word in words]
    return list(numbers), reviews, np.array([label for label, _ in data.examples])


@lru_cache(maxsize=1)
def _changed(data: TestSet) -> tuple[list[str], np.ndarray, np.ndarray]:
    """The same of some reviews that are changed a little."""
    words, numbered, labels = _numbered(data)  # type: ignore[arg-type]  # a protocol does not tell that it can be hashed
    rows = rows_to_change(len(labels))
    return words, changed(words, numbered[rows]), labels[rows]


class Reviews:
    """The reviews in one vocabulary: `vocabulary[i]` is the word of id i. `labels` are theirs, Long (reviews,).

    With `changed` they are those that `rows_to_change` names, changed a little.
    """

    def __init__(self, data: TestSet, vocabulary: list[str], *, changed: bool = False) -> None:
        words, numbered, labels = (_changed if changed else _numbered)(data)  # type: ignore[arg-type]  # as above
        ids = {word: number for number, word in enumerate(vocabulary)}
        # EMPTY, -1, is the last of them, UNKNOWN, -2, the one before.
        id_of = np.array([*(ids.get(word, UNK) for word in words), UNK, PAD])
        self.labels = torch.from_numpy(labels)
        self._ids = torch.from_numpy(id_of[numbered])  # (reviews, MAX_LENGTH)
        self._ids[:, 0][torch.from_numpy(numbered[:, 0] == EMPTY)] = UNK
        self._lengths = torch.from_numpy((numbered != EMPTY).sum(1)).clamp(min=1)

    def batches(self) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        """The rows of a batch (batch,), their ids Long (batch, length), their lengths (batch,); sorted by length."""
        for rows in torch.argsort(self._lengths, stable=True).split(BATCH):
            lengths = self._lengths[rows]
            yield rows, self._ids[rows, : int(lengths.max())], lengths
