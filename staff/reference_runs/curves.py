"""Training curves from TensorBoard logs, drawn as small SVG files that are the same bytes for the same logs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

Curves = Mapping[str, Mapping[int, float]]  # tag, epoch: value

AXES = {
    "loss": "cross-entropy (nats)",
    "accuracy": "accuracy (%)",
    "perplexity": "perplexity",
    "learning rate": "learning rate",
}
PARTS = {"valid": ("validation", "-"), "train": ("training", "--")}
# Okabe and Ito's colours, which colour-blind readers tell apart; black and yellow left out
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
GREY = "#444444"
SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "reference runs",  # ids in the file are random otherwise
    "svg.fonttype": "none",  # glyphs as paths would double the size
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.4,
}


def read_runs(folder: Path) -> dict[str, Curves]:
    """The scalars of every run below a log folder by the run's name, "" for those that lie in the folder itself.

    Where a run was interrupted and began anew, its last value for an epoch counts.
    """
    folders = sorted({path.parent for path in folder.rglob("events.out.tfevents.*")})
    return {"" if one == folder else one.relative_to(folder).as_posix(): _read(one) for one in folders}


def _read(folder: Path) -> Curves:
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0}, purge_orphaned_data=False)
    events.Reload()
    return {tag: {one.step: one.value for one in events.Scalars(tag)} for tag in events.Tags()["scalars"]}


def draw(runs: Mapping[str, Curves], quantities: Sequence[str], threshold: tuple[str, float], path: Path) -> None:
    """Writes a picture with one panel for each quantity: colours are runs, solid is validation, dashed is training.

    A tag is a quantity ("learning rate") or a quantity and its part ("loss/valid"). `threshold` is a quantity and the
    value that the test set has to reach, which is drawn as a dotted line.
    """
    with mpl.rc_context():
        mpl.rcdefaults()  # a matplotlibrc of the author's changes nothing
        mpl.rcParams.update(SETTINGS)
        figure = Figure(figsize=(9, 3.1), layout="constrained")
        panels = figure.subplots(1, len(quantities), squeeze=False)[0]
        for panel, quantity in zip(panels, quantities, strict=True):
            for colour, curves in zip(COLOURS, runs.values(), strict=False):
                for part, (_, style) in PARTS.items():
                    _plot(panel, curves.get(f"{quantity}/{part}", {}), style, colour)
                _plot(panel, curves.get(quantity, {}), "-", colour)
            _label(panel, quantity)
            if quantity == threshold[0]:
                panel.axhline(threshold[1], color=GREY, linestyle=":", linewidth=1.2)
        lines = [(name, "-", colour) for colour, name in zip(COLOURS, runs, strict=False) if name]
        lines += [(text, style, GREY) for text, style in PARTS.values()] + [("threshold (test set)", ":", GREY)]
        handles = [Line2D([], [], color=colour, ls=style, label=label) for label, style, colour in lines]
        columns = len(handles) if len(handles) < 6 else 4
        figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None})


def _plot(panel: Axes, values: Mapping[int, float], style: str, colour: str) -> None:
    epochs = sorted(values)
    panel.plot(epochs, [values[epoch] for epoch in epochs], style, color=colour, marker=".", markersize=4)


def _label(panel: Axes, quantity: str) -> None:
    panel.set(xlabel="epoch", ylabel=AXES[quantity])
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
