"""One saved model of a submission, as a check sees it: its files by name, and how like another one it is."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from autograder.checks.mistakes import Mismatch, to_look_at
from autograder.marking.verdict import Diagnosis
from autograder.messages import say
from autograder.models.likeness import Likeness, distance_of, likeness
from autograder.models.saved_files import SavedFile
from autograder.notebook.text import one_line
from autograder.protocol.faults import StudentError

Answers = npt.NDArray[np.bool_]  # for each test example, whether a model is right


class Checkpoint:
    """The files of one saved model. Whatever is wrong with one of them raises Mismatch with a message for the student.

    `name` is the model's; `settings` is what its check has found about how it was made, and `flags` are what it has
    found for a teaching assistant to look at. Weights among the files lie there as safetensors, whatever they came as.
    `right` is what it gets right of the test set; `changed` of some examples, as they are and changed a little.
    """

    def __init__(self, name: str, folder: str, files: Mapping[str, SavedFile]) -> None:
        self.name = name
        self.settings: Mapping[str, Any] = {}
        self.flags: list[str] = []
        self.right: Answers = np.zeros(0, dtype=bool)
        self.changed: tuple[Answers, Answers] | None = None
        self._folder = folder
        self._files = files
        self._weights: Path | None = None

    def wrong(self, file: str, *lines: str) -> Mismatch:
        """The error to raise for what is wrong in a file."""
        first = say("{file} {fault}", file=f"{self._folder}/{file}", fault=say(lines[0]))
        return Mismatch(first, *lines[1:], diagnosis=Diagnosis.WRONG_CHECKPOINT)

    def unusable(self, error: Exception) -> Mismatch:
        """The error to raise where the model's files hold something that no check expects."""
        said = one_line(f"{type(error).__name__}: {error}", 120)
        first = say("{file} cannot be used ({error})", file=f"{self._folder}/{self.name}", error=said)
        look = to_look_at("config.json and what else lies beside the weights")
        return Mismatch(first, look, diagnosis=Diagnosis.WRONG_CHECKPOINT)

    def json(self, file: str) -> Any:
        """The content of a JSON file."""
        try:
            return json.loads(self._path(file).read_bytes())
        except (ValueError, RecursionError) as error:
            raise self.wrong(file, say("is not valid JSON: {error}", error=str(error)[:100])) from None

    def tensors(self, file: str) -> dict[str, torch.Tensor]:
        """The weights in a `.safetensors` or `.pt` file, by key."""
        path = self._path(file)
        try:
            weights = load_file(path)
        except (SafetensorError, OSError, ValueError) as error:
            raise self.wrong(file, say("is damaged, or no safetensors file ({error})", error=str(error)[:80])) from None
        self._weights = path
        return weights

    def try_changed(self, right: torch.Tensor, answers: Callable[[], torch.Tensor]) -> None:
        """Keeps which of some test examples the model gets right (`right`), and which once they are changed a little.

        Both bool (examples,). Whatever is wrong with the second answers costs nothing but a flag.
        """
        try:
            self.changed = right.numpy().astype(bool), answers().numpy().astype(bool)
        except (Mismatch, StudentError) as error:
            self.flags.append(f"{self.name} could not be measured on changed inputs: {error}".splitlines()[0][:300])

    def likeness_to(self, other: "Checkpoint") -> Likeness:
        """What it is to another model that was measured."""
        if self.settings == other.settings or self._weights is None or other._weights is None:
            return Likeness.ONE
        pairs = [(self.right, other.right)]
        if self.changed and other.changed:
            pairs.append((self.changed[1], other.changed[1]))
        differing = sum(int((one != another).sum()) for one, another in pairs)
        return likeness(distance_of(self._weights, other._weights), differing, sum(len(one) for one, _ in pairs))

    def _path(self, file: str) -> Path:
        found = self._files.get(file)
        if found is None:
            raise self.wrong(file, "is missing")
        if found.path is None:
            raise self.wrong(file, found.problem or "was not read")
        return found.path
