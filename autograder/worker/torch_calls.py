"""In the student's process: a record of the torch calls that ran, and tensors on CUDA devices that stay on the CPU.

`TorchFunctionMode` sees calls by their public name, however they were reached (`getattr`, `torch.ops`, `_VF`). The
record lies in the student's own process: what it shows is evidence, its silence proves nothing.
"""

import linecache
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode, resolve_name

from autograder.notebook.findings import FORBIDDEN_LAYER, BrokenRule
from autograder.notebook.statements import cell_filename
from autograder.worker.accelerator import run_on_cpu
from autograder.worker.namespace import STUDENT_FILE


class TorchCalls(TorchFunctionMode):
    """Records the calls that match `forbid` (patterns of dotted names), each with the cell and line that made it."""

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[BrokenRule] = []
        self._forbid: Sequence[str] = ()
        self._rules: dict[object, tuple[str, str] | None] = {}

    def reset(self, forbid: Sequence[str]) -> None:
        """Starts an empty record under other patterns."""
        self.findings = []
        self._forbid = forbid
        self._rules = {}

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            broken = self._rules[func]
        except KeyError:
            broken = self._rules[func] = self._rule(func)
        if broken:
            self._record(*broken)
        return run_on_cpu(func, args, kwargs or {})

    def _rule(self, func: object) -> tuple[str, str] | None:
        names = public_names(func)
        # Printing a tensor reads requires_grad and grad_fn. Who reads them himself is shown by the text of the code.
        if any(name.endswith(".__get__") for name in names):
            return None
        for name in names:
            for pattern in self._forbid:
                if fnmatchcase(name, pattern):
                    return name, pattern
        return None

    def _record(self, name: str, pattern: str) -> None:
        frame, cell, line = sys._getframe(1), 0, 0
        while frame is not None and not cell:
            match = STUDENT_FILE.fullmatch(frame.f_code.co_filename)
            cell, line = int(match[1]) if match else 0, frame.f_lineno
            frame = frame.f_back  # type: ignore[assignment]
        # Torch calls itself by public names too; only what a student's cell set off counts.
        if cell and len(self.findings) < 20:
            text = linecache.getline(cell_filename(cell), line).strip()[:160]
            self.findings.append(BrokenRule(cell, line, name, pattern, text))


def public_names(func: object) -> list[str]:
    """The dotted names by which a torch function is known, such as "torch.gru_cell" or "torch.Tensor.backward"."""
    plain = getattr(func, "__name__", "")
    if isinstance(func, (torch._ops.OpOverload, torch._ops.OpOverloadPacket)):
        plain = str(func).split(".")[1]
    # Where torch itself gives a public name, the private module that holds the code does not count.
    known = resolve_name(func) or f"{getattr(func, '__module__', None) or 'torch'}.{plain}"
    return [str(known), f"torch.{plain}"]


STAND_INS = "stand_ins"
_OWN = ("__main__", STAND_INS)


def kind_of(kind: type[nn.Module]) -> str:
    """The public dotted name of a class ("torch.nn.Linear"), or the bare name of one that the notebook defines."""
    if kind.__module__ in _OWN:
        return kind.__name__
    package = "torch.nn" if kind.__module__.startswith("torch.nn.modules.") else kind.__module__
    return f"{package}.{kind.__name__}"


def forbidden_layers(
    modules: Iterable[nn.Module], forbid: Sequence[str], allow: Sequence[str] | None
) -> Iterator[BrokenRule]:
    """The rules that layers inside `modules` break.

    A class of the notebook counts as the library's class that it extends, so that a subclass is no way around.
    `nn.Module` itself and stand-ins are always allowed. `forbid` and `allow` are patterns of dotted names; None allows
    all.
    """
    kinds = {type(module) for root in modules for module in root.modules()}
    for name in sorted({_library_name(kind) for kind in kinds} - {"torch.nn.Module", ""}):
        for pattern in forbid:
            if fnmatchcase(name, pattern):
                yield BrokenRule(0, 0, name, pattern, "", FORBIDDEN_LAYER)
        if allow is not None and not any(fnmatchcase(name, pattern) for pattern in allow):
            yield BrokenRule(0, 0, name, "allowed layers", "", FORBIDDEN_LAYER)


def _library_name(kind: type[nn.Module]) -> str:
    if kind.__module__ == STAND_INS:
        return ""
    return next(kind_of(base) for base in kind.__mro__ if base.__module__ != "__main__")
