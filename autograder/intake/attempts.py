"""What a student handed in at once: one file, or several that complete each other."""

import hashlib
import re
from collections import ChainMap
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from autograder.course.manifest import ARCHIVE_SUFFIXES, Assignment
from autograder.intake.contents import NO_ID, missing_note
from autograder.intake.lms.given import GivenName, PartKind
from autograder.intake.people import Ownership
from autograder.intake.roster import Student
from autograder.intake.source import Source
from autograder.intake.submission import Submission, SubmissionState
from autograder.intake.times import HandIn, Times
from autograder.intake.timing import Timing
from autograder.messages import say
from autograder.notebook.repair import Kind, Repair


@dataclass(frozen=True)
class Attempt:
    """One attempt: what is graded, and what the gradebook keeps under `submission_id`, which names its page.

    `sources` are the files in it, none where nothing was handed in. `students` handed it in: nobody that is known, or
    several for the work of a group; `identity` is the same in every download, and `digest` is of the content.
    `notebooks`, `missing`, `notes`, `error`, `state` and `repairs` are those of its submissions together.
    """

    submission_id: str
    sources: tuple[Source, ...]
    students: tuple[Student, ...]
    identity: str
    digest: str
    timing: Timing
    notebooks: Mapping[str, bytes] = field(repr=False)
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""
    state: SubmissionState = SubmissionState.READ
    repairs: tuple[Repair, ...] = ()
    open_questions: tuple[str, ...] = ()

    @property
    def source_names(self) -> tuple[str, ...]:
        """What the files are called."""
        return tuple(source.name for source in self.sources)


@dataclass(frozen=True)
class Received:
    """One file or folder that was read, what its name says, and whose it is."""

    source: Source
    submission: Submission
    owner: Ownership

    @property
    def given(self) -> GivenName:
        """What its name says."""
        return self.source.given


NOTHING_HANDED_IN = say("nothing was handed in")


def nothing_of(student: Student, assignment: Assignment) -> Attempt:
    """What stands for the work of a student who handed in nothing."""
    nobody = Timing(readable=False)
    missing, state = tuple(assignment.required), SubmissionState.ABSENT
    return Attempt(student.student_id, (), (student,), "", "", nobody, {}, missing, (), NOTHING_HANDED_IN, state)


def attempts_of(received: Sequence[Received], assignment: Assignment, times: Times | None = None) -> list[Attempt]:
    """The attempts of a class, in the order of their files; `times` tell when students handed in the last of theirs."""
    groups: dict[tuple[str, ...], list[Part]] = {}
    for one in received:
        key = tuple(sorted(student.student_id for student in one.owner.students)) or (one.owner.identity,)
        groups.setdefault(key, []).append((one, _timing(one, assignment)))
    attempts: list[Attempt] = []
    for group in groups.values():
        merged = [_merged(parts, assignment) for parts in _partitioned(group, assignment)]
        if times and (last := _last_hand_in(merged[-1].students, times)) and not merged[-1].timing.handed_in:
            timing = replace(merged[-1].timing, handed_in=_zoned(last.time, assignment))
            merged[-1] = replace(merged[-1], timing=replace(timing, late=timing.late or last.late))
        attempts += merged
    places = {one.source: place for place, one in enumerate(received)}
    return sorted(attempts, key=lambda attempt: places[attempt.sources[0]])


Part = tuple[Received, Timing]
_COPY = re.compile(r"\((\d{1,3})\)(?=\.)")  # what a browser appends


def _timing(one: Received, assignment: Assignment) -> Timing:
    given = one.given
    time = _zoned(given.time, assignment) if given.time else None
    copies = [int(number) for number in _COPY.findall(given.original)]
    readable = one.submission.state is not SubmissionState.UNREADABLE
    return Timing(time, given.late, given.number, max([given.resubmission, *copies]), readable)


def _zoned(time: datetime, assignment: Assignment) -> datetime:
    """The time in the course's time zone unless it has one."""
    return time if time.tzinfo else time.replace(tzinfo=assignment.deadline.tzinfo)


def _last_hand_in(students: Sequence[Student], times: Times) -> HandIn | None:
    """When the first of some students handed in last."""
    found = (times.of(one.lms_id, one.student_id, one.login) for one in students)
    return next(filter(None, found), None)


def _partitioned(group: Iterable[Part], assignment: Assignment) -> list[list[Part]]:
    """The attempts among what one student handed in: files belong to one until something is there a second time.

    A notebook that is handed in again by itself replaces that one alone.
    """
    attempts: list[list[Part]] = []
    for part in sorted(group, key=_turn):
        if not attempts or _provides(part, assignment) is None:
            attempts.append([part])
            continue
        last = attempts[-1]
        kept = [one for one in last if not _clashes(one, part, assignment)]
        if len(kept) == len(last):
            last.append(part)
        elif all(_is_notebook(one) for one in (*last, part)):
            attempts.append([*kept, part])
        else:
            attempts.append([part])
    return attempts


def _turn(part: Part) -> tuple[float, int, int, bool, str]:
    one, timing = part
    time = timing.handed_in.timestamp() if timing.handed_in else 0.0
    return time, timing.number, timing.resubmission, timing.late, one.source.name


def _clashes(earlier: Part, later: Part, assignment: Assignment) -> bool:
    """Whether two files cannot belong to one attempt: both bring the same, or one of them alone is late.

    A text belongs to what was handed in at the same time.
    """
    if earlier[1].late != later[1].late:
        return True
    times = {timing.handed_in for _, timing in (earlier, later) if timing.handed_in}
    if len(times) == 2 and any(one.given.kind is not PartKind.FILE for one, _ in (earlier, later)):
        return True
    there, more = _provides(earlier, assignment), _provides(later, assignment)
    return there is None or more is None or bool(there & more)


def _provides(part: Part, assignment: Assignment) -> set[str] | None:
    """What a file brings of what is required; None where all of an attempt should be in it, and cannot be read."""
    one = part[0]
    if one.given.kind is not PartKind.FILE and one.submission.state is not SubmissionState.READ:
        return set()
    if one.submission.state is SubmissionState.READ:
        return set(assignment.required) - set(one.submission.missing) or (None if _is_archive(one) else set())
    return None if _is_archive(one) or one.submission.state is SubmissionState.UNKEPT else set()


def _is_archive(one: Received) -> bool:
    name = one.given.original or one.source.name
    return name.lower().endswith((*ARCHIVE_SUFFIXES, ".ipynb")) or "." not in name


def _is_notebook(part: Part) -> bool:
    return part[0].given.original.lower().endswith(".ipynb")


def _merged(parts: Sequence[Part], assignment: Assignment) -> Attempt:
    """One attempt of several files; with one alone, it is that."""
    files = [one for one, _ in parts if one.given.kind is PartKind.FILE] or [one for one, _ in parts]
    main = [one for one, _ in parts if one.submission.state is SubmissionState.READ] or files[:1]
    texts = [one for one, _ in parts if one in files or one in main]
    notebooks = [cast("MutableMapping[str, bytes]", one.submission.notebooks) for one in main]
    there = {name for one in main for name in set(assignment.required) - set(one.submission.missing)}
    missing = tuple(name for name in assignment.required if name not in there)
    repairs = tuple(repair for one in main for repair in one.submission.repairs)
    notes = _notes(texts, main, missing)
    if len(main) > 1:  # loose files are as good as an archive where they are all there
        repairs = tuple(repair for repair in repairs if repair.kind is not Kind.NO_ARCHIVE)
    timings = [timing for _, timing in parts]
    times = [timing.handed_in for timing in timings if timing.handed_in]
    timing = replace(
        max(timings, key=lambda one: (one.number, one.resubmission)),
        handed_in=max(times, default=None),
        late=any(one.late for one in timings),
        readable=any(one.readable for one in timings),
    )
    owner, first = parts[0][0].owner, main[0].submission
    return Attempt(
        main[0].submission.submission_id,
        tuple(one.source for one, _ in parts),
        owner.students,
        owner.identity,
        _digest(one.submission.digest for one, _ in parts),
        timing,
        notebooks[0] if len(notebooks) == 1 else ChainMap(*notebooks),  # read when they are asked for
        missing,
        notes,
        first.error,
        first.state,
        repairs,
        tuple(dict.fromkeys(question for one, _ in parts for question in one.owner.open_questions)),
    )


def _notes(texts: Sequence[Received], main: Sequence[Received], missing: Sequence[str]) -> tuple[str, ...]:
    """What there is to say of the files of an attempt; of an ID that is not there only if nothing else tells whose."""
    known = bool(texts[0].owner.students)
    if len(texts) == 1:
        notes = [*texts[0].submission.notes, *texts[0].owner.notes]
        return tuple(note for note in notes if not (known and note == NO_ID))
    loose = {repair.note for one in texts for repair in one.submission.repairs if repair.kind is Kind.NO_ARCHIVE}
    notes = [say("handed in as {count} files", count=len(texts))]
    if missing:
        notes.append(missing_note(missing))
    for one in texts:
        needless = loose | ({NO_ID} if known else set())
        needless |= {missing_note(one.submission.missing)}
        own = [note for note in one.submission.notes if note not in needless]
        unread = [one.submission.error] if one not in main and one.submission.error else []
        notes += [say("'{file}': {note}", file=one.source.name, note=note) for note in (*unread, *own)]
        notes += one.owner.notes
    return tuple(dict.fromkeys(notes))


def _digest(digests: Iterable[str]) -> str:
    """The digest of an attempt; of a single file, its own SHA-256."""
    several = sorted(digests)
    return several[0] if len(several) == 1 else hashlib.sha256("\n".join(several).encode()).hexdigest()
