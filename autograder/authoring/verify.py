"""Proves the course: what is generated is fresh, right answers earn full marks, wrong ones fail where they should.

Each failure names the command or the file that fixes it.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.authoring import build
from autograder.authoring.answers import Answer, AnswerError, answered_notebook, read_answer
from autograder.authoring.cases import stale_cases
from autograder.authoring.collect_script import NAME, is_fresh
from autograder.authoring.imports import foreign_imports
from autograder.authoring.mistakes import find_gap
from autograder.authoring.outputs import recorded, with_outputs
from autograder.authoring.proof import Proof, ProofCache, ProofResult, prove_all
from autograder.course.course import Course, load_course
from autograder.course.fingerprints import fingerprint, module_version
from autograder.course.manifest import Assignment, load
from autograder.course.manual import find_unknown_heading
from autograder.course.points import find_disagreement
from autograder.marking.ask import Diagnoses
from autograder.marking.question import ask_question
from autograder.marking.questions import unreadable
from autograder.marking.verdict import State, Verdict
from autograder.protocol.faults import Fault
from autograder.protocol.session import Session
from autograder.sandbox import Sandbox

MIN_MUTANTS = 6
MIN_VARIANTS = 2


class ChoiceError(ValueError):
    """A topic or a question that the course does not have; the message names those that it has."""


@dataclass(frozen=True)
class Choice:
    """Which proofs are made: of one topic, one question, with some text in their names; "" leaves the choice open.

    `quick` leaves out all mutants but the first of each question, and the variants.
    """

    topic: str = ""
    question: str = ""
    name: str = ""
    quick: bool = False

    def check(self, assignments: Sequence[Assignment]) -> None:
        """Raises ChoiceError for what none of the assignments has."""
        topics = [topic for one in assignments for some in one.notebooks.values() for topic in some]
        questions = [label for one in assignments for label in one.questions if label not in one.manual_questions]
        for what, word, words in (("topic", self.topic, topics), ("question", self.question, questions)):
            if word and word not in words:
                raise ChoiceError(f"there is no {what} {word!r}, but {', '.join(words)}")

    @property
    def is_whole(self) -> bool:
        """Whether the whole course is meant, and not a part of it."""
        return not self.topic and not self.question

    def concerns(self, assignment: Assignment) -> bool:
        """Whether an assignment has both the topic and the question that are chosen."""
        topics = {topic for some in assignment.notebooks.values() for topic in some}
        return self.topic in {"", *topics} and self.question in {"", *assignment.questions}

    def __str__(self) -> str:
        """The choice as it is typed."""
        typed = {"--topic": self.topic, "--question": self.question, "-k": self.name}
        return " ".join(f"{option} {value}" for option, value in typed.items() if value)


EVERYTHING = Choice()


def verify(
    root: Path,
    assignment: Assignment,
    open_sandboxes: Callable[[], AbstractContextManager[Sequence[Sandbox]]],
    cache: ProofCache,
    choice: Choice = EVERYTHING,
    seeds: int = 1,
    trust: bool = True,
) -> Generator[ProofResult, None, None]:
    """Makes the proofs of an assignment, with so many secret seeds; see `prove_all` for the rest."""
    if not choice.concerns(assignment):
        return  # before cases are made, which takes seconds
    proofs = list(_proofs_of_course(root, assignment)) if choice.is_whole else []
    for seed in range(1, seeds + 1):
        course = load_course(root, assignment, secret_seed=seed)
        if choice.is_whole and seed == 1:
            proofs.append(_Plain(f"{assignment.name}: points agree", find_disagreement, course).proof)
        for notebook, topics in assignment.notebooks.items():
            asked = [one for one in course.checks_by_question(notebook) if choice.question in ("", one)]
            if asked and topics and choice.topic in ("", *topics):
                sources = build.read_sources(root, topics)
                proofs += _Notebook(root, course, notebook, sources, choice, asked).proofs()
    yield from prove_all([one for one in proofs if choice.name in one.name], open_sandboxes, cache, trust)


@dataclass(frozen=True)
class _Plain:
    """A proof without a sandbox: a function of something says what is wrong."""

    name: str
    function: Callable[..., str]
    argument: object

    @property
    def proof(self) -> Proof:
        return Proof(self.name, lambda _: self.function(self.argument))


def _proofs_of_course(root: Path, assignment: Assignment) -> Iterator[Proof]:
    """What is generated is fresh, and checks and recipes import nothing but the public surface."""

    def notebooks(_: object) -> str:
        stale = build.stale_notebooks(root, [assignment])
        return f"a rebuild changes {', '.join(stale)}; `autograder build` fixes it" if stale else ""

    def script(_: object) -> str:
        return "" if is_fresh(root, load(root)) else f"a rebuild changes {NAME}; `autograder build` fixes it"

    def cases(_: object) -> str:
        stale = stale_cases(root, assignment)
        return f"a rebuild changes tests/cases/{stale}; `autograder cases` fixes it" if stale else ""

    def shown(_: object) -> str:
        return find_unknown_heading(root, assignment)

    yield Proof(f"{assignment.name}: notebooks are fresh", notebooks)
    if assignment.manual_questions:
        yield Proof(f"{assignment.name}: what people mark has its headings", shown)
    yield Proof(f"{assignment.name}: {NAME} is fresh", script)
    yield Proof(f"{assignment.name}: cases are fresh", cases)
    yield Proof(
        f"{assignment.name}: checks and recipes import the public surface alone", lambda _: foreign_imports(root)
    )


@dataclass(frozen=True)
class _Notebook:
    """The proofs of one notebook, with the questions that are asked."""

    root: Path
    course: Course
    name: str
    sources: Mapping[str, str]
    choice: Choice
    asked: Sequence[str]

    def proofs(self) -> Iterator[Proof]:
        """The solution, the skeleton, each mutant and variant, their number, and the names of mistakes."""
        yield self._proof(f"{self.name}: the solution earns full marks", self._solution)
        yield self._proof(f"{self.name}: the skeleton earns 0", self._skeleton)
        mutants, variants = self._answers("mutants"), self._answers("variants")
        for mutant in self._first(mutants) if self.choice.quick else mutants:
            yield self._proof_of(mutant, "mutant", self._wrong)
        for variant in () if self.choice.quick else variants:
            yield self._proof_of(variant, "variant", self._right)
        if not self.choice.question:
            yield Proof(f"{self.name}: enough mutants and variants", lambda _: self._counts(mutants, variants))
        checks = self.course.of_code(self.name)
        for question in self.asked:
            name = f"{question}: every mistake stands in a table, a case and a mutant"
            yield _Plain(name, lambda one: find_gap(one, checks, self.course.cases, mutants), question).proof

    def _answers(self, kind: str) -> list[Answer]:
        folders = [self.root / "staff" / kind / topic for topic in self.sources]
        answers = [read_answer(path) for folder in folders for path in sorted(folder.glob("*.py"))]
        return [answer for answer in answers if not answer.questions.keys().isdisjoint(self.asked)]

    def _first(self, answers: Sequence[Answer]) -> list[Answer]:
        """For each question the first answer that is about it."""
        found = {question: answer for answer in reversed(answers) for question in answer.questions}
        return list({answer.path: answer for answer in found.values()}.values())

    def _short(self, answer: Answer) -> str:
        return answer.path.relative_to(self.root).as_posix()

    @cached_property
    def _version(self) -> str:
        """The hash of what the results depend on beside the answer: questions, sources, outputs, our own code."""
        outputs = recorded(self.root, self.sources)
        digest = fingerprint(repr(self.sources), repr(outputs), module_version("autograder.authoring.verify"))
        return fingerprint(*(self.course.key(question, digest) for question in self.asked))

    def _proof(self, name: str, judge: Callable[[Sandbox], str], content: bytes = b"") -> Proof:
        def prove(sandbox: Sandbox | None) -> str:
            assert sandbox is not None
            return judge(sandbox)

        seed = "" if self.course.seed == 1 else f" (seed {self.course.seed})"
        return Proof(name + seed, prove, fingerprint(name, self._version, content))

    def _proof_of(self, answer: Answer, kind: str, judge: Callable[[Answer, Sequence[Verdict]], str]) -> Proof:
        """What `judge` says of the verdicts on the notebook with an answer in it, or why there is no such notebook."""

        def prove(sandbox: Sandbox) -> str:
            try:
                content = answered_notebook(self.sources, answer)
            except AnswerError as error:
                return str(error)
            return judge(answer, self._mark(sandbox, self._run(content), asked))

        # That an answer leaves other questions alone does not depend on the cases: one seed shows it.
        asked = [one for one in self.asked if self.course.seed == 1 or one in answer.questions]
        return self._proof(f"{kind} {self._short(answer)}", prove, answer.path.read_bytes())

    def _mark(self, sandbox: Sandbox, content: bytes, asked: Sequence[str] = ()) -> list[Verdict]:
        earlier: Diagnoses = {}
        with Session(sandbox.fork, content, self.name, self.course.assignment.limits.seconds) as session:
            verdicts = unreadable(self.course, session) or [
                ask_question(self.course, session, question, earlier) for question in asked or self.asked
            ]
        return [verdict for verdict in verdicts if verdict.question in self.asked]

    def _run(self, content: bytes) -> bytes:
        """The notebook as if it had been run: with the recorded outputs of the solution."""
        return with_outputs(content, recorded(self.root, self.sources))

    def _solution(self, sandbox: Sandbox) -> str:
        content = self._run(build.to_bytes(build.solution_notebook(self.sources)))
        return _below_full(self._mark(sandbox, content), "staff/solutions/")

    def _skeleton(self, sandbox: Sandbox) -> str:
        for verdict in self._mark(sandbox, build.to_bytes(build.skeleton_notebook(self.sources))):
            if verdict.state is not State.FAIL or verdict.diagnosis not in (Fault.NOT_WRITTEN, "no figure"):
                return f"{_summary(verdict)}; fix staff/solutions/ or the check in tests/"
        return ""

    def _right(self, variant: Answer, verdicts: Sequence[Verdict]) -> str:
        return _below_full(verdicts, self._short(variant))

    def _wrong(self, mutant: Answer, verdicts: Sequence[Verdict]) -> str:
        """It must get its diagnosis and its points in the questions it names, and full marks everywhere else."""
        for verdict in verdicts:
            expected, fix = mutant.questions.get(verdict.question), f"fix {self._short(mutant)} or tests/"
            if expected is None:
                if verdict.state is not State.PASS:
                    return f"costs another question: {_summary(verdict)}; {fix}"
            elif verdict.state in (State.PASS, State.UNGRADED) or verdict.points != expected.earns:
                return f"should earn {expected.earns:g}: {_summary(verdict)}; {fix}"
            elif verdict.diagnosis != expected.diagnosis:
                return f"should be called {expected.diagnosis!r}: {_summary(verdict)}; {fix}"
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


def _summary(verdict: Verdict) -> str:
    first = verdict.message.splitlines()[0] if verdict.message else ""
    return f"{verdict.question} got {verdict.points:g}, {verdict.state}, {verdict.diagnosis!r}: {first}"


def _below_full(verdicts: Sequence[Verdict], source: str) -> str:
    """The first verdict that is no PASS, and where to fix that; "" if there is none."""
    short = [verdict for verdict in verdicts if verdict.state is not State.PASS]
    return f"{_summary(short[0])}; fix {source} or tests/" if short else ""
