"""Measures the saved models of one submission, by question; what was measured in the same way before is left alone."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from autograder.course.course import Course
from autograder.course.test_sets import TestSet
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.attempts import Attempt
from autograder.intake.submission import SubmissionState
from autograder.marking.verdict import Verdict
from autograder.models.measure import EMPTY_NOTEBOOK, ModelScorer, key_of, models_of
from autograder.models.measurement import ModelScores
from autograder.models.saved_files import SavedFile
from autograder.protocol.recording import Fork
from autograder.sandbox.reader import Readers


@dataclass(frozen=True)
class ModelExamination:
    """What is to be measured of a submission: for one question the models among `files`, with the notebook's code."""

    question: str
    content: bytes
    files: Mapping[str, SavedFile]


@dataclass(frozen=True)
class ModelOutcome:
    """The verdict of a question about models, what they reach, and the wall time that measuring took."""

    verdict: Verdict
    scores: ModelScores
    seconds: float


class ModelExaminer:
    """Measures models for the questions of a course; `data` maps these to test sets. Knows no gradebook."""

    def __init__(self, course: Course, data: Mapping[str, TestSet]) -> None:
        self._rules = course.assignment.model_questions
        self._checks = {check.question: (notebook, check) for notebook, check in course.model_checks}
        self._data = data

    def examine(self, examination: ModelExamination, fork: Fork) -> ModelOutcome:
        """What the models of one question reach; `fork` makes the processes that answer."""
        question, started = examination.question, time.monotonic()
        notebook, check = self._checks[question]
        scorer = ModelScorer(check, self._rules[question], self._data[question], fork)
        verdict, scores = scorer.measure(examination.content, notebook, examination.files)
        return ModelOutcome(verdict, scores, time.monotonic() - started)


class ModelMarker:
    """Finds what is to be measured of attempts, whose code was marked before, and records what comes of it."""

    def __init__(self, course: Course, gradebook: Gradebook, data: Mapping[str, TestSet], readers: Readers) -> None:
        self._course, self._gradebook, self._data, self._readers = course, gradebook, data, readers

    @contextmanager
    def examinations(self, attempt: Attempt) -> Iterator[dict[str, ModelExamination]]:
        """What was not measured in this way before, by its key; its files are on disk until the block's end."""
        if attempt.state is not SubmissionState.READ:
            yield {}
            return
        rules = self._course.assignment.model_questions
        with models_of(self._readers, attempt.sources, list(rules.values())) as files:
            yield dict(self._left(attempt, files))

    def _left(
        self, attempt: Attempt, files: Mapping[str, Mapping[str, SavedFile]]
    ) -> Iterator[tuple[str, ModelExamination]]:
        recorded_keys = self._gradebook.keys(attempt.submission_id)
        scores = self._gradebook.scores_of(attempt.submission_id)
        for notebook, check in self._course.model_checks:
            question, rule = check.question, self._course.assignment.model_questions[check.question]
            content, its_files = attempt.notebooks.get(notebook, EMPTY_NOTEBOOK), files[rule.folder]
            key = key_of(check, rule, self._data[question], content, its_files)
            if recorded_keys.get(question) != key or question not in scores:
                yield key, ModelExamination(question, content, its_files)

    def keep(self, attempt: Attempt, key: str, outcome: ModelOutcome, run: int | None = None) -> None:
        """Records what came of a question, in a run of its own if one is named."""
        self._gradebook.record_scores(attempt.submission_id, outcome.verdict, outcome.scores, key, outcome.seconds, run)
