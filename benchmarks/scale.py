"""What a class of 100,000 takes on a cluster: a simulation fed with what was measured, checked against real runs.

python -m benchmarks.scale --grades DIR --own 0.05 [--submissions 100000] [--workers 16,64,256,1024]

The seconds that a submission takes a worker are those recorded in the gradebook of a class that a cluster has graded,
in turn; so are the bytes that come back. `benchmarks.cluster` measures --own, the CPU seconds of the grader's
own process for each submission: it serves one message after the other. Workers are lent submissions by the very
`Leases` that grade a class; they die, and fall silent, as often as said, at moments by --seed.
"""

import argparse
import random
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import simpy

from autograder.classroom.cluster.leases import Lease, Leases
from autograder.classroom.cluster.workers import SILENT_SECONDS
from benchmarks.report import Report, table

Process = Generator[simpy.Event, Any, None]
_GIGABIT = 125e6  # bytes a second


@dataclass(frozen=True)
class Measured:
    """What was measured of a class: for each submission the seconds at a worker, and the bytes of its result.

    `own` are the seconds that the grader's process takes for each, `start` those that a judge takes to be there.
    """

    seconds: Sequence[float]
    sizes: Sequence[int]
    own: float
    start: float = 30.0


@dataclass(frozen=True)
class Trouble:
    """How often a worker dies and is started again, and how often it falls silent for good: once in so many hours."""

    dies_hours: float = 0.0
    silent_hours: float = 0.0


@dataclass
class Outcome:
    """What a simulated class took: hours by the clock, core hours, and how busy grader and network were (0 to 1)."""

    workers: int
    hours: float = 0.0
    core_hours: float = 0.0
    grader: float = 0.0
    network: float = 0.0
    sends: int = 0
    given_up: int = 0


def read_measured(grades: Path, own: float) -> Measured:
    """The seconds and bytes of a graded class, read from its gradebook."""
    query = """
        SELECT seconds, (SELECT coalesce(sum(length(recording)), 0) FROM recordings AS r
                         WHERE r.submission_id = a.submission_id)
                      + (SELECT coalesce(sum(length(recording)), 0) FROM readings AS r
                         WHERE r.submission_id = a.submission_id)
        FROM attempts AS a WHERE seconds > 0
    """
    with closing(sqlite3.connect(f"file:{grades}/gradebook.sqlite?mode=ro", uri=True)) as gradebook:
        rows = gradebook.execute(query).fetchall()
    if not rows:
        raise SystemExit(f"{grades} holds no graded submission")
    return Measured([seconds for seconds, _ in rows], [size for _, size in rows], own)


@dataclass
class Simulation:
    """A class of `count` on `workers` workers of a cluster."""

    count: int
    workers: int
    measured: Measured
    trouble: Trouble = field(default_factory=Trouble)
    seed: int = 1

    def run(self) -> Outcome:
        """Simulates it to its end."""
        self._chance, self._clock = random.Random(self.seed), simpy.Environment()
        self._leases = Leases([str(number) for number in range(self.count)], longest=float("inf"))
        self._inboxes: dict[str, simpy.Store] = {}
        self._messages: simpy.Store = simpy.Store(self._clock)
        self._network = simpy.Resource(self._clock)
        self._outcome = Outcome(self.workers)
        for _ in range(self.workers):
            self._start_worker()
        self._clock.run(self._clock.process(self._grader()))
        outcome, hours = self._outcome, self._clock.now / 3600
        outcome.hours, outcome.core_hours = hours, hours * self.workers
        outcome.grader, outcome.network = outcome.grader / self._clock.now, outcome.network / self._clock.now
        return outcome

    def _start_worker(self) -> None:
        name = str(len(self._inboxes))
        self._inboxes[name] = simpy.Store(self._clock)
        process = self._clock.process(self._worker(name))
        for is_death, hours in ((True, self.trouble.dies_hours), (False, self.trouble.silent_hours)):
            if hours:
                self._clock.process(self._fail(name, process, self._chance.expovariate(1 / (3600 * hours)), is_death))

    def _grader(self) -> Process:
        """Takes one message after the other, and lends what may be lent."""
        ready: dict[str, None] = {}
        while not self._leases.is_done:
            kind, worker, lease = yield self._messages.get()
            if kind == "ready":
                ready[worker] = None
            elif kind == "lost":
                ready.pop(worker, None)
                self._leases.lose(worker)
            elif self._leases.finish(lease):
                self._outcome.grader += self.measured.own
                yield self._clock.timeout(self.measured.own)
            for one in [worker] if kind != "lost" else list(ready):
                while one in ready and (lent := self._leases.lend(one, self._clock.now)):
                    self._outcome.sends += 1
                    self._inboxes[one].put(lent)
            self._outcome.given_up += len(self._leases.give_up())

    def _worker(self, name: str) -> Process:
        try:
            yield self._clock.timeout(self.measured.start)
            yield self._messages.put(("ready", name, None))
            while True:
                lease: Lease = yield self._inboxes[name].get()
                place = int(lease.job) % len(self.measured.seconds)
                yield self._clock.timeout(self.measured.seconds[place])
                with self._network.request() as turn:
                    yield turn
                    seconds = self.measured.sizes[place] / _GIGABIT
                    self._outcome.network += seconds
                    yield self._clock.timeout(seconds)
                yield self._messages.put(("result", name, lease))
        except simpy.Interrupt:
            return

    def _fail(self, name: str, process: simpy.Process, after: float, is_death: bool) -> Process:
        """Ends a worker after some time; another one comes in its place."""
        yield self._clock.timeout(after)
        if process.is_alive:
            process.interrupt()
            yield self._clock.timeout(0.5 if is_death else SILENT_SECONDS)
            yield self._messages.put(("lost", name, None))
            self._start_worker()


def main() -> None:
    """Simulates, prints a table, writes the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grades", type=Path, required=True)
    parser.add_argument("--own", type=float, required=True)
    parser.add_argument("--submissions", type=int, default=100_000)
    parser.add_argument("--workers", default="16,64,256,1024")
    parser.add_argument("--dies-hours", type=float, default=0.0, help="a worker dies once in so many hours")
    parser.add_argument("--silent-hours", type=float, default=0.0, help="a worker falls silent once in so many hours")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report, trouble = Report("scale", vars(options)), Trouble(options.dies_hours, options.silent_hours)
    measured = read_measured(options.grades, options.own)
    outcomes = [
        Simulation(options.submissions, number, measured, trouble, options.seed).run()
        for number in map(int, options.workers.split(","))
    ]
    columns = ["workers", "hours", "core hours", "grader busy", "network busy", "sent", "given up"]
    print(table(columns, [list(asdict(outcome).values()) for outcome in outcomes]), flush=True)
    report.write({"class": _class_line(measured), "runs": [asdict(outcome) for outcome in outcomes]}, options.json)


def _class_line(measured: Measured) -> dict[str, float]:
    """The means of what was measured."""
    count = len(measured.seconds)
    return {"submissions": count, "seconds": sum(measured.seconds) / count, "bytes": sum(measured.sizes) / count}


if __name__ == "__main__":
    main()
