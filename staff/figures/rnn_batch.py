"""Texts of 2, 3 and 7 words become one tensor: T is their mean, 4; shorter ones are filled up, longer ones cut."""

from figures.sketch import BLUE, GREEN, GREY, QUIET, ROSE, Sketch, Tone

TEXTS = (("oil", "rises"), ("home", "team", "wins"), ("new", "chip", "from", "Seoul", "is", "very", "fast"))
T, CELL, TOP = 4, 44, 120
TONES = (GREEN, BLUE, ROSE)


def figure() -> Sketch:
    """The texts on the left, the tensor on the right."""
    sketch = Sketch(930, 360)
    sketch.text((465, 28), "A batch: texts become columns", points=14, bold=True)
    for row, (words, tone) in enumerate(zip(TEXTS, TONES, strict=True)):
        _text(sketch, row, words, tone)
        _column(sketch, row, words, tone)
    sketch.text((30, 320), "mean length  T = (2 + 3 + 7) / 3 = 4", points=11, align="left")
    sketch.arrow((585, 210), (655, 210))
    sketch.text((780, 70), "text: (T, B) = (4, 3)", points=12)
    sketch.text((780, 328), "one column for each text", colour=QUIET, points=10)
    return sketch


def _text(sketch: Sketch, row: int, words: tuple[str, ...], tone: Tone) -> None:
    """One text as a row of words; what is behind T is crossed out."""
    y = TOP + row * 66
    for place, word in enumerate(words):
        x = 62 + place * 77
        cut = place >= T
        sketch.box((x, y), (71, 36), word, GREY if cut else tone, points=10.5)
        if cut:
            sketch.line([(x - 30, y + 12), (x + 30, y - 12)], QUIET)
    if len(words) > T:
        sketch.text((62 + 5 * 77, y + 36), "cut", colour=QUIET, points=10)


def _column(sketch: Sketch, row: int, words: tuple[str, ...], tone: Tone) -> None:
    """The same text as a column of ids."""
    x = 705 + row * 76
    for step in range(T):
        filled = step >= len(words)
        y = TOP + step * (CELL + 4) + 10
        sketch.box((x, y), (70, CELL), "0" if filled else words[step], GREY if filled else tone, points=10.5)
