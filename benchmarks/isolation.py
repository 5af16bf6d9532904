"""What isolation costs: a class of GRU notebooks, graded in sandboxes, in one warm process, and by a pytest each.

    python benchmarks/isolation.py [--submissions 100] [--pytest 5]

Prints, for one run: CPU milliseconds per submission isolated and not, their ratio; wall milliseconds per submission
of `autograder grade` and of `python -m pytest` started for each; and the grader's peak memory for a small and a large
class. Then CPU and wall milliseconds per submission of homework 4, whose three notebooks hold eleven code questions.
CPU figures are marginal: a run over one submission is subtracted, so that imports do not count on either side.
"""

import argparse
import contextlib
import io
import json
import os
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from autograder.authoring import build
from autograder.authoring.answers import Answer, answered_notebook, read_answer
from autograder.checks.case import Case
from autograder.cli.common import prepare_process
from autograder.course.course import Course, load_course
from autograder.course.manifest import load, project_root

NOTEBOOK = "Assignment2-1_RNN.ipynb"
SEED = 7
Submission = dict[str, bytes]  # the name of each notebook in it, and its content


def notebooks(root: Path, topic: str, count: int) -> list[bytes]:
    """The solution, variants, and mutants that break no rule, in turn: a class in which not everybody is right."""
    sources = build.read_sources(root, [topic])
    paths = [path for kind in ("variants", "mutants") for path in sorted(root.glob(f"staff/{kind}/{topic}/*.py"))]
    answers = [answer for answer in map(read_answer, paths) if not breaks_a_rule(answer)]
    solution = build.to_bytes(build.solution_notebook(sources))
    kinds = [solution, *(answered_notebook(sources, answer) for answer in answers)]
    return [kinds[number % len(kinds)] for number in range(count)]


def breaks_a_rule(answer: Answer) -> bool:
    """Whether a mutant is there for a forbidden call."""
    return any(expected.diagnosis == "forbidden call" for expected in answer.questions.values())


def homework_4(root: Path, count: int) -> list[Submission]:
    """Submissions of all three notebooks."""
    topics = load(root)["hw4"].notebooks
    columns = [notebooks(root, topic, count) for (topic,) in topics.values()]
    return [dict(zip(topics, contents, strict=True)) for contents in zip(*columns, strict=True)]


def pack(folder: Path, submissions: list[Submission]) -> None:
    """Writes one archive for each submission."""
    folder.mkdir()
    for number, contents in enumerate(submissions):
        with tarfile.open(folder / f"2024-{20000 + number}.tar.gz", "w:gz", compresslevel=1) as archive:
            for name, content in contents.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))


def cpu_seconds() -> float:
    """User and system time of this process and of every process that it has waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def isolated(folder: Path, assignment: str, jobs: int) -> dict[str, float]:
    """`autograder grade` over a folder, as its own process: CPU and wall seconds, peak MiB of the grader."""
    with tempfile.TemporaryDirectory() as out:
        command = [
            sys.executable, "-c",
            "import resource, sys, typer\n"
            "from autograder.cli.app import app\n"
            "try: app(standalone_mode=False)\n"
            "finally: print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)\n",
            "grade", str(folder), "--assignment", assignment, "--out", f"{out}/grades", "--jobs", str(jobs),
            "--secret-seed", str(SEED),
        ]  # fmt: skip
        started, used = time.perf_counter(), cpu_seconds()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        figures = {"wall": time.perf_counter() - started, "cpu": cpu_seconds() - used}
        if done.returncode not in (0, 1):
            raise SystemExit(done.stderr)
        peak = next(line for line in done.stderr.splitlines() if line.startswith("peak"))
        return figures | {"peak": int(peak.split()[1]) / 1024}


class DirectStudent:
    """The notebook's namespace in this process, with no boundary of any kind."""

    def __init__(self, content: bytes) -> None:
        from autograder.notebook.notebook import read
        from autograder.worker.namespace import LazyNamespace

        self._namespace = LazyNamespace(read(content), {}, NOTEBOOK)

    def __getattr__(self, name: str) -> object:
        return self._namespace[name]


def direct(course: Course, contents: list[bytes]) -> float:
    """CPU seconds of the same reading, calls and comparisons in one warm process."""
    checks = [check for check in course.questions[NOTEBOOK] if check.cases]

    def grade(content: bytes) -> None:
        student = DirectStudent(content)
        for check in checks:
            for case in course.cases[check.cases]:
                attempt(check.function, student, case)

    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        grade(contents[0])
        used = cpu_seconds()
        for content in contents:
            grade(content)
        return cpu_seconds() - used


def attempt(check: object, student: DirectStudent, case: Case) -> None:
    """One check on one case; a wrong answer costs time like a right one."""
    try:
        check(student, case)  # type: ignore[operator]
    except Exception:
        return


def by_pytest(root: Path, contents: list[bytes]) -> float:
    """Wall seconds per submission of a pytest started for each."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NOTEBOOK
        started = time.perf_counter()
        for content in contents:
            path.write_bytes(content)
            command = [sys.executable, "-m", "pytest", "-q", "tests/test_gru.py", "--notebook", str(path)]
            subprocess.run(command, cwd=root, capture_output=True, check=False)
        return (time.perf_counter() - started) / len(contents)


def graded(submissions: list[Submission], assignment: str, jobs: int) -> dict[str, float]:
    """Marginal CPU and wall milliseconds per submission, peak MiB of the grader for one submission and for all."""
    with tempfile.TemporaryDirectory() as folder:
        pack(Path(folder) / "one", submissions[:1])
        pack(Path(folder) / "class", submissions)
        isolated(Path(folder) / "one", assignment, 1)  # reads torch from the disk, which shall not count
        one, many = (isolated(Path(folder) / name, assignment, 1) for name in ("one", "class"))
        parallel = isolated(Path(folder) / "class", assignment, jobs)
    return {
        "cpu ms": (many["cpu"] - one["cpu"]) * 1000 / (len(submissions) - 1),
        "wall ms": parallel["wall"] * 1000 / len(submissions),
        "peak of one": one["peak"],
        "peak of all": many["peak"],
    }


def main() -> None:
    """Measures and prints, as text and as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--pytest", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    prepare_process()
    root, count = project_root(), options.submissions
    contents = notebooks(root, "gru", count + 1)
    gru = graded([{NOTEBOOK: content} for content in contents], "assignment2", options.jobs)
    homework = graded(homework_4(root, count + 1), "hw4", options.jobs)
    course = load_course(root, load(root)["assignment2"], SEED)
    figures = {
        "submissions": count,
        "isolated CPU ms": gru["cpu ms"],
        "in one process CPU ms": direct(course, contents[1:]) * 1000 / count,
        "grade wall ms": gru["wall ms"],
        "pytest wall ms": by_pytest(root, contents[: options.pytest]) * 1000,
        "peak MiB, 1 submission": gru["peak of one"],
        f"peak MiB, {count + 1} submissions": gru["peak of all"],
        "homework 4, isolated CPU ms": homework["cpu ms"],
        "homework 4, grade wall ms": homework["wall ms"],
    }
    figures["CPU ratio isolated / one process"] = figures["isolated CPU ms"] / figures["in one process CPU ms"]
    figures["wall ratio pytest / grade"] = figures["pytest wall ms"] / figures["grade wall ms"]
    for name, value in figures.items():
        print(f"{name:<36} {value:10.1f}")
    print(f"jobs {options.jobs}, load {os.getloadavg()[0]:.1f}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
