"""Who has which item open, told to other apps on the same gradebook by small files that are soon too old to count."""

import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from autograder.gradebook.replacing import replacing
from autograder.notebook.text import one_line

_PREFIX, _SUFFIX = ".review-", ".json"
_FRESH_SECONDS = 5.0
_TOLD_AGAIN_SECONDS = 1.0
_FORGOTTEN_SECONDS = 60.0  # a file of an app that was killed

People = list[list[str]]  # who, and the key of the item


class Presence:
    """The people at one app, and those at others in the same folder. Files that fail only hide who is there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / f"{_PREFIX}{os.getpid()}{_SUFFIX}"
        self._told: People = []
        self._when = 0.0

    def tell(self, people: Iterable[tuple[str, str]]) -> None:
        """Says who is here, if that is new or was not said a moment ago."""
        now, here = time.monotonic(), sorted(map(list, people))
        if here == self._told and (not here or now - self._when < _TOLD_AGAIN_SECONDS):
            return
        self._told, self._when = here, now
        with suppress(OSError), replacing(self._path) as file:
            json.dump(here, file)

    def others(self) -> People:
        """Who is at other apps."""
        found: People = []
        for path in self._folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            if path == self._path:
                continue
            with suppress(OSError):
                age = time.time() - path.stat().st_mtime
                if age < _FRESH_SECONDS:
                    found += _people_in(path.read_bytes())
                elif age > _FORGOTTEN_SECONDS:
                    path.unlink()
        return sorted(found)

    def close(self) -> None:
        """Says that nobody is here any more."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def _people_in(content: bytes) -> People:
    try:
        return [[one_line(who, 60), one_line(at, 60)] for who, at in json.loads(content)]
    except (ValueError, TypeError, AttributeError):
        return []
