"""Puts the saved models of one submission to a measured question, one after the other, and counts right answers."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from autograder.checks.mistakes import Mismatch
from autograder.checks.question import Check
from autograder.course.fingerprints import check_version, engine_version, fingerprint, module_version, of_file
from autograder.course.model_question import ModelQuestion
from autograder.course.sizes import MAX_MODELS, MIB
from autograder.course.test_sets import TestSet
from autograder.intake.source import Source
from autograder.marking.ask import where
from autograder.marking.verdict import MAX_LINES, Diagnosis, State, Verdict
from autograder.messages import join, say
from autograder.models.checkpoint import Answers, Checkpoint
from autograder.models.likeness import Likeness
from autograder.models.measurement import Changed, Model, ModelScores
from autograder.models.reading import take_models
from autograder.models.saved_files import SavedFile, model_names, refused
from autograder.models.unpickling import write_plain
from autograder.protocol.faults import TRIES, StudentError, WorkerFailure
from autograder.protocol.inquiry import begin
from autograder.protocol.recording import Fork
from autograder.protocol.session import Session
from autograder.protocol.student import Student
from autograder.sandbox.reader import Readers
from autograder.sandbox.temporary import temporary_folder

EMPTY_NOTEBOOK = b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}'
MEASURING = [f"autograder.models.{name}" for name in ("measure", "checkpoint", "likeness")]


class _Found:
    """Collects what is found about the models of one submission, which are forgotten one by one."""

    def __init__(self) -> None:
        self.models: list[Model] = []
        self.failures: list[str] = []
        self.sandbox_failed = False
        self._distinct: list[Checkpoint] = []
        self._best = np.zeros(0, dtype=bool)

    def add(self, checkpoint: Checkpoint, right: Answers) -> None:
        """Takes note of a model and of the answers that it gets right."""
        checkpoint.right = right
        alike = {other: checkpoint.likeness_to(other) for other in self._distinct}
        if Likeness.ONE not in alike.values():
            self._distinct.append(checkpoint)
            if doubtful := [other.name for other, kind in alike.items() if kind is Likeness.DOUBTFUL]:
                names = ", ".join(doubtful)
                checkpoint.flags.append(f"{checkpoint.name} hardly differs from {names}: see their weights and answers")
        if not len(self._best) or right.sum() > self._best.sum():
            self._best = right
        pair = checkpoint.changed
        changed = Changed(int(pair[0].sum()), int(pair[1].sum()), len(pair[0])) if pair else None
        self.models.append(Model(checkpoint.name, int(right.sum()), "", changed, tuple(checkpoint.flags)))

    def measurement(self, question: str) -> ModelScores:
        """All of it."""
        answers = np.packbits(self._best).tobytes()
        return ModelScores(question, tuple(self.models), len(self._best), answers, len(self._distinct))


@dataclass(frozen=True)
class ModelScorer:
    """All that measures one question: its check, its rule in the manifest, the test set, and where students' code runs.

    `fork` starts a worker with the limits of the rule.
    """

    check: Check
    rule: ModelQuestion
    data: TestSet
    fork: Fork

    def measure(self, notebook: bytes, filename: str, files: Mapping[str, SavedFile]) -> tuple[Verdict, ModelScores]:
        """The measurement of every model among `files`, and the verdict that follows from it.

        The verdict is UNGRADED when the grader failed, or when the points depend on the class.
        """
        found = _Found()
        for name in model_names(files, self.rule.models)[:MAX_MODELS]:
            self._add(found, name, notebook, filename, files)
        for name, reason in refused(files):
            unread = say("{file} is not read: {reason}", file=f"{self.rule.folder}/{name}", reason=reason)
            found.models.append(Model(name, None, unread))
        question, points = self.check.question, self.check.points
        measurement = found.measurement(question)
        verdict = measurement.verdict(points, self.rule)
        if found.failures and verdict.state is not State.PASS:  # which no further model could better
            diagnosis = Diagnosis.SANDBOX if found.sandbox_failed else Diagnosis.GRADER_ERROR
            return Verdict.ungraded(question, points, diagnosis, "\n".join(found.failures[:MAX_LINES])), measurement
        return verdict, measurement

    def _add(self, found: _Found, name: str, notebook: bytes, filename: str, files: Mapping[str, SavedFile]) -> None:
        """Measures one model; again if the sandbox fails."""
        for left in reversed(range(TRIES)):
            with Session(self.fork, notebook, filename, self.rule.seconds) as session:
                try:
                    # Before the session starts: at most one child of a sandbox is alive.
                    checkpoint = Checkpoint(name, self.rule.folder, self._with_tensors(f"{name}.pt", files))
                    found.add(checkpoint, self._answers(session, checkpoint, may_retry=left == TRIES - 1))
                except (Mismatch, StudentError) as error:
                    found.models.append(Model(name, None, _message(error, session, name)))
                except WorkerFailure as failure:
                    if left:
                        continue
                    found.failures.append(f"{name}: {failure}"[:500])
                    found.sandbox_failed = True
                except Exception as error:  # ours, and one model must not stop the others
                    found.failures.append(f"{name}: {type(error).__name__}: {error}"[:500])
                return

    def _answers(self, session: Session, checkpoint: Checkpoint, may_retry: bool) -> Answers:
        """Which test examples a model gets right, in the order of the test set: bool (examples,)."""
        seed = zlib.crc32(f"{self.check.name}/{checkpoint.name}".encode())
        inquiry = begin(session, self.check.rules, seed, may_retry)
        fixtures = {"student": Student(inquiry), "checkpoint": checkpoint, "data": self.data}
        try:
            answers: torch.Tensor = self.check.function(**{name: fixtures[name] for name in self.check.fixtures})
        except (Mismatch, StudentError, WorkerFailure):
            raise
        except Exception as error:
            if session.asked:
                raise
            # Nothing but the model's own files was looked at so far.
            raise checkpoint.unusable(error) from error
        return answers.numpy().astype(bool)

    def _with_tensors(self, name: str, files: Mapping[str, SavedFile]) -> Mapping[str, SavedFile]:
        """The files with this one, if it is there, as safetensors."""
        path = files[name].path if name in files else None
        return {**files, name: self._unpickled(path)} if path else files

    def _unpickled(self, path: Path) -> SavedFile:
        """A `.pt` file as safetensors. It is read in a process of its own, in which no student code has run."""
        plain, largest = path.with_suffix(".safetensors"), self.rule.model_mib * MIB
        with Session(self.fork, EMPTY_NOTEBOOK, "", self.rule.seconds) as session:
            session.open()
            try:
                problem = write_plain(session, path, plain, largest, self.rule.seconds)
            except StudentError as error:
                return SavedFile(None, say("cannot be read ({reason})", reason=say(error.diagnosis)))
        return SavedFile(None, problem) if problem else SavedFile(plain)


def key_of(check: Check, rule: ModelQuestion, data: TestSet, notebook: bytes, files: Mapping[str, SavedFile]) -> str:
    """The hash of all that a measurement depends on; what points it earns may change without it."""
    code = [engine_version(), *map(module_version, MEASURING), check_version(check.file)]
    limits = (rule.models, rule.seconds, rule.memory_mib)
    parts = [*code, repr(limits), data.version, fingerprint(notebook)]
    for name, file in files.items():
        parts += [name, file.problem, of_file(file.path) if file.path else ""]
    return fingerprint(*parts)


@contextmanager
def models_of(
    readers: Readers, sources: Sequence[Source], rules: Sequence[ModelQuestion]
) -> Iterator[dict[str, dict[str, SavedFile]]]:
    """The files of an attempt in the folders of `rules`, by folder and name, on disk until the block's end."""
    folders = {rule.folder: rule.model_mib for rule in rules}
    files: dict[str, dict[str, SavedFile]] = {folder: {} for folder in folders}
    with temporary_folder() as folder:
        for number, source in enumerate(sources):
            place = folder / str(number)
            place.mkdir()
            for name, found in take_models(readers, source, folders, place).items():
                files[name] |= found
        yield files


def _message(error: Mismatch | StudentError, session: Session, name: str) -> str:
    """What is wrong with the model `name`, for the student; where, if its notebook's code is at fault."""
    if isinstance(error, StudentError):
        return join([say("{name}: {error}", name=name, error=str(error)), where(session, error)])
    first, *others = error.lines
    said = first if error.diagnosis == Diagnosis.WRONG_CHECKPOINT else say("{name}: {first}", name=name, first=first)
    return join([said, *others])
