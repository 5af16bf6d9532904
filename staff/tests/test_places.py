"""A submission that only waits leaves its place to the next one, and no more of them work at once than there are."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from autograder.classroom.phases import ClassRun
from autograder.classroom.places import Places
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.marking.sandboxes import most_children, open_sandbox, with_twins
from autograder.protocol.inquiry import begin
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Student
from autograder.sandbox import Limits, Sandbox
from autograder.sandbox.connection import process_seconds
from conftest import NAME, notebook_of

PATIENCE = 60.0  # seconds for what has to come, on a busy machine


def in_thread(work: Callable[[], object]) -> threading.Thread:
    """A thread that has begun."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_place_that_is_lent_goes_to_the_next_and_comes_back_without_waiting() -> None:
    places, begun, may_end = Places(1), [threading.Event() for _ in range(3)], threading.Event()

    def work(number: int) -> None:
        with places.taken():
            begun[number].set()
            assert may_end.wait(PATIENCE)

    with places.taken():
        second = in_thread(lambda: work(1))
        assert not begun[1].wait(0.1)
        places.lend()
        assert begun[1].wait(PATIENCE)
        places.take_back()  # beside the second, until one of them ends
        third = in_thread(lambda: work(2))
    assert not begun[2].wait(0.1)
    may_end.set()
    assert begun[2].wait(PATIENCE)
    for thread in (second, third):
        thread.join(PATIENCE)


def test_nobody_waits_for_a_place_after_the_end() -> None:
    places, done = Places(1), threading.Event()

    def work() -> None:
        with places.taken():
            done.set()

    with places.taken():
        waiting = in_thread(work)
        places.close()
        assert done.wait(PATIENCE)
    waiting.join(PATIENCE)


class Noted:
    """A place that notes what happens to it."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def lend(self) -> None:
        self.events.append("lent")

    def take_back(self) -> None:
        self.events.append("taken back")


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[list[Sandbox]]:
    """Two of one warm process."""
    root = project_root()
    with with_twins(open_sandbox(root, load(root)["hw4"], unsafe=True), 2) as opened:
        yield opened


CODE = """
import threading, time
def sleeps(seconds):
    time.sleep(seconds)
    return 1
def works(seconds):
    while time.thread_time() < seconds:
        pass
    return 2
def waits_for_a_thread(seconds):
    thread = threading.Thread(target=works, args=(seconds,))
    thread.start()
    thread.join()
    return 2
def both(seconds):
    return sleeps(seconds) + works(seconds)
"""


def test_seconds_of_a_process_are_those_of_all_its_threads() -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    stat = f"7 (a) b (c) S 1 7 7 0 -1 4194304 100 0 0 0 {2 * ticks} {ticks} 9 9 20 0 3 0 100 0 0"
    assert process_seconds(stat.encode()) == pytest.approx(3.0)
    with pytest.raises(IndexError):
        process_seconds(b"")


@pytest.mark.parametrize(
    ("jobs", "memory_mib", "tier", "children"),
    [(2, 1, 1, 4), (2, 1, 2, 4), (2, 1 << 30, 2, 2), (2, 1, 4, 2), (1, 1, 2, 2)],
)
def test_children_are_bounded_by_memory_and_by_isolation(jobs: int, memory_mib: int, tier: int, children: int) -> None:
    sandbox: Any = SimpleNamespace(limits=Limits(memory_mib=memory_mib), tier=tier)
    assert most_children(jobs, sandbox) == children


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "events"),
    [("sleeps", ["lent", "taken back"]), ("works", []), ("waits_for_a_thread", []), ("both", ["lent", "taken back"])],
)
def test_a_child_that_does_nothing_lends_its_place(sandboxes: list[Sandbox], function: str, events: list[str]) -> None:
    place = Noted()
    sandboxes[0].place = place
    with Session(sandboxes[0].fork, notebook_of(CODE), NAME, PATIENCE) as session:
        getattr(Student(begin(session, Rules(), 0)), function)(2.0)
    sandboxes[0].place = None
    assert place.events == events


@pytest.mark.slow
def test_others_are_marked_while_one_sleeps_and_no_two_work_at_once(sandboxes: list[Sandbox]) -> None:
    """One job: the first sleeps until all others are done, which work one after the other."""
    told, work, at_work, most = [], threading.Lock(), [0], [0]
    others_done = threading.Event()

    def mark(attempt: Any, sandbox: Sandbox, **_: object) -> None:
        told.append(f"begin {attempt.submission_id}")
        if attempt.submission_id == "sleeper":
            with (
                Session(sandbox.fork, notebook_of(CODE), NAME, 8.0) as session,
                pytest.raises(Exception, match="finish"),
            ):
                Student(begin(session, Rules(), 0)).sleeps(3600.0)
            assert others_done.wait(PATIENCE)
        else:
            with work:
                at_work[0] += 1
                most[0] = max(most[0], at_work[0])
            time.sleep(0.05)
            with work:
                at_work[0] -= 1
        told.append(f"end {attempt.submission_id}")
        if attempt.submission_id == "c":
            others_done.set()

    gradebook = cast(Any, SimpleNamespace(diagnosed=lambda _: set(), verdicts=lambda _: [], add_seconds=print))
    progress = cast(Any, SimpleNamespace(begin=lambda _: None, end=lambda *_: None))
    run = ClassRun(project_root(), cast(Any, SimpleNamespace()), gradebook, sandboxes, 1)
    run._mark = mark  # type: ignore[method-assign, assignment]
    run.grade([cast(Any, SimpleNamespace(submission_id=name)) for name in ("sleeper", "a", "b", "c")], progress)
    assert told == ["begin sleeper", *(f"{what} {name}" for name in "abc" for what in ("begin", "end")), "end sleeper"]
    assert most == [1]
