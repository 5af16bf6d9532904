"""The package `data/` of a course, which its notebooks import: optional, and so is everything that it may offer.

`SAMPLES`: the data directory of code that is graded. `use_directory(directory)`: has the loaders read from it.
`load_<name>(split, directory)`: the examples of a data set. `without_labels(directory, names, copy)`: writes the data
sets of a data directory into another folder, with nothing in them that tells a test label. `prepare_worker()`: called
once in the process that student code is forked from.

Of its folder graded code reads the modules, the packages and `samples/`: whatever else lies there may hold labels.
"""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.sandbox.packages import import_package

PACKAGE = "data"
SAMPLES = "samples"  # the folder of the package that everybody may read


class DataError(Exception):
    """A course's package `data/` lacks what the course asks of it; the message names it."""


def data_folders(root: Path) -> list[Path]:
    """The folder of the package, if the course at `root` has one."""
    return [folder for folder in [root / PACKAGE] if folder.is_dir()]


def readable_data(root: Path) -> list[Path]:
    """What graded code may read of the package's folder."""
    return [path for folder in data_folders(root) for path in sorted(folder.iterdir()) if _is_readable(path)]


def hidden_data(root: Path) -> list[Path]:
    """What graded code must not read of the package's folder, such as downloads with the labels of test sets."""
    return [path for folder in data_folders(root) for path in sorted(folder.iterdir()) if not _is_readable(path)]


def is_sample(root: Path, directory: Path) -> bool:
    """Whether a data directory is the course's samples, or lies in them."""
    return directory.resolve().is_relative_to((root / PACKAGE / SAMPLES).resolve())


def packages_in_data(root: Path) -> list[Path]:
    """The folders of the packages in the package."""
    return [path for path in readable_data(root) if path.is_dir() and path.name != SAMPLES]


def _is_readable(path: Path) -> bool:
    """Whether it is a module, a package or the samples."""
    if path.is_dir():
        return path.name == SAMPLES or (path / "__init__.py").is_file()
    return path.suffix == ".py"


def import_data(root: Path) -> ModuleType | None:
    """The package of the course at `root`, which checks and recipes then import by its name; None if it has none.

    Raises CourseImportError.
    """
    return next(map(import_package, data_folders(root)), None)


def data_function(root: Path, name: str, why: str) -> Callable[..., Any]:
    """A function of the package; raises DataError, which says what asks for it, without it."""
    function: Callable[..., Any] | None = getattr(import_data(root), name, None)
    if function is None:
        raise DataError(f"{root / PACKAGE} offers no function {name}, which {why} needs (docs/authors.md)")
    return function
