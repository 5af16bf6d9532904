"""Brightspace: `<id>-<id> - <name> - Jun 14, 2024 559 PM - <the student's file name>`.

The time is written in the language of whoever downloads: one with unknown names of months is no time.
"""

import re
from datetime import datetime

from autograder.course.manifest import Assignment
from autograder.intake.lms.given import GivenName, LmsPerson, Mark

_PART = r"(?:(?! - ).)+"
_FORM = re.compile(
    rf"(?P<id>\d+)-\d+ - (?P<name>.+?) - (?P<time>(?=(?:(?! - ).)*(?<!\d)\d{{4}}(?!\d)){_PART}) - (?P<original>.+)",
    re.DOTALL,
)
_TIME = re.compile(
    r"(?:(?P<month>[^\W\d_]+)\.? (?P<day>\d{1,2})|(?P<day_first>\d{1,2}) (?P<month_last>[^\W\d_]+)\.?),? "
    r"(?P<year>\d{4}),? (?P<hour>\d{1,2}?):?(?P<minute>\d\d)(?: ?(?P<half>[AP])M)?",
    re.IGNORECASE,
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def mark_in(name: str, _assignment: Assignment) -> Mark | None:
    """What Brightspace has written into a name; None if it has not."""
    match = _FORM.fullmatch(name)
    if match is None:
        return None
    person = LmsPerson(f"brightspace {match['id']}", match["id"], name=match["name"])
    return Mark(0, GivenName(match["original"], (person,), "Brightspace", _time(match["time"])))


def _time(text: str) -> datetime | None:
    match = _TIME.fullmatch(text)
    month = _month(match["month"] or match["month_last"]) if match else 0
    if match is None or not month:
        return None
    hour, half = int(match["hour"]), (match["half"] or "").upper()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "P" else 0)
    try:
        return datetime(int(match["year"]), month, int(match["day"] or match["day_first"]), hour, int(match["minute"]))
    except ValueError:
        return None


def _month(name: str) -> int:
    """The number of an English month, written out or cut to three letters ("Sept" too); 0 if it is none."""
    plain = name.casefold()
    fits = (month.startswith(plain) and len(plain) in (3, len(month)) for month in _MONTHS)
    return next((number for number, fit in enumerate(fits, start=1) if fit), 9 if plain == "sept" else 0)
