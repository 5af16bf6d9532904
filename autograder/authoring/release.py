"""The bundle that students get: skeletons, public checks and cases, and the checker. Nothing of `staff/` is in it."""

import shutil
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path

from autograder.authoring import limits
from autograder.authoring.build import BuildError, finished_skeleton
from autograder.authoring.collect_script import write_script
from autograder.authoring.whole_folder import FolderError, whole_folder
from autograder.course.course import load_checks
from autograder.course.data_package import data_folders
from autograder.course.manifest import Assignment
from autograder.course.root import MANIFEST

_PACKAGE = Path(__file__).resolve().parents[1]
# What a student's own check runs; all else of the package stays with the staff.
ENGINE = (
    *("__init__.py", "__main__.py", "plugin.py", "py.typed"),
    *(f"cli/{name}.py" for name in ("__init__", "app", "common", "pytest_plugin", "start", "students")),
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
    (bundle / "README.md").write_text(_readme(assignment, bundle), encoding="utf-8")


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


def _readme(assignment: Assignment, bundle: Path) -> str:
    built = {name: topics for name, topics in assignment.notebooks.items() if topics}
    name, topics = next(iter(built.items()))
    elsewhere = [required for required in assignment.required if required.endswith(".ipynb") and required not in built]
    measured = assignment.model_questions
    lists = [limits.of_code(assignment), *map(limits.of_models, measured.values()), limits.of_archives()]
    notebooks = "".join(f"- `{name}`\n" for name in built)
    if elsewhere:
        notebooks += (
            "\nHanded out separately, and to be put here: " + ", ".join(f"`{one}`" for one in elsewhere) + ".\n"
        )
    return README.format(
        title=assignment.title,
        deadline=f"{assignment.deadline:%Y-%m-%d %H:%M} ({assignment.deadline.tzinfo})",
        notebooks=notebooks,
        notebook=name,
        topic=topics[0],
        archive=assignment.archive_text,
        folders="".join(_folder_rows(assignment, bundle)),
        limits="\n\n".join(lists),
    )


def _folder_rows(assignment: Assignment, bundle: Path) -> Iterator[str]:
    """A row of the README's table for each folder that not every bundle has."""
    meanings = {"images/": "pictures that the notebooks show", "data/": "what the notebooks import"}
    handed_in = "what you make; handed in with the notebooks, and any `report.md` to fill in with it"
    meanings |= {name: handed_in for name in assignment.required if name.endswith("/")}
    for name, meaning in meanings.items():
        if (bundle / name).is_dir():
            yield f"| `{name}` | {meaning} |\n"


README = """\
# {title}

Due {deadline}. Your work goes into these notebooks; they run on Google Colab as they are:

{notebooks}
Write between the banners. Run the cells and keep their outputs: what you hand in is graded with them.

## Check your work

In a notebook: its first cell finds this folder (on Colab, on your Drive), and a cell `check("...")` after each question
says how your answer stands, as your kernel has it now; `check.all()` at the end shows all of them. It runs your code in
your kernel: variables, random numbers and modes stay as they are, but a list or tensor that your answer changes is
changed.

The saved file is checked on your own machine (Python 3.11 or newer), or on Colab in a cell with `!` before each line,
from within this folder:

```sh
pip install -r requirements.txt
python -m autograder check {notebook}
python -m autograder check {notebook} --watch    # again whenever you save it; --question NAME asks one question
python -m autograder check .                     # all that you hand in: what is missing, empty, cleared or misplaced
pytest tests/test_{topic}.py --notebook {notebook}      # the same as the first through pytest
pytest                                                  # every notebook of this folder
```

You get one line per question with its points, then a message for every question that lost some: what is wrong, where,
what was expected and what to look at. `tests/` shows exactly what is compared. When your work is graded, the same
checks run on further cases with other numbers.

## Limits

{limits}

## Hand in

```sh
sh CollectSubmission.sh STUDENT-ID
```

This packs `{archive}` beside the script, or says which files are missing. Where Python and the requirements are there,
it first looks at what you hand in, as `python -m autograder check .` does, and warns of each thing that is missing or
odd. It asks before it replaces an archive. At the end it prints a receipt: the size of the archive and its SHA-256,
which your page will show too.

## What is in this folder

| | |
|---|---|
| `*.ipynb` | the notebooks you work in |
{folders}| `tests/` | the checks, and cases with the expected results |
| `autograder/`, `assignments.toml`, `conftest.py`, `pytest.ini` | the checker; leave them as they are |
"""
