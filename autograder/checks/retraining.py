"""How a question's training is run again: what `@retraining` makes of a function in `tests/<topic>_retraining.py`."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

FIXTURES = frozenset({"student", "model", "data", "claims"})


@dataclass(frozen=True)
class RetrainCheck:
    """How the figure of one question is found after a run of the notebook.

    `function` either takes a `model` and returns which test examples it gets right, bool (examples,), or takes the
    `claims` of what the run printed and returns the one that counts. `model` is the name of the model's class, `data`
    that of the data set.
    """

    question: str
    model: str
    data: str
    function: Callable[..., Any]
    fixtures: frozenset[str]

    @property
    def asks_model(self) -> bool:
        """Whether the figure comes from what the model answers, and not from what was printed."""
        return "model" in self.fixtures


def retraining(question: str, *, model: str, data: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Marks a function that finds a figure. Raises TypeError when it takes other fixtures than FIXTURES."""

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        fixtures = frozenset(inspect.signature(function).parameters)
        if not fixtures <= FIXTURES or ("model" in fixtures) == ("claims" in fixtures):
            raise TypeError(f"{function.__name__} takes claims alone, or model with student and data")
        check = RetrainCheck(question, model, data, function, fixtures)
        function.retraining = check  # type: ignore[attr-defined]  # found by collect_retrainings
        return function

    return mark
