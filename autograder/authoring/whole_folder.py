"""A folder or file that is there as a whole or not at all."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderError(Exception):
    """A folder or file that cannot be made; the message says what is missing or in the way."""


@contextmanager
def whole_folder(destination: Path) -> Iterator[Path]:
    """An empty folder to fill, which becomes `destination` when the block ends without an error.

    Raises FolderError if that exists already, and for every OSError.
    """
    with scratch_beside(destination) as scratch:
        folder = scratch / destination.name
        folder.mkdir()
        yield folder
        folder.rename(destination)


@contextmanager
def scratch_beside(destination: Path) -> Iterator[Path]:
    """An empty folder, gone at the block's end, from which what was made can be moved to `destination` at once.

    Raises FolderError if that exists already, and for every OSError.
    """
    if destination.exists():
        raise FolderError(f"{destination} exists already; name another one or remove it")
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=destination.parent) as scratch:
            yield Path(scratch)
    except OSError as error:
        raise FolderError(f"{destination} could not be made: {error}") from error
