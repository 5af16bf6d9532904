"""The four paths on which the old state of a GRU reaches the new one: on each of them a gradient comes back."""

from figures.gru_gates import GATES, NEW, OLD, OPPOSITE, PRODUCT, RESET, RESULT, STATE_BUS, TOP, UPDATE, draw_unit
from figures.sketch import AMBER, BLUE, GREEN, GREY, ROSE, Sketch, Tone

BELOW = STATE_BUS + 22


def figure() -> Sketch:
    """The unit in grey, and each path in a colour of its own until it meets another."""
    sketch = Sketch(930, 440)
    sketch.text((465, 28), "Four paths lead from the old state to the new one", points=14, bold=True)
    draw_unit(sketch, GREY, GREY, GREY, GREY)
    sketch.arrow((OLD + 34, TOP), (UPDATE - 17, TOP), AMBER.line)
    sketch.arrow((UPDATE + 15, TOP), (NEW - 17, TOP), AMBER.line)
    _rise(sketch, UPDATE - 20, GATES + 28, GREEN)
    sketch.arrow((UPDATE, GATES - 26), (UPDATE, TOP + 17), GREEN.line)
    sketch.arrow((UPDATE, OPPOSITE), (PRODUCT - 32, OPPOSITE), GREEN.line)
    sketch.arrow((PRODUCT + 32, OPPOSITE), (NEW - 17, OPPOSITE), GREEN.line)
    _rise(sketch, RESET - 20, GATES + 28, BLUE)
    sketch.arrow((RESET + 60, GATES), (PRODUCT - 17, GATES), BLUE.line)
    _rise(sketch, PRODUCT, GATES + 17, ROSE)
    for number, (place, tone) in enumerate(
        (
            ((165, TOP - 22), AMBER),
            ((UPDATE - 20, BELOW), GREEN),
            ((RESET - 20, BELOW), BLUE),
            ((PRODUCT, BELOW), ROSE),
        ),
        start=1,
    ):
        sketch.circle(place, 13, str(number), tone)
    sketch.text((RESULT, TOP + 62), "all four\nend here", points=10)
    return sketch


def _rise(sketch: Sketch, x: float, end: float, tone: Tone) -> None:
    """The first piece of a path, up from the old state's line."""
    sketch.arrow((x, STATE_BUS), (x, end), tone.line)
