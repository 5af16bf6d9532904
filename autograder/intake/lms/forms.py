"""The names that learning management systems give to submissions when a teacher downloads them all at once.

Each of them writes its part before the student's own name for the file. So where several marks stand in a name, the
first is the system's, and the others are what a student wrote.
"""

import re
import unicodedata
from dataclasses import replace

from autograder.course.manifest import Assignment
from autograder.intake.lms import blackboard, brightspace, canvas, gradescope, moodle, sakai
from autograder.intake.lms.given import GivenName
from autograder.notebook.text import one_line

_LONGEST = 255  # characters, as many as file systems take
_SYSTEMS = (canvas, moodle, blackboard, brightspace, gradescope, sakai)
# Of 2024-20001.tar.gz, submitted again, Canvas makes 2024-20001.tar-1.gz.
_RESUBMISSION = re.compile(r"-(\d{1,3})(?=\.(?:zip|tar\.gz|tgz|tar|gz|ipynb)$)")


def parse(name: str, assignment: Assignment) -> GivenName:
    """What the name of a file or folder says; without any system's marks it is the original itself.

    All of it is fit to be shown: on one line, without control characters.
    """
    name = one_line(unicodedata.normalize("NFC", name), _LONGEST)
    marks = [mark for system in _SYSTEMS if (mark := system.mark_in(name, assignment))]
    given = min(marks, key=lambda mark: mark.start).given if marks else GivenName(name)
    original, resubmission = _without_resubmission(given.original, assignment)
    return replace(given, original=original, resubmission=resubmission)


def _without_resubmission(name: str, assignment: Assignment) -> tuple[str, int]:
    """The name without the number that a system appended; names that end in a number of their own keep it."""
    match = _RESUBMISSION.search(name)
    if match is None or _is_right(name, assignment):
        return name, 0
    shorter = name[: match.start()] + name[match.end() :]
    return (shorter, int(match[1])) if _is_right(shorter, assignment) else (name, 0)


def _is_right(name: str, assignment: Assignment) -> bool:
    return assignment.is_archive_name(name) or name in assignment.notebooks
