"""The test set of a measured question. It stays in the grader: a student's process gets inputs, never labels."""

import importlib
import pickle
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.course.fingerprints import fingerprint
from autograder.course.manifest import Assignment


class HeldOut:
    """The test examples of one data set, as `data.load_<name>` gives them; equal to itself alone."""

    def __init__(self, name: str, directory: Path) -> None:
        """Reads the test split from a data directory. Raises MissingData, and ValueError for a damaged file."""
        self.name = name
        loaders = importlib.import_module("data")  # the course's package, found once the course is loaded
        self.examples: Any = getattr(loaders, f"load_{name}")("test", directory)

    @cached_property
    def version(self) -> str:
        """The hash of the examples."""
        return fingerprint(self.name, pickle.dumps(self.examples))


def test_sets_of(assignment: Assignment, directory: Path) -> dict[str, HeldOut]:
    """The test set of every measured question, by label; one that several name is read once. Raises as HeldOut does."""
    sets: dict[str, HeldOut] = {}
    for rule in assignment.measured.values():
        if rule.data not in sets:
            sets[rule.data] = HeldOut(rule.data, directory)
    return {label: sets[rule.data] for label, rule in assignment.measured.items()}
