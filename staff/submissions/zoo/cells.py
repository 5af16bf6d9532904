"""Cells deleted, duplicated, split, moved. Definitions are found wherever they stand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import archives

from zoo import course
from zoo.entry import VIT, ZIP, Entry, complete
from zoo.files import AS_HANDED_OUT, CELLS, DEFINES, OTHERS

Cells = list[dict[str, Any]]


def entries() -> list[Entry]:
    """What students do to the cells of a handout."""
    return [*_harmless(), *_harmful()]


def _entry(name: str, about: str, change: Callable[[Cells], Cells], **found: Any) -> Entry:
    def make() -> dict[str, bytes]:
        changed = course.with_cells(VIT, change(course.content(VIT)["cells"]))
        return {ZIP: archives.pack("x.zip", {**OTHERS, VIT: changed})}

    return Entry(name, about, make, complete(), readings={VIT: replace(AS_HANDED_OUT, **found)})


def _harmless() -> list[Entry]:
    later = {name: tuple(place + (place > 8) for place in places) for name, places in DEFINES.items()}
    backwards = {name: tuple(CELLS + 1 - place for place in places) for name, places in DEFINES.items()}
    return [
        _entry(
            "cells-reordered",
            "all cells in the opposite order",
            lambda cells: cells[::-1],
            defines=backwards,
        ),
        _entry(
            "cells-duplicated",
            "every cell twice: the last definition counts",
            lambda cells: [copy for cell in cells for copy in (cell, cell)],
            cells=2 * CELLS,
            defines={name: (2 * place - 1, 2 * place) for name, (place,) in DEFINES.items()},
        ),
        _entry(
            "cell-split",
            "two classes of one cell in cells of their own",
            lambda cells: _split(cells, "class MLP", "\n\n\nclass Block"),
            cells=CELLS + 1,
            defines={**later, "Block": (9,)},
        ),
        _entry("cells-merged", "all code in one cell", _merged, cells=1, defines=dict.fromkeys(DEFINES, (1,))),
        _entry(
            "text-deleted",
            "every cell of text deleted",
            lambda cells: [cell for cell in cells if cell["cell_type"] == "code"],
        ),
        _entry(
            "blank-cells",
            "an empty cell after every cell",
            lambda cells: [one for cell in cells for one in (cell, _code(""))],
            cells=21 + 34,
            defines={"Attention": (14,), "ViT": (24,)},
        ),
        _entry(
            "cell-made-text",
            "a cell of code turned into one of text: it is read as code, for no other cell defines what it does",
            lambda cells: [_as_text(cell) if "class Attention" in course.source_of(cell) else cell for cell in cells],
            repairs=(("cell type", "a cell of the type markdown defines Attention; it was read as code cell 6"),),
        ),
        _entry(
            "training-deleted",
            "the cells that train are gone, and with them the outputs that 3e is marked by",
            lambda cells: cells[: course.place_of(cells, "BATCH_SIZE =")],
            cells=12,
            lost={"3e": 0.0},
        ),
    ]


def _harmful() -> list[Entry]:
    def without(text: str) -> Callable[[Cells], Cells]:
        return lambda cells: [cell for number, cell in enumerate(cells) if number != course.place_of(cells, text)]

    return [
        _entry(
            "cell-deleted",
            "the cell of one question is gone: it costs that question",
            without("class Patchification"),
            cells=CELLS - 1,
            defines={"Attention": (5,), "ViT": (9,), "Patchification": ()},
            lost={"3a": 0.0},
        ),
        _entry(
            "cell-split-in-a-function",
            "a cell split in the middle of a method: neither half parses",
            lambda cells: _split(cells, "class Patchification", "    def forward", "    ) +\n"),
            cells=CELLS + 1,
            defines={"Attention": (7,)},
            unreadable=(5,),
            lost={"3a": 0.0},
        ),
    ]


def _code(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": source}


def _as_text(cell: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": cell["source"]}


def _split(cells: Cells, inside: str, at: str, before: str = "") -> Cells:
    """The cells with the only one that holds `inside` cut in two before `at`; `before` is put at the cut."""
    place = course.place_of(cells, inside)
    first, middle, second = course.source_of(cells[place]).partition(at)
    return [*cells[:place], {**cells[place], "source": first}, _code(before + middle + second), *cells[place + 1 :]]


def _merged(cells: Cells) -> Cells:
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    merged = _code("\n\n".join(map(course.source_of, code)))
    return [{**merged, "outputs": [output for cell in code for output in cell["outputs"]]}]
