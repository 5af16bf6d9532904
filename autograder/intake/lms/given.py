"""What a name says that a learning management system (LMS) gave to a file or folder when a class was downloaded."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PartKind(StrEnum):
    """What a file is of what somebody handed in: a file of the student's, a text typed into the LMS, or a link."""

    FILE = "file"
    TEXT = "text"
    LINK = "link"


@dataclass(frozen=True)
class LmsPerson:
    """Somebody as an LMS names them: `lms_id` is its own number, and what it does not tell is "".

    `identity` is the same in every download of a class, such as "canvas 48211".
    """

    identity: str
    lms_id: str = ""
    login: str = ""
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class GivenName:
    """What a name says.

    `original` is the student's own name for the file, "" for a folder that the system made. `people` are who handed it
    in: nobody where no system says so, several for the work of a group. `time` is when, in the course's own time zone
    unless it has one. `number` grows from one submission to the next (0: unknown), `resubmission` is the number that
    the system appends to a name that the student used before.
    """

    original: str
    people: tuple[LmsPerson, ...] = ()
    system: str = ""
    time: datetime | None = None
    late: bool = False
    number: int = 0
    resubmission: int = 0
    kind: PartKind = PartKind.FILE

    @property
    def owner(self) -> str:
        """The name or login of who handed it in, "" if no system says so."""
        return next((one.name or one.login for one in self.people), "")


@dataclass(frozen=True)
class Mark:
    """What one system has written into a name, and where in the name that begins."""

    start: int
    given: GivenName
