"""Points in time as learning management systems write them for people, in English or Korean."""

import re
from datetime import datetime

_WEEKDAY = r"(?:[^\W\d_]+,? )?"
_DAYS = (
    r"(?P<month>[^\W\d_]+)\.? (?P<day>\d{1,2}),? (?P<year>\d{4})",
    r"(?P<day>\d{1,2}) (?P<month>[^\W\d_]+)\.?,? (?P<year>\d{4})",
    r"(?P<year>\d{4})년 (?P<number>\d{1,2})월 (?P<day>\d{1,2})일(?: [월화수목금토일]요일| ?\([월화수목금토일]\))?",
)
_CLOCK = (
    r"(?:(?P<before>오전|오후) ?)?(?P<hour>\d{1,2}?):?(?P<minute>\d\d)(?::(?P<second>\d\d))?(?: ?(?P<after>[AP])M)?"
)
_FORMS = [re.compile(f"{_WEEKDAY}{day},? {_CLOCK}", re.IGNORECASE) for day in _DAYS]
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def written_time(text: str) -> datetime | None:
    """The time in "Jun 14, 2024 559 PM", "Friday, 14 June 2024, 5:59 PM", "2024년 6월 14일 금요일, 오후 5:59".

    Without a time zone; None for anything else, such as months in other languages.
    """
    match = next(filter(None, (form.fullmatch(text) for form in _FORMS)), None)
    if match is None:
        return None
    says = match.groupdict()
    month = int(says["number"]) if says.get("number") else _month(says["month"])
    hour, half = int(says["hour"]), {"오전": "A", "오후": "P"}.get(says["before"] or "", (says["after"] or "").upper())
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "P" else 0)
    try:
        return datetime(int(says["year"]), month, int(says["day"]), hour, int(says["minute"]), int(says["second"] or 0))
    except ValueError:
        return None


def _month(name: str) -> int:
    """The number of an English month, written out or cut to three letters ("Sept" too); 0 if it is none."""
    plain = name.casefold()
    fits = (month.startswith(plain) and len(plain) in (3, len(month)) for month in _MONTHS)
    return next((number for number, fit in enumerate(fits, start=1) if fit), 9 if plain == "sept" else 0)
