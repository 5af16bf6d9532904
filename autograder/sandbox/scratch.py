"""Emptying a folder that student code has filled."""

import os
import secrets
from pathlib import Path


def empty(folder: str) -> None:
    """Remove everything in `folder`. No process that can write there may be alive.

    Subfolders are moved up before they are removed, so that no path grows and nothing recurses, however deep they
    were nested; links are removed, not followed. Raises OSError.
    """
    token, moved = secrets.token_hex(8), 0
    Path(folder).chmod(0o700)
    while entries := list(os.scandir(folder)):
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                Path(entry.path).unlink()
                continue
            Path(entry.path).chmod(0o700)
            for inner in list(os.scandir(entry.path)):
                if inner.is_dir(follow_symlinks=False):
                    Path(inner.path).chmod(0o700)  # moving a folder asks for the right to write to it
                    moved += 1
                    Path(inner.path).rename(f"{folder}/{token}-{moved}")
                else:
                    Path(inner.path).unlink()
            Path(entry.path).rmdir()
