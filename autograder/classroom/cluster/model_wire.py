"""What travels between grader and judge about saved models: files, what they reach, and the test sets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from autograder.classroom.cluster.choice import ClusterError
from autograder.classroom.cluster.wire import WireError, from_bytes, to_bytes
from autograder.classroom.model_marker import ModelExamination, ModelOutcome
from autograder.course.test_sets import TestSet
from autograder.gradebook.rows import from_scores, from_verdict, to_scores, to_verdict
from autograder.messages import from_json, to_json
from autograder.models.saved_files import SavedFile

_PLAIN = (str, int, float, bool, type(None))


def size_of(examinations: Iterable[ModelExamination]) -> int:
    """The bytes of all files that are to be measured."""
    return sum(file.path.stat().st_size for one in examinations for file in one.files.values() if file.path is not None)


def order_to_bytes(examinations: Sequence[ModelExamination]) -> bytes:
    """What a judge is asked to measure of one submission. Raises OSError."""
    heads, blobs = [], []
    for one in examinations:
        files = []
        for name, file in one.files.items():
            files.append([name, file.path.suffix if file.path else None, to_json(file.problem)])
            blobs += [file.path.read_bytes()] if file.path else []
        heads.append([one.question, files])
        blobs.append(one.content)
    return to_bytes(heads, blobs)


def order_from_bytes(data: bytes, folder: Path) -> Iterator[ModelExamination]:
    """What `order_to_bytes` was given, its files in an empty folder. Raises WireError, OSError."""
    heads, blobs = from_bytes(data)
    left = iter(blobs)
    for number, (question, listed) in enumerate(heads):
        place, files = folder / str(number), dict[str, SavedFile]()
        place.mkdir()
        for name, suffix, problem in listed:
            path = None if suffix is None else place / f"{len(files)}{suffix}"  # no name of a student's is a path
            if path:
                path.write_bytes(next(left))
            files[name] = SavedFile(path, from_json(problem))
        yield ModelExamination(question, next(left), files)


def outcomes_to_bytes(outcomes: Sequence[ModelOutcome]) -> bytes:
    """What came of an order."""
    heads, answers = [], []
    for one in outcomes:
        row = from_scores(one.scores)
        answers.append(one.scores.answers)
        heads.append([from_verdict(one.verdict), {**row, "answers": None}, one.seconds])
    return to_bytes(heads, answers)


def outcomes_from_bytes(data: bytes) -> list[ModelOutcome]:
    """What `outcomes_to_bytes` was given. Raises WireError."""
    heads, blobs = from_bytes(data)
    try:
        return [
            ModelOutcome(to_verdict(verdict), to_scores({**row, "answers": answers}), seconds)
            for (verdict, row, seconds), answers in zip(heads, blobs, strict=True)
        ]
    except (ValueError, TypeError, KeyError) as error:
        raise WireError(f"an outcome of another form: {error!r}") from error


def test_sets_to_bytes(data: Mapping[str, TestSet]) -> bytes:
    """The test sets of questions, each once. Raises ClusterError for examples that are no plain data."""
    sets = list(dict.fromkeys(data.values()))
    arrays: list[np.ndarray[Any, Any]] = []
    examples = [[one.name, _to_json(one.examples, arrays, one.name)] for one in sets]
    places = {question: sets.index(one) for question, one in data.items()}
    named = {str(number): np.ascontiguousarray(array) for number, array in enumerate(arrays)}
    return to_bytes([places, examples], [save_arrays(named)])


def test_sets_from_bytes(data: bytes) -> dict[str, TestSet]:
    """What `test_sets_to_bytes` was given. Raises WireError."""
    (places, examples), (blob,) = from_bytes(data)
    try:
        arrays = load_arrays(blob)
        sets = [TestSet(name, _from_json(value, arrays)) for name, value in examples]
        return {question: sets[place] for question, place in places.items()}
    except (SafetensorError, ValueError, TypeError, KeyError, IndexError) as error:
        raise WireError(f"test sets of another form: {error!r}") from error


def _to_json(value: Any, arrays: list[np.ndarray[Any, Any]], name: str) -> Any:
    """JSON for plain data, in which each container is a pair of its kind and what is in it."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return [type(value).__name__, [_to_json(one, arrays, name) for one in value]]
    if isinstance(value, dict):
        return ["dict", [[_to_json(one, arrays, name) for one in pair] for pair in value.items()]]
    if isinstance(value, torch.Tensor) or (isinstance(value, np.ndarray) and value.dtype.kind in "biuf"):
        arrays.append(np.asarray(value))
        return ["tensor" if isinstance(value, torch.Tensor) else "array", len(arrays) - 1]
    kind = type(value).__name__
    raise ClusterError(f"the test set {name!r} holds a {kind}, which cannot travel to workers; use --jobs")


def _from_json(value: Any, arrays: Mapping[str, np.ndarray[Any, Any]]) -> Any:
    if not isinstance(value, list):
        return value
    kind, inside = value
    if kind in ("array", "tensor"):
        array = arrays[str(inside)]
        return array if kind == "array" else torch.from_numpy(array.copy())
    if kind == "dict":
        return {_from_json(key, arrays): _from_json(one, arrays) for key, one in inside}
    several = [_from_json(one, arrays) for one in inside]
    return tuple(several) if kind == "tuple" else several
