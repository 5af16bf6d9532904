"""Secret cases are the same whenever they are made: all at once, each when it is asked for, or again from a keeper."""

import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from autograder.checks.case import Recipe
from autograder.course.cases import LazyCases
from autograder.course.course import Course, load_course
from autograder.course.manifest import load

ROOT = Path(__file__).parents[2]
ASSIGNMENT = load(ROOT)["assignment2"]
SEED = 7


class Keeper:
    """Keeps cases in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, list[tuple[str, bytes]]] = {}

    def kept_cases(self, version: str) -> dict[str, list[tuple[str, bytes]]]:
        """All of them."""
        return dict(self.kept)

    def keep_cases(self, version: str, cases: Mapping[str, Sequence[tuple[str, bytes]]]) -> None:
        """Keeps these, too."""
        self.kept |= {name: list(several) for name, several in cases.items()}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the recipes that make cases meanwhile."""
    names = list[str]()
    make = Recipe.cases

    def cases(self: Recipe, seed: object) -> object:
        names.append(self.name)
        return make(self, seed)

    monkeypatch.setattr(Recipe, "cases", cases)
    return names


def keys(course: Course) -> list[str]:
    return [
        course.key(question, "") for notebook in course.questions for question in course.checks_by_question(notebook)
    ]


@pytest.mark.slow
def test_cases_are_made_when_their_question_is_asked_and_kept_one_by_one(made: list[str]) -> None:
    keeper = Keeper()
    course = load_course(ROOT, ASSIGNMENT, SEED, keeper, at_once=False)
    checks = [check for listed in course.questions.values() for check in listed if check.cases]
    assert made == [] == list(keeper.kept) and len({check.cases for check in checks}) > 1
    for _ in range(2):
        assert any(case and case.secret for _, case in course.cases_for(checks[0]))
        assert made == [checks[0].cases] == list(keeper.kept)
    whole = load_course(ROOT, ASSIGNMENT, SEED)
    assert keys(course) == keys(whole)
    made.clear()
    again = load_course(ROOT, ASSIGNMENT, SEED, keeper, at_once=False)
    assert keys(again) == keys(whole) and made == []


def test_a_recipe_that_is_not_there_is_missed_at_once(tmp_path: Path) -> None:
    for name in ("tests", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.raises(FileNotFoundError, match="no recipe of .*staff/cases makes the cases"):
        load_course(tmp_path, ASSIGNMENT, SEED, at_once=False)


def test_cases_that_threads_ask_for_together_are_made_once() -> None:
    asked = list[str]()

    def find(name: str) -> list[object]:
        time.sleep(0.05)
        asked.append(name)
        return []

    cases = LazyCases(["gru"], find)  # type: ignore[arg-type]  # no case is looked at
    threads = [threading.Thread(target=cases.__getitem__, args=["gru"]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == ["gru"] == list(cases) and len(cases) == 1
