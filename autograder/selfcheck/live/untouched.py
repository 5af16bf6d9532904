"""Everything that a check switches, as the student had it: put back whatever happens, and on Ctrl-C too."""

import gc
import linecache
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from autograder.selfcheck.live.switches import Switches, entered_modes
from autograder.worker.accelerator import MODULES, stand_in_for_accelerators
from autograder.worker.machine import stand_in_for_colab, without_widgets

Restore = Callable[[], object]
_BARS = "tqdm.notebook"
_CLASSES = (torch.Tensor, torch.autocast, torch.autograd.Variable, nn.Module)


@contextmanager
def untouched(kernel: Mapping[str, Any]) -> Iterator[None]:
    """A block in which Python, torch and the modules among a kernel's values may be switched at will.

    Within it, accelerators, Colab and bars of progress are stood in for, as they are where work is graded.
    """
    with ExitStack() as stack:
        for restore in (*_interrupts(), *_process(), *_random_numbers(), *_torch(), *_training(kernel), *_patches()):
            stack.callback(restore)
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stand_in_for_accelerators()
        stand_in_for_colab()
        without_widgets()
        Switches().put(entered_modes())
        stack.callback(_hold_interrupts)
        yield


@contextmanager
def without_collection() -> Iterator[None]:
    """A block in which nobody looks for garbage: among all that torch has imported, that takes longer than a check."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def _interrupts() -> Iterator[Restore]:
    if _is_main():
        handler = signal.getsignal(signal.SIGINT)
        yield lambda: signal.signal(signal.SIGINT, handler)


def _hold_interrupts() -> None:
    """Nothing stops what is restored from here on."""
    if _is_main():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _process() -> Iterator[Restore]:
    main, finders, path, environment = sys.modules["__main__"], [*sys.meta_path], [*sys.path], dict(os.environ)
    limit, lines, folder = sys.getrecursionlimit(), dict(linecache.cache), os.open(".", os.O_RDONLY)
    bars = sys.modules.get(_BARS)

    def restore() -> None:
        sys.modules.pop(_BARS, None)
        if bars is not None:
            sys.modules[_BARS] = bars
        for name in [name for name in sys.modules if _is_stand_in(name)]:
            package, _, last = name.rpartition(".")
            vars(sys.modules.get(package, main)).pop(last if package else "", None)
            del sys.modules[name]
        sys.modules["__main__"] = main
        sys.meta_path[:], sys.path[:] = finders, path
        sys.setrecursionlimit(limit)
        linecache.cache.clear()
        linecache.cache.update(lines)
        for name in os.environ.keys() - environment.keys():
            del os.environ[name]
        os.environ.update(environment)
        os.chdir(folder)
        os.close(folder)

    yield restore


def _is_stand_in(module: str) -> bool:
    """Whether a module of this name came from the stand-in for Colab."""
    specification = getattr(sys.modules[module], "__spec__", None)
    return type(getattr(specification, "loader", None)).__module__ == stand_in_for_colab.__module__


def _random_numbers() -> Iterator[Restore]:
    python, arrays, tensors = random.getstate(), np.random.get_state(), torch.get_rng_state()
    yield lambda: random.setstate(python)
    yield lambda: np.random.set_state(arrays)
    yield lambda: torch.set_rng_state(tensors)
    if torch.cuda.is_initialized():
        states = torch.cuda.get_rng_state_all()
        yield lambda: torch.cuda.set_rng_state_all(states)


def _torch() -> Iterator[Restore]:
    switches, modes, threads = Switches.now(), entered_modes(), torch.get_num_threads()
    algorithms, precision = _algorithms(), torch.get_float32_matmul_precision()
    numbers, arrays = vars(torch._tensor_str.PRINT_OPTS).copy(), np.get_printoptions()

    def restore() -> None:
        switches.put(modes)
        torch.set_num_threads(threads)
        if _algorithms() != algorithms:  # to set them imports torch's compiler, for seconds
            torch.use_deterministic_algorithms(algorithms[0], warn_only=algorithms[1])
        torch.set_float32_matmul_precision(precision)
        vars(torch._tensor_str.PRINT_OPTS).update(numbers)
        np.set_printoptions(**arrays)

    yield restore


def _algorithms() -> tuple[bool, bool]:
    return torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()


def _training(kernel: Mapping[str, Any]) -> Iterator[Restore]:
    """The mode of every module among a kernel's values, and in its lists, tuples and dictionaries."""
    modules = {id(one): one for value in list(kernel.values()) for top in _modules_in(value) for one in top.modules()}
    training = [(module, module.training) for module in modules.values()]

    def restore() -> None:
        for module, mode in training:
            module.training = mode

    yield restore


def _modules_in(value: object) -> Iterator[nn.Module]:
    inside = [*value.values()] if type(value) is dict else value if isinstance(value, (list, tuple)) else [value]
    yield from (one for one in inside[:1000] if isinstance(one, nn.Module))


def _patches() -> Iterator[Restore]:
    """What is put in the place of functions and classes of torch."""
    before = [(owner, dict(vars(owner))) for owner in (*MODULES, torch, torch._C, *_CLASSES)]

    def restore() -> None:
        for owner, names in before:
            for name, value in list(vars(owner).items()):
                if name in names and value is not names[name]:
                    _put(owner, name, names[name])
                elif name not in names and owner in _CLASSES:  # a module grows when parts of it are imported
                    delattr(owner, name)

    yield restore


def _put(owner: Any, name: str, value: object) -> None:
    if owner is torch._C:  # whose names are not all set as attributes
        vars(owner)[name] = value
    else:
        setattr(owner, name, value)
