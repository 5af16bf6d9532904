"""What a cluster's run does with answers that fail, wait for a core, or cannot be kept: with a made-up client."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from marks import attempt_of
from other_course import example, whole_example
from rich.console import Console

from autograder.classroom.cluster import plugin, wire
from autograder.classroom.cluster.class_run import ClusterRun
from autograder.classroom.cluster.leases import SENDS
from autograder.classroom.cluster.version import versions_of
from autograder.classroom.examiner import Outcome
from autograder.classroom.marker import Marker
from autograder.classroom.progress import ClassProgress
from autograder.course.course import load_course
from autograder.course.manifest import load
from autograder.gradebook.gradebook import Gradebook
from autograder.marking.verdict import Verdict
from autograder.protocol.faults import Fault

__all__ = ["example", "whole_example"]
Answer = Callable[[Counter[str], bool], Verdict | Exception]
RIGHT = Verdict.scored("A", 7, 7)


class Client:
    """Stands for Dask's: one worker, whose judge answers at once."""

    status = "running"

    def __init__(self, versions: dict[str, str], answer: Answer) -> None:
        self._report = {"tier": 2, "layers": ["landlock"], "versions": versions}
        self._answer = answer
        self.calls: Counter[str] = Counter()

    scheduler = SimpleNamespace(identity=None)

    def sync(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {"workers": {"tcp://a": {"last_seen": time.monotonic()}}}

    def submit(self, function: Any, *given: Any, workers: list[str], **_: Any) -> "Future[Any]":
        assert workers == ["tcp://a"]
        self.calls[function.__name__] += 1
        future: Future[Any] = Future()
        try:
            future.set_result(self._call(function, given))
        except Exception as error:
            future.set_exception(error)
        return future

    def _call(self, function: Any, given: tuple[Any, ...]) -> Any:
        if function is plugin.install:
            self._seal = wire.Seal(given[1].key)
            return self._seal.close(wire.to_bytes(self._report))
        if function is not plugin.mark:
            return "0.1.0"
        examinations, alone = wire.order_from_bytes(self._seal.open(given[1]))
        assert [one.content for one in examinations] == [b"{}"]
        verdict = self._answer(self.calls, alone)
        if isinstance(verdict, Exception):
            raise verdict
        outcomes = [Outcome(verdict, 0.5, {}), Outcome(Verdict.scored("B", 5, 5), 0.5, {})]
        return self._seal.close(wire.result_to_bytes(wire.Result([outcomes], 1.0)))


class Class:
    """A class of one on such a cluster."""

    def __init__(self, course: Path, folder: Path) -> None:
        assignment = load(course)["lab1"]
        self._root = course
        self.gradebook = Gradebook(folder, assignment)
        self._course = load_course(course, assignment)
        self._attempts = [attempt_of("ab1234", notebooks={"lab1.ipynb": b"{}"})]

    def grade(self, answer: Answer) -> Counter[str]:
        """How often a worker was sent each of what it may be asked."""
        client: Any = Client(versions_of(self._course), answer)
        run = ClusterRun(client, self._root, self._course, self.gradebook, [], Console(file=StringIO()))
        run.grade(self._attempts, ClassProgress("marking", 1, Console(quiet=True)))
        run.close()
        calls: Counter[str] = client.calls
        return calls

    @property
    def diagnoses(self) -> list[str]:
        """What each question's verdict says."""
        return [verdict.diagnosis for verdict in self.gradebook.verdicts("ab1234")]

    @property
    def is_left(self) -> bool:
        """Whether the next run would ask again."""
        return Marker(self._root, self._course, self.gradebook, lambda: None).has_left(self._attempts[0])


@pytest.fixture
def class_(example: Path, tmp_path: Path) -> Iterator[Class]:
    """A class of one, with a gradebook."""
    one = Class(example, tmp_path / "grades")
    with one.gradebook:
        yield one


def test_an_answer_is_recorded_once_and_not_asked_again(class_: Class) -> None:
    assert class_.grade(lambda *_: RIGHT)["mark"] == 1 and class_.diagnoses == ["", ""] and not class_.is_left
    assert class_.grade(lambda *_: RIGHT)["mark"] == 0


def test_what_no_worker_answers_is_left_to_the_next_run(class_: Class) -> None:
    assert class_.grade(lambda *_: plugin.JudgeEnded("it ended"))["mark"] == SENDS
    assert class_.diagnoses == ["sandbox", "sandbox"] and class_.is_left
    assert "sent to 4 workers" in class_.gradebook.verdicts("ab1234")[0].message
    class_.grade(lambda *_: RIGHT)
    assert class_.diagnoses == ["", ""]


def test_what_waited_for_a_core_is_asked_again_alone(class_: Class) -> None:
    waited = Verdict.ungraded("A", 7, Fault.NO_CORE, "")
    assert class_.grade(lambda _, alone: RIGHT if alone else waited)["mark"] == 2 and class_.diagnoses == ["", ""]


def test_a_worker_that_has_lost_its_judge_is_given_another(class_: Class) -> None:
    calls = class_.grade(lambda calls, _: RIGHT if calls["install"] > 1 else plugin.NoJudge("it has none"))
    assert calls["install"] == calls["mark"] == 2 and class_.diagnoses == ["", ""]


def test_what_cannot_be_kept_of_one_submission_is_left_to_a_person(
    class_: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(13, "Permission denied")

    monkeypatch.setattr("autograder.classroom.cluster.class_run.Marker.keep", fail)
    class_.grade(lambda *_: RIGHT)
    assert class_.diagnoses == ["not kept", "not kept"]
