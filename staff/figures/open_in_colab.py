"""The badge that opens a notebook in Colab."""

from figures.sketch import AMBER, BLUE, Sketch


def figure() -> Sketch:
    """A small badge: two rings and three words."""
    sketch = Sketch(150, 28)
    sketch.box((75, 14), (146, 24), tone=BLUE)
    for x in (17, 29):
        sketch.circle((x, 14), 6, tone=AMBER)
    sketch.text((92, 14.5), "Open in Colab", points=9.5)
    return sketch
