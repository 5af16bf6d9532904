"""What one student handed in: the assignment's notebooks, found in whatever archive or folder it came in."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from autograder.intake.archive import format_of, members
from autograder.intake.member import MAX_FILE, ArchiveError, Member, MemberError
from autograder.manifest import ARCHIVE_SUFFIXES, Assignment
from autograder.text import one_line

_SHOWN = 3  # names in one note
_NOTES = 20


@dataclass(frozen=True)
class Submission:
    """One submission in memory.

    `stem` names its report; `files` are the names seen in it, `notebooks` the bytes of the assignment's notebooks under
    the manifest's names, `missing` the required things that could not be had, `notes` a sentence for every oddity and
    repair. `error` says why nothing at all could be read; it is empty otherwise.
    """

    stem: str
    source: Path
    student_id: str
    notebooks: dict[str, bytes] = field(repr=False)
    files: list[str] = field(repr=False)
    missing: list[str]
    notes: list[str]
    error: str


def find(path: Path, assignment: Assignment) -> list[Path]:
    """The submissions at `path`, sorted by name: the archive itself, an unpacked folder, or all that a folder holds.

    Everything in a folder of submissions counts, whatever it is, but for hidden files and what macOS adds.

    Raises:
        FileNotFoundError: there is nothing at `path`.
    """
    path = path if path.name not in ("", "..") else path.resolve()
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder")
    if not path.is_dir():
        return [path]
    inside = sorted((entry for entry in path.iterdir() if not _ignored(entry.name)), key=lambda entry: entry.name)
    bearers = [entry for entry in inside if entry.is_dir() or entry.name.lower().endswith(ARCHIVE_SUFFIXES)]
    if any(assignment.student_ids(entry.name) for entry in bearers):
        return inside
    notebooks = (folder / name for folder in (path, path / "notebooks") for name in assignment.notebooks)
    if assignment.student_ids(path.name) or any(notebook.is_file() for notebook in notebooks):
        return [path]
    return inside


def stems(paths: Sequence[Path]) -> list[str]:
    """A safe stem for every path, from its name; those that would not be unique get a mark of their full name."""
    taken: set[str] = set()
    return [_free_stem(path.name, taken) for path in paths]


def _free_stem(name: str, taken: set[str]) -> str:
    """A stem that is not in `taken`, and is then; upper and lower case are one, as on many file systems."""
    suffix = next((end for end in (*ARCHIVE_SUFFIXES, ".ipynb") if name.lower().endswith(end)), "")
    # Letters of any script are safe in file names; all else that could mean something to a system is not.
    composed = unicodedata.normalize("NFKC", name[: len(name) - len(suffix)])
    plain = re.sub(r"[^\w.-]+", "-", composed)[:60].strip("-._")
    mark = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    stem = plain or f"submission-{mark[:6]}"
    length = 6
    while stem.casefold() in taken:
        stem = f"{plain or 'submission'}-{mark[:length]}"
        length += 1
    taken.add(stem.casefold())
    return stem


def load(source: Path, stem: str, assignment: Assignment) -> Submission:
    """Reads one submission into memory; whatever is wrong with it stands in its notes or its error."""
    intake = _Intake(source, assignment)
    damage = ""
    try:
        form = format_of(source)
        intake.note_format(form)
        with closing(members(source, form)) as found:
            for member in found:
                intake.take(member)
    except ArchiveError as error:
        damage = str(error)
    except Exception as error:  # readers of damaged archives raise nearly anything, and every file must get a row
        damage = f"it is damaged ({_reason(error)})"
    return intake.result(stem, damage)


def _reason(error: Exception) -> str:
    """The exception in words, without paths of this machine."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return one_line(reason or type(error).__name__)


def _ignored(name: str) -> bool:
    """Whether a file or folder of this name is hidden, or added by a system rather than by the student."""
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")


def _canonical(name: str) -> str:
    """What stays the same when a browser numbers a download ('hw4_rnn (1).ipynb') or a system changes the case."""
    return re.sub(r"\s*\(\d+\)(?=\.[a-z]+$)", "", name.casefold())


def _quoted(names: Sequence[str]) -> str:
    """The first few names for a note, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(f"'{name}'" for name in names[:_SHOWN]) + more


class _Intake:
    """Collects what is found in one submission."""

    def __init__(self, source: Path, assignment: Assignment) -> None:
        self.source = source
        self.assignment = assignment
        self.name = unicodedata.normalize("NFC", one_line(source.name))
        self.notes: list[str] = []
        self.files: list[str] = []
        self.folders: dict[str, None] = {}  # a set that keeps its order
        self.notebooks: dict[str, bytes] = {}
        self.places: dict[str, str] = {}
        self.spare: list[str] = []
        self.odd: dict[str, list[str]] = {}
        self.outside: list[str] = []

    def note_format(self, form: str) -> None:
        """Notes a name that is not the handout's, or that belongs to another format."""
        if form == "folder":
            return
        if form == "notebook":
            self.notes.append(f"a notebook without an archive around it; expected {self.assignment.archive_text}")
            return
        suffixes = (".tar.gz", ".tgz") if form == "tar.gz" else (f".{form}",)
        if self.name.lower().endswith(ARCHIVE_SUFFIXES) and not self.name.lower().endswith(suffixes):
            self.notes.append(f"the archive is called '{self.name}' but is a {form} archive; it was read as one")
        if not self.assignment.is_archive_name(self.name):
            self.notes.append(f"the archive is called '{self.name}'; expected {self.assignment.archive_text}")

    def take(self, member: Member) -> None:
        """Records one member, and reads it if it is a notebook of the assignment."""
        parts = self._parts(member.name)
        if not parts or any(_ignored(part) for part in parts):
            return
        name = "/".join(parts)
        self.folders.update(dict.fromkeys(parts if member.kind == "folder" else parts[:-1]))
        if member.kind == "folder":
            return
        if member.kind != "file":
            self.odd.setdefault(member.kind, []).append(name)
            return
        self.files.append(name)
        for notebook in self.assignment.notebooks:
            if _canonical(parts[-1]) == _canonical(notebook):
                self._take_notebook(notebook, name, member)

    def _parts(self, stored: str) -> list[str]:
        """The components of a stored name; a way out of the archive is dropped from it, and noted."""
        name = unicodedata.normalize("NFC", stored.replace("\\", "/"))
        parts = [one_line(part) for part in name.split("/")]
        kept = [part for part in parts if part not in ("", ".", "..") and not re.fullmatch(r"[A-Za-z]:", part)]
        if name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:/", name):
            self.outside.append("/".join(kept))
        return kept

    def _take_notebook(self, notebook: str, name: str, member: Member) -> None:
        held = self.places.get(notebook)
        if held is not None and _rank(held, notebook) <= _rank(name, notebook):
            self.spare.append(name)
            return
        try:
            content = member.read(MAX_FILE)
        except ArchiveError:
            raise
        except MemberError as error:
            self.notes.append(f"'{name}' {error}")
            return
        except Exception as error:  # as in `load`: the other members may be sound
            self.notes.append(f"'{name}' is damaged ({_reason(error)}) and was not read")
            return
        if held is not None:
            self.spare.append(held)
        self.notebooks[notebook], self.places[notebook] = content, name

    def result(self, stem: str, damage: str) -> Submission:
        """The submission, with the notes about it as a whole; `damage` says what stopped the reading."""
        if not damage and not self.files:
            damage = "there is no file in it"
        if damage and self.notebooks:
            self.notes.append(f"the archive was not read to its end: {damage}; what was read before is graded")
            damage = ""
        student_id = self._student_id()
        missing = [] if damage else self._missing()
        self._note_members(missing)
        error = f"'{self.name}' cannot be read: {damage}" if damage else ""
        notes = self.notes[:_NOTES] + [f"and {len(self.notes) - _NOTES} more notes"] * (len(self.notes) > _NOTES)
        notebooks = {name: self.notebooks[name] for name in self.assignment.notebooks if name in self.notebooks}
        return Submission(stem, self.source, student_id, notebooks, self.files, missing, notes, error)

    def _student_id(self) -> str:
        named = self.assignment.student_ids(self.name)
        wrapped = [found for folder in self.folders for found in self.assignment.student_ids(folder)]
        found = list(dict.fromkeys(named + wrapped))
        if not found:
            self.notes.append("no student ID in the name of the archive or of a folder in it")
            return ""
        if not named:
            self.notes.append(f"student ID {found[0]} taken from the name of a folder in the archive")
        if len(found) > 1:
            self.notes.append(f"several student IDs in the names: {_quoted(found)}; the first was taken")
        return found[0]

    def _missing(self) -> list[str]:
        there = {
            name.rpartition("/")[2] for name in self.files if name.rpartition("/")[2] not in self.assignment.notebooks
        }
        there |= {f"{folder}/" for folder in self.folders} | set(self.notebooks)
        return [name for name in self.assignment.required if name not in there]

    def _note_members(self, missing: list[str]) -> None:
        for notebook, place in self.places.items():
            if place.rpartition("/")[2] != notebook:
                self.notes.append(f"'{place}' was read as {notebook}")
        if self.spare:
            self.notes.append(f"not graded, since there is another copy: {_quoted(self.spare)}")
        if self.outside:
            self.notes.append(f"names that point outside the archive were shortened: {_quoted(self.outside)}")
        for kind, names in self.odd.items():
            self.notes.append(f"not read ({kind}): {_quoted(names)}")
        if not missing:
            return
        self.notes.insert(0, f"missing: {', '.join(missing)}")  # where a shortened note still shows it
        known = {*self.places.values(), *self.spare}
        others = [name for name in self.files if name.lower().endswith(".ipynb") and name not in known]
        if others:
            self.notes.append(f"other notebooks in it: {_quoted(others)}")
        packed = [name for name in self.files if name.lower().endswith(ARCHIVE_SUFFIXES)]
        if packed:
            self.notes.append(f"archives inside the submission are not opened: {_quoted(packed)}")


def _rank(name: str, notebook: str) -> tuple[bool, int]:
    """Of two copies the lower one is graded: rightly named first, then the less deeply buried."""
    return name.rpartition("/")[2] != notebook, name.count("/")
