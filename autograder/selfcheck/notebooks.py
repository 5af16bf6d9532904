"""What its author should know about a notebook before it is handed in, read without running any of it."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.course.manifest import Assignment
from autograder.messages import say
from autograder.notebook.claims.reader import claims
from autograder.notebook.functions import UNWRITTEN
from autograder.notebook.listing import last_heading, place_text
from autograder.notebook.notebook import Cell, Notebook, UnreadableNotebook, read

NO_TORCH = say("figures, plots and what the models hold were not looked at: PyTorch is not installed")
_STATEMENT = re.compile(r"collaborator|함께한 사람", re.IGNORECASE)
_HANDED_OUT = re.compile(r"\s*\*(Write here\b|여기에 )")


def notebook_faults(root: Path, assignment: Assignment, name: str, content: bytes) -> Iterator[str]:
    """A line for everything in a notebook that would cost points, or that somebody mends when it is graded."""
    try:
        notebook = read(content)
    except UnreadableNotebook as error:
        yield _about(name, str(error))
        return
    yield from (_about(name, repair.note) for repair in notebook.repairs)
    headings = {cell.number: cell.heading for cell in notebook.cells}
    for broken in notebook.unreadable:
        place = place_text(headings[broken.cell], broken.cell, broken.line)
        yield _at(name, place, say("this cell does not parse ({error})", error=broken.error))
    for cell, what in unwritten(notebook):
        yield _at(name, place_text(cell.heading, cell.number), what)
    if not any(cell.shown.lines or cell.shown.pictures or cell.shown.error for cell in notebook.cells):
        bare = say("no cell has an output; run it and save it with its outputs, which are graded as they are saved")
        yield _about(name, bare)
    else:
        yield from _figure_faults(root, assignment, name, notebook)


def _about(notebook: str, what: str) -> str:
    return say("{notebook}: {what}", notebook=notebook, what=what)


def _at(notebook: str, place: str, what: str) -> str:
    return say("{notebook}, {place}: {what}", notebook=notebook, place=place, what=what)


def unwritten(notebook: Notebook) -> Iterator[tuple[Cell, str]]:
    """What the handout's own errors and prints say is not written yet, each with its cell."""
    for cell in notebook.cells:
        if cell.tree is None or UNWRITTEN not in cell.source:
            continue
        raised = [node for node in ast.walk(cell.tree) if isinstance(node, ast.Raise)]
        printed = [node for node in cell.tree.body if isinstance(node, ast.Expr)]
        for node in (*raised, *printed):
            texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
            if texts and isinstance(texts[0], str) and UNWRITTEN in texts[0]:
                name = texts[0].partition(f" {UNWRITTEN}")[0]
                yield cell, say("{name} is not written yet", name=name or say("this part"))


def statement_faults(notebooks: Mapping[str, bytes]) -> Iterator[str]:
    """A line if no notebook names collaborators and references under the heading that asks for them."""
    found = [text for content in notebooks.values() for text in _statements(content)]
    if notebooks and not found:
        yield say("no notebook has the text 'Collaborators and references'; name both, or write 'None'")
    elif found and all(_HANDED_OUT.match(text) or not text.strip() for text in found):
        yield say("'Collaborators and references' is as it was handed out; name both, or write 'None'")


def _statements(content: bytes) -> Iterator[str]:
    """The texts under a heading about collaborators; none of a file that is no notebook."""
    try:
        cells: list[dict[str, Any]] = json.loads(content)["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell.get("cell_type") == "markdown"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return
    for text in texts:
        if _STATEMENT.search(last_heading(text)):
            yield text.rpartition(last_heading(text))[2]


def _figure_faults(root: Path, assignment: Assignment, name: str, notebook: Notebook) -> Iterator[str]:
    """What the checks of saved outputs say, and no others: they run nothing of the notebook."""
    try:
        import torch  # noqa: F401  # only to see whether it is there
    except ImportError:
        yield NO_TORCH
        return
    from autograder.checks.claims import Claims
    from autograder.checks.mistakes import Mismatch, Ungraded
    from autograder.course.course import load_public

    for check in load_public(root, assignment, name).of_code(name):
        if "claims" not in check.fixtures or not check.fixtures <= {"claims", "earlier"}:
            continue
        fixtures: dict[str, Any] = {"claims": Claims(claims(notebook))}
        if "earlier" in check.fixtures:
            fixtures["earlier"] = dict.fromkeys(check.after, ())
        try:
            check.function(**fixtures)
        except (Mismatch, Ungraded) as error:
            yield _at(name, check.question, error.lines[0])
