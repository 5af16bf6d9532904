"""Tells by which formula a student's self-attention computes: the right one, that of one head, or a known mistake."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from vit_candidates import Candidate, Formula, Parts, Run, evaluate, plan, survivors

from autograder.checks import Mistake

WEIGHTS = "softmax(q k^T / scale): over which axis, and what is divided by what"
HEADS = "print the shapes: (batch, N, dim) -> (batch, N, heads, head_dim) -> (batch, heads, N, head_dim), and back"
LAYERS = "Figure 2 of the paper: linear layers for queries, keys and values, and one behind the heads"

MISTAKES = {
    "single head": Mistake(
        "all channels form one head; several heads earn the other half of the points", HEADS, earns=5
    ),
    "output layer missing": Mistake("no linear layer projects the heads that were put side by side", LAYERS, earns=5),
    "value layer missing": Mistake("the values are not projected by a linear layer", LAYERS),
    "query layer missing": Mistake("the queries are not projected by a linear layer", LAYERS),
    "key layer missing": Mistake("the keys are not projected by a linear layer", LAYERS),
    "not scaled": Mistake("the scores are not divided by scale", WEIGHTS),
    "multiplied by the scale": Mistake("the scores are multiplied by scale; it is a divisor", WEIGHTS),
    "scaled by dim": Mistake("the scores are divided by the root of dim, not of head_dim", WEIGHTS),
    "divided by head_dim": Mistake("the scores are divided by head_dim, not by its root", WEIGHTS),
    "root of the scale": Mistake("the scores are divided by the root of scale, which is a root already", WEIGHTS),
    "scaled after the softmax": Mistake("the division by scale comes after the softmax", WEIGHTS),
    "softmax missing": Mistake("the scores do not go through a softmax", WEIGHTS),
    "softmax over the queries": Mistake("the softmax runs over the queries, not over the keys", WEIGHTS),
    "softmax over the heads": Mistake("the softmax runs over the heads, not over the keys", WEIGHTS),
    "softmax over the batch": Mistake("the softmax runs over the batch: samples change each other", WEIGHTS),
    "keys are the queries": Mistake("the queries stand in the place of the keys, too", LAYERS),
    "values are the keys": Mistake("the keys stand in the place of the values, too", LAYERS),
    "values not mixed": Mistake("the values are returned without being weighted", WEIGHTS),
    "attends to heads": Mistake("the heads of one token attend to each other, not the tokens of one head", HEADS),
    "attends to the batch": Mistake("the samples of the batch attend to each other, not the tokens", HEADS),
    "heads not merged back": Mistake("the heads are reshaped to (batch, N, dim) without being transposed back", HEADS),
    "heads split without transposing": Mistake("the heads are split by a reshape that mixes up tokens", HEADS),
    "residual inside": Mistake("the tokens are added to the result", "the residual belongs to Block, not to Attention"),
}


def side_by_side(heads: Tensor) -> Tensor:
    """(K, B, h, N, d) -> (K, B, N, h * d)"""
    return heads.transpose(2, 3).flatten(3)


def scaled(parts: Parts, factor: Callable[[Parts], float]) -> Tensor:
    """Attention whose scores are multiplied by `factor`, by torch's own function."""
    return side_by_side(scaled_dot_product_attention(*parts[:3], scale=factor(parts)))


def by_head_dim(parts: Parts) -> float:
    """The right factor of the scores."""
    return float(parts.head_dim**-0.5)


def by_dim(parts: Parts) -> float:
    """The factor of the scores where all channels form one head."""
    return float((parts.heads * parts.head_dim) ** -0.5)


def weighted(parts: Parts, weigh: Callable[[Tensor], Tensor]) -> Tensor:
    """Values mixed by `weigh` of the scaled scores (K, B, h, N, N)."""
    scores = parts.query @ parts.key.transpose(3, 4) * by_head_dim(parts)
    return side_by_side(weigh(scores) @ parts.value)


def across(parts: Parts, axis: int) -> Tensor:
    """Attention among the entries of `axis` (1 the batch, 2 the heads) of (K, B, h, N, d) instead of the tokens."""
    query, key, value = (part.transpose(axis, 3) for part in parts[:3])
    return scaled_dot_product_attention(query, key, value, scale=by_head_dim(parts)).transpose(axis, 3)


def split_by_reshape(parts: Parts, merge: Callable[[Tensor], Tensor]) -> Tensor:
    """Attention of (K, B, 1, N, dim) read as (K, B, heads, N, head_dim) without moving an axis."""
    samples, tokens = parts.query.shape[:2], parts.query.shape[3]
    query, key, value = (part.reshape(*samples, parts.heads, tokens, -1) for part in parts[:3])
    return merge(scaled_dot_product_attention(query, key, value, scale=by_head_dim(parts)))


def in_memory_order(heads: Tensor) -> Tensor:
    """(K, B, h, N, d) read as (K, B, N, h * d) without moving an axis."""
    return heads.reshape(*heads.shape[:2], heads.shape[3], -1)


RIGHT: Formula = partial(scaled, factor=by_head_dim)
WRONG: Sequence[tuple[str, Formula]] = (
    ("not scaled", partial(scaled, factor=lambda _: 1.0)),
    ("multiplied by the scale", partial(scaled, factor=lambda parts: parts.head_dim**0.5)),
    ("scaled by dim", partial(scaled, factor=by_dim)),
    ("divided by head_dim", partial(scaled, factor=lambda parts: 1 / parts.head_dim)),
    ("root of the scale", partial(scaled, factor=lambda parts: parts.head_dim**-0.25)),
    (
        "scaled after the softmax",
        lambda parts: scaled(parts, lambda _: 1.0) * by_head_dim(parts),
    ),
    ("softmax missing", partial(weighted, weigh=lambda scores: scores)),
    ("softmax over the queries", partial(weighted, weigh=lambda scores: scores.softmax(3))),
    ("softmax over the heads", partial(weighted, weigh=lambda scores: scores.softmax(2))),
    ("softmax over the batch", partial(weighted, weigh=lambda scores: scores.softmax(1))),
    ("keys are the queries", lambda parts: scaled(parts._replace(key=parts.query), by_head_dim)),
    ("values are the keys", lambda parts: scaled(parts._replace(value=parts.key), by_head_dim)),
    ("values not mixed", lambda parts: side_by_side(parts.value)),
    ("attends to heads", lambda parts: side_by_side(across(parts, 2))),
    ("attends to heads", lambda parts: in_memory_order(across(parts, 2))),
    ("attends to the batch", lambda parts: side_by_side(across(parts, 1))),
    (
        "heads not merged back",
        lambda parts: in_memory_order(scaled_dot_product_attention(*parts[:3], scale=by_head_dim(parts))),
    ),
)


def diagnose(runs: Sequence[Run]) -> str:
    """The name of the mistake that explains every run, "" for the right formula, "unknown" for none.

    The first run is one of a single head.
    """
    for single, formula in ((False, RIGHT), (True, RIGHT), (True, partial(scaled, factor=by_dim))):
        candidates = survivors(formula, runs, single=single)
        if candidates and runs[0].layers.completed:
            return f"{min(candidate.last_role() for candidate in candidates)} layer missing"
        if candidates:
            return "single head" if single else ""
    if _explains(partial(survivors, RIGHT, project=False), runs):
        return "output layer missing"
    for name, formula in WRONG:
        if _explains(partial(survivors, formula), runs):
            return name
    for merge in (side_by_side, in_memory_order):
        if survivors(partial(split_by_reshape, merge=merge), runs, single=True):
            return "heads split without transposing"
    without = [replace(run, got=run.got - run.tokens) for run in runs]
    return "residual inside" if survivors(RIGHT, without) else "unknown"


def right_gradients(runs: Sequence[Run], weights: Tensor) -> dict[str, Tensor]:
    """The gradients of the last run's result times `weights`, as "gradient of ..."; the right formula explains all."""
    run, dim = runs[-1], runs[-1].tokens.shape[-1]
    held = run.layers.separate or run.layers
    variables = {"0": run.tokens}
    for name, weight, bias in zip(held.names, held.weights, held.biases, strict=True):
        variables |= {f"{name}.weight": weight, f"{name}.bias": bias}
    leaves = {name: value.clone().requires_grad_() for name, value in variables.items()}
    layers = replace(
        held,
        weights=tuple(leaves[f"{name}.weight"] for name in held.names),
        biases=tuple(leaves[f"{name}.bias"] for name in held.names),
    ).joined(run.heads, dim)
    chosen = plan(layers.shapes, run.heads, dim).only(survivors(RIGHT, runs))
    result = evaluate(RIGHT, chosen, replace(run, layers=layers, tokens=leaves["0"]), project=True)[0]
    # One number: given weights, torch first imports sympy, which takes longer than all the rest of the question.
    found = torch.autograd.grad((result * weights).sum(), [*leaves.values()])
    return {f"gradient of {name}": value for name, value in zip(leaves, found, strict=True)}


def _explains(surviving: Callable[..., set[Candidate]], runs: Sequence[Run]) -> bool:
    """With several heads or with all channels as one head; the first run has one head, where both are the same."""
    return bool(surviving(runs[:1])) and any(surviving(runs, single=single) for single in (False, True))
