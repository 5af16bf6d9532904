"""In the student's process: what notebooks find on Colab and a sandbox lacks, and torch as it is at the start."""

import random
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import torch
import tqdm
from torch.utils.data import DataLoader

# What a DataLoader is told about its processes.
_FOR_PROCESSES = ("num_workers", "persistent_workers", "prefetch_factor", "multiprocessing_context", "timeout")
_CUDA_TYPES = ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool")


def to_cpu(device: Any) -> Any:
    """The CPU for any way to name a CUDA device; everything else as it is."""
    if isinstance(device, torch.device):
        return torch.device("cpu") if device.type == "cuda" else device
    if isinstance(device, str):
        return "cpu" if device.split(":")[0] == "cuda" else device
    return "cpu" if type(device) is int else device


class _CpuGenerator(torch.Generator):
    """A generator of the CPU, whatever device is asked for."""

    def __new__(cls, device: object = "cpu") -> "_CpuGenerator":
        return super().__new__(cls, to_cpu(device))  # type: ignore[call-arg]  # torch's stubs know only __init__


def without_gpu() -> None:
    """Makes the ways to a CUDA device that are no tensor functions lead to the CPU, where there is no GPU."""
    for name in _CUDA_TYPES:
        setattr(torch.cuda, f"{name}Tensor", getattr(torch, f"{name}Tensor"))
    load, set_default_device = torch.load, torch.set_default_device

    def load_to_cpu(f: Any, map_location: Any = None, *args: Any, **kwargs: Any) -> Any:
        return load(f, "cpu" if map_location is None else map_location and _map_to_cpu(map_location), *args, **kwargs)

    torch.load = load_to_cpu
    torch.set_default_device = lambda device: set_default_device(to_cpu(device))
    torch.Generator = _CpuGenerator  # type: ignore[misc]
    for name in ("set_device", "synchronize", "reset_peak_memory_stats"):
        setattr(torch.cuda, name, lambda *args, **kwargs: None)


def _map_to_cpu(map_location: Any) -> Any:
    if isinstance(map_location, dict):
        return {source: to_cpu(target) for source, target in map_location.items()}
    return "cpu" if callable(map_location) else to_cpu(map_location)


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


def reset_torch(seed: int) -> None:
    """Undoes what earlier code may have switched, so that no question depends on the one before it."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)
    torch.set_grad_enabled(True)
    torch.set_num_threads(1)
    sys.setrecursionlimit(1000)
