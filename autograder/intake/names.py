"""Names of files as students and their systems write them."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from autograder.messages import say
from autograder.notebook.text import one_line

BACKUPS = ".ipynb_checkpoints"
_SHOWN = 3  # names in one note
# What a browser ('lab (1).ipynb') or an LMS ('lab-1.ipynb') appends to a name that was there already.
_APPENDED = re.compile(r"(?:\s*\(\d+\)|-\d{1,2})(?=\.ipynb$)")


def ignored(name: str) -> bool:
    """Whether a file or folder of this name is hidden, or added by a system rather than by the student."""
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")


def named(name: str, notebooks: Iterable[str]) -> str:
    """The one of `notebooks` that a file name means, whatever its case and number; "" if it is none of them."""
    means = {notebook.casefold(): notebook for notebook in notebooks}
    plain = name.casefold()
    return means.get(plain) or means.get(_APPENDED.sub("", plain), "")


def components(stored: str) -> tuple[list[str], bool]:
    """The components of a stored name, and whether a way out of the archive was dropped from it."""
    name = unicodedata.normalize("NFC", stored.replace("\\", "/"))
    parts = [one_line(part) for part in name.split("/")]
    inside = [part for part in parts if part not in ("", ".", "..") and not re.fullmatch(r"[A-Za-z]:", part)]
    return inside, name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:/", name) is not None


def quoted(names: Sequence[str]) -> str:
    """The first few names for a note, and how many more there are."""
    shown = ", ".join(f"'{name}'" for name in names[:_SHOWN])
    return say("{names} and {count} more", names=shown, count=len(names) - _SHOWN) if names[_SHOWN:] else shown
