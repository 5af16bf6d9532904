"""The test set of a measured question. It stays in the grader: a student's process gets inputs, never labels."""

import csv
import importlib
import pickle
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from autograder.course.fingerprints import fingerprint
from autograder.course.manifest import Assignment
from autograder.sandbox.temporary import temporary_folder


class TestSet:
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


def test_sets_of(assignment: Assignment, directory: Path) -> dict[str, TestSet]:
    """The test set of every measured question, by label; one that several name is read once. Raises as TestSet does."""
    sets: dict[str, TestSet] = {}
    for rule in assignment.model_questions.values():
        if rule.data not in sets:
            sets[rule.data] = TestSet(rule.data, directory)
    return {label: sets[rule.data] for label, rule in assignment.model_questions.items()}


NO_LABEL = "1"  # in place of every test label; each data set of texts has a class of this number


@contextmanager
def copy_without_labels(directory: Path, names: Iterable[str]) -> Iterator[Path]:
    """A copy of these data sets of a data directory, which everybody may read; it is removed at the block's end.

    Raises MissingData where `directory` lacks a file, ValueError for a damaged one.
    """
    with temporary_folder() as copy:
        copy.chmod(0o755)  # students' code runs as another user
        for name in names:
            module = importlib.import_module(f"data.{name}")
            dataset, fetch = getattr(module, name.upper()), importlib.import_module("data.fetch")
            for file in dataset.files:
                source = fetch.locate(dataset, file, directory, directory)
                (copy / file).parent.mkdir(exist_ok=True)
                _copy(source, copy / file)
                (copy / file).chmod(0o644)
        yield copy


def _copy(source: Path, target: Path) -> None:
    """Copies one file; the labels of `test.csv` and of the array `y_test` become one and the same."""
    if source.name == "test.csv":
        with source.open(encoding="utf-8", newline="") as file, target.open("w", encoding="utf-8", newline="") as out:
            rows = csv.writer(out, lineterminator="\n")
            for row in csv.reader(file):
                rows.writerow(row if row[:1] == ["label"] else [NO_LABEL, *row[1:]])
    elif source.suffix == ".npz":
        with np.load(source) as arrays:
            hidden = {name: np.zeros_like(array) if name == "y_test" else array for name, array in arrays.items()}
        np.savez(target, **hidden)
    else:
        shutil.copyfile(source, target)
