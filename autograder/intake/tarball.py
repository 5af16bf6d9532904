"""Members of a tar archive, gzipped or not, read in one pass without seeking back."""

import gzip
import io
import tarfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from autograder.course.sizes import MIB
from autograder.intake.member import (
    CHUNK,
    ArchiveError,
    Budget,
    CappedFile,
    Member,
    MemberError,
    Readable,
    decode_name,
    too_large,
)
from autograder.messages import say

MAX_HEADERS = MIB


def is_tar(head: bytes) -> bool:
    """Whether a file that begins with these 512 bytes is a tar archive; an empty one begins with its end."""
    return head[257:262] == b"ustar" or head == bytes(512)


def tar_members(source: Path, gzipped: bool) -> Iterator[Member]:
    """The members of a tar archive; raises ArchiveError, or what tarfile and gzip raise, where it is damaged."""
    budget = Budget(source.stat().st_size)
    with CappedFile(source) as file:
        buffered = io.BufferedReader(file, CHUNK)
        tape = _Tape(gzip.GzipFile(fileobj=buffered) if gzipped else buffered, budget)
        # A tape has all that reading takes, though not all of a file.
        with tarfile.TarFile(fileobj=tape, encoding="utf-8", errors="surrogateescape") as archive:  # type: ignore[arg-type]
            for info in archive:
                name = decode_name(info.name.encode("utf-8", "surrogateescape"))
                yield Member(name, _kind(info), partial(tape.content, info))
                tape.headers_left = MAX_HEADERS
    # tarfile takes a header that it cannot read for the end of the archive.
    if tape.header.strip(b"\0"):
        raise ArchiveError(say("it is damaged (something that is no tar header stands between its files)"))


def _kind(info: tarfile.TarInfo) -> str:
    if info.isdir():
        return "folder"
    if info.isreg():
        return say("sparse file") if info.issparse() else "file"
    if info.issym():
        return say("symbolic link")
    return say("hard link") if info.islnk() else say("special file")


class _Tape:
    """The unpacked bytes of a tar archive: read forwards only, counted, and with little room for headers."""

    def __init__(self, file: Readable, budget: Budget) -> None:
        self.file = file
        self.budget = budget
        self.position = 0
        self.headers_left = MAX_HEADERS
        self.header = b""

    def tell(self) -> int:
        """Bytes read so far."""
        return self.position

    def seek(self, target: int) -> int:
        """Skips forward to `target`, or to the end of the archive when that comes first."""
        if target < self.position:
            raise ArchiveError(say("it is damaged (a file starts inside another)"))
        while self.position < target and (piece := self._take(min(CHUNK, target - self.position))):
            self.budget.skip(len(piece))
        return self.position

    def read(self, size: int, /) -> bytes:
        """What tarfile asks for: headers alone, since `content` reads the files."""
        self.headers_left -= size
        if self.headers_left < 0:
            raise ArchiveError(say("it is damaged (a header of more than {size} MiB)", size=MAX_HEADERS // MIB))
        self.header = b"".join(self._pieces(size))
        return self.header

    def content(self, info: tarfile.TarInfo, largest: int) -> Iterator[bytes]:
        """The pieces of the member whose header was read last."""
        if info.size > largest:
            raise too_large(largest)
        if info.size < 0:
            raise MemberError(say("is damaged (its size is negative) and was not read"))
        self.seek(info.offset_data)
        yield from self._pieces(info.size)
        if self.position < info.offset_data + info.size:
            raise MemberError(say("is cut off: the archive ends inside it"))

    def _pieces(self, size: int) -> Iterator[bytes]:
        while size > 0 and (piece := self._take(min(CHUNK, size))):
            self.budget.spend(len(piece))
            yield piece
            size -= len(piece)

    def _take(self, size: int) -> bytes:
        piece = self.file.read(size)
        self.position += len(piece)
        return piece
