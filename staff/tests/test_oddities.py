"""What looks typed in saved outputs: logs with gaps, losses that stand still, figures that no test set gives."""

import pytest

from autograder.notebook.claims.figures import figures
from autograder.notebook.claims.model import Figure
from autograder.notebook.claims.oddities import oddities
from autograder.notebook.claims.shares import is_share
from autograder.notebook.outputs import MAX_LINES, shown


def odd(*lines: str) -> tuple[str, ...]:
    """The oddities of a cell that printed these lines."""
    text = "".join(f"{line}\n" for line in lines)
    return oddities(shown([{"output_type": "stream", "name": "stdout", "text": text}]))


def log(*epochs: int) -> list[str]:
    return [f"Epoch {one}/60: train loss {2 / (one + 1):.4f}, valid accuracy {50 + one / 3:.2f} %" for one in epochs]


def losses(*values: float, form: str = "Epoch {}: train loss {}") -> list[str]:
    return [form.format(epoch, value) for epoch, value in enumerate(values, 1)]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (log(1, 2, 3, 5, 6), "epoch 4 is missing"),
        (log(*range(1, 20), *range(23, 31)), "epoch 20 is missing, and 2 more"),
        (log(1, 2, 4, 3, 5), "epoch 3 stands behind epoch 4"),
        (log(0, 1, 2, 3, 4, 6, 5), "epoch 5 stands behind epoch 6"),
        (log(5, 10, 15, 25, 30, 35), "epoch 20 is missing"),
        (losses(0.9, 0.612, 0.612, 0.612), "the loss is exactly 0.612 in epochs 2, 3, 4"),
        (losses(2.3026, 2.3026, 2.3026, form="[{}/3 epochs] loss: {}"), "exactly 2.3026 in epochs 1, 2, 3"),
        (losses(0.51, 0.412, 0.412, 0.412, form="epoch {}\n  손실 {}"), "exactly 0.412 in epochs 2, 3, 4"),
    ],
)
def test_a_typed_log_shows(lines: list[str], says: str) -> None:
    (found,) = odd(*lines)
    assert says in found


@pytest.mark.parametrize(
    "lines",
    [
        log(*range(1, 61)),
        log(*range(60)),
        log(1, *range(5, 61, 5)),
        log(*range(0, 50, 10), 49),
        log(28, 29, 30, 31),
        [*log(*range(1, 6)), *log(*range(1, 9))],
        [line for epoch in range(1, 6) for line in (*log(epoch), f"Epoch {epoch} batch 100: loss 0.5")],
        [*log(*range(1, 9)), "Best epoch: 6, valid accuracy 52.00 %", "Epoch 8: early stopping"],
        [*log(1, 2), "Epoch 3: saved, loss 0.31", *log(4, 5, 6)],
        log(1, 2, 3, 5, 8, 13, 21, 34),  # only what is better than before
        losses(*[0.01] * 8),
        losses(*[0.612, 0.612, 0.6] * 3),
        [*log(*range(1, 700)), *["Epoch 700 step"] * MAX_LINES, *log(*range(900, 1000))],  # the middle is left out
        ["Test accuracy: 88.31 %"],
        [],
    ],
)
def test_an_honest_log_is_not_odd(lines: list[str]) -> None:
    assert odd(*lines) == ()


def accuracy(line: str) -> Figure:
    (one,) = figures(shown([{"output_type": "stream", "name": "stdout", "text": line}]).lines)
    return Figure(one.metric, one.words, one.value, one.percent, one.split, 1, 1, line, decimals=one.decimals)


@pytest.mark.parametrize(
    ("line", "examples", "possible"),
    [
        (f"Test accuracy: {100 * 6747 / 7600:.2f} %", 7600, True),
        (f"Test accuracy: {100 * 6747 / 7600} %", 7600, True),
        (f"Test accuracy: {6747 / 7600:.4f}", 7600, True),
        (f"Test accuracy: {6747 / 7600}", 7600, True),
        (f"test acc {100 * 6700 / 7552:.6f}", 7600, True),  # 118 batches of 64
        (f"test acc {6747 / 7600 + 4e-8}", 7600, True),  # in single precision
        ("Test accuracy: 88.7913 %", 7600, False),
        ("Test accuracy: 0.887913", 7600, False),
        ("Test accuracy: 88.7 %", 7600, True),
        ("Test accuracy: 66.12 %", 10_000, True),
        ("Test accuracy: 66.1276 %", 10_000, False),
        ("Test accuracy: 0.661276", 10_000, False),
        ("Test accuracy: 100 %", 10_000, True),
    ],
)
def test_a_figure_is_a_share_of_the_test_examples(line: str, examples: int, possible: bool) -> None:
    assert is_share(accuracy(line), examples) is possible
