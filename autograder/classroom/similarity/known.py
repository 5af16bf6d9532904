"""What the course itself wrote: code that says nothing about where a student has it from."""

import ast
import re
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from autograder.classroom.similarity.tokens import Tokenizer
from autograder.course.answers import handout_cells
from autograder.course.manifest import Assignment
from autograder.notebook.magics import exported

_CELL = re.compile(r"^# %%.*$", re.MULTILINE)
_REGION = re.compile(r"^# region:.*$", re.MULTILINE)


def known_code(root: Path, assignment: Assignment, notebook: str) -> list[list[str]]:
    """The tokens of the handout's notebook, of its topics' solutions and of their variants; those that are there."""
    topics = assignment.notebooks[notebook]
    scripts = [_CELL.split(text) for text in _texts(root / "staff" / "solutions" / f"{topic}.py" for topic in topics)]
    solution = [tree for cells in scripts for tree in _trees(cells)]
    variants = [path for topic in topics for path in sorted((root / "staff" / "variants" / topic).glob("*.py"))]
    written = [list(_trees(_REGION.split(text))) for text in _texts(variants)]
    works = [list(_trees(handout_cells(root, notebook, "code"))), solution, *written]
    return [_tokens(work, solution) for work in works if work]


def _texts(paths: Iterator[Path] | list[Path]) -> Iterator[str]:
    for path in paths:
        if path.is_file():
            yield path.read_text(encoding="utf-8")


def _trees(cells: list[str]) -> Iterator[ast.Module]:
    for cell in cells:
        with suppress(SyntaxError):
            yield ast.parse(exported(textwrap.dedent(cell)))


def _tokens(work: list[ast.Module], around: list[ast.Module]) -> list[str]:
    """Tokens of some code, where the names are bound that the code `around` it binds."""
    tokenizer = Tokenizer([*around, *work])
    return [token.text for tree in work for node in tree.body for token in tokenizer.tokens(node, 1)]
