"""Windows of a picture, the same windows after the shift, and the rolled picture in which they are cut."""

from figures.sketch import AMBER, BLUE, GREEN, GREY, QUIET, ROSE, Sketch, Tone
from matplotlib.patches import Rectangle

TONES = (BLUE, AMBER, GREEN, ROSE)
SIDE, WINDOW, SHIFT, CELL = 8, 4, 2, 28
TOP, LEFTS = 92, (40, 350, 660)


def figure() -> Sketch:
    """Three pictures of 8 x 8 positions, side by side."""
    sketch = Sketch(930, 430)
    sketch.text((465, 28), "Windows, and the shift", points=14, bold=True)
    for left, title in zip(LEFTS, ("step 1: windows", "step 2: shifted windows", "the same, rolled"), strict=True):
        sketch.text((left + SIDE * CELL / 2, 68), title, points=11.5)
    for row in range(SIDE):
        for column in range(SIDE):
            window = 2 * (row // WINDOW) + column // WINDOW
            _cell(sketch, LEFTS[0], row, column, TONES[window])
            shifted = ((row - SHIFT) % SIDE, (column - SHIFT) % SIDE)
            tone = TONES[2 * (shifted[0] // WINDOW) + shifted[1] // WINDOW]
            _cell(sketch, LEFTS[1], row, column, tone, region(*shifted))
            _cell(sketch, LEFTS[2], *shifted, tone, region(*shifted))
    for left in (LEFTS[0], LEFTS[2]):
        _lines(sketch, left, (0, WINDOW, SIDE))
    _lines(sketch, LEFTS[1], (SHIFT, SHIFT + WINDOW))
    sketch.arrow((LEFTS[1] + SIDE * CELL + 14, TOP + 112), (LEFTS[2] - 14, TOP + 112))
    sketch.text((LEFTS[1] + SIDE * CELL + 43, TOP + 92), "roll\n(-2, -2)", points=10, colour=QUIET)
    for left, words in zip(
        LEFTS,
        (
            "four windows of 4 x 4 positions:\nnothing passes their borders",
            "half a window further: neighbours\nfrom both sides of a border meet",
            "ordinary windows again: in each,\nonly equal letters may attend",
        ),
        strict=True,
    ):
        sketch.text((left + SIDE * CELL / 2, TOP + SIDE * CELL + 40), words, points=10, colour=QUIET)
    sketch.text((465, 405), "a did not wrap around; b did across, c did down, d did both ways", points=10.5)
    return sketch


def region(row: int, column: int) -> str:
    """What of a position of the rolled picture wrapped around: a nothing, b columns, c rows, d both."""
    return "abcd"[2 * (row >= SIDE - SHIFT) + (column >= SIDE - SHIFT)]


def _cell(sketch: Sketch, left: float, row: int, column: int, tone: Tone, letter: str = "") -> None:
    corner = (left + column * CELL, TOP + row * CELL)
    sketch.axes.add_patch(Rectangle(corner, CELL, CELL, facecolor=tone.fill, edgecolor=GREY.line, linewidth=0.5))
    if letter:
        sketch.text((corner[0] + CELL / 2, corner[1] + CELL / 2), letter, points=9.5)


def _lines(sketch: Sketch, left: float, places: tuple[int, ...]) -> None:
    """The borders of the windows, over the whole picture."""
    for place in places:
        across, down = left + place * CELL, TOP + place * CELL
        sketch.axes.plot([across, across], [TOP, TOP + SIDE * CELL], color="#22303c", linewidth=2.2, zorder=3)
        sketch.axes.plot([left, left + SIDE * CELL], [down, down], color="#22303c", linewidth=2.2, zorder=3)
