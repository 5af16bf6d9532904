"""What may stand for a notebook that is not there under its name: a renamed copy, a script, a backup of Jupyter's."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.course.sizes import MIB
from autograder.intake.handout import LARGEST, Handout
from autograder.intake.member import ArchiveError, Member, MemberError, decoded
from autograder.intake.names import BACKUPS, named
from autograder.messages import say
from autograder.notebook.raw import MAX_CELLS
from autograder.notebook.repair import Kind, Repair

_MOST_READ = 32  # files of one submission
_MOST_BYTES = 32 * MIB
_ORDER = (Kind.NOTEBOOK_RENAMED, Kind.SCRIPT, Kind.BACKUP)


@dataclass(frozen=True)
class Substitute:
    """A file that may stand for a notebook, and what it is: renamed, a script or a backup."""

    kind: Kind
    name: str
    content: bytes = field(repr=False)

    def as_notebook(self) -> bytes:
        """The notebook in it. Raises MemberError for a script with more cells than any notebook."""
        return notebook_of(self.content) if self.kind is Kind.SCRIPT else self.content

    def repair(self, notebook: str) -> Repair:
        """What it means to take it for `notebook`."""
        names = {"file": self.name, "notebook": notebook}
        sentence = {
            Kind.NOTEBOOK_RENAMED: say("'{file}' was read as {notebook}, whose cells it holds", **names),
            Kind.SCRIPT: say("'{file}' is a script; it was read as {notebook} without outputs", **names),
            Kind.BACKUP: say("'{file}' is a backup that Jupyter made; it was read as {notebook}", **names),
        }
        return Repair(self.kind, sentence[self.kind])


class Substitutes:
    """Collects what a submission holds beside the notebooks under their own names."""

    def __init__(self, notebooks: Iterable[str], handout: Handout) -> None:
        self._notebooks = list(notebooks)
        self._handout = handout
        self._found: dict[str, list[Substitute]] = {}
        self._read = 0
        self._bytes = 0

    def offer(self, name: str, member: Member) -> None:
        """Reads a file that is none of the notebooks by name, if it may be one; raises ArchiveError."""
        folder, _, base = name.rpartition("/")
        kind = _kind(folder, base)
        if kind is None or self._read >= _MOST_READ or self._bytes >= _MOST_BYTES:
            return
        self._read += 1
        try:
            content = member.read(LARGEST)
        except ArchiveError:
            raise
        except Exception:  # a damaged member; it is listed among the other notebooks
            return
        self._bytes += len(content)
        notebook = self._notebook(kind, base, content)
        if notebook in self._notebooks:
            self._found.setdefault(notebook, []).append(Substitute(kind, name, content))

    def of(self, notebook: str) -> list[Substitute]:
        """Those of the most likely kind, one for each different content: exactly one can be taken."""
        for kind in _ORDER:
            if alike := self.of_kind(notebook, kind):
                different: dict[bytes, Substitute] = {}
                for one in alike:
                    different.setdefault(one.content, one)
                return list(different.values())
        return []

    def of_kind(self, notebook: str, kind: Kind) -> list[Substitute]:
        """All that are of one kind."""
        return [one for one in self._found.get(notebook, []) if one.kind is kind]

    def _notebook(self, kind: Kind, base: str, content: bytes) -> str:
        if kind is Kind.NOTEBOOK_RENAMED:
            return self._handout.recognise(content)
        original = f"{base[:-3]}.ipynb" if kind is Kind.SCRIPT else base.replace("-checkpoint.", ".")
        return named(original, self._notebooks) or self._handout.recognise(content)


def _kind(folder: str, base: str) -> Kind | None:
    if base.lower().endswith(".py"):
        return Kind.SCRIPT
    if not base.lower().endswith(".ipynb"):
        return None
    return Kind.BACKUP if folder.rpartition("/")[2] == BACKUPS else Kind.NOTEBOOK_RENAMED


# Between the cells: what Jupyter's and jupytext's exports write. Colab's have nothing there.
_BORDER = re.compile(r"^# In ?\[[\d ]*\]:?[ \t]*$|^# ?%%(?!%).*$", re.MULTILINE)


def notebook_of(script: bytes) -> bytes:
    """The script as a notebook file: a code cell for each part between the marks of an export, without outputs.

    Raises MemberError if there are more than MAX_CELLS.
    """
    text = (decoded(script, "utf-8-sig", "cp949") or script.decode("utf-8", "replace")).replace("\r\n", "\n")
    if any(number >= MAX_CELLS for number, _ in enumerate(_BORDER.finditer(text))):
        raise MemberError(say("has more than {count:,} cells and was not read", count=MAX_CELLS))
    parts = [part.strip("\n") for part in _BORDER.split(text) if part.strip()]
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": part} for part in parts
    ]
    content = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    return json.dumps(content).encode()
