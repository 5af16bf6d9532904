"""In the student's process: torch's modules for accelerators, which answer as an idle device would.

Colab lends a GPU, and notebooks ask it for its name, its memory and its clock. None of that bears on what an answer
computes: `is_available()` stays False, every device is the CPU, and no question about one raises an error.
"""

import functools
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ContextDecorator
from types import ModuleType, SimpleNamespace
from typing import Any

import torch

# Device types that torch knows beside the CPU and "meta".
_TYPES = frozenset({"cuda", "hip", "hpu", "ipu", "maia", "mps", "mtia", "npu", "ve", "vulkan", "xla", "xpu"})
_CUDA_TENSORS = ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool")
MODULES = (torch.cuda, torch.cuda.nvtx, torch.cuda.random, torch.cuda.memory, torch.accelerator, torch.mps, torch.xpu)
_MEMORY = 16 << 30  # bytes


def to_cpu(device: Any) -> Any:
    """The CPU for any way to name an accelerator; everything else as it is."""
    if isinstance(device, torch.device):
        return torch.device("cpu") if device.type in _TYPES else device
    if isinstance(device, str):
        return "cpu" if device.split(":")[0] in _TYPES else device
    return "cpu" if type(device) is int else device


class _Event:
    """A point in time."""

    def __init__(self, *_: object, **__: object) -> None:
        self._at = 0.0

    def record(self, *_: object) -> None:
        """It is now."""
        self._at = time.perf_counter()

    def elapsed_time(self, end: "_Event") -> float:
        """Milliseconds until another event."""
        return 1000 * (end._at - self._at)

    def query(self) -> bool:
        """Everything that was asked for before it is done."""
        return True

    def synchronize(self, *_: object) -> None:
        """There is nothing to wait for."""

    wait = synchronize


class _Stream(ContextDecorator):
    """A queue of work, which is done at once; as a block, nothing changes in it."""

    def __init__(self, *_: object, **__: object) -> None:
        self.device = torch.device("cpu")

    def __enter__(self) -> "_Stream":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def record_event(self, event: _Event | None = None) -> _Event:
        """An event that is now."""
        event = event or _Event()
        event.record()
        return event

    def query(self) -> bool:
        """Everything in it is done."""
        return True

    def synchronize(self, *_: object) -> None:
        """There is nothing to wait for."""

    wait_event = wait_stream = synchronize


class _CpuGenerator(torch.Generator):
    """A generator of the CPU, whatever device is asked for."""

    def __new__(cls, device: object = "cpu") -> "_CpuGenerator":
        return super().__new__(cls, to_cpu(device))  # type: ignore[call-arg]  # torch's stubs know only __init__


def _nothing_counted(*_: object, **__: object) -> dict[str, int]:
    return defaultdict(int)


# What an idle device says, by the name of the function. Of other names, those about amounts say 0, the rest None.
_ANSWERS: dict[str, Callable[..., Any]] = {
    "current_stream": _Stream,
    "default_stream": _Stream,
    "get_device_capability": lambda *_: (7, 5),
    "get_device_name": lambda *_: "no GPU",
    "get_device_properties": lambda *_: SimpleNamespace(
        name="no GPU", major=7, minor=5, total_memory=_MEMORY, multi_processor_count=1
    ),
    "get_memory_info": lambda *_: (_MEMORY, _MEMORY),
    "get_rng_state": lambda *_: torch.get_rng_state(),
    "initial_seed": torch.initial_seed,
    "mem_get_info": lambda *_: (_MEMORY, _MEMORY),
    "memory_summary": lambda *_, **__: "",
    "recommended_max_memory": lambda: _MEMORY,
}
_AMOUNTS = ("current_device", "memory", "allocated", "utilization", "temperature", "power", "clock", "index", "idx")
# Where there is no device, torch keeps each seed for later, with the stack of the call: that takes milliseconds.
_SEEDS = ("manual_seed", "manual_seed_all", "seed", "seed_all")
_REPLACED = {
    "Event": _Event,
    "Stream": _Stream,
    "StreamContext": _Stream,
    "device": _Stream,
    "device_index": _Stream,
    "device_of": _Stream,
    "memory_stats": _nothing_counted,
    "stream": _Stream,
}


def stand_in_for_accelerators() -> None:
    """Makes every way to an accelerator that is no tensor function lead to the CPU."""
    for module in MODULES:
        _answer_idly(module)
    for module in (*MODULES, torch.mtia):
        _seed_nothing(module)
    for name in _CUDA_TENSORS:
        setattr(torch.cuda, f"{name}Tensor", getattr(torch, f"{name}Tensor"))
    torch.Event, torch.Stream = _Event, _Stream  # type: ignore[misc, assignment]
    torch.Generator = _CpuGenerator  # type: ignore[misc]
    torch.compile = _not_compiled
    torch.Tensor.record_stream = lambda *_, **__: None  # type: ignore[method-assign]
    _name_the_cpu()
    _keep_full_precision()


def _answer_idly(module: ModuleType) -> None:
    for name, function in list(vars(module).items()):
        if name in _REPLACED:
            setattr(module, name, _REPLACED[name])
        elif _is_asked(module, name) and type(function) is type(_answer_idly):
            setattr(module, name, _or_idle(name, function))


def _seed_nothing(module: ModuleType) -> None:
    for name in vars(module).keys() & {*_SEEDS}:
        setattr(module, name, lambda *_, **__: None)


def _is_asked(module: ModuleType, name: str) -> bool:
    """Whether notebooks call a function of this name: all public ones, and what records the use of memory."""
    return not name.startswith("_") or (module is torch.cuda.memory and not name.startswith("__"))


def _or_idle(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, or what an idle device says where it finds none."""
    amount = 0 if any(word in name for word in _AMOUNTS) and not name.startswith(("set_", "reset_")) else None

    @functools.wraps(function)
    def ask(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (
            RuntimeError,
            AssertionError,
            AttributeError,
            ImportError,
            KeyError,
            ValueError,
        ):  # torch has one for each way to ask
            return _ANSWERS[name](*args, **kwargs) if name in _ANSWERS else amount

    return ask


def _name_the_cpu() -> None:
    """Functions that take the name of a device."""
    load, set_default_device, set_default_tensor_type = (
        torch.load,
        torch.set_default_device,
        torch.set_default_tensor_type,
    )

    def load_to_cpu(f: Any, map_location: Any = None, *args: Any, **kwargs: Any) -> Any:
        return load(f, "cpu" if map_location is None else map_location and _map_to_cpu(map_location), *args, **kwargs)

    torch.load = load_to_cpu
    torch.set_default_device = lambda device: set_default_device(to_cpu(device))
    torch.set_default_tensor_type = lambda kind: set_default_tensor_type(
        kind.replace("torch.cuda.", "torch.") if isinstance(kind, str) else kind
    )


def _map_to_cpu(map_location: Any) -> Any:
    if isinstance(map_location, dict):
        return {source: to_cpu(target) for source, target in map_location.items()}
    return "cpu" if callable(map_location) else to_cpu(map_location)


def _not_compiled(model: Any = None, **_: object) -> Any:
    """Stands in for torch.compile, which makes code faster and would start a compiler."""
    return (lambda function: function) if model is None else model


def _keep_full_precision() -> None:
    """Makes autocast do nothing: it saves a GPU time, and digits that an answer is compared by would be lost."""
    construct: Callable[..., None] = torch.autocast.__init__

    def construct_disabled(self: Any, *_: object, **__: object) -> None:
        construct(self, "cpu", enabled=False)

    torch.autocast.__init__ = construct_disabled  # type: ignore[method-assign]


_STAY = frozenset({torch.Tensor.cuda, torch.Tensor.xpu, torch.Tensor.pin_memory})  # where they are
_TO, _TYPE = torch.Tensor.to, torch.Tensor.type


def run_on_cpu(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any] | None) -> Any:
    """What a torch function gives for these arguments with the CPU in the place of every accelerator."""
    if function in _STAY:
        return args[0]
    if function is _TO:
        args = [to_cpu(value) for value in args]
    elif function is _TYPE and len(args) > 1 and isinstance(args[1], str):
        args = [args[0], args[1].replace("torch.cuda.", "torch.")]
    if not kwargs:
        return function(*args)
    if "device" in kwargs or "pin_memory" in kwargs:
        kwargs = {name: to_cpu(value) if name == "device" else value for name, value in kwargs.items()}
        kwargs.pop("pin_memory", None)
    return function(*args, **kwargs)
