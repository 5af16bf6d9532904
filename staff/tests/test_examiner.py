"""Notebooks that are the same to the byte share what was read of them, but no process; verdicts are the same."""

from dataclasses import replace
from typing import Any

from test_recording import ANSWERS, asks

from autograder.classroom.examiner import Examination, Examiner, Outcome
from autograder.course.course import Course
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.protocol.operation import Operation, operation_of
from autograder.protocol.recording import Player, Recording
from autograder.protocol.session import Session
from autograder.sandbox import Limits, Sandbox
from conftest import NAME, notebook_of

ROOT = project_root()


class Forks:
    """Forks children and notes the operation that each is asked for first."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.first: list[Operation] = []

    def __call__(self, limits: Limits | None = None) -> Any:
        child = self._sandbox.fork(limits)
        send, number = child.send, len(self.first)

        def listen(data: bytes, deadline: float) -> None:
            if len(self.first) == number:
                self.first.append(operation_of(data))
            send(data, deadline)

        child.send = listen  # type: ignore[method-assign]
        return child


def examiner() -> Examiner:
    """Of a course with one question."""
    course = Course(load(ROOT)["hw4"], {NAME: [asks()]}, {"double": []}, version="1")
    return Examiner(ROOT, course)


def examine(asked: Examiner, content: bytes, forks: Forks) -> Outcome:
    """What came of the question."""
    (outcome,) = asked.examine(Examination(NAME, content, ["1a"]), forks)
    return outcome


def test_a_notebook_that_comes_again_is_described_no_third_time(sandbox: Sandbox) -> None:
    asked, forks = examiner(), Forks(sandbox)
    same, other = notebook_of(ANSWERS["raises"]), notebook_of("x = 1", ANSWERS["raises"])
    outcomes = [examine(asked, content, forks) for content in (same, other, same, same, same)]
    read, again = Operation.READ_NOTEBOOK, Operation.READ_AGAIN
    assert forks.first == [read, read, read, again, again]
    first, second, *others = outcomes
    assert second.reading != first.reading and first.reading is not None
    for outcome in others:
        assert replace(outcome, seconds=first.seconds) == first


def test_what_is_shared_is_recorded_as_if_it_was_read(sandbox: Sandbox) -> None:
    asked, forks = examiner(), Forks(sandbox)
    outcomes = [examine(asked, notebook_of(ANSWERS["wrong"]), forks) for _ in range(3)]
    last = outcomes[-1]
    assert forks.first[-1] is Operation.READ_AGAIN and last.reading is not None
    player = Player(Recording.from_bytes(last.reading.recording))
    with Session(player.fork, b"", NAME, 1.0) as session:
        session.open()
        assert session.outline.definitions == {"double": [1]}


def test_a_notebook_that_cannot_be_read_is_read_each_time(sandbox: Sandbox) -> None:
    asked, forks = examiner(), Forks(sandbox)
    for _ in range(3):
        assert examine(asked, b"{ not json", forks).verdict.diagnosis == "unreadable notebook"
    assert forks.first == [Operation.READ_NOTEBOOK] * 3
