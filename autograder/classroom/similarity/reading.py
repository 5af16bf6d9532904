"""What can be compared of a submission, read in a process that may be killed; no student code runs.

Functions that begin with `answer_` run in that process and return JSON.
"""

import ast
import hashlib
import pickle
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from autograder.classroom.similarity.tokens import Token, Tokenizer, own_statements
from autograder.course.answer import Answer
from autograder.course.manifest import Assignment
from autograder.intake.handout import Handout
from autograder.intake.source import Source
from autograder.intake.submission import load
from autograder.intake.texts import REPORT_FILE, texts_called
from autograder.notebook import notebook as notebooks
from autograder.notebook.notebook import Notebook
from autograder.notebook.prose import prose_of
from autograder.notebook.raw import RawNotebook, UnreadableNotebook

MAX_TOKENS = 60_000  # of one notebook; a course's have some thousand
MAX_PROSE = 200_000  # characters
MAX_SHOWN = 3000  # lines
_SHORTEST_PICTURE = 2000  # characters; smaller ones are bars and icons
_FIGURE = re.compile(r"\d+\.\d{3,}|\d{4,}")  # what two trainings do not have in common by chance


def answer_work(source: Source, known: bytes) -> dict[str, Any]:
    """The parts of a submission: its notebooks, its reports, and what could not be read.

    `known` is pickled: the assignment, its handout, its answers.
    """
    assignment, handout, answers = _unpickled(known)
    submission = load(source, "", assignment, handout, "unused")
    problems = [submission.error] if submission.error else []
    works: dict[str, Any] = {}
    for name in submission.notebooks:
        content = submission.notebooks[name]
        try:
            mine = [answer for answer in answers if answer.notebook == name]
            works[name] = _notebook(notebooks.read(content), RawNotebook(content), mine)
        except UnreadableNotebook as error:
            problems.append(f"{name}: {error}")
        except (RecursionError, MemoryError):
            problems.append(f"{name}: its code is nested too deeply to be compared")
    report = "" if submission.error else "\n".join(text for _, text in texts_called(source, REPORT_FILE))[:MAX_PROSE]
    return {"student_id": submission.student_id, "notebooks": works, "report": report, "problems": problems}


@lru_cache(maxsize=1)
def _unpickled(known: bytes) -> tuple[Assignment, Handout, Sequence[Answer]]:
    assignment, handout, answers = pickle.loads(known)
    return assignment, handout, answers


def _notebook(notebook: Notebook, raw: RawNotebook, answers: Sequence[Answer]) -> dict[str, Any]:
    trees = [(cell.number, cell.tree) for cell in notebook.cells if cell.tree is not None]
    tokens, ends = statement_tokens(trees)
    chosen = {answer.title: list(_chosen(trees, answer, ends, len(tokens))) for answer in answers}
    texts = [cell.text for cell in notebook.cells]
    shown = list(_shown(notebook, raw))[:MAX_SHOWN]
    return {
        "cells": texts,
        "code": _wire(tokens),
        "answers": chosen,
        "prose": prose_of(raw)[:MAX_PROSE],
        "shown": _wire(shown),
    }


def statement_tokens(trees: Sequence[tuple[int, ast.Module]]) -> tuple[list[Token], list[int]]:
    """The tokens of numbered cells, and where each statement's end. Raises RecursionError."""
    tokenizer = Tokenizer(tree for _, tree in trees)
    tokens: list[Token] = []
    ends: list[int] = []
    for cell, tree in trees:
        for statement in tree.body:
            tokens += islice(tokenizer.tokens(statement, cell), MAX_TOKENS - len(tokens))
            ends.append(len(tokens))
    return tokens, ends


def _chosen(trees: Sequence[tuple[int, ast.Module]], answer: Answer, ends: Sequence[int], number: int) -> Iterator[int]:
    """The numbers of the tokens that belong to an answer."""
    for place in own_statements(trees, answer.names, answer.given):
        yield from range(ends[place - 1] if place else 0, min(ends[place], number))


def _wire(tokens: Iterable[Token]) -> dict[str, Any]:
    listed = list(tokens)
    lines, cells = [one.line for one in listed], [one.cell for one in listed]
    return {"tokens": "\n".join(one.text.replace("\n", " ") for one in listed), "cells": cells, "lines": lines}


def _joined(value: object) -> str:
    return "".join(part for part in value if isinstance(part, str)) if isinstance(value, list) else str(value or "")


def _shown(notebook: Notebook, raw: RawNotebook) -> Iterator[Token]:
    """The lines of outputs with figures of their own, and the pictures by their digests."""
    for cell in notebook.cells:
        for line in cell.shown.lines:
            if len(_FIGURE.findall(line.text)) >= 2:
                yield Token(" ".join(line.text.split()), cell.number, line.number)
    for number, saved in enumerate(raw.cells, 1):
        outputs = saved.get("outputs")
        for output in outputs if isinstance(outputs, list) else ():
            data = output.get("data") if isinstance(output, dict) else None
            picture = _joined(data.get("image/png")) if isinstance(data, dict) else ""
            if len(picture) >= _SHORTEST_PICTURE:
                digest = hashlib.sha256("".join(picture.split()).encode("utf-8", "replace")).hexdigest()
                yield Token(f"picture {digest[:16]}", number, 1)
