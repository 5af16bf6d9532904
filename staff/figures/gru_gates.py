"""A gated recurrent unit: where the old state flows, and which gate lets how much of it through."""

from figures.sketch import AMBER, BLUE, GREEN, GREY, QUIET, ROSE, Sketch, Tone

TOP, OPPOSITE, GATES, STATE_BUS, INPUT_BUS = 90, 165, 250, 345, 400
OLD, UPDATE, RESET, PRODUCT, NEW, RESULT = 70, 235, 425, 545, 690, 850


def figure() -> Sketch:
    """The unit with its parts in colour."""
    sketch = Sketch(930, 440)
    sketch.text((465, 28), "One step of a GRU", points=14, bold=True)
    draw_unit(sketch, AMBER, BLUE, GREEN, ROSE)
    sketch.text((UPDATE - 12, GATES - 48), "how much of the\nold state stays", colour=QUIET, points=10, align="right")
    sketch.text((RESET, GATES - 46), "how much of it the\nnew content sees", colour=QUIET, points=10)
    sketch.text((NEW + 68, GATES), "what could be\nwritten", colour=QUIET, points=10, align="left")
    return sketch


def draw_unit(sketch: Sketch, state: Tone, source: Tone, gate: Tone, content: Tone) -> None:
    """The parts of the unit and the arrows between them, in these tones."""
    _draw_buses(sketch, state, source)
    _draw_top(sketch, state, gate)
    sketch.box((UPDATE, GATES), (120, 52), r"$z_t = \sigma(\cdot)$", gate, points=13)
    sketch.box((RESET, GATES), (120, 52), r"$r_t = \sigma(\cdot)$", gate, points=13)
    sketch.arrow((RESET + 60, GATES), (PRODUCT - 17, GATES))
    sketch.circle((PRODUCT, GATES), 15, r"$\times$", GREY, points=13)
    sketch.arrow((PRODUCT + 15, GATES), (NEW - 62, GATES))
    sketch.box((NEW, GATES), (120, 52), r"$n_t = \tanh(\cdot)$", content, points=13)
    sketch.arrow((NEW, GATES - 26), (NEW, OPPOSITE + 17))


def _draw_top(sketch: Sketch, state: Tone, gate: Tone) -> None:
    """The way of the old state to the new one, and the two shares that the update gate makes."""
    sketch.arrow((OLD + 34, TOP), (UPDATE - 17, TOP), colour=state.line)
    sketch.circle((UPDATE, TOP), 15, r"$\times$", GREY, points=13)
    sketch.arrow((UPDATE + 15, TOP), (NEW - 17, TOP), colour=state.line)
    sketch.circle((NEW, TOP), 15, "+", GREY, points=13)
    sketch.arrow((NEW + 15, TOP), (RESULT - 36, TOP), colour=state.line)
    sketch.arrow((UPDATE, GATES - 26), (UPDATE, TOP + 17), colour=gate.line)
    sketch.arrow((UPDATE, OPPOSITE), (PRODUCT - 32, OPPOSITE), colour=gate.line)
    sketch.box((PRODUCT, OPPOSITE), (64, 30), "$1 - z_t$", GREY)
    sketch.arrow((PRODUCT + 32, OPPOSITE), (NEW - 17, OPPOSITE), colour=gate.line)
    sketch.circle((NEW, OPPOSITE), 15, r"$\times$", GREY, points=13)
    sketch.arrow((NEW, OPPOSITE - 15), (NEW, TOP + 17))
    sketch.circle((OLD, TOP), 32, "$h_{t-1}$", state, points=13)
    sketch.circle((RESULT, TOP), 32, "$h_t$", state, points=13)


def _draw_buses(sketch: Sketch, state: Tone, source: Tone) -> None:
    """What the old state and the input feed."""
    sketch.line([(OLD, TOP + 32), (OLD, STATE_BUS), (PRODUCT, STATE_BUS)], colour=state.line)
    for x in (UPDATE - 20, RESET - 20):
        sketch.arrow((x, STATE_BUS), (x, GATES + 28), colour=state.line)
    sketch.arrow((PRODUCT, STATE_BUS), (PRODUCT, GATES + 17), colour=state.line)
    sketch.line([(OLD + 32, INPUT_BUS), (NEW, INPUT_BUS)], colour=source.line)
    for x in (UPDATE + 20, RESET + 20, NEW):
        sketch.arrow((x, INPUT_BUS), (x, GATES + 28), colour=source.line)
    sketch.circle((OLD, INPUT_BUS), 32, "$x_t$", source, points=13)
    for x, y, text in (
        (UPDATE - 38, 305, "$U_z$"),
        (UPDATE + 40, 305, "$W_z$"),
        (RESET - 38, 305, "$U_r$"),
        (RESET + 40, 305, "$W_r$"),
        (PRODUCT + 42, 305, "$U h + b_h$"),
        (NEW + 18, 305, "$W$"),
    ):
        sketch.text((x, y), text, points=11)
