"""Moodle: `<name>_<participant number>_assignsubmission_file_`, as a folder or before the student's own file name.

There is no underscore in the name, since Moodle makes blanks of them. `assignsubmission_onlinetext` of the same number
is the text that was typed in.
"""

import re

from autograder.course.manifest import Assignment
from autograder.intake.lms.given import GivenName, LmsPerson, Mark, PartKind

_FORM = re.compile(
    r"(?P<name>[^_]+)(?P<mark>_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext))(?:_(?P<original>.*))?", re.DOTALL
)
_TEXT_FILE = "onlinetext.html"


def mark_in(name: str, _assignment: Assignment) -> Mark | None:
    """What Moodle has written into a name; None if it has not."""
    match = _FORM.fullmatch(name)
    if match is None:
        return None
    person = LmsPerson(f"moodle {match['id']}", match["id"], name=match["name"])
    original = match["original"] or ""
    kind = PartKind.TEXT if match["kind"] == "onlinetext" else PartKind.FILE
    if kind is PartKind.TEXT and original == _TEXT_FILE:
        original = ""
    return Mark(match.start("mark"), GivenName(original, (person,), "Moodle", kind=kind))
