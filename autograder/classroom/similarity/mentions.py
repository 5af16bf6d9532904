"""Whether somebody says where something is from: the other's name or ID, or a source, in markdown, comments, links."""

import re
from collections.abc import Collection

from autograder.classroom.similarity.work import Work

_SOURCE = re.compile(
    r"협업|협력|함께 (?:풀|작성|공부)|참고|참조|출처|인용|collaborat|reference|worked with|with (?:the )?help|"
    r"credits?\b|stack ?overflow|chat ?gpt|copilot|gemini|claude|https?://\S+",
    re.IGNORECASE,
)
_LONGEST = 120


def names_other(work: Work, other: Work) -> bool:
    """Whether a work names who wrote another, by ID or name."""
    prose = work.prose
    return any(len(name) > 1 and name in prose for name in (*other.owners, *other.names))


def source_named(work: Work, given: Collection[str]) -> str:
    """The first line of a work's prose that names a source and is not `given` by the course; "" if none does."""
    for line in work.prose.splitlines():
        text = line.strip()
        if text not in given and _SOURCE.search(text):
            return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return ""
