"""What the grader mended in a submission: each repair is a note, and has a kind that the manifest may give a cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from autograder.notebook.text import one_line

_MOST_TOLD = 10  # repairs of one notebook


class Kind(StrEnum):
    """The kinds of repairs, in the words of assignments.toml."""

    ARCHIVE_NAME = "archive name"
    ARCHIVE_FORMAT = "archive format"
    NO_ARCHIVE = "no archive"
    WRAPPING = "wrapping"
    LATE = "late"
    STUDENT_ID = "student ID"
    PATHS = "paths"
    COPIES = "copies"
    NOTEBOOK_NAME = "notebook name"
    NOTEBOOK_RENAMED = "notebook renamed"
    SCRIPT = "script"
    BACKUP = "backup"
    ENCODING = "encoding"
    NOTEBOOK_FORMAT = "notebook format"
    MERGE_CONFLICT = "merge conflict"
    INVALID_NOTEBOOK = "invalid notebook"


@dataclass(frozen=True)
class Repair:
    """One thing that was mended: its kind, and the sentence that stands in the notes."""

    kind: Kind
    note: str


def repairs_from_wire(repairs: Iterable[object], notebook: str) -> tuple[Repair, ...]:
    """The repairs that a reader reports as [kind, sentence] pairs, with the notebook's name before each sentence.

    Raises:
        TypeError, ValueError: they are not of that form.
    """
    found = []
    for pair in list(repairs)[:_MOST_TOLD]:
        if not isinstance(pair, (list, tuple)):
            raise TypeError("a repair is no pair")
        kind, sentence = pair
        found.append(Repair(Kind(kind), f"{notebook}: {one_line(str(sentence), 200)}"))
    return tuple(found)
