"""Blackboard: `<assignment>_<login>_attempt_<2024-06-14-17-59-59>_<file name>`; a `.txt` file about each attempt.

An underscore may be a part of the assignment's name or of the login. Where there are several before the mark, the
identity keeps all of what stands there, so that never two students become one.
"""

import re
from datetime import datetime

from autograder.course.manifest import Assignment
from autograder.intake.lms.given import GivenName, LmsPerson, Mark, PartKind

_FORM = re.compile(
    r"(?P<before>[^_].*?_.*?[^_])(?P<mark>_attempt_(?P<time>\d{4}(?:-\d{2}){5}))"
    r"(?:_(?P<original>.+)|(?P<about>\.txt))",
    re.DOTALL,
)


def mark_in(name: str, _assignment: Assignment) -> Mark | None:
    """What Blackboard has written into a name; None if it has not."""
    match = _FORM.fullmatch(name)
    if match is None:
        return None
    _, _, login = match["before"].partition("_")
    identity = match["before"] if "_" in login else login
    person = LmsPerson(f"blackboard {identity}", login=login)
    kind = PartKind.TEXT if match["about"] else PartKind.FILE
    return Mark(
        match.start("mark"),
        GivenName(match["original"] or "", (person,), "Blackboard", _time(match["time"]), kind=kind),
    )


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d-%H-%M-%S")
    except ValueError:
        return None
