"""What is to be read of a submission: all of it, the only archive in it, or a member of a class's archive.

Nothing but an archive inside of another is written to disk, and no name that stands in an archive is used as a path.
"""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.course.manifest import ARCHIVE_SUFFIXES
from autograder.course.sizes import MAX_TOTAL, MIB
from autograder.intake.archive import below_folder, find_file, format_of, members, open_zip, zip_listing
from autograder.intake.member import ArchiveError, Budget, CappedFile, Member, drain, is_full
from autograder.intake.names import components, ignored
from autograder.messages import say
from autograder.sandbox.temporary import temporary_folder

# Packed again, an archive hardly shrinks: one that unpacks to more, and to many times the size of what it came in, is a
# bomb. The others may be as large as a submission may be.
INNER_MATTERS_FROM = 256 * MIB
INNER_RATIO = 4


@dataclass(frozen=True)
class Opened:
    """What is to be read: a file or folder and its format; the folder `within` a zip archive, "" for all of it.

    `outer` is the format of what was handed in. `inner` is the name of the archive in it that is read instead, "" if
    there is none.
    """

    path: Path
    form: str
    outer: str
    inner: str = ""
    within: str = ""

    def members(self) -> Generator[Member, None, None]:
        """`members` of it."""
        return members(self.path, self.form, self.within)


@contextmanager
def opened(source: Path, member: str = "") -> Iterator[Opened]:
    """The submission at `source`, or the only file in it when that is an archive; no deeper than that.

    With `member`, the submission is that file, or that folder, of the class's zip archive at `source`. Raises
    ArchiveError if what is to be read is no archive, OSError if it cannot be opened.
    """
    with temporary_folder() as scratch:
        if member:
            packed = _packed_file(source, member)
            if packed is None:
                yield Opened(source, "zip", "folder", within=member)
                return
            # No name that stands in an archive is used as a path; that of a notebook says what it is.
            taken = scratch / ("member.ipynb" if packed.lower().endswith(".ipynb") else "member")
            _extract(source, packed, taken)
            if packed != member:
                yield _inner(taken, "folder", packed)
                return
            source = taken
        yield _opened(source, scratch)


def _opened(source: Path, scratch: Path) -> Opened:
    form = format_of(source)
    if form == "folder":
        inner = _only_file_of(source)
        return _inner(inner, form, inner.name) if inner else Opened(source, form, form)
    path = scratch / "inner"
    name = "" if form == "notebook" else _extract_only(source, form, path)
    return _inner(path, form, name) if name else Opened(source, form, form)


def _inner(path: Path, outer: str, name: str) -> Opened:
    try:
        return Opened(path, format_of(path), outer, components(name)[0][-1])
    except ArchiveError as error:
        raise ArchiveError(say("the archive inside: {problem}", problem=str(error))) from error


def _packed_file(source: Path, member: str) -> str | None:
    """The name of the file to take out of a class's zip archive: `member`, or the only archive in that folder.

    None for a folder that is to be read as it is. Raises ArchiveError if there is no such member.
    """
    names = zip_listing(source)
    if names.get(member) == "file":
        return member
    below = {rest: kind for name, kind in names.items() if (rest := below_folder(name, member))}
    if not below and member not in names:
        raise ArchiveError(say("it is no longer in the archive of the class"))
    first = {rest.partition("/")[0] for rest in below}
    (only,) = visible if len(visible := [name for name in first if not ignored(name)]) == 1 else [""]
    return f"{member}/{only}" if below.get(only) == "file" and _is_archive(only) else None


def _extract(source: Path, name: str, path: Path) -> None:
    """Writes one file of a zip archive to `path`; of several with this name, the last. Raises ArchiveError."""
    with CappedFile(source) as file, open_zip(file) as archive:
        info = find_file(archive, name)
        with archive.open(info) as packed, path.open("wb") as copy:
            copy.writelines(drain(packed, Budget(info.compress_size), MAX_TOTAL))


def _only_file_of(folder: Path) -> Path | None:
    try:
        inside = [path for path in folder.iterdir() if not ignored(path.name)]
    except OSError:  # the reader of folders notes it
        return None
    if len(inside) != 1 or not _is_archive(inside[0].name) or inside[0].is_symlink() or not inside[0].is_file():
        return None
    return inside[0]


def _extract_only(source: Path, form: str, path: Path) -> str:
    """Writes the archive that is the only file in an archive to `path`; its name, "" if there is none.

    Damage is left to the reading that follows. Raises OSError when the disk is full.
    """
    largest = min(MAX_TOTAL, max(INNER_MATTERS_FROM, INNER_RATIO * source.stat().st_size))
    name = ""
    try:
        with closing(members(source, form)) as inside:
            for member in filter(_counts, inside):
                if name or member.kind != "file" or not _is_archive(member.name):
                    return ""
                member.write(path, largest)
                name = member.name
    except Exception as error:  # readers of damaged archives raise nearly anything
        if is_full(error):
            raise
        return ""
    return name


def _counts(member: Member) -> bool:
    parts, _ = components(member.name)
    return bool(parts) and member.kind != "folder" and not any(map(ignored, parts))


def _is_archive(name: str) -> bool:
    return name.lower().endswith(ARCHIVE_SUFFIXES)
