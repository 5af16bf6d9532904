"""The checks of 3a to 3d where mutants and variants do not reach: unforeseen attention, and readings of its layers."""

import importlib
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import torch
from marks import put as put_check
from torch import Tensor

from autograder.checks.case import Case, load_cases
from autograder.checks.question import collect
from autograder.checks.rng import Rng
from autograder.course.root import project_root
from autograder.marking.verdict import State, Verdict
from autograder.protocol.session import Session

QUESTIONS = {check.question: check for check in collect(project_root() / "tests" / "test_vit.py")}
candidates: Any = importlib.import_module("vit_candidates")
mistakes: Any = importlib.import_module("vit_mistakes")

IMPORTS = """
import torch
from torch import nn
from torch.nn import functional as F
"""


def put(session: Callable[..., Session], label: str, code: str, *cases: Case) -> Verdict:
    return put_check(QUESTIONS[label], session(IMPORTS, code), cases, "seed")


MATRICES = """
class Attention(nn.Module):
    def __init__(self, dim, num_heads, dropout=0.0):
        super().__init__()
        self.matrices = nn.Parameter(torch.randn(3, dim, dim))

    def forward(self, x):
        q, k, v = (x @ matrix for matrix in self.matrices)
        return F.softmax(q @ k.transpose(1, 2), dim=-1) @ v
"""


@pytest.mark.parametrize("label", ["3a", "3b", "3c", "3d"])
def test_a_class_that_is_no_module_is_the_students_mistake(session: Callable[..., Session], label: str) -> None:
    code = "".join(
        f"def {name}(*arguments):\n    return 1\n" for name in ("Patchification", "Attention", "Block", "ViT")
    )
    cases = [] if label == "3b" else load_cases(project_root() / "tests" / "cases" / QUESTIONS[label].cases)
    verdict = put(session, label, code, *cases)
    assert (verdict.state, verdict.diagnosis) == (State.FAIL, "wrong structure")
    assert "(...) is no module" in verdict.message


def test_matrices_in_parameters_are_left_to_an_assistant(session: Callable[..., Session]) -> None:
    verdict = put(session, "3b", MATRICES)
    assert (verdict.state, verdict.diagnosis) == (State.UNGRADED, "unknown layers")
    assert "self ((3, 8, 8),)" in verdict.message
    assert "permuted tokens permute the result, the samples of a batch do not change each other" in verdict.message


def test_an_assistant_is_told_which_laws_are_broken(session: Callable[..., Session]) -> None:
    cumulative = MATRICES.replace("@ v\n", "@ v + x.cumsum(1) + x.mean(0)\n")
    message = put(session, "3b", cumulative).message
    assert "permuted tokens do NOT permute the result, the samples of a batch DO change each other" in message


@pytest.mark.parametrize(
    "layer",
    [
        "nn.LayerNorm(dim)",
        "nn.Linear(dim, 20 * dim)",
        "nn.Conv2d(dim, dim, 1)",
        "nn.ModuleList(nn.Linear(dim, dim) for _ in range(9))",
        "nn.ModuleList(nn.Linear(1, 1) for _ in range(200))",
    ],
)
def test_layers_that_form_no_attention_are_left_to_an_assistant(session: Callable[..., Session], layer: str) -> None:
    verdict = put(session, "3b", MATRICES.replace("nn.Parameter(torch.randn(3, dim, dim))", layer).replace(
        "q, k, v = (x @ matrix for matrix in self.matrices)", "q = k = v = x"
    ))  # fmt: skip
    assert (verdict.state, verdict.diagnosis) == (State.UNGRADED, "unknown layers")
    assert len(verdict.message) < 700


def test_a_result_of_whole_numbers_fails(session: Callable[..., Session]) -> None:
    verdict = put(session, "3b", MATRICES.replace("@ v\n", "@ v > 0\n"))
    assert (verdict.state, verdict.diagnosis) == (State.FAIL, "wrong structure")
    assert "torch.bool" in verdict.message


def test_a_missing_layer_is_named_with_what_there_is(session: Callable[..., Session]) -> None:
    code = """
class Block(nn.Module):
    def __init__(self, dim, num_heads, mlp_dim, dropout=0.0):
        super().__init__()
        self.LN1 = nn.LayerNorm(dim)

    def forward(self, x):
        return self.LN1(x)
"""
    wanted = {"LN1.weight": torch.ones(4), "LN1.bias": torch.ones(4), "LN2.weight": torch.ones(4)}
    verdict = put(
        session,
        "3c",
        code,
        Case(((4, 2, 5), {}, wanted, torch.ones(2, 3, 4), torch.ones(2, 3, 4)), {"output": torch.ones(2, 3, 4)}),
    )
    assert (verdict.state, verdict.diagnosis) == (State.FAIL, "wrong structure")
    assert "LN2" in verdict.message and "LN1: weight (4,), bias (4,)" in verdict.message


def by_hand(layers: Any, candidate: Any, output: int, heads: int, x: Tensor) -> Tensor:
    """Attention of one reading of layers that are cut as one stack, head by head and channel by channel."""
    stack = torch.cat([weight for i, weight in enumerate(layers.weights) if i != output])
    shift = torch.cat([bias for i, bias in enumerate(layers.biases) if i != output])
    channels = x.shape[2] // heads
    lengths = {candidates.ROLE: 3, candidates.HEAD: heads, candidates.CHANNEL: channels}
    counted = product(*(range(lengths[axis]) for axis in candidate.axes))
    rows = {tuple(place[candidate.axes.index(axis)] for axis in lengths): row for row, place in enumerate(counted)}
    merged = torch.zeros_like(x)
    for head in range(heads):
        chosen = [[rows[role, head, channel] for channel in range(channels)] for role in candidate.roles]
        query, key, value = (x @ stack[numbers].T + shift[numbers] for numbers in chosen)
        weights = torch.exp(torch.einsum("bic,bjc->bij", query, key) / channels**0.5)
        mixed = torch.einsum("bij,bjc->bic", weights / weights.sum(2, keepdim=True), value)
        for channel in range(channels):
            merged[:, :, channel * heads + head if candidate.interleaved else head * channels + channel] = mixed[
                ..., channel
            ]
    attended: Tensor = merged @ layers.weights[output].T + layers.biases[output]
    return attended


def layers_of(rng: Rng, dim: int, *rows: int) -> Any:
    """Linear layers over `dim` channels with these numbers of rows."""
    weights = [rng.normal(count, dim, scale=1.5 * dim**-0.5) for count in rows]
    return candidates.Layers(tuple(weights), tuple(rng.normal(count) for count in rows))


@pytest.mark.parametrize(
    ("rows", "output"),
    [((12, 12, 12, 12), 3), ((12, 12, 12, 12), 1), ((36, 12), 1), ((12, 36), 0), ((4,) * 9 + (12,), 9)],
    ids=["separate", "output second", "fused", "output first", "each head's own"],
)
def test_a_reading_is_found_and_no_other_fits(rows: tuple[int, ...], output: int) -> None:
    rng, heads, dim = Rng("readings", rows, output), 3, 12
    readings = candidates.plan(tuple((count, dim) for count in rows), heads, dim)
    own = [k for k in range(len(readings.members)) if readings.outputs[k] == output]
    assert len(own) == 72
    for k in rng.permutation(len(own))[:8].tolist():
        members = readings.members[own[k]]
        layers, x = layers_of(rng, dim, *rows), rng.normal(2, 5, dim)
        got = by_hand(layers, members[0], output, heads, x)
        assert candidates.survivors(mistakes.RIGHT, [candidates.Run(layers, heads, x, got)]) == set(members)


def test_a_reading_has_to_explain_every_run() -> None:
    rng, runs = Rng("runs"), []
    for heads, interleaved in ((1, False), (2, False), (3, True)):
        layers, x = layers_of(rng, 12, 36, 12), rng.normal(2, 5, 12)
        reading = candidates.Candidate(
            1.0, (0, 1, 2), (candidates.ROLE, candidates.HEAD, candidates.CHANNEL), interleaved
        )
        runs.append(candidates.Run(layers, heads, x, by_hand(layers, reading, 1, heads, x)))
    assert mistakes.diagnose(runs[:2]) == ""
    assert mistakes.diagnose(runs) == "unknown"


def test_layers_that_fit_nothing_have_no_reading() -> None:
    layers = layers_of(Rng("odd"), 12, 12, 7)
    assert layers.complete(3, 12) is None
    assert candidates.plan(layers.shapes, 3, 12).members == ()


def test_every_named_mistake_has_words() -> None:
    assert {name for name, _ in mistakes.WRONG} < mistakes.MISTAKES.keys()


@pytest.mark.parametrize(("error", "diagnosis"), [("RuntimeError", "detached"), ("AttributeError", "")])
def test_a_way_back_that_fails_for_other_reasons_than_its_graph_costs_nothing(
    session: Callable[..., Session], error: str, diagnosis: str
) -> None:
    code = f"""
def fail(gradient):
    raise {error}("no way back")

class Patchification(nn.Module):
    def __init__(self, in_channels, patch_size, embedding_dim):
        super().__init__()
        self.projection = nn.Conv2d(in_channels, embedding_dim, patch_size, patch_size)

    def forward(self, images):
        tokens = self.projection(images).flatten(2).mT
        if tokens.requires_grad:
            tokens.register_hook(fail)
        return tokens
"""
    verdict = put(session, "3a", code, *load_cases(project_root() / "tests" / "cases" / "vit_patchification"))
    assert verdict.diagnosis == diagnosis
    assert verdict.state is (State.PARTIAL if diagnosis else State.PASS)
