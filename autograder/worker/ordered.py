"""A notebook's globals, made by its statements in order, as far as a name needs them.

That is "Run all" under a budget: what trains, downloads, waits or only shows is cut (notebook/pruning.py), and a
statement that raises is skipped. `unknown` maps the names that so lack the value which they have on Colab to the cell
where they lost it; what is computed from them is unknown, too.
"""

import __future__

import ast
import builtins
import importlib
import inspect
import signal
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import CodeType
from typing import Any

from autograder.notebook.notebook import Cell, Notebook
from autograder.notebook.pruning import Pruning, loaded_names, long_functions
from autograder.notebook.statements import cell_filename
from autograder.notebook.syntax import FUNCTIONS, bindings_of
from autograder.worker.namespace import NotebookModule, Shell, register_sources

# CPU seconds; a notebook is run in order at most twice for each of its questions.
STATEMENT_SECONDS = 1.0
RUN_SECONDS = 6.0
# What a grader's machine lacks and Colab has: packages, files, the network, a GPU.
_OURS = (ImportError, OSError, EOFError)
_GPU_WORDS = ("CUDA", "NVIDIA", "MPS")


class StatementTimeout(BaseException):
    """A statement has used up its time."""


class OrderedNamespace(dict[str, Any]):
    """The globals of a notebook; see the module's docstring.

    given: names that win over the notebook's own. to_end: whether all cells run, and not just those to the definition
    of the name that is asked for.
    """

    def __init__(self, notebook: Notebook, given: Mapping[str, object], filename: str, to_end: bool) -> None:
        super().__init__(given)
        self.unknown: dict[str, int] = {}
        self._given = frozenset(given)
        self._bindings = notebook.bindings
        self._cells = [cell for cell in notebook.cells if cell.tree is not None]
        self._long = long_functions(cell.tree for cell in self._cells if cell.tree is not None)
        self._to_end = to_end
        self._running = False
        self._flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._seconds = RUN_SECONDS
        shell = {"get_ipython": lambda: _OrderedShell(self), "display": lambda *_, **__: None}
        dict.update(self, __name__="__main__", __doc__=None, __package__=None, __loader__=None, __spec__=None)
        dict.__setitem__(self, "__builtins__", vars(builtins) | shell)
        sys.modules["__main__"] = NotebookModule(self, filename)
        sys.path.insert(0, str(Path.cwd()))  # where a cell may write a module for the next one
        register_sources(notebook, filename)

    def definition(self, name: str) -> Any:
        """The value of a name after the cells that it needs have run. Raises KeyError if none binds it."""
        making = self._bindings.of(name)
        last = making[-1].cell if making and not self._to_end else None
        while self._cells and (self._cells[0].number <= last if last else self._to_end or name not in self):
            self._run_cell(self._cells.pop(0))
        return self[name]

    def __missing__(self, name: str) -> Any:
        """A name that a function looks up, and that a later cell binds; it never hides a builtin."""
        if not self._running and name in self._bindings and not hasattr(builtins, name):
            while self._cells and not dict.__contains__(self, name):
                self._run_cell(self._cells.pop(0))
            if dict.__contains__(self, name):
                return dict.__getitem__(self, name)
        raise KeyError(name)

    def __setitem__(self, name: str, value: object) -> None:
        if name not in self._given:
            super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        if name not in self._given:
            super().__delitem__(name)

    def run_text(self, text: str, filename: str) -> None:
        """Runs code of which the notebook's cells do not consist: of a magic, of a script."""
        exec(compile(text, filename, "exec", dont_inherit=True), self)

    def _run_cell(self, cell: Cell) -> None:
        self._running = True
        try:
            for node in ast.parse(cell.source).body:
                self._run_statement(node, cell.number)
        finally:
            self._running = False

    def _run_statement(self, node: ast.stmt, cell: int) -> None:
        binds, changes = bindings_of(node)
        pruning = Pruning(self._long)
        pruned = pruning.prune(node)
        lost = set(pruning.cut)
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not self.unknown.keys().isdisjoint(loaded_names(node)):
            lost |= binds | changes
        started = time.process_time()
        try:
            code = self._compiled(pruned, cell)
            with _time_limit(min(STATEMENT_SECONDS, self._seconds)):
                self._execute(code)
        except StatementTimeout:
            lost |= binds | changes
        except (Exception, SystemExit) as error:
            if isinstance(error, _OURS) or any(word in str(error) for word in _GPU_WORDS):
                lost |= binds | changes
        else:
            for name in binds - changes - lost:
                self.unknown.pop(name, None)
        self._seconds -= time.process_time() - started
        self.unknown.update(dict.fromkeys(lost - self._given, cell))

    def _compiled(self, node: ast.stmt, cell: int) -> CodeType:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            self._flags |= sum(getattr(__future__, one.name).compiler_flag for one in node.names)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.Module([node], [])
            code: CodeType = compile(module, cell_filename(cell), "exec", flags=self._flags, dont_inherit=True)
            return code

    def _execute(self, code: CodeType) -> None:
        if not code.co_flags & inspect.CO_COROUTINE:
            exec(code, self)
            return
        waiting = eval(code, self)  # of a cell that awaits at its top level; no event loop is there
        with suppress(StopIteration):
            while True:
                waiting.send(None)


class _OrderedShell(Shell):
    """IPython's shell for what leaves something behind: files that a cell writes, code that a magic times or runs."""

    def __init__(self, namespace: OrderedNamespace) -> None:
        self._namespace = namespace

    def run_cell_magic(self, name: str, line: str, body: str) -> None:
        """Writes the cell's file; other magics do nothing."""
        if name in ("writefile", "file"):
            words = line.split()
            with Path(words[-1]).open("a" if "-a" in words else "w", encoding="utf-8") as file:
                file.write(body)
            importlib.invalidate_caches()

    def run_line_magic(self, name: str, line: str, *_: object) -> None:
        """Runs the code of the line or the script; other magics do nothing."""
        if name in ("time", "timeit", "prun"):
            self._namespace.run_text(line, "<magic>")
        elif name in ("run", "load"):
            path = Path(line.split()[0])
            self._namespace.run_text(path.read_text(encoding="utf-8"), str(path))


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raises StatementTimeout in the block after so much CPU time, and again if the block goes on all the same."""

    def end(*_: object) -> None:
        raise StatementTimeout

    signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, max(seconds, 0.01), 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
