"""Who may attend to whom in the four windows of a rolled picture: the masks of shifted windows."""

from itertools import groupby

from figures.sketch import BLUE, GREY, PAPER, QUIET, Sketch
from figures.swin_windows import WINDOW, region
from matplotlib.patches import Rectangle

CELL, TOP = 11, 106
NAMES = ("top left", "top right", "bottom left", "bottom right")


def figure() -> Sketch:
    """Four masks of 16 x 16 pairs of positions."""
    sketch = Sketch(930, 350)
    sketch.text((465, 28), "The masks of the four windows of the rolled picture", points=14, bold=True)
    for number, name in enumerate(NAMES):
        left = 55 + number * 220
        sketch.text((left + 8 * CELL, 62), name, points=11.5)
        letters = [
            region(row, column)
            for row in range(number // 2 * WINDOW, number // 2 * WINDOW + WINDOW)
            for column in range(number % 2 * WINDOW, number % 2 * WINDOW + WINDOW)
        ]
        _mask(sketch, left, letters)
    sketch.text((465, 312), "blue: may attend     pale: may not, so -100 or less is added to the score", points=10.5)
    sketch.text((465, 334), "queries from top to bottom, keys from left to right", points=10, colour=QUIET)
    return sketch


def _mask(sketch: Sketch, left: float, letters: list[str]) -> None:
    """One mask; the letters say of what region each of its positions is."""
    side = len(letters)
    sketch.axes.add_patch(Rectangle((left, TOP), side * CELL, side * CELL, facecolor=GREY.fill))
    for row, query in enumerate(letters):
        sketch.text((left - 8, TOP + (row + 0.5) * CELL), query, points=6, colour=QUIET)
        sketch.text((left + (row + 0.5) * CELL, TOP - 8), query, points=6, colour=QUIET)
        first = 0
        for allowed, keys in groupby(letters, query.__eq__):
            width = len(list(keys))
            if allowed:
                corner = (left + first * CELL, TOP + row * CELL)
                sketch.axes.add_patch(Rectangle(corner, width * CELL, CELL, facecolor=BLUE.line))
            first += width
    for place in range(1, side):
        for ends in (((0, side), (place, place)), ((place, place), (0, side))):
            across, down = ([start + CELL * end for end in line] for start, line in zip((left, TOP), ends, strict=True))
            sketch.axes.plot(across, down, color=PAPER, linewidth=0.6, zorder=3)
