"""Cases: inputs with the outputs that a right answer gives, and the recipes that make them.

A public case is a file under `tests/cases/`; a secret one is made by the same recipe with another seed and never leaves
the grader. The outputs of known mistakes lie beside the right ones, so that no check holds code to copy from.
"""

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from safetensors.torch import load, save

from autograder.checks.rng import Rng
from autograder.messages import say
from autograder.protocol import frames
from autograder.sandbox.packages import importing

Outputs = Mapping[str, torch.Tensor]
PUBLIC_SEED = "public"


@dataclass(frozen=True)
class Case:
    """One set of inputs and what a right answer makes of it.

    `outputs` maps the name of each output to its tensor. `accepted` holds whole alternatives to `outputs`, by name,
    where the handout leaves a choice. `mistakes` holds what each known mistake gives.
    """

    inputs: tuple[Any, ...]
    outputs: Outputs = field(default_factory=dict)
    mistakes: Mapping[str, Outputs] = field(default_factory=dict)
    accepted: Mapping[str, Outputs] = field(default_factory=dict)
    name: str = ""
    sizes: Mapping[str, Any] = field(default_factory=dict)
    secret: bool = False

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} {value}" for name, value in self.sizes.items())
        return say("{kind} case ({sizes})", kind=say("secret" if self.secret else "public"), sizes=sizes)

    def save(self, path: Path) -> None:
        """Writes the case as one safetensors file, the structure in its metadata."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.to_bytes())

    def to_bytes(self) -> bytes:
        """The case in the safetensors format; equal cases give equal bytes."""
        encoder = frames.Encoder()
        parts = (list(self.inputs), dict(self.outputs), dict(self.mistakes), dict(self.accepted), dict(self.sizes))
        structure = [encoder.encode(part) for part in parts]
        tensors = {name: tensor.clone() for name, tensor in encoder.tensors.items()}  # it refuses shared memory
        return bytes(save(tensors, metadata={"case": json.dumps(structure)}))

    @classmethod
    def from_bytes(cls, data: bytes, name: str, secret: bool = False) -> "Case":
        """The case that `to_bytes` gave, under a name."""
        size = int.from_bytes(data[:8], "little")
        structure = json.loads(json.loads(data[8 : 8 + size])["__metadata__"]["case"])
        tensors = load(data)
        inputs, outputs, mistakes, accepted, sizes = (frames.decode(part, tensors) for part in structure)
        return cls(tuple(inputs), outputs, mistakes, accepted, name, sizes, secret)

    @classmethod
    def load(cls, path: Path) -> "Case":
        """The case that `save` wrote; its name is the file's."""
        return cls.from_bytes(path.read_bytes(), path.stem)


@dataclass(frozen=True)
class Recipe:
    """How the cases of one name are made: a function of an Rng and sizes, and the sizes to call it with."""

    name: str
    function: Callable[..., Case]
    sizes: tuple[Mapping[str, Any], ...]

    def cases(self, seed: object) -> Iterator[Case]:
        """One case for each set of sizes. Every seed but the public one makes secret cases."""
        for index, sizes in enumerate(self.sizes):
            case = self.function(Rng(seed, self.name, index), **sizes)
            yield replace(case, name=_file_stem(sizes), sizes=dict(sizes), secret=seed != PUBLIC_SEED)


def recipe(name: str, *, sizes: Sequence[Mapping[str, Any]]) -> Callable[[Callable[..., Case]], Callable[..., Case]]:
    """Marks a function of `staff/cases/` as the recipe called `name`."""

    def mark(function: Callable[..., Case]) -> Callable[..., Case]:
        function.recipe = Recipe(name, function, tuple(sizes))  # type: ignore[attr-defined]  # found by collect_recipes
        return function

    return mark


def collect_recipes(path: Path) -> dict[str, Recipe]:
    """The recipes of one file of `staff/cases/`, by name."""
    found = (getattr(value, "recipe", None) for value in vars(load_module(path, "staff_cases")).values())
    return {entry.name: entry for entry in found if isinstance(entry, Recipe)}


def load_cases(folder: Path) -> list[Case]:
    """The public cases of one folder in the order of their file names. Raises FileNotFoundError when it has none."""
    paths = sorted(folder.glob("*.safetensors"))
    if not paths:
        raise FileNotFoundError(f"no cases in {folder}; `autograder cases` makes them")
    return [Case.load(path) for path in paths]


def make_importable(folder: Path) -> None:
    """Lets modules that lie in a folder be imported by their names."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def load_module(path: Path, prefix: str) -> ModuleType:
    """Imports one file of checks or recipes under a name of its own; it may import modules that lie beside it.

    Raises FileNotFoundError without the file, CourseImportError for any error in it.
    """
    make_importable(path.parent)
    spec = importlib.util.spec_from_file_location(f"{prefix}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    with importing(path):
        spec.loader.exec_module(module)
    return module


def mistake_key(*mistakes: str, variant: str = "") -> str:
    """The key of several mistakes at once, "" among them for none: "a + b | variants".

    A mistake may bring a variant of its own ("off by one | early"); `variant` comes behind those.
    """
    parts = [mistake.partition(" | ") for mistake in mistakes if mistake]
    variants = ", ".join(one for one in (*(part[2] for part in parts), variant) if one)
    return " + ".join(part[0] for part in parts) + (f" | {variants}" if variants else "")


def mistake_names(key: str) -> list[str]:
    """The names of the mistakes in a key that `mistake_key` made, without their variants."""
    return key.partition(" | ")[0].split(" + ")


def _file_stem(sizes: Mapping[str, Any]) -> str:
    parts = (f"{name}{value}" for name, value in sizes.items())
    return "-".join("".join(c if c.isalnum() else "_" for c in part).strip("_") for part in parts)
