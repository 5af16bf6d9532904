"""What turns a built notebook into the one that people open: its language, the manifest's words, figures, the badge.

In markdown cells of a script `{{ deadline }}` becomes what the manifest says, and `![what it shows](images/NAME.svg)`
becomes an attachment that holds `images/NAME.png`, so that the figure shows without the network. A text cell tagged
`lang="ko"` is the Korean twin of the cell before it, and what is put into it is Korean, too.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import nbformat

from autograder.authoring import limits
from autograder.authoring.regions import BuildError
from autograder.authoring.set_up import set_up_cell, topic_of
from autograder.course.late import LatePolicy
from autograder.course.manifest import Assignment, points_text
from autograder.messages import ENGLISH, Language, Message, say

PLACEHOLDER = re.compile(r"\{\{ ([\w. -]+) \}\}")
FIGURE = re.compile(r"!\[([^\]]*)\]\(images/([\w-]+)\.svg\)")
BADGE = "open_in_colab"
HEADING = re.compile(r"^# .+\n", re.MULTILINE)
WEEKDAYS = (say("Mon"), say("Tue"), say("Wed"), say("Thu"), say("Fri"), say("Sat"), say("Sun"))


def finish(notebook: nbformat.NotebookNode, root: Path, assignment: Assignment, name: str) -> nbformat.NotebookNode:
    """Completes the notebook `name` of an assignment, in place; returns it.

    Raises BuildError for a placeholder that the manifest has no words for, and for a figure that was not drawn or has
    no words for those who cannot see it.
    """
    words = words_of(assignment)
    korean = replace(assignment.language, name="ko")
    notebook.cells = in_language(notebook.cells, assignment.language.name)
    if assignment.colab:
        _put_badge(notebook, assignment.colab.format(notebook=name))
    for cell in notebook.cells:
        if topic := topic_of(cell.source):
            cell.source = set_up_cell(topic, assignment.language)
        if cell.cell_type == "markdown":
            _fill_in(cell, words, korean if "lang" in cell.metadata else ENGLISH)
            _attach(cell, root)
    return notebook


def in_language(cells: Sequence[nbformat.NotebookNode], language: str) -> list[nbformat.NotebookNode]:
    """The cells in English, in Korean ("ko") as far as they have a twin, or in both languages."""
    if language == "both":
        return list(cells)
    if language == "en":
        return [cell for cell in cells if "lang" not in cell.metadata]
    following = [*cells[1:], None]
    return [cell for cell, after in zip(cells, following, strict=True) if after is None or "lang" not in after.metadata]


def words_of(assignment: Assignment) -> dict[str, str]:
    """What may stand in `{{ }}`, and what becomes of it."""
    models = {f"limits of {label}": limits.of_models(rule) for label, rule in assignment.model_questions.items()}
    return models | {
        "title": assignment.title,
        "deadline": date_text(assignment.deadline),
        "late": late_text(assignment.late),
        "seconds": points_text(assignment.limits.seconds),
        "memory_mib": str(assignment.limits.memory_mib),
        "archive": assignment.archive_text,
        "limits": limits.of_code(assignment),
    }


def date_text(moment: datetime) -> Message:
    """A moment with its day of the week and its time zone."""
    return say(
        "{date} ({weekday}) {time}, {zone}",
        date=f"{moment:%Y-%m-%d}",
        weekday=WEEKDAYS[moment.weekday()],
        time=f"{moment:%H:%M}",
        zone=str(moment.tzinfo),
    )


def late_text(policy: LatePolicy | None) -> Message:
    """What lateness costs, as a sentence."""
    if policy is None:
        return say("The course announces what late work costs.")
    if policy.per_day is None:
        return say("Late work earns nothing.")
    return say(
        "Each day late takes {percent} % of the points; after {days} nothing is left.",
        percent=points_text(float(policy.per_day)),
        days=say("one day") if policy.most == 1 else say("{count} days", count=policy.most),
    )


def _fill_in(cell: nbformat.NotebookNode, words: Mapping[str, str], language: Language) -> None:
    """Puts the manifest's words into a markdown cell, in its language."""
    if unknown := set(PLACEHOLDER.findall(cell.source)) - set(words):
        raise BuildError(f"cell {cell.id}: no words for {{{{ {min(unknown)} }}}}, but for {', '.join(words)}")
    cell.source = PLACEHOLDER.sub(lambda match: language.render(words[match[1]]), cell.source)


def _put_badge(notebook: nbformat.NotebookNode, address: str) -> None:
    """Puts the badge below the title of the first cell that has one."""
    badge = f"\n[![Open in Colab](images/{BADGE}.svg)]({address})\n"
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (heading := HEADING.match(cell.source + "\n")):
            cell.source = f"{cell.source[: heading.end()]}{badge}{cell.source[heading.end() :]}"
            return


def _attach(cell: nbformat.NotebookNode, root: Path) -> None:
    """Turns the figures of a markdown cell into attachments."""

    def attached(match: re.Match[str]) -> str:
        words, name = " ".join(match[1].split()), match[2]
        picture = root / "images" / f"{name}.png"
        if not words:
            raise BuildError(f"cell {cell.id}: images/{name}.svg needs words in [ ] that say what it shows")
        if not picture.is_file():
            raise BuildError(f"cell {cell.id}: images/{name}.png is missing; draw it beside images/{name}.svg")
        content = base64.b64encode(picture.read_bytes()).decode()
        cell.setdefault("attachments", nbformat.NotebookNode())[picture.name] = {"image/png": content}
        return f"![{words}](attachment:{picture.name})"

    cell.source = FIGURE.sub(attached, cell.source)
