"""A data directory for students' own training: the training data as it is, and a test set without its labels."""

import csv
import importlib
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from autograder.sandbox.temporary import temporary_folder

NO_LABEL = "1"  # in place of every test label; each data set of texts has a class of this number


@contextmanager
def without_test_labels(directory: Path, names: Iterable[str]) -> Iterator[Path]:
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
