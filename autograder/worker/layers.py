"""The classes of a student's layers, as rules know them: by what they are, whatever the notebook calls them."""

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from torch import nn

from autograder.notebook import stand_ins
from autograder.notebook.findings import FORBIDDEN_LAYER, BrokenRule

_OWN = ("__main__", stand_ins.MODULE)
MODULE = "torch.nn.Module"


def kind_of(kind: type) -> str:
    """The public dotted name of a class ("torch.nn.Linear"), or the bare name of one that the notebook defines."""
    if kind.__module__ in _OWN:
        return kind.__name__
    package = "torch.nn" if kind.__module__.startswith("torch.nn.modules.") else kind.__module__
    return f"{package}.{kind.__name__}"


def kinds_of(kind: type[nn.Module]) -> list[str]:
    """A class of modules and those that it extends, the nearest first, to `torch.nn.Module`."""
    return [kind_of(base) for base in kind.__mro__ if issubclass(base, nn.Module)]


def forbidden_layers(
    modules: Iterable[nn.Module], forbid: Sequence[str], allow: Sequence[str] | None
) -> Iterator[BrokenRule]:
    """The rules that layers inside `modules` break, without a place.

    A class counts as the library's classes that it extends: so a subclass is no way around, and no offence. `nn.Module`
    itself and stand-ins are always allowed. `forbid` and `allow` are patterns of dotted names; None allows all.
    """
    kinds = {type(module) for root in modules for module in root.modules()}
    names = {tuple(_library_names(kind)) for kind in kinds if kind.__module__ != stand_ins.MODULE}
    for layer in sorted(names - {()}):
        for pattern in forbid:
            if _is_any(layer, [pattern]):
                yield BrokenRule(0, 0, layer[0], pattern, "", FORBIDDEN_LAYER)
        if allow is not None and not _is_any(layer, allow):
            yield BrokenRule(0, 0, layer[0], "allowed layers", "", FORBIDDEN_LAYER)


def _library_names(kind: type[nn.Module]) -> list[str]:
    return [name for name in kinds_of(kind) if "." in name and name != MODULE]


def _is_any(names: Sequence[str], patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
