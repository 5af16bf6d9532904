"""The digests of what is handed in. Those of files are not computed again while the files stay as they are."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.sizes import MAX_MODEL_MIB, MIB
from autograder.intake.archive import find_file, folder_members, open_zip, zip_listing, zip_members
from autograder.intake.member import CappedFile, Member, MemberError

Stamp = tuple[int, int, int]  # size in bytes, time of the last change in nanoseconds, inode


@dataclass
class KnownDigests:
    """Digests by file, each with the stamp that the file had."""

    by_path: dict[str, tuple[Stamp, str]] = field(default_factory=dict)

    def of(self, path: Path) -> str:
        """The digest of a file that has not changed; "" if none is known, and for every folder."""
        stamp, digest = self.by_path.get(str(path.absolute()), (None, ""))
        return digest if stamp and stamp == _stamp(path) else ""

    def learn(self, path: Path, digest: str) -> None:
        """Takes note of a file's digest."""
        if stamp := _stamp(path):
            self.by_path[str(path.absolute())] = stamp, digest


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return None if path.is_dir() else (found.st_size, found.st_mtime_ns, found.st_ino)


def digest_of(source: Path, member: str = "") -> str:
    """The SHA-256 of a file, or of that `member` of a zip archive; of a folder, that of its files' names and contents.

    It is the same for a folder on the disk and in an archive. Raises OSError, ArchiveError, BadZipFile.
    """
    if not member and not source.is_dir():
        with CappedFile(source) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    if member and zip_listing(source).get(member) == "file":
        with CappedFile(source) as file, open_zip(file) as archive, archive.open(find_file(archive, member)) as packed:
            return hashlib.file_digest(packed, "sha256").hexdigest()  # type: ignore[arg-type]  # asks for readinto alone
    total = hashlib.sha256()
    inside = zip_members(source, member) if member else folder_members(source)
    files = {one.name: _content_digest(one) for one in inside if one.kind == "file"}
    for name in sorted(files):
        total.update(f"{name}\0{files[name]}\n".encode("utf-8", "surrogatepass"))
    return total.hexdigest()


def _content_digest(member: Member) -> str:
    """The SHA-256 of a member; that of nothing if it cannot be read, or is larger than what is ever read."""
    total = hashlib.sha256()
    try:
        for piece in member.pieces(MAX_MODEL_MIB * MIB):
            total.update(piece)
    except (MemberError, OSError):
        return hashlib.sha256().hexdigest()
    return total.hexdigest()
