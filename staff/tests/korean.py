"""How tests find English sentences of ours in what is shown in Korean."""

import re
from dataclasses import replace

from autograder.course.manifest import Assignment, language_of
from autograder.course.root import project_root

_RUN = re.compile(r"[A-Za-z][a-z']*(?:,? [a-z][a-z']*){2,}")  # names in code, and what stands in quotes, is shorter


def english_in(text: str, *excepted: str) -> list[str]:
    """Runs of three or more English words, without texts that may stay English, such as PyTorch's own words."""
    for one in excepted:
        text = text.replace(one, "")
    return [run[0] for run in _RUN.finditer(text)]


def in_korean(assignment: Assignment, name: str = "ko") -> Assignment:
    """The assignment of this course in Korean, or in both languages."""
    return replace(assignment, language=language_of(project_root(), name))
