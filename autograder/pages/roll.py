"""The students of a class page: those of a section or all, under their own names or pseudonyms, with their pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from urllib.parse import quote

from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import StudentGrade, grades_of
from autograder.gradebook.rows import AttemptRow
from autograder.intake.submission import SubmissionState
from autograder.marking.verdict import State, Verdict
from autograder.pages.pseudonyms import pseudonyms_of


@dataclass(frozen=True, repr=False)
class Entry:
    """A student as a class page shows them: `shown` is the ID or the pseudonym, `page` the name of the page.

    Of the attempt that counts it has the wall time of grading it in seconds, and whether it is `late`, was `repaired`,
    has an `error` or is `absent`: nothing was handed in.
    """

    shown: str
    name: str
    section: str
    page: str
    grade: StudentGrade
    seconds: float
    late: bool
    repaired: bool
    error: bool
    absent: bool
    extended: bool

    def __repr__(self) -> str:
        return f"Entry({self.shown!r})"

    @property
    def facts(self) -> tuple[object, ...]:
        """All that it holds."""
        return tuple(getattr(self, field.name) for field in fields(self))

    @property
    def link(self) -> str:
        """The address of the page, from the class page."""
        return f"students/{quote(self.page)}.html"

    @property
    def counted(self) -> bool:
        """Whether it is in the numbers: something was handed in, and nobody has excused it."""
        return not (self.absent or self.grade.excused)

    @cached_property
    def verdicts(self) -> Mapping[str, Verdict]:
        """The verdict of each question."""
        return {verdict.question: verdict for verdict in self.grade.verdicts}

    @property
    def flags(self) -> list[tuple[str, str]]:
        """The questions with a flag, and each flag."""
        return [(verdict.question, flag) for verdict in self.grade.verdicts for flag in verdict.flags]

    @property
    def ungraded(self) -> list[Verdict]:
        """What is left to a person."""
        return [verdict for verdict in self.grade.verdicts if verdict.state is State.UNGRADED]


def roll_of(gradebook: Gradebook, section: str = "", anonymous: bool = False) -> list[Entry]:
    """The students of a section, or all, by the ID or the pseudonym that is shown. Raises GradebookError."""
    pseudonym = pseudonyms_of(gradebook) if anonymous else None
    entries: list[Entry] = []
    for grade in grades_of(gradebook):
        student = grade.student
        if section and student.section != section:
            continue
        extended = gradebook.extension(gradebook.person(student.student_id))[0] is not None
        about = _about(gradebook.attempt(grade.attempt))
        shown = pseudonym(student.student_id) if pseudonym else student.student_id
        name, page = ("", shown) if pseudonym else (student.name, grade.attempt)
        entries.append(Entry(shown, name, student.section, page, grade, *about, extended))
    return sorted(entries, key=lambda entry: entry.shown)


def _about(attempt: AttemptRow) -> tuple[float, bool, bool, bool, bool]:
    """What an entry has of an attempt."""
    absent = attempt.state is SubmissionState.ABSENT
    return attempt.seconds, attempt.timing.late, bool(attempt.repairs), bool(attempt.error), absent


def sections_of(gradebook: Gradebook) -> Sequence[str]:
    """The sections of the class, by name."""
    return sorted({person.student.section for person in gradebook.people()} - {""})
