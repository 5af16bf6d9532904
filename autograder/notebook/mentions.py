"""What code mentions, as dotted names: through aliases, imports inside of functions, getattr and import_module with
constants.

An origin is where a value may come from: "torch.nn.GRU", "builtins.exec", "<Name>" for what the notebook defines
itself, and "?" for what the syntax tree does not tell, so that `loss.backward` is "?.backward".
"""

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from autograder.notebook.scopes import UNKNOWN, Scope, Value, assigned, children, constant, from_star
from autograder.notebook.statements import Bindings, Statement
from autograder.notebook.syntax import FUNCTIONS, import_origins

MAX_STEPS = 2000  # of following aliases for one mention; more only happens in code made to confuse


@dataclass(frozen=True)
class Mention:
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


class Reader:
    """Reads statements of one notebook."""

    def __init__(self, bindings: Bindings) -> None:
        self._asked: set[str] = set()  # of the part that is being read
        self._bindings = bindings
        self._module = Scope()
        self._methods: dict[str, set[str]] = {}
        self._following: set[tuple[int, str]] = set()
        self._steps = 0
        self._values: dict[Statement, dict[str, list[Value]]] = {}

    def read(self, statement: ast.stmt) -> dict[Methods, Reading]:
        """Everything that a top-level statement mentions, method by method; its own imports are no mentions.

        Methods with a name such as `__init__` belong to the code around them, since no code need call them by name. A
        function that is assigned to an attribute is a method, too.
        """
        readings: dict[Methods, Reading] = {}
        pending: list[tuple[ast.AST, Scope, int, Methods, bool]] = [(statement, self._module, 0, (), False)]
        while pending:
            node, scope, line, methods, named = pending.pop()
            reading = readings.get(methods)
            if reading is None:
                reading = readings[methods] = Reading()
            self._asked = reading.asked
            if node.__class__ in _MENTIONING:
                for mention in self._mentions_of(node, scope, line):
                    reading.mentions.append(replace(mention, merely_named=True) if named else mention)
            inside, value = methods, None
            if isinstance(node, FUNCTIONS) and scope.of_class:
                inside = (*methods, *_by_name(node.name))
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
                inside, value = (*methods, *_by_name(node.targets[0].attr)), _function(node.value)
            only_named = _merely_named(node)
            for child, inner in children(node, scope):
                where = inside if inner is not scope or child is value else methods
                merely = named or (bool(only_named) and any(child is one for one in only_named))
                pending.append((child, inner, line, where, merely))
            if isinstance(node, ast.Call):
                code = self._executed(node, scope)
                inner = Scope(scope, assigned(code))
                pending.extend((part, inner, line or node.lineno, methods, False) for part in code)
        return readings

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
            functions = self.origins(node.func, scope) if isinstance(node, ast.Call) else set[str]()
            self._ask(node, origins, functions, scope)
            if origins != {UNKNOWN} and not (isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)):
                yield Mention(frozenset(map(self._harmless, origins)), spelled(node), line or node.lineno)
            if isinstance(node, ast.Call) and not all(one.startswith("<") for one in functions):
                yield from _switched(node, line)

    def _ask(self, node: ast.expr, origins: set[str], functions: set[str], scope: Scope) -> None:
        """Notes what a name asks for, or a call of what has one of the origins `functions`."""
        for origin in origins:
            root, *attributes = origin.split(".")
            if root == "__main__":
                self._asked.update(attributes[:1])
            elif root.startswith((UNKNOWN, "<")) and not isinstance(getattr(node, "ctx", None), ast.Store):
                self._asked.update(f".{one}" for one in attributes)
        if isinstance(node, ast.Name) and scope.of_class and node.id in scope.names:
            self._asked.add(f".{node.id}")
        if isinstance(node, ast.Call):
            self._asked.update(f"{one[1:-1]}()" for one in functions if one.startswith("<") and one.endswith(">"))
            if _LOOK_UPS & functions and origins == {UNKNOWN}:
                self._asked.add(ANY_ATTRIBUTE)

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
        self._asked.add(name)
        statements = self._bindings.of(name)
        values = [value for statement in statements for value in self._assigned(statement).get(name, ())]
        found = self._follow(name, values, self._module) if statements else set()
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


# What finds attributes by names that need not be constant.
_LOOK_UPS = {"builtins.getattr", "builtins.vars", "operator.attrgetter", "operator.methodcaller"}


# Kinds of nodes that mention something, or define what is mentioned.
_MENTIONING = frozenset({ast.ClassDef, ast.Import, ast.ImportFrom, ast.Name, ast.Attribute, ast.Call, ast.Subscript})


def _switched(call: ast.Call, line: int) -> Iterator[Mention]:
    """The keywords of a call that are not switched off."""
    for keyword in call.keywords:
        if keyword.arg and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False):
            origin = f"{UNKNOWN}.{keyword.arg}"
            yield Mention(frozenset({origin}), f"{keyword.arg}=", line or keyword.value.lineno)


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
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.insert(0, node.attr)
        node = node.value
    return ".".join([node.id if isinstance(node, ast.Name) else "(...)", *attributes])
