"""The fixtures of a check about saved models, as its author sees them; the rooms `models` and `course` make them."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import torch

from autograder.checks.mistakes import Mismatch


class Checkpoint(Protocol):
    """The fixture `checkpoint`: the files of one saved model of a submission.

    `name` is the model's. The check sets `settings`, how the model was made: two models with equal ones are one. What
    a teaching assistant should look at goes into `flags`.
    """

    name: str
    settings: Mapping[str, Any]
    flags: list[str]

    def wrong(self, file: str, *lines: str) -> Mismatch:
        """The error to raise for what is wrong in a file."""

    def json(self, file: str) -> Any:
        """The content of a JSON file. Raises Mismatch."""

    def tensors(self, file: str) -> dict[str, torch.Tensor]:
        """The weights in a `.safetensors` or `.pt` file, by key. Raises Mismatch."""

    def try_changed(self, right: torch.Tensor, answers: Callable[[], torch.Tensor]) -> None:
        """Takes which of some test examples the model gets right, and which once they are changed a little.

        Both bool (examples,). Honest models keep most. What fails in `answers` is a flag: call this last.
        """


class TestSet(Protocol):
    """The fixture `data`: the test examples of one data set, as the course's loader gives them."""

    name: str
    examples: Any

    @property
    def version(self) -> str:
        """The hash of the examples."""
