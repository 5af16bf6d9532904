"""Who may take part in a cluster's run, who is watched, and when it ends: with a scheduler that is made up."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from autograder.classroom.cluster import plugin, wire, workers
from autograder.classroom.cluster.choice import ClusterError
from autograder.classroom.cluster.workers import Workers

SEAL = wire.Seal()
SetTime = Callable[[float], None]
VERSIONS = {"torch": "2.8.0"}
REPORT = {"tier": 2, "layers": ["landlock"], "versions": VERSIONS}


class Scheduler:
    """Stands for Dask's client: the workers that are there, and when each was last heard of."""

    def __init__(self, *addresses: str) -> None:
        self.status = "running"
        self.error: Exception | None = None
        self.beats = dict.fromkeys(addresses, 1.0)
        self.gpus: dict[str, float] = {}

    scheduler = SimpleNamespace(identity="identity")

    def sync(self, function: str, callback_timeout: float) -> dict[str, Any]:
        assert function == "identity" and callback_timeout
        if self.error:
            raise self.error
        about = {
            one: {"last_seen": beat, "resources": {"GPU": self.gpus.get(one, 0)}} for one, beat in self.beats.items()
        }
        return {"workers": about}


class Tasks:
    """Stands for the tasks of a client: answers each at once, with what is `found` on worker a and what its judge says.

    All other workers are as they should be.
    """

    def __init__(self, found: Any, judge: Any) -> None:
        self._found, self._judge = found, judge

    def send(self, worker: str, function: Any, *_: Any, take: Any, fail: Any) -> None:
        mine, theirs = (self._judge, report()) if function is plugin.install else (self._found, "0.1.0")
        answer = mine if worker == "tcp://a" else theirs
        if isinstance(answer, Exception):
            fail(answer)
        elif answer:
            take(answer)

    def cancel(self, worker: str = "") -> None: ...


class Run:
    """Workers over such a scheduler, with what was told."""

    def __init__(self, scheduler: Scheduler, found: Any = "0.1.0", judge: Any = None, label: str = "") -> None:
        self.told: list[str] = []
        tasks: Any = Tasks(found, report() if judge is None else judge)
        client: Any = scheduler
        start = "run", SEAL, plugin.Start({}, b"", ())
        self.workers = Workers(client, tasks, start, VERSIONS, lambda *_: 7, self.told.append, label)

    @property
    def ready(self) -> list[str]:
        """The addresses of those that can mark."""
        return [one.address for one in self.workers.ready]


def report(**change: Any) -> bytes:
    """What a judge says of itself, sealed."""
    return SEAL.close(wire.to_bytes(REPORT | change))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetTime:
    """Sets the time."""
    time = [0.0]
    monkeypatch.setattr("autograder.classroom.cluster.workers.time.monotonic", lambda: time[0])

    def set_time(now: float) -> None:
        time[0] = now

    return set_time


def test_a_silent_worker_is_told_of_and_takes_part_again_when_it_is_back(
    clock: SetTime,
) -> None:
    scheduler = Scheduler("tcp://a", "tcp://b")
    run = Run(scheduler)
    assert run.workers.look() == [] and len(run.workers.ready) == 2 and run.workers.ready[0].run == 7
    scheduler.beats["tcp://a"] = 2.0
    clock(workers.SILENT_SECONDS + 1)
    assert run.workers.look() == [] and [one.address for one in run.workers.ready] == ["tcp://a"]
    assert run.workers.silent == ["tcp://b"]
    run.workers.look()
    scheduler.beats["tcp://b"] = 2.0
    run.workers.look()
    assert run.told == [
        "Worker tcp://b was not heard of for 30 s. What it has goes to others.",
        "Worker tcp://b is back.",
    ]
    assert len(run.workers.ready) == 2


def test_a_worker_that_goes_is_told_of_and_one_that_comes_is_given_a_judge() -> None:
    scheduler = Scheduler("tcp://a")
    run = Run(scheduler)
    run.workers.look()
    scheduler.beats = {"tcp://b": 1.0}
    assert run.workers.look() == ["tcp://a"] and [one.address for one in run.workers.ready] == ["tcp://b"]
    assert run.told == ["Worker tcp://a is gone. What it had goes to others."]


def test_workers_with_the_label_alone_are_asked_and_the_others_once_there_are_none() -> None:
    scheduler = Scheduler("tcp://a", "tcp://b")
    run = Run(scheduler, label="GPU")
    run.workers.look()
    assert run.ready == ["tcp://a", "tcp://b"] and run.workers.resources_of(run.workers.ready[0]) == {}
    scheduler.beats["tcp://c"] = 1.0
    scheduler.gpus["tcp://c"] = 2.0
    run.workers.look()
    assert run.ready == ["tcp://c"] and run.workers.resources_of(run.workers.ready[0]) == {"GPU": 1}
    del scheduler.beats["tcp://c"]
    assert run.workers.look() == ["tcp://c"] and run.ready == ["tcp://a", "tcp://b"]


def test_a_labelled_worker_that_is_silent_leaves_it_to_the_others_until_it_is_back(clock: SetTime) -> None:
    scheduler = Scheduler("tcp://a", "tcp://b")
    scheduler.gpus["tcp://a"] = 1.0
    run = Run(scheduler, label="GPU")
    run.workers.look()
    assert run.ready == ["tcp://a"]
    scheduler.beats["tcp://b"] = 2.0
    clock(workers.SILENT_SECONDS + 1)
    run.workers.look()
    assert run.ready == ["tcp://b"]
    scheduler.beats["tcp://a"] = 2.0
    run.workers.look()
    assert run.ready == ["tcp://a"]


def test_a_labelled_worker_that_may_not_mark_leaves_it_to_the_others() -> None:
    scheduler = Scheduler("tcp://a", "tcp://b")
    scheduler.gpus["tcp://a"] = 1.0
    run = Run(scheduler, judge=report(tier=3), label="GPU")
    run.workers.look()
    assert run.ready == []  # b is asked at the next look, since a was waited for
    run.workers.look()
    assert run.ready == ["tcp://b"] and "Worker tcp://a is left out" in run.told[0]
    unlabelled = Run(scheduler)
    unlabelled.workers.look()
    assert unlabelled.ready == ["tcp://a", "tcp://b"]


def test_a_new_worker_at_an_old_address_is_given_a_judge_once_that_is_noticed() -> None:
    run = Run(Scheduler("tcp://a"))
    run.workers.look()
    run.workers.forget("tcp://a")
    assert run.workers.ready == [] and run.workers.look() == [] and len(run.workers.ready) == 1


@pytest.mark.parametrize(
    ("found", "judge", "says"),
    [
        (ModuleNotFoundError("autograder"), None, "it has no package autograder (autograder)"),
        ("1", report(versions={"torch": "2.7.0"}), "its torch is 2.7.0, expected 2.8.0 as here"),
        ("1", report(tier=3, layers=["rlimits"]), "its tier is 3 (rlimits holds there), expected 1 or 2"),
        ("1", report(problem="No module named 'torch'"), "No module named 'torch'"),
        ("1", plugin.JudgeEnded("its judge ended (exit code -9)"), "its judge ended (exit code -9)"),
    ],
)
def test_workers_that_may_not_mark_are_left_out_by_name_and_if_all_are_that_ends_it(
    found: Any, judge: Any, says: str
) -> None:
    run = Run(Scheduler("tcp://a", "tcp://b"), found, judge)
    run.workers.look()
    assert [one.address for one in run.workers.ready] == ["tcp://b"]
    assert run.told == [f"Worker tcp://a is left out: {says}"]
    with pytest.raises(ClusterError, match="no worker of the cluster may mark\nworker tcp://a: "):
        Run(Scheduler("tcp://a"), found, judge).workers.look()


@pytest.mark.parametrize("error", [OSError("closed"), TimeoutError("30 s")])
def test_a_scheduler_that_does_not_answer_ends_it(error: Exception) -> None:
    scheduler = Scheduler("tcp://a")
    run = Run(scheduler)
    scheduler.error = error
    with pytest.raises(ClusterError, match=f"the scheduler does not answer: {error}"):
        run.workers.look()


def test_a_scheduler_that_is_gone_ends_it() -> None:
    scheduler = Scheduler("tcp://a")
    run = Run(scheduler)
    run.workers.look()
    scheduler.status = "connecting"
    with pytest.raises(ClusterError, match="the scheduler is gone"):
        run.workers.look()


def test_all_workers_that_have_gone_are_waited_for_a_while_and_the_first_for_ever(
    clock: SetTime,
) -> None:
    scheduler = Scheduler()
    run = Run(scheduler)
    clock(100_000)
    assert run.workers.look() == []  # a queue may be long
    scheduler.beats = {"tcp://a": 1.0}
    run.workers.look()
    scheduler.beats = {}
    clock(100_000 + workers.PATIENCE_SECONDS)
    run.workers.look()
    clock(100_001 + workers.PATIENCE_SECONDS)
    with pytest.raises(ClusterError, match="no worker of the cluster has answered for 120 s"):
        run.workers.look()


def test_a_judge_that_never_starts_is_not_waited_for_for_ever(clock: SetTime) -> None:
    run = Run(Scheduler("tcp://a"), judge=b"")
    run.workers.look()
    clock(workers.START_SECONDS - 1)
    run.workers.look()
    clock(workers.START_SECONDS + workers.PATIENCE_SECONDS)
    with pytest.raises(ClusterError, match="no worker of the cluster has answered"):
        run.workers.look()
