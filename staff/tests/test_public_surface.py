"""The public surface: all that checks and recipes import, and what `verify` says of any other import."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import checks
from autograder.authoring.imports import foreign_imports
from autograder.course.root import project_root


def test_every_name_of_the_surface_is_there() -> None:
    assert sorted(checks.__all__) == checks.__all__
    assert all(hasattr(checks, name) for name in checks.__all__)


def test_our_checks_and_recipes_import_nothing_else() -> None:
    assert foreign_imports(project_root()) == ""


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("from autograder.checks.expect import Mistake", "autograder.checks.expect.Mistake"),
        ("from autograder.checks import Mistake, collect", "collect"),
        ("from autograder.protocol.student import Student as S", "autograder.protocol.student.Student"),
        ("import autograder.worker.server as s", "autograder.worker.server"),
        ("def late():\n    from autograder import marking", "autograder.marking"),
    ],
)
@pytest.mark.parametrize("folder", ["tests", "staff/cases"])
def test_any_other_import_is_named_with_its_line(folder: str, line: str, name: str, tmp_path: Path) -> None:
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / "test_gru.py").write_text(f"import torch\n{line}\n")
    problem = foreign_imports(tmp_path)
    number = 2 + line.count("\n")
    assert problem.startswith(f"{folder}/test_gru.py, line {number} imports {name}; import names of autograder.checks")


def test_other_packages_and_the_surface_are_allowed(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "a.py").write_text("import autograders\nfrom autograder.checks import Mistake as M\n")
    assert foreign_imports(tmp_path) == ""


# --- the table in docs/authors.md ---


def signature(name: str, value: object) -> str:
    """What to write to call it, without types."""
    parameters = inspect.signature(value).parameters.items()  # type: ignore[arg-type]
    plain = [one.replace(annotation=inspect.Parameter.empty) for key, one in parameters if key != "self"]
    return f"{name}{inspect.Signature(plain)}".replace("=<factory>", "={}").replace("'", '"')


def methods(name: str, owner: Any) -> Iterator[str]:
    home = getattr(owner, "__module__", owner.__name__)
    for method, value in vars(owner).items():
        own = inspect.isfunction(value) and value.__module__ == home
        if own and not method.startswith("_"):
            yield row(signature(f"{name}.{method}", value), value)


def row(call: str, value: object) -> str:
    first, *_ = (inspect.getdoc(value) or "").split("\n")
    return f"| `{call}` | {first} |".replace("|`", "`")


def rows() -> Iterator[str]:
    """A row for each name of the surface that is called, and for each method of what a check is given."""
    for name in checks.__all__:
        value = getattr(checks, name)
        if name in ("Claims", "Handle", "Rng", "Student", "expect"):
            yield from methods(name, value)
        elif name in ("Checkpoint", "TestSet", "Outputs"):
            yield row(name, value)
        else:
            yield row(signature(name, value), value)


def test_the_authors_page_has_every_name_with_its_signature() -> None:
    page = (project_root() / "docs" / "authors.md").read_text(encoding="utf-8").splitlines()
    missing = [one for one in rows() if one not in page]
    assert not missing, "\n".join(missing)
