"""The CSV files of a gradebook: a row for every student, for every attempt, and for every verdict."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from autograder.course.manifest import points_text
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import StudentGrade, grades_of
from autograder.gradebook.replacing import replacing
from autograder.gradebook.rows import AttemptRow
from autograder.marking.verdict import Diagnosis, State, Verdict

if TYPE_CHECKING:
    from _csv import Writer

NOT_ISOLATED_FLAG = "not isolated: its code ran with the grader's own rights"
RECEIPT_COLUMNS = ("bytes", "sha256")  # as CollectSubmission.sh printed them
VERDICT_COLUMNS = (
    *("student_id", "submission", "assignment", "question", "points", "max_points", "automatic", "by_hand"),
    *("verdict", "diagnosis", "message", "figure", "flags"),
)


def write_csv(gradebook: Gradebook) -> None:
    """Writes grades.csv (a row per student), attempts.csv (a row per attempt), and verdicts.csv.

    The latter has a row for each question of every attempt that counts, or that is nobody's so far. All begin with a
    byte order mark, by which spreadsheets know UTF-8. Raises OSError if a file cannot be written; the one that was
    there stays.
    """
    grades = grades_of(gradebook)
    counting, marked = {grade.attempt for grade in grades}, gradebook.marked_by_hand()
    with _sheet(gradebook, "grades.csv") as sheet:
        sheet.writerows(_grade_rows(gradebook, grades))
    with _sheet(gradebook, "attempts.csv") as attempts, _sheet(gradebook, "verdicts.csv") as verdicts:
        about = ("student_id", "submission", "files", *RECEIPT_COLUMNS, "handed_in", "late_mark", "counts")
        attempts.writerow([*about, *question_columns(gradebook), "notes"])
        verdicts.writerow(VERDICT_COLUMNS)
        for attempt in gradebook.attempts():
            counts = attempt.submission_id in counting
            if attempt.sources or counts:
                marks = gradebook.verdicts(attempt.submission_id)
                attempts.writerow(_attempt_row(gradebook, attempt, marks, counts))
                if counts or not (attempt.students or attempt.gone):
                    verdicts.writerows(_verdict_rows(gradebook, attempt, marks, attempt.submission_id in marked))


@contextmanager
def _sheet(gradebook: Gradebook, name: str) -> Iterator["Writer"]:
    """What writes the rows of a CSV file, one after the other."""
    with replacing(gradebook.folder / name, encoding="utf-8-sig") as file:
        yield csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")


def question_columns(gradebook: Gradebook) -> list[str]:
    """The columns of the questions, which no spreadsheet takes for dates."""
    return [f"Q {question}" for question in gradebook.assignment.questions]


def _grade_rows(gradebook: Gradebook, grades: Iterable[StudentGrade]) -> Iterable[Sequence[object]]:
    assignment = gradebook.assignment
    complete, repairs = assignment.points_in >= assignment.points, ["repairs"] if assignment.repairs else []
    about, steps = ["student_id", "name", "section"], ["total", "late", *repairs, "adjustments"]
    yield [*about, *question_columns(gradebook), *steps, "ungraded", "notes"]
    for grade in grades:
        student, total = grade.student, float(grade.total)
        shown = "EX" if grade.excused else points_text(total) if complete else assignment.total_text(total)
        taken = [points_text(float(one)) for one in (grade.late, *([grade.repairs] * bool(repairs)), grade.adjusted)]
        yield [
            *map(cell, (student.student_id, student.name, student.section)),
            *(verdict.points_shown for verdict in grade.verdicts),
            *(shown, *taken, grade.ungraded),
            cell("; ".join(remarks_of(grade))),
        ]


def remarks_of(grade: StudentGrade) -> list[str]:
    """What a teaching assistant should know about a student's mark: what to answer, what to look at, notes."""
    flags = [f"{verdict.question}: {flag}" for verdict in grade.verdicts for flag in verdict.flags]
    isolation = [NOT_ISOLATED_FLAG] if grade.tier == 4 else []
    return [*isolation, *grade.open_questions, *flags, *grade.notes]


def _attempt_row(gradebook: Gradebook, attempt: AttemptRow, marks: Sequence[Verdict], counts: bool) -> Sequence[object]:
    standing = "gone" if attempt.gone else "yes" if counts else "no"
    graded = any(mark.diagnosis != Diagnosis.NOT_GRADED for mark in marks)
    time, size = attempt.timing.handed_in, gradebook.size_of(attempt.digest)
    return [
        *map(cell, (attempt.student_id, attempt.submission_id, "; ".join(attempt.sources))),
        *(("", "") if size is None else (size, attempt.digest)),
        *(time.isoformat(" ") if time else "", "LATE" if attempt.timing.late else "", standing),
        *(mark.points_shown if graded else "" for mark in marks),
        cell("; ".join([*attempt.open_questions, *([attempt.error] if attempt.error else []), *attempt.notes])),
    ]


def _verdict_rows(
    gradebook: Gradebook, attempt: AttemptRow, marks: Sequence[Verdict], by_hand: bool
) -> Iterable[Sequence[object]]:
    """A row for each question of an attempt, of which a person has marked some if `by_hand`."""
    own = gradebook.verdicts(attempt.submission_id, by_hand=False) if by_hand else marks
    alone = {mark.question: mark for mark in own}
    for mark in marks:
        flags = [*mark.flags, *([NOT_ISOLATED_FLAG] if attempt.tier == 4 else [])]
        given = points_text(mark.points) if mark.diagnosis == Diagnosis.BY_HAND else ""
        yield [
            *(cell(attempt.student_id), cell(attempt.submission_id), gradebook.assignment.name, mark.question),
            *(_points(mark), points_text(mark.max_points), _points(alone[mark.question]), given),
            mark.state.value,
            *map(cell, (mark.diagnosis, mark.message, mark.figure, "; ".join(flags))),
        ]


def _points(mark: Verdict) -> str:
    return "" if mark.state is State.UNGRADED else points_text(mark.points)


# Where a spreadsheet may begin a field: it takes any of these for what separates fields, whatever the quotes say.
_FIELD = re.compile(r"(?<![^;\t\r\n])(?=[^\S\t\r\n]*(\S))")
_FORMULA = tuple("=+-@")


def cell(text: str) -> str:
    """Text that a spreadsheet shows and never computes, at its start or behind what may separate fields."""
    shown = _FIELD.sub(lambda start: "'" * (unicodedata.normalize("NFKC", start[1]) in _FORMULA), text)
    return f"'{shown}" if shown[:1] == "\t" else shown
