"""What a class costs, from start-up to regrading, in times of `import torch`.

python -m benchmarks.classes [--students 300] [--assignments hw4,assignment2] [--rounds 3] [--jobs 2] [--folder DIR]

For homework 4 (three notebooks) and for assignment 2's code questions (one notebook): a class of one, which is mostly
start-up, the whole class, going on with the finished class, regrading it as it is, and regrading it after every file of
checks has changed, so that each verdict is made anew from what was recorded. Before each of the short ones, and just as
often, `import torch` is measured; of these the least counts, since other work on the machine only adds to them. The
class itself is graded once. With --folder it stays there, and is not graded again.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.course.root import project_root
from benchmarks.ours import run_ours
from benchmarks.process import Usage, least, run
from benchmarks.report import Report, table
from benchmarks.submissions import pack, submissions

SEED = 7
IMPORT_TORCH = [sys.executable, "-c", "import torch"]
_COURSE = ("assignments.toml", "data", "notebooks", "staff", "tests")


class ClassBenchmark:
    """Measures one assignment in a folder, which may hold a graded class from an earlier time."""

    def __init__(self, assignment: str, students: int, jobs: int, folder: Path) -> None:
        self._assignment = assignment
        self._students = students
        self._folder = folder / f"{assignment}-{students}"
        self._root = project_root()
        self._grading = ["--assignment", assignment, "--jobs", jobs, "--secret-seed", SEED]
        pack(self._folder / "class", submissions(self._root, assignment, students))
        pack(self._folder / "one", submissions(self._root, assignment, 1))

    @property
    def grades(self) -> Path:
        """The folder of the graded class."""
        return self._folder / "grades"

    def grade_class(self) -> Usage | None:
        """The whole class; None if it is graded already."""
        if (self._folder / "graded").exists():
            return None
        shutil.rmtree(self.grades, ignore_errors=True)
        usage = self._grade("class", self.grades, sample_every=2.0)
        (self._folder / "graded").touch()
        return usage

    def measure(self, rounds: int) -> tuple[Usage, dict[str, Usage]]:
        """`import torch`, and each of what takes seconds; the class must have been graded."""
        with self._changed_course() as changed:
            steps: dict[str, Callable[[], Usage]] = {
                "start-up: a class of one": lambda: self._grade("one", Path(tempfile.mkdtemp(dir=self._folder))),
                "going on": lambda: self._grade("class", self.grades),
                "regrading": lambda: self._ours(self._root, "regrade", self.grades),
                "regrading with changed checks": lambda: self._ours(changed, "regrade", self.grades),
            }
            imports: list[Usage] = []
            usages: dict[str, list[Usage]] = {name: [] for name in steps}
            for _ in range(rounds):
                for name, step in steps.items():
                    imports.append(run(IMPORT_TORCH, self._folder))
                    usages[name].append(step())
        return least(imports), {name: least(several) for name, several in usages.items()}

    def _grade(self, name: str, out: Path, sample_every: float = 0.0) -> Usage:
        return self._ours(
            self._root, "grade", self._folder / name, "--out", out, *self._grading, sample_every=sample_every
        )

    def _ours(self, root: Path, *arguments: object, sample_every: float = 0.0) -> Usage:
        return run_ours(root, *arguments, log=self._folder / "log", sample_every=sample_every)

    @contextmanager
    def _changed_course(self) -> Iterator[Path]:
        """A copy of the course in which a comment was added to every file of checks."""
        with tempfile.TemporaryDirectory() as folder:
            for name in _COURSE:
                source, target = self._root / name, Path(folder) / name
                if source.is_dir():
                    shutil.copytree(source, target, ignore=shutil.ignore_patterns("downloaded", "__pycache__"))
                else:
                    shutil.copy(source, target)
            for path in (Path(folder) / "tests").glob("test_*.py"):
                path.write_text(f"{path.read_text()}\n# changed\n")
            yield Path(folder)


def main() -> None:
    """Measures, prints a table for each assignment, writes the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--assignments", default="hw4,assignment2")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="keeps the graded classes there")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report, figures = Report("classes", vars(options)), dict[str, Any]()
    with tempfile.TemporaryDirectory() as scratch:
        for assignment in options.assignments.split(","):
            folder = options.folder or Path(scratch)
            benchmark = ClassBenchmark(assignment, options.students, options.jobs, folder)
            whole = benchmark.grade_class()
            torch, usages = benchmark.measure(options.rounds)
            if whole:
                usages = {f"a class of {options.students}": whole, **usages}
            print(f"\n{_table(assignment, torch, usages)}", flush=True)
            every = {"import torch": torch, **usages}
            figures[assignment] = {name: asdict(usage) for name, usage in every.items()}
    report.write(figures, options.json)


def _table(assignment: str, torch: Usage, usages: dict[str, Usage]) -> str:
    columns = [assignment, "wall s", "times import torch", "CPU s", "times import torch, CPU", "grader's peak MiB"]
    rows: Sequence[Sequence[Any]] = [
        [name, one.wall, one.wall / torch.wall, one.cpu, one.cpu / torch.cpu, one.peak_mib]
        for name, one in {"import torch": torch, **usages}.items()
    ]
    return table(columns, rows)


if __name__ == "__main__":
    main()
