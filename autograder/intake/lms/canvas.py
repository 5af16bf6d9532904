"""Canvas: `<sortable name>[_LATE]_<user id>_<file id>_<the student's file name>`, or `anon_<key>` instead of who it is.

Of the name Canvas keeps letters and digits, in lower case; of a group it takes the group's name and one member's ID. A
text typed in and a link have no file ID: `..._48211_text.html`, `..._48211_link.html`.
"""

import re

from autograder.course.manifest import Assignment
from autograder.intake.lms.given import GivenName, LmsPerson, Mark, PartKind

# Its numbers are never short, while a login may end in _01.
_PERSON = r"(?P<name>[^\s_][^\s]*?)(?P<mark>(?P<late>_LATE)?_(?P<id>\d{3,}))"
_ANONYMOUS = r"(?P<late>LATE_)?(?P<mark>anon_(?P<key>[0-9A-Za-z]{1,12}))"
# Blackboard's mark may follow two numbers, a year in an assignment's name and a login.
_FILE = r"_(?P<number>\d{3,})_(?P<original>(?!attempt_\d{4}-\d\d-).+)"
_PAGE = r"_(?P<page>text|link)\.html"
_FORMS = [re.compile(who + rest, re.DOTALL) for rest in (_FILE, _PAGE) for who in (_ANONYMOUS, _PERSON)]
_PAGES = {"text": PartKind.TEXT, "link": PartKind.LINK}


def mark_in(name: str, assignment: Assignment) -> Mark | None:
    """What Canvas has written into a name; None if it has not."""
    for form in _FORMS:
        match = form.fullmatch(name)
        if match and not _is_a_student_id(match, assignment):
            return Mark(match.start("mark"), _given(match))
    return None


def _is_a_student_id(match: re.Match[str], assignment: Assignment) -> bool:
    """Whether the numbers are a student ID in two parts, as in lab_2024_20001_final.zip, rather than Canvas's."""
    says = match.groupdict()
    if says["late"] or not says.get("id") or not says.get("number"):
        return False
    written = (says["id"] + separator + says["number"] for separator in "-_. ")
    is_id = any(re.fullmatch(assignment.student_id, one, re.ASCII) for one in written)
    return is_id and not assignment.student_ids(says["original"])


def _given(match: re.Match[str]) -> GivenName:
    says = match.groupdict()
    if key := says.get("key"):
        person = LmsPerson(f"canvas anon {key}")
    else:
        person = LmsPerson(f"canvas {says['id']}", says["id"], name=says["name"])
    kind = _PAGES.get(says.get("page") or "", PartKind.FILE)
    original, number = says.get("original") or "", int(says.get("number") or 0)
    return GivenName(original, (person,), "Canvas", late=says["late"] is not None, number=number, kind=kind)
