"""The claims of a notebook: the figures in its saved outputs, and what its code says about them.

Taken from the file's bytes before any student code runs; `model` has the form in which they travel.
"""

import ast
import math
from itertools import islice

from autograder.notebook.claims.curves import plotted, scalars
from autograder.notebook.claims.epochs import run_of
from autograder.notebook.claims.figures import LabelledNumber, figures
from autograder.notebook.claims.model import CellSummary, Figure, SavedOutputs, Scalar
from autograder.notebook.claims.oddities import oddities
from autograder.notebook.claims.words import ACCURACY, PERPLEXITY
from autograder.notebook.notebook import Cell, Notebook
from autograder.notebook.syntax import FUNCTIONS, eager, names_in, walk

METRICS = frozenset({ACCURACY, PERPLEXITY})
MAX_FIGURES = 1000
MAX_SCALARS = 200
MAX_MODELS = 100  # classes


# Kinds of nodes that define or bind names.
_NOTED = frozenset({
    *(*FUNCTIONS, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr),
    *(ast.For, ast.AsyncFor, ast.comprehension),
})  # fmt: skip


class _Models:
    """The classes of models that a notebook defines, and which of them a code cell is about."""

    def __init__(self, notebook: Notebook) -> None:
        self._cells = notebook.cells
        self._parts: dict[str, set[str]] = {}  # what the definition of a class names
        self._functions: dict[str, set[str]] = {}
        self._values: dict[str, dict[int, set[str]]] = {}  # what a name is made of, by the cell that binds it
        self._known: dict[int, frozenset[str]] = {}
        for cell in notebook.cells:
            for node in eager(cell.tree) if cell.tree else ():
                if node.__class__ in _NOTED:
                    self._note(cell.number, node)

    @property
    def names(self) -> frozenset[str]:
        """All of the classes."""
        return frozenset(self._parts)

    def of(self, number: int) -> frozenset[str]:
        """The classes that a code cell names, by itself or in what its names stand for there, with their parts."""
        if number not in self._known:
            tree = self._cells[number - 1].tree
            pending = [(name, number) for name in names_in(eager(tree))] if tree else []
            classes, seen = set[str](), set(pending)
            for name, last in pending:  # which grows by what the names stand for, as of the cell `last`
                classes |= {name, *self._functions.get(name, ())} & self._parts.keys()
                at = max((cell for cell in self._values.get(name, ()) if cell <= last), default=0)
                parts = {(part, at - (part == name)) for part in self._values[name][at]} if at else set()
                pending += parts - seen
                seen |= parts
            self._known[number] = self._with_parts(classes)
        return self._known[number]

    def _with_parts(self, classes: set[str]) -> frozenset[str]:
        pending = sorted(classes)
        for name in pending:
            pending += [one for one in sorted(self._parts[name] & self._parts.keys()) if one not in pending]
        return frozenset(pending)

    def _note(self, cell: int, node: ast.AST) -> None:
        if isinstance(node, ast.ClassDef):
            bases = [getattr(base, "attr", getattr(base, "id", "")) for base in node.bases]
            if len(self._parts) < MAX_MODELS and any(base.endswith("Module") or base in self._parts for base in bases):
                self._parts[node.name] = names_in(walk(node))
        elif isinstance(node, FUNCTIONS):
            self._functions[node.name] = names_in(walk(node))
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                self._bind(cell, target, node.value)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            self._bind(cell, node.target, node.iter)

    def _bind(self, cell: int, target: ast.expr, value: ast.expr) -> None:
        for name in names_in(walk(target)):
            self._values.setdefault(name, {}).setdefault(cell, set()).update(names_in(walk(value)))


def claims(notebook: Notebook) -> SavedOutputs:
    """The figures, the cells that show something, and the scalars that are logged to TensorBoard."""
    models = _Models(notebook)
    showing = [cell for cell in notebook.cells if cell.shown.lines or cell.shown.pictures or cell.shown.error]
    listed = [
        _figure(one, cell, models)
        for cell in showing
        for one in figures(cell.shown.lines)
        if one.metric in METRICS and math.isfinite(one.value)  # "1e999" is none that JSON has
    ]
    return SavedOutputs(
        listed[: MAX_FIGURES // 2] + listed[MAX_FIGURES // 2 :][-MAX_FIGURES // 2 :],
        [_summary(notebook, cell) for cell in showing],
        [Scalar(*scalar) for scalar in islice(scalars(notebook), MAX_SCALARS)],
        models.names,
    )


def _figure(one: LabelledNumber, cell: Cell, models: _Models) -> Figure:
    has_code = cell.tree is None or bool(cell.tree.body)
    label = one.metric, one.words, one.value, one.percent, one.split
    place = cell.number, one.line.number, one.line.text
    return Figure(*label, *place, models.of(cell.number), has_code, one.decimals)


def _summary(notebook: Notebook, cell: Cell) -> CellSummary:
    shown, run = cell.shown, run_of(cell.shown.lines)
    about = plotted(notebook, cell) if shown.pictures else frozenset[str]()
    return CellSummary(
        cell.number,
        shown.pictures,
        about,
        shown.error,
        run.progress,
        run.logged,
        run.asked,
        run.stops_early,
        oddities(shown),
    )
