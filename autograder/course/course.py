"""The checks and cases of an assignment, found by the names of its topics."""

import ast
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from autograder.checks.case import PUBLIC_SEED, Case, load_cases, load_module
from autograder.checks.question import Check, collect
from autograder.checks.retraining import RetrainCheck
from autograder.course.cases import CaseKeeper, LazyCases, secret_cases
from autograder.course.data_package import import_data
from autograder.course.fingerprints import check_version, engine_version, fingerprint, reader_version
from autograder.course.manifest import Assignment, CourseError
from autograder.notebook.functions import skeleton_digests


@dataclass(frozen=True)
class Course:
    """Everything that marks one assignment: the questions of each notebook, their cases, and the seed of their `rng`.

    `questions` maps a notebook's name to its questions in order; `cases` maps the name of cases to public and secret
    ones. `version` is that of the code which asks, answers and judges. `skeletons` has for each notebook the functions
    that the handout leaves to students, by name and digest. With `alone`, a name of cases and a number from 0, checks
    on these cases run on that one.
    """

    assignment: Assignment
    questions: Mapping[str, Sequence[Check]]
    cases: Mapping[str, Sequence[Case]]
    seed: object = PUBLIC_SEED
    version: str = ""
    skeletons: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    alone: tuple[str, int] | None = None

    def of_code(self, notebook: str) -> list[Check]:
        """The questions that a notebook alone answers."""
        return [check for check in self.questions[notebook] if not check.about_models]

    @property
    def model_checks(self) -> list[tuple[str, Check]]:
        """The questions about saved models, each with the notebook that it belongs to."""
        return [(notebook, q) for notebook, listed in self.questions.items() for q in listed if q.about_models]

    @property
    def imports(self) -> list[str]:
        """What measured questions need in the process that scores their models."""
        return list(dict.fromkeys(name for _, check in self.model_checks for name in check.imports))

    def checks_by_question(self, notebook: str) -> dict[str, list[Check]]:
        """The questions that a notebook's code is marked for, each with its checks."""
        return self._checks_by_question[notebook]

    @cached_property
    def _checks_by_question(self) -> dict[str, dict[str, list[Check]]]:
        found: dict[str, dict[str, list[Check]]] = {notebook: {} for notebook in self.questions}
        for notebook, questions in found.items():
            for check in self.of_code(notebook):
                questions.setdefault(check.question, []).append(check)
        return found

    @cached_property
    def _version_of(self) -> Callable[[str], str]:
        """What gives, for a question, the hash of its checks, cases and limits, and of those that it depends on.

        Of each it is made when it is first asked for, since cases may have to be made for it.
        """
        texts = cache(check_version)
        checks_of = {
            question: checks
            for notebook in self.questions
            for question, checks in self.checks_by_question(notebook).items()
        }

        @cache
        def version_of_cases(name: str) -> str:
            return fingerprint(*(case.to_bytes() for case in self.cases[name])) if name in self.cases else ""

        @cache
        def version_of(question: str) -> str:
            parts = [self.version, question, repr(self.assignment.limits_of(question)), str(self.seed)]
            for check in checks_of[question]:
                parts += [check.name, texts(check.file), version_of_cases(check.cases)]
                parts += [version_of(earlier) for earlier in check.after]
            return fingerprint(*parts)

        return version_of

    def cases_for(self, check: Check) -> list[tuple[int, Case | None]]:
        """What a check runs on: its cases with their numbers; None, once, for a check without any."""
        if not check.cases:
            return [(0, None)]
        every: list[tuple[int, Case | None]] = list(enumerate(self.cases.get(check.cases, ())))
        return every if self.alone is None or self.alone[0] != check.cases else [every[self.alone[1]]]

    def place_of_case(self, check: Check, position: int) -> int:
        """The number of one of a check's public cases among those of its question, from 1."""
        listed = next(checks for checks in self.questions.values() if check in checks)
        names = list(dict.fromkeys(one.cases for one in listed if one.question == check.question and one.cases))
        before = names[: names.index(check.cases)]
        return 1 + position + sum(not case.secret for name in before for case in self.cases[name])

    def key(self, question: str, digest: str) -> str:
        """The hash of all that the verdict of a question depends on, for the notebook whose hash is `digest`."""
        return fingerprint(self._version_of(question), digest)


def load_checks(root: Path, topic: str) -> list[Check]:
    """The checks of a topic, in order. Raises FileNotFoundError without their file."""
    import_data(root)  # which checks may import
    return collect(root / "tests" / f"test_{topic}.py")


def _skeleton(path: Path) -> frozenset[tuple[str, str]]:
    """The functions that a handout's notebook leaves to students; none where it is not there."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
    except (OSError, ValueError, KeyError):
        return frozenset()
    trees = []
    for source in ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"):
        with suppress(SyntaxError):  # magics
            trees.append(ast.parse(source))
    return skeleton_digests(trees)


def load_public(root: Path, assignment: Assignment, notebook: str) -> Course:
    """What a student's own check needs of the course: the questions of one notebook and their public cases.

    It has no version, since nothing is kept. A case that is not there raises FileNotFoundError when it is asked for.
    """
    checks = [check for topic in assignment.notebooks[notebook] for check in load_checks(root, topic)]
    folder = root / "tests" / "cases"
    cases = LazyCases([check.cases for check in checks if check.cases], lambda name: load_cases(folder / name))
    skeletons = {notebook: _skeleton(root / "notebooks" / notebook)}
    return Course(assignment, {notebook: checks}, cases, skeletons=skeletons)


def load_course(
    root: Path,
    assignment: Assignment,
    secret_seed: int | None = None,
    keeper: CaseKeeper | None = None,
    at_once: bool = True,
) -> Course:
    """The course as it stands under `root`, with secret cases beside the public ones when a seed is given.

    Unless `at_once`, those that `keeper` has not kept are made when they are first asked for.

    Raises FileNotFoundError for checks, cases or a recipe that are not there, CourseError for a question that is asked
    after one which does not stand before it.
    """
    questions = {
        notebook: [check for topic in topics for check in load_checks(root, topic)]
        for notebook, topics in assignment.notebooks.items()
    }
    for notebook, checks in questions.items():
        _check_order(notebook, checks)
    names = dict.fromkeys(q.cases for listed in questions.values() for q in listed if q.cases)
    cases = {name: load_cases(root / "tests" / "cases" / name) for name in names}
    skeletons = {notebook: _skeleton(root / "notebooks" / notebook) for notebook in questions}
    given = sorted(function for functions in skeletons.values() for function in functions)
    version = fingerprint(engine_version(), reader_version(root), repr(given))
    if secret_seed is None:
        return Course(assignment, questions, cases, version=version, skeletons=skeletons)
    find = secret_cases(root, assignment, list(names), secret_seed, keeper)
    every = LazyCases(names, lambda name: [*cases[name], *find(name)])
    return Course(assignment, questions, dict(every) if at_once else every, secret_seed, version, skeletons)


def _check_order(notebook: str, checks: Sequence[Check]) -> None:
    """Every question stands behind those that it is asked after. Raises CourseError."""
    for place, check in enumerate(checks):
        before = {one.question for one in checks[:place]} - {check.question}
        if missing := [question for question in check.after if question not in before]:
            says = f"{check.question} is asked after {missing[0]}, which does not stand before it in {notebook}"
            raise CourseError(f"{check.file.name}: {says}; correct after=")


def collect_retrainings(root: Path, assignment: Assignment) -> dict[str, list[RetrainCheck]]:
    """How the notebooks of an assignment are trained again, for those that are."""
    import_data(root)
    found: dict[str, list[RetrainCheck]] = {}
    for notebook, topics in assignment.notebooks.items():
        for path in (root / "tests" / f"{topic}_retraining.py" for topic in topics):
            entries = vars(load_module(path, "retrainings")).values() if path.exists() else ()
            marked = [getattr(value, "retraining", None) for value in entries]
            found.setdefault(notebook, []).extend(entry for entry in marked if isinstance(entry, RetrainCheck))
    return {notebook: entries for notebook, entries in found.items() if entries}
