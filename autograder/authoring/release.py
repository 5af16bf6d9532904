"""The bundle that students get: skeletons, public checks and cases, and the checker. Nothing of `staff/` is in it."""

import shutil
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path

from autograder.authoring.build import BuildError, finished_skeleton
from autograder.authoring.collect_script import write_script
from autograder.authoring.readme import readme
from autograder.authoring.whole_folder import FolderError, whole_folder
from autograder.course.course import load_checks
from autograder.course.data_package import data_folders
from autograder.course.manifest import Assignment
from autograder.course.root import MANIFEST

_PACKAGE = Path(__file__).resolve().parents[1]
# What a student's own check runs; all else of the package stays with the staff.
ENGINE = (
    *("__init__.py", "__main__.py", "plugin.py", "py.typed"),
    *(f"cli/{name}.py" for name in ("__init__", "app", "common", "conversion", "pytest_plugin", "start", "students")),
    *("selfcheck", "intake", "marking", "course", "checks", "protocol", "notebook", "worker", "sandbox"),
    "messages",
    *(f"models/{name}.py" for name in ("__init__", "saved_files", "checkpoint", "likeness")),
)
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "downloaded")
GITATTRIBUTES = "*.sh text eol=lf\n"  # a shell takes the line ends of Windows for a part of each line
PYTEST_SETTINGS = "[pytest]\ntestpaths = tests\n"
CONFTEST = """\
\"\"\"Lets pytest check the notebooks of this folder.\"\"\"

pytest_plugins = ["autograder.cli.pytest_plugin"]
"""


class ReleaseError(Exception):
    """A bundle that cannot be made; the message says what is missing or in the way."""


def release(root: Path, assignment: Assignment, destination: Path) -> Path:
    """Makes the folder `destination` with everything a student needs for one assignment; returns it.

    The notebooks are built anew from `staff/solutions/`, so they are never stale. `destination` must not exist, and
    appears only when the bundle is complete. Raises ReleaseError.
    """
    try:
        with whole_folder(destination) as bundle:
            _fill(root, assignment, bundle)
    except (BuildError, FolderError) as error:
        raise ReleaseError(str(error)) from error
    return destination


def _fill(root: Path, assignment: Assignment, bundle: Path) -> None:
    write_skeletons(root, assignment, bundle)
    _copy_checks(root, assignment, bundle / "tests")
    for path in (root / MANIFEST, root / "LICENSE"):
        if path.is_file():
            shutil.copyfile(path, bundle / path.name)
    write_script(bundle, {assignment.name: assignment})
    (bundle / ".gitattributes").write_text(GITATTRIBUTES, encoding="utf-8", newline="\n")
    for folder in (*data_folders(root), root / "images"):
        if folder.is_dir():
            shutil.copytree(folder, bundle / folder.name, ignore=NOT_COPIED)
    _copy_engine(bundle / _PACKAGE.name)
    _copy_reports(root, assignment, bundle)
    texts = {
        "requirements.txt": "".join(f"{requirement}\n" for requirement in requirements_of(root)),
        "conftest.py": CONFTEST,
        "pytest.ini": PYTEST_SETTINGS,
    }
    for name, text in texts.items():
        (bundle / name).write_text(text, encoding="utf-8")
    (bundle / "README.md").write_text(readme(assignment, bundle), encoding="utf-8")


def _copy_engine(folder: Path) -> None:
    for name in ENGINE:
        source, copy = _PACKAGE / name, folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=NOT_COPIED)
        else:
            shutil.copyfile(source, copy)
    (folder / "LICENSE").write_text(_licence(), encoding="utf-8")


def _licence() -> str:
    # An editable installation leaves a second, poorer description (an egg-info without the licence) in the checkout,
    # and a script that is started there finds that one first.
    texts = [metadata.read_text("licenses/LICENSE") for metadata in distributions(name="autograder")]
    return next((text for text in texts if text), "")


def _metadata() -> Distribution:
    try:
        return distribution("autograder")
    except PackageNotFoundError:
        raise ReleaseError("autograder is not installed, so nothing says what it needs: pip install it first") from None


def requirements_of(root: Path, extra: str = "") -> list[str]:
    """What the checker needs from others, as its metadata says, and what the course's own requirements.txt adds.

    With an `extra`, such as "graders", what that needs stands there, too.
    """
    every = [requirement.partition(";") for requirement in _metadata().requires or ()]
    ours = [name.strip() for name, _, when in every if "extra ==" not in when or (extra and f'"{extra}"' in when)]
    path = root / "requirements.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [*ours, *(line for line in lines if line.strip() and not line.startswith("#") and line not in ours)]


def write_skeletons(root: Path, assignment: Assignment, folder: Path) -> None:
    """Writes the notebooks that students get to a folder, as the solutions make them now. Raises BuildError."""
    for name, topics in assignment.notebooks.items():
        if topics:
            (folder / name).write_bytes(finished_skeleton(root, assignment, name))


def _copy_checks(root: Path, assignment: Assignment, tests: Path) -> None:
    """Copies the topics' checks, the modules `<topic>_*.py` beside them, and the public cases that the checks name."""
    topics = [topic for topics in assignment.notebooks.values() for topic in topics]
    if not topics:
        raise ReleaseError(f"no notebook of {assignment.name} has a topic in {MANIFEST} yet")
    checks = [root / "tests" / f"test_{topic}.py" for topic in topics]
    beside = [path for topic in topics for path in sorted((root / "tests").glob(f"{topic}_*.py"))]
    tests.mkdir()
    for path in [*checks, *beside]:
        if not path.is_file():
            raise ReleaseError(f"tests/{path.name} is missing, but {MANIFEST} names its topic")
        shutil.copyfile(path, tests / path.name)
    if (words := root / "tests" / "messages").is_dir():
        shutil.copytree(words, tests / "messages", ignore=NOT_COPIED)
    for cases in sorted({check.cases for topic in topics for check in load_checks(root, topic)} - {""}):
        source = root / "tests" / "cases" / cases
        if not source.is_dir():
            raise ReleaseError(f"tests/cases/{cases} is missing; `autograder cases` makes it")
        shutil.copytree(source, tests / "cases" / cases, ignore=NOT_COPIED)


def _copy_reports(root: Path, assignment: Assignment, bundle: Path) -> None:
    """Makes the folders that the assignment asks for, with the templates of reports, `report.md`, that lie in them."""
    for folder in (name for name in assignment.required if name.endswith("/")):
        (bundle / folder).mkdir(exist_ok=True)
        for template in sorted((root / folder).glob("*/report.md")):
            copy = bundle / template.relative_to(root)
            copy.parent.mkdir()
            shutil.copyfile(template, copy)
