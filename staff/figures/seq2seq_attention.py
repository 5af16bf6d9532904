"""One step of the decoder: it compares its state with the states of the encoder, and mixes them by what came out."""

from figures.sketch import AMBER, BLUE, GREEN, GREY, QUIET, ROSE, Sketch

SOURCE, WEIGHTS = ("je", "suis", "fatigue", "EOS"), (0.05, 0.1, 0.8, 0.05)
TARGET = ("SOS", "i", "am")
LEFT, STEP, WORD, STATE, BARS, CONTEXT = 70, 105, 440, 345, 235, 120
RIGHT = 570


def figure() -> Sketch:
    """The encoder on the left, the decoder on the right, the attention between them."""
    sketch = Sketch(930, 490)
    sketch.text((465, 28), "Attention: before each word, look back at the sentence", points=14, bold=True)
    _encoder(sketch)
    _decoder(sketch)
    _attention(sketch)
    return sketch


def _encoder(sketch: Sketch) -> None:
    for step, word in enumerate(SOURCE):
        x = LEFT + step * STEP
        sketch.box((x, WORD), (86, 34), word, GREEN)
        sketch.arrow((x, WORD - 18), (x, STATE + 28))
        sketch.box((x, STATE), (62, 52), f"$s_{step + 1}$", BLUE, points=13)
        if step:
            sketch.arrow((x - STEP + 32, STATE), (x - 33, STATE))
    sketch.text((LEFT + 1.5 * STEP, 475), "encoder", colour=QUIET)


def _decoder(sketch: Sketch) -> None:
    sketch.arrow((LEFT + 3 * STEP + 32, STATE), (RIGHT - 33, STATE), dashed=True)
    sketch.text((LEFT + 3 * STEP + 82, STATE - 18), "state, cell", colour=QUIET, points=10)
    for step, word in enumerate(TARGET):
        x = RIGHT + step * STEP
        now = step == len(TARGET) - 1
        sketch.box((x, WORD), (86, 34), word, GREEN)
        sketch.arrow((x, WORD - 18), (x, STATE + 28))
        sketch.box((x, STATE), (62, 52), "$h_t$" if now else "", AMBER if now else GREY, points=13)
        if step:
            sketch.arrow((x - STEP + 32, STATE), (x - 33, STATE))
    sketch.text((RIGHT + STEP, 475), "decoder: the right words before", colour=QUIET)


def _attention(sketch: Sketch) -> None:
    now = RIGHT + 2 * STEP
    for step, weight in enumerate(WEIGHTS):
        x = LEFT + step * STEP
        sketch.arrow((x, STATE - 27), (x, BARS + 38))
        height = 70 * weight + 4
        sketch.box((x, BARS + 30 - height / 2), (34, height), tone=ROSE)
        sketch.text((x + 24, BARS + 22), f"{weight:g}", colour=QUIET, points=9.5, align="left")
        sketch.arrow((x, BARS - 48), (LEFT + 1.5 * STEP - 60 + 40 * step, CONTEXT + 26), colour=QUIET)
    sketch.text(
        (470, BARS - 22), "$a = \\mathrm{softmax}(h_t \\cdot s_1, \\ldots, h_t \\cdot s_4)$", points=12, align="left"
    )
    sketch.arrow((now - 15, STATE - 28), (LEFT + 3 * STEP + 72, BARS + 12))
    sketch.box((LEFT + 1.5 * STEP, CONTEXT), (240, 48), "$c_t = \\sum_i\\, a_i s_i$", ROSE, points=13)
    sketch.arrow((LEFT + 1.5 * STEP + 121, CONTEXT), (598, CONTEXT))
    sketch.box((690, CONTEXT), (180, 48), "tanh(fc($[c_t; h_t]$))", AMBER, points=12)
    sketch.arrow((now, STATE - 28), (now - 40, CONTEXT + 27), bend=0.15)
    sketch.arrow((781, CONTEXT), (808, CONTEXT))
    sketch.box((862, CONTEXT), (104, 48), "tired", GREEN, points=12)
    sketch.text((862, CONTEXT - 40), "classifier", colour=QUIET, points=10)
