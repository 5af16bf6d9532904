"""In the student's process: the classes of the layers in a module, and those that a question does not allow."""

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from torch import nn

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
) -> Iterator[tuple[str, str]]:
    """The layers inside `modules` that break a rule, each with the rule.

    A class of the notebook counts as the library's class that it extends, so that a subclass is no way around.
    `nn.Module` itself and stand-ins are always allowed. `forbid` and `allow` are patterns of dotted names; None allows
    all.
    """
    kinds = {type(module) for root in modules for module in root.modules()}
    for name in sorted({_library_name(kind) for kind in kinds} - {"torch.nn.Module", ""}):
        for pattern in forbid:
            if fnmatchcase(name, pattern):
                yield name, pattern
        if allow is not None and not any(fnmatchcase(name, pattern) for pattern in allow):
            yield name, "allowed layers"


def _library_name(kind: type[nn.Module]) -> str:
    if kind.__module__ == STAND_INS:
        return ""
    return next(kind_of(base) for base in kind.__mro__ if base.__module__ != "__main__")
