"""Files as large as a saved model may be, made on the fly."""

import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from autograder.course.sizes import MIB


def random_file(path: Path, mib: int) -> Path:
    """A file that does not compress."""
    with path.open("wb") as file:
        for seed in range(mib):
            file.write(np.random.default_rng(seed).bytes(MIB))
    return path


def zip_of(path: Path, files: dict[str, Path]) -> Path:
    """A zip archive of large files, stored as they are."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, file in files.items():
            archive.write(file, name)
    return path


def tar_of(path: Path, files: dict[str, Path], level: int = 1) -> Path:
    """A tar.gz archive of large files."""
    with tarfile.open(path, "w:gz", compresslevel=level) as archive:
        for name, file in files.items():
            archive.add(file, name)
    return path


def folder_of(path: Path, files: dict[str, Path]) -> Path:
    """A folder of links to large files, which are no symbolic ones."""
    for name, file in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).hardlink_to(file)
    return path


PACKERS: list[tuple[str, Callable[[Path, dict[str, Path]], Path]]] = [
    ("2024-20001.zip", zip_of),
    ("2024-20001.tar.gz", tar_of),
    ("2024-20001", folder_of),
]
