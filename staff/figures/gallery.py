"""The figures by name, and how one is written: `images/NAME.svg`, and a small `images/NAME.png` of the same drawing.

Each module of this folder with a function `figure() -> Sketch` is a figure, and bears its name. The same code draws the
same bytes, as long as Matplotlib is the same.
"""

import importlib
import io
from pathlib import Path
from types import ModuleType

import matplotlib as mpl
from figures.sketch import PAPER, Sketch
from PIL import Image

FOLDER = Path(__file__).resolve().parent
MACHINERY = {"__main__", "gallery", "sketch"}
COLOURS = 64  # of a PNG: flat drawings need no more, and are a third of the size


def names() -> list[str]:
    """The names of all figures, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in MACHINERY)


def draw(name: str, images: Path) -> None:
    """Writes one figure as SVG and as PNG to the folder `images`."""
    module: ModuleType = importlib.import_module(f"figures.{name}")
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "path", "font.family": "DejaVu Sans"}):
        sketch: Sketch = module.figure()
        drawing = sketch.drawing
        drawing.savefig(images / f"{name}.svg", facecolor=PAPER, metadata={"Date": None, "Creator": None})
        pixels = io.BytesIO()
        drawing.savefig(pixels, format="png", facecolor=PAPER, dpi=sketch.dots_per_inch)
    image = Image.open(pixels).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    image.save(images / f"{name}.png", optimize=True)
