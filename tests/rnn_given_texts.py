"""Stands in for the data of hw4_rnn.ipynb while a question is marked; its text goes to the student's process.

The word "w7" has the id 7, and every other word the id 0.
"""

import torch
from torchtext.vocab import Vocab

DEVICE = device = torch.device("cpu")
vocab = encoder = Vocab(["<unk>", *(f"w{number}" for number in range(1, 40))])
encoder.set_default_index(0)
vocab_size = len(encoder)
num_class = 4


def tokenizer(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


def text_pipeline(text: str) -> list[int]:
    """The ids of a text."""
    ids: list[int] = encoder(tokenizer(text))
    return ids


def label_pipeline(label: int) -> int:
    """The label from 0 on."""
    return int(label) - 1
