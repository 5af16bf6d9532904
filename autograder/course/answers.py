"""What of a notebook answers which questions: the names that checks ask for and the handout leaves to students."""

import ast
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING

from autograder.course.answer import Answer
from autograder.notebook.functions import UNWRITTEN
from autograder.notebook.prose import comments_in
from autograder.notebook.syntax import FUNCTIONS

if TYPE_CHECKING:  # checks import torch
    from autograder.checks.question import Check
    from autograder.course.course import Course


def answers_of(root: Path, course: "Course") -> tuple[list[Answer], list[str]]:
    """The answers of a course's notebooks, and the questions that no code of a student's own answers."""
    answers: list[Answer] = []
    without: list[str] = []
    for notebook, checks in course.questions.items():
        skeleton = list(_skeleton(root, notebook))
        given = tuple(sorted({node.name for node in skeleton}))
        left = {node.name for node in skeleton if UNWRITTEN in ast.unparse(node)}
        by_names: dict[tuple[str, ...], list[str]] = {}
        for question in dict.fromkeys(check.question for check in checks):
            asked = {name for check in checks if check.question == question for name in _names(check)}
            by_names.setdefault(tuple(sorted(asked & left)), []).append(question)
        without += by_names.pop((), [])
        answers += [Answer(tuple(questions), notebook, names, given) for names, questions in by_names.items()]
    return answers, without


def names_of(answers: Iterable[Answer], question: str) -> list[str]:
    """The names that answer one question; none where no code of a student's own does."""
    return [name for answer in answers if question in answer.questions for name in answer.names]


def handout_cells(root: Path, notebook: str, kind: str) -> list[str]:
    """The texts of a handout's cells of a kind ("code", "markdown"); none where it is not there."""
    with suppress(OSError):
        cells = json.loads((root / "notebooks" / notebook).read_bytes())["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]
    return []


def handout_lines(root: Path, notebooks: Iterable[str]) -> set[str]:
    """The lines in words of the handout's notebooks: their markdown, and the comments of their code."""
    lines: set[str] = set()
    for name in notebooks:
        texts = [*handout_cells(root, name, "markdown"), *comments_in(handout_cells(root, name, "code"))]
        lines |= {line.strip() for text in texts for line in text.splitlines()}
    return lines


def _skeleton(root: Path, notebook: str) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions and classes of a handout."""
    for text in handout_cells(root, notebook, "code"):
        with suppress(SyntaxError):  # magics
            yield from (node for node in ast.parse(text).body if isinstance(node, (*FUNCTIONS, ast.ClassDef)))


def _names(check: "Check") -> set[str]:
    """The names and strings in a check, and in what it calls in the folder of checks."""
    folder, names = check.file.parent, set[str]()
    waiting: list[FunctionType] = [check.function]  # type: ignore[list-item]  # a check is a plain function
    seen: set[CodeType] = set()
    while waiting:
        function = waiting.pop()
        for code in _codes(function.__code__):
            if code in seen:
                continue
            seen.add(code)
            names |= {*code.co_names, *_strings(code.co_consts)}
            known = [function.__globals__.get(name) for name in code.co_names]
            modules = [one for one in known if isinstance(one, ModuleType)]
            known += [getattr(module, name, None) for module in modules for name in code.co_names]
            waiting += [
                one
                for one in known
                if isinstance(one, FunctionType) and Path(one.__code__.co_filename).parent == folder
            ]
    return names


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _strings(constants: Sequence[object]) -> Iterator[str]:
    for constant in constants:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple):
            yield from _strings(constant)
