"""Marks put into the lines of an LMS's sheet: what is common to all systems."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from autograder.exports.numbers import number_text, rounded
from autograder.exports.people import People
from autograder.exports.refusal import ExportError, listed, require_none
from autograder.exports.sheet import Row, Sheet
from autograder.gradebook.grades import StudentGrade
from autograder.marking.verdict import State
from autograder.messages import ENGLISH, Language


@dataclass(frozen=True)
class Terms:
    """How marks are exported.

    `points` is what the assignment is worth. `scale`: marks are converted to what the LMS gives for it. `partial`:
    students whose marks are not ready are left out, instead of refusing the whole. `last`: by student, what the last
    export wrote; lines that would be as they were then are left out of the file. None: the file has all lines.
    `language` is what students read.
    """

    points: Decimal
    scale: bool = False
    partial: bool = False
    last: Mapping[str, str] | None = None
    language: Language = ENGLISH

    def check(self, most: Decimal, where: str) -> None:
        """Raises ExportError unless marks fit a column that gives `most` points."""
        if most <= 0:
            raise ExportError(f"{where}: gives {number_text(most)} points; expected more than none")
        if most != self.points and not self.scale:
            worth = f"the assignment is worth {number_text(self.points)}"
            raise ExportError(f"{where}: gives {number_text(most)} points, and {worth}; --scale converts the marks")

    def mark(self, grade: StudentGrade, most: Decimal) -> Decimal:
        """What a student's total is of `most` points."""
        return rounded(grade.total * most / self.points) if self.scale else rounded(grade.total)


@dataclass(frozen=True)
class Line:
    """A line of the sheet that is about a student: by the LMS's `number`, and `accounts` from the surest."""

    row: Row
    number: str
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """What a line is to hold: texts by column, and all of it in short as `mark`, to be compared with later exports.

    Without texts the line stays as it is: `untouched` says why it should, `refused` what a person has to look at.
    """

    texts: Mapping[int, str] = field(default_factory=dict)
    mark: str = ""
    untouched: str = ""
    refused: str = ""


@dataclass(frozen=True)
class FilledSheet:
    """A sheet with marks: its `content`, what was written by student, what stays as it was, and who has no line."""

    content: bytes
    marks: Mapping[str, str]
    untouched: Sequence[str]
    absent: Sequence[str]


def doubts(grades: Iterable[StudentGrade]) -> list[str]:
    """Whose marks may not leave the house yet, and why: a text for each."""
    return [f"{grade.student.student_id}: {_doubt(grade)}" for grade in grades if not grade.ready]


def _doubt(grade: StudentGrade) -> str:
    ungraded = [verdict.question for verdict in grade.verdicts if verdict.state is State.UNGRADED]
    return "; ".join([*([f"UNGRADED: {listed(ungraded)}"] if ungraded else []), *grade.open_questions])


def fill(
    sheet: Sheet,
    lines: Sequence[Line],
    grades: Sequence[StudentGrade],
    entry_of: Callable[[Line, StudentGrade], Entry],
    terms: Terms,
) -> FilledSheet:
    """The sheet with an entry in the line of each student whose mark is ready.

    Raises ExportError: somebody's is not, two students fit one line or two lines one student, or an entry is refused.
    """
    unready = doubts(grades)
    require_none(unready, terms.partial)
    people = People(grades)
    candidates = [(line, people.named(line.number, line.accounts)) for line in lines]
    pairs, problems = _pairs(sheet, candidates)
    entries = [(line, grade, entry_of(line, grade)) for line, grade in pairs if grade.ready]
    problems += [f"{grade.student.student_id}: {entry.refused}" for _, grade, entry in entries if entry.refused]
    require_none(problems, terms.partial)
    problems += [f"{grade.student.student_id}: {entry.untouched}" for _, grade, entry in entries if entry.untouched]
    written = [(line, grade.student.student_id, entry) for line, grade, entry in entries if entry.texts]
    if terms.last is not None:
        written = [one for one in written if terms.last.get(one[1]) != one[2].mark]
    texts = {(line.row.line, column): text for line, _, entry in written for column, text in entry.texts.items()}
    present = {line.row.line for line, _, _ in written}
    without = set() if terms.last is None else {line.row.line for line in lines} - present
    named = {grade.student.student_id for _, several in candidates for grade in several}
    return FilledSheet(
        sheet.filled(texts, without),
        {student_id: entry.mark for _, student_id, entry in written},
        [*unready, *problems],
        [
            one
            for grade in grades
            if grade.ready and not grade.excused and (one := grade.student.student_id) not in named
        ],
    )


def _pairs(
    sheet: Sheet, candidates: Iterable[tuple[Line, Sequence[StudentGrade]]]
) -> tuple[list[tuple[Line, StudentGrade]], list[str]]:
    """Each line with its student, and the lines that may be several students', or one student's twice."""
    owners: dict[str, list[tuple[Line, StudentGrade]]] = {}
    problems = []
    for line, grades in candidates:
        if len(grades) > 1:
            names = listed([grade.student.student_id for grade in grades])
            problems.append(f"{sheet.name}, line {line.row.line}: may be about {names}")
        elif grades:
            owners.setdefault(grades[0].student.student_id, []).append((line, grades[0]))
    for student_id, pairs in owners.items():
        if len(pairs) > 1:
            places = listed([str(line.row.line) for line, _ in pairs])
            problems.append(f"{student_id}: has lines {places} of {sheet.name}")
    return [pairs[0] for pairs in owners.values() if len(pairs) == 1], problems
