"""The test set of a measured question. It stays in the grader: a student's process gets inputs, never labels."""

import pickle
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.course.data_package import data_function
from autograder.course.fingerprints import fingerprint
from autograder.course.manifest import Assignment
from autograder.sandbox.temporary import temporary_folder


class TestSet:
    """The test examples of one data set, as `load_<name>` of the course's data package gives them.

    Equal to itself alone.
    """

    def __init__(self, name: str, examples: Any) -> None:
        self.name = name
        self.examples = examples

    @classmethod
    def read(cls, root: Path, name: str, directory: Path) -> "TestSet":
        """The test split of a data directory.

        Raises DataError without a loader, and what the loader raises: FileNotFoundError for data that is not there,
        ValueError for a damaged file.
        """
        return cls(name, data_function(root, f"load_{name}", f"the data set {name!r}")("test", directory))

    @cached_property
    def version(self) -> str:
        """The hash of the examples."""
        return fingerprint(self.name, pickle.dumps(self.examples))


def test_sets_of(root: Path, assignment: Assignment, directory: Path) -> dict[str, TestSet]:
    """The test set of every measured question, by label; one that several name is read once. Raises as it does."""
    sets: dict[str, TestSet] = {}
    for rule in assignment.model_questions.values():
        if rule.data not in sets:
            sets[rule.data] = TestSet.read(root, rule.data, directory)
    return {label: sets[rule.data] for label, rule in assignment.model_questions.items()}


@contextmanager
def copy_without_labels(root: Path, directory: Path, names: Iterable[str]) -> Iterator[Path]:
    """A copy of these data sets of a data directory, which everybody may read; it is removed at the block's end.

    `without_labels` of the course's data package makes it. Raises DataError without that, and as `TestSet.read`.
    """
    withhold = data_function(root, "without_labels", "running a training again")
    with temporary_folder() as copy:
        withhold(directory, tuple(names), copy)
        for path in (copy, *copy.rglob("*")):  # students' code runs as another user
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield copy
