"""Recomputes self-attention from linear layers whose roles are not known.

Students name, fuse and order the layers of attention as they like. So every way to read them is a candidate: which
layer projects the output; in which order the rows of the others hold query, key and value, heads, and channels; and how
the heads are put side by side. Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.

Shapes: K candidates, B samples, h heads, N tokens, d channels of a head.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations, product
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

ROLE, HEAD, CHANNEL = 0, 1, 2


class Candidate(NamedTuple):
    """One reading of the layers, which means the same for every number of heads.

    `before_output` is the share of the other layers' rows that is registered before the output layer. `roles` says
    which third of these rows is query, key, value; `axes` the order in which ROLE, HEAD and CHANNEL are cut out of
    them. `interleaved`: head i of the result has the columns i, i + h, i + 2h, ... instead of d neighbours.
    """

    before_output: float
    roles: tuple[int, ...]
    axes: tuple[int, ...]
    interleaved: bool

    def last_role(self) -> str:
        """What the layer does that was registered last, where every layer has one role."""
        return "output" if self.before_output == 1 else ("query", "key", "value")[self.roles.index(2)]


@dataclass(frozen=True)
class Layers:
    """The linear layers of one attention in order of registration: weights (out, in), biases (out,), names.

    `separate` are the layers as they are, if those that project a head each were joined to one.
    """

    weights: tuple[Tensor, ...]
    biases: tuple[Tensor, ...]
    completed: bool = False
    names: tuple[str, ...] = ()
    separate: "Layers | None" = None

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """(out, in) of every layer."""
        return tuple((weight.shape[0], weight.shape[1]) for weight in self.weights)

    def complete(self, heads: int, dim: int) -> "Layers | None":
        """These layers if they fit attention, or with one more behind them if that fits; None if nothing does.

        The added layer changes nothing, and so takes the role of one that was left out.
        """
        joined = self.joined(heads, dim)
        whole = Layers((*self.weights, torch.eye(dim)), (*self.biases, torch.zeros(dim)), completed=True)
        fitting = (layers for layers in (joined, whole) for h in (heads, 1) if plan(layers.shapes, h, dim).members)
        return next(fitting, None)

    def joined(self, heads: int, dim: int) -> "Layers":
        """These layers with one that projects all heads in the place of layers that project a head each.

        The sum of what those give is what one layer makes of the heads side by side.
        """
        each = [i for i, shape in enumerate(self.shapes) if shape == (dim, dim // heads)]
        if heads == 1 or len(each) != heads:
            return self
        weights, biases = list(self.weights), list(self.biases)
        weights[each[0]] = torch.cat([self.weights[i] for i in each], dim=1)
        biases[each[0]] = torch.stack([self.biases[i] for i in each]).sum(0)
        kept = [i for i in range(len(weights)) if i not in each[1:]]
        return Layers(tuple(weights[i] for i in kept), tuple(biases[i] for i in kept), separate=self)


@dataclass(frozen=True)
class Run:
    """One call of a student's attention: its layers, heads, tokens (B, N, dim) and result (B, N, dim)."""

    layers: Layers
    heads: int
    tokens: Tensor
    got: Tensor


@dataclass(frozen=True)
class Plan:
    """Candidates that differ for the sizes at hand, K of them.

    `members[k]` are those that candidate k stands for; `rows` (K, 3, h, d) are its rows in the stack of all layers,
    `outputs[k]` its output layer, `columns` (K, h * d) the places of the heads' channels in what that layer gets.
    """

    members: tuple[tuple[Candidate, ...], ...]
    rows: Tensor
    outputs: tuple[int, ...]
    columns: Tensor

    def only(self, kept: set[Candidate] | None) -> "Plan":
        """The candidates that stand for one of those kept (all of them for None)."""
        if kept is None:
            return self
        chosen = [k for k, members in enumerate(self.members) if kept.intersection(members)]
        return Plan(
            tuple(self.members[k] for k in chosen),
            self.rows[chosen],
            tuple(self.outputs[k] for k in chosen),
            self.columns[chosen],
        )


@lru_cache(maxsize=64)
def plan(shapes: tuple[tuple[int, int], ...], heads: int, dim: int) -> Plan:
    """All readings of layers of these shapes (out, in) as attention with `heads` heads; none if they do not fit."""
    found: dict[tuple[bytes, int, bytes], tuple[Tensor, Tensor, list[Candidate]]] = {}
    starts = torch.tensor([0, *(out for out, _ in shapes)]).cumsum(0).tolist()
    for output in _outputs(shapes, heads, dim):
        others = [i for i in range(len(shapes)) if i != output]
        stack = torch.cat([torch.arange(starts[i], starts[i + 1]) for i in others])
        sizes, width = [shapes[i][0] for i in others], shapes[output][1]
        before = round(sum(shapes[i][0] for i in others if i < output) / len(stack), 3)
        columns = torch.arange(width)
        places = (columns, columns.reshape(-1, heads).T.flatten())
        for axes, roles, interleaved in product(permutations(range(3)), permutations(range(3)), (False, True)):
            rows = stack[_cut(sizes, heads, width // heads, axes)[list(roles)]]
            key = (rows.numpy().tobytes(), output, places[interleaved].numpy().tobytes())
            entry = found.setdefault(key, (rows, places[interleaved], []))
            entry[2].append(Candidate(before, roles, axes, interleaved))
    if not found:
        return Plan((), torch.empty(0), (), torch.empty(0))
    all_rows, all_columns, members = zip(*found.values(), strict=True)
    outputs = tuple(output for _, output, _ in found)
    return Plan(tuple(map(tuple, members)), torch.stack(all_rows), outputs, torch.stack(all_columns))


def _outputs(shapes: Sequence[tuple[int, int]], heads: int, dim: int) -> Iterable[int]:
    """The layers that can project the output: from heads * d channels to dim, where all others have 3 * heads * d."""
    total = sum(out for out, _ in shapes)
    for i, (out, width) in enumerate(shapes):
        others_read_tokens = all(read == dim for k, (_, read) in enumerate(shapes) if k != i)
        if out == dim and total - out == 3 * width and width % heads == 0 and others_read_tokens:
            yield i


def _cut(sizes: Sequence[int], heads: int, channels: int, axes: Sequence[int]) -> Tensor:
    """Row numbers (3, h, d) of roles in a stack of layers with these numbers of rows."""
    one = heads * channels
    if sorted(sizes) == [one, 2 * one]:  # one layer for two roles: each layer is cut on its own
        starts = (0, sizes[0])
        parts = [start + _axes(size // one, heads, channels, axes) for start, size in zip(starts, sizes, strict=True)]
        return torch.cat(parts)
    return _axes(3, heads, channels, axes)


def _axes(roles: int, heads: int, channels: int, axes: Sequence[int]) -> Tensor:
    lengths = (roles, heads, channels)
    numbers = torch.arange(roles * heads * channels).reshape([lengths[axis] for axis in axes])
    return numbers.permute([list(axes).index(axis) for axis in (ROLE, HEAD, CHANNEL)])


class Parts(NamedTuple):
    """What the layers make of the tokens under K candidates: query, key and value are (K, B, h, N, d).

    `heads` and `head_dim` are those that the student's attention was made with, also where all channels form one head.
    """

    query: Tensor
    key: Tensor
    value: Tensor
    heads: int
    head_dim: int


Formula = Callable[[Parts], Tensor]


def survivors(formula: Formula, runs: Sequence[Run], *, single: bool = False, project: bool = True) -> set[Candidate]:
    """The candidates by which `formula` gives the student's result in every run.

    `formula` makes (K, B, N, h * d), the heads side by side. With `single` all channels form one head; without
    `project` the output layer is left out.
    """
    kept: set[Candidate] | None = None
    for run in runs:
        dim = run.tokens.shape[-1]
        chosen = plan(run.layers.shapes, 1 if single else run.heads, dim).only(kept)
        width = chosen.columns.shape[-1]
        if not chosen.members or (width != dim and not (single and project)):
            return set()
        close = torch.isclose(evaluate(formula, chosen, run, project), run.got, rtol=1e-4, atol=1e-4)
        kept = {member for k in close.flatten(1).all(1).nonzero().flatten() for member in chosen.members[k]}
    return kept or set()


def evaluate(formula: Formula, chosen: Plan, run: Run, project: bool) -> Tensor:
    """(K, B, N, dim) of every candidate."""
    layers, dim = run.layers, run.tokens.shape[-1]
    projected = torch.cat(
        [
            F.linear(run.tokens, weight, bias)
            if weight.shape[1] == dim
            else run.tokens.new_zeros(*run.tokens.shape[:2], dim)
            for weight, bias in zip(layers.weights, layers.biases, strict=True)
        ],
        dim=2,
    )  # (B, N, rows of all layers)
    query, key, value = projected[:, :, chosen.rows].permute(3, 2, 0, 4, 1, 5)  # (3, K, B, h, N, d)
    side_by_side = formula(Parts(query, key, value, run.heads, dim // run.heads))
    places = chosen.columns[:, None, None].expand(side_by_side.shape)
    merged = torch.empty_like(side_by_side).scatter_(-1, places, side_by_side)
    if not project:
        return merged
    weight = torch.stack([layers.weights[i] for i in chosen.outputs])
    bias = torch.stack([layers.biases[i] for i in chosen.outputs])
    return torch.einsum("kbni,koi->kbno", merged, weight) + bias[:, None, None]
