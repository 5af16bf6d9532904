"""The students of a class page: those of a section or all, under their own names or pseudonyms, with their pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import StudentGrade, grades_of
from autograder.gradebook.rows import AttemptRow
from autograder.intake.submission import SubmissionState
from autograder.marking.verdict import State, Verdict
from autograder.pages.pseudonyms import pseudonyms_of


@dataclass(frozen=True)
class Entry:
    """A student as a class page shows them: `shown` is the ID or the pseudonym, `page` the name of the page."""

    shown: str
    name: str
    section: str
    page: str
    grade: StudentGrade
    attempt: AttemptRow
    extended: bool

    @property
    def link(self) -> str:
        """The address of the page, from the class page."""
        return f"students/{quote(self.page)}.html"

    @property
    def absent(self) -> bool:
        """Whether nothing was handed in."""
        return self.attempt.state is SubmissionState.ABSENT

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
        attempt = gradebook.attempt(grade.attempt)
        shown = pseudonym(student.student_id) if pseudonym else student.student_id
        name, page = ("", shown) if pseudonym else (student.name, grade.attempt)
        entries.append(Entry(shown, name, student.section, page, grade, attempt, extended))
    return sorted(entries, key=lambda entry: entry.shown)


def sections_of(gradebook: Gradebook) -> Sequence[str]:
    """The sections of the class, by name."""
    return sorted({person.student.section for person in gradebook.people()} - {""})
