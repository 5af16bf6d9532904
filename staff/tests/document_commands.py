"""The commands that the documents show, and what their source says of those that a test cannot run.

A comment before a block says so: `<!-- not run: needs a network -->` of all its lines, `<!-- not run: needs a network:
pip install -->` of those that begin so. `<!-- ends with 1: autograder grade -->` names the exit status of some.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.root import project_root

ROOT = project_root(Path(__file__).parent)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
REASONS = {
    "needs a container engine",
    "needs a GPU",
    "needs a network",
    "needs real data",
    "needs root",
    "needs the files of an LMS",
    "takes hours",
    "takes minutes",
    "waits for a person",
}
_BLOCK = re.compile(r"((?:^<!--[^\n]*-->\n+)*)^```(?:sh|bash)\n(.*?)^```", re.M | re.S)
_MARKER = re.compile(r"<!-- (not run|ends with \d+): ([^:\n]*?)(?:: ([^\n]*?))? -->")


@dataclass(frozen=True)
class Command:
    """A line of a block: its text, why it is not run ("" if it is), and its exit status."""

    text: str
    reason: str = ""
    status: int = 0


class MarkerError(ValueError):
    """A comment before a block that says nothing of it."""


def commands_of(text: str) -> Iterator[Command]:
    """The commands of a document in order. Raises MarkerError for a reason that is unknown, and a marker of nothing."""
    if text.count("<!-- not run") + text.count("<!-- ends with") != sum(
        len(_MARKER.findall(before)) for before, _ in _BLOCK.findall(text)
    ):
        raise MarkerError("a marker that stands before no block, or is written in another way")
    for before, block in _BLOCK.findall(text):
        lines = [line.strip() for line in block.replace("\\\n", " ").splitlines() if line.strip()]
        reasons: dict[str, str] = {}
        statuses: dict[str, int] = {}
        for kind, first, second in _MARKER.findall(before):
            start = second if kind == "not run" else first
            if not any(line.startswith(start) for line in lines):
                raise MarkerError(f"no command of the block begins with {start!r}")
            if kind != "not run":
                statuses[start] = int(kind.split()[-1])
            elif first in REASONS:
                reasons[start] = first
            else:
                raise MarkerError(f"unknown reason {first!r}; there are: {', '.join(sorted(REASONS))}")
        for line in lines:
            why = next((reasons[start] for start in reasons if line.startswith(start)), "")
            status = next((statuses[start] for start in statuses if line.startswith(start)), 0)
            yield Command(line, why, status)
