"""What the grader repaired in a submission: each repair is a note, and has a kind that the manifest may give a cost."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from autograder.messages import say, to_json
from autograder.notebook.wire import Wire, sentence


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

    def to_wire(self) -> dict[str, Any]:
        """The repair as JSON."""
        return {"kind": self.kind.value, "note": to_json(self.note)}

    @classmethod
    def from_wire(cls, data: Any) -> Self:
        """What `to_wire` made, on one line. Raises TypeError, ValueError, KeyError or AttributeError otherwise."""
        return cls(Kind(data["kind"]), sentence(data["note"]))

    def of(self, notebook: str) -> Self:
        """The same with the notebook's name before the sentence."""
        return replace(self, note=say("{notebook}: {note}", notebook=notebook, note=self.note))
