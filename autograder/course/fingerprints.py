"""Hashes of everything that a mark depends on, so that what has not changed is not run again."""

import ast
import hashlib
import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
# What runs in the student's process.
_READER = ("worker/*.py", "notebook/**/*.py", "protocol/frames.py")


def fingerprint(*parts: str | bytes) -> str:
    """A short hash of texts and bytes; other parts, or the same ones divided otherwise, give another."""
    made = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        made.update(len(data).to_bytes(8, "little") + data)
    return made.hexdigest()


def of_files(paths: Iterable[Path]) -> str:
    """The hash of some files, by their names and contents, wherever they lie."""
    return fingerprint(*sorted(fingerprint(path.name, path.read_bytes()) for path in paths))


@cache
def reader_version(root: Path) -> str:
    """The version of what answers for a notebook: our code in the student's process, Python and torch."""
    ours = [path for pattern in _READER for path in PACKAGE.glob(pattern)]
    return fingerprint(of_files([*ours, *(root / "data").rglob("*.py")]), platform.python_version(), version("torch"))


@cache
def engine_version() -> str:
    """The version of everything that makes a mark out of a notebook and a check."""
    return fingerprint(of_files(PACKAGE.rglob("*.py")), platform.python_version(), version("torch"))


def check_version(path: Path) -> str:
    """The hash of a file of checks and of what it imports from its own folder."""
    return of_files(_with_imports(path, set()))


def _with_imports(path: Path, found: set[Path]) -> set[Path]:
    found.add(path)
    for node in ast.walk(ast.parse(path.read_bytes())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            beside = path.parent / f"{name.partition('.')[0]}.py"
            if beside.is_file() and beside not in found:
                _with_imports(beside, found)
    return found
