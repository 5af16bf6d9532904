"""The globals of an answer that is checked in a kernel: its definitions are made anew, all else is the kernel's."""

import ast
from collections.abc import Mapping
from typing import Any

import torch

from autograder.notebook.notebook import Notebook
from autograder.notebook.syntax import FUNCTIONS
from autograder.worker.accelerator import to_cpu
from autograder.worker.namespace import LazyNamespace

_DEFINITIONS = (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)


class KernelNamespace(LazyNamespace):
    """A lazy namespace that runs what defines functions and classes, and takes other values from `kernel`.

    So the stand-ins of a check reach every function, and nothing is loaded, downloaded or trained a second time.
    """

    def __init__(
        self, notebook: Notebook, given: Mapping[str, object], filename: str, kernel: Mapping[str, Any]
    ) -> None:
        self._kernel = kernel
        super().__init__(notebook, given, filename)

    def __missing__(self, name: str) -> Any:
        try:
            return super().__missing__(name)
        except KeyError:
            if name.startswith("__") or name not in self._kernel:
                raise
            return self._kernel[name]

    def _resolve(self, name: str) -> None:
        if name in self._kernel and not self._is_made_anew(name):
            self[name] = _on_cpu(self._kernel[name])
        else:
            super()._resolve(name)

    def _is_made_anew(self, name: str) -> bool:
        """Whether a name is run again: a definition, what is made of the notebook's own classes, or a plain value."""
        nodes = [statement.node for statement in self._bindings.of(name)]
        if not nodes:
            return False
        value = self._kernel[name]
        is_function = callable(value) and not isinstance(value, torch.nn.Module)
        if is_function or type(value).__module__ == "__main__" or any(isinstance(node, _DEFINITIONS) for node in nodes):
            return True
        return not any(isinstance(part, ast.Call) for node in nodes for part in ast.walk(node))


def _on_cpu(value: Any) -> Any:
    """A value of the kernel where checks run: on the CPU."""
    return value.cpu() if isinstance(value, torch.Tensor) else to_cpu(value) if type(value) is torch.device else value
