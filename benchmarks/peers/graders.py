"""The graders that are compared: how each is prepared, started, and asked for the points that it gave."""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.peers import notebooks
from benchmarks.peers.answers import Homework

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CHECKS_FILE = HERE / "course" / "tests" / "homework_checks.py"
LIMIT_SECONDS = 10
Scores = dict[str, float]


@dataclass(frozen=True)
class Start:
    """A command for a class, and the folder and environment that it is started in."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]


class Grader(Protocol):
    """One grader. It grades folder after folder; each call gets one of its own, which is empty."""

    is_slow: bool  # it takes seconds for a submission

    def start(self, students: Sequence[Homework], folder: Path) -> Start:
        """Lays out what the students handed in; how the class is graded."""

    def scores(self, folder: Path) -> Scores:
        """The points that each student of a graded class got."""


def environment(python_folder: Path) -> dict[str, str]:
    """What every grader is started with: one thread, so that all use the same cores, and no bytecode of strangers."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TZ", "TMPDIR") if name in os.environ}
    # Where nbconvert's templates lie, which are no part of the environment that shares it.
    paths = {"JUPYTER_PATH": f"{sys.prefix}/share/jupyter", "PYTHONPATH": str(ROOT)}
    return {**kept, **threads, **paths, "PATH": f"{python_folder}{os.pathsep}{os.environ['PATH']}", "MPLBACKEND": "Agg"}


def points_by_topic() -> dict[str, dict[str, int]]:
    """The points of each check, by topic."""
    sys.path.insert(0, str(CHECKS_FILE.parent))
    from homework_checks import CHECKS

    points: dict[str, dict[str, int]] = {}
    for check in CHECKS.values():
        points.setdefault(check.topic, {})[check.name] = check.points
    return points


class NbGrader:
    """nbgrader, in a course folder of its own."""

    is_slow = True

    def __init__(self, bin_folder: Path, work: Path) -> None:
        self._environment = environment(bin_folder)
        self._course = work / "nbgrader"
        notebooks.write(self._course / "source" / "hw" / notebooks.NAME, notebooks.nbgrader_source(points_by_topic()))
        shutil.copy(CHECKS_FILE, self._course / "source" / "hw")
        config = f"c = get_config()\nc.CourseDirectory.course_id = 'hw'\nc.Execute.timeout = {LIMIT_SECONDS}\n"
        (self._course / "nbgrader_config.py").write_text(config)
        _run(["nbgrader", "generate_assignment", "hw", "--force"], self._course, self._environment)
        self._handout = json.loads((self._course / "release" / "hw" / notebooks.NAME).read_text())

    def start(self, students: Sequence[Homework], folder: Path) -> Start:
        """A copy of the course with the class in it."""
        course = folder / "course"
        shutil.copytree(self._course, course)
        for student in students:
            notebook = notebooks.filled(
                self._handout, student, lambda cell: bool(cell["metadata"].get("nbgrader", {}).get("solution"))
            )
            notebooks.write(course / "submitted" / student.student_id / "hw" / notebooks.NAME, notebook)
        return Start(["nbgrader", "autograde", "hw"], course, self._environment)

    def scores(self, folder: Path) -> Scores:
        """The automatic points in its gradebook."""
        code = (
            "import json\nfrom nbgrader.api import Gradebook\n"
            "with Gradebook('sqlite:///gradebook.db') as book:\n"
            "    print(json.dumps({one.student.id: sum(grade.auto_score or 0 for notebook in one.notebooks "
            "for grade in notebook.grades) for one in book.assignment_submissions('hw')}))"
        )
        said = _run(["python", "-c", code], folder / "course", self._environment)
        return dict(json.loads(said.splitlines()[-1]))


class Otter:
    """Otter: `otter run` for each submission, or its function in one process."""

    is_slow = True

    def __init__(self, bin_folder: Path, work: Path, loop: str) -> None:
        self._loop = loop
        self._environment = environment(bin_folder)
        course = work / loop
        notebooks.write(course / notebooks.NAME, notebooks.otter_source(points_by_topic()))
        shutil.copy(CHECKS_FILE, course)
        _run(["otter", "assign", notebooks.NAME, "dist", "--no-pdfs"], course, self._environment)
        (self._zip,) = (course / "dist" / "autograder").glob("*.zip")
        self._handout = json.loads((course / "dist" / "student" / notebooks.NAME).read_text())

    def start(self, students: Sequence[Homework], folder: Path) -> Start:
        """A folder with a notebook for each student."""
        for student in students:
            notebook = notebooks.filled(
                self._handout, student, lambda cell: "otter_answer_cell" in cell["metadata"].get("tags", [])
            )
            notebooks.write(folder / "class" / student.student_id / notebooks.NAME, notebook)
        return _loop(self._loop, folder, self._environment, str(self._zip))

    def scores(self, folder: Path) -> Scores:
        """What the loop has noted."""
        return _noted(folder)


class Loop:
    """A loop of ours around plain notebooks: pytest in a process for each, or the floor."""

    def __init__(self, loop: str, is_slow: bool) -> None:
        self.is_slow = is_slow
        self._loop = loop
        self._environment = environment(Path(sys.executable).parent)

    def start(self, students: Sequence[Homework], folder: Path) -> Start:
        """A folder with a notebook for each student."""
        for student in students:
            notebooks.write(folder / "class" / student.student_id / notebooks.NAME, notebooks.handed_in(student))
        return _loop(self._loop, folder, self._environment)

    def scores(self, folder: Path) -> Scores:
        """What the loop has noted."""
        return _noted(folder)


class Ours:
    """`autograder grade`, on archives."""

    is_slow = False

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._environment = environment(Path(sys.executable).parent)

    def start(self, students: Sequence[Homework], folder: Path) -> Start:
        """A folder of archives."""
        notebooks.write_archives(folder / "class", students)
        command = ["python", "-m", "autograder", "grade", str(folder / "class"), "--assignment", "homework"]
        options = ["--out", str(folder / "grades"), "--jobs", str(self._jobs), "--secret-seed", "7"]
        return Start([*command, *options], HERE / "course", self._environment)

    def scores(self, folder: Path) -> Scores:
        """The points of every verdict."""
        scores: Scores = {}
        with (folder / "grades" / "verdicts.csv").open(newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                scores[row["student_id"]] = scores.get(row["student_id"], 0.0) + float(row["points"] or 0)
        return scores


def _loop(loop: str, folder: Path, environment: Mapping[str, str], *options: str) -> Start:
    places = [str(folder / "class"), str(folder / "out"), str(LIMIT_SECONDS), *options]
    return Start(["python", "-m", "benchmarks.peers.loops", loop, *places], folder, environment)


def _noted(folder: Path) -> Scores:
    return dict(json.loads((folder / "out" / "scores.json").read_text()))


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> str:
    """What a command prints. Raises SystemExit with what it says when it fails."""
    # By the PATH of its own environment, which subprocess does not look into.
    program = shutil.which(command[0], path=environment["PATH"]) or command[0]
    done = subprocess.run(
        [program, *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:3])} failed:\n{done.stderr[-2000:]}")
    return done.stdout
