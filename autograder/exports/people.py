"""Who a line of an LMS's sheet is about, by the numbers and accounts in it; a name alone decides nothing."""

import unicodedata
from collections.abc import Iterable, Sequence

from autograder.course.student_ids import squeezed
from autograder.gradebook.grades import StudentGrade


class People:
    """The students of a class, by the LMS's numbers and by their IDs, logins and e-mail addresses."""

    def __init__(self, grades: Iterable[StudentGrade]) -> None:
        self._numbers: dict[str, list[StudentGrade]] = {}
        self._accounts: dict[str, list[StudentGrade]] = {}
        for grade in grades:
            student = grade.student
            if number := _key(student.lms_id):
                self._numbers.setdefault(number, []).append(grade)
            for account in {_key(text) for text in (student.student_id, student.login, student.email)} - {""}:
                self._accounts.setdefault(account, []).append(grade)

    def named(self, number: str, accounts: Sequence[str]) -> list[StudentGrade]:
        """Whom the LMS's own number names, and whom the accounts name.

        Nobody: unknown. Several: the line contradicts itself, or fits more than one.
        """
        found = list(self._numbers.get(_key(number), ()))
        for account in accounts:
            found += [grade for grade in self._accounts.get(_key(account), ()) if grade not in found]
        return found


def _key(text: str) -> str:
    """An identity without case and width; one of digits without what separates them."""
    # A table of numbers with gaps may come back as 48211.0.
    plain = unicodedata.normalize("NFKC", text).strip().casefold().removesuffix(".0")
    digits = squeezed(plain)
    return digits if digits.isdecimal() else plain
