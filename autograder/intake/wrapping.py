"""Opens a submission, and the archive in it if that is all it holds."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.course.manifest import ARCHIVE_SUFFIXES
from autograder.intake.archive import format_of, members
from autograder.intake.member import MIB, ArchiveError, Member
from autograder.intake.names import components, ignored
from autograder.sandbox.temporary import temporary_folder

LARGEST_INNER = 256 * MIB


@dataclass(frozen=True)
class Opened:
    """What is to be read: a file or folder and its format.

    `outer` is the format of what was handed in. `inner` is the name of the archive in it that is read instead, "" if
    there is none.
    """

    path: Path
    form: str
    outer: str
    inner: str = ""


@contextmanager
def opened(source: Path) -> Iterator[Opened]:
    """The submission at `source`, or the only file in it when that is an archive; no deeper than that.

    Raises:
        ArchiveError: what is to be read is no archive.
        OSError: it cannot be opened.
    """
    form = format_of(source)
    if form == "folder":
        inner = _only_file_of(source)
        yield _inner(inner, form, inner.name) if inner else Opened(source, form, form)
        return
    packed = None if form == "notebook" else _only_member(source, form)
    if packed is None:
        yield Opened(source, form, form)
        return
    name, content = packed
    with temporary_folder() as scratch:
        path = scratch / "inner"  # no name that stands in an archive is used as a path
        path.write_bytes(content)
        del content, packed
        yield _inner(path, form, name)


def _inner(path: Path, outer: str, name: str) -> Opened:
    try:
        return Opened(path, format_of(path), outer, components(name)[0][-1])
    except ArchiveError as error:
        raise ArchiveError(f"the archive inside: {error}") from error


def _only_file_of(folder: Path) -> Path | None:
    try:
        inside = [path for path in folder.iterdir() if not ignored(path.name)]
    except OSError:  # the reader of folders notes it
        return None
    if len(inside) != 1 or not _is_archive(inside[0].name) or inside[0].is_symlink() or not inside[0].is_file():
        return None
    return inside[0]


def _only_member(source: Path, form: str) -> tuple[str, bytes] | None:
    """Name and bytes of the archive that is the only file in an archive; damage is left to the reading that follows."""
    found: tuple[str, bytes] | None = None
    try:
        with closing(members(source, form)) as inside:
            for member in filter(_counts, inside):
                if found or member.kind != "file" or not _is_archive(member.name):
                    return None
                found = member.name, member.read(LARGEST_INNER)
    except Exception:  # readers of damaged archives raise nearly anything
        return None
    return found


def _counts(member: Member) -> bool:
    parts, _ = components(member.name)
    return bool(parts) and member.kind != "folder" and not any(map(ignored, parts))


def _is_archive(name: str) -> bool:
    return name.lower().endswith(ARCHIVE_SUFFIXES)
