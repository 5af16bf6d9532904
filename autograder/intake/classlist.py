"""A class as a whole: whose each submission is, which of a student's submissions counts, and who handed in nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.intake.handout import Handout
from autograder.intake.lms import parse
from autograder.intake.names import quoted
from autograder.intake.roster import Roster
from autograder.intake.submission import Submission, load, stems
from autograder.manifest import Assignment

NOTHING_HANDED_IN = "nothing was handed in"


def survey(
    sources: Sequence[Path],
    assignment: Assignment,
    handout: Handout,
    roster: Roster | None = None,
    done: Callable[[], None] = lambda: None,
) -> list[Submission]:
    """A submission for each of `sources`, in their order, then one for each student of the roster without any.

    They hold no notebooks, so that a large class fits into memory; `load` reads them. IDs, notes and `replaced_by` are
    those of the class as a whole. `done` is called after each source.
    """
    found = []
    for source, stem in zip(sources, stems(sources), strict=True):
        found.append(replace(load(source, stem, assignment, handout), notebooks={}))
        done()
    if roster:
        found = [_identified(one, assignment, roster) for one in found]
    found = _ranked(found, assignment)
    return found + (_absent(found, assignment, roster) if roster else [])


def superseded(submissions: Sequence[Submission], assignment: Assignment) -> dict[str, str]:
    """The stems of submissions that do not count, each with the stem of the same student's that does.

    The latest that can be read counts: the one with the highest number of the LMS, then with the highest resubmission
    suffix, then the last by name. Single notebooks outside of archives replace only those of the same name.
    """
    groups: dict[tuple[str, str], list[Submission]] = {}
    for one in submissions:
        given = parse(one.source.name, assignment)
        if whose := one.student_id or given.owner:
            groups.setdefault((whose, _notebook_alone(one, assignment)), []).append(one)
    replaced = {}
    for alike in groups.values():
        *earlier, last = sorted(alike, key=lambda one: _turn(one, assignment))
        replaced |= {one.stem: last.stem for one in earlier}
    return replaced


def _turn(submission: Submission, assignment: Assignment) -> tuple[bool, int, int, str]:
    """What sorts the submissions of one student from the earliest to the one that counts."""
    given = parse(submission.source.name, assignment)
    return not submission.error, given.number, given.resubmission, submission.source.name


def _notebook_alone(submission: Submission, assignment: Assignment) -> str:
    name = parse(submission.source.name, assignment).original
    return name.casefold() if name.lower().endswith(".ipynb") else ""


def _ranked(submissions: Sequence[Submission], assignment: Assignment) -> list[Submission]:
    """The submissions with `replaced_by`, and a note on both sides of it."""
    replaced = superseded(submissions, assignment)
    by_stem = {one.stem: one for one in submissions}
    ranked = []
    for one in submissions:
        notes = list(one.notes)
        if winner := replaced.get(one.stem, ""):
            notes.insert(0, f"not graded: replaced by '{by_stem[winner].stem}' {_why(one, by_stem[winner], assignment)}")
        if earlier := [stem for stem, last in replaced.items() if last == one.stem]:
            notes.append(f"replaces {quoted(earlier)}")
        ranked.append(replace(one, notes=notes, replaced_by=winner))
    return ranked


def _why(earlier: Submission, winner: Submission, assignment: Assignment) -> str:
    if earlier.error and not winner.error:
        return "of the same student, which can be read"
    if _turn(earlier, assignment)[1:3] == _turn(winner, assignment)[1:3]:
        return "of the same student, the last by name: nothing tells which is later"
    return "of the same student, which is later"


def _identified(submission: Submission, assignment: Assignment, roster: Roster) -> Submission:
    """The submission with the ID that the roster gives to its login or name; what does not fit is noted."""
    owner = parse(submission.source.name, assignment).owner
    known = roster.student_of(owner) if owner else ""
    notes = list(submission.notes)
    if known and known != submission.student_id:
        instead = f", not {submission.student_id} as its names say" if submission.student_id else ""
        notes.append(f"student ID {known} taken from the roster, by the login or name '{owner}'{instead}")
    student_id = known or submission.student_id
    if not student_id:
        notes.append("nobody on the roster")
    elif student_id not in roster.students:
        notes.append(f"student ID {student_id} is not on the roster")
    return replace(submission, student_id=student_id, notes=notes)


def _absent(submissions: Sequence[Submission], assignment: Assignment, roster: Roster) -> list[Submission]:
    there = {one.student_id for one in submissions}
    names = [student_id for student_id in roster.students if student_id not in there]
    # After the stems of those who handed something in, so that these keep theirs.
    free = stems([*(one.source for one in submissions), *map(Path, names)])[len(submissions) :]
    return [
        Submission(stem, Path(name), name, {}, [], list(assignment.required), [], NOTHING_HANDED_IN)
        for stem, name in zip(free, names, strict=True)
    ]


def readable(submissions: Sequence[Submission]) -> Mapping[str, bool]:
    """Whether each submission could be read, by its stem; those who handed in nothing are left out."""
    return {one.stem: not one.error for one in submissions if one.error != NOTHING_HANDED_IN}
