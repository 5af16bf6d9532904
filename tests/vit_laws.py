"""Sends drawn parameters to a student's self-attention, and tests laws that hold whatever its parameters are."""

from typing import NoReturn

import torch
from torch import Tensor
from vit_candidates import Layers

from autograder.checks import Handle, Rng, expect, join, say


def draw_linear_layers(attention: Handle, dim: int, rng: Rng) -> Layers | None:
    """Draws and loads weight and bias of every linear layer; None if parameters are held in any other way.

    No layer of an attention over `dim` channels has sides longer than 3 * dim. Raises Mismatch when there is none.
    """
    entries = [entry for entry in attention.inventory() if entry.parameters]
    expect.that(
        bool(entries),
        "Attention has no parameters\nexpected linear layers for queries, keys, values and the output\ngot none",
        diagnosis="wrong structure",
        look_at="Attention.__init__: every layer has to be an attribute of self, or in an nn.ModuleList",
    )
    weights: list[Tensor] = []
    biases: list[Tensor] = []
    loaded: dict[str, Tensor] = {}
    for entry in entries:
        shape = entry.parameters.get("weight", ())
        plausible = len(shape) == 2 and min(shape) > 0 and max(shape) <= 3 * dim and len(entries) <= 10 * dim
        if not plausible or len(entry.parameters) > 2 or entry.parameters.get("bias", shape[:1]) != shape[:1]:
            return None
        weights.append(rng.normal(*shape, scale=1.5 * shape[1] ** -0.5))
        biases.append(rng.normal(shape[0], scale=0.5) if "bias" in entry.parameters else torch.zeros(shape[0]))
        drawn = {"weight": weights[-1], "bias": biases[-1]}
        loaded |= {f"{entry.name}.{kind}".lstrip("."): drawn[kind] for kind in entry.parameters if kind in drawn}
    attention.load(loaded)
    return Layers(tuple(weights), tuple(biases), names=tuple(entry.name for entry in entries))


def laws(attention: Handle, x: Tensor, got: Tensor, rng: Rng) -> str:
    """In words, which laws of self-attention the model obeys for x (batch, N, dim) and its result."""
    order = rng.permutation(x.shape[1])
    moved, alone = attention(x[:, order]), attention(x[:1])
    moves = not expect.difference("", moved, got[:, order], atol=1e-4)
    separate = not expect.difference("", alone, got[:1], atol=1e-4)
    order_law = say("permuted tokens permute the result" if moves else "permuted tokens do NOT permute the result")
    batch_law = say(
        "the samples of a batch do not change each other" if separate else "the samples of a batch DO change each other"
    )
    return join([order_law, batch_law], ", ")


def doubt(attention: Handle, x: Tensor, got: Tensor, rng: Rng) -> NoReturn:
    """Leaves an attention to a teaching assistant whose parameters cannot be told apart. Raises Ungraded."""
    entries = [entry for entry in attention.inventory() if entry.parameters]
    held = [f"{entry.name or 'self'} {tuple(entry.parameters.values())}" for entry in entries]
    expect.ungraded(
        say(
            "Attention has to be marked by hand: its parameters do not form linear layers that we know\n"
            "found {layers}\n"
            "the result has the right shape {shape}; {laws}",
            layers="; ".join(held)[:300],
            shape=str(tuple(got.shape)),
            laws=laws(attention, x, got, rng),
        ),
        "unknown layers",
    )
