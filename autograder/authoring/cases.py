"""Writes the public cases of an assignment from its recipes."""

from pathlib import Path

from autograder.checks.case import PUBLIC_SEED
from autograder.course.course import load_recipes
from autograder.course.manifest import Assignment


def write_cases(root: Path, assignment: Assignment) -> list[Path]:
    """Writes the public cases of every recipe of an assignment in place of the old ones; returns the files."""
    written = []
    for name, recipe in load_recipes(root, assignment).items():
        folder = root / "tests" / "cases" / name
        for stale in folder.glob("*.safetensors"):
            stale.unlink()
        for case in recipe.cases(PUBLIC_SEED):
            path = folder / f"{case.name}.safetensors"
            case.save(path)
            written.append(path)
    return written
