"""Plots of a class as SVG images without words: the same bytes for the same numbers, for light pages and for dark."""

import io
import re
import warnings
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from autograder.pages.class_figures import QuestionFigures

_STYLE: dict[Any, Any] = {
    "savefig.dpi": "figure",
    "svg.hashsalt": "autograder",  # names in the file would be random
    "svg.fonttype": "none",  # text stays text, in the reader's fonts, Korean ones too
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#57606c",
    "text.color": "#1d2129",
    "xtick.color": "#57606c",
    "ytick.color": "#57606c",
}
_BAR, _BOX, _MEDIAN = "#2f6fb3", "#dce8f5", "#b3261e"
_IN_THE_DARK = {"#1d2129": "#e7e9ec", "#57606c": "#a6aeb9", _BAR: "#6cb2f0", _BOX: "#22364a", _MEDIAN: "#ff8a80"}
_FONTS = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK KR', sans-serif"
_BINS = 20
_WIDTH = 6.2  # inches, of 72 points each
_LARGEST = 160.0  # square points of the mark of a whole class


@dataclass(frozen=True)
class Plot:
    """A plot as two addresses with all data in them, and its size in points."""

    light: str
    dark: str
    width: int
    height: int


def totals_plot(totals: Sequence[float], most: float) -> Plot:
    """How many students have each total: a histogram from 0 to the best one, which an adjustment may pass."""
    figure, axes = _figure(2.6)
    width = most / _BINS
    bars = max(_BINS, int(max(totals, default=0) / width) + 1)
    counts = [0] * bars
    for total in totals:  # the best total belongs to the last bar
        counts[min(int(total / width), bars - 1 if total > most else _BINS - 1)] += 1
    axes.bar([(place + 0.5) * width for place in range(bars)], counts, width * 0.92, color=_BAR)
    axes.set_xlim(0, bars * width)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    return _plot(figure)


def points_plot(figures: Sequence[QuestionFigures]) -> Plot:
    """For each question a box plot of the share of its points, and a mark at each share, as large as many earn it."""
    drawn = [one for one in figures if one.spread and one.most]
    figure, axes = _figure(0.9 + 0.32 * len(drawn))
    for row, one in enumerate(drawn):
        _box(axes, row, one)
    axes.set_yticks(range(len(drawn)), [one.question for one in drawn])
    axes.set_ylim(len(drawn) - 0.4, -0.6)
    axes.set_xlim(-3, 103)
    return _plot(figure)


def _box(axes: Axes, row: int, one: QuestionFigures) -> None:
    spread, scale = one.spread, 100 / one.most
    if spread is None:
        return
    ends = {"whislo": spread.least, "q1": spread.lower, "med": spread.median, "q3": spread.upper, "whishi": spread.most}
    axes.bxp(
        [{name: value * scale for name, value in ends.items()} | {"fliers": []}],
        positions=[row],
        orientation="horizontal",
        widths=0.55,
        showfliers=False,
        patch_artist=True,
        boxprops={"facecolor": _BOX, "edgecolor": "#57606c"},
        medianprops={"color": _MEDIAN, "linewidth": 2, "zorder": 4},
        whiskerprops={"color": "#57606c"},
        capprops={"color": "#57606c"},
        manage_ticks=False,
    )
    shares = sorted(one.points.items())
    sizes = [_LARGEST * count / spread.n for _, count in shares]
    axes.scatter([points * scale for points, _ in shares], [row] * len(shares), sizes, color=_BAR, zorder=3)


def _figure(height: float) -> tuple[Figure, Axes]:
    with rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        return figure, figure.subplots()


def _plot(figure: Figure) -> Plot:
    """The figure as an image. No date and no program's name is in it."""
    file = io.StringIO()
    with rc_context(_STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # which matplotlib's font lacks, and the reader's has
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    light = re.sub("font-family: [^;]*", f"font-family: {_FONTS}", file.getvalue())
    dark = light
    for bright, dim in _IN_THE_DARK.items():
        dark = dark.replace(bright, dim)
    width, height = (round(72 * inches) for inches in figure.get_size_inches())
    return Plot(_address(light), _address(dark), width, height)


def _address(svg: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
