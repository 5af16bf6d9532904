"""The classes of a student's layers, as rules know them: by what they are, whatever the notebook calls them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.nn.modules import module as hooks

from autograder.notebook import stand_ins
from autograder.notebook.findings import FORBIDDEN_LAYER, BrokenRule

_OWN = ("__main__", stand_ins.MODULE)
MODULE = "torch.nn.Module"
# Layers that call nothing but torch's own functions, and so many that looking on doubles what they take.
_RECURRENT: Mapping[type, Any] = {
    kind: kind.forward for kind in (nn.RNN, nn.GRU, nn.LSTM, nn.RNNCell, nn.GRUCell, nn.LSTMCell)
}
_PLAIN = (torch.Tensor, nn.Parameter, type(None), int)  # what such a layer works on, if nobody has a part in it
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def kind_of(kind: type) -> str:
    """The public dotted name of a class ("torch.nn.Linear"), or the bare name of one that the notebook defines."""
    if kind.__module__ in _OWN:
        return kind.__name__
    package = "torch.nn" if kind.__module__.startswith("torch.nn.modules.") else kind.__module__
    return f"{package}.{kind.__name__}"


def kinds_of(kind: type[nn.Module]) -> list[str]:
    """A class of modules and those that it extends, the nearest first, to `torch.nn.Module`."""
    return [kind_of(base) for base in kind.__mro__ if issubclass(base, nn.Module)]


def runs_alone(module: nn.Module, args: Sequence[object], kwargs: Mapping[str, object]) -> bool:
    """Whether no code but torch's own has a part in this call of a layer, so that nobody need look on.

    What its functions do there is the doing of the layer, and counts as that.
    """
    kind = type(module)
    if kind not in _RECURRENT or kind.forward is not _RECURRENT[kind] or kwargs or "forward" in module.__dict__:
        return False
    if any(getattr(module, name) or getattr(hooks, f"_global{name}") for name in _HOOKS):
        return False
    # A mode of the student's, or a default device, wants to see every function.
    return torch._C._len_torch_function_stack() == 1 and all(
        type(one) in _PLAIN for one in (*_flat(args), *module._parameters.values())
    )


def _flat(args: Sequence[object]) -> Iterator[object]:
    """Some values, and those in tuples of them, as the states of an LSTM are."""
    for one in args:
        if type(one) is tuple:
            yield from one
        else:
            yield one


def forbidden_layers(
    modules: Iterable[nn.Module], forbid: Sequence[str], allow: Sequence[str] | None
) -> Iterator[BrokenRule]:
    """The rules that layers inside `modules` break, without a place.

    A class counts as the library's classes that it extends: so a subclass is no way around, and no offence. `nn.Module`
    itself and stand-ins are always allowed. `forbid` and `allow` are patterns of dotted names; None allows all.
    """
    kinds = {type(module) for root in modules for module in root.modules()}
    names = {_library_names(kind) for kind in kinds if kind.__module__ != stand_ins.MODULE}
    for layer in sorted(names - {()}):
        yield from _broken_by(layer, tuple(forbid), None if allow is None else tuple(allow))


@cache  # layers are many and their kinds few
def _broken_by(layer: tuple[str, ...], forbid: tuple[str, ...], allow: tuple[str, ...] | None) -> list[BrokenRule]:
    """The rules that a layer breaks, by the names of its class and of those that it extends."""
    broken = [pattern for pattern in forbid if _is_any(layer, [pattern])]
    if allow is not None and not _is_any(layer, allow):
        broken.append("allowed layers")
    return [BrokenRule(0, 0, layer[0], pattern, "", FORBIDDEN_LAYER) for pattern in broken]


def _library_names(kind: type[nn.Module]) -> tuple[str, ...]:
    return tuple(name for name in kinds_of(kind) if "." in name and name != MODULE)


def _is_any(names: Sequence[str], patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
