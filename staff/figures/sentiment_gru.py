"""A review read by two layers of GRU in both directions: the states of the real words become one logit."""

from figures.sketch import AMBER, BLUE, GREEN, GREY, QUIET, ROSE, Sketch

WORDS = ("not", "bad", "at", "all", "<pad>", "<pad>")
LENGTH = 4
FIRST, STEP = 190, 118
WORD, EMBEDDING, LOWER, UPPER, SUMMARY = 455, 388, 300, 200, 105


def figure() -> Sketch:
    """The model over one review of a batch."""
    sketch = Sketch(930, 500)
    sketch.text((465, 28), "From a review to one logit", points=14, bold=True)
    for row, name in ((EMBEDDING, "embeddings"), (LOWER, "layer 1"), (UPPER, "layer 2"), (SUMMARY, "one vector")):
        sketch.text((28, row), name, align="left", colour=QUIET, points=10.5)
    for step, word in enumerate(WORDS):
        _column(sketch, FIRST + step * STEP, word, filling=step >= LENGTH)
    for row in (LOWER, UPPER):
        for step in range(LENGTH - 1):
            left, right = FIRST + step * STEP + 36, FIRST + (step + 1) * STEP - 36
            sketch.arrow((left, row - 9), (right, row - 9), AMBER.line)
            sketch.arrow((right, row + 9), (left, row + 9), GREEN.line)
    middle = FIRST + (LENGTH - 1) * STEP / 2
    sketch.box((middle, SUMMARY), (LENGTH * STEP - 30, 36), "mean, maximum, last state, ...: your choice", ROSE)
    sketch.arrow((middle + LENGTH * STEP / 2 - 15, SUMMARY), (690, SUMMARY))
    sketch.box((765, SUMMARY), (146, 36), "one logit: +2.3", ROSE)
    sketch.text((FIRST + 4.5 * STEP, UPPER + 50), "filling: in no state\nand in no mean", colour=QUIET, points=10)
    return sketch


def _column(sketch: Sketch, x: float, word: str, filling: bool) -> None:
    """One word, and above it its embedding and its states."""
    sketch.box((x, WORD), (92, 34), word, GREY if filling else GREEN)
    sketch.box((x, EMBEDDING), (64, 36), "", GREY if filling else BLUE)
    sketch.arrow((x, WORD - 17), (x, EMBEDDING + 20))
    if filling:
        return
    sketch.arrow((x, EMBEDDING - 18), (x, LOWER + 30))
    sketch.box((x, LOWER), (66, 52), "", AMBER)
    sketch.arrow((x, LOWER - 26), (x, UPPER + 30))
    sketch.box((x, UPPER), (66, 52), "", AMBER)
    sketch.arrow((x, UPPER - 26), (x, SUMMARY + 22))
