"""A class as a whole: the student of each submission, which of several counts, and who handed in nothing."""

import dataclasses
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from autograder.course.manifest import Assignment
from autograder.intake.handout import Handout
from autograder.intake.lms.given import GivenName
from autograder.intake.names import named, quoted
from autograder.intake.reading import RemoteIntake, roster_of
from autograder.intake.roster import Roster
from autograder.intake.source import Source, find, linked_paths
from autograder.intake.submission import Submission, SubmissionState, load, store, submission_ids
from autograder.notebook.repair import Kind, Repair
from autograder.sandbox.reader import Readers

_AT_ONCE = min(2, os.cpu_count() or 1)  # submissions, read in as many processes
_COPY = re.compile(r"\((\d{1,3})\)(?=\.)")  # what a browser appends


def survey_folder(
    root: Path,
    assignment: Assignment,
    submissions: Path,
    roster: Path | None,
    readers: Readers,
    folder: Path | None = None,
) -> list[Submission]:
    """`survey` of one submission or of all that a folder holds; `root` is the project's folder.

    All of it is read by `readers`. Raises FileNotFoundError when there are none, RosterError for a roster that cannot
    be used.
    """
    students = roster_of(readers, roster, assignment) if roster else None
    roster_path = roster.resolve() if roster else None  # it may lie among them
    sources = [source for source in find(submissions, assignment, readers) if source.path.resolve() != roster_path]
    if not sources:
        raise FileNotFoundError(f"{submissions} holds no submissions")
    handout = Handout.read(root / "notebooks")
    intake = RemoteIntake(readers, assignment, handout, folder)
    return survey(sources, assignment, handout, students, take_in=intake.take_in)


@contextmanager
def readers_of(submissions: Path, roster: Path | None, preload: Sequence[str] = ()) -> Iterator[Readers]:
    """Readers of what a class handed in and of its roster, until the block's end.

    `preload` names modules whose functions they are to call, beside those of intake. Raises FileNotFoundError when
    there is nothing at `submissions`.
    """
    if not submissions.exists():
        raise FileNotFoundError(f"{submissions}: no such file or folder")
    readable = [submissions.resolve(), *linked_paths(submissions), *([roster] if roster else [])]
    with Readers(readable, [RemoteIntake.__module__, *preload]) as readers:
        yield readers


def survey(
    sources: Sequence[Source],
    assignment: Assignment,
    handout: Handout,
    roster: Roster | None = None,
    folder: Path | None = None,
    take_in: Callable[[Source, str], Submission] | None = None,
) -> list[Submission]:
    """A submission for each of `sources`, in their order, then one for each student of the roster without any.

    Each archive is read once. What it holds of notebooks is written to `folder`, so that a large class fits into
    memory; without a folder they are dropped. `take_in` reads them elsewhere, given a source and its ID. IDs, notes
    and `replaced_by` are those of the class as a whole. Raises OSError when the notebooks cannot be written.
    """
    named = zip(sources, submission_ids([source.name for source in sources]), strict=True)
    elsewhere = take_in is not None
    take_in = take_in or (lambda source, name: _take_in(partial(load, source, name, assignment, handout), folder))
    with ThreadPoolExecutor(_AT_ONCE if elsewhere else 1) as pool:
        submissions = list(pool.map(lambda one: take_in(*one), named))
    if roster:
        submissions = [_identified(one, roster) for one in submissions]
    submissions = _ranked(submissions, assignment)
    return submissions + (_absent(submissions, assignment, roster) if roster else [])


def _take_in(read: Callable[[], Submission], folder: Path | None) -> Submission:
    submission = read()
    if folder is None:
        return dataclasses.replace(submission, notebooks={})
    return store(submission, folder / submission.submission_id, lambda: read().notebooks)


def superseded(submissions: Sequence[Submission], assignment: Assignment) -> dict[str, str]:
    """The submissions that do not count, each with the same student's that does.

    The latest that can be read counts: the one with the highest number of the LMS, then with the highest number that a
    system appended to its name, then the last by name. Different logins never replace each other's, whatever ID their
    names bear, and single notebooks outside of archives replace only those of the same name.
    """
    replaced: dict[str, str] = {}
    for alike in _of_one_student(submissions, assignment):
        *earlier, last = sorted(alike, key=lambda one: _turn(one))
        replaced |= {one.submission_id: last.submission_id for one in earlier}
    return replaced


def _of_one_student(submissions: Sequence[Submission], assignment: Assignment) -> list[list[Submission]]:
    """The submissions among which one counts."""
    owners: dict[str, set[str]] = {}
    for one in submissions:
        owners.setdefault(one.student_id, set()).add(_owner(one))
    groups: dict[tuple[str, str, str], list[Submission]] = {}
    for one in submissions:
        owner = _owner(one)
        if not one.student_id and not owner:
            continue
        several = not one.student_id or len(owners[one.student_id] - {""}) > 1
        key = (one.student_id, owner if several else "", _notebook_alone(one, assignment))
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _owner(submission: Submission) -> str:
    return submission.source.given.owner.casefold()


def _notebook_alone(submission: Submission, assignment: Assignment) -> str:
    name = submission.source.given.original
    return named(name, assignment.notebooks) or (name if name.lower().endswith(".ipynb") else "")


def _turn(submission: Submission) -> tuple[bool, int, int, str]:
    """What sorts the submissions of one student from the earliest to the one that counts."""
    given = submission.source.given
    appended = [int(number) for number in _COPY.findall(given.original)]
    return (
        submission.state is not SubmissionState.UNREADABLE,
        given.number,
        max([given.resubmission, *appended]),
        submission.source.name,
    )


def _ranked(submissions: Sequence[Submission], assignment: Assignment) -> list[Submission]:
    """The submissions with `replaced_by`, and notes on what else the same student handed in."""
    replaced = superseded(submissions, assignment)
    by_id = {one.submission_id: one for one in submissions}
    counting = Counter(one.student_id for one in submissions if one.submission_id not in replaced)
    ranked = []
    for one in submissions:
        notes, winner = list(one.notes), replaced.get(one.submission_id, "")
        if winner:
            notes.insert(0, f"not graded: replaced by '{winner}', {_why(one, by_id[winner])}")
        elif one.student_id and counting[one.student_id] > 1:
            notes.append(f"{counting[one.student_id]} submissions of student {one.student_id} are graded")
        if earlier := [submission_id for submission_id, last in replaced.items() if last == one.submission_id]:
            notes.append(f"replaces {quoted(earlier)}")
        notebooks: Mapping[str, bytes] = {} if winner else one.notebooks
        ranked.append(dataclasses.replace(one, notes=notes, notebooks=notebooks, replaced_by=winner))
    return ranked


def _why(earlier: Submission, winner: Submission) -> str:
    earlier_turn, winners_turn = (_turn(one)[:3] for one in (earlier, winner))
    if earlier_turn[0] != winners_turn[0]:
        return "which can be read"
    if earlier_turn == winners_turn:
        return "the last by name, since nothing tells which is later"
    return "which is later"


def _identified(submission: Submission, roster: Roster) -> Submission:
    """The submission with the ID that the roster gives to its login or name; what does not fit is noted."""
    owner = submission.source.given.owner
    known = roster.student_of(owner)
    notes, repairs = list(submission.notes), submission.repairs
    if known and known != submission.student_id:
        instead = f", not {submission.student_id} as its names say" if submission.student_id else ""
        notes.append(f"student ID {known} taken from the roster, by '{owner}'{instead}")
        if instead:  # where there is none, the archive's name is repair enough
            repairs = (*repairs, Repair(Kind.STUDENT_ID, notes[-1]))
    student_id = known or submission.student_id
    if not student_id:
        notes.append("belongs to nobody on the roster")
    elif student_id not in roster.students:
        notes.append(f"student ID {student_id} is not on the roster")
    return dataclasses.replace(submission, student_id=student_id, notes=notes, repairs=repairs)


def _absent(submissions: Sequence[Submission], assignment: Assignment, roster: Roster) -> list[Submission]:
    there = {one.student_id for one in submissions}
    names = [student_id for student_id in roster.students if student_id not in there]
    # After the IDs of those who handed something in, so that these keep theirs.
    free = submission_ids([*(one.source.name for one in submissions), *names])[len(submissions) :]
    nothing, state = "nothing was handed in", SubmissionState.ABSENT
    return [
        Submission(
            submission_id,
            Source(Path(name), GivenName(name)),
            name,
            {},
            [],
            list(assignment.required),
            [],
            nothing,
            state,
        )
        for submission_id, name in zip(free, names, strict=True)
    ]
