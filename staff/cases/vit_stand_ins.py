"""Modules that stand in for a student's own in the questions that build on them, so that no mistake costs twice.

They hold no answer: each mixes by fixed matrices. Their source goes to the student's process, and the recipes run them
to work out what is right.
"""

import inspect

import torch
from torch import Tensor


class Attention(torch.nn.Module):
    """For 3c: mixes tokens and channels, whatever it was constructed with."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__()

    def forward(self, x: "Tensor", *others: object, **options: object) -> "Tensor":
        """(batch, tokens, dim) -> (batch, tokens, dim), linear in x."""
        tokens, dim = x.shape[-2:]
        mix_tokens = torch.cos(1.7 * torch.arange(1.0, tokens * tokens + 1)).reshape(tokens, tokens)
        mix_channels = torch.sin(2.3 * torch.arange(1.0, dim * dim + 1)).reshape(dim, dim)
        mixed: Tensor = mix_tokens @ x @ mix_channels / dim**0.5
        return mixed


class Patchification(torch.nn.Module):
    """For 3d: every patch's mean colour, spread over the embedding."""

    def __init__(
        self, in_channels: int, patch_size: tuple[int, int], embedding_dim: int, *arguments: object, **options: object
    ) -> None:
        super().__init__()
        self.patch_size = tuple(patch_size)
        self.embedding_dim = embedding_dim

    def forward(self, images: "Tensor") -> "Tensor":
        """(batch, channels, H, W) -> (batch, patches, dim)"""
        colours = torch.nn.functional.avg_pool2d(images, self.patch_size)
        batch, channels = images.shape[:2]
        spread = torch.sin(1.3 * torch.arange(1.0, channels * self.embedding_dim + 1)).reshape(channels, -1)
        return torch.einsum("bchw,cd->bhwd", 5 * colours, spread).reshape(batch, -1, self.embedding_dim)


class Block(torch.nn.Module):
    """For 3d: adds a bounded mixture of tokens and channels, another one for each `number`.

    The check numbers the blocks as the model has registered them.
    """

    UNREGISTERED = 7

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__()
        self.number = torch.nn.Parameter(torch.tensor(float(self.UNREGISTERED)))

    def forward(self, x: "Tensor", *others: object, **options: object) -> "Tensor":
        """(batch, tokens, dim) -> (batch, tokens, dim)"""
        tokens, dim = x.shape[-2:]
        mix_tokens = torch.cos(1.9 * torch.arange(1.0, tokens * tokens + 1)).reshape(tokens, tokens)
        mix_channels = torch.sin(2.9 * torch.arange(1.0, dim * dim + 1)).reshape(dim, dim)
        return x + torch.tanh((0.6 + 0.4 * self.number) * (mix_tokens @ x @ mix_channels) / dim)


def source(stand_in: type[torch.nn.Module]) -> str:
    """Python source that defines the stand-in in a namespace of its own."""
    return f"import torch\n\n\n{inspect.getsource(stand_in)}"
