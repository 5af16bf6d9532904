"""What handing in late costs, and which of several attempts counts, as the manifest says."""

import math
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from autograder.course.toml_section import Section

_DAY = timedelta(days=1)
ALL = Decimal(100)  # percent


class Counts(StrEnum):
    """Which attempt of a student counts; late ones only where none was on time, but for LAST and BEST."""

    LAST_ON_TIME = "last on time"
    LAST = "last"
    BEST = "best"


@dataclass(frozen=True)
class LatePolicy:
    """What lateness takes of what was earned: all, or `per_day` percent for each day begun and all after `most` days.

    `per_day` is None where it takes all. Who is late by no more than `grace` is on time.
    """

    per_day: Decimal | None
    most: int
    grace: timedelta

    @property
    def needs_time(self) -> bool:
        """Whether it matters how late somebody is."""
        return self.per_day is not None

    def percent(self, lateness: timedelta) -> Decimal:
        """How many percent are taken from who hands in so long after the deadline."""
        if lateness <= self.grace or lateness <= timedelta(0):
            return Decimal(0)
        days = math.ceil(lateness / _DAY)
        if self.per_day is None or days > self.most:
            return ALL
        return min(ALL, self.per_day * days)


def late_policy_in(section: Section) -> LatePolicy | None:
    """The policy of an assignment, in its table `late`; None where lateness costs nothing. Raises ManifestError."""
    if "late" not in section.values:
        return None
    table = section.section("late")
    table.only({"policy", "grace_minutes"})
    minutes = table.number("grace_minutes") if "grace_minutes" in table.values else 0
    grace = timedelta(minutes=minutes)
    if table.get("policy", "expected 'zero' or { per_day = 10, most = 3 }") == "zero":
        return LatePolicy(None, 0, grace)
    if not isinstance(table.values["policy"], dict):
        table.fail("policy", "'zero' or { per_day = 10, most = 3 }", table.values["policy"])
    policy = table.section("policy")
    policy.only({"per_day", "most"})
    per_day = Decimal(str(policy.number("per_day")))
    if per_day > ALL:
        policy.fail("per_day", "a percentage of at most 100", policy.values["per_day"])
    return LatePolicy(per_day, policy.whole("most"), grace)


def counts_in(section: Section, policy: LatePolicy | None) -> Counts:
    """Which attempt counts: as `counts` says, else the last one, of those on time where lateness costs something."""
    if "counts" not in section.values:
        return Counts.LAST_ON_TIME if policy else Counts.LAST
    value = section.values["counts"]
    if value not in list(Counts):
        section.fail("counts", " or ".join(f"'{one}'" for one in Counts), value)
    return Counts(value)
