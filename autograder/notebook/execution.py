"""How much of a notebook runs for a question, and for which names that can make a difference.

Read lazily, a name has its last value, and loops do not run. Run in order, as on Colab, a statement sees what stands
above it. Both give most names the same value; `order_sensitive` tells for which ones they may not.
"""

import ast
from collections.abc import Iterator
from enum import StrEnum

from autograder.notebook.attached import NEVER_RUN, called_names
from autograder.notebook.notebook import Notebook
from autograder.notebook.statements import LOOPS
from autograder.notebook.syntax import FUNCTIONS, bindings_of, eager, root_name, walk

EVERYTHING = "*"  # stands for all names


class Execution(StrEnum):
    """Which statements run before a name of the notebook is called."""

    LAZY = "lazy"  # those that make up the name, and what they ask for
    TO_CELL = "to cell"  # all in order, to the cell that defines the name
    TO_END = "to end"  # all in order, to the last cell


# What binds names that no syntax shows, or runs code from elsewhere.
_DYNAMIC_FUNCTIONS = {"exec", "globals", "locals", "vars"}
# Without one of these an ASCII cell has nothing of the kind, and need not be walked through.
_DYNAMIC_WORDS = (*sorted(_DYNAMIC_FUNCTIONS), "_magic", "await", "async")
_DYNAMIC_MAGICS = {"time", "timeit", "prun", "run", "load", "writefile"}


def order_sensitive(notebook: Notebook) -> list[str]:
    """The names whose value may differ between reading lazily and running in order; EVERYTHING if no name is safe."""
    unseen: set[str] = set()
    for cell in notebook.cells:
        looks_dynamic = not cell.source.isascii() or any(word in cell.source for word in _DYNAMIC_WORDS)
        for node in cell.tree.body if cell.tree is not None else ():
            if looks_dynamic and _is_dynamic(node):
                return [EVERYTHING]
            unseen.update(_changed_unseen(node))
    imported = notebook.bindings.imported  # a module does not change when it, or what is in it, is handed to a call
    return sorted(notebook.bindings.rebound() | (unseen - imported.keys()))


def _is_dynamic(node: ast.stmt) -> bool:
    """Whether a statement may bind names that its syntax does not show."""
    harmless = set(_lookups(node))
    for part in walk(node):
        if not isinstance(part, ast.Call) or part in harmless:
            continue
        if isinstance(part.func, ast.Name) and part.func.id in _DYNAMIC_FUNCTIONS:
            return True
        if isinstance(part.func, ast.Attribute) and part.func.attr.endswith("_magic"):
            name = part.args[0] if part.args else None
            if isinstance(name, ast.Constant) and name.value in _DYNAMIC_MAGICS:
                return True
    return any(isinstance(part, (ast.Await, ast.AsyncFor, ast.AsyncWith)) for part in eager(node))


def _lookups(node: ast.stmt) -> Iterator[ast.AST]:
    """What is only looked into: the `globals()` of `"x" in globals()`, `globals()["x"]` and `globals().get("x")`."""
    for part in walk(node):
        if isinstance(part, ast.Compare):
            yield from part.comparators
        elif (
            isinstance(part, ast.Subscript)
            and isinstance(part.ctx, ast.Load)
            or isinstance(part, ast.Attribute)
            and part.attr in ("get", "keys", "values", "items", "copy")
        ):
            yield part.value


def _changed_unseen(node: ast.AST, in_loop: bool = False) -> Iterator[str]:
    """Names that a statement binds or changes in a way that the lazy reading does not follow."""
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        for decorator in node.decorator_list:
            yield from (part.id for part in walk(decorator) if isinstance(part, ast.Name))
        return
    inner = [
        part
        for field in ("body", "orelse", "finalbody", "handlers", "cases")
        for part in getattr(node, field, ())
        if isinstance(part, ast.AST)
    ]
    if isinstance(node, (ast.For, ast.AsyncFor)):
        yield from bindings_of(node.target)[0]
    elif in_loop and not inner:
        for names in bindings_of(node):
            yield from names
    if isinstance(node, ast.Expr) and NEVER_RUN.isdisjoint(called_names(node)):
        yield from _given_away(node.value, in_loop)
    for part in inner:
        yield from _changed_unseen(part, in_loop or isinstance(node, LOOPS))


def _given_away(value: ast.expr, in_loop: bool) -> Iterator[str]:
    """Names that an expression statement hands to calls, and in a loop those whose methods it calls."""
    for call in (part for part in walk(value) if isinstance(part, ast.Call)):
        arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
        yield from (part.id for argument in arguments for part in walk(argument) if isinstance(part, ast.Name))
        if in_loop and isinstance(call.func, ast.Attribute):
            yield root_name(call.func)
