"""Gives the parameters of a case to a student's module, whose parts may bear other names than the handout's."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

from torch import Tensor

from autograder.checks.mistakes import Mismatch, to_look_at
from autograder.messages import say
from autograder.protocol.operations import Part
from autograder.protocol.student import Handle

Shape = tuple[int, ...]
# What layers of torch.nn call their parameters and buffers, those under a parametrization among them.
_OF_LAYERS = re.compile(
    r"(?:(?:[qkv]|in|out)_proj_)?(?:weight|bias)(?:_(?:ih|hh|hr)_l\d+(?:_reverse)?)?|weight_[gv]|bias_[kv]|original\d*"
    r"|running_mean|running_var|num_batches_tracked"
)


def assign(what: str, module: Handle, parameters: Mapping[str, Tensor]) -> dict[str, str]:
    """Loads `parameters`, named "role.kind" ("LN1.weight") or, on the module itself, by a bare name ("cls_token").

    A role is filled by the part of that name, else by the first part whose shapes fit and which no other role has. A
    part may lack a bias. Returns which parameter of the module each one went to. Raises Mismatch when a role finds no
    part.
    """
    inventory = [entry for entry in module.inventory() if entry.parameters]
    roles: dict[str, dict[str, Tensor]] = {}
    for name, tensor in parameters.items():
        role, _, kind = name.rpartition(".")
        roles.setdefault(role, {})[kind] = tensor
    named = {entry.name for entry in inventory} & roles.keys()
    values: dict[str, Tensor] = {}
    places: dict[str, str] = {}
    for role, tensors in roles.items():
        entry = _part(role, tensors, [entry for entry in inventory if entry.name == role or entry.name not in named])
        if entry is None:
            _missing(what, role, tensors, inventory)
        named.add(entry.name)
        for kind in entry.parameters.keys() & tensors.keys():
            places[f"{role}.{kind}".lstrip(".")] = f"{entry.name}.{kind}".lstrip(".")
        prefix = f"{entry.name}." if entry.name else ""
        values |= {
            f"{prefix}{kind}": tensor.reshape(entry.parameters[kind])
            for kind, tensor in tensors.items()
            if kind in entry.parameters
        }
    module.load(values, roles=parameters)
    return places


def _part(role: str, tensors: Mapping[str, Tensor], entries: Sequence[Part]) -> Part | None:
    fitting = [entry for entry in entries if _fits(entry.parameters, tensors)]
    return next((entry for entry in fitting if entry.name == role), next(iter(fitting), None))


def _fits(shapes: Mapping[str, Shape], tensors: Mapping[str, Tensor]) -> bool:
    """A bias may be missing; dimensions of length 1 in front may be, too, since they broadcast."""
    return all(
        _core(shapes[kind]) == _core(tuple(tensor.shape)) if kind in shapes else kind == "bias"
        for kind, tensor in tensors.items()
    )


def _core(shape: Shape) -> Shape:
    leading = next((place for place, length in enumerate(shape) if length != 1), len(shape) - 1)
    return shape[leading:]


def _missing(what: str, role: str, tensors: Mapping[str, Tensor], inventory: Sequence[Part]) -> NoReturn:
    shapes = ", ".join(f"{kind} {tuple(tensor.shape)}" for kind, tensor in tensors.items())
    held = "; ".join(
        f"{entry.name or 'self'}: " + ", ".join(f"{kind} {shape}" for kind, shape in entry.parameters.items())
        for entry in inventory
    )
    raise Mismatch(
        say("{what} lacks parameters: {role}", what=what, role=role or say("those of its own")),
        say("expected {what}", what=shapes),
        say("got {what}", what=held[:300] or say("none")),
        to_look_at("__init__: is the layer or nn.Parameter there, with these sizes, as an attribute of self?"),
        diagnosis="wrong structure",
    )


def outside_layers(module: Handle, names: Iterable[str]) -> list[str]:
    """Those of a model's parameters and buffers, by dotted name, that belong to no layer of PyTorch in it.

    What torch.compile and DataParallel put before names is left out. Raises StudentError.
    """
    layers = {entry.name for entry in module.inventory() if any(map(_is_layer, entry.kinds))}
    return [
        name
        for name in map(bare_key, names)
        if name.rpartition(".")[0] not in layers or not _OF_LAYERS.fullmatch(name.rpartition(".")[2])
    ]


def bare_key(key: str) -> str:
    """The key of a weight without what torch.compile and DataParallel put before it: a wrapped model is no other."""
    return key.replace("_orig_mod.", "").removeprefix("module.")


def _is_layer(kind: str) -> bool:
    containers = ("Module", "Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict")
    return kind.startswith("torch.nn.") and kind.rpartition(".")[2] not in containers
