"""Tries hostile inputs on the grader, and says what came of each and what must not have happened."""

import re
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
from autograder.intake import submission
from autograder.intake.submission import Submission
from autograder.marking.questions import mark_notebook
from autograder.marking.verdict import Diagnosis, Verdict
from autograder.models.saved_files import save_models
from autograder.protocol.faults import Fault, StudentError, WorkerFailure
from autograder.protocol.frames import Operation, Reference
from autograder.protocol.inquiry import Inquiry, begin
from autograder.protocol.operations import full_run, read_weights
from autograder.protocol.recording import Fork
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Handle, Student
from autograder.sandbox import Sandbox

from .archives import SECRET, Archive, archives
from .liar import Forgery, Liar, Recorder, Transcript, frame
from .notebooks import notebooks
from .replies import Plan, plans
from .watch import harm, workplace

READ = "hw4_rnn.ipynb"  # the notebook in whose place odd ones are read
REPLAYED = ("hw4_vit.ipynb", "hw4_seq2seq.ipynb")  # conversations in which replies are forged
_ASKED = ("1a", "1f")  # the questions put to READ
_CANARY = b'{"cells": [], "metadata": "a file outside of every submission"}'
_ID = "2024-20001"
# Every notebook is none: for archives, of which nothing but the intake is tried.
_REFUSAL = Forgery(
    Operation.READ_NOTEBOOK, -1, frame(b'{"error": {"kind": "UnreadableNotebook", "message": "refused"}}')
)


@dataclass
class Trial:
    """What came of one input: the grader's sentences without what varies, and what must not have happened."""

    outcomes: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def note(self, *sentences: str) -> None:
        """Takes what the grader said, without names and numbers, so that the like can be counted."""
        for sentence in sentences:
            line = ascii(sentence.partition("\n")[0])[1:-1]
            self.outcomes.add(re.sub(r"'[^']*'|`[^`]*`|-?\d[\d,.]*", "#", line)[:110])


class Harness:
    """Grades hostile inputs, each into a gradebook of its own, with workers of the assignment's `sandbox`.

    `solved` maps the names of its notebooks to such as earn full marks. `inputs` are strategies by the kind of input.
    """

    def __init__(self, root: Path, sandbox: Sandbox, solved: Mapping[str, bytes]) -> None:
        self._root, self._sandbox, self._solved = root, sandbox, solved
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
            lambda inquiry: inquiry.exchange(read_weights(b"x")),
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
        trial = Trial()
        with workplace() as work, Gradebook(work / "grades", self._assignment) as gradebook:
            (work / SECRET).write_bytes(_CANARY)
            if isinstance(one, Archive):
                one.write(work / "inbox")
            trial.problems += harm(work, lambda: self._grade(one, work, gradebook, trial))
            rows = [row.submission_id for row in gradebook.submissions()]
            if rows != [_ID]:
                trial.problems.append(f"has the rows {rows} in the gradebook")
        return trial

    def _grade(self, one: Archive | bytes | Plan, work: Path, gradebook: Gradebook, trial: Trial) -> None:
        blamed: set[str] = {Diagnosis.GRADER_ERROR, Diagnosis.SANDBOX}  # diagnoses that no student may bring about
        if isinstance(one, Archive):
            loaded = self._take_in(work / "inbox" / one.name, work / "grades" / "models", trial)
            verdicts = self._mark(gradebook, self._course, loaded, Liar([_REFUSAL], {}).fork)
        elif isinstance(one, Plan):
            liar, loaded = Liar(one.forgeries, self._transcript), _hand_in(one.notebook, self._solved[one.notebook])
            verdicts = self._mark(gradebook, self._courses[one.notebook], loaded, liar.fork)
            blamed -= {Diagnosis.SANDBOX} if liar.reports_error else set()  # which cannot be told from a true one
        else:
            verdicts = self._mark(gradebook, self._courses[READ], _hand_in(READ, one), self._sandbox.fork)
            blamed |= {Fault.MALFORMED_REPLY}  # no code here writes to our pipes
        for verdict in verdicts:
            words = f"{verdict.state}, {verdict.diagnosis}: {verdict.message[:300]}"
            trial.note(words)
            if verdict.diagnosis in blamed:
                trial.problems.append(f"{verdict.question} is {words}")
        if isinstance(one, Plan):
            self._converse_with(Liar(one.forgeries, self._transcript), trial)

    def _mark(self, gradebook: Gradebook, course: Course, loaded: Submission, fork: Fork) -> list[Verdict]:
        sandbox = cast(Sandbox, SimpleNamespace(fork=fork))  # nothing else of a sandbox is used to mark code
        Marker(self._root, course, gradebook, lambda: None).mark(loaded, sandbox)
        asked = {check.question for checks in course.questions.values() for check in checks}
        return [verdict for verdict in gradebook.verdicts(loaded.submission_id) if verdict.question in asked]

    def _converse_with(self, liar: Liar, trial: Trial) -> None:
        errors = self._converse(liar.fork, 1.0)
        trial.note(*errors)
        if not liar.reports_error and any(error.startswith("WorkerFailure") for error in errors):
            trial.problems.append(f"the grader took the blame: {errors}")

    def _take_in(self, path: Path, models: Path, trial: Trial) -> Submission:
        submission.submission_ids(submission.find(path, self._assignment))
        loaded = submission.load(path, _ID, self._assignment)
        models.mkdir()
        save_models(path, ["model_checkpoints/assignment2-1-2"], models)
        if _CANARY in loaded.notebooks.values():
            trial.problems.append("a file outside of the submission was read")
        if not loaded.error and not loaded.files:
            trial.problems.append("neither a file nor an error")
        if loaded.error and loaded.notebooks:
            trial.problems.append("a notebook was read and not graded")
        trial.note(loaded.error or "sound", *loaded.notes)
        return loaded


def _hand_in(notebook: str, content: bytes) -> Submission:
    return Submission(_ID, Path(notebook), _ID, {notebook: content}, [notebook], [], [], "")
