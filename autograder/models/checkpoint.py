"""One saved model of a submission, as a check sees it: its files by name, and whether it differs from another."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from autograder.checks.expect import Mismatch
from autograder.marking.verdict import Diagnosis
from autograder.models.saved_files import SavedFile
from autograder.notebook.text import one_line

DISTINCT_FROM = 1e-3  # relative norm of the difference of two models' weights, from which on they are two


class Checkpoint:
    """The files of one saved model. Whatever is wrong with one of them raises Mismatch with a message for the student.

    `name` is the model's; `settings` is what its check has found about how it was made, and `flags` are what it has
    found for a teaching assistant to look at. Weights among the files lie there as safetensors, whatever they came as.
    """

    def __init__(self, name: str, folder: str, files: Mapping[str, SavedFile]) -> None:
        self.name = name
        self.settings: Mapping[str, Any] = {}
        self.flags: list[str] = []
        self._folder = folder
        self._files = files
        self._weights: Path | None = None

    def wrong(self, file: str, *lines: str) -> Mismatch:
        """The error to raise for what is wrong in a file."""
        return Mismatch(f"{self._folder}/{file} {lines[0]}", *lines[1:], diagnosis=Diagnosis.WRONG_CHECKPOINT)

    def unusable(self, error: Exception) -> Mismatch:
        """The error to raise where the model's files hold something that no check expects."""
        said = one_line(f"{type(error).__name__}: {error}", 120)
        first = f"{self._folder}/{self.name} cannot be used ({said})"
        look = "look at: config.json and what else lies beside the weights"
        return Mismatch(first, look, diagnosis=Diagnosis.WRONG_CHECKPOINT)

    def json(self, file: str) -> Any:
        """The content of a JSON file."""
        try:
            return json.loads(self._path(file).read_bytes())
        except (ValueError, RecursionError) as error:
            raise self.wrong(file, f"is not valid JSON: {str(error)[:100]}") from None

    def tensors(self, file: str) -> dict[str, torch.Tensor]:
        """The weights in a `.safetensors` or `.pt` file, by key."""
        path = self._path(file)
        try:
            weights = load_file(path)
        except (SafetensorError, OSError, ValueError) as error:
            raise self.wrong(file, f"is damaged, or no safetensors file ({str(error)[:80]})") from None
        self._weights = path
        return weights

    def differs_from(self, other: "Checkpoint") -> bool:
        """Whether the two are different models: by their settings, and by shape or clearly by the values of weights."""
        if self.settings == other.settings or self._weights is None or other._weights is None:
            return False
        return _weights_differ(self._weights, other._weights)

    def _path(self, file: str) -> Path:
        found = self._files.get(file)
        if found is None:
            raise self.wrong(file, "is missing")
        if found.path is None:
            raise self.wrong(file, found.problem or "was not read")
        return found.path


def _weights_differ(one: Path, other: Path) -> bool:
    """Compares two safetensors files one tensor at a time, so that neither model is held as a whole."""
    difference = size = 0.0
    with safe_open(one, framework="pt") as first, safe_open(other, framework="pt") as second:
        keys, others = ({_bare(key): key for key in file.keys()} for file in (first, second))  # noqa: SIM118 (no mapping)
        if keys.keys() != others.keys():
            return True
        for key, name in keys.items():
            a, b = first.get_tensor(name).double(), second.get_tensor(others[key]).double()
            if a.shape != b.shape:
                return True
            difference += float((a - b).square().sum())
            size += max(float(a.square().sum()), float(b.square().sum()))
    return difference > DISTINCT_FROM**2 * size


def _bare(key: str) -> str:
    """The key without what torch.compile and DataParallel put before it: a wrapped model is no other model."""
    return key.replace("_orig_mod.", "").removeprefix("module.")
