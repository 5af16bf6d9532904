"""What plotting code and TensorBoard calls are about: the words of their arguments, and of what these stand for."""

import ast
from collections.abc import Iterator, Sequence

from autograder.notebook.claims.program import Program
from autograder.notebook.claims.routines import Routine
from autograder.notebook.claims.words import ACCURACY, LOSS, SPLITS, listed, words
from autograder.notebook.syntax import walk

MAX_DEPTH = 3
PLOTS = listed("""
    plot semilogy semilogx loglog scatter bar lineplot relplot errorbar fill_between title suptitle set_title ylabel
    xlabel set_ylabel set_xlabel legend set add_trace add_scatter update_layout stackplot imshow Image imread annotate
    savefig
""")
_NEAR = ("plt", "plot", "ax", "fig")  # one of them stands in every cell with a function that draws
SCALARS = ("add_scalar", "add_scalars")
_TAG_AND_VALUE = ("tag", "main_tag", "scalar_value", "tag_scalar_dict")


def plotted(program: Program, cell: int) -> frozenset[str]:
    """The words of what the code of a cell plots: identifiers and texts in the calls that draw."""
    found: set[str] = set()
    pending, seen = [program.cell(cell)], set[str]()
    for routine in pending:  # which grows by the functions that draw
        for call in routine.calls:
            name = _name(call)
            drawing = [one for one in program.routines(name, near=_NEAR) if not PLOTS.isdisjoint(one.attributes)]
            if name in PLOTS or program.is_from_elsewhere(name) or drawing:
                found |= _words_of(call, program, cell, routine, MAX_DEPTH - 1)
            if name not in seen:
                seen.add(name)
                pending += drawing
    return frozenset(found)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def scalars(program: Program, texts: Sequence[str]) -> Iterator[tuple[int, frozenset[str]]]:
    """The code cell and the words (of tag and value) of every scalar that code sends to TensorBoard.

    `texts` are the sources of all code cells.
    """
    for cell, text in enumerate(texts, 1):
        if "add_scalar" not in text:
            continue
        for routine in program.inside(cell):
            for call in routine.calls:
                if isinstance(call.func, ast.Attribute) and call.func.attr in SCALARS:
                    for where in _callers(program, routine, cell, texts):
                        yield cell, _scalar(call, program, where, routine)


def _callers(program: Program, routine: Routine, cell: int, texts: Sequence[str]) -> list[int]:
    """The cells that run a function, else the one that it stands in."""
    name = routine.name
    callers = [number for number, text in enumerate(texts, 1) if name and name in text and number != cell]
    return [cell, *callers[:20]]


def _scalar(call: ast.Call, program: Program, cell: int, routine: Routine) -> frozenset[str]:
    """The words of tag and value; what they stand for is asked if they say no data or no metric."""
    arguments = [*call.args[:2], *(one.value for one in call.keywords if one.arg in _TAG_AND_VALUE)]
    found: set[str] = set()
    for depth in range(MAX_DEPTH, -1, -1):
        found = set().union(*(_words_of(one, program, cell, routine, depth) for one in arguments))
        if found & SPLITS and found & {LOSS, ACCURACY}:
            break
    return frozenset(found)


def _words_of(node: ast.AST, program: Program, cell: int, routine: Routine, depth: int) -> set[str]:
    """The words of identifiers and texts in an expression, and of what its names stand for, down to MAX_DEPTH."""
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, ast.Name):
            found.update(words(part.id))
            if depth < MAX_DEPTH:
                for value, where in program.values(part.id, routine, cell)[:20]:
                    for expression in (value.expression, *value.around):
                        found |= _words_of(expression, program, cell, where, depth + 1)
        elif isinstance(part, ast.Attribute):
            found.update(words(part.attr))
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            found.update(words(part.value[:200]))
    return found
