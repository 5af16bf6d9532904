"""A class in which every tenth student sits in a time limit, with and without the lending of idle cores.

python -m benchmarks.sleepers [--students 40] [--jobs 2] [--limit-seconds 10]

Assignment 2's code: solutions, right answers written differently and wrong ones in turn; every tenth sleeps in
`gru_forward`. Both runs grade the same class, one after the other, and their verdicts are compared.
"""

import argparse
import csv
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.authoring.answers import Answer, answered_notebook
from autograder.authoring.build import read_sources
from autograder.course.root import project_root
from benchmarks.process import run
from benchmarks.report import Report, table
from benchmarks.submissions import CODE_NOTEBOOKS, Submission, pack, submissions

ASSIGNMENT, EVERY, SEED = "assignment2", 10, 7
SLEEPS = """def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    import time; time.sleep(3600)
"""
# The command, in which no child is started beside the jobs.
WITHOUT = """import sys
from autograder.classroom import grade
grade.most_children = lambda jobs, sandbox: jobs
from autograder.cli.app import app
app()
"""


def class_of(root: Path, count: int) -> Iterator[Submission]:
    """What so many students hand in; the last of every EVERY sleeps."""
    sleeper = answered_notebook(read_sources(root, ["gru"]), Answer(root, {}, SLEEPS))
    for number, submission in enumerate(submissions(root, ASSIGNMENT, count)):
        yield {CODE_NOTEBOOKS[ASSIGNMENT][0]: sleeper} if number % EVERY == EVERY - 1 else submission


def grade(root: Path, folder: Path, name: str, code: str, options: argparse.Namespace) -> dict[str, Any]:
    """What one run took, in seconds, and the points that it gave."""
    out, log = folder / name, folder / f"{name}.log"
    limits = ["--limit-seconds", str(options.limit_seconds), "--jobs", str(options.jobs), "--secret-seed", str(SEED)]
    arguments = ["grade", str(folder / "class"), "--assignment", ASSIGNMENT, "--out", str(out), *limits]
    usage = run([sys.executable, "-c", code, *arguments], root, log=log)
    if usage.status not in (0, 1):
        raise SystemExit(log.read_text(errors="replace")[-2000:])
    with (out / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        points = sorted((row["student_id"], row["total"]) for row in csv.DictReader(file))
    return {"run": name, "wall s": usage.wall, "CPU s": usage.cpu, "others' cores": usage.others, "points": points}


def main() -> None:
    """Grades the class twice, prints the table, writes the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--limit-seconds", type=float, default=10.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report, root = Report("sleepers", vars(options)), project_root()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        pack(folder / "class", class_of(root, options.students))
        kinds = {"without": WITHOUT, "with": "from autograder.cli.app import app; app()"}
        figures = [grade(root, folder, name, code, options) for name, code in kinds.items()]
    columns = ["run", "wall s", "CPU s", "others' cores"]
    print(table(columns, [[one[name] for name in columns] for one in figures]))
    without, with_lending = figures
    print(f"by the clock: {without['wall s'] / with_lending['wall s']:.2f} times as many submissions")
    print(f"the same points: {without['points'] == with_lending['points']}")
    report.write({"runs": figures}, options.json)


if __name__ == "__main__":
    main()
