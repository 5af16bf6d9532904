"""Where the cost of a submission lies: each step on its own, in CPU, wall time and memory.

python -m benchmarks.costs [--students 40] [--assignment assignment2]

One grader with one job, in this process, on a class of `benchmarks.submissions`. CPU time is that of this process and
of all that it started. A fork is told with an empty notebook, reading without the fork before it. Judging means to
make every verdict anew from what was recorded. What marking takes beyond all other steps is the student's code, the
conversation about it, and fresh processes for what failed. Memory is PSS: what is shared counts in parts.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.classroom.marker import Marker
from autograder.classroom.regrade import regrade
from autograder.cli.common import prepare_process
from autograder.course.course import Course, load_course
from autograder.course.manifest import Assignment, load
from autograder.course.root import project_root
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.reconcile import reconcile
from autograder.intake.attempts import Attempt
from autograder.intake.classlist import Survey, readers_of
from autograder.marking.sandboxes import open_sandbox, process_limits
from autograder.models.measure import EMPTY_NOTEBOOK
from autograder.pages.student_page import page_of, write_student_page
from autograder.protocol.session import Session
from autograder.sandbox import Limits, Sandbox
from autograder.sandbox.child import Child
from benchmarks.ours import run_ours
from benchmarks.process import cpu_seconds, descendants, private_mib
from benchmarks.report import Report, table
from benchmarks.submissions import pack, submissions

SEED = 7


@dataclass
class Ledger:
    """What each step took in all: seconds of wall and CPU time. `memory` is in MiB, by process."""

    steps: dict[str, tuple[float, float]] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Notes what the block takes."""
        began, used = time.perf_counter(), _cpu()
        yield
        self.steps[name] = time.perf_counter() - began, _cpu() - used


def _cpu() -> float:
    return sum(map(cpu_seconds, descendants(os.getpid())))


class Grading:
    """One class, step by step; what is opened stays open until `resources` end."""

    def __init__(self, root: Path, assignment: Assignment, folder: Path, resources: ExitStack, ledger: Ledger) -> None:
        self._root = root
        self._assignment = assignment
        self._folder = folder
        self._ledger = ledger
        self._limits = process_limits(assignment.limits)
        self._gradebook = resources.enter_context(Gradebook(folder / "grades", assignment))
        self._course: Course = load_course(root, assignment, SEED)
        self._sandbox: Sandbox = resources.enter_context(open_sandbox(root, assignment, protect=[folder]))
        self._gradebook.start_run(self._sandbox.tier, self._sandbox.layers)
        self._open("first.ipynb", EMPTY_NOTEBOOK)  # it waits for what is prepared meanwhile
        self.forks = 0

    def take_in(self) -> list[Attempt]:
        """Reads all archives, and enters them into the gradebook."""
        where = self._folder / "notebooks"
        where.mkdir()
        with readers_of(self._folder / "class", ()) as readers:
            survey = Survey(self._root, self._assignment, self._folder / "class", folder=where)
            sources = survey.sources(readers)
            with self._ledger.step("intake"):
                class_list = survey.take_in(sources, readers)
            others = [pid for pid in descendants(os.getpid())[1:] if not _maps_torch(pid)]
            self._ledger.memory["a reader of archives"] = max(map(private_mib, others))
            return reconcile(self._gradebook, class_list, gone_agreed=True)

    def fork(self, attempts: Sequence[Attempt]) -> None:
        """Forks a child for each notebook, which reads one without cells and ends."""
        with self._ledger.step("fork"):
            for name, _ in _contents(attempts):
                self._open(name, EMPTY_NOTEBOOK)

    def read(self, attempts: Sequence[Attempt]) -> None:
        """Reads every notebook in a child of its own."""
        with self._ledger.step("fork and reading"):
            for name, content in _contents(attempts):
                self._open(name, content)
        wall, cpu = self._ledger.steps.pop("fork and reading")
        fork_wall, fork_cpu = self._ledger.steps["fork"]
        self._ledger.steps["reading"] = wall - fork_wall, cpu - fork_cpu

    def _open(self, name: str, content: bytes) -> None:
        with Session(self._sandbox.fork, content, name, 60.0, self._limits) as session:
            session.open()

    def look_at_memory(self, attempts: Sequence[Attempt]) -> None:
        """Notes what a child has that has read a notebook."""
        name, content = next(_contents(attempts))
        with Session(self._sandbox.fork, content, name, 60.0, self._limits) as session:
            session.open()
            family = self._warm_family()
            self._ledger.memory["the warm process"] = private_mib(family[0])
            self._ledger.memory["a child that has read"] = private_mib(family[-1])

    def mark(self, attempts: Sequence[Attempt]) -> None:
        """Marks everything, as `grade` does."""
        marker = Marker(self._root, self._course, self._gradebook, lambda: None)
        counting = _CountedForks(self._sandbox)
        with self._ledger.step("marking"):
            for attempt in attempts:
                marker.mark(attempt, counting)  # type: ignore[arg-type]
        self.forks = counting.count
        self._ledger.memory["the grader"] = private_mib(os.getpid())

    def judge(self) -> None:
        """Makes every verdict anew from what was recorded, as after a change of all checks."""
        with self._ledger.step("judging"):
            regrade(self._root, replace(self._course, version="another"), self._gradebook, apply=False)

    def record(self, attempts: Sequence[Attempt]) -> None:
        """Records once more what is recorded."""
        book = self._gradebook
        kept = [
            (one.submission_id, verdict, key, book.recordings(one.submission_id, question), reading)
            for one in attempts
            for question, (key, verdict) in book.recorded_verdicts(one.submission_id).items()
            for reading in [next(iter(book.readings(one.submission_id).values()), None)]
        ]
        with self._ledger.step("recording"):
            for one in kept:
                book.record(*one)

    def write_pages(self, attempts: Sequence[Attempt]) -> None:
        """Writes the page of each."""
        with self._ledger.step("page"):
            for attempt in attempts:
                page_of(self._gradebook, attempt.submission_id).unlink(missing_ok=True)
                write_student_page(self._gradebook, attempt.submission_id)

    def _warm_family(self) -> list[int]:
        """The warm process and its descendants: those that have imported torch, of which every other is a fork."""
        return [pid for pid in descendants(os.getpid())[1:] if _maps_torch(pid)]


class _CountedForks:
    """A sandbox whose forks are counted."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.count = 0

    def fork(self, limits: Limits | None = None) -> Child:
        """One more child."""
        self.count += 1
        return self._sandbox.fork(limits)


def _maps_torch(pid: int) -> bool:
    try:
        return "libtorch_cpu" in Path(f"/proc/{pid}/maps").read_text()
    except OSError:
        return False


def _contents(attempts: Sequence[Attempt]) -> Iterator[tuple[str, bytes]]:
    for attempt in attempts:
        yield from attempt.notebooks.items()


def main() -> None:
    """Measures, prints two tables, writes the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--assignment", default="assignment2")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report, root, ledger = Report("costs", vars(options)), project_root(), Ledger()
    prepare_process()
    with ExitStack() as resources:
        folder = Path(resources.enter_context(tempfile.TemporaryDirectory()))
        pack(folder / "class", submissions(root, options.assignment, options.students))
        pack(folder / "one", submissions(root, options.assignment, 1))
        one = ["grade", folder / "one", "--assignment", options.assignment, "--out", folder / "start", "--jobs", 1]
        start = run_ours(root, *one, log=folder / "log", sample_every=0.5)
        grading = Grading(root, load(root)[options.assignment], folder, resources, ledger)
        attempts = grading.take_in()
        some: Sequence[Callable[[Sequence[Attempt]], None]] = (
            grading.look_at_memory,
            grading.fork,
            grading.read,
            grading.mark,
        )
        for step in some:
            step(attempts)
        grading.judge()
        grading.record(attempts)
        grading.write_pages(attempts)
        forks = grading.forks / options.students
    print(_steps_table(ledger, options.students))
    print(f"\nForks for a submission: {forks:.1f}. A class of one, which is mostly start-up: {start.wall:.1f} s by the")
    print(f"clock, {start.cpu:.1f} s of CPU, {start.tree_mib or 0:,.0f} MiB.\n")
    print(table(["process", "PSS, MiB"], list(ledger.memory.items())))
    figures: dict[str, Any] = {"steps": ledger.steps, "memory": ledger.memory, "forks": forks, "start-up": vars(start)}
    report.write(figures, options.json)


def _steps_table(ledger: Ledger, students: int) -> str:
    names = ("intake", "fork", "reading", "judging", "recording")
    rows: list[list[Any]] = [[name, *(1000 * one / students for one in ledger.steps[name])] for name in names]
    inside = [sum(ledger.steps[name][clock] for name in names[1:]) for clock in (0, 1)]
    rest = [1000 * (ledger.steps["marking"][clock] - inside[clock]) / students for clock in (0, 1)]
    rows.append(["calls, and fresh processes after failures", *rest])
    rows.append(
        ["marking in all: what stands above but intake", *(1000 * one / students for one in ledger.steps["marking"])]
    )
    rows.append(["page", *(1000 * one / students for one in ledger.steps["page"])])
    return table(["step", "wall ms a submission", "CPU ms a submission"], rows)


if __name__ == "__main__":
    main()
