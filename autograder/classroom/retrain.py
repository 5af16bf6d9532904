"""Trains the notebooks of submissions again and says how what they reach agrees with what was claimed.

What comes back is from the student's process: it is evidence for a teaching assistant and moves no point.
"""

import math
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from autograder.checks.claims import Claims
from autograder.checks.mistakes import Mismatch
from autograder.checks.retraining import RetrainCheck
from autograder.course.course import collect_retrainings
from autograder.course.fingerprints import check_version, fingerprint, module_version
from autograder.course.manifest import Assignment
from autograder.course.test_sets import TestSet, copy_without_labels
from autograder.marking.verdict import Diagnosis
from autograder.messages import say
from autograder.models.measurement import percent
from autograder.notebook.claims.model import Figure
from autograder.notebook.claims.words import ACCURACY
from autograder.notebook.text import one_line
from autograder.protocol.faults import Fault, StudentError, WorkerFailure
from autograder.protocol.full_run import RunReport
from autograder.protocol.inquiry import Inquiry, begin
from autograder.protocol.operations import full_run
from autograder.protocol.recording import Fork
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Handle, Student

# Another seed, another kind of processor, another order of sums: so much may differ, in percentage points ...
OTHER_RUN = 2.0
# ... and as many standard errors of the difference between two accuracies, which matter where the test set is small.
STANDARD_ERRORS = 3.0
PERPLEXITY_FACTOR = 1.2  # between the perplexities of two runs
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass(frozen=True)
class ReachedFigure:
    """A figure. `goodness` (the higher the better) and `margin` are percent of an accuracy, or nats of a perplexity."""

    shown: str
    goodness: float
    margin: float
    is_accuracy: bool

    @classmethod
    def by(cls, right: torch.Tensor) -> "ReachedFigure":
        """The accuracy of a model that gets these test examples right, bool (examples,)."""
        count, total = int(right.sum()), len(right)
        share = count / total
        error = 100 * math.sqrt(2 * share * (1 - share) / total)  # of the difference of two independent accuracies
        return cls(percent(count, total), 100 * share, OTHER_RUN + STANDARD_ERRORS * error, True)

    @classmethod
    def printed(cls, figure: Figure) -> "ReachedFigure":
        """A figure that a run printed."""
        is_accuracy = figure.metric == ACCURACY
        margin = OTHER_RUN if is_accuracy else math.log(PERPLEXITY_FACTOR)
        return cls(figure.shown, _goodness(figure.amount, is_accuracy), margin, is_accuracy)

    def lead(self, claim: str) -> float | None:
        """By how much the figure is better than a claim such as "66.10 %" or "perplexity 3.86"; None if it has none."""
        number = _NUMBER.search(claim)
        return self.goodness - _goodness(float(number[0]), self.is_accuracy) if number else None


def _goodness(value: float, is_accuracy: bool) -> float:
    return value if is_accuracy else -math.log(max(value, 1e-9))


SEED = 0  # of what a notebook does not seed itself
GRACE_SECONDS = 60.0  # for reading the notebook before the run, and for stopping what does not stop at once


@dataclass(frozen=True)
class RetrainReport:
    """What came of one notebook: a sentence for each question, and what the run printed, by code cell."""

    sentences: Mapping[str, str]
    printed: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True)
class Retrainer:
    """All that trains notebooks again: how, on which data, and for how long.

    `directory` is the data directory that students' code reads; `test_sets` stay in the grader, by name.
    """

    retrainings: Mapping[str, Sequence[RetrainCheck]]
    directory: Path
    test_sets: Mapping[str, TestSet]
    minutes: float

    @property
    def seconds(self) -> float:
        """The wall time of one run, with what is allowed for before and after it."""
        return 60 * self.minutes + GRACE_SECONDS

    def version(self, notebook: str) -> str:
        """The hash of how a notebook is trained again."""
        files = {Path(one.function.__code__.co_filename) for one in self.retrainings[notebook]}
        sets = [test_set.version for test_set in self.test_sets.values()]
        checks = map(check_version, sorted(files))
        return fingerprint(module_version("autograder.classroom.retrain"), *checks, *sets, str(self.minutes))

    def retrain(self, fork: Fork, notebook: bytes, filename: str, claimed: Mapping[str, str]) -> RetrainReport:
        """Runs a notebook once; `claimed` maps questions to the figures that were claimed. Never raises for the run."""
        asked = self.retrainings[filename]
        with Session(fork, notebook, filename, self.seconds) as session:
            started = time.monotonic()
            try:
                kinds = list(dict.fromkeys(one.model for one in asked))
                inquiry = begin(session, Rules(), SEED)
                run = inquiry.exchange(full_run(self.directory, 60 * self.minutes, kinds))
            except (StudentError, WorkerFailure) as error:
                return RetrainReport({one.question: self._failed(error) for one in asked})
            minutes = (time.monotonic() - started) / 60
            return RetrainReport(
                {
                    one.question: self._sentence(one, inquiry, run, minutes, claimed.get(one.question, ""))
                    for one in asked
                },
                run.printed,
            )

    def _failed(self, error: StudentError | WorkerFailure) -> str:
        if isinstance(error, WorkerFailure):
            return f"retraining failed, which is the grader's fault: {error}"
        if error.diagnosis == Fault.TIME_LIMIT:
            return f"retraining failed: the run did not stop after {self.minutes:g} minutes and had to be killed"
        return f"retraining failed: {error}"

    def _sentence(self, one: RetrainCheck, inquiry: Inquiry, run: RunReport, minutes: float, claim: str) -> str:
        first = _first_error(run)
        stopped = f"retraining stopped after {minutes:.1f} minutes" + (f" at {run.epoch}" if run.epoch else "")
        try:
            if one.asks_model:
                reached = self._best(one, inquiry, run)
            else:
                reached = ReachedFigure.printed(one.function(claims=Claims(run.saved)))
        except (Mismatch, StudentError) as error:
            problem = error.lines[0] if isinstance(error, Mismatch) else str(error)
            if run.stopped:
                return f"{stopped}: {problem}" + (f"; {first}" if first else "")
            return f"retraining failed: {first}" if first else f"retraining failed: {problem}"
        except Exception as error:  # ours, and one question must not stop the class
            return f"retraining failed, which is the grader's fault: {type(error).__name__}: {error}"
        if run.stopped:
            said = f"{stopped}: {reached.shown}; {_unfinished(reached, claim)}"
        else:
            said = f"retraining reached {reached.shown} in {minutes:.1f} minutes{_compared(reached, claim)}"
        return said + (f"; {first}" if first else "")

    def _best(self, one: RetrainCheck, inquiry: Inquiry, run: RunReport) -> ReachedFigure:
        """What the best model of the class reaches. Raises Mismatch, or StudentError if none can be asked."""
        models = run.models[one.model]
        if not any(trained for _, trained in models):
            raise Mismatch(
                say("no trained {model} was found after the run", model=one.model), diagnosis=Diagnosis.NO_MODEL
            )
        inquiry.session.restart_clock()  # the run has used the time that the session had
        reached: list[ReachedFigure] = []
        problem: Mismatch | StudentError | None = None
        for model, _ in reversed(models):  # those that were not trained may hold weights of those that were
            try:
                reached.append(self._attempt_once(one, inquiry, Handle(inquiry, model, model.kind)))
            except (Mismatch, StudentError) as error:
                problem = problem or error
                if isinstance(error, StudentError) and error.ended:
                    break
        if not reached and problem:
            first = str(problem).splitlines()[0]
            cannot = say("the {model} cannot be asked: {problem}", model=one.model, problem=first)
            raise Mismatch(cannot, diagnosis="no answers")
        return max(reached, key=lambda figure: figure.goodness)

    def _attempt_once(self, one: RetrainCheck, inquiry: Inquiry, model: Handle) -> ReachedFigure:
        fixtures = {"student": Student(inquiry), "model": model, "data": self.test_sets[one.data]}
        return ReachedFigure.by(one.function(**{name: fixtures[name] for name in one.fixtures}))


def _first_error(run: RunReport) -> str:
    """The error that came first, which others may follow from; "" if no cell raised any."""
    if not run.errors:
        return ""
    cell, message = run.errors[0]
    others = f" (and {len(run.errors) - 1} more)" if len(run.errors) > 1 else ""
    return f"code cell {cell}: {one_line(message, 140)}{others}"


def _compared(reached: ReachedFigure, claim: str) -> str:
    lead = reached.lead(claim)
    if lead is None:
        return "; nothing was claimed"
    if lead < -reached.margin:
        return f", much {'lower' if reached.is_accuracy else 'higher'} than the claimed {claim}"
    return (
        f", which agrees with the claimed {claim}" if lead <= reached.margin else f", better than the claimed {claim}"
    )


def _unfinished(reached: ReachedFigure, claim: str) -> str:
    """How a run compares that might have become better still."""
    lead = reached.lead(claim)
    if lead is None:
        return "nothing was claimed"
    return f"claimed {claim}" + (", which agrees" if abs(lead) <= reached.margin else "")


@contextmanager
def open_retrainer(root: Path, assignment: Assignment, data: Path, minutes: float) -> Iterator[Retrainer]:
    """What trains the notebooks of an assignment again, with a data directory of its own until the block's end.

    Raises FileNotFoundError if there is no such notebook or not all of the data, DataError if the
    course cannot withhold labels, ValueError for damaged data.
    """
    retrainings = collect_retrainings(root, assignment)
    asked = [one for listed in retrainings.values() for one in listed]
    if not asked:
        raise FileNotFoundError(f"{assignment.name} has no question whose training can be run again")
    with copy_without_labels(root, data, dict.fromkeys(one.data for one in asked)) as directory:
        sets = {name: TestSet.read(root, name, data) for name in {one.data for one in asked if one.asks_model}}
        yield Retrainer(retrainings, directory, sets, minutes)
