"""What commands share: the consoles, errors in one line, the course's folder and manifest."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.course.root import MANIFEST, is_students_copy, project_root
from autograder.course.toml_section import ManifestError
from autograder.messages import LANGUAGES, Language

if TYPE_CHECKING:  # what only asks for help, or completes a word, prints without it
    from rich.console import Console

    from autograder.course.manifest import Assignment

_PIPE = 10_000  # columns of what is no terminal, which has no width of its own


def _console(stderr: bool) -> "Console":
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else _PIPE)


@cache
def console() -> "Console":
    """Where results are printed."""
    return _console(stderr=False)


@cache
def errors() -> "Console":
    """Where errors and progress are printed."""
    return _console(stderr=True)


def complete_assignment(incomplete: str) -> list[str]:
    """The assignments of the course here whose names begin so, for the shell."""
    with suppress(Exception):  # a shell that completes shows no errors
        from autograder.course.manifest import load

        return [name for name in load(project_root()) if name.startswith(incomplete)]
    return []


AssignmentName = Annotated[
    str, typer.Option("--assignment", help="A name in assignments.toml.", autocompletion=complete_assignment)
]


def prepare_process() -> None:
    """Sets this process up for judging: what waits for many workers, and compares small tensors."""
    # A thread whose reply has come must not wait for another's comparisons for Python's usual 5 milliseconds.
    sys.setswitchinterval(0.0005)
    # Tensors are small here: two threads wait for each other, on a busy machine thirty times as long as one works.
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)
    else:  # commands import it later, while their sandbox does
        from autograder.sandbox.connection import ONE_THREAD

        os.environ |= ONE_THREAD


def escape(text: str) -> str:
    """Text that is printed as it is, without rich's markup."""
    from rich.markup import escape as escape_markup

    return escape_markup(text)


class Wrong(typer.Exit):
    """Ends the command with one line on stderr and exit code 2."""

    def __init__(self, message: str) -> None:
        errors().print(f"[red]autograder:[/red] {escape(message)}", soft_wrap=True)
        super().__init__(2)


def course_root() -> Path:
    """The course's folder; raises Wrong if there is none here."""
    try:
        return project_root()
    except ManifestError as error:
        raise Wrong(str(error)) from None


def course_root_of(path: Path) -> Path:
    """The course that a file or folder belongs to: around it, here, or around this package. Raises Wrong."""
    package = Path(__file__).resolve().parents[2]
    start = path if path.is_dir() else path.parent
    for folder in (start, Path.cwd(), package):
        with suppress(ManifestError):
            return project_root(folder)
    raise Wrong(f"{path} belongs to no course: there is no {MANIFEST} around it, here, or in {package}")


def staff_root() -> Path:
    """The course's folder; raises Wrong if there is none here, or if it is a student's copy."""
    root = course_root()
    if is_students_copy(root):
        raise Wrong(f"{root} has no staff folder: this command is for the course's authors")
    return root


def manifest(root: Path) -> dict[str, "Assignment"]:
    """The assignments of a course; raises Wrong."""
    from autograder.course.manifest import load

    try:
        return load(root)
    except ManifestError as error:
        raise Wrong(str(error)) from None


def assignment_named(root: Path, name: str) -> "Assignment":
    """One assignment of a course; raises Wrong."""
    found = manifest(root)
    if name not in found:
        raise Wrong(f"no assignment {name!r} in {root / 'assignments.toml'}; there are: {', '.join(found)}")
    return found[name]


def language_named(root: Path, name: str) -> Language:
    """A language as a course speaks it; raises Wrong."""
    if name not in LANGUAGES:
        raise Wrong(f"no language {name!r}; there are: {', '.join(LANGUAGES)}")
    from autograder.course.manifest import language_of

    try:
        return language_of(root, name)
    except ManifestError as error:
        raise Wrong(str(error)) from None


@contextmanager
def graders_packages(file: str = "requirements-graders.txt") -> Iterator[None]:
    """Says what to install where a package of `file` is missing, which graders need and students do not."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "autograder").partition(".")[0] == "autograder":
            raise
        raise Wrong(f"{error.name} is not installed: pip install -r {file}") from None


@contextmanager
def failing(*others: type[Exception]) -> Iterator[None]:
    """Turns what can go wrong on the grader's machine, and these errors, into one line and exit code 2."""
    from autograder.course.data_package import DataError
    from autograder.course.manifest import CourseError
    from autograder.sandbox import SandboxUnavailable
    from autograder.sandbox.packages import CourseImportError

    ours = (SandboxUnavailable, CourseImportError, CourseError, DataError, FileNotFoundError)
    expected: tuple[type[Exception], ...] = (*ours, *others)
    try:
        yield
    except expected as error:
        raise Wrong(str(error)) from None
    except OSError as error:  # a full disk, a folder that may not be read or written
        raise Wrong(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from None
