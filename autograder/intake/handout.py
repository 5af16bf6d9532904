"""Recognises a notebook of the course by the lines of its handout, whatever the file is called.

A stranger's file is only searched for known bytes, never parsed: lines without quotes, backslashes and foreign letters
look the same in every JSON encoding of a notebook, and in scripts exported from it.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from autograder.course.sizes import MIB

LARGEST = 16 * MIB
_SHORTEST_LINE = 24  # characters; shorter lines occur by chance
_LEAST_SHARE = 0.25  # of a handout's own lines


class Handout:
    """The lines by which each notebook of the course is known: those that its handout alone has."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """`texts` maps a notebook's name to all the text of its handout's cells."""
        lines = {name: {line.strip() for line in text.splitlines()} for name, text in texts.items()}
        seen = Counter(line for found in lines.values() for line in found)
        self._lines = {
            name: sorted(line.encode() for line in found if seen[line] == 1 and _is_plain(line))
            for name, found in lines.items()
        }

    @classmethod
    def read(cls, folder: Path) -> "Handout":
        """The handout of the notebooks in a folder, which are the course's own; one of nothing if there are none."""
        return cls({path.name: _text_of(path) for path in sorted(folder.glob("*.ipynb"))})

    def recognise(self, content: bytes) -> str:
        """The name of the notebook whose handout this file began as, "" if none or more than one comes into question.

        A quarter of a handout's lines must be there, and at most half as great a part of any other's.
        """
        if len(content) > LARGEST:
            return ""
        plain = content.replace(b"\0", b"")  # so that UTF-16 and UTF-32 are searched as well
        shares = {name: _share(lines, plain) for name, lines in self._lines.items()}
        ordered = sorted(shares, key=lambda name: shares[name], reverse=True)
        if not ordered or shares[ordered[0]] < _LEAST_SHARE:
            return ""
        if len(ordered) > 1 and shares[ordered[1]] > shares[ordered[0]] / 2:
            return ""
        return ordered[0]


NOTHING = Handout({})


def _share(lines: list[bytes], content: bytes) -> float:
    return sum(line in content for line in lines) / len(lines) if lines else 0.0


def _is_plain(line: str) -> bool:
    return len(line) >= _SHORTEST_LINE and line.isascii() and not set(line) & set("\"\\/'<>&")


def _text_of(path: Path) -> str:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells)
