"""Files that take the place of others once they are complete."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from autograder.intake.member import is_full


@contextmanager
def replacing_bytes(path: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` once it is complete, or leaves it when something fails.

    By its `mode` it is for its owner alone. Several processes may do so at once. Raises OSError.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def replacing(path: Path, encoding: str = "utf-8", mode: int = 0o600) -> Iterator[TextIO]:
    """`replacing_bytes` for text, whose line ends stay as they are. Raises OSError."""
    with replacing_bytes(path, mode) as file, io.TextIOWrapper(file, encoding, newline="") as text:
        yield text


@contextmanager
def going_on_without() -> Iterator[None]:
    """Goes on where a file cannot be written. Raises OSError when the disk is full."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise
