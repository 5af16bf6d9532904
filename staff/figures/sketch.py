"""The paper that figures are drawn on: boxes, arrows and words in few calm colours.

The paper is opaque, so that a figure reads the same on Colab's light and dark pages. One unit is a hundredth of an
inch; x goes right, y goes **down**, (0, 0) is the upper left corner.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

PAPER = "#f7f5f0"
INK = "#22303c"
QUIET = "#66707a"


@dataclass(frozen=True)
class Tone:
    """A colour as line and as filling."""

    line: str
    fill: str


BLUE = Tone("#3b6ea5", "#dbe7f3")
AMBER = Tone("#b97c16", "#f8ead0")
GREEN = Tone("#3f7d58", "#dcecdf")
ROSE = Tone("#b0535f", "#f5dfe1")
GREY = Tone("#8a939b", "#eceae4")

Point = tuple[float, float]


class Sketch:
    """A sheet of paper of `width` by `height` units, and what can be drawn on it; `axes` takes all else."""

    dots_per_inch = 110

    def __init__(self, width: float, height: float) -> None:
        self.drawing = Figure(figsize=(width / 100, height / 100))
        self.axes: Axes = self.drawing.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, width), ylim=(height, 0))
        self.axes.set_axis_off()

    def box(self, middle: Point, size: Point, text: str = "", tone: Tone = BLUE, points: float = 11) -> None:
        """A rounded box of (width, height) around its middle, with a text in it."""
        (x, y), (width, height) = middle, size
        self.axes.add_patch(
            FancyBboxPatch(
                (x - width / 2, y - height / 2),
                width,
                height,
                boxstyle=f"round,pad=0,rounding_size={min(8, width / 4, height / 4)}",
                facecolor=tone.fill,
                edgecolor=tone.line,
                linewidth=1.3,
                zorder=2,
            )
        )
        if text:
            self.text(middle, text, points=points)

    def circle(self, middle: Point, radius: float, text: str = "", tone: Tone = AMBER, points: float = 11) -> None:
        """A circle with a text in it."""
        self.axes.add_patch(Circle(middle, radius, facecolor=tone.fill, edgecolor=tone.line, linewidth=1.3, zorder=2))
        if text:
            self.text(middle, text, points=points)

    def text(
        self, place: Point, text: str, points: float = 11, colour: str = INK, align: str = "center", bold: bool = False
    ) -> None:
        """Words, or a formula between dollar signs; `align` is what of them stands at x: left, center or right."""
        weight = "bold" if bold else "normal"
        self.axes.text(
            place[0],
            place[1] - 1.5,
            text,
            ha=align,
            va="center_baseline",
            fontsize=points,
            color=colour,
            weight=weight,
            linespacing=1.35,
            zorder=4,
        )

    def arrow(self, start: Point, end: Point, colour: str = INK, bend: float = 0, dashed: bool = False) -> None:
        """An arrow; `bend` curves it to its left (positive) or right, as a share of its length."""
        self.axes.add_patch(
            FancyArrowPatch(
                start,
                end,
                arrowstyle="-|>",
                mutation_scale=11,
                connectionstyle=f"arc3,rad={bend}",
                linestyle=(0, (4, 2)) if dashed else "solid",
                color=colour,
                linewidth=1.3,
                shrinkA=0,
                shrinkB=0,
                zorder=3,
            )
        )

    def line(self, points: Sequence[Point], colour: str = INK, dashed: bool = False) -> None:
        """A line through points, without a head."""
        across, down = zip(*points, strict=True)
        style = (0, (4, 2)) if dashed else "solid"
        self.axes.plot(across, down, color=colour, linewidth=1.3, linestyle=style, zorder=1, solid_capstyle="round")
