"""A question that depends on an earlier one: its fixture, its key, and the same verdict from every door."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.checks import expect, question
from autograder.checks.question import Check
from autograder.course.course import Course, load_course
from autograder.course.manifest import load, project_root
from autograder.marking.ask import Diagnoses, ask
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
    both = mark(COURSE, session(cell), NAME)
    assert [verdict.question for verdict in both] == ["1a", "1b"] and both[1].state is state
    earlier: Diagnoses = {}
    assert ask(COURSE, session(cell), check_of(check_figure), earlier) == both[1]
    assert earlier == {"1a": both[0].diagnoses}


def test_what_was_found_before_is_not_asked_again(session: Callable[..., Session]) -> None:
    verdict = ask(COURSE, session(LEAKS), check_of(check_figure), {"1a": ()})
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


def test_an_earlier_question_stands_before_in_the_same_notebook(tmp_path: Path) -> None:
    checks = Course(COURSE.assignment, {NAME: [check_of(check_figure), check_of(check_leak)]}, {})
    with pytest.raises(ValueError, match="1b is asked after 1a, which does not stand before it in homework.ipynb"):
        checks.key("1b", "notebook")
