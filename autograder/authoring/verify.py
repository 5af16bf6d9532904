"""Proves the course: what is generated is fresh, right answers earn full marks, wrong ones fail where they should.

Each failure names the command or the file that mends it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from autograder.authoring import build
from autograder.authoring.answers import Answer, AnswerError, answered_notebook, read_answer
from autograder.authoring.collect_script import NAME, is_fresh
from autograder.authoring.imports import foreign_imports
from autograder.authoring.mistakes import find_gap
from autograder.authoring.outputs import recorded, with_outputs
from autograder.checks.case import PUBLIC_SEED, Case, load_cases
from autograder.checks.expect import is_close
from autograder.course.course import Course, load_course, load_recipes
from autograder.course.manifest import Assignment, load
from autograder.course.points import find_disagreement
from autograder.marking.questions import mark_notebook
from autograder.marking.verdict import State, Verdict
from autograder.protocol.faults import Fault
from autograder.protocol.session import Session
from autograder.sandbox import Sandbox

MIN_MUTANTS = 6
MIN_VARIANTS = 2


def verify(root: Path, assignment: Assignment, sandbox: Sandbox) -> Iterator[tuple[str, str]]:
    """Runs every proof; yields the name of each and what is wrong ("" when nothing is)."""
    yield f"{assignment.name}: notebooks are fresh", _stale_notebooks(root, assignment)
    yield f"{assignment.name}: {NAME} is fresh", _stale_script(root)
    yield f"{assignment.name}: cases are fresh", _stale_cases(root, assignment)
    yield f"{assignment.name}: checks and recipes import the public surface alone", foreign_imports(root)
    course = load_course(root, assignment, secret_seed=1)
    yield f"{assignment.name}: points agree", find_disagreement(course)
    for notebook, topics in assignment.notebooks.items():
        if topics:
            yield from _Notebook(root, course, notebook, build.read_sources(root, topics), sandbox).proofs()


def _stale_notebooks(root: Path, assignment: Assignment) -> str:
    stale = build.stale_notebooks(root, [assignment])
    return f"a rebuild changes {', '.join(stale)}; `autograder build` mends it" if stale else ""


def _stale_script(root: Path) -> str:
    return "" if is_fresh(root, load(root)) else f"a rebuild changes {NAME}; `autograder build` mends it"


def _stale_cases(root: Path, assignment: Assignment) -> str:
    """Compared by value: the last digits of a float differ between processors."""
    for name, recipe in load_recipes(root, assignment).items():
        made = {case.name: case for case in recipe.cases(PUBLIC_SEED)}
        folder = root / "tests" / "cases" / name
        kept = {case.name: case for case in load_cases(folder)} if folder.is_dir() else {}
        if made.keys() != kept.keys() or any(not _same(made[key], kept[key]) for key in made):
            return f"a rebuild changes tests/cases/{name}; `autograder cases` mends it"
    return ""


def _same(one: Case, other: Case) -> bool:
    fields = ("inputs", "outputs", "mistakes", "accepted", "sizes")
    return all(_alike(getattr(one, field), getattr(other, field)) for field in fields)


def _alike(one: object, other: object) -> bool:
    """Equal structures, whose tensors are close."""
    if isinstance(one, torch.Tensor):
        return is_close(other, one)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(map(_alike, one, other))
    return one == other


@dataclass(frozen=True)
class _Notebook:
    """The proofs of one notebook."""

    root: Path
    course: Course
    name: str
    sources: Mapping[str, str]
    sandbox: Sandbox

    def proofs(self) -> Iterator[tuple[str, str]]:
        """The solution, the skeleton, each mutant and variant, their number, and the names of mistakes."""
        solution = self._run(build.to_bytes(build.solution_notebook(self.sources)))
        yield f"{self.name}: the solution earns full marks", self._full(solution, "staff/solutions/")
        yield f"{self.name}: the skeleton earns 0", self._skeleton()
        mutants, variants = self._answers("mutants"), self._answers("variants")
        for mutant in mutants:
            yield f"mutant {self._short(mutant)}", self._mutant(mutant)
        for variant in variants:
            yield f"variant {self._short(variant)}", self._variant(variant)
        yield f"{self.name}: enough mutants and variants", self._counts(mutants, variants)
        checks = self.course.of_code(self.name)
        for question in self.course.checks_by_question(self.name):
            gap = find_gap(question, checks, self.course.cases, mutants)
            yield f"{question}: every mistake stands in a table, a case and a mutant", gap

    def _answers(self, kind: str) -> list[Answer]:
        folders = [self.root / "staff" / kind / topic for topic in self.sources]
        return [read_answer(path) for folder in folders for path in sorted(folder.glob("*.py"))]

    def _short(self, answer: Answer) -> str:
        return answer.path.relative_to(self.root).as_posix()

    def _mark(self, content: bytes) -> list[Verdict]:
        with Session(self.sandbox.fork, content, self.name, self.course.assignment.limits.seconds) as session:
            return mark_notebook(self.course, session)

    def _full(self, content: bytes, source: str) -> str:
        for verdict in self._mark(content):
            if verdict.state is not State.PASS:
                return f"{_told(verdict)}; mend {source} or tests/"
        return ""

    def _skeleton(self) -> str:
        for verdict in self._mark(build.to_bytes(build.skeleton_notebook(self.sources))):
            if verdict.state is not State.FAIL or verdict.diagnosis not in (Fault.NOT_WRITTEN, "no figure"):
                return f"{_told(verdict)}; mend staff/solutions/ or the check in tests/"
        return ""

    def _proof(self, answer: Answer, judge: Callable[[bytes], str]) -> str:
        """What `judge` says of the notebook with an answer in it, or why there is none."""
        try:
            content = answered_notebook(self.sources, answer)
        except AnswerError as error:
            return str(error)
        return judge(self._run(content))

    def _run(self, content: bytes) -> bytes:
        """The notebook as if it had been run: with the recorded outputs of the solution."""
        return with_outputs(content, recorded(self.root, self.sources))

    def _variant(self, variant: Answer) -> str:
        return self._proof(variant, lambda content: self._full(content, self._short(variant)))

    def _mutant(self, mutant: Answer) -> str:
        return self._proof(mutant, lambda content: self._wrong(mutant, self._mark(content)))

    def _wrong(self, mutant: Answer, verdicts: Sequence[Verdict]) -> str:
        """It must get its diagnosis and its points in the questions it names, and full marks everywhere else."""
        for verdict in verdicts:
            expected = mutant.questions.get(verdict.question)
            if expected is None:
                if verdict.state is not State.PASS:
                    return f"costs another question: {_told(verdict)}; mend {self._short(mutant)} or tests/"
            elif verdict.state in (State.PASS, State.UNGRADED) or verdict.points != expected.earns:
                return f"should earn {expected.earns:g}: {_told(verdict)}; mend {self._short(mutant)} or tests/"
            elif verdict.diagnosis != expected.diagnosis:
                return (
                    f"should be called {expected.diagnosis!r}: {_told(verdict)}; mend {self._short(mutant)} or tests/"
                )
        return ""

    def _counts(self, mutants: Sequence[Answer], variants: Sequence[Answer]) -> str:
        # What outputs claim, and what saved models reach, is proved by tests of their own.
        code = [check for check in self.course.of_code(self.name) if "claims" not in check.fixtures]
        questions = dict.fromkeys(check.question for check in code)
        for question in questions:
            bad = sum(question in mutant.questions for mutant in mutants)
            good = sum(question in variant.questions for variant in variants)
            if bad < MIN_MUTANTS or good < MIN_VARIANTS:
                return f"{question} has {bad} mutants and {good} variants; add to staff/mutants or staff/variants"
        return ""


def _told(verdict: Verdict) -> str:
    first = verdict.message.splitlines()[0] if verdict.message else ""
    return f"{verdict.question} got {verdict.points:g}, {verdict.state}, {verdict.diagnosis!r}: {first}"
