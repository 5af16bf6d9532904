"""Given statements of a notebook: those that set up the check and those that call it.

They are for the student's own kernel. Grading leaves them out, whatever they print, and whatever else stands in their
cells: a student may write below them.
"""

import ast
from collections.abc import Iterable

from autograder.notebook.syntax import bindings_of

CHECK = "check"
SET_UP = "set_up_check"
_MODULE = "autograder.selfcheck.live"


def drop_given(cells: Iterable[tuple[ast.Module | None, str]]) -> list[tuple[str, bool]]:
    """Takes the given statements out of the trees of cells, in place; returns each cell's source without them.

    With it stands whether the cell holds nothing else. Where a student has a `check` of their own, calls of it are
    theirs.
    """
    listed = [(tree, source, list(tree.body) if tree is not None else []) for tree, source in cells]
    # A name of other than ASCII characters may be CHECK to Python.
    naming = [body for _, source, body in listed if CHECK in source or not source.isascii()]
    is_own = any(CHECK in bindings_of(node)[0] for body in naming for node in body if not _sets_up(node))
    left = []
    for tree, source, body in listed:
        given = [node for node in body if _sets_up(node) or (not is_own and checked_question(node) is not None)]
        if tree is not None and given:
            tree.body = [node for node in body if node not in given]
        left.append((_without(source, given), bool(body) and len(given) == len(body)))
    return left


def is_check(source: str) -> bool:
    """Whether a cell holds one line `check("...")` or `check.all()` and nothing else."""
    if not source.startswith(CHECK):
        return False
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    return len(body) == 1 and checked_question(body[0]) is not None


def checked_question(node: ast.stmt) -> str | None:
    """The question that a statement `check("...")` asks for, "" for `check.all()`, None for any other statement."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call) or node.value.keywords:
        return None
    function, arguments = node.value.func, node.value.args
    if isinstance(function, ast.Attribute) and function.attr == "all" and not arguments:
        return "" if _is_check(function.value) else None
    if not _is_check(function) or len(arguments) != 1 or not isinstance(arguments[0], ast.Constant):
        return None
    return arguments[0].value if isinstance(arguments[0].value, str) else None


def _sets_up(node: ast.stmt) -> bool:
    """Whether a statement is one of the set-up cell, or imports the check by hand."""
    if isinstance(node, ast.FunctionDef):
        return node.name == SET_UP
    if isinstance(node, ast.ImportFrom):
        return node.module == _MODULE
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        return isinstance(node.value.func, ast.Name) and node.value.func.id == SET_UP
    return False


def _is_check(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == CHECK


def _without(source: str, nodes: Iterable[ast.stmt]) -> str:
    """A source with `pass` in the place of statements; all other lines keep their numbers."""
    lines = source.split("\n")
    for node in reversed(list(nodes)):
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        before, after = lines[first].encode()[: node.col_offset], lines[last].encode()[node.end_col_offset :]
        lines[first : last + 1] = [f"{before.decode()}pass{after.decode()}", *[""] * (last - first)]
    return "\n".join(lines)
