"""What code mentions, as dotted names: where each may come from (see `origins`), and where it stands."""

import ast
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from autograder.notebook.origins import Origins, chain
from autograder.notebook.scopes import SCOPING, UNKNOWN, Scope, assigned, children, constant
from autograder.notebook.statements import Bindings
from autograder.notebook.syntax import FUNCTIONS, import_origins, parts


class Mention(NamedTuple):
    """A name in code: where it may come from, how it is spelled, and its line in the cell.

    One that is `merely_named` is an annotation, or something that a class is compared with.
    """

    origins: frozenset[str]
    spelled: str
    line: int
    merely_named: bool = False


@dataclass
class Reading:
    """What a part of a statement mentions, and what it asks for.

    That is global names, ".name" for attributes of objects whose class may be the notebook's, "Class()" for calls of
    the objects of a class, and ANY_ATTRIBUTE where a name is made at run time.
    """

    asked: set[str] = field(default_factory=set)
    mentions: list[Mention] = field(default_factory=list)


Methods = tuple[str, ...]  # the names of the methods that code stands in, from the outermost; none for other code
ANY_ATTRIBUTE = ".*"


class _Place(NamedTuple):
    """Where code stands; `line` is that of the call which executes it, 0 for what stands in no string."""

    scope: Scope
    line: int
    methods: Methods
    merely_named: bool


_Run = tuple[list[ast.AST], _Place]  # pieces of syntax that stand in one place


class Reader:
    """Reads statements of one notebook."""

    def __init__(self, bindings: Bindings) -> None:
        self._origins = Origins(bindings)

    def read(self, statement: ast.stmt) -> dict[Methods, Reading]:
        """Everything that a top-level statement mentions, method by method; its own imports are no mentions.

        Methods with a name such as `__init__` belong to the code around them, since no code need call them by name. A
        function that is assigned to an attribute is a method, too.
        """
        readings: dict[Methods, Reading] = {}
        pending: list[_Run] = [([statement], _Place(self._origins.module, 0, (), False))]
        while pending:
            nodes, place = pending.pop()
            if not nodes:
                continue
            reading = readings.setdefault(place.methods, Reading())
            while nodes:
                node = nodes.pop()
                kind = node.__class__
                code = self._note(node, place, reading) if kind in _MENTIONING else None
                if kind in _MOVING and (moved := _moved(node, place)) or code:
                    pending += [(nodes, place), *(moved or [([part], place) for part in parts(node)])]
                    pending += [code] if code else []
                    break
                nodes += _within(node) if isinstance(node, ast.Attribute) else parts(node)
        return readings

    def _note(self, node: ast.AST, place: _Place, reading: Reading) -> _Run | None:
        """Adds what one node mentions and asks for; returns the code in a string that it executes."""
        scope, line, _, named = place
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
            known, loads = self._origins.know(node, scope), node.ctx.__class__ is ast.Load
            reading.asked |= known.asked
            if known.attributes and node.ctx.__class__ is not ast.Store:
                reading.asked |= known.attributes
            if scope.of_class and isinstance(node, ast.Name) and node.id in scope.names:
                reading.asked.add(f".{node.id}")
            if known.origins != {UNKNOWN} and (loads or not isinstance(node, ast.Name)):
                reading.mentions.append(Mention(known.told, spelled(node), line or node.lineno, named))
        elif isinstance(node, ast.Call):
            return self._note_call(node, place, reading)
        elif isinstance(node, ast.ClassDef):
            reading.asked |= self._origins.know(node, scope).asked
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and scope is not self._origins.module:
            imported = (
                [one.name for one in node.names] if isinstance(node, ast.Import) else import_origins(node).values()
            )
            reading.mentions += (Mention(frozenset({one}), one, line or node.lineno, named) for one in imported)
        return None

    def _note_call(self, call: ast.Call, place: _Place, reading: Reading) -> _Run | None:
        """Adds what a call mentions and asks for by itself; returns the code in a string that it executes."""
        scope, line, _, named = place
        function = self._origins.know(call.func, scope)
        reading.asked |= function.asked
        functions = function.origins
        known = self._origins.know_result(call, function, scope)
        reading.asked |= known.asked | known.attributes
        reading.asked.update(f"{one[1:-1]}()" for one in functions if one.startswith("<") and one.endswith(">"))
        if known.origins != {UNKNOWN}:
            reading.mentions.append(Mention(known.told, spelled(call), line or call.lineno, named))
        elif _LOOK_UPS & functions:
            reading.asked.add(ANY_ATTRIBUTE)
        if call.keywords and not all(one.startswith("<") for one in functions):
            reading.mentions += _switched(call, line, named)
        return self._executed(call, functions, place)

    def _executed(self, call: ast.Call, functions: AbstractSet[str], place: _Place) -> _Run | None:
        """The statements of a constant string that the call of one of `functions` executes."""
        code = constant(call.args[0]) if call.args and _EXECUTING & functions else ""
        if not code:
            return None
        try:
            body: list[ast.AST] = [*ast.parse(code.strip()).body]
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        inner = Scope(place.scope, assigned(body))
        return (body, _Place(inner, place.line or call.lineno, place.methods, False)) if body else None


_EXECUTING = {"builtins.exec", "builtins.eval", "builtins.compile"}
# What finds attributes by names that need not be constant.
_LOOK_UPS = {"builtins.getattr", "builtins.vars", "operator.attrgetter", "operator.methodcaller"}


# Kinds of nodes that mention something, or define what is mentioned.
_MENTIONING = frozenset({ast.ClassDef, ast.Import, ast.ImportFrom, ast.Name, ast.Attribute, ast.Call, ast.Subscript})


def _switched(call: ast.Call, line: int, named: bool) -> Iterator[Mention]:
    """The keywords of a call that are not switched off."""
    for keyword in call.keywords:
        if keyword.arg and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False):
            origin = f"{UNKNOWN}.{keyword.arg}"
            yield Mention(frozenset({origin}), f"{keyword.arg}=", line or keyword.value.lineno, named)


# Kinds of nodes of which some part may not stand where the node does.
_MOVING = frozenset({*SCOPING, ast.Assign, ast.AnnAssign, ast.arg, ast.Call, ast.Compare})


def _moved(node: ast.AST, place: _Place) -> list[_Run]:
    """The parts of a node, each with its place; none if all of them stand where the node does."""
    scope, line, methods, named = place
    inside, value = methods, None
    if isinstance(node, FUNCTIONS) and scope.of_class:
        inside = (*methods, *_by_name(node.name))
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
        inside, value = (*methods, *_by_name(node.targets[0].attr)), _function(node.value)
    only_named = _merely_named(node)
    if not only_named and value is None and not isinstance(node, SCOPING):
        return []
    found: list[_Run] = []
    for child, inner in children(node, scope):
        where = inside if inner is not scope or child is value else methods
        merely = named or any(child is one for one in only_named)
        found.append(([child], _Place(inner, line, where, merely)))
    return found


def _by_name(method: str) -> Methods:
    """The method, if only code that names it calls it."""
    return () if method.startswith("__") else (method,)


def _function(value: ast.expr) -> ast.expr | None:
    """A value that may be a function and is not computed here."""
    return value if isinstance(value, (ast.Name, ast.Attribute, ast.Lambda)) else None


_NAMING = frozenset({ast.arg, ast.AnnAssign, *FUNCTIONS, ast.Call, ast.Compare})


def _merely_named(node: ast.AST) -> list[ast.AST]:
    """The parts of a node that no code calls: annotations, and what a class is compared with."""
    if node.__class__ not in _NAMING:
        return []
    if isinstance(node, ast.arg) and node.annotation:
        return [node.annotation]
    if isinstance(node, ast.AnnAssign):
        return [node.annotation]
    if isinstance(node, FUNCTIONS) and node.returns:
        return [node.returns]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "issubclass"):
        return [*node.args[1:]]
    if isinstance(node, ast.Compare):
        return [one for one in node.comparators if isinstance(one, (ast.Name, ast.Attribute, ast.Tuple))]
    return []


def spelled(node: ast.expr) -> str:
    """A name as the student wrote it, with "(...)" for the call or expression at its root."""
    base, attributes = chain(node)
    root = base.id if isinstance(base, ast.Name) else "(...)"
    return f"{root}.{attributes}" if attributes else root


def _within(node: ast.Attribute) -> list[ast.AST]:
    """What a chain of attributes begins with, if that is no name, which the chain itself mentions."""
    base, _ = chain(node)
    return [] if isinstance(base, ast.Name) else [base]
