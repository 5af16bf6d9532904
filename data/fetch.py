"""Where data sets are read from: a directory that the user names, else a download, else the samples of this project.

A data directory holds `ag_news/{train,test}.csv`, `imdb/{train,test}.csv`, `eng-fra.txt` and `cifar10.npz`, or some of
them. Downloads are written in this layout too, and so is the folder of samples.
"""

import hashlib
import http.client
import os
import tempfile
import urllib.request
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DIRECTORY_VARIABLE", "DOWNLOADS", "SAMPLES", "DataSet", "DownloadError", "MissingData", "use_directory"]

DIRECTORY_VARIABLE = "HOMEWORK_DATA"
DOWNLOADS = Path(__file__).with_name("downloaded")
SAMPLES = Path(__file__).with_name("samples")
TIMEOUT_SECONDS = 20  # without an answer; not for the whole download
CHUNK_BYTES = 1 << 18


class MissingData(FileNotFoundError):
    """A file of a data set is in none of the directories; the message names them and the command to get it."""


class DownloadError(OSError):
    """A download that failed or whose content is not what was expected; nothing of it was kept."""


@dataclass(frozen=True)
class DataSet:
    """A data set that can be downloaded.

    `files` are its paths inside a data directory; `fetch(folder)` downloads the canonical edition and writes all of
    them below an empty folder. `sample` says what the sample of this project is.
    """

    name: str
    files: tuple[str, ...]
    fetch: Callable[[Path], None]
    sample: str


def use_directory(directory: str | Path | None) -> None:
    """Names the data directory for all loaders of this process and of those that it starts; None takes it back.

    The same as setting the environment variable HOMEWORK_DATA. Nothing is downloaded from then on.
    """
    if directory is None:
        os.environ.pop(DIRECTORY_VARIABLE, None)
    else:
        os.environ[DIRECTORY_VARIABLE] = str(Path(directory).absolute())


def locate(dataset: DataSet, file: str, directory: str | Path | None, downloads: str | Path) -> Path:
    """The path of one of the data set's files.

    A directory named by the argument, else by `use_directory` or HOMEWORK_DATA, is the only place looked at: without
    the file there, MissingData. If none is named, the file is taken from `downloads`, and downloaded into it if need
    be. If that fails, it is the one in SAMPLES, with a warning and a printed line; MissingData if there is none.
    """
    named = directory if directory is not None else os.environ.get(DIRECTORY_VARIABLE)
    if named:
        path = Path(named) / file
        if not path.is_file():
            raise _missing(dataset, file, [Path(named)])
        return path
    path = Path(downloads) / file
    if path.is_file():
        return path
    try:
        download_into(dataset, Path(downloads))
    except DownloadError as error:
        return _sample(dataset, file, Path(downloads), error)
    return path


def download_into(dataset: DataSet, directory: Path) -> None:
    """Downloads the canonical edition into a data directory; its files appear there only when they are complete.

    Raises DownloadError.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".partial-", dir=directory) as scratch:
            dataset.fetch(Path(scratch))
            for file in dataset.files:
                (directory / file).parent.mkdir(exist_ok=True)
                (Path(scratch) / file).replace(directory / file)
    except DownloadError:
        raise
    except (OSError, ValueError, http.client.HTTPException, zipfile.BadZipFile) as error:
        raise DownloadError(f"{type(error).__name__}: {error}") from error


def download(url: str, target: Path, md5: str = "") -> None:
    """Writes what is at `url` to the file `target`, with a progress bar. `md5`: the digest it must have, if known.

    Raises DownloadError for another digest or fewer bytes than were announced; OSError and HTTPException as urllib.
    """
    from tqdm import tqdm  # here, and not before anything is downloaded: graders never do

    target.parent.mkdir(parents=True, exist_ok=True)
    request = urllib.request.Request(url, headers={"User-Agent": "homework-suite"})
    digest = hashlib.md5(usedforsecurity=False)
    received = 0
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response, target.open("wb") as file:
        announced = int(response.headers.get("Content-Length") or 0)
        with tqdm(total=announced or None, unit="B", unit_scale=True, desc=target.name) as bar:
            while chunk := response.read(CHUNK_BYTES):
                file.write(chunk)
                digest.update(chunk)
                received += len(chunk)
                bar.update(len(chunk))
    if announced and received != announced:
        raise DownloadError(f"{url} ended after {received:,} of {announced:,} bytes")
    if md5 and digest.hexdigest() != md5:
        raise DownloadError(f"{url} has the md5 {digest.hexdigest()}, expected {md5}")


def _sample(dataset: DataSet, file: str, downloads: Path, error: DownloadError) -> Path:
    path = SAMPLES / file
    if not path.is_file():
        raise _missing(dataset, file, [downloads, SAMPLES], f"The download failed: {error}\n") from error
    message = f"{dataset.name} is NOT the real data set: {dataset.sample} is used, since the download failed ({error})"
    warnings.warn(message + "\n" + _how_to_get(dataset, downloads), stacklevel=4)
    print("WARNING:", message)
    return path


def _missing(dataset: DataSet, file: str, looked_in: list[Path], reason: str = "") -> MissingData:
    folders = " and ".join(str(folder.absolute()) for folder in looked_in)
    return MissingData(f"{file} is missing; looked in {folders}\n{reason}{_how_to_get(dataset, looked_in[0])}")


def _how_to_get(dataset: DataSet, directory: Path) -> str:
    return f"To get it, in the folder {SAMPLES.parents[1]}: python -m data {directory.absolute()} {dataset.name}"
