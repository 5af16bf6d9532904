"""Which of a student's attempts counts, and how late it is: by time, extensions, and what the manifest says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from autograder.course.late import ALL, Counts
from autograder.course.manifest import Assignment
from autograder.gradebook.rows import AttemptRow
from autograder.intake.names import quoted
from autograder.messages import join, say


@dataclass(frozen=True)
class Standing:
    """The attempt that counts, how many percent its lateness takes, and why; what a person has to answer first.

    `candidates` may count, and have to be graded: the one alone, unless a question is open or the best one counts.
    """

    attempt: AttemptRow
    late_percent: Decimal
    late_reason: str
    candidates: tuple[AttemptRow, ...]
    open_questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deadlines:
    """Until when a student has time: `until` is that of an extension, which has a reason, or None."""

    assignment: Assignment
    until: datetime | None = None
    reason: str = ""

    def lateness(self, attempt: AttemptRow) -> tuple[Decimal, str, str]:
        """How many percent the lateness of an attempt takes, why, and what a person has to answer."""
        policy, deadline = self.assignment.late, self.until or self.assignment.deadline
        late = attempt.timing.lateness(deadline)
        if policy is None:
            return Decimal(0), "", ""
        if late is None and (policy.needs_time or self.until):
            return Decimal(0), "", "how late? It is marked LATE, and nothing tells its time"
        if late is None:
            return ALL, say("late, as the LMS marks it"), ""
        percent = policy.percent(late)
        if not percent:
            extended = say("in time by the extension ({reason})", reason=self.reason)
            return percent, extended if self._needed(attempt) else "", ""
        return percent, say("late by {time}", time=_duration(late.total_seconds())), ""

    def _needed(self, attempt: AttemptRow) -> bool:
        """Whether it is on time by the extension alone."""
        late = attempt.timing.lateness(self.assignment.deadline)
        policy = self.assignment.late
        return self.until is not None and policy is not None and bool(late is None or policy.percent(late))


def standing(
    attempts: Sequence[AttemptRow],
    deadlines: Deadlines,
    choice: str = "",
    points_of: Callable[[AttemptRow], Decimal] | None = None,
) -> Standing:
    """The standing of one student by all attempts that are there, at least one.

    `choice` is the attempt that a person has chosen. `points_of` gives the points after lateness, where the best
    attempt counts.
    """
    order = latest(attempts)
    if chosen := [one for one in attempts if one.submission_id == choice]:
        return _of(chosen, chosen, deadlines)
    readable = [one for one in attempts if one.timing.readable] or list(attempts)
    counts = deadlines.assignment.counts
    if counts is Counts.BEST and points_of:
        ranked = sorted(readable, key=lambda one: (points_of(one), order.index(one)))
        return _of(ranked[-1:], readable, deadlines)
    if counts is Counts.LAST_ON_TIME:
        in_time = [one for one in readable if deadlines.lateness(one)[::2] == (Decimal(0), "")]
        unsure = [one for one in readable if deadlines.lateness(one)[2]]
        readable = in_time or unsure or readable
    return _of(_maximal(readable, order), None, deadlines)


def _of(last: Sequence[AttemptRow], candidates: Sequence[AttemptRow] | None, deadlines: Deadlines) -> Standing:
    percent, reason, question = deadlines.lateness(last[-1])
    questions = [question] if question else []
    if len(last) > 1:
        questions.append(f"which is later? Nothing tells of {quoted([one.source for one in last])}")
    return Standing(last[-1], percent, reason, tuple(candidates or last), tuple(questions))


def latest(attempts: Sequence[AttemptRow]) -> list[AttemptRow]:
    """The attempts from the first to the last, by what they are called where nothing tells which is later."""
    ordered: list[AttemptRow] = []
    for one in sorted(attempts, key=lambda attempt: (attempt.sources, attempt.submission_id)):
        place = next((i for i, other in enumerate(ordered) if other.timing.is_later_than(one.timing)), len(ordered))
        ordered.insert(place, one)
    return ordered


def _maximal(attempts: Sequence[AttemptRow], order: Sequence[AttemptRow]) -> list[AttemptRow]:
    """Those that no other is known to be later than."""
    last = [one for one in attempts if not any(other.timing.is_later_than(one.timing) for other in attempts)]
    return sorted(last or attempts, key=order.index)


def _duration(seconds: float) -> str:
    """A time as people say it: '2 days 3 h', '45 min'."""
    minutes = max(1, round(seconds / 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [say("1 day") if days == 1 else say("{days} days", days=days)] if days else []
    parts += [say("{hours} h", hours=hours)] if hours else []
    parts += [say("{minutes} min", minutes=minutes)] if minutes and not days else []
    return join(parts, " ")
