"""Tries hostile inputs on the grader, and says what came of each and what must not have happened."""

import errno
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import torch

from autograder.classroom.marker import Marker
from autograder.course.course import Course, load_course
from autograder.course.manifest import load
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.attempts import Attempt, Received, attempts_of
from autograder.intake.handout import Handout
from autograder.intake.people import Identification
from autograder.intake.reading import RemoteIntake
from autograder.intake.source import find, source_at
from autograder.intake.submission import SubmissionState, submission_ids
from autograder.marking.questions import mark_notebook
from autograder.marking.verdict import Diagnosis, Verdict
from autograder.models.reading import take_models
from autograder.protocol.faults import Fault, StudentError, WorkerFailure
from autograder.protocol.frames import Reference
from autograder.protocol.inquiry import Inquiry, begin
from autograder.protocol.operation import Operation
from autograder.protocol.operations import full_run, read_weights
from autograder.protocol.recording import Fork
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Handle, Student
from autograder.sandbox import Sandbox
from autograder.sandbox.reader import Readers

from .archives import SECRET, Archive, Member, archives
from .liar import Forgery, Liar, Recorder, Transcript, frame
from .notebooks import notebooks
from .replies import Plan, plans
from .watch import harm, workplace

READ = "hw4_rnn.ipynb"  # the notebook in whose place odd ones are read
REPLAYED = ("hw4_vit.ipynb", "hw4_seq2seq.ipynb")  # conversations in which replies are forged
_ASKED = ("1a", "1f")  # the questions put to READ
CANARY = b'{"cells": [], "metadata": "a file outside of every submission"}'
_ID = "2024-20001"
_MODELS = "model_checkpoints/assignment2-1-2"
# Every notebook is none: for archives, of which nothing but the intake is tried.
_REFUSAL = Forgery(
    Operation.READ_NOTEBOOK, -1, frame(b'{"error": {"kind": "UnreadableNotebook", "message": "refused"}}')
)


@dataclass
class Trial:
    """What came of one input: the grader's sentences without what varies, and what must not have happened."""

    outcomes: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def note(self, *sentences: str) -> None:
        """Takes what the grader said, without names and numbers, so that the like can be counted."""
        for sentence in sentences:
            line = ascii(sentence.partition("\n")[0])[1:-1]
            self.outcomes.add(re.sub(r"'[^']*'|`[^`]*`|-?\d[\d,.]*", "#", line)[:110])


class Harness:
    """Grades hostile inputs, each into a gradebook of its own, with workers of the assignment's `sandbox`.

    They are written to `folder`, where `readers` read. `solved` maps the names of the assignment's notebooks to such as
    earn full marks. `inputs` are strategies by the kind of input.
    """

    def __init__(
        self, root: Path, sandbox: Sandbox, readers: Readers, folder: Path, solved: Mapping[str, bytes]
    ) -> None:
        self._root, self._sandbox, self._readers, self._folder, self._solved = root, sandbox, readers, folder, solved
        self._handout = Handout.read(root / "notebooks")
        self._assignment = load(root)["hw4"]
        self._course = load_course(root, self._assignment)
        self._courses = {}
        for name in (READ, *REPLAYED):
            asked = [one for one in self._course.of_code(name) if name != READ or one.question in _ASKED]
            self._courses[name] = replace(self._course, questions={name: asked})
        self._transcript: Transcript = {}
        for name in REPLAYED:
            with Session(self._record, solved[name], name, 60.0) as session:
                mark_notebook(self._course, session)
        self._converse(self._record, 60.0)
        self.inputs: dict[str, Any] = {
            "archives": archives(solved),
            "notebooks": notebooks(solved[READ], list(solved.values())),
            "replies": plans(REPLAYED, self._transcript),
        }

    def _record(self, *_: object) -> Recorder:
        return Recorder(self._sandbox.fork(), self._transcript)

    def _converse(self, fork: Fork, seconds: float) -> list[str]:
        """Asks what no check of code asks; returns the errors of the kinds that a session may raise, in words."""
        errors: list[str] = []
        asked: list[Callable[[Inquiry], object]] = [
            lambda inquiry: Handle(inquiry, Reference(0, "Attention"), "Attention").forward,
            lambda inquiry: Handle(inquiry, Reference(0, "Attention"), "Attention").restore({"weight": torch.ones(2)}),
            lambda inquiry: inquiry.exchange(full_run(self._root / "data" / "samples", 1.0, ["ViT"])),
            lambda inquiry: inquiry.exchange(read_weights(b"x", 1 << 20)),
            lambda inquiry: inquiry.broken_rules(),
        ]
        with Session(fork, self._solved[REPLAYED[0]], REPLAYED[0], seconds) as session:
            for ask in asked:
                try:
                    inquiry = begin(session, Rules(forbid=("torch.*",)), 0)
                    Student(inquiry).Attention(8, 2)
                    ask(inquiry)
                except (StudentError, WorkerFailure) as error:
                    errors.append(f"{type(error).__name__}: {error}")
        return errors

    def attempt(self, one: Archive | bytes | Plan) -> Trial:
        """Grades what is handed in, an archive or the file of a notebook, or what a lying worker answers."""
        trial, begun = Trial(), time.monotonic()
        with workplace(self._folder) as work, Gradebook(work / "grades", self._assignment) as gradebook:
            (work / SECRET).write_bytes(CANARY)
            path = self._handed_in(one).write(work / "inbox")
            before = self._temporary_files()
            trial.problems += harm(work, lambda: self._grade(one, path, gradebook, trial))
            if self._temporary_files() > before:
                trial.problems.append("left temporary files behind")
            rows = [row.submission_id for row in gradebook.attempts()]
            if rows != [_ID]:
                trial.problems.append(f"has the rows {rows} in the gradebook")
        trial.seconds = time.monotonic() - begun
        return trial

    def _temporary_files(self) -> int:
        """The files and folders in the folder for temporary ones, with that of a reader, which is there afterwards."""
        with self._readers.borrow() as reader:
            reader.call("os:getpid")
        return len(list((self._folder / "temporary").iterdir()))

    def _handed_in(self, one: Archive | bytes | Plan) -> Archive:
        if isinstance(one, Archive):
            return one
        name, content = (READ, one) if isinstance(one, bytes) else (one.notebook, self._solved[one.notebook])
        return Archive(_ID, (Member(name.encode(), content),))

    def _grade(self, one: Archive | bytes | Plan, path: Path, gradebook: Gradebook, trial: Trial) -> None:
        blamed: set[str] = {Diagnosis.GRADER_ERROR, Diagnosis.SANDBOX}  # diagnoses that no student may bring about
        fork: Fork = self._sandbox.fork
        if isinstance(one, Archive):  # of which nothing but the intake is tried
            course, fork = self._course, Liar([_REFUSAL], {}).fork
        elif isinstance(one, Plan):
            liar = Liar(one.forgeries, self._transcript)
            course, fork = self._courses[one.notebook], liar.fork
        else:
            course = self._courses[READ]
            blamed |= {Fault.MALFORMED_REPLY}  # no code here writes to our pipes
        taken = self._take_in(path, trial)
        verdicts = self._mark(gradebook, course, taken, fork)
        if isinstance(one, Plan) and liar.reports_error:
            blamed -= {Diagnosis.SANDBOX}  # which cannot be told from a true one
        for verdict in verdicts:
            words = f"{verdict.state}, {verdict.diagnosis}: {verdict.message[:300]}"
            trial.note(words)
            if verdict.diagnosis in blamed:
                trial.problems.append(f"{verdict.question} is {words}")
        if isinstance(one, Plan):
            self._converse_with(Liar(one.forgeries, self._transcript), trial)

    def _mark(self, gradebook: Gradebook, course: Course, taken: Attempt, fork: Fork) -> list[Verdict]:
        sandbox = cast(Sandbox, SimpleNamespace(fork=fork))  # nothing else of a sandbox is used to mark code
        Marker(self._root, course, gradebook, lambda: None).mark(taken, sandbox)
        asked = {check.question for checks in course.questions.values() for check in checks}
        return [verdict for verdict in gradebook.verdicts(taken.submission_id) if verdict.question in asked]

    def _converse_with(self, liar: Liar, trial: Trial) -> None:
        errors = self._converse(liar.fork, 1.0)
        trial.note(*errors)
        if not liar.reports_error and any(error.startswith("WorkerFailure") for error in errors):
            trial.problems.append(f"the grader took the blame: {errors}")

    def _take_in(self, path: Path, trial: Trial) -> Attempt:
        grades = path.parents[1] / "grades"
        submission_ids([source.name for source in find(path, self._assignment)])
        intake = RemoteIntake(self._readers, self._assignment, self._handout, grades / "notebooks")
        source = source_at(path, self._assignment)
        taken = intake.take_in(source, _ID)
        self._take_models(path, grades / "models")
        if CANARY in taken.notebooks.values():
            trial.problems.append("a file outside of the submission was read")
        if not taken.error and not taken.files:
            trial.problems.append("neither a file nor an error")
        if taken.error and taken.notebooks:
            trial.problems.append("a notebook was read and not graded")
        if taken.state is SubmissionState.UNKEPT or "ends the process" in taken.error:
            trial.problems.append(f"the reader failed: {taken.error}")
        trial.note(taken.error or "sound", *taken.notes)
        owner = Identification([(source.given, taken)], None, {}).owner(source.given, taken)
        (attempt,) = attempts_of([Received(source, taken, owner)], self._assignment)
        return attempt

    def _take_models(self, path: Path, destination: Path) -> None:
        destination.mkdir()
        try:
            take_models(self._readers, source_at(path, self._assignment), {_MODELS: 512}, destination)
        except OSError as error:
            if error.errno != errno.ETIME or "ends the process" in str(error):
                raise
