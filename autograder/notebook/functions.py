"""Which functions of a notebook say nothing of their own: their bodies are empty, or those of the handout."""

import ast
import hashlib
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.notebook.syntax import FUNCTIONS, statements_in, walk
from autograder.notebook.wire import Wire

_PLACEHOLDERS = {"NotImplementedError", "NotImplemented", "Exception", "RuntimeError", "ValueError", "AssertionError"}
UNWRITTEN = "is not written yet"  # what the handout's own errors end in


@dataclass(frozen=True)
class Function(Wire):
    """A function or a method ("RNN.forward"): its code cell, its first and last line there, and what it does.

    `digest` is the same for functions that do the same by their text, and "" for one that does nothing: whose body only
    passes, raises, or returns what it was given, None, or what has no value; `gives` are then the names it returns.
    `parameters` are the names of what it takes by position, without `self`.
    """

    name: str
    cell: int
    first: int
    last: int
    digest: str
    gives: str = ""
    parameters: tuple[str, ...] = ()


def functions_of(cells: Iterable[tuple[int, ast.Module]]) -> list[Function]:
    """The functions and methods that stand at the top level of numbered cells; of each name the last one."""
    found: dict[str, Function] = {}
    for cell, tree in cells:
        for name, node in _named(tree):
            last, digest = node.end_lineno or node.lineno, _digest(node)
            gives = "" if digest else _gives(node)
            found[name] = Function(name, cell, node.lineno, last, digest, gives, _parameters(name, node))
    return list(found.values())


def skeleton_digests(trees: Iterable[ast.Module]) -> frozenset[tuple[str, str]]:
    """Name and digest of every function of a handout whose body is left to students."""
    return frozenset(
        (name, _digest(node))
        for tree in trees
        for name, node in _named(tree)
        if any(isinstance(part, ast.Raise) and UNWRITTEN in ast.unparse(part) for part in ast.walk(node))
    )


def give_announced_names_none(tree: ast.Module) -> None:
    """Makes local variables that a function announces (`output: Tensor`) and never binds None, in place.

    A handout's return statement names what is to be computed: without a value, one missing result would cost them all.
    """
    nodes = list(statements_in(tree.body))
    if not any(isinstance(node, ast.AnnAssign) and node.value is None for node in nodes):
        return
    for node in nodes:
        if not isinstance(node, FUNCTIONS):
            continue
        parts = list(walk(node))
        bound = {part.arg for part in parts if isinstance(part, ast.arg)}
        announced = [
            part
            for part in parts
            if isinstance(part, ast.AnnAssign) and part.value is None and isinstance(part.target, ast.Name)
        ]
        targets = {id(part.target) for part in announced}
        bound |= {
            part.id
            for part in parts
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load) and id(part) not in targets
        }
        for part in announced:
            if isinstance(part.target, ast.Name) and part.target.id not in bound:
                part.value = ast.copy_location(ast.Constant(None), part.target)


def _named(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{part.name}", part) for part in node.body if isinstance(part, ast.FunctionDef))


def _parameters(name: str, function: ast.FunctionDef) -> tuple[str, ...]:
    taken = [part.arg for part in (*function.args.posonlyargs, *function.args.args)]
    return tuple(taken[1:] if "." in name else taken)[:50]


def _digest(function: ast.FunctionDef) -> str:
    body = [part for part in function.body if not _says_nothing(part)]
    if not body or (len(body) == 1 and _gives_nothing(body[0], _empty_names(function))):
        return ""
    text = "\n".join([ast.dump(function.args), *map(ast.dump, body)])
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _gives(function: ast.FunctionDef) -> str:
    """The names in the return statements of a function that does nothing."""
    returned = (part.value for part in function.body if isinstance(part, ast.Return) and part.value is not None)
    return ", ".join(part.id for value in returned for part in ast.walk(value) if isinstance(part, ast.Name))[:200]


def _says_nothing(node: ast.stmt) -> bool:
    """Docstrings, `...`, pass, raise, announced names, names that are made None, and `super().__init__()`."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) or ast.unparse(node.value).startswith("super(")
    nothing = isinstance(node, (ast.AnnAssign, ast.Assign)) and (node.value is None or _is_none(node.value))
    return nothing or isinstance(node, ast.Pass) or (isinstance(node, ast.Raise) and _says_to_do(node))


def _says_to_do(node: ast.Raise) -> bool:
    """Whether it raises what one writes in the place of an answer."""
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(raised, ast.Name) and raised.id in _PLACEHOLDERS


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _empty_names(function: ast.FunctionDef) -> set[str]:
    """The arguments of a function, and the names that it announces or makes None."""
    targets = [
        target
        for node in function.body
        if isinstance(node, (ast.AnnAssign, ast.Assign)) and _says_nothing(node)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    arguments = (part.arg for part in walk(function.args) if isinstance(part, ast.arg))
    return {*arguments, *(target.id for target in targets if isinstance(target, ast.Name))}


def _gives_nothing(node: ast.stmt, empty: Container[str]) -> bool:
    """Whether a statement returns nothing, or only what these names stand for."""
    if not isinstance(node, ast.Return):
        return False
    values: Sequence[ast.expr | None] = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    return all(
        value is None or _is_none(value) or (isinstance(value, ast.Name) and value.id in empty) for value in values
    )
