"""The check in a kernel gives every mutant and variant what the sandbox gives it: points, diagnosis and reason."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from autograder.authoring import build
from autograder.authoring.answers import Answer, answered_notebook, read_answer
from autograder.authoring.outputs import recorded, with_outputs
from autograder.course.data_package import import_data
from autograder.marking.ask import Diagnoses
from autograder.marking.question import ask_question
from autograder.marking.verdict import Verdict
from autograder.notebook.notebook import read
from autograder.protocol.session import Session
from autograder.sandbox import Sandbox
from autograder.selfcheck.live import cells
from autograder.selfcheck.live.homework import Homework
from autograder.selfcheck.live.marking import verdicts_on

ROOT = Path(__file__).parents[2]
STAFF = ROOT / "staff"
TOPICS = sorted(folder.name for folder in (STAFF / "mutants").iterdir() if folder.is_dir())


@cache
def homework(topic: str) -> Homework:
    if prepare := getattr(import_data(ROOT), "prepare_worker", None):
        prepare()  # as the notebook's own cells do in a kernel
    return Homework.of(topic)


@cache
def sources(topic: str) -> dict[str, str]:
    return build.read_sources(ROOT, homework(topic).assignment.notebooks[homework(topic).notebook])


def answers(topic: str) -> Iterator[Answer]:
    for kind in ("mutants", "variants"):
        yield from (read_answer(path) for path in sorted((STAFF / kind / topic).glob("*.py")))


def graded(sandbox: Sandbox, topic: str, content: bytes, questions: list[str]) -> list[Verdict]:
    work, earlier = homework(topic), Diagnoses()
    with Session(sandbox.fork, content, work.notebook, work.assignment.limits.seconds) as session:
        return [ask_question(work.course, session, question, earlier) for question in questions]


def checked(topic: str, content: bytes, questions: list[str]) -> list[Verdict]:
    file = read(content)
    defined = cells.notebook_of((cell.number, cell.text) for cell in file.cells)
    return list(verdicts_on(homework(topic), questions, defined, {}, file))


def differences(sandbox: Sandbox, topic: str, answer: Answer) -> Iterator[str]:
    content = with_outputs(answered_notebook(sources(topic), answer), recorded(ROOT, sources(topic)))
    questions = list(answer.questions)
    for there, here in zip(graded(sandbox, topic, content, questions), checked(topic, content, questions), strict=True):
        if _compared(there) != _compared(here):
            yield f"{answer.path.relative_to(STAFF)}: {_compared(there)} where it is graded, {_compared(here)} here"


def _compared(verdict: Verdict) -> tuple[str, float, str, str]:
    return verdict.question, verdict.points, str(verdict.diagnosis), verdict.message.split("\n")[0]


@pytest.mark.nightly
@pytest.mark.parametrize("topic", TOPICS)
def test_every_mutant_and_variant_is_checked_as_it_is_graded(sandbox: Sandbox, topic: str) -> None:
    assert [one for answer in answers(topic) for one in differences(sandbox, topic, answer)] == []


def firsts(topic: str, kind: str) -> dict[Path, Answer]:
    """Of each question the first of the topic's mutants, or of its variants."""
    of_kind = [answer for answer in answers(topic) if kind in answer.path.parts]
    first = {question: answer for answer in reversed(of_kind) for question in answer.questions}
    return {answer.path: answer for answer in first.values()}


@pytest.mark.slow
@pytest.mark.parametrize("topic", TOPICS)
def test_the_first_variant_of_each_question_is_checked_as_it_is_graded(sandbox: Sandbox, topic: str) -> None:
    assert [one for answer in firsts(topic, "variants").values() for one in differences(sandbox, topic, answer)] == []


@pytest.mark.slow
@pytest.mark.parametrize("topic", TOPICS)
def test_the_first_mutant_of_each_question_is_checked_as_it_is_graded(sandbox: Sandbox, topic: str) -> None:
    unseen = {one.path: one for one in answers(topic) if "engine" in one.path.stem}  # whose text does not show it
    chosen = {**firsts(topic, "mutants"), **unseen}
    assert [one for answer in chosen.values() for one in differences(sandbox, topic, answer)] == []
