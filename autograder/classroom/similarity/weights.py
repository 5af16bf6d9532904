"""Saved models as samples of their weights, so that equal and nearly equal ones can be told without loading any.

Functions that begin with `answer_` run in a process that may be killed and return JSON.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autograder.models.saved_files import save_models

_SAMPLE = 32  # values of one tensor
_TENSORS = 400
_LEAST = 64  # values that a tensor needs to say anything
_TYPES = {"F16": np.float16, "F32": np.float32, "F64": np.float64}

Array = NDArray[np.float64]


def answer_weights(path: Path, member: str, folders: Mapping[str, int]) -> dict[str, list[float]]:
    """A sample of the weights of each saved model, by its folder and file; of what cannot be read, nothing."""
    samples: dict[str, list[float]] = {}
    for folder, files in save_models(path, folders, Path(), member).items():
        for name, file in files.items():
            if file.path is not None and file.path.suffix in (".safetensors", ".pt"):
                with suppress(OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
                    samples[f"{folder}/{name}"] = sample_of(file.path)
                file.path.unlink()
    return {name: sample for name, sample in samples.items() if sample}


def sample_of(path: Path) -> list[float]:
    """Values of the weights in a file, in an order that the names in it do not change.

    Of a .pt file the raw tensors are read, which are taken for single precision; nothing is unpickled.
    """
    tensors = _of_safetensors(path) if path.suffix == ".safetensors" else _of_zip(path)
    usable = [values for values in tensors if len(values) >= _LEAST and np.isfinite(values).all()][:_TENSORS]
    ordered = sorted(usable, key=lambda values: (len(values), float(np.abs(values).sum())))
    places = [np.linspace(0, len(values) - 1, _SAMPLE).astype(int) for values in ordered]
    return [round(float(one), 6) for values, place in zip(ordered, places, strict=True) for one in values[place]]


def _of_safetensors(path: Path) -> Iterator[Array]:
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        for entry in header.values():
            if (kind := _TYPES.get(entry.get("dtype", ""))) is not None:
                begin, end = entry["data_offsets"]
                file.seek(8 + size + begin)
                yield np.frombuffer(file.read(end - begin), kind).astype(np.float64)


def _of_zip(path: Path) -> Iterator[Array]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if "/data/" in info.filename and info.file_size % 4 == 0:
                with np.errstate(all="ignore"):
                    yield np.frombuffer(archive.read(info), np.float32).astype(np.float64)
