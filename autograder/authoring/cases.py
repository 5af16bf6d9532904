"""Writes the public cases of an assignment from its recipes, where they differ from those that are there."""

from collections.abc import Mapping
from pathlib import Path

import torch

from autograder.checks.case import PUBLIC_SEED, Case, load_cases
from autograder.checks.closeness import TOLERANCES, is_close
from autograder.course.cases import load_recipes
from autograder.course.manifest import Assignment

# The part of a check's tolerance by which a case may differ from its file: so much, and more, differs between
# processors.
SHARE = 0.01
_FIELDS = ("inputs", "outputs", "mistakes", "accepted", "sizes")


def write_cases(root: Path, assignment: Assignment) -> list[Path]:
    """Writes the public cases of every recipe of an assignment, and deletes what no recipe makes.

    A file that holds the same case, its tensors within SHARE of the tolerance, is left alone. Returns what it wrote.
    """
    written = []
    for name, recipe in load_recipes(root, assignment).items():
        folder = root / "tests" / "cases" / name
        made = {folder / f"{case.name}.safetensors": case for case in recipe.cases(PUBLIC_SEED)}
        for stale in set(folder.glob("*.safetensors")) - made.keys():
            stale.unlink()
        for path, case in made.items():
            if not path.is_file() or not _is_same(case, Case.load(path), SHARE):
                case.save(path)
                written.append(path)
    return written


def stale_cases(root: Path, assignment: Assignment) -> str:
    """The first name of cases that `write_cases` would make so that a check could tell; "" if there is none."""
    for name, recipe in load_recipes(root, assignment).items():
        made = {case.name: case for case in recipe.cases(PUBLIC_SEED)}
        folder = root / "tests" / "cases" / name
        kept = {case.name: case for case in load_cases(folder)} if folder.is_dir() else {}
        if made.keys() != kept.keys() or any(not _is_same(made[key], kept[key], 1.0) for key in made):
            return name
    return ""


def _is_same(one: Case, other: Case, share: float) -> bool:
    return all(_is_alike(getattr(one, field), getattr(other, field), share) for field in _FIELDS)


def _is_alike(one: object, other: object, share: float) -> bool:
    """Equal structures, whose tensors are within a share of the tolerance."""
    if isinstance(one, torch.Tensor):
        absolute, relative = TOLERANCES.get(one.dtype, (0.0, 0.0))
        same = isinstance(other, torch.Tensor) and one.dtype == other.dtype
        return same and is_close(other, one, atol=share * absolute, rtol=share * relative)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_is_alike(one[key], other[key], share) for key in one)
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(_is_alike(*pair, share) for pair in zip(one, other, strict=True))
    return one == other
