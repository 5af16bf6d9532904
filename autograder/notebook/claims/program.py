"""The code that runs when a cell runs: its own statements, and the functions and methods of the notebook they name.

A name stands for every definition that the notebook holds of it, since cells run in any order.
"""

import ast
import builtins
from collections.abc import Iterator
from functools import cached_property

from autograder.notebook.attached import root_name
from autograder.notebook.claims.routines import Routine, Value
from autograder.notebook.claims.words import listed
from autograder.notebook.notebook import Cell, Notebook
from autograder.notebook.syntax import FUNCTIONS, parts, walk

Function = ast.FunctionDef | ast.AsyncFunctionDef
MAX_ROUTINES = 200  # of one cell
# Methods that run without being named.
_UNNAMED = frozenset({"__init__", "__call__", "forward", "__str__", "__repr__", "__enter__", "__exit__"})
# Packages whose functions print nothing that a notebook's own code could be taken for.
SILENT = listed("""
    torch torchvision torchtext torchinfo numpy matplotlib seaborn math cmath random time timeit os sys re json copy io
    gc collections itertools functools operator pathlib typing dataclasses datetime warnings string enum abc types tqdm
    tensorboard tensorboardX einops PIL scipy pandas sklearn google IPython data glob shutil statistics contextlib
    unicodedata logging pprint rich __future__ datasets tokenizers spacy nltk sacrebleu csv pickle zipfile tarfile
""")
_RUNS_OTHER_CODE = listed("run system sx sc getoutput time timeit prun bash sh script python python3 load debug")


class Program:
    """A notebook's code, found by cell and by name."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._made: dict[int, Routine] = {}
        self._running: dict[int, list[Routine]] = {}
        self._named: dict[int, list[Routine]] = {}
        self._by_value: dict[str, list[Routine]] = {}

    def cell(self, number: int) -> Routine:
        """The statements of a code cell; none if it does not parse."""
        cell = self._notebook.cells[number - 1]
        return (
            self._routine(number, "", cell.tree) if cell.tree is not None else Routine(number, "", ast.Module([], []))
        )

    def running(self, number: int) -> list[Routine]:
        """All that may run when the code cell runs, itself first."""
        if number not in self._running:
            found = [self.cell(number)]
            for routine in found:  # which grows meanwhile
                found += [one for one in self._named_in(routine) if one not in found][: MAX_ROUTINES - len(found)]
            self._running[number] = found
        return self._running[number]

    def routines(self, name: str, near: tuple[str, ...] = ()) -> list[Routine]:
        """The functions of a name, and what a class of that name runs without being asked.

        With `near`, only those in cells whose text holds one of these strings.
        """
        made = []
        for cell, node in self._functions.get(name, ()):
            if not near or any(part in self._notebook.cells[cell - 1].text for part in near):
                made.append(self._routine(cell, name, node))
        for cell, methods in self._classes.get(name, ()) if not near else ():
            made += [self._routine(cell, one.name, one) for one in methods if one.name in _UNNAMED]
        return made

    def defines(self, name: str) -> bool:
        """Whether the notebook has a function or method of this name."""
        return name in self._functions or name in self._methods

    def inside(self, number: int) -> list[Routine]:
        """The statements of a code cell, and the functions and methods that stand in it."""
        listed_ones = [*self._functions.items(), *self._methods.items()]
        functions = [(name, node) for name, found in listed_ones for cell, node in found if cell == number]
        return [self.cell(number), *(self._routine(number, name, node) for name, node in functions)]

    def is_from_elsewhere(self, name: str) -> bool:
        """Whether a name is imported from a module of the student's own."""
        origin = self._notebook.bindings.imported.get(name, "")
        return bool(origin) and origin.lstrip(".").split(".")[0] not in SILENT

    def numbers_called(self, key: str, node: ast.expr) -> Iterator[int]:
        """The whole numbers that the object at the root of `config.epochs` or `config["epochs"]` may hold under a key.

        Its class, dictionary or call (`Config(epochs=60)`) is looked at.
        """
        names, seen = [root_name(node)], set[str]()
        while names and len(seen) < 20:
            name = names.pop()
            if name in seen:
                continue
            seen.add(name)
            for statement in self._notebook.bindings.of(name):
                for part in walk(statement.node):
                    yield from _keyed(part, key)
                    if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
                        names.append(part.func.id)

    def is_opaque(self, number: int) -> bool:
        """Whether the cell may run code that the notebook does not show: of other files, in strings, by magics."""
        cell = self._notebook.cells[number - 1]
        if cell.tree is None:
            return True
        return any(self._reaches_elsewhere(routine) for routine in self.running(number))

    def values(self, name: str, routine: Routine, cell: int) -> list[tuple[Value, Routine]]:
        """What a name may stand for in a routine that runs for a code cell, each with the routine it stands in.

        The routine's own values; for a parameter, what calls hand over; else those of the cell, or of the notebook.
        """
        if name in routine.values or name in routine.parameters:
            handed = self._handed(name, routine, cell) if name in routine.parameters else []
            return [(value, routine) for value in routine.values.get(name, [])] + handed
        own = self.cell(cell)
        if name in own.values or name.startswith("."):
            running = [own] if name in own.values else self.running(cell)
            return [(value, one) for one in running for value in one.values.get(name, [])]
        cells = dict.fromkeys(statement.cell for statement in self._notebook.bindings.of(name))
        return [(value, self.cell(number)) for number in cells for value in self.cell(number).values.get(name, [])]

    def _handed(self, parameter: str, routine: Routine, cell: int) -> list[tuple[Value, Routine]]:
        """The arguments that calls give to a parameter, or else its default."""
        names = [name for name in routine.parameters if name != "self"]
        found = []
        for caller in self.running(cell):
            for call in caller.calls:
                called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                if called == routine.name and parameter in names:
                    place = names.index(parameter)
                    given = [one.value for one in call.keywords if one.arg == parameter]
                    given += call.args[place : place + 1]
                    found += [(Value(one), caller) for one in given]
        default = routine.defaults.get(parameter)
        return found or ([(Value(default), routine)] if default is not None else [])

    def _reaches_elsewhere(self, routine: Routine) -> bool:
        bindings = self._notebook.bindings
        for name in routine.mentions:
            origin = routine.imported.get(name) or bindings.imported.get(name, "")
            if origin and origin.lstrip(".").split(".")[0] not in SILENT:
                return True
            if not origin and name in {"exec", "eval"}:
                return True
            known = name in bindings or name in routine.values or name in routine.parameters or hasattr(builtins, name)
            if not known and any(_is_unknown(star.node) for star in bindings.stars):
                return True
        return any(_runs_other_code(call) for call in routine.calls)

    def _named_in(self, routine: Routine) -> list[Routine]:
        """The routines that a routine names, by itself or in the statements that make up a name's value."""
        if id(routine) not in self._named:
            named = self._named[id(routine)] = []
            for name in sorted(routine.mentions):
                named += self.routines(name)
                if name not in routine.values and name not in self._functions and name not in self._classes:
                    named += self._named_by_value(name)
            for attribute in sorted(routine.attributes & self._methods.keys()):
                named += [self._routine(cell, attribute, method) for cell, method in self._methods[attribute]]
        return self._named[id(routine)]

    def _named_by_value(self, name: str) -> list[Routine]:
        if name not in self._by_value:
            found = self._by_value[name] = []
            for statement in self._notebook.bindings.of(name):
                for part in () if isinstance(statement.node, (ast.Import, ast.ImportFrom)) else walk(statement.node):
                    if isinstance(part, ast.Name) and part.id != name:
                        found += self.routines(part.id)
                    elif isinstance(part, ast.Lambda):
                        found.append(self._routine(statement.cell, name, part))
        return self._by_value[name]

    def _routine(self, cell: int, name: str, node: ast.AST) -> Routine:
        if id(node) not in self._made:
            routine = Routine(cell, name, node)
            if isinstance(node, ast.Module):
                routine.read(node.body)
            else:
                routine.read([node])  # type: ignore[list-item]  # a function, whose parameters are noted, or a lambda
            self._made[id(node)] = routine
        return self._made[id(node)]

    @cached_property
    def _functions(self) -> dict[str, list[tuple[int, Function]]]:
        found: dict[str, list[tuple[int, Function]]] = {}
        for cell, node in _definitions(self._notebook.cells):
            if isinstance(node, FUNCTIONS):
                found.setdefault(node.name, []).append((cell, node))
        return found

    @cached_property
    def _classes(self) -> dict[str, list[tuple[int, list[Function]]]]:
        found: dict[str, list[tuple[int, list[Function]]]] = {}
        for cell, node in _definitions(self._notebook.cells):
            if isinstance(node, ast.ClassDef):
                methods = [part for part in node.body if isinstance(part, FUNCTIONS)]
                found.setdefault(node.name, []).append((cell, methods))
        return found

    @cached_property
    def _methods(self) -> dict[str, list[tuple[int, Function]]]:
        found: dict[str, list[tuple[int, Function]]] = {}
        for classes in self._classes.values():
            for cell, methods in classes:
                for method in methods:
                    found.setdefault(method.name, []).append((cell, method))
        return found


def _definitions(cells: list[Cell]) -> Iterator[tuple[int, ast.stmt]]:
    """The functions and classes at the top level of cells, also in `if`, `try` and `with`."""
    for cell in cells:
        pending: list[ast.AST] = list(cell.tree.body) if cell.tree else []
        while pending:
            node = pending.pop(0)
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                yield cell.number, node
            elif isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.While, ast.ExceptHandler)):
                pending.extend(parts(node))


def _keyed(node: ast.AST, key: str) -> Iterator[int]:
    """The whole number that a piece of syntax gives to a key: keyword, dictionary, or class attribute."""
    pairs: list[tuple[object, ast.expr | None]] = []
    if isinstance(node, ast.keyword):
        pairs = [(node.arg, node.value)]
    elif isinstance(node, ast.Dict):
        pairs = [(getattr(one, "value", None), value) for one, value in zip(node.keys, node.values, strict=True)]
    elif isinstance(node, ast.Assign):
        pairs = [(getattr(one, "id", getattr(one, "attr", None)), node.value) for one in node.targets]
    elif isinstance(node, ast.AnnAssign):
        pairs = [(getattr(node.target, "id", None), node.value)]
    for name, value in pairs:
        if name == key and isinstance(value, ast.Constant) and type(value.value) is int:
            yield value.value


def _is_unknown(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and (statement.module or "").split(".")[0] not in SILENT


def _runs_other_code(call: ast.Call) -> bool:
    """A magic or a shell line that runs what is no Python of the notebook."""
    if not isinstance(call.func, ast.Attribute):
        return False
    owner = call.func.value
    if not (isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id == "get_ipython"):
        return isinstance(owner, ast.Name) and owner.id in {"os", "subprocess"} and call.func.attr in {"system", "run"}
    first = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else ""
    return call.func.attr != "run_line_magic" or first in _RUNS_OTHER_CODE
