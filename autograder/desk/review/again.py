"""One student graded again, in processes and a folder of their own: what it gives is shown, and changes no mark."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from autograder.gradebook.file import GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.source import Source
from autograder.marking.verdict import Verdict
from autograder.notebook.text import one_line, plain

MOST_AT_ONCE = 2
_MOST_SECONDS = 1800.0  # of one student, all questions
_MOST_LIMIT = 3600.0  # seconds that somebody may allow a question


@dataclass
class _Run:
    """A grading at work, or at its end: why it failed, or every question's verdict."""

    begun: float
    problem: str = ""
    verdicts: tuple[Verdict, ...] = ()
    over: bool = False


class Gradings:
    """Gradings of single students beside a gradebook, which they only take the secret seed from."""

    def __init__(self, root: Path, gradebook: Gradebook) -> None:
        self._root = root
        self._gradebook = gradebook
        self._runs: dict[str, _Run] = {}
        self._processes: set[subprocess.Popen[str]] = set()
        self._mutex = threading.Lock()

    def start(self, submission_id: str, source: Source, limit: str) -> None:
        """Begins with what lies at `source`, where a question may take `limit` seconds, as typed.

        Raises GradebookError for another limit, or while enough are at work.
        """
        seconds = _seconds(limit)
        with self._mutex:
            at_work = [one for one in self._runs.values() if not one.over]
            if len(at_work) >= MOST_AT_ONCE:
                raise GradebookError(f"{len(at_work)} students are graded again at this moment; wait for one of them")
            run = self._runs[submission_id] = _Run(time.monotonic())
        threading.Thread(target=self._grade, args=(run, source, seconds), daemon=True).start()

    def told(self, submission_id: str, question: str) -> dict[str, object]:
        """What came of it for a question, as the page shows it."""
        run = self._runs.get(submission_id)
        if run is None:
            return {}
        if not run.over:
            return {"seconds": round(time.monotonic() - run.begun)}
        if run.problem:
            return {"problem": run.problem}
        verdict = next(one for one in run.verdicts if one.question == question)
        state = f"{verdict.state}, {verdict.points_shown} points: {verdict.diagnosis or 'right'}"
        points = "" if verdict.points_shown == "?" else verdict.points_shown
        return {"state": state, "points": points, "message": plain(str(verdict.message))}

    def close(self) -> None:
        """Ends what is at work."""
        for process in list(self._processes):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def _grade(self, run: _Run, source: Source, seconds: float | None) -> None:
        try:
            with TemporaryDirectory(prefix="autograder-again-") as folder:
                run.problem = self._run_command(source, Path(folder), seconds)
                if not run.problem:
                    with Gradebook(Path(folder), self._gradebook.assignment, alone=False) as graded:
                        (attempt,) = graded.attempts()
                        run.verdicts = tuple(graded.verdicts(attempt.submission_id))
        except (GradebookError, OSError, ValueError) as error:
            run.problem = one_line(str(error), 300)
        finally:
            run.over = True

    def _run_command(self, source: Source, folder: Path, seconds: float | None) -> str:
        """Grades into a folder; what went wrong, "" if nothing did."""
        command = [sys.executable, "-m", "autograder", "grade", str(source.path.resolve()), "--out", str(folder)]
        command += ["--assignment", self._gradebook.assignment.name, "--jobs", "1", "--quiet"]
        command += ["--secret-seed", self._gradebook.meta("secret_seed")]
        command += ["--limit-seconds", f"{seconds:g}"] if seconds else []
        with subprocess.Popen(
            command,
            cwd=self._root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            self._processes.add(process)
            try:
                _, errors = process.communicate(timeout=_MOST_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                return f"it took more than {_MOST_SECONDS / 60:g} minutes"
            finally:
                self._processes.discard(process)
        return "" if process.returncode in (0, 1) else one_line(errors, 300) or f"exit code {process.returncode}"


def _seconds(limit: str) -> float | None:
    """A limit as typed; None for the assignment's own. Raises GradebookError."""
    if not limit.strip():
        return None
    try:
        seconds = float(limit)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= _MOST_LIMIT:
        expected = f"expected seconds for a question, from 0.1 to {_MOST_LIMIT:g}"
        raise GradebookError(f"{expected}, got {one_line(limit, 40)!r}")
    return seconds
