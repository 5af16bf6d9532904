"""Files of exports: for their owner alone, and in their place only when they are complete."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from autograder.exports.refusal import ExportError
from autograder.gradebook.replacing import replacing_bytes


def write_file(path: Path, content: bytes) -> None:
    """Writes `path` with mode 0600; what was there stays until the new file is complete. Raises OSError."""
    with replacing_bytes(path) as file:
        file.write(content)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Makes `folder` with files by their paths in it, for their owner alone; it appears only when it is complete.

    Raises ExportError if there is something of that name, OSError.
    """
    if folder.exists():
        raise ExportError(f"{folder}: is there already; expected the name of a new folder")
    partial = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(mode=0o700)
        for name, content in files.items():
            (partial / name).parent.mkdir(mode=0o700, exist_ok=True)
            write_file(partial / name, content)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
