"""A gradebook as it stood at one moment: for what is written about a whole class."""

from collections.abc import Iterator
from contextlib import contextmanager

from autograder.gradebook.gradebook import Gradebook


@contextmanager
def snapshot(gradebook: Gradebook) -> Iterator[Gradebook]:
    """The gradebook as it stands now, for one thread alone; whoever writes to it meanwhile is not heard.

    Raises GradebookError.
    """
    gradebook.pseudonym_key()  # which must be drawn for good, and nothing that is written below stays
    with Gradebook(gradebook.folder, gradebook.assignment, alone=False) as still, still.trial(keep=False):
        still.select("BEGIN")
        yield still
