"""A small course to start from: the folder `template/`, and what is generated from it."""

import shutil
from pathlib import Path

from autograder.authoring.build import write_notebooks
from autograder.authoring.cases import write_cases
from autograder.authoring.collect_script import write_script
from autograder.authoring.whole_folder import whole_folder
from autograder.course.manifest import load

_TEMPLATE = Path(__file__).parent / "template"


def new_course(folder: Path) -> None:
    """Makes a folder with a course that `verify` proves.

    Raises FolderError if it exists already or cannot be made, BuildError without what notebooks are built with.
    """
    with whole_folder(folder) as course:
        shutil.copytree(_TEMPLATE, course, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        assignments = load(course)
        for assignment in assignments.values():
            write_cases(course, assignment)
        write_notebooks(course, assignments.values())
        write_script(course, assignments)
