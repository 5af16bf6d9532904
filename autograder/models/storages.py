"""The values in a file of weights, read without torch: for processes that read what strangers handed in.

No global that a `.pt` file names is looked up, so nothing in it can run; only the kinds of its storages are taken from
its pickle. What the file says of shapes and strides is left aside.
"""

import io
import json
import pickle
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.models.saved_files import MAX_HEADER, problem_of

Values = NDArray[Any]  # one tensor's, flat, of any type of floating point
_STORAGES = {"DoubleStorage": "F64", "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16"}
_TYPES = {"F16": np.float16, "F32": np.float32, "F64": np.float64}


def tensors_in(path: Path) -> Iterator[Values]:
    """The floating-point tensors of a `.safetensors` or `.pt` file, each flat.

    Raises ValueError for another file, OSError.
    """
    return _of_safetensors(path) if path.suffix == ".safetensors" else _of_pickle(path)


def _of_safetensors(path: Path) -> Iterator[Values]:
    if problem := problem_of(path):
        raise ValueError(problem)
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        for name, entry in json.loads(file.read(size)).items():
            if name != "__metadata__":
                begin, end = entry["data_offsets"]
                file.seek(8 + size + begin)
                yield from _values(entry["dtype"], file.read(end - begin))


def _of_pickle(path: Path) -> Iterator[Values]:
    try:
        with zipfile.ZipFile(path) as archive:
            (program,) = (one for one in archive.infolist() if one.filename.endswith("/data.pkl"))
            if program.file_size > MAX_HEADER:
                raise ValueError("its list of tensors is too long")
            names = _Names(io.BytesIO(archive.read(program)))
            names.load()
            folder = program.filename.removesuffix(".pkl")
            for key, kind in names.storages.items():
                yield from _values(_STORAGES.get(kind, ""), archive.read(f"{folder}/{key}"))
    except (OSError, MemoryError, ValueError):
        raise
    except Exception as error:  # what a damaged pickle or archive raises is not documented
        raise ValueError(f"{type(error).__name__}: {error}") from None


def _values(kind: str, content: bytes) -> Iterator[Values]:
    if kind == "BF16":
        yield (np.frombuffer(content, "<u2").astype(np.uint32) << 16).view(np.float32)
    elif kind in _TYPES:
        yield np.frombuffer(content, _TYPES[kind])


class _Thing:
    """What stands for every object that a pickle would make."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __call__(self, *_: object, **__: object) -> "_Thing":
        return self

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        pass

    def append(self, value: object) -> None:
        """Takes what a pickle puts into a list of its own kind."""


class _Names(pickle.Unpickler):
    """Reads which storages a pickle names, and makes nothing else of it."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.storages: dict[str, str] = {}  # the kind of each, by its key

    def find_class(self, module: str, name: str) -> Any:
        """The name of a kind of storage, and _Thing for all else."""
        return name if module == "torch" and name.endswith("Storage") else _Thing

    def persistent_load(self, pid: Any) -> object:
        """Notes a storage."""
        _, kind, key, *_ = pid
        self.storages[str(key)] = str(kind)
        return _Thing()
