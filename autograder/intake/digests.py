"""The digests of files that were read before, which are not computed again while the files stay as they are."""

from dataclasses import dataclass, field
from pathlib import Path

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
