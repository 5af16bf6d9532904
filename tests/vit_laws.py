"""Sends drawn parameters to a student's self-attention, and tests laws that hold whatever its parameters are."""

from typing import Any, NoReturn

import torch
from torch import Tensor
from vit_candidates import Layers

from autograder.checks import Handle, Rng, attempt, expect, join, say


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


def made_equal(attention: Handle, x: Tensor, got: Tensor, rng: Rng) -> dict[str, tuple[Any, Any]]:
    """What self-attention makes equal for x (batch, N, dim) and its result: two values by the name of each law."""
    order = rng.permutation(x.shape[1])
    same = attempt(attention, x[:, :1].repeat(1, x.shape[1], 1))
    return {
        "order": (attempt(attention, x[:, order]), got[:, order]),
        "batch": (attempt(attention, x[:1]), got[:1]),
        "weights": (same[:, :1] if is_like(same, x) else same, attempt(attention, x[:, :1])),  # they add up to 1
    }


def is_like(value: object, x: Tensor) -> bool:
    """Whether a value is a tensor of a shape."""
    return isinstance(value, Tensor) and value.shape == x.shape


def broken_law(attention: Handle, x: Tensor, got: Tensor, rng: Rng) -> dict[str, Any]:
    """The values of the first law that the model breaks, as `raise_mistake` shows them; nothing if it breaks none."""
    for one, other in made_equal(attention, x, got, rng).values():
        if isinstance(other, Tensor) and is_like(one, other) and not expect.is_close(one, other, atol=1e-3):
            return {"got": one, "want": other}
    return {}


def laws(attention: Handle, x: Tensor, got: Tensor, rng: Rng) -> str:
    """In words, which laws of self-attention the model obeys for x (batch, N, dim) and its result."""
    pairs = made_equal(attention, x, got, rng)
    moves, separate = (not expect.difference("", *pairs[law], atol=1e-4) for law in ("order", "batch"))
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
