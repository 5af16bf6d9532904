"""What `@question` makes of a check function."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.checks.case import load_module
from autograder.protocol.rules import Rules

CheckFunction = Callable[..., Any]
FIXTURES = frozenset({"student", "case", "rng", "claims", "earlier", "checkpoint", "data"})


@dataclass(frozen=True)
class Check:
    """One graded check: the handout's question, its points, the cases it runs on and the rules of what it asks for.

    `imports` are modules that the stand-ins of a measured question need: they are loaded once, before any fork.
    `after` are questions of the same notebook whose diagnoses it depends on: its fixture `earlier` has them.
    """

    question: str
    points: float
    function: CheckFunction
    cases: str = ""
    rules: Rules = Rules()
    imports: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    fixtures: frozenset[str] = field(default=frozenset())

    @property
    def name(self) -> str:
        """The check function's name."""
        return self.function.__name__

    @property
    def file(self) -> Path:
        """The file of checks that holds it."""
        return Path(self.function.__code__.co_filename)

    @property
    def about_models(self) -> bool:
        """Whether it is about saved models and runs once for each; the check returns which answers are right."""
        return "checkpoint" in self.fixtures


def question(
    question: str,
    *,
    points: float,
    cases: str = "",
    forbid: Iterable[str] = (),
    allow_layers: Iterable[str] | None = None,
    allow_modules: Iterable[str] | None = None,
    suspect: Iterable[str] = (),
    imports: Iterable[str] = (),
    after: Iterable[str] = (),
) -> Callable[[CheckFunction], CheckFunction]:
    """Marks a function as the check of a question. Raises TypeError when it takes other fixtures than FIXTURES."""
    layers, modules = (None if names is None else tuple(names) for names in (allow_layers, allow_modules))
    rules, earlier = Rules(tuple(forbid), layers, modules, tuple(suspect)), tuple(after)

    def mark(function: CheckFunction) -> CheckFunction:
        fixtures = frozenset(inspect.signature(function).parameters)
        if not fixtures <= FIXTURES or ("case" in fixtures) != bool(cases) or ("earlier" in fixtures) != bool(earlier):
            takes = "student, rng, claims, case if it names cases, earlier if it names questions with after="
            models = "about saved models: student, checkpoint and data"
            raise TypeError(f"{function.__name__} takes {takes}; {models}; not {sorted(fixtures)}")
        asked = Check(question, points, function, cases, rules, tuple(imports), earlier, fixtures)
        function.question = asked  # type: ignore[attr-defined]  # found by collect
        return function

    return mark


def collect(path: Path) -> list[Check]:
    """The checks of one file of `tests/`, in the order in which they stand."""
    found = (getattr(value, "question", None) for value in vars(load_module(path, "checks")).values())
    return [entry for entry in found if isinstance(entry, Check)]
