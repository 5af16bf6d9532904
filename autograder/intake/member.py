"""One entry of a submission, and the caps under which it is read.

The readers of the standard library allocate what a file's headers claim, so they get their bytes through files that
refuse large requests.
"""

import errno
import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autograder.course.sizes import MAX_TOTAL, MIB
from autograder.messages import say

MAX_NAME = 1024  # characters; a small archive may hold a name of a mebibyte, which takes seconds to read
MAX_SKIPPED = 8192 * MIB
MAX_RATIO = 200
# Padding and repetitive logs compress better than MAX_RATIO, and a bomb of this size harms nobody.
RATIO_MATTERS_FROM = 16 * MIB
MAX_READ = 4 * MIB
CHUNK = 64 * 1024


class ArchiveError(Exception):
    """The archive cannot be read, or not any further; the message is for the student."""


class MemberError(Exception):
    """One member cannot be read; the message is for the student."""


@dataclass(frozen=True)
class Member:
    """One entry: its name as stored, `kind` ("file", "folder", or what else it is) and how to get its bytes.

    `pieces` takes the most bytes that the member may have. Its bytes must be asked for, if at all, before the next
    member is; that raises MemberError or ArchiveError.
    """

    name: str
    kind: str
    pieces: Callable[[int], Iterator[bytes]]

    def read(self, largest: int) -> bytes:
        """All of it, at most `largest` bytes."""
        return b"".join(self.pieces(largest))

    def write(self, path: Path, largest: int) -> None:
        """Writes it to a new file, at most `largest` bytes; what cannot be read leaves no file."""
        try:
            with path.open("wb") as file:
                file.writelines(self.pieces(largest))
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def is_full(error: Exception) -> bool:
    """Whether the grader's disk, or its share of it, is full: no fault of the archive that is read."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def too_large(largest: int) -> MemberError:
    """The error of a member of more than `largest` bytes."""
    return MemberError(say("is larger than {size} MiB and was not read", size=largest // MIB))


class Readable(Protocol):
    """Anything that gives at most so many bytes, and none at its end."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


class Budget:
    """Counts the bytes that come out of one archive of `packed` bytes."""

    def __init__(self, packed: int | None) -> None:
        self.packed = packed
        self.unpacked = 0
        self.skipped = 0

    def spend(self, size: int) -> None:
        """Takes note of `size` more unpacked bytes; raises ArchiveError when they are too many."""
        self.unpacked += size
        if self.unpacked > MAX_TOTAL:
            raise ArchiveError(say("it unpacks to more than {size} MiB", size=MAX_TOTAL // MIB))
        if self.packed is None or self.unpacked <= RATIO_MATTERS_FROM:
            return
        if self.unpacked > MAX_RATIO * self.packed:
            raise ArchiveError(say("it unpacks to more than {times} times its size", times=MAX_RATIO))

    def skip(self, size: int) -> None:
        """Takes note of `size` more bytes that nobody keeps; they cost time alone, so more of them are allowed."""
        self.skipped += size
        if self.skipped > MAX_SKIPPED:
            needless = say("it holds more than {size} MiB of files that are not needed", size=MAX_SKIPPED // MIB)
            raise ArchiveError(needless)


class CappedFile(io.FileIO):
    """A regular file, opened without waiting for a pipe's other end, that refuses the large read of a forged header."""

    def __init__(self, path: Path) -> None:
        super().__init__(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)))
        if not stat.S_ISREG(os.fstat(self.fileno()).st_mode):
            self.close()
            raise ArchiveError(say("it is neither a regular file nor a folder"))

    def read(self, size: int | None = -1, /) -> bytes:
        """At most `size` bytes; raises ArchiveError for more than MAX_READ."""
        if size is not None and size > MAX_READ:
            raise ArchiveError(say("it is damaged (its list of files is too long)"))
        return super().read(size) or b""


def drain(file: Readable, budget: Budget, largest: int) -> Iterator[bytes]:
    """The pieces of `file`, at most `largest` bytes of it; raises MemberError, ArchiveError."""
    size = 0
    while piece := file.read(CHUNK):
        size += len(piece)
        budget.spend(len(piece))
        if size > largest:
            raise too_large(largest)
        yield piece


def kind_of(mode: int) -> str:
    """What a file of this mode (as `os.stat` gives it) is: "file", "folder", "symbolic link" or "special file"."""
    kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: say("symbolic link")}
    return kinds.get(stat.S_IFMT(mode), say("special file"))


def decode_name(raw: bytes) -> str:
    """A file name in UTF-8 or in cp949, the code page of Korean Windows; else in cp437, which fits any bytes."""
    return decoded(raw, "utf-8", "cp949") or raw.decode("cp437")


def decoded(raw: bytes, *encodings: str) -> str | None:
    """The text in the first of some encodings that fits; None if none does."""
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    return None
