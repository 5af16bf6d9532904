"""Whose a submission is: the LMS's identity decides, then the roster, then the ID in the student's own names."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.course.manifest import ARCHIVE_SUFFIXES
from autograder.course.student_ids import squeezed
from autograder.intake.lms.given import GivenName, LmsPerson
from autograder.intake.names import quoted
from autograder.intake.roster import Roster, Student
from autograder.intake.submission import Submission, SubmissionState
from autograder.messages import say

NOBODY = "nobody"  # the answer that something is no student's


@dataclass(frozen=True)
class Ownership:
    """Who handed something in: `students`, or nobody that is known.

    `identity` is the same in every download. `open_questions` are for a person to answer, since nothing is sure.
    """

    identity: str
    students: tuple[Student, ...] = ()
    open_questions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def identity_of(given: GivenName, submission: Submission) -> str:
    """What tells a submission's author from others: the LMS's word, the ID in its names, or what it is called."""
    if given.people:
        return " + ".join(sorted(person.identity for person in given.people))
    return f"ID {submission.student_id}" if submission.student_id else f"file {submission.source.name}"


class Identification:
    """Finds the students of a class's submissions.

    `answers` maps identities to the student IDs that a person gave them, or NOBODY, which nothing outranks. Without a
    roster, whoever the LMS names is a student.
    """

    def __init__(
        self, received: Sequence[tuple[GivenName, Submission]], roster: Roster | None, answers: Mapping[str, str]
    ) -> None:
        self._roster = roster
        self._answers = answers
        self._own_ids: dict[str, Counter[str]] = defaultdict(Counter)  # by person
        self._claims: dict[str, set[str]] = defaultdict(set)  # persons by the ID in their files' names
        for given, submission in received:
            for person in given.people if len(given.people) == 1 else ():
                if submission.student_id:
                    self._own_ids[person.identity][submission.student_id] += 1
                    self._claims[submission.student_id].add(person.identity)

    def owner(self, given: GivenName, submission: Submission) -> Ownership:
        """Whose one of the submissions is."""
        identity = identity_of(given, submission)
        if identity in self._answers:
            answer = self._answers[identity]
            return Ownership(identity, () if answer == NOBODY else (self._known(answer),))
        if not given.people:
            if not submission.student_id and _is_no_work(submission):
                return Ownership(identity)
            return self._by_own_id(identity, submission.student_id)
        if self._roster is None:
            return self._without_roster(identity, given.people)
        return self._on_roster(self._roster, identity, given.people, submission)

    def _known(self, student_id: str) -> Student:
        return (self._roster and self._roster.by_id(student_id)) or Student(student_id)

    def _by_own_id(self, identity: str, student_id: str) -> Ownership:
        if not student_id:
            return Ownership(identity, (), ("whose is it? Nothing in its names tells",))
        student = self._known(student_id)
        if self._roster and student.student_id not in self._roster.students:
            note = f"student ID {student_id} is not on the roster"
            return Ownership(identity, (student,), (f"whose is it? {_capital(note)}",))
        return Ownership(identity, (student,))

    def _without_roster(self, identity: str, people: Sequence[LmsPerson]) -> Ownership:
        students, questions = [], []
        for person in people:
            own = self._own_ids[person.identity]
            claimed = [one for one in own if len(self._claims[one]) > 1]
            if claimed:
                questions.append(
                    f"whose is it? {quoted(sorted(claimed))} stands in the names of several people's files"
                )
            elif len(own) > 1:
                questions.append(f"whose is it? Files of one person bear several IDs: {quoted(sorted(own))}")
            usual = min((-count, one) for one, count in own.items())[1] if own and not claimed else ""
            answered = self._answers.get(person.identity, "")
            student_id = answered or usual or person.login or person.email or person.lms_id or person.name
            students.append(Student(student_id, person.lms_id, person.login, person.name, person.email))
        return Ownership(identity, tuple(students), tuple(questions))

    def _on_roster(
        self, roster: Roster, identity: str, people: Sequence[LmsPerson], submission: Submission
    ) -> Ownership:
        found = [self._on_roster_once(roster, person, submission) for person in people]
        students = tuple(one for owner in found for one in owner.students)
        questions = [question for owner in found for question in owner.open_questions]
        notes = [note for owner in found for note in owner.notes]
        own = submission.student_id
        if own and students and squeezed(own) not in [squeezed(one.student_id) for one in students]:
            ids = " and ".join(one.student_id for one in students)
            questions.append(f"whose is it? The LMS says {ids}, the file's own name {own}")
        return Ownership(identity, students, tuple(questions), tuple(notes))

    def _on_roster_once(self, roster: Roster, person: LmsPerson, submission: Submission) -> Ownership:
        called = person.name or person.login or person.lms_id or person.identity
        if answered := self._answers.get(person.identity):
            return Ownership(person.identity, (self._known(answered),))
        candidates = roster.candidates(person)
        if len(candidates) == 1:
            taken = "student ID {id} taken from the roster, by '{name}'"
            note = say(taken, id=candidates[0].student_id, name=called)
            notes = () if submission.student_id == candidates[0].student_id else (note,)
            return Ownership(person.identity, tuple(candidates), (), notes)
        if candidates:
            ids = quoted([one.student_id for one in candidates])
            return Ownership(person.identity, (), (f"whose is it? '{called}' may be {ids}",))
        own = roster.by_id(submission.student_id)
        # An ID alone is enough where nothing is known that contradicts it, and nobody else claims it.
        nameless = not (person.name or person.login or person.lms_id or person.email)
        if own and (nameless or not (own.name or own.login or own.lms_id)) and len(self._claims[own.student_id]) == 1:
            return Ownership(person.identity, (own,))
        hint = f", though its own name says {own.student_id}" if own else ""
        return Ownership(person.identity, (), (f"whose is it? '{called}' is not on the roster{hint}",))


def _is_no_work(submission: Submission) -> bool:
    """Whether it is neither an archive nor a notebook, such as a note that a teacher put there."""
    name = submission.source.name.lower()
    bears_work = name.endswith((*ARCHIVE_SUFFIXES, ".ipynb")) or "." not in name
    return submission.state is SubmissionState.UNREADABLE and not bears_work


def merge_students(students: Iterable[Student]) -> list[Student]:
    """One entry for each student ID, with all that any of them tells, sorted by ID."""
    merged: dict[str, Student] = {}
    for student in students:
        known = merged.get(student.student_id, student)
        told = {name: value for name, value in vars(student).items() if value and not getattr(known, name)}
        merged[student.student_id] = replace(known, **told)
    return [merged[student_id] for student_id in sorted(merged)]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
