"""Figures in saved outputs: which one counts, which points follow, and what a teaching assistant is told to look at."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from marks import put

from autograder.authoring import build
from autograder.authoring.outputs import PICTURE, recorded, with_outputs
from autograder.checks.question import Check
from autograder.course.course import load_course
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.marking.verdict import State, Verdict
from autograder.protocol.session import Session
from autograder.sandbox import Sandbox

ROOT = project_root(Path(__file__).parent)
COURSE = load_course(ROOT, load(ROOT)["hw4"])
QUESTIONS: dict[str, Check] = {}
for listed in COURSE.questions.values():
    QUESTIONS.update({check.question: check for check in listed})
NAMES = {"1f": "hw4_rnn.ipynb", "2c": "hw4_seq2seq.ipynb", "3e": "hw4_vit.ipynb"}
SHOWN = {"output_type": "display_data", "metadata": {}, "data": {"image/png": PICTURE}}
STOPPED = {"output_type": "error", "ename": "KeyboardInterrupt", "evalue": "", "traceback": []}

Cell = tuple[str, str | list[dict[str, Any]]]


def notebook(cells: tuple[Cell, ...]) -> bytes:
    """A notebook of (source, what it printed, or its outputs)."""
    saved = []
    for source, outputs in cells:
        if isinstance(outputs, str) and outputs != "text":
            outputs = [printed(outputs)] if outputs else []
        saved.append({"cell_type": "code", "metadata": {}, "execution_count": 1, "source": source, "outputs": outputs})
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": saved}).encode()


def printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}


@pytest.fixture
def mark(sandbox: Sandbox) -> Iterator[Callable[..., Verdict]]:
    """Marks one accuracy question on a notebook of these cells."""
    opened: list[Session] = []

    def one(label: str, *cells: Cell, before: dict[str, list[str]] | None = None) -> Verdict:
        opened.append(Session(sandbox.fork, notebook(cells), NAMES[label], 60))
        earlier = {question: tuple(names) for question, names in (before or {"2b": []}).items()}
        return put(QUESTIONS[label], opened[-1], (), 0, earlier)

    yield one
    for session in opened:
        session.close()


WRITES = """
for epoch in range(2):
    writer.add_scalar("loss/train", train_loss, epoch)
    writer.add_scalar("loss/valid", valid_loss, epoch)
    writer.add_scalar("accuracy/train", train_accuracy, epoch)
    writer.add_scalar("accuracy/valid", valid_accuracy, epoch)
"""
ACCURACY = 'test_loss, test_accuracy = evaluate(model, test_loader)\nprint(f"Test accuracy: {test_accuracy:.2f} %")'
PERPLEXITY = 'perplexity = evaluate(model, test_loader)\nprint(f"Test perplexity: {perplexity:.3f}")'
CURVES = """
figure, (left, right) = plt.subplots(1, 2)
left.plot(perplexities)
left.set_ylabel("perplexity")
right.plot(rates)
right.set_ylabel("learning rate")
plt.show()
"""
TRAINS = """
EPOCHS = 60
for epoch in range(1, EPOCHS + 1):
    train(model, train_loader)
    test_acc = evaluate(model, test_loader)
    print(f"Epoch {epoch}/{EPOCHS}: test accuracy {test_acc:.2f} %")
"""


def log(epochs: int, best: float) -> str:
    return "".join(
        f"Epoch {epoch}/60: test accuracy {best - abs(epoch - epochs):.2f} %\n" for epoch in range(1, epochs + 1)
    )


@pytest.mark.parametrize("notebook_name", sorted(NAMES.values()))
def test_what_the_solutions_printed_earns_full_marks(sandbox: Sandbox, notebook_name: str) -> None:
    topics = COURSE.assignment.notebooks[notebook_name]
    solution = build.to_bytes(build.solution_notebook(build.read_sources(ROOT, topics)))
    label = next(label for label, name in NAMES.items() if name == notebook_name)
    for outputs, state in ((recorded(ROOT, topics), State.PASS), ({}, State.FAIL)):
        with Session(sandbox.fork, with_outputs(solution, outputs), notebook_name, 60) as session:
            verdict = put(QUESTIONS[label], session, (), 0, {"2b": ()})
        assert verdict.state is state and not verdict.flags, verdict
        assert bool(verdict.figure) is (state is State.PASS)


def test_the_cell_that_prints_the_test_accuracy_of_the_vit_is_given() -> None:
    sources = build.read_sources(ROOT, ["vit"])
    skeleton, solution = (
        next(cell for cell in make(sources).cells if "Test accuracy: {" in cell.source)
        for make in (build.skeleton_notebook, build.solution_notebook)
    )
    assert skeleton.source == solution.source
    (shown,) = recorded(ROOT, ["vit"])[solution.id]
    assert re.fullmatch(r"Test accuracy: \d\d\.\d\d %\n", "".join(shown["text"]))


@pytest.mark.parametrize(
    ("line", "points", "diagnosis"),
    [
        ("Test accuracy: 70.01 %\n", 5, ""),
        ("Test accuracy: 70.00 %\n", 0, "not above 70 %"),
        ("Test accuracy: 12.50 %\n", 0, "not above 70 %"),
        ("Training is over\n", 0, "no figure"),
        ("Training accuracy: 92.00 %\n", 0, "no figure"),
        ("Test loss: 0.41\n", 0, "no figure"),
        ("", 0, "no figure"),
    ],
)
def test_1f_needs_a_test_accuracy_above_70(
    mark: Callable[..., Verdict], line: str, points: int, diagnosis: str
) -> None:
    verdict = mark("1f", (WRITES, ""), (ACCURACY, line))
    assert (verdict.points, verdict.diagnosis) == (points, diagnosis)
    assert len(verdict.message.splitlines()) <= 6


@pytest.mark.parametrize(
    ("label", "cells", "line", "worth"),
    [
        (
            "1f",
            ((WRITES, ""), (ACCURACY, "Validation accuracy: 92.00 %\n")),
            "Validation accuracy: 92.00 %",
            "5 points",
        ),
        ("1f", ((WRITES, ""), (ACCURACY, "dev acc 0.92\n")), "dev acc 0.92", "5 points"),
        ("1f", ((WRITES, ""), (ACCURACY, "train/test accuracy: 99.00/60.00 %\n")), "99.00/60.00", "5 points"),
        (
            "1f",
            ((ACCURACY, "정확도: 92.00 %\n"),),
            "정확도: 92.00 %",
            "3 points, since the code logs no loss of training",
        ),
        ("2c", ((CURVES, [SHOWN]), (PERPLEXITY, "epoch 5: ppl 9\nppl 6.99\n")), "ppl 6.99", "10 points"),
        (
            "2c",
            ((PERPLEXITY, "Valid PPL 6.99\n"),),
            "Valid PPL 6.99",
            "7 points, since the saved outputs show no curve",
        ),
        ("3e", ((TRAINS, "epoch 1: loss 2\nepoch 2: loss 1\nAccuracy: 65.00 %\n"),), "Accuracy: 65.00 %", "5 points"),
    ],
)
def test_a_figure_under_another_name_that_reaches_the_threshold_is_for_a_person(
    mark: Callable[..., Verdict], label: str, cells: tuple[Cell, ...], line: str, worth: str
) -> None:
    verdict = mark(label, *cells)
    assert (verdict.state, verdict.diagnosis) == (State.UNGRADED, "not called test"), verdict
    lines = verdict.message.splitlines()
    assert lines[1].startswith(f"in {NAMES[label]}, code cell ") and line in lines[1]
    assert any(one.startswith("look at: which data and which model code cell ") for one in lines)
    assert f"it earns {worth}" in lines[-1] and len(lines) <= 6 and verdict.figure


@pytest.mark.parametrize(
    ("label", "printed_lines", "quoted"),
    [
        ("1f", "epoch 1: valid acc 61.00 %\nepoch 2: valid acc 69.99 %\nepoch 3: valid acc 55.00 %\n", "69.99 %"),
        ("2c", "epoch 1: dev ppl 9.00\nepoch 2: dev ppl 7.00\nepoch 3: dev ppl 8.00\n", "7"),
        ("3e", "epoch 1: valid acc 61 %\nepoch 2: valid acc 64.99 %\nepoch 3: valid acc 55 %\n", "64.99 %"),
    ],
)
def test_the_best_figure_under_another_name_is_quoted_where_it_is_not_enough(
    mark: Callable[..., Verdict], label: str, printed_lines: str, quoted: str
) -> None:
    verdict = mark(label, (TRAINS, printed_lines))
    assert verdict.state is State.FAIL and verdict.diagnosis.startswith(("not ", "below "))
    assert f"the best other is {quoted} (called validation)" in verdict.message
    assert "output line 2: epoch 2: " in verdict.message


def test_a_training_figure_is_never_for_a_person(mark: Callable[..., Verdict]) -> None:
    lines = "epoch 1/9: train acc 97.00 %\nepoch 2/9: train acc 98.00 %\nepoch 3/9: train acc 96.00 %\n"
    verdict = mark("1f", (WRITES, lines))
    assert (verdict.state, verdict.diagnosis) == (State.FAIL, "no figure")
    assert "the best other is 98.00 % (called training): code cell 1, output line 2: epoch 2/9" in verdict.message
    assert "epoch 3 of 9" in verdict.message


def test_a_test_figure_counts_whatever_other_names_reach(mark: Callable[..., Verdict]) -> None:
    lines = "Validation accuracy: 92.00 %\nTest accuracy: 61.00 %\nTest accuracy: 69.00 %\nAccuracy: 88.00 %\n"
    verdict = mark("1f", (WRITES, ""), (ACCURACY, lines))
    assert (verdict.state, verdict.diagnosis, verdict.figure) == (State.FAIL, "not above 70 %", "69.00 %")
    assert "output line 3: Test accuracy: 69.00 %" in verdict.message


def test_of_equal_figures_the_last_one_counts(mark: Callable[..., Verdict]) -> None:
    verdict = mark("1f", (ACCURACY, "Test accuracy: 69.00 %\n" * 2), (ACCURACY, "Test acc 0.69\nTest acc 0.5\n"))
    assert "code cell 2, output line 1: Test acc 0.69" in verdict.message


@pytest.mark.parametrize("source", ["", "# print(accuracy)\n", "\n\n"])
def test_a_figure_in_a_cell_without_code_is_void(mark: Callable[..., Verdict], source: str) -> None:
    cells = ((TRAINS, log(60, 60).replace("test ", "")), (source, "Test accuracy: 88.00 %\n"))
    verdict = mark("3e", *cells[1:])
    assert (verdict.state, verdict.diagnosis, verdict.figure) == (State.FAIL, "void", "88.00 %")
    assert "code cell 1 has no code" in verdict.message
    assert mark("3e", *cells).points == 0
    beside = mark("3e", *cells, (ACCURACY, "Test accuracy: 66.00 %\n"))
    assert (beside.points, beside.figure) == (5, "66.00 %")
    assert beside.flags == ("a figure in a cell without code: code cell 2, output line 1: Test accuracy: 88.00 %",)
    assert mark("3e", cells[0], ("x = (", "Test accuracy: 88.00 %\n")).points == 5  # code, though it does not parse


@pytest.mark.parametrize("missing", ["loss/train", "loss/valid", "accuracy/train", "accuracy/valid"])
def test_1f_without_a_scalar_earns_3(mark: Callable[..., Verdict], missing: str) -> None:
    writes = "\n".join(line for line in WRITES.splitlines() if missing not in line)
    verdict = mark("1f", (writes, ""), (ACCURACY, "Test accuracy: 88.00 %\n"))
    assert (verdict.points, verdict.diagnosis, verdict.figure) == (3, "not logged", "88.00 %")


@pytest.mark.parametrize(
    ("line", "pictures", "points", "diagnosis"),
    [
        ("Test perplexity: 3.860\n", 1, 10, ""),
        ("Test perplexity: 6.999\n", 1, 10, ""),
        ("Test perplexity: 7.000\n", 1, 0, "not under 7"),
        ("Test perplexity: 3.860\n", 0, 7, "no curve"),
        ("Test perplexity: 0.000\n", 1, 0, "perplexity below 1"),
        ("Test perplexity: 0.999\n", 1, 0, "perplexity below 1"),
        ("Validation perplexity: 7.100\n", 1, 0, "not under 7"),
    ],
)
def test_2c_needs_a_test_perplexity_under_7_and_curves(
    mark: Callable[..., Verdict], line: str, pictures: int, points: int, diagnosis: str
) -> None:
    verdict = mark("2c", (CURVES, [SHOWN] * pictures), (PERPLEXITY, line))
    assert (verdict.points, verdict.diagnosis) == (points, diagnosis)


@pytest.mark.parametrize("gone", ["perplexity", "rate"])
def test_2c_without_one_of_its_curves_earns_7(mark: Callable[..., Verdict], gone: str) -> None:
    curves = "\n".join(line for line in CURVES.splitlines() if gone not in line and f"{gone[:4]}" not in line)
    verdict = mark("2c", (curves, [SHOWN]), (PERPLEXITY, "Test perplexity: 3.860\n"))
    assert (verdict.points, verdict.diagnosis) == (7, "no curve")


def test_a_perplexity_from_a_target_leak_is_void(mark: Callable[..., Verdict]) -> None:
    cells = ((CURVES, [SHOWN]), (PERPLEXITY, "Test perplexity: 1.177\n"))
    assert mark("2c", *cells, before={"2b": [""]}).points == 10
    verdict = mark("2c", *cells, before={"2b": ["target leak"]})
    assert (verdict.points, verdict.diagnosis) == (0, "void") and verdict.figure.endswith("1.177")


MODELS = """
class LSTMSeq2Seq(nn.Module):
    pass
class Baseline(nn.Module):
    pass
"""
OWN, OTHER = f"model = LSTMSeq2Seq()\n{PERPLEXITY}", f"model = Baseline()\n{PERPLEXITY}"


def test_a_perplexity_is_of_the_model_whose_cell_printed_it(mark: Callable[..., Verdict]) -> None:
    curve, models = (CURVES, [SHOWN]), (MODELS, "")
    own, other = (OWN, "Test perplexity: 7.50\n"), (OTHER, "Test perplexity: 3.00\n")
    for cells in ((own, other), (other, own)):
        verdict = mark("2c", models, curve, *cells)
        assert (verdict.state, verdict.figure) == (State.FAIL, "perplexity 7.5")
        (flag,) = verdict.flags
        assert flag.startswith("a better figure is of Baseline, not of LSTMSeq2Seq: code cell ")
    alone = mark("2c", models, curve, other)
    assert (alone.state, alone.diagnosis) == (State.UNGRADED, "another model's figure")
    assert "(of Baseline, not of LSTMSeq2Seq)" in alone.message
    assert mark("2c", models, curve, other, (OWN, "Test perplexity: 6.50\n")).figure == "perplexity 6.5"


def test_a_notebook_without_the_questions_model_is_judged_by_what_it_has(mark: Callable[..., Verdict]) -> None:
    renamed = (MODELS.replace("LSTMSeq2Seq", "Translator"), "")
    assert mark("2c", renamed, (CURVES, [SHOWN]), (OTHER, "Test perplexity: 3.00\n")).points == 10


def test_a_run_that_stopped_at_31_of_60_fails_by_its_best_figure(mark: Callable[..., Verdict]) -> None:
    verdict = mark("3e", (TRAINS, [printed(log(31, 64.75)), STOPPED]))
    assert (verdict.points, verdict.figure) == (0, "64.75 %")
    assert "epoch 31 of 60" in verdict.message
    reached = mark("3e", (TRAINS, [printed(log(31, 65.00)), STOPPED]))
    assert reached.points == 5 and any("epoch 31 of 60" in flag for flag in reached.flags)
    assert "code cell 1 was interrupted" in reached.flags


def test_3e_needs_the_log_too(mark: Callable[..., Verdict]) -> None:
    assert mark("3e", (ACCURACY, "Test accuracy: 66.10 %\n")).diagnosis == "no log"
    assert mark("3e", (TRAINS, log(60, 60)), (ACCURACY, "Test accuracy: 66.10 %\n")).points == 5


@pytest.mark.parametrize(
    "outputs",
    [
        None,
        7,
        "text",
        [None, 3, "x", [], {}],
        [{"output_type": "stream", "text": None}],
        [{"output_type": "stream", "text": {"a": 1}}],
        [{"output_type": "display_data", "data": [1]}],
        [{"output_type": "error", "ename": 5}],
        [{"output_type": "stream", "name": "stdout", "text": "Test accuracy: " + "9" * 2_000_000}],
        [{"output_type": "stream", "name": "stdout", "text": "\x1b[31m" * 10_000 + "\r" * 10_000}],
    ],
)
def test_broken_outputs_are_no_figure(mark: Callable[..., Verdict], outputs: Any) -> None:
    verdict = mark("1f", (WRITES, ""), (ACCURACY, outputs))
    assert (verdict.state, verdict.diagnosis) == (State.FAIL, "no figure"), verdict


def test_what_looks_typed_is_flagged_and_costs_nothing(mark: Callable[..., Verdict]) -> None:
    typed = log(60, 66.12).replace("Epoch 30/60", "Epoch 31/60")
    verdict = mark("3e", (TRAINS, typed))
    assert (verdict.state, verdict.points) == (State.PASS, 5)
    assert verdict.flags == ("code cell 1: epoch 30 is missing",)
    printed_figure = ACCURACY.replace(":.2f", ":.4f")
    verdict = mark("1f", (WRITES, ""), (printed_figure, "Test accuracy: 88.7913 %\n"))
    assert verdict.points == 5 and len(verdict.flags) == 1
    assert verdict.flags[0].startswith("no number of 7,600 test examples, or of full batches, gives this: code cell 2")
