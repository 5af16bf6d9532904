"""The names that learning management systems give to submissions when a teacher downloads them all at once.

Canvas puts login, late marker, user number and file number before the name of the file; Moodle the student's name and a
number, mostly as the name of a folder around the file. Both leave the student's own name for the file behind that.
"""

import re
import unicodedata

from autograder.course.manifest import Assignment
from autograder.intake.lms.given import GivenName, LmsPerson

# Its numbers are never short, while a login may end in _01.
_CANVAS = re.compile(r"(?P<owner>.+?)_(?P<late>LATE_)?(?P<id>\d{3,})_(?P<number>\d{3,})_(?P<original>.+)")
_MOODLE = re.compile(r"(?P<owner>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<original>.*)")
# Of 2024-20001.tar.gz, submitted again, Canvas makes 2024-20001.tar-1.gz.
_RESUBMISSION = re.compile(r"-(\d{1,3})(?=\.(?:zip|tar\.gz|tgz|tar|gz|ipynb)$)")


def parse(name: str, assignment: Assignment) -> GivenName:
    """What the name of a file or folder says; without any system's marks it is the original itself."""
    name = unicodedata.normalize("NFC", name)
    moodle = _MOODLE.fullmatch(name)
    match = moodle or _CANVAS.fullmatch(name)
    if not match:
        original, resubmission = _without_resubmission(name, assignment)
        return GivenName(original, resubmission=resubmission)
    says, system = match.groupdict(), "Moodle" if moodle else "Canvas"
    person = LmsPerson(f"{system.lower()} {says['id']}", says["id"], name=says["owner"])
    original, resubmission = _without_resubmission(says["original"], assignment)
    late, number = says.get("late") is not None, int(says.get("number", 0))
    return GivenName(original, (person,), system, None, late, number, resubmission)


def _without_resubmission(name: str, assignment: Assignment) -> tuple[str, int]:
    """The name without the number that a system appended; names that end in a number of their own keep it."""
    match = _RESUBMISSION.search(name)
    if match is None or _is_right(name, assignment):
        return name, 0
    shorter = name[: match.start()] + name[match.end() :]
    return (shorter, int(match[1])) if _is_right(shorter, assignment) else (name, 0)


def _is_right(name: str, assignment: Assignment) -> bool:
    return assignment.is_archive_name(name) or name in assignment.notebooks
