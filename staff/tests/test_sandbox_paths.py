"""What student code may read of what the grader imports: installed libraries, wherever they lie, and no project."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from autograder.sandbox import Sandbox
from autograder.sandbox.paths import inside, library_paths

ROOT = Path(__file__).parents[2]


def test_libraries_that_a_pth_file_adds_are_readable_and_an_editable_project_is_not(tmp_path: Path) -> None:
    libraries, project, environment = (tmp_path / name for name in ("libraries", "project", "environment"))
    (libraries / "some-1.0.dist-info").mkdir(parents=True)
    (project / "some.egg-info").mkdir(parents=True)
    venv.create(environment, with_pip=False)
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(f"{libraries}\n{project}\n")
    script = "import sys; sys.path.append(sys.argv[1]); from autograder.sandbox.paths import library_paths\n"
    script += "print(*sys.path, '', *library_paths(), sep='\\n')"
    command: list[Path | str] = [environment / "bin" / "python", "-P", "-c", script, ROOT]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout.splitlines()
    imported, readable = lines[: lines.index("")], lines[lines.index("") + 1 :]
    assert {str(libraries), str(project)} <= set(imported)
    assert str(libraries) in readable and any(inside(str(site), path) for path in readable)
    assert not any(inside(str(folder), path) for folder in (project, ROOT) for path in readable)


def test_a_folder_that_is_not_there_and_the_present_one_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "some-1.0.dist-info").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path / "nowhere"), str(tmp_path / "libraries.zip")])
    assert str(tmp_path) not in library_paths()


def test_this_package_is_not_readable_where_it_is_no_library(sandbox: Sandbox) -> None:
    if sandbox.tier > 2:
        pytest.skip("nothing isolates here")
    assert not any(inside(str(ROOT / "autograder"), path) for path in library_paths())
