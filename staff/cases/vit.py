"""Cases of 3a and 3d, the patches and the whole Vision Transformer; those of 3c come from beside.

Source: Dosovitskiy et al. 2021, "An Image Is Worth 16x16 Words", section 3.1 and Figure 2. Every case draws the
parameters too, none of them zero, so that a bias, a normalisation or a position that is left out shows. The inputs of
a case are: arguments of the constructor, stand-ins (name to source), parameters (role to tensor), what `forward` gets.
"""

from collections.abc import Callable, Iterable
from functools import partial

import torch
import vit_stand_ins as stand_ins
from case_gradients import gradients
from case_parameters import Parameters, linear, normalisation, table
from torch import Tensor
from torch.nn import functional as F
from vit_block import vit_block

from autograder.checks import Case, Rng, recipe

__all__ = ["vit_block", "vit_model", "vit_patchification"]

Function = Callable[[Tensor], Tensor]


@recipe(
    "vit_patchification",
    sizes=table(
        "batch channels height width patch_height patch_width dim",
        (2, 3, 24, 35, 4, 5, 11),
        (5, 1, 12, 21, 6, 3, 10),
        (4, 2, 15, 42, 3, 7, 9),
        (3, 2, 10, 20, 5, 5, 8),  # square patches, in which one side for both is right
    ),
)
def vit_patchification(
    rng: Rng, batch: int, channels: int, height: int, width: int, patch_height: int, patch_width: int, dim: int
) -> Case:
    """Tokens by cutting the images with `unfold` and one matrix product."""
    patch = (patch_height, patch_width)
    images = rng.normal(batch, channels, height, width)
    parameters = linear(rng, "convolution", dim, channels, *patch)
    weight, bias = parameters["convolution.weight"], parameters["convolution.bias"]

    def project(stride: tuple[int, int], bias: Tensor | None = bias) -> Tensor:
        patches = F.unfold(images, patch, stride=stride)  # (batch, channels * patch_height * patch_width, tokens)
        return F.linear(patches.transpose(1, 2), weight.flatten(1), bias)

    tokens = project(patch)
    grid = tokens.unflatten(1, (height // patch_height, width // patch_width))  # (batch, rows, columns, dim)
    wrong = {
        "column by column": grid.transpose(1, 2).flatten(1, 2),
        "dim not last": tokens.transpose(1, 2),
        "reshaped without moving dim": tokens.transpose(1, 2).reshape(batch, -1, dim),
        "grid not flattened": grid,
        "feature maps": grid.permute(0, 3, 1, 2),
        "overlapping patches": project((1, 1)),
    }
    if patch_height != patch_width:
        wrong |= {
            "one side for both strides": project((patch_height, patch_height)),
            "one side for both strides (width)": project((patch_width, patch_width)),
            "sides of the stride exchanged": project((patch_width, patch_height)),
        }
    weights = rng.normal(*tokens.shape)

    def convolve(variables: Parameters) -> Tensor:
        patches = F.unfold(variables["0"], patch, stride=patch).transpose(1, 2)
        return F.linear(patches, variables["convolution.weight"].flatten(1), variables["convolution.bias"])

    found = gradients(convolve, parameters | {"0": images}, weights)
    return Case(
        inputs=((channels, patch, dim), {}, parameters, images, weights),
        outputs={"tokens": tokens, **found},
        mistakes={key: {"tokens": value.contiguous()} for key, value in wrong.items()},
        accepted={"no bias": {"tokens": project(patch, None), **found}},
    )


@recipe(
    "vit_model",
    sizes=table(
        "batch channels height width patch_height patch_width classes dim depth",
        (4, 3, 12, 35, 6, 7, 9, 8, 2),
        (3, 1, 20, 6, 4, 2, 7, 12, 4),
        (2, 4, 9, 50, 3, 10, 5, 6, 3),
    ),
)
def vit_model(
    rng: Rng,
    batch: int,
    channels: int,
    height: int,
    width: int,
    patch_height: int,
    patch_width: int,
    classes: int,
    dim: int,
    depth: int,
) -> Case:
    """Logits of images, from stand-ins for the patches and the blocks and torch's functions for the rest."""
    patch = (patch_height, patch_width)
    patches = (height // patch_height) * (width // patch_width)
    images = rng.normal(batch, channels, height, width, scale=2.0)
    parameters = {
        "pos_embedding": rng.normal(1, 1 + patches, dim),
        "cls_token": rng.normal(1, 1, dim),
        **normalisation(rng, "classification_head.0", dim),
        **linear(rng, "classification_head.1", classes, dim),
    }
    arguments = ((channels, height, width), patch, classes, dim, 2, depth, 4 * dim + 1)
    patchify = stand_ins.Patchification(channels, patch, dim)
    tokens, numbers = patchify(images), [*range(depth)]
    weights = rng.normal(batch, classes)
    found = gradients(lambda of: logits(of, patchify(of["0"]), numbers), parameters | {"0": images}, weights)
    return Case(
        inputs=(
            arguments,
            {kind.__name__: stand_ins.source(kind) for kind in (stand_ins.Patchification, stand_ins.Block)},
            parameters,
            images,
            weights,
        ),
        outputs={"logits": logits(parameters, tokens, numbers), **found},
        mistakes={key: {"logits": value} for key, value in wrong_logits(parameters, tokens, numbers).items()},
    )


def first_token(x: Tensor) -> Tensor:
    """(batch, tokens, dim) -> (batch, dim)"""
    return x[:, 0]


def logits(
    parameters: Parameters,
    tokens: Tensor,
    numbers: Iterable[int],
    start: Tensor | None = None,
    read: Function = first_token,
) -> Tensor:
    """Logits (batch, classes) of patches (batch, patches, dim) by the blocks of these numbers, one after the other.

    `start` are the tokens that the first block gets, by default the class token and the patches, with positions;
    `read` makes what the head sees (batch, dim) of what the last block returns.
    """
    token = parameters["cls_token"].expand(len(tokens), -1, -1)
    x = torch.cat([token, tokens], 1) + parameters["pos_embedding"] if start is None else start
    block = stand_ins.Block().requires_grad_(False)
    for number in numbers:
        block.number.fill_(number)
        x = block(x)
    name = "classification_head"
    seen = read(x)
    normed = F.layer_norm(seen, seen.shape[-1:], parameters[f"{name}.0.weight"], parameters[f"{name}.0.bias"])
    return F.linear(normed, parameters[f"{name}.1.weight"], parameters[f"{name}.1.bias"])


def wrong_logits(parameters: Parameters, tokens: Tensor, numbers: list[int]) -> dict[str, Tensor]:
    """What each known mistake in the model makes of patches (batch, patches, dim)."""
    positions = parameters["pos_embedding"]
    token = parameters["cls_token"].expand(len(tokens), -1, -1)
    last = torch.cat([tokens, token], 1) + positions
    model = partial(logits, parameters, tokens, numbers)
    return {
        "class token last": model(last, lambda x: x[:, -1]),
        "class token last, first token read": model(last),
        "last token read": model(read=lambda x: x[:, -1]),
        "first patch read": model(read=lambda x: x[:, 1]),
        "mean pooling": model(read=lambda x: x.mean(1)),
        "mean pooling of the patches": model(read=lambda x: x[:, 1:].mean(1)),
        "mean of the logits": model(read=torch.clone).mean(1),
        "head sees every token": model(read=torch.clone),
        "position missing": model(torch.cat([token, tokens], 1)),
        "position added before the token": model(torch.cat([token, tokens + positions[:, :-1]], 1)),
        "class token without position": model(torch.cat([token, tokens + positions[:, 1:]], 1)),
        "patches without position": model(torch.cat([token + positions[:, :1], tokens], 1)),
        "class token missing": model(tokens + positions[:, :-1]),
        "class token missing, first position left out": model(tokens + positions[:, 1:]),
        "class token zero": model(torch.cat([torch.zeros_like(token), tokens], 1) + positions),
        "one block | first": logits(parameters, tokens, numbers[:1]),
        "one block | last": logits(parameters, tokens, numbers[-1:]),
        "the same block every time | first": logits(parameters, tokens, numbers[:1] * len(numbers)),
        "the same block every time | last": logits(parameters, tokens, numbers[-1:] * len(numbers)),
        "blocks not registered": logits(parameters, tokens, [stand_ins.Block.UNREGISTERED] * len(numbers)),
        "blocks in reverse": logits(parameters, tokens, numbers[::-1]),
        "blocks missing": logits(parameters, tokens, []),
        "softmax": model().softmax(-1),
        "log-softmax": model().log_softmax(-1),
    }
