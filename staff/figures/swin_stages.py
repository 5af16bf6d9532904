"""Swin and ViT on a picture of 32 x 32 pixels: how many tokens of how many channels leave each stage."""

from figures.sketch import AMBER, BLUE, GREEN, GREY, QUIET, ROSE, Sketch, Tone
from matplotlib.patches import Rectangle

STAGES = (
    ("16 x 16 tokens", "48 channels", 16),
    ("8 x 8 tokens", "96 channels", 8),
    ("4 x 4 tokens", "192 channels", 4),
)
SWIN, VIT = 165, 410
SIZE = 100


def figure() -> Sketch:
    """Two rows: a Swin above, a ViT below."""
    sketch = Sketch(930, 520)
    sketch.text((465, 28), "A Swin has stages, a ViT has one", points=14, bold=True)
    sketch.text((28, 62), "Swin, patches of 2 x 2, windows of 4 x 4", align="left", points=11.5)
    _picture(sketch, 90, SWIN)
    for number, (tokens, channels, side) in enumerate(STAGES):
        x = 290 + number * 195
        sketch.arrow((x - 145 + (10 if number else 0), SWIN), (x - SIZE / 2 - 8, SWIN))
        _tokens(sketch, x, SWIN, side, 4, (BLUE, AMBER, GREEN)[number])
        sketch.text((x, SWIN + 74), f"{tokens}\n{channels}", points=10)
        label = "cut into\npatches" if not number else "merge\n2 x 2"
        sketch.text((x - 98, SWIN - 28), label, points=9.5, colour=QUIET)
        windows = ("16 windows", "4 windows", "1 window")[number]
        sketch.text((x, SWIN + 114), f"stage {number + 1}: {windows}", points=10, colour=QUIET)
    _head(sketch, 290 + 2 * 195, SWIN, "mean")
    sketch.text((28, VIT - 90), "ViT, patches of 4 x 4", align="left", points=11.5)
    _picture(sketch, 90, VIT)
    sketch.arrow((145, VIT), (290 - SIZE / 2 - 8, VIT))
    sketch.text((192, VIT - 28), "cut into\npatches", points=9.5, colour=QUIET)
    _tokens(sketch, 290, VIT, 8, 8, BLUE)
    sketch.text((290, VIT + 74), "8 x 8 tokens + 1\n128 channels", points=10)
    sketch.box((485, VIT), (170, 52), "every token attends\nto every other", GREY, points=10)
    sketch.arrow((342, VIT), (398, VIT))
    sketch.arrow((570, VIT), (680 - SIZE / 2 - 8, VIT))
    _tokens(sketch, 680, VIT, 8, 8, BLUE)
    sketch.text((680, VIT + 74), "8 x 8 tokens + 1\n128 channels", points=10)
    _head(sketch, 680, VIT, "class\ntoken")
    return sketch


def _picture(sketch: Sketch, x: float, y: float) -> None:
    sketch.box((x, y), (SIZE, SIZE), "picture\n32 x 32 x 3", ROSE, points=10)


def _head(sketch: Sketch, x: float, y: float, what: str) -> None:
    """From the last tokens to the classes."""
    sketch.arrow((x + SIZE / 2 + 8, y), (812, y))
    sketch.text((x + SIZE / 2 + 42, y - 26), what, points=9.5, colour=QUIET)
    sketch.box((860, y), (88, 52), "10 logits", ROSE, points=10.5)


def _tokens(sketch: Sketch, x: float, y: float, side: int, window: int, tone: Tone) -> None:
    """A square of tokens, with bold borders around windows."""
    cell = SIZE / side
    left, top = x - SIZE / 2, y - SIZE / 2
    for row in range(side):
        for column in range(side):
            corner = (left + column * cell, top + row * cell)
            sketch.axes.add_patch(
                Rectangle(corner, cell, cell, facecolor=tone.fill, edgecolor=tone.line, linewidth=0.4)
            )
    for row in range(side // window):
        for column in range(side // window):
            corner = (left + column * window * cell, top + row * window * cell)
            size = window * cell
            sketch.axes.add_patch(Rectangle(corner, size, size, facecolor="none", edgecolor=tone.line, linewidth=1.8))
