"""Saved models, taken out of a submission in a process that may be killed.

Functions that begin with `answer_` run in that process and return JSON.
"""

import errno
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.intake.source import Source
from autograder.messages import from_json, tidied, to_json
from autograder.models.saved_files import SavedFile, problem_of, save_models
from autograder.sandbox.reader import ReaderEnded, Readers

Listed = dict[str, dict[str, tuple[str | None, Any]]]  # for each folder and file: where it lies, and its problem


def take_models(
    readers: Readers, source: Source, folders: Mapping[str, int], destination: Path
) -> dict[str, dict[str, SavedFile]]:
    """`save_models`. Raises OSError, also where the reading has to be stopped, which says nothing of the models."""
    try:
        with readers.borrow() as reader:
            where = source.path.absolute(), source.member
            told: Listed = reader.call(f"{__name__}:answer_models", *where, dict(folders), size=source.size)
            found: dict[str, dict[str, SavedFile]] = {folder: {} for folder in folders}
            for folder in folders:
                for name, (file, problem) in told[folder].items():
                    found[folder][str(name)] = SavedFile(None, tidied(from_json(problem), lambda text: text[:300]))
                    if file is not None and not problem:
                        reader.take(file, destination / file)
                        found[folder][str(name)] = SavedFile(destination / file)
            return found
    except ReaderEnded as end:
        raise OSError(errno.ETIME, str(end)) from None


def answer_models(path: Path, member: str, folders: Mapping[str, int]) -> Listed:
    """What `save_models` finds; the files are written to the working folder. Raises OSError when the disk is full."""
    found = save_models(path, folders, Path(), member)
    return {folder: {name: _listed(file) for name, file in files.items()} for folder, files in found.items()}


def _listed(file: SavedFile) -> tuple[str | None, Any]:
    if file.path is None:
        return None, to_json(file.problem)
    return file.path.name, to_json(problem_of(file.path))
