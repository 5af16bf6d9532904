"""What stands in the code of a cell or function: the values of names, calls, loops, and what it mentions."""

import ast
from dataclasses import dataclass, field

from autograder.notebook.attached import root_name
from autograder.notebook.syntax import FUNCTIONS, import_origins, parts

_LOOPS = frozenset({ast.For, ast.AsyncFor})
_ASSIGNMENTS = frozenset({ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.comprehension})
_OTHERS = frozenset({ast.Attribute, ast.Call, ast.Import, ast.ImportFrom, *FUNCTIONS, ast.Lambda, ast.Break})
_NOTED = _LOOPS | _ASSIGNMENTS | _OTHERS


@dataclass(frozen=True)
class Value:
    """An expression that may be a name's value, and what the loops around it go through, outermost first."""

    expression: ast.expr
    around: tuple[ast.expr, ...] = ()


@dataclass(eq=False)
class Routine:
    """The code of a cell (`name` is ""), or of a function or method, with what stands in it.

    `values` maps names to what they may be; an attribute's name has a dot before it.
    """

    cell: int
    name: str
    tree: ast.AST
    parameters: list[str] = field(default_factory=list)
    defaults: dict[str, ast.expr] = field(default_factory=dict)
    values: dict[str, list[Value]] = field(default_factory=dict)
    calls: list[ast.Call] = field(default_factory=list)
    loops: list[ast.For | ast.AsyncFor] = field(default_factory=list)
    mentions: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    imported: dict[str, str] = field(default_factory=dict)
    breaks: bool = False

    @property
    def foreign(self) -> set[str]:
        """The names that it takes from outside."""
        return self.mentions - self.values.keys() - set(self.parameters)

    def read(self, statements: list[ast.stmt]) -> None:
        """Takes in statements, without the functions and classes among them when they are a cell's."""
        pending: list[tuple[ast.AST, tuple[ast.expr, ...]]] = [(one, ()) for one in reversed(statements)]
        while pending:
            node, around = pending.pop()
            if not self.name and isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                continue
            kind = type(node)
            if kind is ast.Name:
                self.mentions.add(node.id)  # type: ignore[attr-defined]
                continue
            if kind in _NOTED:
                self._note(node, around)
                if kind in _LOOPS:
                    around = (*around, node.iter)  # type: ignore[attr-defined]
            pending.extend([(part, around) for part in parts(node)])

    def _note(self, node: ast.AST, around: tuple[ast.expr, ...]) -> None:
        if isinstance(node, ast.Attribute):
            self.attributes.add(node.attr)
        elif isinstance(node, ast.Call):
            self.calls.append(node)
            if isinstance(node.func, ast.Attribute) and node.func.attr in {"append", "update", "extend"} and node.args:
                self._add(root_name(node.func.value), node.args[0], around)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self._bind(target, node.value, around)
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and node.value is not None:
            self._bind(node.target, node.value, around)
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            self.loops.append(node)
            self._bind(node.target, node.iter, around)
        elif isinstance(node, ast.comprehension):
            self._bind(node.target, node.iter, around)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self.imported.update(import_origins(node))
        elif isinstance(node, (*FUNCTIONS, ast.Lambda)):
            self._take(node.args)
        elif isinstance(node, ast.Break):
            self.breaks = True

    def _take(self, arguments: ast.arguments) -> None:
        positional = [*arguments.posonlyargs, *arguments.args]
        self.parameters += [one.arg for one in [*positional, *arguments.kwonlyargs] if one.arg not in self.parameters]
        given = zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True)
        self.defaults |= {argument.arg: default for argument, default in given}
        named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        self.defaults |= {argument.arg: default for argument, default in named if default is not None}

    def _bind(self, target: ast.expr, value: ast.expr, around: tuple[ast.expr, ...]) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            pairs = isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts)
            for place, inner in enumerate(target.elts):
                self._bind(inner, value.elts[place] if pairs else value, around)  # type: ignore[attr-defined]
        elif isinstance(target, ast.Name):
            self._add(target.id, value, around)
        elif isinstance(target, ast.Attribute):
            self._add(f".{target.attr}", value, around)
        elif isinstance(target, (ast.Subscript, ast.Starred)):
            self._add(root_name(target), value, around)

    def _add(self, name: str, value: ast.expr, around: tuple[ast.expr, ...]) -> None:
        self.values.setdefault(name, []).append(Value(value, around))
