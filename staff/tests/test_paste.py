"""Lines that a verdict offers for pasting: with the solution's definitions their values agree, with a mutant's not."""

import ast
import json
import math
import sys
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

import pytest
import test_live_agrees as agreement
import torch

from autograder.authoring.answers import Answer, answered_notebook
from autograder.authoring.outputs import recorded, with_outputs
from autograder.checks import expect


@cache
def solution(topic: str) -> bytes:
    sources = agreement.sources(topic)
    return with_outputs(answered_notebook(sources, Answer(agreement.STAFF, {}, "")), recorded(agreement.ROOT, sources))


def definitions(content: bytes) -> ModuleType:
    """The imports, functions and classes of a notebook, as a kernel has them in its main module."""
    main = ModuleType("__main__")
    vars(main).update(DEVICE="cpu", device="cpu")
    for cell in json.loads(content)["cells"]:
        if cell["cell_type"] == "code" and "get_ipython" not in (source := "".join(cell["source"])):
            tree = ast.parse(source)
            kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
            tree.body = [node for node in tree.body if isinstance(node, kinds) or _is_definition(node)]
            exec(compile(tree, "cell", "exec"), vars(main))
    return main


def _is_definition(node: ast.stmt) -> bool:
    """Whether a statement sets a number, or puts a method in the place of another."""
    if not isinstance(node, ast.Assign):
        return False
    return isinstance(node.value, ast.Constant) or isinstance(node.targets[0], ast.Attribute)


def pasted(monkeypatch: pytest.MonkeyPatch, main: ModuleType, lines: tuple[str, ...]) -> Any:
    """What the last line gives, in a kernel with these definitions; the error that a line raised."""
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "__main__", main)
        torch.manual_seed(0)
        try:
            exec("\n".join(lines[:-1]), vars(main))
            return eval(lines[-1], vars(main))
        except Exception as error:
            return error


def agree(shown: Any) -> bool:
    """Whether what came, or one of several values that came, is what is right, in print."""
    got, want = shown
    if isinstance(got, tuple) and isinstance(want, torch.Tensor):
        return any(agree((one.squeeze() if isinstance(one, torch.Tensor) else one, want.squeeze())) for one in got)
    if isinstance(got, float) and isinstance(want, float):  # printed with all digits
        return math.isclose(got, want, rel_tol=1e-4)
    if isinstance(got, torch.Tensor) and isinstance(want, (torch.Tensor, int)):
        value, right = (torch.as_tensor(one).detach().double() for one in shown)
        return expect.is_close(value, right, atol=1e-4, rtol=1e-3)
    return bool(got == want)


def faults(monkeypatch: pytest.MonkeyPatch, topic: str, answer: Answer) -> Iterator[str]:
    content = answered_notebook(agreement.sources(topic), answer)
    questions = [question for question, expected in answer.questions.items() if expected.diagnosis]
    for verdict in agreement.checked(topic, content, questions):
        if not (lines := verdict.evidence.case):
            continue
        told = f"{answer.path.stem}, {verdict.question} ({verdict.diagnosis}): {lines}"
        right, wrong = (pasted(monkeypatch, definitions(one), lines) for one in (solution(topic), content))
        if isinstance(right, TypeError) and "positional argument" in str(right):  # the mutant takes other arguments
            continue
        compares = isinstance(right, tuple) and lines[-1] != "got"
        if isinstance(right, Exception) or (compares and not agree(right)):
            yield f"{told}: the solution gives {right!r}"
        if not isinstance(wrong, Exception) and (agree(wrong) if compares else repr(wrong) == repr(right)):
            yield f"{told}: the mutant gives {wrong!r}, too"


@pytest.mark.nightly
@pytest.mark.parametrize("topic", agreement.TOPICS)
def test_lines_of_every_mutant_tell_it_from_the_solution(monkeypatch: pytest.MonkeyPatch, topic: str) -> None:
    mutants = [answer for answer in agreement.answers(topic) if "mutants" in answer.path.parts]
    told = [one for answer in mutants for one in faults(monkeypatch, topic, answer)]
    assert told == []


@pytest.mark.parametrize("topic", agreement.TOPICS)
def test_lines_of_the_last_mutant_of_each_question_tell_it(monkeypatch: pytest.MonkeyPatch, topic: str) -> None:
    mutants = [answer for answer in agreement.answers(topic) if "mutants" in answer.path.parts]
    last = {question: answer for answer in mutants for question, one in answer.questions.items() if one.diagnosis}
    chosen = {answer.path: answer for answer in last.values()}.values()
    assert [one for answer in chosen for one in faults(monkeypatch, topic, answer)] == []
