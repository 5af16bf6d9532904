"""CIFAR-10: small photographs in ten classes (Krizhevsky 2009)."""

import pickle
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from data.fetch import DOWNLOADS, DataSet, download, locate
from data.labelled_csv import check_split

__all__ = ["CIFAR10_CLASSES", "load_cifar10"]

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
MD5 = "c58f30108f718f92721af3d95e74349a"
BATCHES = {"train": [f"data_batch_{number}" for number in range(1, 6)], "test": ["test_batch"]}
CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


def load_cifar10(
    split: str, directory: str | Path | None = None, downloads: str | Path = DOWNLOADS
) -> tuple[Images, Labels]:
    """Images, uint8 (images, 32, 32, 3) with values 0 to 255, and labels, int64 (images,), of "train" or "test".

    50,000 and 10,000 in the canonical edition; labels are indices of CIFAR10_CLASSES. Where the file comes from, see
    `data.fetch.locate`. Raises MissingData, and ValueError for another split or a damaged file.
    """
    check_split(split)
    path = locate(CIFAR10, "cifar10.npz", directory, downloads)
    try:
        with path.open("rb") as file, np.load(file) as arrays:
            images, labels = arrays[f"x_{split}"], arrays[f"y_{split}"].astype(np.int64)
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} does not hold the arrays x_{split} and y_{split}: {error}") from error
    if images.dtype != np.uint8 or images.shape[1:] != (32, 32, 3) or labels.shape != images.shape[:1]:
        raise ValueError(
            f"{path}: expected x_{split} uint8 (images, 32, 32, 3) and y_{split} (images,), got {images.dtype} "
            f"{images.shape} and {labels.shape}"
        )
    return images, labels


def _fetch(folder: Path) -> None:
    archive = folder / "cifar-10-python.tar.gz"
    download(URL, archive, MD5)
    arrays: dict[str, npt.NDArray[Any]] = {}
    with tarfile.open(archive) as files:
        for split, names in BATCHES.items():
            batches = [_batch(files, name) for name in names]
            pixels = np.concatenate([batch[b"data"] for batch in batches])  # rows: all red, all green, all blue
            arrays[f"x_{split}"] = pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
            arrays[f"y_{split}"] = np.concatenate([batch[b"labels"] for batch in batches]).astype(np.int64)
    archive.unlink()
    with (folder / "cifar10.npz").open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # of allow_pickle, which is not among the names


def _batch(files: tarfile.TarFile, name: str) -> dict[bytes, Any]:
    member = files.extractfile(f"cifar-10-batches-py/{name}")
    assert member is not None  # the archive's digest was right, and in it this is a file
    batch: dict[bytes, Any] = pickle.load(member, encoding="bytes")
    return batch


CIFAR10 = DataSet("cifar10", ("cifar10.npz",), _fetch, "a small sample of GENERATED pictures of shapes")
