"""Members of a submission, streamed out of a zip archive, a tar archive or a folder, under caps.

Nothing is written to disk, and no name that stands in an archive is used as a path.
"""

import dataclasses
import gzip
import os
import zipfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autograder.course.manifest import ARCHIVE_SUFFIXES
from autograder.intake.member import (
    MAX_MEMBERS,
    MAX_NAME,
    MIB,
    ArchiveError,
    Budget,
    CappedFile,
    Member,
    MemberError,
    decode_name,
    drain,
    kind_of,
    too_large,
)
from autograder.intake.names import components, ignored
from autograder.intake.tarball import is_tar, tar_members
from autograder.sandbox.temporary import temporary_folder

_FOREIGN = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a rar archive",
    b"ALZ\x01": "an alz archive",
    b"EGGA": "an egg archive",
    b"\xfd7zXZ\x00": "compressed by xz",
    b"BZh": "compressed by bzip2",
    b"%PDF": "a PDF document",
}


def format_of(source: Path) -> str:
    """What `source` is by its content: "folder", "zip", "tar", "tar.gz" or "notebook".

    Raises ArchiveError for anything else (pipes and devices are not read), OSError if it cannot be opened.
    """
    if source.is_dir():
        return "folder"
    with CappedFile(source) as file:
        head = file.read(512)
        if not head:
            raise ArchiveError("it is empty (0 bytes)")
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return "zip"
        if is_tar(head):
            return "tar"
        if head.startswith(b"\x1f\x8b"):
            file.seek(0)
            with gzip.GzipFile(fileobj=file) as unpacked:
                if is_tar(unpacked.read(512)):
                    return "tar.gz"
            raise ArchiveError("it is a gzip file without a tar archive in it")
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") and source.name.lower().endswith(".ipynb"):
        return "notebook"
    kind = next((kind for magic, kind in _FOREIGN.items() if head.startswith(magic)), "no archive")
    raise ArchiveError(f"it is {kind}; expected a zip or tar.gz archive")


def members(source: Path, form: str) -> Generator[Member, None, None]:
    """Every member of `source`, whose format is `form`, in the archive's order (a folder: sorted by name).

    One whose name is longer than MAX_NAME is no file, whatever it is. Raises ArchiveError when a cap is exceeded or the
    archive is damaged, where the readers of the standard library raise nearly anything else, too.
    """
    for number, member in enumerate(_members(source, form), start=1):
        if number > MAX_MEMBERS:
            raise ArchiveError(f"it holds more than {MAX_MEMBERS:,} files and folders")
        if len(member.name) > MAX_NAME:
            kind = f"its name is longer than {MAX_NAME:,} characters"
            member = dataclasses.replace(member, name=member.name[:MAX_NAME], kind=kind)
        yield member


def _members(source: Path, form: str) -> Iterator[Member]:
    if form == "notebook":
        return iter([Member(source.name, "file", partial(_read_file, source, Budget(None)))])
    if form == "folder":
        return _folder_members(source)
    return _zip_members(source) if form == "zip" else tar_members(source, gzipped=form == "tar.gz")


def _zip_members(source: Path) -> Iterator[Member]:
    budget = Budget(source.stat().st_size)
    with CappedFile(source) as file, _open_zip(file) as archive:
        for info in archive.infolist():
            yield Member(_zip_name(info), _zip_kind(info), partial(_read_zipped, archive, info, budget))


def _open_zip(file: CappedFile) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise ArchiveError("it is a damaged or incomplete zip archive (its list of files cannot be read)") from error


def _read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget, largest: int) -> bytes:
    if info.flag_bits & 0x1:
        raise MemberError("is protected by a password and was not read")
    # zipfile decompresses the other methods a whole block at a time, however large that becomes.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise MemberError("is compressed by an unusual method and was not read; make an ordinary zip archive")
    if info.file_size > largest:
        raise too_large(largest)
    with archive.open(info) as file:
        return drain(file, budget, largest)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The name in whichever encoding it was written; the flag that says UTF-8 is often missing."""
    return info.filename if info.flag_bits & 0x800 else decode_name(info.filename.encode("cp437"))


def _zip_kind(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16
    if info.filename.endswith("/"):  # `info.is_dir` fails where there is no name
        return "folder"
    return kind_of(mode) if mode & 0o170000 else "file"


def _folder_members(source: Path) -> Iterator[Member]:
    """Files and folders below `source`, without following links."""
    budget = Budget(None)
    waiting = [source]
    while waiting:
        folder = waiting.pop()
        try:
            entries = sorted((path.name, path.lstat().st_mode) for path in folder.iterdir())
        except OSError:
            yield Member(_stored_name(folder.relative_to(source)), "unreadable folder", bytes)
            continue
        for name, mode in entries:
            path = folder / name
            kind = kind_of(mode)
            yield Member(_stored_name(path.relative_to(source)), kind, partial(_read_file, path, budget))
            if kind == "folder":
                waiting.append(path)


def _stored_name(path: Path) -> str:
    return decode_name(os.fsencode(path)) if os.name == "posix" else path.as_posix()


def _read_file(path: Path, budget: Budget, largest: int) -> bytes:
    with CappedFile(path) as file:
        if os.fstat(file.fileno()).st_size > largest:
            raise too_large(largest)
        return drain(file, budget, largest)


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

    Raises ArchiveError if what is to be read is no archive, OSError if it cannot be opened.
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
    packed: tuple[str, bytes] | None = None
    try:
        with closing(members(source, form)) as inside:
            for member in filter(_counts, inside):
                if packed or member.kind != "file" or not _is_archive(member.name):
                    return None
                packed = member.name, member.read(LARGEST_INNER)
    except Exception:  # readers of damaged archives raise nearly anything
        return None
    return packed


def _counts(member: Member) -> bool:
    parts, _ = components(member.name)
    return bool(parts) and member.kind != "folder" and not any(map(ignored, parts))


def _is_archive(name: str) -> bool:
    return name.lower().endswith(ARCHIVE_SUFFIXES)
