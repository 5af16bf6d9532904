"""One student graded again, or one question on one case, in processes of their own: shown, and no mark changes."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from autograder.desk.review.case_process import CaseOrder, Outcome
from autograder.gradebook.file import GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.messages import Language, say
from autograder.notebook.text import one_line, plain

MOST_AT_ONCE = 2
_MOST_SECONDS = 1800.0  # of one student, all questions
_MOST_LIMIT = 3600.0  # seconds that somebody may allow a question

Outcomes = Mapping[str, Outcome]  # by question


class _Problem(Exception):
    """Why nothing came of it, in a sentence."""


@dataclass
class _Run:
    """A grading at work, or at its end: why it failed, or what came of it."""

    begun: float
    problem: str = ""
    outcomes: Outcomes = field(default_factory=dict)
    over: bool = False


class Gradings:
    """Gradings of single students beside a gradebook, which they only take the secret seed from."""

    def __init__(self, root: Path, gradebook: Gradebook) -> None:
        self._root = root
        self._gradebook = gradebook
        self._runs: dict[str, _Run] = {}
        self._processes: set[subprocess.Popen[str]] = set()
        self._mutex = threading.Lock()

    def start(self, submission_id: str, names: Sequence[str], limit: str) -> None:
        """Begins with all of an attempt, whose files have these names; a question may take `limit` seconds, as typed.

        Raises GradebookError for another limit, or while enough are at work.
        """
        self._begin(submission_id, partial(self._grade, names, self._seconds(limit)))

    def start_case(self, submission_id: str, names: Sequence[str], question: str, case: str, limit: str) -> None:
        """Begins with one question of an attempt on one case, as `GradedClass.cases_of` calls it; raises as `start`."""
        name, _, number = case.rpartition("/")
        recorded = self._gradebook.recorded_verdicts(submission_id)
        order = CaseOrder(
            self._gradebook.assignment.name,
            self._gradebook.submissions_place,
            list(names),
            question,
            name,
            int(number) if number.isdecimal() else -1,
            int(self._gradebook.meta("secret_seed")),
            self._seconds(limit),
            {one: list(verdict.diagnoses) for one, (_, verdict) in recorded.items()},
        )
        self._begin(submission_id, partial(self._ask_case, order))

    def told(self, submission_id: str, question: str, language: Language) -> dict[str, object]:
        """What came of it for a question, as the page shows it."""
        run = self._runs.get(submission_id)
        if run is None:
            return {}
        if not run.over:
            return {"seconds": round(time.monotonic() - run.begun)}
        if run.problem:
            return {"problem": language.render(run.problem)}
        if question not in run.outcomes:
            return {}
        outcome = run.outcomes[question]
        verdict, found = outcome.verdict, outcome.verdict.diagnosis
        parts = {"points": verdict.points_shown, "what": language.as_message(found) if found else say("right")}
        state = say("{points} points: {what}", **parts)
        if outcome.about:
            state = say("{about}: {what}, {seconds:.1f} s", about=outcome.about, seconds=outcome.seconds, **parts)
        points = "" if outcome.about or verdict.points_shown == "?" else verdict.points_shown
        lines = [language.render(verdict.message), "\n".join(verdict.evidence.case)]
        return {"state": language.word(state), "points": points, "message": plain("\n\n".join(filter(None, lines)))}

    def close(self) -> None:
        """Ends what is at work."""
        for process in list(self._processes):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def _seconds(self, limit: str) -> float | None:
        """A limit as typed, or that of the class; None for the assignment's own. Raises GradebookError."""
        if not limit.strip():
            return self._gradebook.limit_seconds(None)
        try:
            seconds = float(limit)
        except ValueError:
            seconds = 0.0
        if not 0.1 <= seconds <= _MOST_LIMIT:
            expected = "expected seconds for a question, from 0.1 to {most:g}, got '{got}'"
            raise GradebookError(say(expected, most=_MOST_LIMIT, got=one_line(limit, 40)))
        return seconds

    def _begin(self, submission_id: str, work: Callable[[], Outcomes]) -> None:
        with self._mutex:
            at_work = sum(not one.over for one in self._runs.values())
            if at_work >= MOST_AT_ONCE:
                busy = "{count} students are graded again at this moment; wait for one of them"
                raise GradebookError(say(busy, count=at_work))
            run = self._runs[submission_id] = _Run(time.monotonic())
        threading.Thread(target=self._work, args=(run, work), daemon=True).start()

    def _work(self, run: _Run, work: Callable[[], Outcomes]) -> None:
        try:
            run.outcomes = work()
        except (_Problem, GradebookError, OSError, ValueError) as error:
            run.problem = str(error)
        finally:
            run.over = True

    def _grade(self, names: Sequence[str], seconds: float | None) -> Outcomes:
        with TemporaryDirectory(prefix="autograder-again-") as name:
            folder, place = Path(name), Path(self._gradebook.submissions_place).resolve()
            command = ["autograder", "grade", str(place), "--out", str(folder), *(f"--file={one}" for one in names)]
            command += ["--assignment", self._gradebook.assignment.name, "--jobs", "1", "--quiet"]
            command += ["--secret-seed", self._gradebook.meta("secret_seed")]
            self._run(command + (["--limit-seconds", f"{seconds:g}"] if seconds else []))
            with Gradebook(folder, self._gradebook.assignment, alone=False) as graded:
                attempts = [one for one in graded.attempts() if one.sources]
                if len(attempts) != 1:
                    several = "graded alone, its files are {count} attempts: only all of the class can be graded again"
                    raise _Problem(say(several, count=len(attempts)))
                verdicts = graded.verdicts(attempts[0].submission_id)
        return {verdict.question: Outcome(verdict, "", 0.0) for verdict in verdicts}

    def _ask_case(self, order: CaseOrder) -> Outcomes:
        told = json.loads(self._run([CaseOrder.__module__], json.dumps(asdict(order))))
        return {order.question: Outcome.from_wire(told)}

    def _run(self, module: Sequence[str], typed: str = "") -> str:
        """What a module's command prints. Raises _Problem."""
        with subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=self._root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            self._processes.add(process)
            try:
                output, errors = process.communicate(typed, timeout=_MOST_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise _Problem(say("it took more than {minutes:g} minutes", minutes=_MOST_SECONDS / 60)) from None
            finally:
                self._processes.discard(process)
        if process.returncode not in (0, 1):
            raise _Problem(one_line(errors, 300) or f"exit code {process.returncode}")
        return output
