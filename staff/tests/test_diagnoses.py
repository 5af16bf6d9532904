"""The engine's own diagnoses are members of an enum, written down once; nothing compares their texts."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course.root import project_root
from autograder.marking.verdict import Diagnosis
from autograder.protocol.faults import Fault

PACKAGE = project_root(Path(__file__).parent) / "autograder"
TEXTS = {str(one) for one in (*Fault, *Diagnosis)}
GIVING = {"scored", "ungraded", "absent", "StudentError", "Mismatch", "_abnormal"}


def texts_in(*nodes: ast.expr) -> Iterator[str]:
    for node in (inner for one in nodes for inner in ast.walk(one)):
        if isinstance(node, ast.Constant) and node.value in TEXTS:
            yield f"line {node.lineno}: {node.value}"


def written_out(source: str) -> list[str]:
    """The diagnoses of an enum that a source gives or compares by their text."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in GIVING:
            found += texts_in(*node.args, *(keyword.value for keyword in node.keywords))
        elif isinstance(node, ast.Compare) and ".diagnosis" in ast.unparse(node):
            found += texts_in(node.left, *node.comparators)
    return found


@pytest.mark.parametrize(
    "line",
    [
        'Verdict.scored("1a", 0, 5, "no model", "")',
        'raise StudentError("it ended", diagnosis="crash")',
        'ended = error.diagnosis in {"time limit", "x"}',
    ],
)
def test_a_diagnosis_that_is_written_out_is_seen(line: str) -> None:
    assert len(written_out(line)) == 1


def test_no_diagnosis_is_written_out() -> None:
    found = {path.name: written_out(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_no_diagnosis_has_two_meanings() -> None:
    assert len(TEXTS) == len(Fault) + len(Diagnosis)
