"""Where something that came in lies, and what its name says."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.intake.lms.given import GivenName


@dataclass(frozen=True)
class Source:
    """One file or folder that came in: at `path`, or the `member` of the class's archive that lies there."""

    path: Path
    given: GivenName
    member: str = ""

    @property
    def name(self) -> str:
        """What the file or folder is called, without the folders around it."""
        return PurePosixPath(self.member).name or self.path.name
