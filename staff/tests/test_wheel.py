"""The wheel works without the repository: installed into a fresh environment, called by its command from elsewhere."""

import csv
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import autograder
from autograder.authoring.answers import answered_notebook, read_answer
from autograder.authoring.build import read_sources

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
EXTRAS = ("requirements-authors.txt", "requirements-graders.txt", "requirements-cluster.txt")
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "requirements.txt", *EXTRAS)


def run(*command: object, cwd: Path, returns: int = 0) -> str:
    """What a command says, which must end so; nothing of this process's environment leads to the repository."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == returns, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what it is made of."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in BUILT_FROM:
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "autograder", folder / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    run(*pip, "wheel", ".", "--no-deps", "--no-build-isolation", "--wheel-dir", "dist", cwd=folder)
    (built,) = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed command. Its environment has the wheel alone; the libraries are those of this one, by a .pth."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    scheme = {"base": str(folder), "platbase": str(folder)}
    site, scripts = (Path(sysconfig.get_path(name, "venv", scheme)) for name in ("purelib", "scripts"))
    pip = [sys.executable, "-m", "pip", f"--python={folder}", "--disable-pip-version-check", "--quiet"]
    run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    libraries = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (site / "libraries.pth").write_text("\n".join(libraries))
    found = run(scripts / "python", "-c", "import autograder; print(autograder.__file__)", cwd=folder)
    assert Path(found.strip()).is_relative_to(site)
    return scripts / "autograder"


@pytest.fixture(scope="module")
def course(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course made by the installed command."""
    place = tmp_path_factory.mktemp("place")
    run(installed, "new", "my course", cwd=place)
    return place / "my course"


def test_all_of_the_package_is_in_it(wheel: Path) -> None:
    package = Path(autograder.__file__).parent
    files = {path.relative_to(package.parent).as_posix() for path in package.rglob("*") if path.is_file()}
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == {name for name in files if "__pycache__" not in name}
    assert {
        "autograder/py.typed",
        "autograder/pages/templates/student.html",
        "autograder/pages/templates/exhibits.css",
        "autograder/pages/templates/student.css",
    } <= names


def test_the_version_is_said(installed: Path, tmp_path: Path) -> None:
    assert run(installed, "--version", cwd=tmp_path) == f"autograder {autograder.__version__}\n"


def test_a_new_course_is_proven(installed: Path, course: Path) -> None:
    said = run(installed, "verify", cwd=course)
    assert said.splitlines()[-1] == "17 of 17 proofs hold"
    again = run(installed, "new", course, cwd=course.parent, returns=2)
    assert again == ""


def test_a_new_course_grades_a_class(installed: Path, course: Path, tmp_path: Path) -> None:
    mutant = read_answer(course / "staff" / "mutants" / "standardize" / "root_missing.py")
    hand_in = {
        "10000001": answered_notebook(read_sources(course, ["standardize"]), mutant),
        "10000002": (course / "notebooks" / "homework1.ipynb").read_bytes(),
    }
    (tmp_path / "class").mkdir()
    for student, notebook in hand_in.items():
        with zipfile.ZipFile(tmp_path / "class" / f"{student}.zip", "w") as archive:
            archive.writestr("homework1.ipynb", notebook)
    options = ["--assignment", "homework1", "--out", tmp_path / "grades", "--unsafe"]
    run(installed, "grade", tmp_path / "class", *options, cwd=course)
    with (tmp_path / "grades" / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        assert [(row["student_id"], row["total"]) for row in csv.DictReader(file)] == [
            ("10000001", "5"),
            ("10000002", "0"),
        ]


def test_the_bundle_of_a_new_course_checks_and_packs(installed: Path, course: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    run(installed, "release", "--assignment", "homework1", "--out", bundle, cwd=course)
    python = installed.with_name("python")
    for command in (
        [installed, "check", "homework1.ipynb"],
        [python, "-m", "autograder", "check", "homework1.ipynb"],
        [python, "-m", "pytest", "-p", "no:cacheprovider"],
    ):
        said = run(*command, cwd=bundle, returns=1)
        assert "0 of 10" in said and "standardize is not written yet" in said
    found = run(python, "-c", "import autograder; print(autograder.__file__)", cwd=bundle)
    assert Path(found.strip()).is_relative_to(bundle)
    run("./CollectSubmission.sh", "12345678", cwd=bundle)
    with zipfile.ZipFile(bundle / "12345678.zip") as archive:
        assert archive.namelist() == ["homework1.ipynb"]
