"""Reports out of a gradebook: two CSV files, a page for every student, a table for the terminal."""

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TextIO

import jinja2
from rich import box
from rich.table import Table
from rich.text import Text

from autograder.course.manifest import Assignment, points_text
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.rows import SubmissionRow
from autograder.intake.member import is_full
from autograder.marking.verdict import State, Verdict
from autograder.models.measurement import percent
from autograder.notebook.text import one_line, plain

NOT_ISOLATED_FLAG = "not isolated: its code ran with the grader's own rights"
VERDICT_COLUMNS = (
    *("student_id", "submission", "assignment", "question"),
    *("points", "max_points", "verdict", "diagnosis", "message", "figure", "flags"),
)
_STYLES = {State.PASS: "green", State.PARTIAL: "yellow", State.FAIL: "red", State.UNGRADED: "bold magenta"}
_WORDS = {State.PASS: "right", State.PARTIAL: "partly right", State.FAIL: "not right", State.UNGRADED: "to be marked"}


def write_csv(gradebook: Gradebook) -> None:
    """Writes verdicts.csv (a row per submission and question) and grades.csv (a row per submission).

    Raises OSError if a file cannot be written; the one that was there stays.
    """
    assignment = gradebook.assignment
    complete = assignment.points_in >= assignment.points
    with _replacing(gradebook.folder / "verdicts.csv") as one, _replacing(gradebook.folder / "grades.csv") as other:
        verdicts, grades = (csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n") for file in (one, other))
        verdicts.writerow(VERDICT_COLUMNS)
        deducted = ["deducted"] if assignment.repairs else []
        grades.writerow(["student_id", "submission", *assignment.questions, *deducted, "total", "ungraded", "notes"])
        for submission in gradebook.submissions():
            about = [_cell(submission.student_id), _cell(submission.submission_id)]
            if submission.replaced_by:  # nothing in this row may look like a mark
                empty = [""] * (len(assignment.questions) + len(deducted) + 2)
                grades.writerow([*about, *empty, _cell("; ".join(_remarks(submission, [], assignment)))])
                continue
            marks = gradebook.verdicts(submission.submission_id)
            total = total_of(submission, marks, assignment)
            for mark in marks:
                points = [
                    "" if mark.state is State.UNGRADED else points_text(mark.points),
                    points_text(mark.max_points),
                ]
                flags = [*mark.flags, *([NOT_ISOLATED_FLAG] if submission.tier == 4 else [])]
                texts = [_cell(text) for text in (mark.diagnosis, mark.message, mark.figure, "; ".join(flags))]
                verdicts.writerow([*about, assignment.name, mark.question, *points, mark.state.value, *texts])
            shown = points_text(total) if complete else assignment.total_text(total)
            costs = [points_text(_deducted(submission, assignment))] if deducted else []
            notes = _cell("; ".join(_remarks(submission, marks, assignment)))
            grades.writerow([*about, *(mark.points_shown for mark in marks), *costs, shown, _ungraded(marks), notes])


def write_student_page(gradebook: Gradebook, submission_id: str) -> Path:
    """Writes students/<submission_id>.html, which needs no other file; its path. Raises GradebookError, OSError."""
    submission = gradebook.submission(submission_id)
    marks = gradebook.verdicts(submission_id)
    total = total_of(submission, marks, gradebook.assignment)
    page = _template().render(
        assignment=gradebook.assignment,
        submission=submission,
        notes=gradebook.assignment.with_costs(submission.notes, submission.repairs),
        deducted=_deducted(submission, gradebook.assignment),
        marks=marks,
        total=gradebook.assignment.total_text(total),
        share=min(1.0, total / gradebook.assignment.points_in) if gradebook.assignment.points_in else 0.0,
        ungraded=_ungraded(marks),
        isolation=_isolation(submission),
        sampling=gradebook.sampling,
        model_scores=list(gradebook.scores_of(submission_id).values()),
        words=_WORDS,
    )
    path = gradebook.folder / "students" / f"{submission_id}.html"
    path.parent.mkdir(exist_ok=True)
    with _replacing(path) as file:
        file.write(page)
    return path


def try_student_page(gradebook: Gradebook, submission_id: str) -> None:
    """`write_student_page`, without a page where this one cannot be written. Raises OSError when the disk is full."""
    try:
        write_student_page(gradebook, submission_id)
    except OSError as error:
        if is_full(error):
            raise


def write_printed(gradebook: Gradebook, submission_id: str, notebook: str, printed: Sequence[tuple[int, str]]) -> Path:
    """Writes what each code cell printed when it was run again to a file in retraining/; its path. Raises OSError."""
    path = gradebook.folder / "retraining" / f"{submission_id}-{Path(notebook).stem}.txt"
    path.parent.mkdir(exist_ok=True)
    with _replacing(path) as file:
        for cell, text in printed:
            file.write(f"--- code cell {cell}\n{plain(text, len(text))}\n")
    return path


def table(gradebook: Gradebook) -> Table:
    """The class for the terminal: a line per submission, a column per question, and how many are ungraded."""
    assignment = gradebook.assignment
    shown = Table(title=Text(assignment.title), box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    shown.title_justify = shown.caption_justify = "left"
    shown.add_column("submission", no_wrap=True, max_width=24)
    for question in assignment.questions:
        shown.add_column(Text(question), justify="right", no_wrap=True)
    shown.add_column("total", justify="right", no_wrap=True, min_width=5)
    shown.add_column("notes")  # alone gives way where the terminal is narrow
    submissions = ungraded = replaced = 0
    for submission in gradebook.submissions():
        marks = [] if submission.replaced_by else gradebook.verdicts(submission.submission_id)
        submissions += 1
        replaced += bool(submission.replaced_by)
        ungraded += _ungraded(marks)
        cells = [Text(mark.points_shown, style=_STYLES[mark.state]) for mark in marks]
        cells = cells or [Text()] * len(assignment.questions)
        total = points_text(total_of(submission, marks, assignment)) if marks else ""
        remarks = Text(
            one_line("; ".join(_remarks(submission, marks, assignment)), 60), no_wrap=True, overflow="ellipsis"
        )
        shown.add_row(
            Text(submission.submission_id), *cells, total, remarks, style="dim" if submission.replaced_by else ""
        )
    plural = "" if submissions == 1 else "s"
    later = f", {replaced} replaced by later ones" if replaced else ""
    best = assignment.total_text(assignment.points_in)
    shown.caption = Text(f"{submissions} submission{plural}{later}, {ungraded} ungraded; the best total is {best}")
    return shown


def total_of(submission: SubmissionRow, marks: Sequence[Verdict], assignment: Assignment) -> float:
    """The points of all questions without what repairs cost, never less than none."""
    return max(0.0, sum(mark.points for mark in marks) - _deducted(submission, assignment))


def _deducted(submission: SubmissionRow, assignment: Assignment) -> float:
    return sum(points for _, points in assignment.costs(submission.repairs))


def _remarks(submission: SubmissionRow, marks: Sequence[Verdict], assignment: Assignment) -> list[str]:
    """What a teaching assistant should know about a submission: its error, what to look at, notes about its files."""
    flags = [f"{mark.question}: {flag}" for mark in marks for flag in mark.flags]
    return [
        *([NOT_ISOLATED_FLAG] if submission.tier == 4 else []),
        *([submission.error] if submission.error else []),
        *flags,
        *assignment.with_costs(submission.notes, submission.repairs),
    ]


def _ungraded(verdicts: Sequence[Verdict]) -> int:
    return sum(verdict.state is State.UNGRADED for verdict in verdicts)


def _isolation(submission: SubmissionRow) -> str:
    """How the code ran, in one sentence."""
    layers = ", ".join(submission.layers) or "none"
    if not submission.tier:
        return "How the code was isolated is not recorded."
    if submission.tier == 4:
        return f"The code was not isolated (tier 4): it ran with the grader's own rights; layers that held: {layers}."
    return f"The code was run in isolation tier {submission.tier}; layers that held: {layers}."


# Where a spreadsheet may begin a field: it takes any of these for what separates fields, whatever the quotes say.
_FIELD = re.compile(r"(?<![^;\t\r\n])(?=[^\S\t\r\n]*(\S))")
_FORMULA = tuple("=+-@")


def _cell(text: str) -> str:
    """Text that a spreadsheet shows and never computes, at its start or behind what may separate fields."""
    shown = _FIELD.sub(lambda start: "'" * (unicodedata.normalize("NFKC", start[1]) in _FORMULA), text)
    return f"'{shown}" if shown[:1] == "\t" else shown


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    """A file that takes the place of `path` once it is complete, and leaves it alone when something fails."""
    partial = path.with_name(f".{path.name}.part")
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["points"] = points_text
    environment.globals["percent"] = percent
    return environment.get_template("student.html")
