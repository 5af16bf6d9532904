"""Data sets without the labels of their test splits, for code that must not know them."""

import csv
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from data.ag_news import AG_NEWS
from data.cifar10 import CIFAR10
from data.eng_fra import ENG_FRA
from data.fetch import locate
from data.imdb import IMDB

__all__ = ["without_labels"]

DATA_SETS = {"ag_news": AG_NEWS, "imdb": IMDB, "eng_fra": ENG_FRA, "cifar10": CIFAR10}  # as their loaders are named
NO_LABEL = "1"  # in place of every test label; each data set of texts has a class of this number


def without_labels(directory: Path, names: Iterable[str], copy: Path) -> None:
    """Writes these data sets of a data directory into the folder `copy`, with one label for all test examples.

    Raises MissingData where `directory` lacks a file, ValueError for a damaged one.
    """
    for dataset in (DATA_SETS[name] for name in names):
        for file in dataset.files:
            source = locate(dataset, file, directory, directory)
            (copy / file).parent.mkdir(exist_ok=True)
            _copy(source, copy / file)


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
