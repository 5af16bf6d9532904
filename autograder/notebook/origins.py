"""Where the values of code may come from: through aliases, getattr and import_module with constants.

An origin is a dotted name: "torch.nn.GRU", "builtins.exec", "<Name>" for what the notebook defines itself, and "?" for
what the syntax tree does not tell, so that `loss.backward` is "?.backward".
"""

import ast
import builtins
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from autograder.notebook.scopes import UNKNOWN, Scope, Value, assigned, constant, from_star
from autograder.notebook.statements import Bindings, Statement
from autograder.notebook.syntax import FUNCTIONS

_DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
MAX_STEPS = 2000  # of following aliases for one mention; more only happens in code made to confuse


class Known(NamedTuple):
    """Where a value may come from, as mentions tell it, too, and what that asks for.

    `attributes` are asked for unless they are set; `steps` is what it took to find out, when there were so many
    `classes`.
    """

    origins: AbstractSet[str]
    told: frozenset[str]
    asked: AbstractSet[str]
    attributes: AbstractSet[str]
    steps: int
    classes: int


_NOTHING_KNOWN = Known(frozenset({UNKNOWN}), frozenset({UNKNOWN}), frozenset(), frozenset(), 0, 0)


class Origins:
    """Finds out where the values in a notebook may come from; `module` is the scope of its top level."""

    def __init__(self, bindings: Bindings) -> None:
        self.module = Scope()
        self._asked: set[str] = set()  # so far, for what is being found out
        self._bindings = bindings
        self._methods: dict[str, set[str]] = {}
        self._following: set[tuple[Scope, str]] = set()
        self._steps = 0
        self._values: dict[Statement, dict[str, list[Value]]] = {}
        self._known: dict[tuple[Scope, str], Known] = {}  # by scope and spelling

    def know(self, node: Value, scope: Scope) -> Known:
        """What is known of an expression or a definition; what is a name, with attributes or without, is found once."""
        base, attributes = chain(node) if isinstance(node, ast.expr) else (None, "")
        if not isinstance(base, ast.Name):
            return self._find_out(node, scope)
        scope = self._scope_of(base.id, scope)
        key = (scope, f"{base.id}.{attributes}" if attributes else base.id)
        known = self._known.get(key)
        if known is not None and known.classes == len(self._methods):
            return known
        extra: AbstractSet[str] = frozenset()
        if attributes:
            owner = self.know(base, scope)
            if owner.steps < MAX_STEPS and owner.classes == len(self._methods):
                origins = {f"{origin}.{attributes}" for origin in owner.origins}
                known = self._known[key] = self._tell(origins, owner.asked, owner.steps + 1, owner.classes)
                return known
            extra = owner.asked  # for the classes that it led to
        known = self._find_out(node, scope)
        if known.steps <= MAX_STEPS:
            self._known[key] = known
        return known._replace(asked=known.asked | extra) if extra else known

    def know_result(self, call: ast.Call, function: Known, scope: Scope) -> Known:
        """What is known of a call, of whose function so much is known."""
        if function.steps >= MAX_STEPS:
            return self._find_out(call, scope)
        if _FINDING.isdisjoint(function.origins):
            return function if self._methods.keys() >= function.origins else _NOTHING_KNOWN
        return self._find_out(call, scope, function)

    def _find_out(self, node: Value, scope: Scope, function: Known | None = None) -> Known:
        """What there is to know of an expression; of a call, what is known of its `function`."""
        before, self._asked, classes = self._asked, set[str](), len(self._methods)
        self._steps = 0
        try:
            if isinstance(node, ast.Call) and function:
                self._steps = function.steps + 1
                origins = self._result(node, function.origins, scope)
            else:
                origins = self._origins(node, scope)
        except RecursionError:
            self._steps, origins = MAX_STEPS + 1, {UNKNOWN}
        finally:
            asked, self._asked = self._asked, before
        return self._tell(origins, asked, self._steps, classes)

    def _tell(self, origins: AbstractSet[str], asked: AbstractSet[str], steps: int, classes: int) -> Known:
        """What is known of a value by its origins, and by how they were found."""
        attributes: AbstractSet[str] = frozenset()
        for origin in origins:
            root, *names = origin.split(".") if "." in origin else [origin]
            if root == "__main__":
                asked = asked | {*names[:1]}
            elif names and root.startswith((UNKNOWN, "<")):
                attributes = attributes | {f".{one}" for one in names}
        return Known(origins, frozenset(map(self._harmless, origins)), asked, attributes, steps, classes)

    def _origins(self, node: Value, scope: Scope) -> AbstractSet[str]:
        self._steps += 1
        if self._steps > MAX_STEPS:
            return {UNKNOWN}
        if isinstance(node, str):
            return {node}
        if isinstance(node, _DEFINITIONS):
            return self._defined(node, scope)
        if isinstance(node, ast.Name):
            return self._lookup(node.id, scope)
        if isinstance(node, ast.Attribute):
            base, attributes = chain(node)
            return {f"{origin}.{attributes}" for origin in self._origins(base, scope)}
        if isinstance(node, ast.Call):
            return self._result(node, self._origins(node.func, scope), scope)
        if isinstance(node, ast.Subscript):
            return self._item(node, scope)
        if isinstance(node, ast.IfExp):
            return self._origins(node.body, scope) | self._origins(node.orelse, scope)
        if isinstance(node, ast.BoolOp):
            return set().union(*(self._origins(value, scope) for value in node.values))
        if isinstance(node, ast.NamedExpr):
            return self._origins(node.value, scope)
        return {UNKNOWN}

    def _scope_of(self, name: str, scope: Scope) -> Scope:
        """The scope, around some code or its own, in which a name has its values; the module's if there is no other."""
        current: Scope | None = scope
        while current is not None and current is not self.module and name not in current.outer:
            if name in current.names and (current is scope or not current.of_class):
                return current
            current = current.parent
        return self.module

    def _lookup(self, name: str, scope: Scope) -> AbstractSet[str]:
        """Where the value of a name may come from."""
        owner = self._scope_of(name, scope)
        known = None if self._following else self._known.get((owner, name))
        if known is not None and known.classes == len(self._methods) and self._steps + known.steps <= MAX_STEPS:
            self._steps += known.steps - 1
            self._asked |= known.asked
            return known.origins
        if owner is not self.module:
            return self._follow(name, owner.names[name], owner)
        self._asked.add(name)
        statements = self._bindings.of(name)
        values = [value for statement in statements for value in self._assigned(statement).get(name, ())]
        found = self._follow(name, values, self.module) if statements else set()
        if not statements or UNKNOWN in found:
            found |= {
                origin
                for star in self._bindings.stars
                for origin in from_star(star.node, name, hasattr(builtins, name))
            }
        return found or {f"builtins.{name}" if hasattr(builtins, name) else UNKNOWN}

    def _assigned(self, statement: Statement) -> dict[str, list[Value]]:
        """What a top-level statement may assign to the names that it binds."""
        if statement not in self._values:
            self._values[statement] = assigned([statement.node])
        return self._values[statement]

    def _follow(self, name: str, values: list[Value], scope: Scope) -> set[str]:
        key = (scope, name)
        if key in self._following or not values:
            return {UNKNOWN}
        self._following.add(key)
        try:
            return set().union(*(self._origins(value, scope) for value in values))
        finally:
            self._following.discard(key)

    def _result(self, call: ast.Call, functions: AbstractSet[str], scope: Scope) -> AbstractSet[str]:
        text = [constant(argument) for argument in call.args[:2]]
        if "builtins.getattr" in functions and len(text) == 2 and text[1]:
            return {f"{origin}.{text[1]}" for origin in self._origins(call.args[0], scope)}
        if {"importlib.import_module", "builtins.__import__"} & functions and text and text[0]:
            return {text[0], text[0].split(".")[0]} if "builtins.__import__" in functions else {text[0]}
        own = {origin for origin in functions if origin in self._methods}
        return own if own == functions else {UNKNOWN}

    def _item(self, node: ast.Subscript, scope: Scope) -> AbstractSet[str]:
        """`vars(torch)["relu"]`, `torch.__dict__["relu"]`, `sys.modules["torch"]` and `globals()["helper"]`."""
        key, owner = constant(node.slice), node.value
        if not key:
            return {UNKNOWN}
        if isinstance(owner, ast.Attribute) and owner.attr == "__dict__":
            return {f"{origin}.{key}" for origin in self._origins(owner.value, scope)}
        if isinstance(owner, ast.Call):
            functions = self._origins(owner.func, scope)
            if "builtins.vars" in functions and owner.args:
                return {f"{origin}.{key}" for origin in self._origins(owner.args[0], scope)}
            if functions & {"builtins.globals", "builtins.locals", "builtins.vars"}:
                return self._lookup(key, scope)
        return {key} if self._origins(owner, scope) == {"sys.modules"} else {UNKNOWN}

    def _defined(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> set[str]:
        origin = f"<{node.name}>"
        if isinstance(node, ast.ClassDef) and origin not in self._methods:
            methods = self._methods.setdefault(origin, set())
            methods.update(part.name for part in node.body if isinstance(part, FUNCTIONS))
            for base in node.bases:
                methods.update(*(self._methods.get(one, ()) for one in self._origins(base, scope)))
        return {origin}

    def _harmless(self, origin: str) -> str:
        """`cell.backward` is harmless where the notebook's own class of `cell` defines `backward`."""
        if not origin.startswith("<"):
            return origin
        owner, _, attributes = origin.partition(".")
        method, _, rest = attributes.partition(".")
        harmless = method in self._methods.get(owner, ())
        return ".".join(filter(None, [UNKNOWN, rest if harmless else attributes]))


_FINDING = {"builtins.getattr", "importlib.import_module", "builtins.__import__"}  # what a constant string names


def chain(node: ast.expr) -> tuple[ast.expr, str]:
    """The root of a chain of attributes, and the attributes with dots between them."""
    if not isinstance(node, ast.Attribute):
        return node, ""
    attributes, node = node.attr, node.value
    while isinstance(node, ast.Attribute):
        attributes, node = f"{node.attr}.{attributes}", node.value
    return node, attributes
