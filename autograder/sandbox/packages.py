"""Importing what belongs to a course by its path, so that nothing else of its name comes into question."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.machinery import ModuleSpec
from pathlib import Path
from pkgutil import iter_modules
from traceback import extract_tb
from types import ModuleType


class CourseImportError(Exception):
    """A module of a course that cannot be imported; the message names its line and the reason."""


@contextmanager
def importing(path: Path) -> Iterator[None]:
    """Turns every error of the block, which runs the file at `path`, into CourseImportError; but for OSError."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == str(path)]
        place = f"{path}, line {lines[-1]}" if lines else str(path)
        raise CourseImportError(f"{place}: {type(error).__name__}: {error}") from error


def import_package(folder: Path) -> ModuleType:
    """Imports the package in a folder under the folder's name, in place of another package of this name.

    What is imported already stays as it is. A folder without `__init__.py` is a package too, as everywhere in Python.
    Raises CourseImportError.
    """
    name, folder = folder.name, folder.resolve()
    if _lies_in(sys.modules.get(name), folder):
        return sys.modules[name]
    for other in [other for other in sys.modules if other == name or other.startswith(f"{name}.")]:
        del sys.modules[other]
    package = importlib.util.module_from_spec(_spec(name, folder))
    sys.modules[name] = package  # before its modules are imported by that name
    try:
        if package.__spec__ and package.__spec__.loader and (folder / "__init__.py").is_file():
            with importing(folder / "__init__.py"):
                package.__spec__.loader.exec_module(package)
    except BaseException:
        del sys.modules[name]
        raise
    return package


def import_modules(folder: Path) -> None:
    """Imports every module of a package that was imported, for processes which cannot look into its folder later.

    One that fails is left out, and fails when it is imported there.
    """
    for module in iter_modules([str(folder)]):
        if module.name != "__main__":
            with suppress(Exception):
                import_module(f"{folder.name}.{module.name}")


def _lies_in(module: ModuleType | None, folder: Path) -> bool:
    return any(Path(path).resolve() == folder for path in getattr(module, "__path__", ()))


def _spec(name: str, folder: Path) -> ModuleSpec:
    start = folder / "__init__.py"
    if start.is_file():
        spec = importlib.util.spec_from_file_location(name, start, submodule_search_locations=[str(folder)])
        assert spec is not None  # a file that ends in .py always has one
        return spec
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    return spec
