"""An autograder for Gradescope: a zip with the engine, one assignment of the course, and two scripts to start them.

Gradescope unpacks it to /autograder/source, runs `setup.sh` once, and `run_autograder` for every submission.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from autograder.authoring.build import BuildError
from autograder.authoring.release import NOT_COPIED, ReleaseError, requirements_of, write_skeletons
from autograder.authoring.whole_folder import FolderError, scratch_beside
from autograder.course.data_package import data_folders
from autograder.course.manifest import Assignment
from autograder.course.root import MANIFEST

COURSE = "course"  # the folder of the zip with the engine and the course
STAFF = f"{COURSE}/staff"  # what student code must not read, beside the course's tests
_PACKAGE = Path(__file__).resolve().parents[1]
_SCRIPTS = Path(__file__).parent / "templates" / "gradescope"
_COLAB = "requirements-colab.txt"  # what Colab has as well: a course may name it for its graders


def write_autograder(
    root: Path, assignment: Assignment, destination: Path, files: Mapping[str, bytes], data: Path | None = None
) -> Path:
    """Makes the zip `destination` for one assignment of the course at `root`; returns it.

    `files` are more files for it, by name; `data` is a data directory with the test sets of saved models. `destination`
    must not exist, and appears only when the zip is complete. Raises ReleaseError.
    """
    try:
        with scratch_beside(destination) as scratch:
            source = scratch / "source"
            (source / STAFF).mkdir(parents=True)
            _copy_course(root, assignment, source / COURSE)
            if data:
                shutil.copytree(data, source / STAFF / "data", ignore=shutil.ignore_patterns(".*"))
            for name, content in files.items():
                (source / name).write_bytes(content)
            _write_scripts(root, assignment, source)
            Path(shutil.make_archive(str(scratch / "packed"), "zip", source)).rename(destination)
    except (BuildError, FolderError) as error:
        raise ReleaseError(str(error)) from error
    return destination


def _copy_course(root: Path, assignment: Assignment, course: Path) -> None:
    """What grading needs of the course: no solution, and no answers but the cases and their recipes."""
    shutil.copytree(_PACKAGE, course / _PACKAGE.name, ignore=NOT_COPIED)
    shutil.copyfile(root / MANIFEST, course / MANIFEST)
    (course / "notebooks").mkdir()
    write_skeletons(root, assignment, course / "notebooks")
    for folder in (root / "tests", root / "staff" / "cases", *data_folders(root)):
        if folder.is_dir():
            shutil.copytree(folder, course / folder.relative_to(root), ignore=NOT_COPIED)


def _write_scripts(root: Path, assignment: Assignment, source: Path) -> None:
    colab = root / _COLAB
    lines = colab.read_text(encoding="utf-8").splitlines() if colab.is_file() else []
    requirements = [
        *requirements_of(root, "graders"),
        *(line for line in lines if line.strip() and not line.startswith("#")),
    ]
    (source / "requirements.txt").write_text("".join(f"{line}\n" for line in requirements), encoding="utf-8")
    for script in sorted(_SCRIPTS.iterdir()):
        text = script.read_text(encoding="utf-8").replace("@assignment@", assignment.name)
        (source / script.name).write_text(text, encoding="utf-8")
        (source / script.name).chmod(0o755)
