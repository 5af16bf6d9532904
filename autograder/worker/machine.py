"""In the student's process: what notebooks find on Colab and a sandbox lacks, and torch as it is at the start."""

import importlib.abc
import importlib.machinery
import io
import random
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, TextIO

import numpy as np
import torch
import tqdm
from torch.utils.data import DataLoader

# What a DataLoader is told about its processes.
_FOR_PROCESSES = ("num_workers", "persistent_workers", "prefetch_factor", "multiprocessing_context", "timeout")


def without_loader_processes() -> None:
    """Makes every DataLoader load in its own process, since a sandboxed worker may start no other."""
    construct: Callable[..., None] = DataLoader.__init__

    def construct_alone(self: Any, *args: Any, **kwargs: Any) -> None:
        # The sixth positional argument is the number of workers; those behind it keep their meaning by name.
        behind = dict(zip(("collate_fn", "pin_memory", "drop_last"), args[6:], strict=False))
        options = {name: value for name, value in (kwargs | behind).items() if name not in _FOR_PROCESSES}
        construct(self, *args[:5], **options)

    DataLoader.__init__ = construct_alone  # type: ignore[method-assign]


def without_widgets() -> None:
    """Makes `tqdm.notebook` the plain tqdm: its own bars fail where ipywidgets is not installed."""
    module: Any = ModuleType("tqdm.notebook")
    module.tqdm, module.trange = tqdm.tqdm, tqdm.trange
    module.tqdm_notebook, module.tnrange = tqdm.tqdm, tqdm.trange
    sys.modules["tqdm.notebook"] = module


class FirstLines(io.TextIOBase):
    """A stream that passes on the first `most` characters and drops the rest, which costs no time then."""

    def __init__(self, stream: TextIO, most: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = most

    def write(self, text: str) -> int:
        """Takes text of any length."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self._left > 0:
            self._stream.write(text[: self._left])
            self._left -= len(text)
        return len(text)

    def flush(self) -> None:
        """Passes on what waits in the stream behind."""
        self._stream.flush()

    def fileno(self) -> int:
        """The descriptor of the stream behind."""
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of the stream behind."""
        return self._stream.encoding


_PRINTED = 256 << 10  # characters, more than the grader keeps


def print_little() -> None:
    """Makes printing without end cheap: nobody reads it."""
    sys.stdout, sys.stderr = FirstLines(sys.stdout, _PRINTED), FirstLines(sys.stderr, _PRINTED)


class _Anything:
    """Has every attribute, each of which does nothing when it is called."""

    def __call__(self, *_: object, **__: object) -> None:
        """Nothing."""

    def __getattr__(self, name: str) -> "_Anything":
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything()


class _ColabModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds `google.colab` and all below it, whose names exist and do nothing."""

    def find_spec(self, fullname: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        """What to load for a module that nothing else has found."""
        ours = fullname == "google" or f"{fullname}.".startswith("google.colab.")
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True) if ours else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """A module with every name."""
        module = ModuleType(spec.name)
        module.__getattr__ = _Anything().__getattr__  # type: ignore[method-assign]
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is to be run."""


def stand_in_for_colab() -> None:
    """Makes `google.colab` importable: its Drive is mounted, its downloads are done, and nothing happens."""
    sys.meta_path.append(_ColabModules())


def without_onednn() -> None:
    """Makes torch compute by its own functions alone: oneDNN's start only after a look at each new shape.

    They are compiled in every process anew, which takes longer than all that questions compute with them.
    """
    torch._C._set_mkldnn_enabled(False)


def reset_torch(seed: int) -> None:
    """Undoes what earlier code may have switched, so that no question depends on the one before it."""
    random.seed(seed)
    np.random.seed(seed)
    torch.default_generator.manual_seed(seed)  # torch.manual_seed seeds accelerators, too, which takes milliseconds
    switch_back()
    torch.set_num_threads(1)
    sys.setrecursionlimit(1000)


def switch_back() -> None:
    """Makes torch make what it makes at the start: float32, on the CPU, with gradients."""
    torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)
    torch.set_grad_enabled(True)


def switches(called: object) -> dict[str, object]:
    """What a call has no business to change for all that comes after it, by what Python calls it.

    The seed is no part of it: a cell that seeds may run only when the call asks for a name.
    """
    found: dict[str, object] = {
        "torch.is_grad_enabled()": torch.is_grad_enabled(),
        "torch.get_default_dtype()": torch.get_default_dtype(),
    }
    return found | ({"self.training": called.training} if isinstance(called, torch.nn.Module) else {})
