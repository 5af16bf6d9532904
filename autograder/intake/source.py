"""Where something that came in lies, what its name says, and how all of a class is found."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from autograder.course.manifest import ARCHIVE_SUFFIXES, Assignment
from autograder.course.sizes import MAX_MEMBERS, MAX_TOTAL
from autograder.intake.download import Desk, Place
from autograder.intake.lms import gradescope, sakai
from autograder.intake.lms.forms import parse
from autograder.intake.lms.given import GivenName, PartKind
from autograder.sandbox.reader import Readers

_WRAPPERS = 3  # folders around everything that was downloaded
# What a system writes beside the work of its students.
_LISTS = {"Brightspace": ("index.html",), "Sakai": ("grades.csv", "grades.xls", "grades.xlsx")}


@dataclass(frozen=True)
class Source:
    """One file or folder that came in: at `path`, or the `member` of the class's archive that lies there."""

    path: Path
    given: GivenName
    member: str = ""

    @property
    def name(self) -> str:
        """What the LMS called the file or folder, without the folders around it."""
        place = PurePosixPath(self.member) if self.member else self.path
        return place.parent.name if self.given.system == "Sakai" and place.name == sakai.ATTACHMENTS else place.name

    @property
    def size(self) -> int:
        """Bytes to read, at most MAX_TOTAL; of a member of the class's archive those of the whole archive."""
        if not self.path.is_dir():
            return min(_on_disk(self.path.resolve()), MAX_TOTAL)
        total = entries = 0
        for folder, _, names in os.walk(self.path):
            for name in names:
                entries, total = entries + 1, total + _on_disk(Path(folder, name))
                if total >= MAX_TOTAL or entries > MAX_MEMBERS:
                    return min(total, MAX_TOTAL)
        return total


def source_at(path: Path, assignment: Assignment) -> Source:
    """A file or folder, as its name alone tells."""
    return Source(path, parse(path.name, assignment))


def find(path: Path, assignment: Assignment, readers: Readers | None = None) -> list[Source]:
    """The submissions at `path`, sorted by name.

    That is one archive, an unpacked folder, all that a folder holds, whatever it is, but for hidden files and what
    systems add, or all that an LMS's whole download holds as one zip archive. What has to be read for that is read by
    `readers`. Raises FileNotFoundError when there is nothing at `path`, RosterError if Gradescope's list of people
    cannot be read.
    """
    path = path if path.name not in ("", "..") else path.resolve()
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder")
    search = _Search(assignment, Desk(readers))
    return search.folder(path) if path.is_dir() else search.file(path)


def linked_paths(path: Path) -> list[Path]:
    """What the links in a folder of submissions point to, outside of it."""
    folder = path.resolve()
    entries = folder.iterdir() if folder.is_dir() else iter(())
    targets = (entry.resolve() for entry in entries if entry.is_symlink())
    return [target for target in targets if not target.is_relative_to(folder)]


def _on_disk(path: Path) -> int:
    """Bytes of a file without its holes; 0 if it cannot be looked at."""
    try:
        return path.lstat().st_blocks * 512
    except OSError:  # its own row will say why
        return 0


class _Search:
    def __init__(self, assignment: Assignment, desk: Desk) -> None:
        self._assignment = assignment
        self._desk = desk

    def file(self, path: Path) -> list[Source]:
        """One submission, or those of a class's archive."""
        place = self._class_at(path)
        return self._sources(place) if place else [source_at(path, self._assignment)]

    def folder(self, path: Path) -> list[Source]:
        """One submission, or those of a class."""
        place = Place(path)
        if parse(path.name, self._assignment).people:
            return self._sources(Place(path.parent), only=path.name)
        entries = place.entries()
        bearers = [name for name, is_folder in entries.items() if is_folder or _is_archive(name)]
        if self._marked(entries) or any(map(self._assignment.student_ids, bearers)):
            return self._sources(place)
        notebooks = (folder / name for folder in (path, path / "notebooks") for name in self._assignment.notebooks)
        if self._assignment.student_ids(path.name) or any(notebook.is_file() for notebook in notebooks):
            return [source_at(path, self._assignment)]
        return self._downloads(place, entries) or self._sources(place)

    def _downloads(self, place: Place, entries: Mapping[str, bool]) -> list[Source]:
        """The submissions in a folder that holds nothing but an LMS's downloads, packed or not; none otherwise.

        Lists that lie beside them, such as a roster, are found as well.
        """
        bearers = [name for name, is_folder in entries.items() if is_folder or _bears_work(name)]
        downloads: list[Place] = []
        for name in bearers:
            archive = None if entries[name] else self._class_at(place.path / name)
            download = self._unwrapped(place.inside(name)) if entries[name] else archive
            if download is None or not (self._marked(_entries(download)) or (archive and len(bearers) == 1)):
                return []
            downloads.append(download)
        found = [source for download in downloads for source in self._sources(download)]
        return found and found + [
            source_at(place.path / name, self._assignment) for name in sorted(entries.keys() - bearers)
        ]

    def _class_at(self, path: Path) -> Place | None:
        """What a zip archive holds if that is a class: named as an LMS writes it, or mostly archives."""
        given = parse(path.name, self._assignment)
        if given.people or self._assignment.student_ids(given.original):
            return None
        archive = self._desk.archive(path)
        if archive is None:
            return None
        place = self._unwrapped(archive)
        entries = place.entries()
        if gradescope.METADATA in entries or 2 * len(self._marked(entries)) >= max(len(entries), 1):
            return place
        return place if self._are_archives_of_several(entries) else None

    def _are_archives_of_several(self, entries: Mapping[str, bool]) -> bool:
        """Whether most of it is archives that are not all one student's, such as one for each topic."""
        archives = [name for name, is_folder in entries.items() if not is_folder and _is_archive(name)]
        ids = {student_id for name in archives for student_id in self._assignment.student_ids(name)}
        topics = [topic for topics in self._assignment.notebooks.values() for topic in topics]
        parts = [name for name in archives if any(topic in name.casefold() for topic in topics)]
        return len(archives) > max(1, len(entries) // 2) and len(ids) != 1 and not parts

    def _unwrapped(self, place: Place) -> Place:
        """The place itself, or what lies in the folders around everything."""
        for _ in range(_WRAPPERS):
            entries = _entries(place)
            if list(entries.values()) != [True] or self._marked(entries):
                break
            place = place.inside(*entries)
        return place

    def _marked(self, names: Iterable[str]) -> list[str]:
        """Those of some names that an LMS has written."""
        return [name for name in names if name == gradescope.METADATA or parse(name, self._assignment).system]

    def _sources(self, place: Place, only: str = "") -> list[Source]:
        """What lies in a place, or what is called `only` there."""
        entries = {name: is_folder for name, is_folder in place.entries().items() if only in ("", name)}
        given = {name: parse(name, self._assignment) for name in entries}
        if gradescope.METADATA in place.entries():
            given |= {name: one for name, one in self._desk.people(place).items() if name in given}
            given.pop(gradescope.METADATA, None)
        for system, lists in _LISTS.items():
            if any(one.system == system for one in given.values()):
                given = {name: one for name, one in given.items() if name not in lists}
        attached = [name for name, one in given.items() if one.system == "Sakai" and entries[name]]
        times = self._desk.times(place, attached) if attached else {}
        return list(self._each(place, given, attached, times))

    def _each(
        self,
        place: Place,
        given: Mapping[str, GivenName],
        attached: Sequence[str],
        times: Mapping[str, datetime],
    ) -> Iterator[Source]:
        for name, one in given.items():
            there = place.inside(name)
            if name in attached:
                one = replace(one, time=times.get(name))
                inside = _entries(there)
                if inside.get(sakai.ATTACHMENTS) and _entries(there.inside(sakai.ATTACHMENTS)):
                    there = there.inside(sakai.ATTACHMENTS)
                elif any(entry.endswith(sakai.TEXT) for entry in inside):
                    one = replace(one, kind=PartKind.TEXT)
                elif name not in times:
                    continue  # Sakai makes a folder for those, too, who handed in nothing
            yield Source(there.path, one, there.within)


def _entries(place: Place) -> dict[str, bool]:
    try:
        return place.entries()
    except OSError:  # its own row will say why
        return {}


def _bears_work(name: str) -> bool:
    return _is_archive(name) or name.lower().endswith(".ipynb")


def _is_archive(name: str) -> bool:
    return name.lower().endswith(ARCHIVE_SUFFIXES)
