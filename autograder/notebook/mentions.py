"""What code mentions, as dotted names: through aliases, imports inside of functions, getattr and import_module with
constants.

An origin is where a value may come from: "torch.nn.GRU", "builtins.exec", "<Name>" for what the notebook defines
itself, and "?" for what the syntax tree does not tell, so that `loss.backward` is "?.backward".
"""

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.notebook.scopes import UNKNOWN, Scope, Value, assigned, children, constant, from_star
from autograder.notebook.statements import Bindings
from autograder.notebook.syntax import FUNCTIONS, import_origins

MAX_STEPS = 2000  # of following aliases for one mention; more only happens in code made to confuse


@dataclass(frozen=True)
class Mention:
    """A name in code: where it may come from, how it is spelled, and its line in the cell."""

    origins: frozenset[str]
    spelled: str
    line: int


class Reader:
    """Reads statements of one notebook. `asked` collects the global names that they mention."""

    def __init__(self, bindings: Bindings) -> None:
        self.asked: set[str] = set()
        self._bindings = bindings
        self._module = Scope()
        self._methods: dict[str, set[str]] = {}
        self._following: set[tuple[int, str]] = set()
        self._steps = 0

    def mentions(self, statement: ast.stmt) -> Iterator[Mention]:
        """Everything that a top-level statement mentions, in no particular order; its own imports are no mentions."""
        pending: list[tuple[ast.AST, Scope, int]] = [(statement, self._module, 0)]
        while pending:
            node, scope, line = pending.pop()
            yield from self._mentions_of(node, scope, line)
            pending.extend((child, inner, line) for child, inner in children(node, scope))
            if isinstance(node, ast.Call):
                code = self._executed(node, scope)
                inner = Scope(scope, assigned(code))
                pending.extend((part, inner, line or node.lineno) for part in code)

    def _mentions_of(self, node: ast.AST, scope: Scope, line: int) -> Iterator[Mention]:
        if isinstance(node, ast.ClassDef):
            self._defined(node, scope)
        elif isinstance(node, ast.Import) and scope is not self._module:
            for alias in node.names:
                yield Mention(frozenset({alias.name}), alias.name, line or node.lineno)
        elif isinstance(node, ast.ImportFrom) and scope is not self._module:
            for origin in import_origins(node).values():
                yield Mention(frozenset({origin}), origin, line or node.lineno)
        elif isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)):
            origins = self.origins(node, scope)
            self.asked.update(one.split(".")[1] for one in origins if one.startswith("__main__."))
            if origins != {UNKNOWN} and not (isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)):
                yield Mention(frozenset(map(self._harmless, origins)), spelled(node), line or node.lineno)
        if isinstance(node, ast.Call) and not all(one.startswith("<") for one in self.origins(node.func, scope)):
            for keyword in node.keywords:
                if keyword.arg and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False):
                    origin = f"{UNKNOWN}.{keyword.arg}"
                    yield Mention(frozenset({origin}), f"{keyword.arg}=", line or keyword.value.lineno)

    def origins(self, node: ast.expr, scope: Scope) -> set[str]:
        """Where the value of an expression may come from."""
        self._steps = 0
        try:
            return self._origins(node, scope)
        except RecursionError:
            return {UNKNOWN}

    def _origins(self, node: Value, scope: Scope) -> set[str]:
        self._steps += 1
        if self._steps > MAX_STEPS:
            return {UNKNOWN}
        if isinstance(node, str):
            return {node}
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            return self._defined(node, scope)
        if isinstance(node, ast.Name):
            return self._lookup(node.id, scope)
        if isinstance(node, ast.Attribute):
            attributes: list[str] = []
            base: ast.expr = node
            while isinstance(base, ast.Attribute):
                attributes.insert(0, base.attr)
                base = base.value
            return {".".join([origin, *attributes]) for origin in self._origins(base, scope)}
        if isinstance(node, ast.Call):
            return self._result(node, scope)
        if isinstance(node, ast.Subscript):
            return self._item(node, scope)
        if isinstance(node, ast.IfExp):
            return self._origins(node.body, scope) | self._origins(node.orelse, scope)
        if isinstance(node, ast.BoolOp):
            return set().union(*(self._origins(value, scope) for value in node.values))
        if isinstance(node, ast.NamedExpr):
            return self._origins(node.value, scope)
        return {UNKNOWN}

    def _lookup(self, name: str, scope: Scope) -> set[str]:
        current: Scope | None = scope
        while current is not None and current is not self._module and name not in current.outer:
            if name in current.names and (current is scope or not current.of_class):
                return self._follow(name, current.names[name], current)
            current = current.parent
        self.asked.add(name)
        statements = self._bindings.of(name)
        values = [value for statement in statements for value in assigned([statement.node]).get(name, ())]
        found = self._follow(name, values, self._module) if statements else set()
        if not statements or UNKNOWN in found:
            found |= {
                origin
                for star in self._bindings.stars
                for origin in from_star(star.node, name, hasattr(builtins, name))
            }
        return found or {f"builtins.{name}" if hasattr(builtins, name) else UNKNOWN}

    def _follow(self, name: str, values: list[Value], scope: Scope) -> set[str]:
        key = (id(scope), name)
        if key in self._following or not values:
            return {UNKNOWN}
        self._following.add(key)
        try:
            return set().union(*(self._origins(value, scope) for value in values))
        finally:
            self._following.discard(key)

    def _result(self, call: ast.Call, scope: Scope) -> set[str]:
        functions = self._origins(call.func, scope)
        text = [constant(argument) for argument in call.args[:2]]
        if "builtins.getattr" in functions and len(text) == 2 and text[1]:
            return {f"{origin}.{text[1]}" for origin in self._origins(call.args[0], scope)}
        if {"importlib.import_module", "builtins.__import__"} & functions and text and text[0]:
            return {text[0], text[0].split(".")[0]} if "builtins.__import__" in functions else {text[0]}
        own = {origin for origin in functions if origin in self._methods}
        return own if own == functions else {UNKNOWN}

    def _item(self, node: ast.Subscript, scope: Scope) -> set[str]:
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
        owner, _, attributes = origin.partition(".")
        if not owner.startswith("<"):
            return origin
        method, _, rest = attributes.partition(".")
        harmless = method in self._methods.get(owner, ())
        return ".".join(filter(None, [UNKNOWN, rest if harmless else attributes]))

    def _executed(self, call: ast.Call, scope: Scope) -> list[ast.stmt]:
        """The statements of a constant string that the call executes."""
        code = constant(call.args[0]) if call.args else ""
        if not code or not {"builtins.exec", "builtins.eval", "builtins.compile"} & self.origins(call.func, scope):
            return []
        try:
            return ast.parse(code.strip()).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return []


def spelled(node: ast.expr) -> str:
    """A name as the student wrote it, with "(...)" for the call or expression at its root."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.insert(0, node.attr)
        node = node.value
    return ".".join([node.id if isinstance(node, ast.Name) else "(...)", *attributes])
