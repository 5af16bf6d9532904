"""A notebook of a newer Python: what does not parse here for that reason is nobody's mistake, and `grade` says so."""

import json
import sys
from collections.abc import Callable

import pytest
from marks import put

from autograder.checks import expect, question
from autograder.checks.question import Check
from autograder.classroom.grade import COLAB_PYTHON, python_note
from autograder.marking.verdict import State, Verdict
from autograder.notebook.notebook import read
from autograder.protocol.session import Session
from autograder.protocol.student import Student
from autograder.sandbox import Sandbox
from conftest import NAME, notebook_of

MAJOR, MINOR = sys.version_info[:2]
NEWER, SAME = f"{MAJOR}.{MINOR + 1}.4", f"{MAJOR}.{MINOR}.0"
DOES_NOT_PARSE = "newer syntax ->\nGATES = 3\ndef f():\n    return 1"


@question("1a", points=10)
def check_one(student: Student) -> None:
    """It gives 1."""
    expect.that(student.f() == 1, "f() is not 1", diagnosis="wrong values")


CHECK: Check = check_one.question  # type: ignore[attr-defined]


@pytest.fixture
def mark(sandbox: Sandbox) -> Callable[..., Verdict]:
    def marked(version: object, *cells: str) -> Verdict:
        content = json.loads(notebook_of(*cells))
        content["metadata"] = {"language_info": {"name": "python", "version": version}}
        with Session(sandbox.fork, json.dumps(content).encode(), NAME, 60.0) as session:
            return put(CHECK, session)

    return marked


@pytest.mark.parametrize("cells", [(DOES_NOT_PARSE,), (DOES_NOT_PARSE, "def f():\n    return GATES - 2")])
def test_a_cell_that_a_newer_python_may_read_is_ungraded(mark: Callable[..., Verdict], cells: tuple[str, ...]) -> None:
    verdict = mark(NEWER, *cells)
    assert (verdict.state, verdict.diagnosis) == (State.UNGRADED, "newer Python")
    assert f"needs Python {MAJOR}.{MINOR + 1}: the cell that defines" in verdict.message
    assert "code cell 1, line 1: newer syntax ->" in verdict.message


@pytest.mark.parametrize("version", [SAME, "3.6.1", "2.7.18", "", None, 3.99, "3.x", "99"])
def test_with_this_python_or_an_older_one_it_is_a_mistake(mark: Callable[..., Verdict], version: object) -> None:
    verdict = mark(version, DOES_NOT_PARSE)
    assert (verdict.state, verdict.diagnosis) == (State.FAIL, "syntax error")


def test_what_parses_is_marked_whatever_the_version(mark: Callable[..., Verdict]) -> None:
    assert mark(NEWER, "x =", "def f():\n    return 1").state is State.PASS
    assert mark(NEWER, "x =", "def f():\n    return 2").state is State.FAIL


@pytest.mark.parametrize("metadata", [None, [], {"language_info": 3}, {"language_info": {}}])
def test_odd_metadata_name_no_version(metadata: object) -> None:
    content = json.loads(notebook_of("x = 1"))
    content["metadata"] = metadata
    assert read(json.dumps(content).encode()).python == ""


def test_grade_says_that_its_python_is_older_than_colabs() -> None:
    major, minor = COLAB_PYTHON
    assert f"Colab runs {major}.{minor}" in python_note((major, minor - 1))
    assert python_note(COLAB_PYTHON) == python_note((major, minor + 1)) == ""
