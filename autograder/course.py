"""The checks and cases of an assignment, found by the names of its topics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Protocol

import torch

from autograder.case import PUBLIC_SEED, Case, Recipe, collect_recipes, load_cases, make_importable
from autograder.faults import TRIES, StudentError, WorkerFailure
from autograder.fingerprints import PACKAGE, check_version, engine_version, fingerprint, of_files
from autograder.isolation import process_limits
from autograder.manifest import Assignment
from autograder.question import Question, ask, collect
from autograder.session import Session
from autograder.verdict import SANDBOX, State, Verdict


@dataclass(frozen=True)
class Course:
    """Everything that marks one assignment: the questions of each notebook, their cases, and the seed of their `rng`.

    `questions` maps a notebook's name to its questions in order; `cases` maps the name of cases to public and secret
    ones.
    """

    assignment: Assignment
    questions: Mapping[str, Sequence[Question]]
    cases: Mapping[str, Sequence[Case]]
    seed: object = PUBLIC_SEED

    def of_code(self, notebook: str) -> list[Question]:
        """The questions that a notebook alone answers."""
        return [question for question in self.questions[notebook] if not question.measured]

    @property
    def measured(self) -> list[tuple[str, Question]]:
        """The questions about saved models, each with the notebook that it belongs to."""
        return [(notebook, q) for notebook, listed in self.questions.items() for q in listed if q.measured]

    @property
    def imports(self) -> list[str]:
        """What measured questions need in the process that scores their models."""
        return list(dict.fromkeys(name for _, question in self.measured for name in question.imports))

    def labels(self, notebook: str) -> dict[str, list[Question]]:
        """The labels that a notebook's code is marked for, each with its checks."""
        found: dict[str, list[Question]] = {}
        for question in self.of_code(notebook):
            found.setdefault(question.label, []).append(question)
        return found

    @cached_property
    def _versions(self) -> dict[str, str]:
        """For each label, the hash of its checks, cases and limits."""
        cases = {name: fingerprint(*(case.to_bytes() for case in several)) for name, several in self.cases.items()}
        files = {check.file for checks in self.questions.values() for check in checks}
        texts = {file: check_version(file) for file in files}
        found: dict[str, str] = {}
        for label, checks in (pair for notebook in self.questions for pair in self.labels(notebook).items()):
            parts = [engine_version(), label, repr(self.assignment.limits_of(label)), str(self.seed)]
            for check in checks:
                parts += [check.name, texts[check.file], cases.get(check.cases, "")]
            found[label] = fingerprint(*parts)
        return found

    def key(self, label: str, digest: str) -> str:
        """The hash of all that the verdict of a label depends on, for the notebook whose hash is `digest`."""
        return fingerprint(self._versions[label], digest)

    def ask(self, session: Session, check: Question) -> Verdict:
        """Puts one check to a notebook, within the limits of its question."""
        limits = self.assignment.limits_of(check.label)
        session.allow(limits.seconds, process_limits(limits))
        return ask(check, session, self.cases.get(check.cases, ()), self.seed)

    def mark(self, session: Session, notebook: str) -> list[Verdict]:
        """The verdict of every label that the notebook's code is marked for."""
        return [add([self.ask(session, check) for check in checks]) for checks in self.labels(notebook).values()]

    def absent(self, notebook: str, diagnosis: str, message: str) -> list[Verdict]:
        """Zero for every such label of a notebook that cannot be marked, all with the same reason."""
        return [
            Verdict.scored(label, 0.0, sum(check.points for check in checks), diagnosis, message)
            for label, checks in self.labels(notebook).items()
        ]

    def unreadable(self, session: Session, notebook: str) -> list[Verdict]:
        """The verdicts of a notebook that cannot be read, none if it was read; a failing sandbox is tried again."""
        failure: WorkerFailure | None = None
        session.may_retry = True
        for _ in range(TRIES):
            try:
                session.open()
            except StudentError as error:
                return self.absent(notebook, error.diagnosis, f"{notebook}: {error}")
            except WorkerFailure as raised:
                failure = raised
            else:
                return []
            session.may_retry = False
        return [
            Verdict.ungraded(verdict.question, verdict.max_points, SANDBOX, str(failure))
            for verdict in self.absent(notebook, "", "")
        ]

    def mark_notebook(self, session: Session, notebook: str) -> list[Verdict]:
        """`mark`, after the notebook was read; an unreadable one fails as a whole with one message."""
        return self.unreadable(session, notebook) or self.mark(session, notebook)


class CaseKeeper(Protocol):
    """Keeps secret cases, which take some recipes many seconds to make."""

    def kept_cases(self, version: str) -> dict[str, list[tuple[str, bytes]]]:
        """What was kept under this version, by name of the recipe: the names and bytes of its cases."""

    def keep_cases(self, version: str, cases: Mapping[str, Sequence[tuple[str, bytes]]]) -> None:
        """Keeps these in place of all others."""


def load_course(
    root: Path, assignment: Assignment, secret_seed: int | None = None, keeper: CaseKeeper | None = None
) -> Course:
    """The course as it stands under `root`, with secret cases beside the public ones when a seed is given."""
    make_importable(root)  # for the package `data`, which checks use
    # Tensors are small here: two threads wait for each other, on a busy machine thirty times as long as one works.
    torch.set_num_threads(1)
    questions = {
        notebook: [question for topic in topics for question in collect(root / "tests" / f"test_{topic}.py")]
        for notebook, topics in assignment.notebooks.items()
    }
    names = dict.fromkeys(q.cases for listed in questions.values() for q in listed if q.cases)
    cases = {name: load_cases(root / "tests" / "cases" / name) for name in names}
    if secret_seed is None:
        return Course(assignment, questions, cases)
    secret = _secret_cases(root, assignment, list(names), secret_seed, keeper)
    return Course(assignment, questions, {name: cases[name] + secret[name] for name in names}, secret_seed)


def _secret_cases(
    root: Path, assignment: Assignment, names: Sequence[str], seed: int, keeper: CaseKeeper | None
) -> dict[str, list[Case]]:
    version = fingerprint(_recipes_version(root), str(seed))
    kept = keeper.kept_cases(version) if keeper else {}
    if kept.keys() == set(names):
        return {name: [Case.from_bytes(data, stem, secret=True) for stem, data in kept[name]] for name in names}
    recipes = load_recipes(root, assignment)
    made = {name: list(recipes[name].cases(seed)) for name in names}
    if keeper:
        keeper.keep_cases(version, {name: [(one.name, one.to_bytes()) for one in made[name]] for name in names})
    return made


def _recipes_version(root: Path) -> str:
    """The hash of all that secret cases depend on beside their seed."""
    helpers = [path for path in (root / "tests").glob("*.py") if not path.stem.startswith("test_")]
    ours = [PACKAGE / name for name in ("case.py", "codec.py", "rng.py")]
    return fingerprint(of_files([*(root / "staff" / "cases").glob("*.py"), *helpers, *ours]), version_of("torch"))


def load_recipes(root: Path, assignment: Assignment) -> dict[str, Recipe]:
    """The recipes of every topic of an assignment, by the name of their cases."""
    recipes: dict[str, Recipe] = {}
    for topic in (topic for topics in assignment.notebooks.values() for topic in topics):
        path = root / "staff" / "cases" / f"{topic}.py"
        if path.exists():
            recipes |= collect_recipes(path)
    return recipes


def add(parts: Sequence[Verdict]) -> Verdict:
    """The verdict of a label from those of its checks."""
    if len(parts) == 1:
        return parts[0]
    label, most = parts[0].question, sum(part.max_points for part in parts)
    message = "\n".join(dict.fromkeys(part.message for part in parts if part.message))
    diagnosis = ", ".join(dict.fromkeys(part.diagnosis for part in parts if part.diagnosis))
    if any(part.diagnosis == SANDBOX for part in parts):  # all of it is asked again
        diagnosis = SANDBOX
    if any(part.state is State.UNGRADED for part in parts):
        added = Verdict.ungraded(label, most, diagnosis, message)
    else:
        added = Verdict.scored(label, sum(part.points for part in parts), most, diagnosis, message)
    figure = ", ".join(dict.fromkeys(part.figure for part in parts if part.figure))
    return replace(added, figure=figure, flags=tuple(dict.fromkeys(flag for part in parts for flag in part.flags)))


def write_cases(root: Path, assignment: Assignment) -> list[Path]:
    """Writes the public cases of every recipe of an assignment in place of the old ones; returns the files."""
    written = []
    for name, recipe in load_recipes(root, assignment).items():
        folder = root / "tests" / "cases" / name
        for stale in folder.glob("*.safetensors"):
            stale.unlink()
        for case in recipe.cases(PUBLIC_SEED):
            path = folder / f"{case.name}.safetensors"
            case.save(path)
            written.append(path)
    return written
