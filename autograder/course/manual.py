"""Questions that only people mark: what they look at, and the rubric that they mark by."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course.toml_section import Section

if TYPE_CHECKING:  # which reads these questions
    from autograder.course.manifest import Assignment

LABEL = r"[A-Za-z0-9._-]+"  # of a question
_SHOWN = ("file", "cells_of", "text_under")
_MOST_ITEMS = 9  # each has a digit as its key
_EXAMPLE = "{ text = 'says what was expected', points = 2 }"


@dataclass(frozen=True)
class RubricItem:
    """A line of a rubric: what it asks, and the points that it gives."""

    text: str
    points: float


@dataclass(frozen=True)
class ManualQuestion:
    """A question that only people mark; the points of its `rubric` add up to `points`.

    One of three says what they look at: a `file` that is handed in, the cells of another question (`cells_of`), or the
    text that a student wrote in a notebook under a heading (`text_under`).
    """

    title: str
    points: float
    rubric: tuple[RubricItem, ...]
    file: str = ""
    cells_of: str = ""
    text_under: str = ""


def manual_questions_in(section: Section) -> dict[str, ManualQuestion]:
    """The questions of an assignment that only people mark, in its table `manual`. Raises ManifestError."""
    if "manual" not in section.values:
        return {}
    table, checked = section.section("manual"), section.section("questions").values
    for label in table.values:
        if not re.fullmatch(LABEL, label):
            table.fail("", "labels of letters, digits, - and .", label)
        if label in checked:
            table.fail(label, "a label that does not stand in `questions`, whose points come from checks", label)
    return {label: _question(section, table.section(label)) for label in table.values}


def _question(section: Section, table: Section) -> ManualQuestion:
    table.only({"title", "points", "rubric", *_SHOWN})
    shown = [key for key in _SHOWN if key in table.values]
    if len(shown) != 1:
        table.fail("", f"one of {', '.join(_SHOWN)}, which says what people look at", ", ".join(shown) or "none")
    (key,) = shown
    value, required = table.text(key), section.get("required", "expected a list of names")
    if key == "file" and value not in required:
        table.fail(key, f"a file of `required`, {', '.join(map(str, required))}", value)
    if key == "cells_of" and value not in (labels := section.section("questions").values):
        table.fail(key, f"a question of `questions`, {', '.join(labels)}", value)
    points, rubric = table.number("points"), _rubric(table)
    if (total := round(sum(item.points for item in rubric), 6)) != points:
        table.fail("rubric", f"points that add up to {points:g}", f"{total:g} points")
    return ManualQuestion(table.text("title"), points, rubric, **{key: value})


def _rubric(table: Section) -> tuple[RubricItem, ...]:
    listed = table.get("rubric", f"expected a list of items such as {_EXAMPLE}")
    if not isinstance(listed, list) or not 1 <= len(listed) <= _MOST_ITEMS:
        table.fail("rubric", f"a list of 1 to {_MOST_ITEMS} items such as {_EXAMPLE}", listed)
    items = []
    for number, one in enumerate(listed, 1):
        if not isinstance(one, dict):
            table.fail("rubric", f"items such as {_EXAMPLE}", one)
        item = Section(table.path, f"{table.name}.rubric, item {number}", one)
        item.only({"text", "points"})
        items.append(RubricItem(item.text("text"), item.number("points")))
    return tuple(items)


def find_unknown_heading(root: Path, assignment: "Assignment") -> str:
    """Which `text_under` is no heading of the handout's notebooks, in a sentence; "" if all are."""
    there = {heading for name in assignment.notebooks for heading in _headings(root / "notebooks" / name)}
    for label, question in assignment.manual_questions.items():
        if question.text_under and question.text_under not in there:
            place = f"[{assignment.name}.manual.{label}] in assignments.toml: text_under"
            some = ", ".join(sorted(there)) or "none"
            return f"{place}: {question.text_under!r} is no heading of the notebooks; there are: {some}"
    return ""


def _headings(path: Path) -> Iterator[str]:
    from autograder.notebook.raw import RawNotebook, UnreadableNotebook  # no completion of a word waits for it

    with suppress(OSError, UnreadableNotebook):
        yield from (heading for heading, _ in RawNotebook(path.read_bytes()).markdown if heading)
