"""The names that a piece of syntax binds when it runs, and the parts of it that run."""

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


# Fields of nodes that hold no node, or one without anything in it, whatever the node is.
_PLAIN_FIELDS = frozenset({
    *("ctx", "op", "ops", "id", "attr", "arg", "kind", "type_comment", "conversion", "level", "module", "asname"),
    *("simple", "is_async", "rest", "kwd_attrs"),
})  # fmt: skip
_fields: dict[type[ast.AST], tuple[str, ...]] = {}  # of a kind of node, those that may hold nodes
# The parts of the kinds that nearly all nodes are of: their fields need no look at what they hold.
_PARTS: dict[type[ast.AST], Callable[[Any], Sequence[ast.AST]]] = {
    ast.Name: lambda _: (),
    ast.Constant: lambda _: (),
    ast.Attribute: lambda node: (node.value,),
    ast.Call: lambda node: (node.func, *node.args, *node.keywords),
    ast.arg: lambda node: (node.annotation,) if node.annotation else (),
    ast.Expr: lambda node: (node.value,),
    ast.keyword: lambda node: (node.value,),
    ast.Assign: lambda node: (*node.targets, node.value),
    ast.BinOp: lambda node: (node.left, node.right),
    ast.Tuple: lambda node: (*node.elts,),
    ast.List: lambda node: (*node.elts,),
    ast.Subscript: lambda node: (node.value, node.slice),
}


def parts(node: ast.AST) -> Sequence[ast.AST]:
    """What `ast.iter_child_nodes` yields, without operators and contexts, in a fraction of the time.

    Those are one object for all trees of a process: what IPython shows tracebacks with hangs a `parent` on them.
    """
    kind = node.__class__
    if kind in _PARTS:
        return _PARTS[kind](node)
    fields = _fields.get(kind)
    if fields is None:
        fields = _fields[kind] = tuple(name for name in kind._fields if name not in _PLAIN_FIELDS)
    found: list[ast.AST] = []
    for name in fields:
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(node: ast.AST, skipped: tuple[type[ast.AST], ...] = ()) -> Iterator[ast.AST]:
    """A node and everything in it but what lies in nodes of these kinds: `ast.walk` in a fraction of the time."""
    pending = [node]
    while pending:
        part = pending.pop()
        if not skipped or not isinstance(part, skipped):
            yield part
            kind = part.__class__
            pending += _PARTS[kind](part) if kind in _PARTS else parts(part)


def statements_in(body: Iterable[ast.AST], skipped: tuple[type[ast.AST], ...] = ()) -> Iterator[ast.AST]:
    """Some statements and those inside them, with handlers and cases, but nothing in those of the kinds `skipped`."""
    pending = list(body)
    while pending:
        node = pending.pop()
        yield node
        if node.__class__ in _NESTING and not isinstance(node, skipped):
            for name in ("body", "handlers", "orelse", "finalbody", "cases"):
                pending += getattr(node, name, ())


# Kinds of nodes that hold statements.
_NESTING = frozenset({
    *(*FUNCTIONS, ast.ClassDef, ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith),
    *(ast.Try, ast.TryStar, ast.ExceptHandler, ast.Match, ast.match_case),
})  # fmt: skip


def names_in(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that stand among some nodes."""
    return {node.id for node in nodes if type(node) is ast.Name}


def eager(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement that are evaluated when it runs: everything but the bodies of functions and lambdas."""
    pending = [node]
    while pending:
        part = pending.pop()
        yield part
        if part.__class__ in _DEFERRING and isinstance(part, (*FUNCTIONS, ast.Lambda)):
            pending.extend(default for default in [*part.args.defaults, *part.args.kw_defaults] if default)
            if not isinstance(part, ast.Lambda):
                arguments = [*part.args.posonlyargs, *part.args.args, *part.args.kwonlyargs]
                pending.extend([*part.decorator_list, *(one.annotation for one in arguments if one.annotation)])
        else:
            pending += parts(part)


_DEFERRING = frozenset({*FUNCTIONS, ast.Lambda})  # kinds of nodes with a body that runs later


def root_name(node: ast.expr) -> str:
    """The name at the root of a chain of attributes, items and method calls, or "" if something else is there."""
    while True:
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func
        else:
            return ""


def import_origins(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """The names that an import binds, with their dotted origins: {"nn": "torch.nn"}."""
    if isinstance(node, ast.Import):
        return {
            alias.asname or alias.name.split(".")[0]: alias.name if alias.asname else alias.name.split(".")[0]
            for alias in node.names
        }
    module = "." * node.level + (node.module or "")
    return {alias.asname or alias.name: f"{module}.{alias.name}" for alias in node.names}


# Kinds of nodes that bind or change a name, or whose parts do not.
_BINDING = frozenset({
    *(*FUNCTIONS, ast.ClassDef, ast.Lambda, ast.AnnAssign, *COMPREHENSIONS, ast.Import, ast.ImportFrom, ast.Name),
    *(ast.Attribute, ast.Subscript, ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping),
})  # fmt: skip


def bindings_of(node: ast.AST) -> tuple[frozenset[str], frozenset[str]]:
    """The names that running a statement binds, and those whose attributes or items it changes."""
    bound: set[str] = set()
    changed: set[str] = set()
    pending = [node]
    while pending:
        part = pending.pop()
        if part.__class__ not in _BINDING:
            pending += parts(part)
            continue
        if isinstance(part, (*FUNCTIONS, ast.ClassDef)):
            bound.add(part.name)
            continue
        if isinstance(part, ast.Lambda) or (isinstance(part, ast.AnnAssign) and part.value is None):
            continue
        if isinstance(part, COMPREHENSIONS):
            # Only a walrus binds outside of a comprehension.
            pending.extend(inner.target for inner in ast.walk(part) if isinstance(inner, ast.NamedExpr))
            continue
        if isinstance(part, (ast.Import, ast.ImportFrom)):
            bound.update(import_origins(part))
        elif isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            bound.add(part.id)
        elif isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load):
            changed.add(root_name(part))
        elif isinstance(part, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and part.name:
            bound.add(part.name)
        elif isinstance(part, ast.MatchMapping) and part.rest:
            bound.add(part.rest)
        pending.extend(parts(part))
    return frozenset(bound), frozenset(changed - {""})
