"""In the student's process: a record of the torch calls that ran, and CUDA devices that become the CPU.

`TorchFunctionMode` sees calls by their public name, however they were reached (`getattr`, `torch.ops`, `_VF`). The
record lies in the student's own process: what it shows is evidence, its silence proves nothing.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import torch
from torch.overrides import TorchFunctionMode, resolve_name
from torch.utils.data import DataLoader

from autograder.worker.namespace import STUDENT_FILE

# What a DataLoader is told about its processes.
_FOR_PROCESSES = ("num_workers", "persistent_workers", "prefetch_factor", "multiprocessing_context", "timeout")
_CUDA_TYPES = ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool")


class Recorder(TorchFunctionMode):
    """Records the calls that match `forbid` (patterns of dotted names), each with the cell and line that made it."""

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[dict[str, Any]] = []
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
        if func is torch.Tensor.cuda:
            return args[0]
        if kwargs and "device" in kwargs:
            kwargs = {**kwargs, "device": to_cpu(kwargs["device"])}
        if func is torch.Tensor.to:
            args = [to_cpu(value) for value in args]
        elif func is torch.Tensor.type and len(args) > 1 and isinstance(args[1], str):
            args = [args[0], args[1].replace("torch.cuda.", "torch.")]
        return func(*args, **(kwargs or {}))

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
            self.findings.append({"call": name, "rule": pattern, "cell": cell, "line": line})


def public_names(func: object) -> list[str]:
    """The dotted names by which a torch function is known, such as "torch.gru_cell" or "torch.Tensor.backward"."""
    plain = getattr(func, "__name__", "")
    if isinstance(func, (torch._ops.OpOverload, torch._ops.OpOverloadPacket)):
        plain = str(func).split(".")[1]
    # Where torch itself gives a public name, the private module that holds the code does not count.
    known = resolve_name(func) or f"{getattr(func, '__module__', None) or 'torch'}.{plain}"
    return [str(known), f"torch.{plain}"]


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
