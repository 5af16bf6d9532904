"""The public surface: all that checks and recipes import, and what `verify` says of any other import."""

from pathlib import Path

import pytest

from autograder import checks
from autograder.authoring.imports import foreign_imports
from autograder.course.manifest import project_root


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
