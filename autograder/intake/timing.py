"""When something was handed in, as far as anything tells, and which of two came later."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Timing:
    """What tells when something was handed in.

    `handed_in` has a time zone, or is None where nothing tells the time. `late` is the LMS's own mark. `number` grows
    from one submission to the next (0: unknown), `resubmission` counts what a system appended to a name. `readable`
    says whether anything could be read of it.
    """

    handed_in: datetime | None = None
    late: bool = False
    number: int = 0
    resubmission: int = 0
    readable: bool = True

    def is_later_than(self, other: "Timing") -> bool | None:
        """Whether it came later than another of the same student's; None where nothing tells."""
        if self.handed_in and other.handed_in and self.handed_in != other.handed_in:
            return self.handed_in > other.handed_in
        if self.number and other.number and self.number != other.number:
            return self.number > other.number
        if self.resubmission != other.resubmission:
            return self.resubmission > other.resubmission
        if self.late != other.late:
            return self.late
        return None

    def lateness(self, deadline: datetime) -> timedelta | None:
        """How long after the deadline it came, nothing if it was in time; None where it is late, and nothing tells how.

        A known time counts before the LMS's mark.
        """
        if self.handed_in:
            return max(timedelta(0), self.handed_in - deadline)
        return None if self.late else timedelta(0)
