"""Sakai: a folder `Last, First(login)` for each student, with `timestamp.txt` and a folder of what was attached."""

import re
from datetime import datetime

from autograder.course.manifest import Assignment
from autograder.intake.lms.given import GivenName, LmsPerson, Mark

ATTACHMENTS = "Submission attachment(s)"
TIMESTAMP = "timestamp.txt"
TEXT = "_submissionText.html"  # the end of the file's name
_FORM = re.compile(r"(?P<name>[^,]+, .*\S)(?P<mark>\((?P<login>[^()\s]+)\))")
_TIME = re.compile(r"(\d{14})\d{0,3}")


def mark_in(name: str, _assignment: Assignment) -> Mark | None:
    """What Sakai has written into a name; None if it has not."""
    match = _FORM.fullmatch(name)
    if match is None:
        return None
    login = match["login"]
    person = LmsPerson(f"sakai {login}", login=login, name=match["name"])
    return Mark(match.start("mark"), GivenName("", (person,), "Sakai"))


def time_in(timestamp: str) -> datetime | None:
    """The time that a `timestamp.txt` holds (20240614175959123, in the zone of Sakai's server); None if it is none."""
    match = _TIME.fullmatch(timestamp.strip())
    try:
        return datetime.strptime(match[1], "%Y%m%d%H%M%S") if match else None
    except ValueError:
        return None
