"""The roster: the students of a class, and which of them somebody is whom an LMS names."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.course.student_ids import squeezed
from autograder.intake.lms.given import LmsPerson


class RosterError(ValueError):
    """The roster cannot be used; the message names the file, the line and what is expected there."""


@dataclass(frozen=True)
class Student:
    """A line of the roster: what the file does not tell is "". `lms_id` is the number that the LMS knows them by."""

    student_id: str
    lms_id: str = ""
    login: str = ""
    name: str = ""
    email: str = ""
    section: str = ""


class Roster:
    """The students of a class by their IDs, in the order of the file."""

    def __init__(self, students: Iterable[Student]) -> None:
        self.students = {student.student_id: student for student in students}

    def by_id(self, student_id: str) -> Student | None:
        """The student with this ID, whatever its separators; None if there is none, or several."""
        wanted = squeezed(student_id)
        alike = [one for one in self.students.values() if squeezed(one.student_id) == wanted]
        return self.students.get(student_id) or (alike[0] if len(alike) == 1 else None)

    def candidates(self, person: LmsPerson) -> list[Student]:
        """Whom an LMS's person may be: one is certain, of several a human has to choose.

        The LMS's own number decides, then the login, the e-mail address and the name. Nobody is a candidate whose
        number is known to be another, nor by name alone whose login is.
        """
        students = [*self.students.values()]
        if person.lms_id:
            if owners := [one for one in students if one.lms_id == person.lms_id]:
                return owners
            students = [one for one in students if not one.lms_id]
        for fits in (_has_login, _has_email, _has_name):
            if alike := [one for one in students if fits(one, person)]:
                return alike
        return []


def _has_login(student: Student, person: LmsPerson) -> bool:
    wanted = {_plain(student.login), _plain(student.student_id)} - {""}
    login = _plain(person.login)
    # Blackboard writes the assignment's name before the login, and either may have underscores.
    rests = {login, *(login[place + 1 :] for place, letter in enumerate(login) if letter == "_")} - {""}
    return bool(wanted & rests) or bool(login) and squeezed(login) == squeezed(student.student_id)


def _has_email(student: Student, person: LmsPerson) -> bool:
    return bool(person.email) and _plain(person.email) in (_plain(student.email), _plain(student.login))


def _has_name(student: Student, person: LmsPerson) -> bool:
    name = "".join(_words(person.name))
    if not name or (person.login and student.login):
        return False
    return name in {*_orders(_words(student.name)), "".join(_words(student.login))}


def _orders(words: list[str]) -> Iterator[str]:
    """A name written together, with each of its words first: the family's may stand at either end."""
    for place in range(len(words)):
        yield "".join(words[place:] + words[:place])


def _words(name: str) -> list[str]:
    """The words of a name without accents, case, hyphens and apostrophes."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    words = "".join(letter if letter.isalnum() else " " * (letter.isspace() or letter == ",") for letter in letters)
    return words.split()


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()
