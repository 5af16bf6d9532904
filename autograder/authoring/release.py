"""The bundle that students get: skeletons, public checks and cases, and the checker. Nothing of `staff/` is in it."""

import shutil
import tempfile
from pathlib import Path

from autograder.authoring.build import BuildError, read_sources, skeleton_notebook, to_bytes
from autograder.checks.question import collect
from autograder.course.manifest import MANIFEST, Assignment

COPIED_FILES = (MANIFEST, "CollectSubmission.sh", "LICENSE", "conftest.py", "requirements.txt")
COPIED_FOLDERS = ("autograder", "data")
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "downloaded")
PYTEST_SETTINGS = "[pytest]\ntestpaths = tests\n"
IMAGES_NOTE = "Pictures that the notebooks show belong here. There are none at present.\n"


class ReleaseError(Exception):
    """A bundle that cannot be made; the message says what is missing or in the way."""


def release(root: Path, assignment: Assignment, destination: Path) -> Path:
    """Makes the folder `destination` with everything a student needs for one assignment; returns it.

    The notebooks are built anew from `staff/solutions/`, so they are never stale. `destination` must not exist, and
    appears only when the bundle is complete. Raises ReleaseError.
    """
    if destination.exists():
        raise ReleaseError(f"{destination} exists already; name another folder or remove it")
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".bundle-", dir=destination.parent) as scratch:
            bundle = Path(scratch) / "bundle"
            bundle.mkdir()
            _fill(root, assignment, bundle)
            bundle.rename(destination)
    except BuildError as error:
        raise ReleaseError(str(error)) from error
    except OSError as error:
        raise ReleaseError(f"{destination} could not be made: {error}") from error
    return destination


def _fill(root: Path, assignment: Assignment, bundle: Path) -> None:
    _write_notebooks(root, assignment, bundle)
    _copy_checks(root, assignment, bundle / "tests")
    for name in COPIED_FILES:
        shutil.copyfile(root / name, bundle / name)
    (bundle / "CollectSubmission.sh").chmod(0o755)
    for name in COPIED_FOLDERS:
        shutil.copytree(root / name, bundle / name, ignore=NOT_COPIED)
    _copy_reports(root, assignment, bundle)
    (bundle / "images").mkdir()
    (bundle / "images" / "README.txt").write_text(IMAGES_NOTE, encoding="utf-8")
    (bundle / "pytest.ini").write_text(PYTEST_SETTINGS, encoding="utf-8")
    (bundle / "README.md").write_text(_readme(assignment), encoding="utf-8")


def _write_notebooks(root: Path, assignment: Assignment, bundle: Path) -> None:
    for name, topics in assignment.notebooks.items():
        if topics:
            (bundle / name).write_bytes(to_bytes(skeleton_notebook(read_sources(root, topics))))


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
    for cases in sorted({check.cases for path in checks for check in collect(path)} - {""}):
        source = root / "tests" / "cases" / cases
        if not source.is_dir():
            raise ReleaseError(f"tests/cases/{cases} is missing; `autograder cases` makes it")
        shutil.copytree(source, tests / "cases" / cases, ignore=NOT_COPIED)


def _copy_reports(root: Path, assignment: Assignment, bundle: Path) -> None:
    """Copies the templates of reports, `report.md`, where the assignment asks for the folder that they lie in."""
    (bundle / "model_checkpoints").mkdir()
    for folder in (name for name in assignment.required if name.endswith("/")):
        for template in sorted((root / folder).glob("*/report.md")):
            copy = bundle / template.relative_to(root)
            copy.parent.mkdir(parents=True)
            shutil.copyfile(template, copy)


def _readme(assignment: Assignment) -> str:
    built = {name: topics for name, topics in assignment.notebooks.items() if topics}
    name, topics = next(iter(built.items()))
    elsewhere = [required for required in assignment.required if required.endswith(".ipynb") and required not in built]
    notebooks = "".join(f"- `{name}`\n" for name in built)
    if elsewhere:
        notebooks += (
            "\nHanded out separately, and to be put here: " + ", ".join(f"`{one}`" for one in elsewhere) + ".\n"
        )
    option = "" if assignment.name == "assignment2" else f" --assignment {assignment.name}"
    return README.format(
        title=assignment.title,
        deadline=f"{assignment.deadline:%Y-%m-%d %H:%M} ({assignment.deadline.tzinfo})",
        notebooks=notebooks,
        notebook=name,
        topic=topics[0],
        option=option,
        archive=assignment.archive_text,
    )


README = """\
# {title}

Due {deadline}. Your work goes into these notebooks; they run on Google Colab as they are:

{notebooks}
Write between the banners. Run the cells and keep their outputs: what you hand in is graded with them.

## Check your work

On your own machine (Python 3.11 or newer), or on Colab in a cell with `!` before each line, from within this folder:

```sh
pip install -r requirements.txt
python -m autograder check {notebook}
pytest tests/test_{topic}.py --notebook {notebook}      # the same through pytest
pytest                                                  # every notebook of this folder
```

You get one line per question with its points, then a message for every question that lost some: what is wrong, where,
what was expected and what to look at. `tests/` shows exactly what is compared. When your work is graded, the same
checks run on further cases with other numbers.

## Hand in

```sh
./CollectSubmission.sh STUDENT-ID{option}
```

This packs `{archive}` beside the script, or says which files are missing. If it may not be run, say
`chmod 755 CollectSubmission.sh` once.

## What is in this folder

| | |
|---|---|
| `*.ipynb` | the notebooks you work in |
| `images/` | pictures that the notebooks show |
| `data/` | what the notebooks import; downloaded data sets go here, too |
| `model_checkpoints/` | what you train, and any `report.md` to fill in; handed in where the assignment asks for it |
| `tests/` | the checks, and cases with the expected results |
| `autograder/`, `assignments.toml`, `conftest.py`, `pytest.ini` | the checker; leave them as they are |
"""
