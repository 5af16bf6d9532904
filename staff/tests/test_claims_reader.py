"""What the reader of saved outputs takes from cells: names of figures, models, curves, scalars, epochs of a log."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from autograder.course.root import project_root
from autograder.notebook.claims.figures import SEVERAL
from autograder.notebook.claims.model import CellSummary, Figure, SavedOutputs, Scalar
from autograder.notebook.claims.reader import claims
from autograder.notebook.notebook import read

PICTURE = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo="}}


def saved(*cells: str | tuple[str, str], picture: bool = False) -> SavedOutputs:
    """What the reader takes from cells, each a source with what it printed; the last one may show a picture."""
    listed: list[dict[str, Any]] = []
    for cell in cells:
        source, text = (cell, "") if isinstance(cell, str) else cell
        outputs: list[Any] = [{"output_type": "stream", "name": "stdout", "text": text}] if text else []
        listed.append({"cell_type": "code", "metadata": {}, "source": source, "outputs": outputs})
    if picture:
        listed[-1]["outputs"] = [PICTURE]
    return claims(read(json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": listed}).encode()))


# --- names


def table() -> list[tuple[str, str]]:
    """The words of the table in docs/accuracy.md, each with what a figure beside it is called."""
    text = (project_root() / "docs" / "accuracy.md").read_text("utf-8").partition("| words in the line |")[2]
    rows = re.findall(r"^\| (`.+`) \| (\w+)", text.partition("\n\n")[0], re.MULTILINE)
    return [(word, name) for words, name in rows for word in re.findall(r"`(.+?)`", words)]


def test_the_table_has_each_kind_of_name() -> None:
    assert len(table()) > 20 and {name for _, name in table()} == {"test", "other", "none"}


@pytest.mark.parametrize(("word", "name"), table())
def test_a_row_of_the_table_of_words(word: str, name: str) -> None:
    is_metric = word in ("accuracy", "acc", "정확도")
    for line in (f"{word}: 88.00 %", f"epoch 3 | {word} = 0.88") if is_metric else (
        f"{word} accuracy: 88.00 %", f"{word.title()} acc 0.88", f"{word} 정확도: 88.00 %",
        f"[{word.upper()}] loss 0.4, acc 0.88", f"acc ({word}): 88 %", f"{word}_acc=0.88",
    ):  # fmt: skip
        (figure,) = [one for one in saved(("evaluate()", f"{line}\n")).figures if one.metric == "accuracy"]
        assert figure.amount == pytest.approx(88), line
        assert {"test": "test", "": "none"}.get(figure.split, "other") == name, line


@pytest.mark.parametrize(
    ("lines", "splits"),
    [
        ("train acc 0.9 | valid acc 0.8 | test acc 0.7", ["train", "valid", "test"]),
        ("Test accuracy of the best validation model: 0.7", ["test"]),
        ("accuracy on the test data of the best validation model: 0.7", ["test"]),
        ("Training finished. Test accuracy: 0.7", ["test"]),
        ("Accuracy of the trained network on the 10000 test images: 70 %", ["test"]),
        ("학습된 모델의 테스트 정확도: 70.0 %", ["test"]),
        ("accuracy on the training and test data: 0.9, 0.7", [SEVERAL, SEVERAL]),
        ("[Test]\naccuracy: 0.7", ["test"]),
        ("Train\nacc 0.9\nTest\nacc 0.7", ["train", "test"]),
        ("acc 0.7 latest, device cuda", [""]),
        ("contest accuracy: 0.7", [""]),
    ],
)
def test_the_name_nearest_before_the_metric_holds(lines: str, splits: list[str]) -> None:
    assert [figure.split for figure in saved(("evaluate()", lines)).figures] == splits


# --- models

DEFINED = """
class Decoder(nn.Module): ...
class Translator(nn.Module):
    def __init__(self):
        self.decoder = Decoder()
class Baseline(nn.Module): ...
class Config:
    pass
"""


@pytest.mark.parametrize(
    ("cells", "models"),
    [
        (["print(evaluate(Translator()))"], {"Translator", "Decoder"}),
        (["model = Baseline()", "show(model)"], {"Baseline"}),
        (["model = Baseline()", "model = Translator()", "show(model)"], {"Translator", "Decoder"}),
        (["model = Translator()", "show(model)", "model = Baseline()"], set()),  # the cell that shows is the last one
        (["net = Baseline()", "model = nn.DataParallel(net)\nmodel = model.to(device)", "show(model)"], {"Baseline"}),
        (["model = Baseline()", "ppl = evaluate(model)", "model = Translator()", "print(ppl)"], {"Baseline"}),
        (["model = Baseline()", "model = model.to(device)", "show(model)"], {"Baseline"}),
        (["def make():\n    return Baseline()", "model = make()", "show(model)"], {"Baseline"}),
        (["def show(model):\n    print(model)", "model = Translator()", "show(other)"], set()),
        (["for model in [Baseline(), Decoder()]:\n    show(model)"], {"Baseline", "Decoder"}),
        (["a, b = b, a", "show(a)"], set()),
        (["show(Config())"], set()),
        (["show("], set()),
    ],
)
def test_the_models_that_a_cell_is_about(cells: list[str], models: set[str]) -> None:
    found = saved(DEFINED, *cells[:-1], (cells[-1], "Test perplexity: 3.0\n"))
    assert found.models == {"Decoder", "Translator", "Baseline"}
    assert found.figures[0].models == (models if cells[-1] != "model = Baseline()" else {"Baseline"})


def test_names_that_stand_for_each_other_without_end_are_followed_for_a_while() -> None:
    chain = [f"v{number} = v{number - 1} + v{number - 2}" for number in range(2, 300)]
    found = saved(DEFINED, "v0 = v1 = Baseline()", *chain, ("print(v299)", "Test accuracy: 0.7\n"))
    assert found.figures[0].models == {"Baseline"}


# --- curves and scalars

HELPER = 'def draw(history):\n    plt.plot(history["ppl"])\n    plt.show()'


@pytest.mark.parametrize(
    ("cells", "drawn"),
    [
        (["plt.plot(perplexities)\nplt.plot(lrs)"], "perplexity rate"),
        (["plt.plot(a, label='valid PPL')\nplt.title('learning rate')"], "perplexity rate"),
        (["plt.plot(perplexities)\nlr = 0.1\nprint('lr', lr)"], "perplexity"),
        ([HELPER, 'history = {"ppl": [], "lr": []}\nhistory["lr"].append(1)\ndraw(history)'], "perplexity"),
        ([HELPER, 'draw({"ppl": ppl, "lr": lr})'], "perplexity"),
        ([HELPER, "run(lr=0.1)"], ""),
        ([f"{HELPER}\n    plt.plot(history['lr'])", "draw(history)"], "perplexity rate"),
        (["from tools import plot_both", "plot_both(losses, rates)"], "loss rate"),
        (["from tools import plot_both", "history = {'ppl': p, 'lr': r}", "plot_both(history)"], ""),
        (["h = {'ppl': [], 'lr': []}", "for key, values in h.items():\n    plt.plot(values)"], "perplexity rate"),
        (["h['ppl'] = []\nh['lr'] = []", "[plt.plot(values) for values in h.values()]"], "perplexity rate"),
        (["h = {'ppl': [], 'lr': []}", "for key in ['ppl']:\n    plt.plot(h[key])"], "perplexity"),
        (["h = {'ppl': [], 'lr': []}", "for values in h.values():\n    print(values)\nplt.plot(other)"], ""),
        (["h = {'ppl': [], 'lr': []}", "for x in {'ppl': h['ppl']}.values():\n    plt.plot(x)"], "perplexity"),
        (["for lr in rates:\n    plt.plot(ppls)"], "perplexity"),
        (["plt.plot(ppls"], ""),
    ],
)  # fmt: skip
def test_what_the_drawing_calls_of_a_cell_mention(cells: list[str], drawn: str) -> None:
    (cell,) = saved(*cells, picture=True).cells
    assert cell.plotted & {"perplexity", "loss", "rate"} == set(drawn.split())


def test_a_cell_without_a_picture_draws_nothing() -> None:
    (cell,) = saved(("plt.plot(ppls)", "<Figure size 640x480>")).cells
    assert (cell.pictures, cell.plotted) == (0, frozenset())


@pytest.mark.parametrize(
    ("cells", "logged"),
    [
        (['writer.add_scalar("loss/train", x, 1)'], {"train loss"}),
        (['writer.add_scalar("Loss", valid_loss, step)'], {"valid loss"}),
        (['train_writer.add_scalar(tag="acc", scalar_value=x)'], {"train accuracy"}),
        (['writer.add_scalars("acc", {"train": a, "valid": b}, 1)'], {"train accuracy", "valid accuracy"}),
        (['for k in ("train", "valid"):\n    writer.add_scalar(f"{k}/loss", x, 1)'], {"train loss", "valid loss"}),
        (['def log(name, x):\n    writer.add_scalar(name, x)', 'log("train loss", 1)'], {"train loss"}),
        (['writer.add_scalar("learning rate", rate, step)\nvalid_loss = evaluate(model)'], set()),
        (['writer.add_scalar("loss/train", x, len(valid_loader))'], {"train loss"}),
        (['add_scalar("loss/train", x)', 'writer.add_scalar("loss/train", x'], set()),
    ],
)  # fmt: skip
def test_scalars_by_the_words_of_tag_and_value(cells: list[str], logged: set[str]) -> None:
    scalars = saved(*cells).scalars
    pairs = [(split, metric) for split in ("train", "valid") for metric in ("loss", "accuracy")]
    assert {f"{s} {m}" for s, m in pairs if any({s, m} <= one.words for one in scalars)} == logged


# --- epochs


@pytest.mark.parametrize(
    ("lines", "logged", "asked", "end"),
    [
        (["Epoch 1/3: loss 2", "Epoch 2/3: loss 1"], 3, 3, ""),  # it may count otherwise than its total
        ([f"Epoch [{number}/60] loss 1" for number in range(1, 32)], 31, 60, "epoch 31 of 60"),
        ([f"[{number}/60] epochs" for number in range(1, 32)], 31, 60, "epoch 31 of 60"),
        ([f"에폭 {number}/60: 손실 1" for number in range(0, 31)], 31, 60, "epoch 31 of 60"),
        ([f"epoch {number} of 60" for number in range(0, 60, 5)], 60, 60, ""),
        (["epoch 1: loss 2", "epoch 2: loss 1"], 2, 0, ""),
        (["Epochs:  52%|█████▏    | 31/60 [09:55<09:17, 19.2s/it]"], 31, 60, "epoch 31 of 60"),
        (["100%|██████████| 391/391 [00:10<00:00]"], 0, 0, ""),
        (["Epoch 1/9", "Epoch 2/9", "Epoch 1/9", "Epoch 2/9", "Epoch 3/9"], 3, 9, "epoch 3 of 9"),
        (["loss 2", "loss 1"], 0, 0, ""),
    ],
)
def test_epochs_are_counted_in_the_log_alone(lines: list[str], logged: int, asked: int, end: str) -> None:
    (cell,) = saved(("EPOCHS = 500\nfor epoch in range(EPOCHS):\n    train()", "\n".join(lines))).cells
    assert (cell.logged, cell.asked, cell.end, cell.stops_early) == (logged, asked, end, False)


def test_a_log_may_say_that_it_stops_early() -> None:
    text = "Epoch 1/60\nEpoch 2/60\nEarly stopping: no improvement\n"
    (cell,) = saved(("train()", text)).cells
    assert cell.end == "epoch 2 of 60" and cell.stops_early


# --- the wire

TOLD = SavedOutputs(
    [Figure("accuracy", ("test",), 91.5, True, "test", 1, 2, "Test accuracy: 91.5 %", frozenset({"ViT"}), False)],
    [CellSummary(1, 1, frozenset({"loss", "rate"}), "KeyboardInterrupt", 3, 3, 10, True)],
    [Scalar(1, frozenset({"accuracy", "valid"}))],
    frozenset({"ViT", "MLP"}),
)


def test_what_was_read_travels_as_json() -> None:
    assert SavedOutputs.from_wire(json.loads(json.dumps(TOLD.to_wire()))) == TOLD


def test_every_part_of_another_form_is_refused() -> None:
    for kind in ("figures", "cells", "scalars"):
        (entry,) = TOLD.to_wire()[kind]
        for key in entry:
            for broken in ({other: entry[other] for other in entry if other != key}, "x", None, [], [entry]):
                with pytest.raises((KeyError, TypeError, ValueError)):
                    SavedOutputs.from_wire(TOLD.to_wire() | {kind: [broken]})
    for key in TOLD.to_wire():
        for wrong in (None, 7, [None] * 4001):
            with pytest.raises((KeyError, TypeError, ValueError)):
                SavedOutputs.from_wire(TOLD.to_wire() | {key: wrong})
    for value in (float("nan"), float("inf"), None, "x"):
        with pytest.raises((TypeError, ValueError)):
            Figure.from_wire(replace(TOLD.figures[0]).to_wire() | {"value": value})
