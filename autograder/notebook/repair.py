"""What the grader repaired in a submission: each repair is a note, and has a kind that the manifest may give a cost."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from autograder.notebook.text import one_line
from autograder.notebook.wire import Wire


class Kind(StrEnum):
    """The kinds of repairs, in the words of assignments.toml."""

    ARCHIVE_NAME = "archive name"
    ARCHIVE_FORMAT = "archive format"
    NO_ARCHIVE = "no archive"
    WRAPPING = "wrapping"
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
    CELL_TYPE = "cell type"


@dataclass(frozen=True)
class Repair(Wire):
    """One thing that was repaired: its kind, and the sentence that stands in the notes."""

    kind: Kind
    note: str

    @classmethod
    def from_wire(cls, data: Any) -> Self:
        """What `to_wire` made, on one line. Raises TypeError, ValueError or KeyError for any other form."""
        return cls(Kind(data["kind"]), one_line(str(data["note"]), 200))

    def of(self, notebook: str) -> Self:
        """The same with the notebook's name before the sentence."""
        return replace(self, note=f"{notebook}: {self.note}")
