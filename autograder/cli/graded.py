"""GRADES, the folder of a graded class, as commands name and open it; no bundle for students takes this module."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.common import assignment_named, course_root, failing

if TYPE_CHECKING:
    from autograder.gradebook.gradebook import Gradebook

Grades = Annotated[Path, typer.Argument(help="The folder that `autograder grade --out` named.")]


@contextmanager
def graded_class(grades: Path, *others: type[Exception]) -> Iterator["Gradebook"]:
    """The gradebook in a folder, open also while `grade` is at work.

    What goes wrong with it, and these errors, are one message and exit code 2.
    """
    from autograder.gradebook.file import GradebookError, assignment_of
    from autograder.gradebook.gradebook import Gradebook

    with failing(GradebookError, *others):
        assignment = assignment_named(course_root(), assignment_of(grades))
        with Gradebook(grades, assignment, alone=False) as gradebook:
            yield gradebook
