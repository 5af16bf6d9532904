"""The cells of a notebook that define some names, read in a process that may be killed.

Functions that begin with `answer_` run in that process and return JSON.
"""

import re
from collections.abc import Sequence

from autograder.course.manifest import Assignment
from autograder.intake.handout import Handout
from autograder.intake.source import Source
from autograder.intake.submission import load
from autograder.notebook.raw import RawNotebook, UnreadableNotebook
from autograder.sandbox.reader import ReaderEnded, Readers


def code_of(
    readers: Readers, source: Source, assignment: Assignment, handout: Handout, notebook: str, names: Sequence[str]
) -> list[tuple[int, str]]:
    """The code cells of a submission's notebook that define any of `names`, with their numbers; none where none can.

    Raises OSError.
    """
    try:
        with readers.borrow() as reader:
            told = reader.call(f"{__name__}:answer_code", source, assignment, handout, notebook, list(names))
    except ReaderEnded:
        return []
    return [(int(number), str(text)) for number, text in told]


def answer_code(
    source: Source, assignment: Assignment, handout: Handout, notebook: str, names: list[str]
) -> list[tuple[int, str]]:
    """What `code_of` gives, read here."""
    content = load(source, "", assignment, handout, "unused").notebooks.get(notebook)
    try:
        texts = RawNotebook(content).sources if content and names else []
    except UnreadableNotebook:
        return []
    defines = re.compile(
        rf"^[ \t]*(?:(?:def|class)[ \t]+)?(?:{'|'.join(map(re.escape, names))})[ \t]*[(:=]", re.MULTILINE
    )
    return [(number, text) for number, text in enumerate(texts, start=1) if defines.search(text)]
