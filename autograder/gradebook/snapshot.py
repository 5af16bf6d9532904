"""A gradebook as it stood at one moment: for what is written about a whole class."""

from collections.abc import Iterator
from contextlib import contextmanager

from autograder.gradebook.gradebook import Gradebook


@contextmanager
def snapshot(gradebook: Gradebook) -> Iterator[Gradebook]:
    """The gradebook as it stands now, for one thread alone; whoever writes to it meanwhile is not heard.

    What was computed of one is not computed again of the other, as long as nobody changes anything. Raises
    GradebookError.
    """
    gradebook.pseudonym_key()  # which must be drawn for good, and nothing that is written below stays
    with Gradebook(gradebook.folder, gradebook.assignment, alone=False) as still, still.trial(keep=False):
        state = gradebook.state()
        still.select("BEGIN")
        still.meta("assignment")  # from this first look on it stands still
        if gradebook.state() == state:
            still.take_computed(gradebook)
        yield still
        if gradebook.state() == state:
            gradebook.take_computed(still)
