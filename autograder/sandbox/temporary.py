"""Temporary folders that are locked while their process lives, so that those of a killed grader can be removed."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "autograder-running-"
_locks: dict[Path, int] = {}  # descriptors that hold the locks; they are not inherited


def make_folder() -> Path:
    """A new folder, which this process has until it calls `remove_folder` or ends. Raises OSError."""
    # Somebody may have tidied up while a class is graded.
    Path(tempfile.gettempdir()).mkdir(parents=True, exist_ok=True)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        with contextlib.suppress(BlockingIOError, FileNotFoundError):  # another process sweeps just now: take another
            descriptor = _lock(folder)
            if folder.is_dir():
                _locks[folder] = descriptor
                return folder
            os.close(descriptor)


def remove_folder(folder: Path) -> None:
    """Removes a folder that `make_folder` made, as far as that is possible."""
    with contextlib.suppress(RecursionError):  # folders nested by student code, left by a warm process that died
        shutil.rmtree(folder, ignore_errors=True)
    if folder in _locks:
        os.close(_locks.pop(folder))


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A new folder until the block's end. Raises OSError."""
    folder = make_folder()
    try:
        yield folder
    finally:
        remove_folder(folder)


def sweep() -> None:
    """Removes the folders of processes that ended without doing so."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # it is somebody else's, or in use
            descriptor = _lock(folder)
            remove_folder(folder)
            os.close(descriptor)


def _lock(folder: Path) -> int:
    """A descriptor that holds the lock of a folder. Raises OSError if another has it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
