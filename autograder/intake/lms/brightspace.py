"""Brightspace: `<id>-<id> - <name> - Jun 14, 2024 559 PM - <the student's file name>`.

The time is written in the language of whoever downloads: one with unknown names of months is no time.
"""

import re

from autograder.course.manifest import Assignment
from autograder.intake.lms.dates import written_time
from autograder.intake.lms.given import GivenName, LmsPerson, Mark

_PART = r"(?:(?! - ).)+"
_FORM = re.compile(
    rf"(?P<id>\d+)-\d+ - (?P<name>.+?) - (?P<time>(?=(?:(?! - ).)*(?<!\d)\d{{4}}(?!\d)){_PART}) - (?P<original>.+)",
    re.DOTALL,
)


def mark_in(name: str, _assignment: Assignment) -> Mark | None:
    """What Brightspace has written into a name; None if it has not."""
    match = _FORM.fullmatch(name)
    if match is None:
        return None
    person = LmsPerson(f"brightspace {match['id']}", match["id"], name=match["name"])
    return Mark(0, GivenName(match["original"], (person,), "Brightspace", written_time(match["time"])))
