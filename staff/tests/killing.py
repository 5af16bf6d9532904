"""Kills graders at random moments and lets others go on; the end must be what an undisturbed grader reaches.

    python staff/tests/killing.py CLASS ASSIGNMENT --kills 50 [--seed 1] [--longest 20] [grade's options ...]

Each kill, by SIGKILL, hits the grader, its warm process, the one that student code is in, or all of them at once. After
each it is checked that what was committed before is there still, and did not run again. Prints what happened and how
long Ctrl-C takes.
"""

import argparse
import csv
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("grader", "warm process", "worker", "group")
Row = tuple[object, ...]


@dataclass(frozen=True)
class Grading:
    """A class that is graded into a folder, again and again."""

    submissions: Path
    assignment: str
    out: Path
    options: Sequence[str] = ()
    before: Sequence[str] = ()  # a command that runs the grader
    environment: Mapping[str, str] = field(default_factory=dict)

    def start(self) -> "subprocess.Popen[str]":
        """A grader in a session of its own."""
        command = [*self.before, sys.executable, "-m", "autograder", "grade", str(self.submissions)]
        command += ["--assignment", self.assignment, "--out", str(self.out), *self.options]
        environment, output = {**os.environ, **self.environment}, subprocess.PIPE
        return subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=output, text=True, start_new_session=True, env=environment
        )

    def finish(self) -> str:
        """Grades to the end; what was printed. Raises AssertionError if that fails."""
        grader = self.start()
        printed, problems = grader.communicate()
        assert grader.returncode in (0, 1), problems
        return printed

    def committed(self) -> dict[tuple[str, str], Row]:
        """The final verdicts that are in the gradebook: the run that each belongs to, its key, and all of it."""
        path = self.out / "gradebook.sqlite"
        if not path.exists():
            return {}
        connection = sqlite3.connect(path)
        try:
            columns = "submission_id, question, run, key, points, state, message"
            query = f"SELECT {columns} FROM verdicts WHERE diagnosis != 'sandbox'"
            return {(row[0], row[1]): row[2:] for row in connection.execute(query)}
        except sqlite3.OperationalError as error:
            assert "no such table" in str(error)  # killed before the tables were made
            return {}
        finally:
            connection.close()

    def report(self) -> list[list[str]]:
        """The rows of verdicts.csv."""
        with (self.out / "verdicts.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.reader(file))


def descendants(pid: int) -> list[int]:
    """All processes that were started by this one, or by those."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents.setdefault(int(fields[1]), []).append(int(folder.name))
    found, waiting = [], [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def kill(grader: "subprocess.Popen[str]", kind: str) -> None:
    """Kills a grader, its first warm process, the process that student code is in, or all of them."""
    others = descendants(grader.pid)
    one = {"grader": [grader.pid], "warm process": others[:1], "worker": others[-1:]}
    for pid in one.get(kind, [grader.pid, *others]):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def disturb(grading: Grading, kills: int, draw: random.Random, longest: float) -> Iterator[str]:
    """Starts graders and kills them, so many times or until all is graded; a line for each kill.

    A kill comes up to `longest` seconds after the start or, more often, after the first verdict that a grader adds.
    Raises AssertionError if anything committed is lost or redone.
    """
    before: dict[tuple[str, str], Row] = {}
    while kills:
        kind, wait, at_work = draw.choice(KINDS), draw.uniform(0, longest), draw.random() < 0.7
        grader = grading.start()
        while at_work and len(grading.committed()) == len(before) and grader.poll() is None:
            time.sleep(0.05)
        try:
            grader.wait(wait)
        except subprocess.TimeoutExpired:
            kill(grader, kind)
            kills -= 1
        else:
            kind = "nothing"  # it was too fast
        _, problems = grader.communicate()  # one that lost another process than itself goes on to the end
        assert "Traceback" not in problems, problems
        after = grading.committed()
        assert before.items() <= after.items(), "a verdict that was committed has changed, or was made again"
        since = "the first verdict" if at_work else "the start"
        yield f"{kind} killed {wait:.1f} s after {since}: exit {grader.returncode}, {len(after)} verdicts"
        if grader.returncode in (0, 1):
            return
        before = after


def interrupt(grading: Grading, verdicts: int) -> tuple[float, int, str]:
    """Sends SIGINT once so many verdicts are there; the seconds that the grader then took, its exit code, its words."""
    grader = grading.start()
    while len(grading.committed()) < verdicts and grader.poll() is None:
        time.sleep(0.05)
    grader.send_signal(signal.SIGINT)
    started = time.monotonic()
    _, said = grader.communicate()
    return time.monotonic() - started, grader.returncode, said


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("submissions", type=Path)
    parser.add_argument("assignment")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--longest",
        type=float,
        default=20.0,
        help="seconds that a kill comes at the latest after the start, or the first verdict",
    )
    given, options = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:

        def grading(name: str) -> Grading:
            return Grading(given.submissions.resolve(), given.assignment, Path(folder, name), options)

        calm, draw, kills, rounds = grading("calm"), random.Random(given.seed), 0, 0
        calm.finish()
        print(f"seed {given.seed}; undisturbed: {len(calm.report()) - 1} verdicts")
        while kills < given.kills:
            disturbed = grading(f"round {rounds}")
            for line in disturb(disturbed, given.kills - kills, draw, given.longest):
                kills += not line.startswith("nothing")
                print(f"{kills:2}. {line}", flush=True)
            disturbed.finish()
            rounds += 1
            different = [pair for pair in zip(calm.report(), disturbed.report(), strict=True) if pair[0] != pair[1]]
            print(f"all graded: {len(different)} verdicts differ from the undisturbed run's", *different, sep="\n")
        for verdicts in (1, 20, 60, 120):
            stopped = grading(f"stopped {verdicts}")
            seconds, code, _ = interrupt(stopped, verdicts)
            print(f"Ctrl-C after {verdicts} verdicts: {seconds:.2f} s, exit {code}, {len(stopped.committed())} kept")


if __name__ == "__main__":
    main()
