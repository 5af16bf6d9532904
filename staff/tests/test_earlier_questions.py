"""A question that depends on an earlier one: its fixture, its key, and the same verdict from every door."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.checks import expect, question
from autograder.checks.question import Check
from autograder.cli.common import Wrong, failing
from autograder.course.course import Course, load_course
from autograder.course.manifest import CourseError, load
from autograder.course.root import project_root
from autograder.marking.ask import Diagnoses
from autograder.marking.question import ask_question
from autograder.marking.questions import mark
from autograder.marking.verdict import State, Verdict
from autograder.protocol.session import Session
from conftest import NAME

ROOT = project_root()


@question("1a", points=4)
def check_leak(student: Any) -> None:
    expect.that(student.leaks() == "no", "it leaks", diagnosis="target leak + wrong values")


@question("1b", points=6, after=["1a"])
def check_figure(earlier: Any) -> None:
    expect.that("target leak" not in earlier["1a"], "the figure is void", diagnosis="void")


def check_of(function: Callable[..., Any]) -> Check:
    return function.question  # type: ignore[attr-defined,no-any-return]


COURSE = Course(load(ROOT)["hw4"], {NAME: [check_of(check_leak), check_of(check_figure)]}, {})
LEAKS = "def leaks():\n    return 'yes'"


@pytest.mark.parametrize(("answer", "state"), [("yes", State.FAIL), ("no", State.PASS)])
def test_marking_asks_both_and_one_alone_asks_the_earlier_silently(
    session: Callable[..., Session], answer: str, state: State
) -> None:
    cell = LEAKS.replace("yes", answer)
    both = mark(COURSE, session(cell))
    assert [verdict.question for verdict in both] == ["1a", "1b"] and both[1].state is state
    earlier: Diagnoses = {}
    assert ask_question(COURSE, session(cell), "1b", earlier) == both[1]
    assert earlier == {verdict.question: verdict.diagnoses for verdict in both}


def test_what_was_found_before_is_not_asked_again(session: Callable[..., Session]) -> None:
    verdict = ask_question(COURSE, session(LEAKS), "1b", {"1a": ()})
    assert verdict.state is State.PASS


def test_diagnoses_are_told_one_by_one() -> None:
    assert Verdict.scored("1a", 0, 4, "void, target leak + wrong values").diagnoses == (
        "void", "target leak", "wrong values",
    )  # fmt: skip
    assert Verdict.scored("1a", 4, 4).diagnoses == ()


def test_the_key_of_a_question_holds_the_earlier_ones() -> None:
    course = load_course(ROOT, load(ROOT)["hw4"])
    (name,) = {case for notebook in course.questions.values() for check in notebook
               if check.question == "2b" for case in [check.cases] if case}  # fmt: skip
    changed = replace(course, cases={**course.cases, name: course.cases[name][:-1]})
    assert changed.key("2c", "notebook") != course.key("2c", "notebook")
    assert changed.key("2b", "notebook") != course.key("2b", "notebook")
    assert changed.key("1a", "notebook") == course.key("1a", "notebook")


def test_a_check_names_what_it_depends_on() -> None:
    for after, function in ((["1a"], lambda student: None), ([], lambda earlier: None)):
        with pytest.raises(TypeError, match="earlier if it names questions with after="):
            question("1c", points=1, after=after)(function)


@pytest.mark.parametrize(
    ("after", "ok"),
    [("1a", True), ("1b", False), ("1c", False)],
    ids=["before", "itself", "nowhere"],
)
def test_an_earlier_question_stands_before_in_the_same_notebook(after: str, ok: bool, tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_order.py").write_text(
        "from autograder.checks import question\n\n\n"
        "@question('1a', points=1)\ndef test_first(student):\n    pass\n\n\n"
        f"@question('1b', points=1, after=[{after!r}])\ndef test_second(earlier):\n    pass\n"
    )
    assignment = replace(COURSE.assignment, notebooks={NAME: ("order",)})
    if ok:
        assert list(load_course(tmp_path, assignment).checks_by_question(NAME)) == ["1a", "1b"]
        return
    says = f"test_order.py: 1b is asked after {after}, which does not stand before it in {NAME}; correct after="
    with pytest.raises(CourseError, match=re.escape(says)):
        load_course(tmp_path, assignment)
    with pytest.raises(Wrong), failing():
        load_course(tmp_path, assignment)
