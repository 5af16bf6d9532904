"""Given cells of assignment 2 that show a student something: what is right, what is wrong, what is half done."""

import re
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import pytest
import torch

from autograder.authoring import build
from autograder.authoring.regions import placeholder
from autograder.course.root import project_root

ROOT = project_root()
GRADIENTS = ("grad_hidden", "grad_weight_ih", "grad_weight_hh", "grad_bias_ih", "grad_bias_hh")


@pytest.fixture(autouse=True)
def _without_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    mpl.use("Agg")


class NoCheck:
    def __call__(self, question: str) -> None:
        pass

    def all(self) -> None:
        pass


def run(topic: str, swaps: Mapping[str, str], skeleton: bool = False) -> dict[str, Any]:
    """The globals after all code cells of a topic but the set-up, in which each text was replaced by another."""
    make = build.skeleton_notebook if skeleton else build.solution_notebook
    notebook = make(build.read_sources(ROOT, [topic]))
    code = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code" and cell.id != "set-up")
    for old, new in swaps.items():
        assert old in code
        code = code.replace(old, new)
    names: dict[str, Any] = {"check": NoCheck()}
    exec(compile(code, topic, "exec"), names)
    return names


def errors_in(printed: str) -> dict[str, float]:
    """The relative errors that the gradient check printed, by gradient."""
    return {name: float(error) for name, error in re.findall(r"(grad_\w+) +relative error: (\S+)", printed)}


def test_right_gradients_have_small_relative_errors(capsys: pytest.CaptureFixture[str]) -> None:
    run("gru", {})
    printed = capsys.readouterr().out
    assert "your gru_forward: 1.6669, by hand: 1.6669" in printed
    errors = errors_in(printed)
    assert tuple(errors) == GRADIENTS and max(errors.values()) < 1e-7


def test_the_gradient_check_shows_the_gradients_that_are_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    run("gru", {"[grad_r, grad_z, grad_n * r]": "[grad_r, grad_z, grad_n]"})
    errors = errors_in(capsys.readouterr().out)
    wrong = {name for name, error in errors.items() if error > 1e-4}
    assert wrong == {"grad_hidden", "grad_weight_hh", "grad_bias_hh"}


def test_half_done_gradients_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    forward = "    output = torch.zeros_like(hidden)"
    written = "    grad_hidden, grad_bias_ih = torch.zeros_like(hidden), torch.zeros(3)"
    run(
        "gru",
        {f"    {placeholder('gru_forward')}": forward, f"    {placeholder('gru_backward')}": written},
        skeleton=True,
    )
    lines = capsys.readouterr().out.splitlines()
    assert "grad_hidden    relative error: 0.0e+00" in lines
    assert "grad_bias_ih: wrong shape (3,), expected (12,)" in lines
    assert [line for line in lines if line.endswith("is not written yet")] == [
        f"{name} is not written yet" for name in ("grad_weight_ih", "grad_weight_hh", "grad_bias_hh")
    ]


@pytest.mark.parametrize(("topic", "name"), [("gru", "gru_forward"), ("swin", "cal_window_transformer_block")])
def test_a_skeleton_says_what_is_not_written(topic: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(topic, {}, skeleton=True)
    assert set(capsys.readouterr().out.split("\n")) == {f"{name} is not written yet", ""}


def test_a_corner_reaches_its_window_and_half_a_window_more() -> None:
    reached = run("swin", {})["reached_from"]((0, 0), (12, 16), (4, 4))
    expected = torch.zeros(12, 16, dtype=torch.bool)
    expected[:6, :6] = True
    assert torch.equal(reached, expected)


def test_a_corner_reaches_the_opposite_edge_where_the_mask_is_missing() -> None:
    unmasked = {"scores.masked_fill(hidden, -torch.inf)": "scores"}
    reached = run("swin", unmasked)["reached_from"]((0, 0), (12, 16), (4, 4))
    assert reached[-1, -1] and reached[0, -1] and reached[-1, 0]


def test_the_attention_that_is_shown_is_the_students_own(capsys: pytest.CaptureFixture[str]) -> None:
    names = run("swin", {})
    with names["Softmaxes"]() as softmaxes:
        names["cal_window_transformer_block"](torch.zeros(1, 8, 8, 1), (4, 4), 1)
    shifted = softmaxes.results[-1].reshape(-1, 16, 16)
    assert [round(float((window > 0).float().mean()), 3) for window in shifted] == [1, 0.5, 0.5, 0.25]
    run("swin", {placeholder("cal_window_transformer_block"): "pass"}, skeleton=True)
    assert "no softmax over 16 keys was seen" in capsys.readouterr().out
