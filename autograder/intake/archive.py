"""Members of a submission, streamed out of a zip archive, a tar archive or a folder, under caps.

A submission may itself be a member of a class's zip archive. No name that stands in an archive is used as a path.
"""

import dataclasses
import gzip
import os
import zipfile
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from autograder.course.sizes import MAX_MEMBERS
from autograder.intake.member import (
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
from autograder.intake.names import components
from autograder.intake.tarball import is_tar, tar_members
from autograder.messages import say

_FOREIGN = {
    b"7z\xbc\xaf\x27\x1c": say("a 7z archive"),
    b"Rar!\x1a\x07": say("a rar archive"),
    b"ALZ\x01": say("an alz archive"),
    b"EGGA": say("an egg archive"),
    b"\xfd7zXZ\x00": say("compressed by xz"),
    b"BZh": say("compressed by bzip2"),
    b"%PDF": say("a PDF document"),
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
            raise ArchiveError(say("it is empty (0 bytes)"))
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return "zip"
        if is_tar(head):
            return "tar"
        if head.startswith(b"\x1f\x8b"):
            file.seek(0)
            with gzip.GzipFile(fileobj=file) as unpacked:
                if is_tar(unpacked.read(512)):
                    return "tar.gz"
            raise ArchiveError(say("it is a gzip file without a tar archive in it"))
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") and source.name.lower().endswith(".ipynb"):
        return "notebook"
    kind = next((kind for magic, kind in _FOREIGN.items() if head.startswith(magic)), say("no archive"))
    raise ArchiveError(say("it is {kind}; expected a zip or tar.gz archive", kind=kind))


def members(source: Path, form: str, within: str = "") -> Generator[Member, None, None]:
    """Every member of `source`, whose format is `form`, in the archive's order (a folder: sorted by name).

    `within` names a folder in a zip archive: its members alone, by their names in it.

    One whose name is longer than MAX_NAME is no file, whatever it is. Raises ArchiveError when a cap is exceeded or the
    archive is damaged, where the readers of the standard library raise nearly anything else, too.
    """
    for number, member in enumerate(_members(source, form, within), start=1):
        if number > MAX_MEMBERS:
            raise ArchiveError(say("it holds more than {count:,} files and folders", count=MAX_MEMBERS))
        if len(member.name) > MAX_NAME:
            kind = say("its name is longer than {count:,} characters", count=MAX_NAME)
            member = dataclasses.replace(member, name=member.name[:MAX_NAME], kind=kind)
        yield member


def _members(source: Path, form: str, within: str) -> Iterator[Member]:
    if form == "notebook":
        return iter([Member(source.name, "file", partial(_read_file, source, Budget(None)))])
    if form == "folder":
        return folder_members(source)
    return zip_members(source, within) if form == "zip" else tar_members(source, gzipped=form == "tar.gz")


def zip_members(source: Path, within: str) -> Generator[Member, None, None]:
    """The members of a zip archive, or of a folder `within` it, however many they are."""
    with CappedFile(source) as file, open_zip(file) as archive:
        inside = [(info, _zip_name(info)) for info in archive.infolist()]
        if within:
            inside = [(info, rest) for info, name in inside if (rest := below_folder(name, within))]
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


def below_folder(stored: str, folder: str) -> str:
    """A stored name as it is below `folder`, "" if it is not below it."""
    parts, above = components(stored)[0], folder.split("/")
    return "/".join(parts[len(above) :]) if parts[: len(above)] == above else ""


def open_zip(file: CappedFile) -> zipfile.ZipFile:
    """The zip archive in a file. Raises ArchiveError."""
    try:
        return zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        damage = say("it is a damaged or incomplete zip archive (its list of files cannot be read)")
        raise ArchiveError(damage) from error


def _refuse_unusual(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & 0x1:
        raise MemberError(say("is protected by a password and was not read"))
    # zipfile decompresses the other methods a whole block at a time, however large that becomes.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        unusual = say("is compressed by an unusual method and was not read; make an ordinary zip archive")
        raise MemberError(unusual)


def _read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget, largest: int) -> Iterator[bytes]:
    _refuse_unusual(info)
    if info.file_size > largest:
        raise too_large(largest)
    with archive.open(info) as file:
        yield from drain(file, budget, largest)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The name in whichever encoding it was written; the flag that says UTF-8 is often missing."""
    return info.filename if info.flag_bits & 0x800 else decode_name(info.filename.encode("cp437"))


def _zip_kind(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16
    if info.filename.endswith("/"):  # `info.is_dir` fails where there is no name
        return "folder"
    return kind_of(mode) if mode & 0o170000 else "file"


def folder_members(source: Path) -> Iterator[Member]:
    """Files and folders below `source`, without following links."""
    budget = Budget(None)
    waiting = [source]
    while waiting:
        folder = waiting.pop()
        try:
            entries = sorted((path.name, path.lstat().st_mode) for path in folder.iterdir())
        except OSError:
            yield Member(_stored_name(folder.relative_to(source)), say("unreadable folder"), lambda _: iter(()))
            continue
        for name, mode in entries:
            path = folder / name
            kind = kind_of(mode)
            yield Member(_stored_name(path.relative_to(source)), kind, partial(_read_file, path, budget))
            if kind == "folder":
                waiting.append(path)


def _stored_name(path: Path) -> str:
    return decode_name(os.fsencode(path)) if os.name == "posix" else path.as_posix()


def _read_file(path: Path, budget: Budget, largest: int) -> Iterator[bytes]:
    with CappedFile(path) as file:
        if os.fstat(file.fileno()).st_size > largest:
            raise too_large(largest)
        yield from drain(file, budget, largest)


def find_file(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """The file of this name in an archive; of several, the last. Raises ArchiveError if it cannot be read."""
    (*_, info) = (one for one in archive.infolist() if "/".join(components(_zip_name(one))[0]) == name)
    try:
        _refuse_unusual(info)
    except MemberError as error:
        raise ArchiveError(say("it {what}", what=str(error))) from None
    return info
