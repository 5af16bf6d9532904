"""What plotting code and TensorBoard calls are about: the words in their own arguments.

No value is followed: a dictionary that is handed to a function is no mention of its keys. A loop is the exception: what
it goes through is what a call draws that names the loop's variable.
"""

import ast
from collections.abc import Iterator, Sequence

from autograder.notebook.claims.words import ACCURACY, LOSS, PERPLEXITY, RATE, SPLITS, listed, words
from autograder.notebook.notebook import Cell, Notebook
from autograder.notebook.syntax import COMPREHENSIONS, FUNCTIONS, names_in, parts, walk

PLOTS = listed("""
    plot semilogy semilogx loglog scatter bar lineplot relplot errorbar fill_between title suptitle set_title ylabel
    xlabel set_ylabel set_xlabel legend set add_trace add_scatter update_layout stackplot imshow Image imread annotate
    savefig
""")
SCALARS = ("add_scalar", "add_scalars")
METRICS = frozenset({ACCURACY, LOSS, PERPLEXITY, RATE})
_TAG_AND_VALUE = ("tag", "main_tag", "scalar_value", "tag_scalar_dict")
_SKIPPED = (ast.Dict, ast.DictComp)  # in what is handed to a function of the notebook's own

Loop = tuple[ast.expr, ast.expr]  # what it binds, and what it goes through


def plotted(notebook: Notebook, cell: Cell) -> frozenset[str]:
    """The words of what a cell's code plots: of the calls that draw, in the cell or in functions that it calls."""
    functions = {name: list(filter(_draws, nodes)) for name, nodes in _functions(notebook.cells).items()}
    found: set[str] = set()
    pending: list[ast.AST] = [cell.tree] if cell.tree else []
    for tree in pending:  # which grows by the functions that draw
        for call, around in _calls(tree):
            drawing = functions.get(_name(call), [])
            pending += [one for one in drawing if one not in pending]
            if _name(call) in PLOTS:
                found |= _words(call) | _looped(call, around, notebook)
            elif drawing or "plot" in words(_name(call)):
                found |= _words(call, _SKIPPED)
    return frozenset(found)


def scalars(notebook: Notebook) -> Iterator[tuple[int, frozenset[str]]]:
    """The code cell and the words (of writer, tag and value) of every scalar that code sends to TensorBoard.

    Data or a metric that the call itself does not name are those that its cell names, or a call of its function.
    """
    for cell in notebook.cells:
        if cell.tree is None or "add_scalar" not in cell.text:
            continue
        around = _words(cell.tree) | _callers(cell, notebook.cells)
        for call, _ in _calls(cell.tree):
            if isinstance(call.func, ast.Attribute) and call.func.attr in SCALARS:
                named = [one.value for one in call.keywords if one.arg in _TAG_AND_VALUE]
                own = set[str]().union(*map(_words, (call.func.value, *call.args[:2], *named)))
                missing = [kind for kind in (SPLITS, METRICS) if kind.isdisjoint(own)]
                yield cell.number, frozenset(own.union(*(kind & around for kind in missing)))


def _callers(cell: Cell, cells: Sequence[Cell]) -> set[str]:
    """The words of what other cells hand to the functions of a cell."""
    names = _functions([cell]).keys()
    others = [one.tree for one in cells if one.tree and one is not cell and any(name in one.text for name in names)]
    return set[str]().union(*(_words(call) for tree in others for call, _ in _calls(tree) if _name(call) in names))


def _functions(cells: Sequence[Cell]) -> dict[str, list[ast.AST]]:
    found: dict[str, list[ast.AST]] = {}
    for cell in cells:
        for node in walk(cell.tree) if cell.tree else ():
            if isinstance(node, FUNCTIONS):
                found.setdefault(node.name, []).append(node)
    return found


def _draws(function: ast.AST) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr in PLOTS for part in walk(function))


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, tuple[Loop, ...]]]:
    """Every call in a tree with the loops around it."""
    pending: list[tuple[ast.AST, tuple[Loop, ...]]] = [(tree, ())]
    while pending:
        node, around = pending.pop()
        if isinstance(node, ast.Call):
            yield node, around
        if isinstance(node, (ast.For, ast.AsyncFor)):
            around = (*around, (node.target, node.iter))
        elif isinstance(node, COMPREHENSIONS):
            around = (*around, *((one.target, one.iter) for one in node.generators))
        pending += [(part, around) for part in parts(node)]


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _looped(call: ast.Call, around: Sequence[Loop], notebook: Notebook) -> set[str]:
    """The words of what loops go through whose variables a call names; of a dictionary, those of its keys."""
    names, found = names_in(walk(call)), set[str]()
    for target, iterated in reversed(around):
        if not names.isdisjoint(names_in(walk(target))):
            whole = names_in(walk(iterated, (ast.Subscript,)))
            found |= _words(iterated).union(*(_keys(name, notebook) for name in whole))
            names |= whole
    return found


def _keys(name: str, notebook: Notebook) -> set[str]:
    """The words of the keys that the notebook gives to a dictionary: `name = {"lr": []}`, `name["lr"]`."""
    found: set[str] = set()
    for cell in notebook.cells:
        for node in walk(cell.tree) if cell.tree and name in cell.text else ():
            if isinstance(node, ast.Subscript) and name in names_in(walk(node.value)):
                found |= _words(node.slice)
            elif (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Dict)
                and name in names_in(walk(node.targets[0]))
            ):
                found |= _words(node.value)
    return found


def _words(node: ast.AST, skipped: tuple[type[ast.AST], ...] = ()) -> set[str]:
    """The words of identifiers and texts in a piece of syntax."""
    found: set[str] = set()
    for part in walk(node, skipped):
        if isinstance(part, (ast.Name, ast.Attribute)):
            found.update(words(part.id if isinstance(part, ast.Name) else part.attr))
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            found.update(words(part.value[:200]))
    return found
