"""Graders that are a loop around each submission, run by the environment that they are installed in.

python -m benchmarks.peers.loops floor|pytest|otter|otter-api SUBMISSIONS OUT LIMIT_SECONDS [ZIP]

Writes OUT/scores.json: the points of each student. The time limit of Otter counts for a whole submission, since it has
none of its own outside of containers.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from xml.etree import ElementTree

from benchmarks.peers.notebooks import NAME

CHECKS_FOLDER = Path(__file__).parent / "course" / "tests"
_OTTER_SECONDS = 4  # times the limit of a check: what a submission may take


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raises TimeoutError in the block after so many seconds, if it runs Python code then."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def grade_on_the_floor(notebook: Path, _out: Path, seconds: float) -> float:
    """The points of a notebook whose cells are run, and whose names are called, in this process."""
    from homework_checks import CHECKS, judge

    names: dict[str, object] = {"__name__": "submission"}
    for cell in json.loads(notebook.read_text())["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), str(notebook), "exec"), names)
    points = 0
    for check in CHECKS.values():
        with suppress(Exception), _limited(seconds):
            judge(check.name, names)
            points += check.points
    return points


def grade_by_pytest(notebook: Path, out: Path, seconds: float) -> float:
    """The points by a pytest of its own, which imports the notebook as a module."""
    import nbconvert
    from homework_checks import CHECKS

    out.mkdir()
    source, _ = nbconvert.PythonExporter().from_filename(str(notebook))
    (out / "homework.py").write_text(source)
    tests = Path(__file__).parent / "pytest_checks.py"
    options = ["-q", "-p", "no:cacheprovider", "--rootdir", str(out), "--junitxml", str(out / "result.xml")]
    path = os.pathsep.join([str(out), str(CHECKS_FOLDER)])
    environment = os.environ | {"PYTHONPATH": path, "LIMIT_SECONDS": str(seconds)}
    command = [sys.executable, "-m", "pytest", *options, str(tests)]
    subprocess.run(command, cwd=out, env=environment, stdout=subprocess.DEVNULL, check=False)
    cases = ElementTree.parse(out / "result.xml").iter("testcase")
    passed = [case.get("name", "").partition("[")[2].rstrip("]") for case in cases if not len(case)]
    return sum(CHECKS[name].points for name in passed if name in CHECKS)


def grade_by_otter_run(zip_file: Path) -> Callable[[Path, Path, float], float]:
    """The grading by a process of `otter run`."""

    def grade(notebook: Path, out: Path, seconds: float) -> float:
        out.mkdir()
        command = ["otter", "run", "-a", str(zip_file), "-o", str(out), "--no-logo", str(notebook)]
        with suppress(subprocess.TimeoutExpired), (out / "log").open("w") as log:
            subprocess.run(command, cwd=out, stdout=log, stderr=log, timeout=_OTTER_SECONDS * seconds, check=False)
        with suppress(FileNotFoundError):
            return float(sum(test.get("score", 0) for test in json.loads((out / "results.json").read_text())["tests"]))
        return 0.0

    return grade


def grade_by_otter_api(zip_file: Path) -> Callable[[Path, Path, float], float]:
    """The grading by Otter's function, in this process."""
    from otter.api import grade_submission  # type: ignore[import-not-found,unused-ignore]

    def grade(notebook: Path, _out: Path, seconds: float) -> float:
        with suppress(TimeoutError), _limited(_OTTER_SECONDS * seconds):
            return float(grade_submission(str(notebook), str(zip_file), quiet=True).total)
        return 0.0

    return grade


def main(which: str, submissions: Path, out: Path, seconds: float, zip_file: Path) -> None:
    """Grades every submission of a folder."""
    sys.path.insert(0, str(CHECKS_FOLDER))
    out.mkdir(exist_ok=True)
    if which.startswith("otter"):
        grade = (grade_by_otter_run if which == "otter" else grade_by_otter_api)(zip_file)
    else:
        grade = grade_by_pytest if which == "pytest" else grade_on_the_floor
    folders = sorted(submissions.iterdir())
    scores = {one.name: grade(one / NAME, out / one.name, seconds) for one in folders}
    (out / "scores.json").write_text(json.dumps(scores))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4]), Path(*sys.argv[5:]))
