"""Members of a submission, streamed out of a zip archive, a tar archive or a folder, under caps.

A submission may itself be a member of a class's zip archive. No name that stands in an archive is used as a path, and
nothing but an archive inside of another is written to disk.
"""

import dataclasses
import gzip
import hashlib
import os
import zipfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from autograder.course.manifest import ARCHIVE_SUFFIXES
from autograder.course.sizes import MAX_MEMBERS, MIB
from autograder.intake.member import (
    CHUNK,
    MAX_NAME,
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


def members(source: Path, form: str, within: str = "") -> Generator[Member, None, None]:
    """Every member of `source`, whose format is `form`, in the archive's order (a folder: sorted by name).

    `within` names a folder in a zip archive: its members alone, by their names in it.

    One whose name is longer than MAX_NAME is no file, whatever it is. Raises ArchiveError when a cap is exceeded or the
    archive is damaged, where the readers of the standard library raise nearly anything else, too.
    """
    for number, member in enumerate(_members(source, form, within), start=1):
        if number > MAX_MEMBERS:
            raise ArchiveError(f"it holds more than {MAX_MEMBERS:,} files and folders")
        if len(member.name) > MAX_NAME:
            kind = f"its name is longer than {MAX_NAME:,} characters"
            member = dataclasses.replace(member, name=member.name[:MAX_NAME], kind=kind)
        yield member


def _members(source: Path, form: str, within: str) -> Iterator[Member]:
    if form == "notebook":
        return iter([Member(source.name, "file", partial(_read_file, source, Budget(None)))])
    if form == "folder":
        return _folder_members(source)
    return zip_members(source, within) if form == "zip" else tar_members(source, gzipped=form == "tar.gz")


def zip_members(source: Path, within: str) -> Generator[Member, None, None]:
    """The members of a zip archive, or of a folder `within` it, however many they are."""
    with CappedFile(source) as file, _open_zip(file) as archive:
        inside = [(info, _zip_name(info)) for info in archive.infolist()]
        if within:
            inside = [(info, rest) for info, name in inside if (rest := _below(name, within))]
        budget = Budget(sum(info.compress_size for info, _ in inside) if within else source.stat().st_size)
        for info, name in inside:
            yield Member(name, _zip_kind(info), partial(_read_zipped, archive, info, budget))


def zip_listing(source: Path) -> dict[str, str]:
    """The names in a zip archive, without ways out of it, each with its kind as in `Member`.

    Raises ArchiveError if it cannot be read, or what the readers of the standard library raise, OSError.
    """
    with closing(zip_members(source, "")) as inside:
        named = (("/".join(components(member.name)[0]), member.kind) for member in inside)
        return {name: kind for name, kind in named if name}


def _below(stored: str, folder: str) -> str:
    """A stored name as it is below `folder`, "" if it is not below it."""
    parts, above = components(stored)[0], folder.split("/")
    return "/".join(parts[len(above) :]) if parts[: len(above)] == above else ""


def _open_zip(file: CappedFile) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise ArchiveError("it is a damaged or incomplete zip archive (its list of files cannot be read)") from error


def _refuse_unusual(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & 0x1:
        raise MemberError("is protected by a password and was not read")
    # zipfile decompresses the other methods a whole block at a time, however large that becomes.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise MemberError("is compressed by an unusual method and was not read; make an ordinary zip archive")


def _read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget, largest: int) -> bytes:
    _refuse_unusual(info)
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


def digest_of(source: Path, member: str = "") -> str:
    """The SHA-256 of a file, or of that `member` of a zip archive; of a folder, that of its files' names and contents.

    It is the same for a folder on the disk and in an archive. Raises OSError, ArchiveError, BadZipFile.
    """
    if not member and not source.is_dir():
        with CappedFile(source) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    if member and zip_listing(source).get(member) == "file":
        with CappedFile(source) as file, _open_zip(file) as archive, _open_member(archive, member) as packed:
            return hashlib.file_digest(packed, "sha256").hexdigest()  # type: ignore[arg-type]  # asks for readinto alone
    total = hashlib.sha256()
    inside = zip_members(source, member) if member else _folder_members(source)
    files = {one.name: _content_digest(one) for one in inside if one.kind == "file"}
    for name in sorted(files):
        total.update(f"{name}\0{files[name]}\n".encode("utf-8", "surrogatepass"))
    return total.hexdigest()


def _content_digest(member: Member) -> str:
    """The SHA-256 of a member; of one that cannot be read, that of nothing."""
    try:
        return hashlib.sha256(member.read(LARGEST_INNER)).hexdigest()
    except (MemberError, OSError):
        return hashlib.sha256().hexdigest()


def _open_member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """The file of this name in an archive; of several, the last. Raises ArchiveError."""
    (*_, info) = (one for one in archive.infolist() if "/".join(components(_zip_name(one))[0]) == name)
    try:
        _refuse_unusual(info)
    except MemberError as error:
        raise ArchiveError(f"it {error}") from None
    return archive.open(info)


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
    packed = None if form == "notebook" else _only_member(source, form)
    if packed is None:
        return Opened(source, form, form)
    name, content = packed
    path = scratch / "inner"
    path.write_bytes(content)
    return _inner(path, form, name)


def _inner(path: Path, outer: str, name: str) -> Opened:
    try:
        return Opened(path, format_of(path), outer, components(name)[0][-1])
    except ArchiveError as error:
        raise ArchiveError(f"the archive inside: {error}") from error


def _packed_file(source: Path, member: str) -> str | None:
    """The name of the file to take out of a class's zip archive: `member`, or the only archive in that folder.

    None for a folder that is to be read as it is. Raises ArchiveError if there is no such member.
    """
    names = zip_listing(source)
    if names.get(member) == "file":
        return member
    below = {rest: kind for name, kind in names.items() if (rest := _below(name, member))}
    if not below and member not in names:
        raise ArchiveError("it is no longer in the archive of the class")
    first = {rest.partition("/")[0] for rest in below}
    (only,) = visible if len(visible := [name for name in first if not ignored(name)]) == 1 else [""]
    return f"{member}/{only}" if below.get(only) == "file" and _is_archive(only) else None


def _extract(source: Path, name: str, path: Path) -> None:
    """Writes one file of a zip archive to `path`; of several with this name, the last. Raises ArchiveError."""
    with CappedFile(source) as file, _open_zip(file) as archive, path.open("wb") as copy:
        (*_, info) = (one for one in archive.infolist() if "/".join(components(_zip_name(one))[0]) == name)
        try:
            _refuse_unusual(info)
        except MemberError as error:
            raise ArchiveError(f"it {error}") from None
        budget = Budget(info.compress_size)
        with archive.open(info) as packed:
            while piece := packed.read(CHUNK):
                budget.spend(len(piece))
                copy.write(piece)


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
