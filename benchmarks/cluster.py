"""What a submission costs on the workers of a Dask cluster, against `--jobs`.

python -m benchmarks.cluster [--students 60] [--assignment assignment2] [--rounds 1] [--folder DIR]

A class of one and a class of N, each graded with one job and with two, by one Dask worker on this machine and by two,
each of these on a core of its own. What a submission costs is the difference, divided by N - 1, so that no start-up
counts: CPU seconds of all processes together, and of the grader's own process, which is the scheduler's as well. Where
--folder is named, the graded classes stay there, for `benchmarks.scale`.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.course.root import project_root
from benchmarks.process import Usage, run
from benchmarks.report import Report, table
from benchmarks.submissions import pack, submissions

SEED = 7
KINDS = {
    "1 job": ["--jobs", "1"],
    "2 jobs": ["--jobs", "2"],
    "1 worker": ["--local-cluster", "1"],
    "2 workers": ["--local-cluster", "2"],
}


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, of all processes, and of the grader's own."""

    wall: float
    cpu: float
    own: float


class _OwnTime:
    """The CPU time of a grader's own process, as it was seen last."""

    seconds = 0.0

    def sample(self, _: Usage) -> None:
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, ValueError, IndexError):
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == os.getpid() and b"autograder\0grade" in (folder / "cmdline").read_bytes():
                    self.seconds = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def grade(class_: Path, out: Path, assignment: str, kind: str) -> Cost:
    """What grading a class takes; raises SystemExit if that fails."""
    root, own, log = project_root(), _OwnTime(), out.with_suffix(".log")
    command = [sys.executable, "-m", "autograder", "grade", str(class_), "--assignment", assignment, "--out", str(out)]
    environment = {**os.environ, "DASK_DISTRIBUTED__WORKER__PRELOAD": "benchmarks.pinned", "PYTHONPATH": str(root)}
    command += ["--secret-seed", str(SEED), *KINDS[kind]]
    usage = run(command, root, environment=environment, log=log, sample_every=0.3, on_sample=own.sample)
    if usage.status not in (0, 1):
        raise SystemExit(log.read_text(errors="replace")[-2000:])
    return Cost(usage.wall, usage.cpu, own.seconds)


def each(one: Sequence[Cost], whole: Sequence[Cost], more: int) -> Cost:
    """What each submission more than one costs, by the least of several runs."""
    rows = [[min(clock) for clock in zip(*map(vars_of, costs), strict=True)] for costs in (one, whole)]
    return Cost(*((last - first) / more for first, last in zip(*rows, strict=True)))


def vars_of(cost: Cost) -> tuple[float, ...]:
    """The three clocks of a cost."""
    return tuple(asdict(cost).values())


def main() -> None:
    """Measures, prints a table, writes the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--assignment", default="assignment2")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report = Report("cluster", vars(options))
    costs: dict[tuple[str, int], list[Cost]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        for size in (1, options.students):
            pack(folder / str(size), submissions(project_root(), options.assignment, size))
        for number in range(options.rounds):
            for kind in KINDS:
                for size in (1, options.students):
                    out = folder / f"{size} by {kind}, {number}"
                    cost = grade(folder / str(size), out, options.assignment, kind)
                    costs.setdefault((kind, size), []).append(cost)
                    print(f"{size} by {kind}: {cost.wall:.1f} s, CPU {cost.cpu:.1f} s", flush=True)
    figures = {kind: each(costs[kind, 1], costs[kind, options.students], options.students - 1) for kind in KINDS}
    print(f"\n{_table(figures)}", flush=True)
    report.write({kind: asdict(cost) for kind, cost in figures.items()}, options.json)


def _table(figures: dict[str, Cost]) -> str:
    columns = ["graded by", "wall s each", "CPU s each", "of the grader's own", "times 1 worker's CPU", "times 2 jobs'"]
    rows = [
        [kind, *vars_of(cost), cost.cpu / figures["1 worker"].cpu, cost.cpu / figures["2 jobs"].cpu]
        for kind, cost in figures.items()
    ]
    return table(columns, rows)


if __name__ == "__main__":
    main()
