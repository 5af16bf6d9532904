"""Hashes of everything that a mark depends on, so that what has not changed is not run again."""

import ast
import hashlib
import platform
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
# Where the code in the student's process begins: it answers requests, in a process that has locked itself in.
_READER = ("autograder.worker.server", "autograder.sandbox.inside.warm")
# Where the code begins that makes a verdict out of answers.
_ENGINE = ("autograder.marking.ask", "autograder.checks")


def fingerprint(*parts: str | bytes) -> str:
    """A short hash of texts and bytes; other parts, or the same ones divided otherwise, give another."""
    made = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        made.update(len(data).to_bytes(8, "little") + data)
    return made.hexdigest()


def of_file(path: Path) -> str:
    """The hash of a file's content, however large it is."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, partial(hashlib.blake2b, digest_size=16)).hexdigest()


def of_files(paths: Iterable[Path]) -> str:
    """The hash of some files, by their names and contents, wherever they lie."""
    return fingerprint(*sorted(fingerprint(path.name, path.read_bytes()) for path in paths))


@cache
def reader_version(root: Path) -> str:
    """The version of what answers for a notebook: our code in its process, the course's `data/`, Python, torch.

    All of `data/` counts, since a notebook may import any of it.
    """
    return _version([*engine_files(*_READER), *(root / "data").rglob("*.py")])


@cache
def engine_version() -> str:
    """The version of what makes a verdict out of answers and a check."""
    return _version(engine_files(*_ENGINE))


def files_version(root: Path) -> str:
    """The version of all files that marks may depend on, whether they do or not; it takes no look into them.

    These are the grader's own, and of the course the manifest, handouts, checks, cases, recipes and `data/`.
    """
    folders = ((PACKAGE, "*.py"), (root / "tests", "*"), (root / "staff" / "cases", "*.py"), (root / "data", "*.py"))
    files = [path for folder, pattern in folders for path in folder.rglob(pattern) if path.suffix != ".pyc"]
    files += [root / "assignments.toml", *(root / "notebooks").glob("*.ipynb")]
    texts = [fingerprint(str(path), path.read_bytes()) for path in sorted(files) if path.is_file()]
    return fingerprint(*texts, platform.python_version(), version("torch"))


def module_version(*names: str) -> str:
    """The version of some modules of the package and of all that they import."""
    return _version(engine_files(*names))


def check_version(path: Path) -> str:
    """The hash of a file of checks and of what it imports from its own folder and from the course's."""
    folders = [path.parent, path.parent.parent]
    return of_files(_with_imports([path], folders, imported_names, lambda name: name != PACKAGE.name))


def engine_files(*names: str) -> list[Path]:
    """The files of some modules of the package ("autograder.checks") and of all that they import, however deep."""
    files = [file for name in names for file in _files_of(name, PACKAGE.parent)]
    return sorted(_with_imports(files, [PACKAGE.parent], own_imported_names, lambda name: name == PACKAGE.name))


def _version(files: Iterable[Path]) -> str:
    return fingerprint(of_files(files), platform.python_version(), version("torch"))


def _with_imports(
    paths: Iterable[Path],
    folders: Sequence[Path],
    names_in: Callable[[bytes], Iterable[str]],
    follow: Callable[[str], bool],
) -> set[Path]:
    """Some files, and what they import from `folders` wherever an import stands, inside functions too.

    `names_in` finds the names that a file imports; `follow` tells by the first part of a name whether to look for it.
    """
    files: set[Path] = set()
    known: set[str] = set()
    left = list(paths)
    while left:
        path = left.pop()
        if path not in files:
            files.add(path)
            names = {name for name in names_in(path.read_bytes()) if follow(name.partition(".")[0])} - known
            known |= names
            left += [file for name in names for folder in folders for file in _files_of(name, folder)]
    return files


@cache
def imported_names(source: bytes) -> tuple[str, ...]:
    """The dotted names that a file imports; what is imported from a module may be a module, too."""
    names: list[str] = []
    for node in _statements(ast.parse(source).body):
        if isinstance(node, ast.Import):
            names += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += (f"{node.module}.{alias.name}" for alias in node.names)
    return tuple(names)


@cache
def own_imported_names(source: bytes) -> tuple[str, ...]:
    """The same of a file of this package, whose layout is known: eight times as fast as a syntax tree of it."""
    names: list[str] = []
    for module, several, one, whole in _IMPORT.findall(re.sub(rb"#.*", b"", source).decode()):
        parts = [part.split()[0] for part in (several or one or whole).split(",") if part.strip()]
        names += (f"{module}.{part}" for part in parts) if module else parts
    return tuple(names)


_IMPORT = re.compile(r"^ *(?:from ([\w.]+) import (?:\(([^)]*)\)|([^(\n]+))|import ([^\n]+))$", re.MULTILINE)


def _statements(block: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """All statements of a block, however deep: what else a tree holds is most of it, and imports nothing."""
    for node in block:
        yield node
        for field in _BLOCKS:
            yield from _statements(getattr(node, field, ()))


_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")  # of statements, handlers of errors and matched cases


def _files_of(name: str, folder: Path) -> Iterator[Path]:
    """The files that importing a dotted name from a folder runs: of the packages on the way, and of the module."""
    for part in name.split("."):
        if (folder / f"{part}.py").is_file():
            yield folder / f"{part}.py"
            return
        folder = folder / part
        if not (folder / "__init__.py").is_file():
            return
        yield folder / "__init__.py"
