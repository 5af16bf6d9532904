"""A recurrent network over a text that is filled up: every step the same weights, the class from the last real word."""

from figures.sketch import AMBER, BLUE, GREEN, GREY, QUIET, ROSE, Sketch

WORDS = ("oil", "prices", "rise", "again", "<unk>", "<unk>")
LENGTH = 4
FIRST, STEP = 190, 125
WORD, EMBEDDING, STATE, ANSWER = 395, 320, 215, 105


def figure() -> Sketch:
    """The network unrolled."""
    sketch = Sketch(930, 440)
    sketch.text((465, 30), "One cell, used once for each word", points=14, bold=True)
    sketch.circle((75, STATE), 30, "$h_0$", GREY, points=13)
    sketch.text((75, STATE + 48), "random", colour=QUIET, points=10)
    for step, word in enumerate(WORDS):
        _column(sketch, step, word)
    last = FIRST + (LENGTH - 1) * STEP
    sketch.arrow((last, STATE - 32), (last, ANSWER + 22))
    sketch.text((last + 10, STATE - 54), "$W_{ho}$", align="left", points=12)
    sketch.box((last, ANSWER), (370, 44), "softmax: World, Sports, Business, Sci/Tech", ROSE)
    sketch.text((850, ANSWER + 2), "the state after\nits own last word", colour=QUIET, points=10)
    return sketch


def _column(sketch: Sketch, step: int, word: str) -> None:
    """The word of one step, its embedding and the state after it."""
    x, filling = FIRST + step * STEP, step >= LENGTH
    sketch.arrow((x - STEP + (30 if step else 40), STATE), (x - 34, STATE))
    if step:
        sketch.text((x - STEP / 2, STATE - 15), "$W_{hh}$", points=12)
    sketch.box((x, STATE), (64, 60), f"$h_{step + 1}$", GREY if filling else AMBER, points=13)
    sketch.arrow((x, EMBEDDING - 20), (x, STATE + 33))
    sketch.text((x + 9, (EMBEDDING + STATE) / 2 + 6), "$W_{ih}$", align="left", points=12)
    sketch.box((x, EMBEDDING), (64, 38), f"$x_{step + 1}$", GREY if filling else BLUE, points=13)
    sketch.arrow((x, WORD - 18), (x, EMBEDDING + 22))
    sketch.box((x, WORD), (92, 34), word, GREY if filling else GREEN)
    if filling:
        sketch.text((x, WORD + 30), "filling", colour=QUIET, points=10)
