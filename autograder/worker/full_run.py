"""In the student's process: the cells of a notebook from top to bottom, in one namespace, whatever they raise.

That is "Run all" with errors allowed, but for what a sandbox lacks: magics and shell lines do nothing, nor does what
only Colab has, and figures are drawn and not shown.
"""

import ast
import io
import os
import signal
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from types import CodeType, ModuleType
from typing import Any

import torch
from torch.optim.optimizer import Optimizer, register_optimizer_step_post_hook

from autograder.notebook.notebook import Cell, Notebook
from autograder.notebook.outputs import CellOutputs, shown
from autograder.notebook.statements import cell_filename
from autograder.worker.colab import WithoutColab, names_from_colab
from autograder.worker.errors import explain
from autograder.worker.namespace import Shell

HALF = 100_000  # characters that are kept of the beginning, and as many of the end


class PrintedText(io.TextIOBase):
    """A stream that keeps the first and the last of what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self._head = ""
        self._tail: list[str] = []
        self._waiting = 0  # characters in the tail
        self._cut = False

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Takes text of any length."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        room = HALF - len(self._head)
        self._head += text[:room]
        rest = text[room:] if len(text) < room + HALF else text[max(room, len(text) - HALF) :]
        self._cut |= len(rest) < len(text) - room
        self._tail.append(rest)
        self._waiting += len(rest)
        if self._waiting > 2 * HALF:
            self._shorten()
        return len(text)

    def _shorten(self) -> None:
        kept = "".join(self._tail)
        self._cut |= len(kept) > HALF
        self._tail = [kept[-HALF:]]
        self._waiting = len(self._tail[0])

    def text(self) -> str:
        """What is kept; a line of dots stands for what is not."""
        self._shorten()
        return self._head + ("\n...\n" if self._cut else "") + self._tail[0]


MAX_MODELS = 8  # of one class
MAX_PRINTED = 400_000  # characters that are told of all cells together, the last ones first
_AGAIN_SECONDS = 1.0  # between the signals that end a run: a cell may catch one
_STEPPED = "_stepped"  # an attribute of optimizers and parameters


class BudgetEnded(BaseException):
    """The time of the run is over."""


class FullRun:
    """One run of a notebook. `namespace` holds its globals, `errors` the exceptions that ended cells.

    `stopped` says that the time was over before the last cell was done.
    """

    def __init__(self, notebook: Notebook, filename: str) -> None:
        main = ModuleType("__main__")
        main.__file__ = filename
        sys.modules["__main__"] = main  # where pickled models and dataclasses look for their classes
        self.namespace = vars(main)
        self.namespace.update(get_ipython=Shell, display=print)
        self.errors: list[tuple[int, str]] = []
        self.stopped = False
        self._cells = notebook.cells
        self._from_colab = names_from_colab(cell.tree for cell in self._cells if cell.tree is not None)
        self._printed: list[tuple[int, str]] = []

    def run(self, seconds: float) -> None:
        """Runs the cells, for so long at most (wall time). What they show takes the place of their saved outputs."""
        os.environ["MPLBACKEND"] = "Agg"  # draws without a screen
        for cell in self._cells:
            cell.shown = CellOutputs()
        try:
            with _budget(seconds), _own_torch():
                for cell in self._cells:
                    if cell.tree is not None:
                        self._show(cell)
        except BudgetEnded:
            self.stopped = True

    def definition(self, name: str) -> Any:
        """The value that a name has after the run. Raises KeyError if it has none."""
        return self.namespace[name]

    def _show(self, cell: Cell) -> None:
        out, err, error = PrintedText(), PrintedText(), ""
        result: list[str] = []
        try:
            with redirect_stdout(out), redirect_stderr(err):
                self._execute(cell, result)
        except BudgetEnded:
            error = KeyboardInterrupt.__name__  # what a reader of outputs takes for an interrupted run
            raise
        except BaseException as raised:
            told = explain(raised)
            self.errors.append((cell.number, f"{told['kind']}: {told['message']}"))
            error = told["kind"]
        finally:
            outputs: list[dict[str, Any]] = [
                {"output_type": "stream", "name": name, "text": stream.text()}
                for name, stream in (("stdout", out), ("stderr", err))
            ]
            outputs += [{"output_type": "execute_result", "data": {"text/plain": value}} for value in result]
            outputs += [{"output_type": "error", "ename": error}] if error else []
            cell.shown = shown(outputs)
            self._printed.append((cell.number, "\n".join(filter(None, [out.text(), err.text(), *result, error]))))

    def _execute(self, cell: Cell, result: list[str]) -> None:
        """Runs a cell; the value of its last expression, as text, goes into `result`."""
        tree = WithoutColab(self._from_colab).visit(ast.parse(cell.source))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(_compiled(tree, cell, "exec"), self.namespace)
        if last is not None:
            value = eval(_compiled(ast.Expression(last.value), cell, "eval"), self.namespace)
            if value is not None:
                result.append(repr(value)[:10_000])

    def printed(self) -> list[list[Any]]:
        """The number of each cell that ran and what it printed, cut from the front where it is too much."""
        told: list[list[Any]] = []
        left = MAX_PRINTED
        for number, text in reversed(self._printed):
            text = text[max(0, len(text) - left) :]
            left -= len(text)
            told.insert(0, [number, text])
        return told

    def models(self, kinds: Sequence[str]) -> list[list[list[Any]]]:
        """Of each class name, the modules among the globals, each with whether it was trained; trained ones last."""
        modules = {id(module): module for value in _values(self.namespace) for module in value.modules()}
        of_kind = [
            [[module, _is_trained(module)] for module in modules.values() if kind in _class_names(module)]
            for kind in kinds
        ]
        return [sorted(found, key=lambda one: bool(one[1]))[-MAX_MODELS:] for found in of_kind]


def _compiled(tree: ast.Module | ast.Expression, cell: Cell, mode: str) -> CodeType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code: CodeType = compile(tree, cell_filename(cell.number), mode, dont_inherit=True)
        return code


@contextmanager
def _budget(seconds: float) -> Iterator[None]:
    """Raises BudgetEnded in the block when the time is over, and again if the block goes on all the same."""
    running = True

    def end(*_: object) -> None:
        if running:
            raise BudgetEnded

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_SECONDS)
    try:
        yield
    finally:
        running = False
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def _own_torch() -> Iterator[None]:
    """Notes which parameters optimizers change, and keeps the one thread that each job has."""
    threads, torch.set_num_threads = torch.set_num_threads, lambda *_, **__: None
    hook = register_optimizer_step_post_hook(_note_step)
    try:
        yield
    finally:
        hook.remove()
        torch.set_num_threads = threads


def _note_step(optimizer: Optimizer, *_: object) -> None:
    if not hasattr(optimizer, _STEPPED):
        setattr(optimizer, _STEPPED, True)
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                setattr(parameter, _STEPPED, True)


def _is_trained(module: torch.nn.Module) -> bool:
    """Whether an optimizer changed it or, where somebody steps by hand, gradients reached it."""
    parameters = list(module.parameters())
    return any(hasattr(parameter, _STEPPED) or parameter.grad is not None for parameter in parameters)


def _values(namespace: Mapping[str, Any]) -> Iterator[torch.nn.Module]:
    """The modules among the globals, and in lists, tuples and dictionaries among these."""
    for value in list(namespace.values()):
        inside = list(value.values()) if type(value) is dict else value if type(value) in (list, tuple) else [value]
        yield from (one for one in inside[:1000] if isinstance(one, torch.nn.Module))


def _class_names(module: torch.nn.Module) -> set[str]:
    return {one.__name__ for one in type(module).__mro__}
