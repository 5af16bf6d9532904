"""A notebook's globals, of which nothing runs until it is asked for.

`namespace["RNN"]` runs the statements that bind RNN, which in turn ask for `nn`, `math`, `DEVICE` ... So training
loops, downloads, mounts and plots never run, because no definition asks for them. Names have the values of the end of
a full run: the last definition wins, and a superseded one does not run at all.

What differs from a full run: loops at the top level do not run, calls in `attached.NEVER_RUN` do not
change the name that they are called on, `del name` takes no definition away (students free memory so), a statement
sees the last value of a name even if that is bound further down, and `globals().update(...)` in a statement that
binds nothing goes unseen. A function that says `global x` may replace a given `x`.
"""

import ast
import builtins
import linecache
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from traceback import walk_tb
from types import ModuleType
from typing import Any

from autograder.notebook.notebook import Notebook
from autograder.notebook.statements import Bindings, Statement, cell_filename
from autograder.worker.machine import switch_back


class Shell:
    """Stands in for IPython's shell: every method exists and does nothing."""

    def getoutput(self, *_: object, **__: object) -> list[str]:
        """No lines of output, as no command runs."""
        return []

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


class NotebookModule(ModuleType):
    """The module `__main__` of the notebook: its attributes are the names of the namespace."""

    def __init__(self, namespace: dict[str, Any], filename: str) -> None:
        super().__init__("__main__")
        object.__setattr__(self, "__file__", filename)
        object.__setattr__(self, "_namespace", namespace)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        """The namespace itself, as typing and dataclasses look up string annotations in it."""
        namespace: dict[str, Any] = object.__getattribute__(self, "_namespace")
        return namespace

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"module '__main__' has no attribute {name!r}") from None

    def __setattr__(self, name: str, value: object) -> None:
        self.__dict__[name] = value

    def __delattr__(self, name: str) -> None:
        del self.__dict__[name]


class NotebookBuiltins(dict[str, Any]):
    """Builtins that ask the namespace: CPython looks up globals of a class body in the exact dict only, then here."""

    def __init__(self, namespace: dict[str, Any], bindings: Bindings) -> None:
        standins = {"get_ipython": Shell, "display": lambda *_, **__: None}
        everything = vars(builtins) | standins
        super().__init__(
            (name, value) for name, value in everything.items() if name not in bindings or name.startswith("__")
        )
        self._namespace = namespace

    def __missing__(self, name: str) -> Any:
        try:
            return self._namespace[name]
        except KeyError:
            return vars(builtins)[name]


STUDENT_FILE = re.compile(r"<code cell (\d+)>")


@dataclass(frozen=True)
class CodePlace:
    """A line of a student's notebook."""

    cell: int
    line: int
    text: str


class _Run:
    """How far a statement got in one namespace, with the values that are not yet asked for."""

    def __init__(self) -> None:
        self.state = "new"
        self.error: BaseException | None = None
        self.kept: dict[str, Any] = {}


class LazyNamespace(dict[str, Any]):
    """The globals of a notebook; see the module's docstring.

    given: names that win over the notebook's own. filename: `__file__` of the module that is registered as `__main__`.
    `namespace[name]` raises KeyError if nothing binds the name, and whatever the student's code raises.
    """

    def __init__(self, notebook: Notebook, given: Mapping[str, object], filename: str) -> None:
        super().__init__(given)
        self._given = frozenset(given)
        self._bindings = notebook.bindings
        self._runs: dict[Statement, _Run] = {}
        self._resolving: set[str] = set()
        self._starred: dict[str, Any] = {}
        dict.update(self, __name__="__main__", __doc__=None, __package__=None, __loader__=None, __spec__=None)
        dict.__setitem__(self, "__builtins__", NotebookBuiltins(self, notebook.bindings))
        sys.modules["__main__"] = NotebookModule(self, filename)
        register_sources(notebook, filename)

    def __missing__(self, name: str) -> Any:
        if name not in self._resolving:
            self._resolving.add(name)
            try:
                self._resolve(name)
            finally:
                self._resolving.discard(name)
            if dict.__contains__(self, name):
                return dict.__getitem__(self, name)
        return self._from_star(name)

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) or (name in self._bindings and name not in self._resolving)

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name, which runs what binds it, or the default."""
        try:
            return self[name]
        except KeyError:
            return default

    def __setitem__(self, name: str, value: object) -> None:
        if name not in self._given:
            super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        if name not in self._given and name in self:
            self[name]
        if name not in self._given:
            super().__delitem__(name)

    def switch_torch(self, name: str) -> None:
        """Switches torch as a full run would have it after the cell that defines a name, if the notebook ever does."""
        cells = [statement.cell for statement in self._bindings.of(name) if name in statement.bound]
        if not cells or not self._bindings.switches:
            return
        switch_back()
        for statement in self._bindings.switches:
            if statement.cell <= cells[-1]:
                with suppress(Exception):
                    exec(statement.code, self)

    def definition(self, name: str) -> Any:
        """The value of a name, which runs what binds it. Raises KeyError if nothing does."""
        return self[name]

    def _resolve(self, name: str) -> None:
        for statement in self._bindings.of(name):
            if name in statement.looped:
                continue
            run = self._runs.setdefault(statement, _Run())
            if run.state == "running":
                return  # it asks for the former value of a name that it binds
            self._run(statement, run, name)

    def _run(self, statement: Statement, run: _Run, name: str) -> None:
        if run.state == "new":
            run.state = "running"
            try:
                exec(statement.code, self)
            except (Exception, SystemExit) as error:
                run.error = error  # raised below, unless the statement only changes the name, which keeps its value
            except BaseException:
                run.state = "new"  # a limit of the grader struck, not an error of the statement
                raise
            run.state = "done"
            self._keep_back(statement, run, name)
        if run.error is not None and statement.must_succeed(name):
            raise run.error
        if name in run.kept:
            self[name] = run.kept.pop(name)

    def _keep_back(self, statement: Statement, run: _Run, asked: str) -> None:
        """Hide the other names that a statement bound while later statements still have to change them."""
        for name in statement.bound - {asked, "*"} - self._given:
            waiting = any(self._runs.get(other, _Run()).state == "new" for other in self._bindings.of(name))
            if (waiting or run.error) and name not in self._resolving and dict.__contains__(self, name):
                value = dict.pop(self, name)
                if run.error is None:
                    run.kept[name] = value

    def _from_star(self, name: str) -> Any:
        """A name out of a star import; names that the notebook binds itself come first."""
        for statement in self._bindings.stars:
            run = self._runs.setdefault(statement, _Run())
            if run.state != "new" or name.startswith("__"):
                continue
            run.state = "done"
            found: dict[str, Any] = {}
            with suppress(Exception):
                exec(statement.code, self, found)
            for other in statement.bound & found.keys():
                self[other] = found.pop(other)
            self._starred.update(found)
        return self._starred[name]


def locate(error: BaseException) -> CodePlace | None:
    """The innermost line of a student's cell that an error passed through, or that the compiler refused."""
    if isinstance(error, SyntaxError) and STUDENT_FILE.fullmatch(error.filename or ""):
        return _place(error.filename or "", error.lineno or 1)
    places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    for filename, line in reversed(places):
        if STUDENT_FILE.fullmatch(filename):
            return _place(filename, line)
    return None


def _place(filename: str, line: int) -> CodePlace:
    return CodePlace(int(filename.split()[-1].rstrip(">")), line, linecache.getline(filename, line).strip())


def register_sources(notebook: Notebook, filename: str) -> None:
    """Let linecache (and so inspect.getsource and tracebacks) see each cell, and all cells as the module's source."""
    linecache.cache.update(_sources(notebook, filename))


@lru_cache(maxsize=1)  # for all the namespaces of a notebook
def _sources(notebook: Notebook, filename: str) -> dict[str, tuple[int, None, list[str], str]]:
    """The source of each cell, and of all of them under `filename`, as linecache keeps it."""
    found: dict[str, list[str]] = {}
    cells: dict[int, list[str]] = {}
    for cell in notebook.cells:
        lines = [line + "\n" for line in cell.source.split("\n")]
        found[cell_filename(cell.number)] = lines
        cells[cell.number] = list(lines) if cell.tree is not None else ["\n"] * len(lines)
    for statement in notebook.bindings.statements:
        node = statement.node
        # inspect takes the first class of a name, which has to be the one that runs.
        if isinstance(node, ast.ClassDef) and statement not in notebook.bindings.of(node.name):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            for line in range(first - 1, node.end_lineno or node.lineno):
                cells[statement.cell][line] = "\n"
    found[filename] = [line for lines in cells.values() for line in lines]
    return {name: (sum(map(len, lines)), None, lines, name) for name, lines in found.items()}
