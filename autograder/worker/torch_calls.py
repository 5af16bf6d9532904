"""In the student's process: a record of the torch calls and layers that ran, and calls for accelerators on the CPU.

`TorchFunctionMode` sees calls by their public name, however they were reached (`getattr`, `torch.ops`, `_VF`). A call
counts if its caller is not torch's own code: `nn.GRU` may call `torch.gru`, and it is the layer that counts. Layers are
seen where they are called, wherever they are kept; a backward is seen in the engine, whatever set it off.

The record lies in the student's own process: what it shows is evidence, its silence proves nothing.
"""

import linecache
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from types import FrameType
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode, resolve_name

from autograder.notebook import stand_ins
from autograder.notebook.findings import BrokenRule, names_without_underscores
from autograder.notebook.statements import cell_filename
from autograder.worker.accelerator import run_on_cpu
from autograder.worker.callers import is_torch, is_written_again, passes_on, torch_frames
from autograder.worker.layers import forbidden_layers, kinds_of, runs_alone
from autograder.worker.namespace import STUDENT_FILE

MOST_FINDINGS = 20
_BACKWARD = "torch.autograd.backward"
_FORWARD_MODE = {"_make_dual": "torch.autograd.forward_ad.make_dual"}  # whoever calls it
_GRAPH = "torch.Tensor.grad_fn"


class TorchCalls(TorchFunctionMode):
    """Records what breaks rules, each with the cell and line that made it, and how often each function ran.

    `findings` are of all calls since `reset`; `ran` counts those since `start`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[BrokenRule] = []
        self._forbid: Sequence[str] = ()
        self._allow_layers: Sequence[str] | None = None
        self._rules: dict[object, tuple[str, str] | None] = {}
        self._ran: Counter[object] = Counter()
        self._layers: dict[int, nn.Module] = {}  # whose rules were looked at, kept so that no other has their number
        self._of_graphs: tuple[str, str] | None = None  # the rule that asking for a graph breaks
        self._recording = self._watches = self._has_rules = False

    def reset(self, forbid: Sequence[str], allow_layers: Sequence[str] | None = None) -> None:
        """Starts an empty record under other rules."""
        self.findings = []
        self._forbid, self._allow_layers = forbid, allow_layers
        self._has_rules = bool(forbid) or allow_layers is not None
        self._rules, self._layers = {}, {}
        self._of_graphs = self._rule([_GRAPH])
        self._ran.clear()

    def start(self) -> None:
        """Counts from here on."""
        self._ran.clear()

    def ran(self, patterns: Sequence[str]) -> int:
        """How many calls there were of functions and layers whose dotted names match a pattern.

        A layer whose `forward` is called by name counts only under rules; what it calls always counts.
        """
        return sum(
            number
            for what, number in self._ran.items()
            if any(fnmatchcase(name, pattern) for name in _names(what) for pattern in patterns)
        )

    def __enter__(self) -> Any:
        self._recording = True
        return super().__enter__()  # type: ignore[no-untyped-call]

    def __exit__(self, *error: Any) -> None:
        self._recording = False
        super().__exit__(*error)  # type: ignore[no-untyped-call]

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        self._ran[func] += 1
        if not self._has_rules:  # to ask who made the call takes as long as most calls
            return run_on_cpu(func, args, kwargs)
        frame = sys._getframe(1)
        broken = self._of_torch(func, frame) if is_torch(frame.f_code) else self._of(func)
        if broken:
            self._record(*broken)
        value = run_on_cpu(func, args, kwargs)
        if self._of_graphs and value is not None and _is_graph(func) and not is_torch(frame.f_code):
            self._record(*self._of_graphs)
        return value

    def watch(self) -> None:
        """Lets the record see every layer that is called and every backward, in this process from now on.

        A second call changes nothing.
        """
        if self._watches:
            return
        self._watches = True
        call = nn.Module.__call__

        def watched(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
            if self._recording and _holds_tensor((*args, *kwargs.values())):  # a vocabulary may be a module, too
                self._see_layer(module, sys._getframe(1))
            if self._recording and runs_alone(module, args, kwargs):
                with torch._C.DisableTorchFunction():
                    return call(module, *args, **kwargs)
            return call(module, *args, **kwargs)

        passes_on(watched.__code__)
        nn.Module.__call__ = watched  # type: ignore[method-assign]
        record = self

        class Engine(torch._C._ImperativeEngine):
            def run_backward(self, *args: Any, **kwargs: Any) -> Any:
                record.see_backward()
                return super().run_backward(*args, **kwargs)

        torch._C.__dict__["_ImperativeEngine"] = Engine
        torch.autograd.Variable._execution_engine = Engine()

    def see_result(self, value: object) -> None:
        """Notes a result that carries a graph where gradients are not to be computed by one: no proof by itself."""
        results = value if isinstance(value, (tuple, list)) else [value]
        broken = self._rule([_BACKWARD])
        if broken and any(isinstance(one, torch.Tensor) and one.requires_grad for one in results[:50]):
            self.findings.append(BrokenRule(0, 0, "a result with a graph", broken[1], "", certain=False))

    def see_switches(self, before: Mapping[str, object], after: Mapping[str, object]) -> None:
        """Notes what a call has switched and left so: a person may find that the rest of the notebook suffers."""
        for name in before:
            switched = BrokenRule(0, 0, f"{name} is another after the call", "switches", "", certain=False)
            if after[name] != before[name] and switched not in self.findings:
                self.findings.append(switched)

    def see_backward(self) -> None:
        """Notes that gradients are computed; a call by name on the same line says it better."""
        broken = self._recording and self._rule([_BACKWARD])
        place = _place(sys._getframe(1))
        if broken and not any((one.cell, one.line) == place for one in self.findings):
            self._record(*broken)

    def _of(self, func: object) -> tuple[str, str] | None:
        """The rule that a call breaks which torch's own code did not make."""
        if not self._forbid:
            return None
        try:
            return self._rules[func]
        except KeyError:
            names = public_names(func)
            # Printing a tensor reads requires_grad and grad_fn.
            known = None if any(name.endswith(".__get__") for name in names) else self._rule(names)
            self._rules[func] = known
            return known

    def _of_torch(self, func: Callable[..., Any], frame: FrameType) -> tuple[str, str] | None:
        """The rule that is broken by a call which torch's own code made, on behalf of what was called there."""
        name = getattr(func, "__name__", "")
        if name in _FORWARD_MODE:
            return self._rule([_FORWARD_MODE[name]])
        frames = torch_frames(frame)
        if not frames or frames[-1].f_code is getattr(func, "__code__", None):
            return self._of(func)
        entry = frames[-1]
        if is_written_again(entry):
            names = [one.f_code.co_name for one in frames] + [name]
            return self._rule([again for one in names for again in names_without_underscores(one)])
        called = entry.f_back is not None and is_torch(entry.f_back.f_code)  # else it is `layer.forward(x)`
        if not called and entry.f_code.co_name == "forward" and isinstance(entry.f_locals.get("self"), nn.Module):
            self._see_layer(entry.f_locals["self"], entry.f_back)
        return None

    def _see_layer(self, module: nn.Module, caller: FrameType | None) -> None:
        """Notes that a layer runs, and the rules that it breaks if its caller is not torch's own code."""
        self._ran[type(module)] += 1
        if not self._has_rules or id(module) in self._layers or caller is None or is_torch(caller.f_code):
            return
        self._layers[id(module)] = module
        for broken in forbidden_layers([module], self._forbid, self._allow_layers):
            self._add(broken)

    def _rule(self, names: Sequence[str]) -> tuple[str, str] | None:
        for name in names:
            for pattern in self._forbid:
                if fnmatchcase(name, pattern):
                    return name, pattern
        return None

    def _record(self, name: str, pattern: str) -> None:
        self._add(BrokenRule(0, 0, name, pattern, ""))

    def _add(self, broken: BrokenRule) -> None:
        """Adds a broken rule with the line of the notebook that ran; what stands in for something is nobody's."""
        cell, line = _place(sys._getframe(1))
        if cell >= 0 and len(self.findings) < MOST_FINDINGS:
            text = linecache.getline(cell_filename(cell), line).strip()[:160]
            self.findings.append(replace(broken, cell=cell, line=line, text=text))


def _is_graph(func: object) -> bool:
    return getattr(func, "__self__", None) is torch.Tensor.grad_fn


def _holds_tensor(values: Sequence[object]) -> bool:
    """Whether a tensor is among values, or in a tuple or list of them, as the states of an LSTM are."""
    if values and isinstance(values[0], torch.Tensor):
        return True
    inside = [part for one in values if isinstance(one, (tuple, list)) for part in one]
    return any(isinstance(one, torch.Tensor) for one in (*values, *inside))


def _place(frame: FrameType | None) -> tuple[int, int]:
    """The code cell and line whose call leads to a frame: (0, 0) if there is none, (-1, 0) in a stand-in."""
    while frame is not None:
        if frame.f_globals.get("__name__") == stand_ins.MODULE:
            return -1, 0
        match = STUDENT_FILE.fullmatch(frame.f_code.co_filename)
        if match:
            return int(match[1]), frame.f_lineno
        frame = frame.f_back
    return 0, 0


def public_names(func: object) -> list[str]:
    """The dotted names by which a torch function is known, such as "torch.gru_cell" or "torch.Tensor.backward"."""
    plain = getattr(func, "__name__", "")
    is_operator = isinstance(func, (torch._ops.OpOverload, torch._ops.OpOverloadPacket))
    if is_operator:
        plain = str(func).split(".")[1]
    # Where torch itself gives a public name, the private module that holds the code does not count.
    known = resolve_name(func) or f"{getattr(func, '__module__', None) or 'torch'}.{plain}"
    again = (
        names_without_underscores(plain) if is_operator or plain.startswith("_") and not plain.startswith("__") else []
    )
    return [str(known), f"torch.{plain}", *again]


def _names(what: object) -> Sequence[str]:
    return kinds_of(what) if isinstance(what, type) and issubclass(what, nn.Module) else public_names(what)
