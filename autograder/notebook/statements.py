"""The top-level statements of a notebook: which names each binds or changes, and which statements make up a name."""

import __future__

import ast
import builtins
import copy
import sys
import warnings
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from types import CodeType

from autograder.notebook.attached import called_function, changed_by_call, is_switch
from autograder.notebook.syntax import FUNCTIONS, bindings_of, eager, import_origins, statements_in, walk

LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPOUND = (ast.If, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)  # what else may hold loops that run
_CLASSES_SAY_WHERE = sys.version_info >= (3, 13)


def cell_filename(number: int) -> str:
    """The file name that code of code cell `number` (from 1) is compiled with."""
    return f"<code cell {number}>"


@dataclass(eq=False)
class Statement:
    """A top-level statement. Loops are taken out of `node`, so that no statement trains for hours."""

    cell: int
    before: int  # lines of the cells above its own, where all of them are one module's source
    node: ast.stmt
    flags: int  # compiler flags of the `from __future__` imports in force
    bound: frozenset[str]  # names that it assigns, defines or imports ("*" for a star import)
    changed: frozenset[str]  # names whose attributes or items it sets, or whose method it calls
    looped: frozenset[str]  # names that only a loop in it binds
    imported: dict[str, str]  # the dotted origin of every name that it imports
    deleted: str  # the name that `del name` deletes, or ""

    @cached_property
    def code(self) -> CodeType:
        """The compiled statement, once for all the namespaces of a notebook.

        Raises SyntaxError for what only the compiler sees (`return` outside of a function).
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.Module([self.node], [])
            with _classes_in_the_module(self.node, self.before):
                code: CodeType = compile(module, cell_filename(self.cell), "exec", flags=self.flags, dont_inherit=True)
            return code

    def must_succeed(self, name: str) -> bool:
        """Whether `name` has no value if the statement fails; one that sets an attribute of it may fail."""
        return name in self.bound or name not in self.changed

    def replaces(self, name: str) -> bool:
        """Whether it always gives `name` a new value without looking at the former one."""
        if name not in self.bound or name in self.changed:
            return False
        if isinstance(self.node, (ast.Import, ast.ImportFrom)):
            return True
        if isinstance(self.node, (*FUNCTIONS, ast.ClassDef, ast.Assign, ast.AnnAssign)):
            return not any(
                isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Load)
                for part in eager(self.node)
            )
        return False


@contextmanager
def _classes_in_the_module(node: ast.stmt, before: int) -> Iterator[None]:
    """While it is compiled, lets each class say where it begins in the source of the module instead of in its cell.

    From Python 3.13 on, inspect.getsource believes what a class says, and looks there into its module's source.
    """
    classes = [part for part in walk(node) if isinstance(part, ast.ClassDef)] if _CLASSES_SAY_WHERE else []
    for part in classes:
        first = min([part.lineno, *(decorator.lineno for decorator in part.decorator_list)])
        place = ast.Assign([ast.Name("__firstlineno__", ast.Store())], ast.Constant(before + first))
        part.body.append(ast.fix_missing_locations(ast.copy_location(place, part)))
    try:
        yield
    finally:
        for part in classes:
            part.body.pop()


class Bindings:
    """All statements of a notebook, found by the names that they bind.

    `del name` at the top level takes no definition away (students free memory so) unless it uncovers a builtin.
    `switches` are the statements that change what torch makes from then on; they belong to no name.
    """

    def __init__(self, trees: Iterable[tuple[int, int, ast.Module]]) -> None:
        self.statements = list(_statements(trees))
        self.stars = [statement for statement in self.statements if "*" in statement.bound]
        self.imported = {name: origin for statement in self.statements for name, origin in statement.imported.items()}
        self.switches = self._switches()
        self._by_name: dict[str, list[Statement]] = {}
        self._selected: dict[str, list[Statement]] = {}
        for statement in self.statements:
            target = changed_by_call(statement.node, self.imported)
            statement.changed |= {target} - {""}
            for name in (statement.bound | statement.changed | statement.looped | {statement.deleted}) - {"", "*"}:
                self._by_name.setdefault(name, []).append(statement)
        for name, statements in self._assigned_in_functions().items():
            self._by_name.setdefault(name, statements)

    def _switches(self) -> list[Statement]:
        """The statements that call one of SWITCHING, or a function of the notebook that does."""
        setups = {
            statement.node.name
            for statement in self.statements
            if isinstance(statement.node, FUNCTIONS)
            and any(
                is_switch(part, self.imported) for part in statements_in([statement.node]) if isinstance(part, ast.Expr)
            )
        }
        return [
            statement
            for statement in self.statements
            if is_switch(statement.node, self.imported) or called_function(statement.node) in setups
        ]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def cells(self) -> dict[str, list[int]]:
        """Every name that is bound, with the numbers of the code cells that bind it."""
        found: dict[str, list[int]] = {}
        for statement in self.statements:
            for name in sorted(statement.bound - {"*"}):
                if statement.cell not in found.setdefault(name, []):
                    found[name].append(statement.cell)
        return found

    def rebound(self) -> set[str]:
        """The names that are bound more than once, but for functions, classes and imports of the same thing.

        Names that only a loop binds are among them, and builtins, which are bound before the notebook begins; so is
        what keeps the former definition of a function or class: `first = f`, and then another `f`.
        """
        found, defined_again = set[str](), set[str]()
        for name, statements in self._by_name.items():
            binding = [one for one in statements if name in one.bound]
            origins = {one.imported.get(name, "") for one in binding}
            imported = len(origins) == 1 and "" not in origins
            defined = all(isinstance(one.node, (*FUNCTIONS, ast.ClassDef)) for one in binding)
            looped = any(name in one.looped for one in statements)
            if looped or (len(binding) > 1 and not imported and not defined) or (binding and hasattr(builtins, name)):
                found.add(name)
            elif len(binding) > 1 and not imported:
                defined_again.add(name)
        return found | self._keeping(defined_again)

    def _keeping(self, defined_again: AbstractSet[str]) -> set[str]:
        """The names bound by what reads one of some functions and classes before its last definition."""
        if not defined_again:
            return set()
        later = {name: max(self.statements.index(one) for one in self._by_name[name]) for name in defined_again}
        return {
            name
            for number, statement in enumerate(self.statements)
            if any(isinstance(part, ast.Name) and later.get(part.id, 0) > number for part in eager(statement.node))
            for name in statement.bound
        }

    def of(self, name: str) -> list[Statement]:
        """The statements that make up the final value of `name`, in order; superseded definitions are left out."""
        if name not in self._selected:
            self._selected[name] = self._select(name)
        return self._selected[name]

    def _select(self, name: str) -> list[Statement]:
        everything = self._by_name.get(name, [])
        alive: list[Statement] = []
        for statement in everything:
            alive = [] if statement.deleted == name else [*alive, statement]
        if not alive and not hasattr(builtins, name):
            alive = [statement for statement in everything if statement.deleted != name]
        start, origin = 0, ""
        for place, statement in enumerate(alive):
            if statement.replaces(name):
                # Importing the same again keeps the object, and with it what was set on it in between.
                same = origin and origin == statement.imported.get(name)
                start, origin = start if same else place, statement.imported.get(name, "")
        return alive[start:]

    def _assigned_in_functions(self) -> dict[str, list[Statement]]:
        """Names that functions assign by `global`, with the top-level calls of these functions."""
        functions: dict[str, set[str]] = {}
        for statement in self.statements:
            if isinstance(statement.node, FUNCTIONS):
                declared = {
                    name
                    for node in statements_in([statement.node])
                    if isinstance(node, ast.Global)
                    for name in node.names
                }
                functions.setdefault(statement.node.name, set()).update(declared)
        found: dict[str, list[Statement]] = {}
        for statement in self.statements:
            for name in functions.get(called_function(statement.node), ()):
                found.setdefault(name, []).append(statement)
        return found


def _statements(trees: Iterable[tuple[int, int, ast.Module]]) -> Iterator[Statement]:
    flags = 0
    for cell, before, tree in trees:
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                flags |= sum(
                    getattr(__future__, alias.name).compiler_flag
                    for alias in node.names
                    if hasattr(__future__, alias.name)
                )
        for node in tree.body:
            for single in _split(node):
                yield _statement(cell, before, single, flags)


def _statement(cell: int, before: int, node: ast.stmt, flags: int) -> Statement:
    if isinstance(node, ast.Delete) and isinstance(node.targets[0], ast.Name):
        return Statement(cell, before, node, flags, frozenset(), frozenset(), frozenset(), {}, node.targets[0].id)
    runs = _without_loops(node)
    bound, changed = bindings_of(runs)
    looped = frozenset[str]() if runs is node else frozenset().union(*bindings_of(node)) - bound - changed
    imported: dict[str, str] = {}
    for part in statements_in([runs], FUNCTIONS):
        if isinstance(part, (ast.Import, ast.ImportFrom)):
            imported.update(import_origins(part))
    return Statement(cell, before, runs, flags, bound, changed, looped, imported, "")


def _split(node: ast.stmt) -> Iterator[ast.stmt]:
    """One statement for each name of `import a, b` and `del a, b`: a missing package takes away its own name alone."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            single = copy.copy(node)
            single.names = [alias]
            yield single
    elif isinstance(node, ast.Delete):
        for target in node.targets:
            single_target = copy.copy(node)
            single_target.targets = [target]
            yield single_target
    else:
        yield node


def _without_loops(node: ast.stmt) -> ast.stmt:
    """A statement without the loops in it; the tree that it came from is left as it is."""
    if isinstance(node, LOOPS):
        return ast.copy_location(ast.Pass(), node)
    if not isinstance(node, _COMPOUND):
        return node
    copied = copy.copy(node)
    pending: list[ast.AST] = [copied]
    while pending:
        part = pending.pop()
        if isinstance(part, (*FUNCTIONS, ast.ClassDef)):
            continue
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(part, field, None)
            if isinstance(inner, list):
                kept = [
                    ast.copy_location(ast.Pass(), one) if isinstance(one, LOOPS) else copy.copy(one) for one in inner
                ]
                setattr(part, field, kept)
                pending.extend(kept)
    return copied
