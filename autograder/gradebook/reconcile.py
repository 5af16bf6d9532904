"""Brings a gradebook in line with what lies in SUBMISSIONS: who is there, what arrived, what is gone.

An attempt is known by who handed it in and what is in it, whatever its files are called.
"""

from collections.abc import Sequence
from dataclasses import replace

from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.rows import AttemptRow
from autograder.intake.attempts import Attempt, nothing_of
from autograder.intake.classlist import ClassList
from autograder.intake.submission import free_id

MOST_GONE = 0.1  # of what was there; more may be a drive that is not mounted


class TooManyGoneError(Exception):
    """More is gone than usual, and nobody has said that it may be; the message says how much."""


def reconcile(gradebook: Gradebook, class_list: ClassList, gone_agreed: bool) -> list[Attempt]:
    """Every attempt of a class under the ID that it has in the gradebook, which knows it from then on.

    Students without any get an attempt of nothing. One submission of a class leaves the others alone. Raises
    TooManyGoneError unless `gone_agreed`, and GradebookError.
    """
    known = list(gradebook.attempts())
    attempts = _under_known_ids(class_list.attempts, known)
    there = {one.submission_id for one in attempts}
    before = [one for one in known if not one.gone and one.sources] if class_list.complete else []
    lost = [one for one in before if one.submission_id not in there]
    if not gone_agreed and len(lost) > MOST_GONE * len(before) and len(lost) > 1:
        raise TooManyGoneError(f"{len(lost)} of the {len(before)} attempts that were there are gone")
    with gradebook.transaction():  # one for each attempt takes as long as all the rest
        for one in lost:
            gradebook.set_gone(one.submission_id, True)
        _enter(gradebook, class_list, attempts)
    return [*attempts, *_nothings(gradebook)]


def _enter(gradebook: Gradebook, class_list: ClassList, attempts: Sequence[Attempt]) -> None:
    """Enters the students of a class and who handed in which of the attempts."""
    if roster := class_list.roster:
        gradebook.clear_roster()
    numbers = {
        student.student_id: gradebook.put_person(student, student.student_id in roster.students if roster else None)
        for student in class_list.students
    }
    for attempt in attempts:
        gradebook.enter(attempt)
        gradebook.link(attempt.submission_id, [numbers[student.student_id] for student in attempt.students])


def _under_known_ids(attempts: Sequence[Attempt], known: Sequence[AttemptRow]) -> list[Attempt]:
    """The attempts, each under the ID of the row that is about it, or else under one of its own."""
    free = {row.submission_id: row for row in known if row.sources}
    taken = {row.submission_id.casefold() for row in known}
    alike: dict[str, list[AttemptRow]] = {}  # by what a match must have in common
    for row in free.values():
        alike.setdefault(row.digest or row.sources[0], []).append(row)
    order = {row.submission_id: number for number, row in enumerate(known)}
    places: dict[int, str] = {}
    for matches in (_is_same, _has_same_content, _is_old, _is_renamed):
        for place, attempt in enumerate(attempts):
            if place in places:
                continue
            rows = [row for key in {attempt.digest, *attempt.source_names} for row in alike.get(key, ())]
            if found := [row.submission_id for row in rows if row.submission_id in free and matches(row, attempt)]:
                places[place] = free.pop(min(found, key=order.__getitem__)).submission_id
    names = [places.get(place) or _own_id(one.submission_id, taken) for place, one in enumerate(attempts)]
    return [replace(one, submission_id=name) for one, name in zip(attempts, names, strict=True)]


def _own_id(name: str, taken: set[str]) -> str:
    """The ID that a file's name gives, or one like it that is not in `taken`, and is then."""
    if name.casefold() in taken:
        return free_id(name, taken)
    taken.add(name.casefold())
    return name


def _is_same(row: AttemptRow, attempt: Attempt) -> bool:
    return _has_same_content(row, attempt) and row.sources == attempt.source_names


def _has_same_content(row: AttemptRow, attempt: Attempt) -> bool:
    return bool(row.digest) and (row.digest, row.identity) == (attempt.digest, attempt.identity)


def _is_old(row: AttemptRow, attempt: Attempt) -> bool:
    """Whether it is a row of a gradebook that knew nothing but a file's name."""
    return not row.digest and row.sources[0] in attempt.source_names


def _is_renamed(row: AttemptRow, attempt: Attempt) -> bool:
    """Whether it was called otherwise before, by somebody who may be the same."""
    if not row.digest or row.digest != attempt.digest:
        return False
    ids = {student.student_id for student in attempt.students}
    named = bool(ids & set(row.students)) or not row.students or not ids
    return named and not (_by_lms(row.identity) and _by_lms(attempt.identity))


def _by_lms(identity: str) -> bool:
    return not identity.startswith(("ID ", "file "))


def _nothings(gradebook: Gradebook) -> list[Attempt]:
    """An attempt of nothing for every student of the roster; those that count, since there is no other.

    Of a student who has left the roster it is gone.
    """
    taken = {row.submission_id.casefold() for row in gradebook.attempts()}
    counting = []
    for person in gradebook.people():
        former = gradebook.nothing_of(person)
        if not person.on_roster:
            if former:
                gradebook.set_gone(former, True)
            continue
        attempt = nothing_of(person.student, gradebook.assignment)
        attempt = replace(attempt, submission_id=former or free_id(attempt.submission_id, taken))
        gradebook.enter(attempt)
        gradebook.link(attempt.submission_id, [person.number])
        if all(not one.sources for one in gradebook.attempts_of(person)):
            counting.append(attempt)
    return counting
