"""Scopes of Python code, as far as names need them: which names are local, and what may have been assigned to them."""

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from autograder.notebook.syntax import COMPREHENSIONS, FUNCTIONS, import_origins, parts, statements_in, walk

UNKNOWN = "?"
# What a name may stand for: an expression, a definition, the dotted name of an import, or UNKNOWN.
Value = ast.expr | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | str


@dataclass(eq=False)
class Scope:
    """The names of a function, class, lambda or comprehension, with the values that may be assigned to each."""

    parent: "Scope | None" = None
    names: dict[str, list[Value]] = field(default_factory=dict)
    of_class: str = ""  # the name of the class whose body it is
    outer: frozenset[str] = frozenset()  # names declared global


# Kinds of nodes that may have parts which are evaluated in a scope of their own.
SCOPING = (*FUNCTIONS, ast.Lambda, ast.ClassDef, *COMPREHENSIONS)


def children(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """The parts of a node, each with the scope that it is evaluated in."""
    inner, body = scope, set[ast.AST]()  # the nodes that are evaluated in the inner one
    if isinstance(node, (*FUNCTIONS, ast.Lambda)):
        statements = node.body if isinstance(node.body, list) else [node.body]
        body, inner = {*statements}, _function_scope(node.args, statements, scope)
    elif isinstance(node, ast.ClassDef):
        body, inner = {*node.body}, Scope(scope, assigned(node.body), of_class=node.name)
    elif isinstance(node, COMPREHENSIONS):
        targets = [part for generator in node.generators for part in walk(generator.target)]
        names: dict[str, list[Value]] = {part.id: [UNKNOWN] for part in targets if isinstance(part, ast.Name)}
        body, inner = {*parts(node)}, Scope(scope, names)
    yield from ((part, inner if part in body else scope) for part in parts(node))


def assigned(body: Iterable[ast.AST]) -> dict[str, list[Value]]:
    """The names that statements bind in their own scope, with everything that may be assigned to each."""
    names: dict[str, list[Value]] = {}
    pending = list(body)
    while pending:
        node = pending.pop()
        if node.__class__ not in _ASSIGNING:
            pending += parts(node)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            names.setdefault(node.name, []).append(node)
        elif isinstance(node, COMPREHENSIONS):
            pending += (part for part in walk(node) if isinstance(part, ast.NamedExpr))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for name, origin in import_origins(node).items():
                names.setdefault(name, []).append(origin)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
            if node.value is not None:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    _pair(target, node.value, names)
                pending.append(node.value)
        elif not isinstance(node, ast.Lambda):
            if captured := _captured(node):
                names.setdefault(captured, []).append(UNKNOWN)
            pending += parts(node)
    return names


# Kinds of nodes that bind names, or whose parts do not bind them here.
_ASSIGNING = frozenset({
    *(*SCOPING, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.NamedExpr),
    *(ast.Name, ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping),
})  # fmt: skip


def _captured(node: ast.AST) -> str | None:
    """The name that a node binds to something that is not written beside it."""
    if isinstance(node, ast.Name):
        return node.id if isinstance(node.ctx, ast.Store) else None
    if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        return node.name
    return node.rest if isinstance(node, ast.MatchMapping) else None


def constant(node: ast.expr) -> str:
    """The string that an expression of constants is ("g" + "ru"), or ""."""
    texts: list[str] = []
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add):
            pending.extend([part.right, part.left])
        elif isinstance(part, ast.JoinedStr):
            pending.extend(reversed(part.values))
        elif isinstance(part, ast.FormattedValue) and part.conversion < 0 and part.format_spec is None:
            pending.append(part.value)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            texts.append(part.value)
        else:
            return ""
    return "".join(texts)


def from_star(statement: ast.AST, name: str, builtin: bool) -> Iterator[str]:
    """The dotted names that `name` may have through the star imports in a statement.

    A module that is not loaded may hold any name but a builtin.
    """
    for node in walk(statement):
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            module = sys.modules.get(node.module or "")
            if hasattr(module, name) if module else not builtin:
                yield f"{'.' * node.level}{node.module or ''}.{name}"


def _pair(target: ast.expr, value: ast.expr, names: dict[str, list[Value]]) -> None:
    """Add the names and their values in `a, b = x, y`; a name that cannot be paired has an unknown value."""
    if isinstance(target, ast.Name):
        names.setdefault(target.id, []).append(value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        values = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
        matched = len(values) == len(target.elts) and not any(isinstance(one, ast.Starred) for one in values)
        for place, inner in enumerate(target.elts):
            _pair(inner, values[place] if matched else ast.Constant(None), names)
    elif isinstance(target, ast.Starred):
        _pair(target.value, ast.Constant(None), names)


def _function_scope(arguments: ast.arguments, body: Sequence[ast.AST], scope: Scope) -> Scope:
    names = assigned(body)
    inner = Scope(scope, names)
    for node in statements_in(body, (*FUNCTIONS, ast.ClassDef)):
        if isinstance(node, ast.Global):
            inner.outer |= frozenset(node.names)
        elif isinstance(node, ast.Nonlocal):
            for name in node.names:
                names.pop(name, None)
    positional = [*arguments.posonlyargs, *arguments.args]
    for argument in [*positional, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]:
        if argument is not None:
            # A method's first argument is an object of the class around it.
            own = scope.of_class and argument is positional[:1][0] if positional else False
            names.setdefault(argument.arg, []).append(f"<{scope.of_class}>" if own else UNKNOWN)
    return inner
