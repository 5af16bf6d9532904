"""Importing a package by the folder that it lies in, so that no other of its name comes into question."""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType


def import_package(folder: Path) -> ModuleType:
    """Imports the package in a folder under the folder's name, in place of another package of this name.

    What is imported already stays as it is. A folder without `__init__.py` is a package too, as everywhere in Python.
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
            package.__spec__.loader.exec_module(package)
    except BaseException:
        del sys.modules[name]
        raise
    return package


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
