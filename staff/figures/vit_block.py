"""A block of the encoder: normalise, attend, add; normalise, think, add."""

from figures.sketch import AMBER, BLUE, GREEN, GREY, QUIET, ROSE, Sketch

LINE = 175
PLUS = (400, 750)


def figure() -> Sketch:
    """The block, from left to right."""
    sketch = Sketch(930, 285)
    sketch.text((465, 28), "Block: each part adds to what comes in", points=14, bold=True)
    sketch.box((62, LINE), (88, 44), "tokens", GREEN)
    _part(sketch, 106, "LN1", "Attention", PLUS[0])
    _part(sketch, PLUS[0] + 15, "LN2", "MLP", PLUS[1])
    sketch.arrow((PLUS[1] + 15, LINE), (824, LINE))
    sketch.box((872, LINE), (92, 44), "tokens", GREEN)
    sketch.text((62, LINE + 42), "(B, N, dim)", colour=QUIET, points=10)
    sketch.text((872, LINE + 42), "(B, N, dim)", colour=QUIET, points=10)
    sketch.text((640, LINE + 66), "Linear, GELU, Dropout,\nLinear, Dropout", colour=QUIET, points=10)
    sketch.text((300, LINE + 58), "each token looks\nat all the others", colour=QUIET, points=10)
    return sketch


def _part(sketch: Sketch, start: float, norm: str, work: str, plus: float) -> None:
    """A normalisation, the work, and the way around both."""
    step = (plus - 15 - start) / 10
    around = start + step
    sketch.line([(start, LINE), (around, LINE)])
    sketch.line([(around, LINE), (around, LINE - 80), (plus, LINE - 80)])
    sketch.arrow((plus, LINE - 80), (plus, LINE - 16))
    sketch.arrow((around, LINE), (start + 2 * step, LINE))
    sketch.box((start + 3 * step, LINE), (2 * step, 44), norm, GREY)
    sketch.arrow((start + 4 * step, LINE), (start + 5 * step, LINE))
    sketch.box((start + 7 * step, LINE), (4 * step, 56), work, AMBER if work == "MLP" else BLUE, points=12)
    sketch.arrow((start + 9 * step, LINE), (plus - 15, LINE))
    sketch.circle((plus, LINE), 14, "+", ROSE, points=13)
