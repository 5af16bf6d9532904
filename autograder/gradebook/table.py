"""The class for the terminal: columns of points as wide as they need, in several lines where one is too narrow."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from autograder.course.manifest import points_text
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import StudentGrade, grades_of
from autograder.gradebook.sheets import remarks_of
from autograder.marking.verdict import State
from autograder.notebook.text import one_line

_STYLES = {State.PASS: "green", State.PARTIAL: "yellow", State.FAIL: "red", State.UNGRADED: "bold magenta"}
_GAP = "  "
_STUDENT = 12  # columns of the terminal for a student, or a quarter of all, if that is more
_NOTES = 12  # and for notes, at least
_LONGEST = 1000  # characters of notes


@dataclass(frozen=True)
class ClassTable:
    """A row for each student: ID and name, the points of each question, the total, and notes.

    `summary` are the lines below. Where not all questions fit beside each other, a row has several lines; only names
    and notes are cut.
    """

    title: str
    questions: Sequence[str]
    rows: Sequence["Row"]
    summary: Sequence[str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        header = Row("student", [Text(question) for question in self.questions], "total", "notes")
        layout = _Layout.fitting([header, *self.rows], options.max_width)
        yield Text(self.title, style="table.title")
        yield Text()
        for line in layout.lines(header, console):
            line.stylize("bold")
            yield line
        yield Text("─" * min(layout.width, options.max_width), style="dim")
        for row in self.rows:
            yield from layout.lines(row, console)
        yield Text()
        yield from (Text(line, style="table.caption") for line in self.summary)


@dataclass(frozen=True)
class Row:
    """What stands in one row."""

    student: str
    points: Sequence[Text]
    total: str
    notes: str


@dataclass(frozen=True)
class _Layout:
    """The widths of the columns, in characters of the terminal. `points` may be fewer than there are questions."""

    student: int
    points: Sequence[int]
    total: int
    notes: int

    @classmethod
    def fitting(cls, rows: Sequence[Row], limit: int) -> "_Layout":
        """The layout with the fewest lines for a row that fits into `limit`, or the narrowest there is."""
        number = len(rows[0].points)
        widths = [max(cell_len(row.points[place].plain) for row in rows) for place in range(number)]
        student, total, notes = (
            max(cell_len(text) for text in texts)
            for texts in zip(*((row.student, row.total, row.notes) for row in rows), strict=True)
        )
        layout = cls(min(student, max(_STUDENT, limit // 4)), widths, total, 0)
        for lines in range(1, number + 1):
            columns = ceil(number / lines)
            layout = replace(layout, points=[max(widths[place::columns]) for place in range(columns)])
            if layout.width + len(_GAP) + min(notes, _NOTES) <= limit:
                break
        return replace(layout, notes=max(0, min(notes, limit - layout.width - len(_GAP))))

    @property
    def width(self) -> int:
        """The width of the whole table."""
        widths = [self.student, *self.points, self.total, *([self.notes] if self.notes else [])]
        return sum(widths) + len(_GAP) * (len(widths) - 1)

    def lines(self, row: Row, console: Console) -> Iterator[Text]:
        """The lines of a row; each of them has a part of the notes."""
        columns = len(self.points)
        number = ceil(len(row.points) / columns) if columns else 1
        points = [*row.points, *[Text()] * (number * columns - len(row.points))]
        notes = self._notes(row.notes, number, console)
        for line in range(number):
            some = points[line * columns : (line + 1) * columns]
            student, total = (row.student, row.total) if line == 0 else ("", "")
            cells = [_cell(Text(student), self.student)]
            cells += [_cell(one, width, right=True) for one, width in zip(some, self.points, strict=True)]
            cells += [_cell(Text(total), self.total, right=True), *notes[line : line + 1]]
            shown = Text(_GAP, no_wrap=True, overflow="ignore").join(cells)
            shown.rstrip()
            yield shown

    def _notes(self, notes: str, number: int, console: Console) -> list[Text]:
        """Notes in at most `number` lines."""
        if not self.notes:
            return []
        lines = [line.plain.strip() for line in Text(notes).wrap(console, self.notes)]
        last = _cell(Text(" ".join(lines[number - 1 :])), self.notes)
        return [*map(Text, lines[: number - 1]), last]


def _cell(text: Text, width: int, right: bool = False) -> Text:
    text = text.copy()
    text.truncate(width, overflow="ellipsis")
    missing = width - cell_len(text.plain)
    text.pad_left(missing) if right else text.pad_right(missing)
    return text


def table(gradebook: Gradebook) -> ClassTable:
    """The class of a gradebook, with what is ungraded and flagged below it, by kind."""
    assignment, grades = gradebook.assignment, grades_of(gradebook)
    rows = [_row(gradebook, grade) for grade in grades]
    return ClassTable(assignment.title, list(assignment.questions), rows, _summary(gradebook, grades))


def _row(gradebook: Gradebook, grade: StudentGrade) -> Row:
    points = [Text(verdict.points_shown, style=_STYLES[verdict.state]) for verdict in grade.verdicts]
    total = "EX" if grade.excused else points_text(float(grade.total))
    notes = one_line("; ".join(remarks_of(gradebook, grade)), _LONGEST)
    return Row(one_line(f"{grade.student.student_id} {grade.student.name}"), points, total, notes)


def _summary(gradebook: Gradebook, grades: Sequence[StudentGrade]) -> list[str]:
    verdicts = [verdict for grade in grades for verdict in grade.verdicts]
    ungraded = Counter(verdict.diagnosis for verdict in verdicts if verdict.state is State.UNGRADED)
    flags = Counter(verdict.question for verdict in verdicts for _ in verdict.flags)
    best = gradebook.assignment.total_text(gradebook.assignment.points_in)
    plural = "" if len(grades) == 1 else "s"
    counts = f"{len(grades)} student{plural}, {ungraded.total()} ungraded; the best total is {best}"
    kinds = [f"{count} {one_line(diagnosis)}" for diagnosis, count in ungraded.most_common()]
    flagged = [f"{count} in {question}" for question, count in flags.most_common()]
    return [
        counts,
        *([f"ungraded: {', '.join(kinds)}"] if kinds else []),
        *([f"flags: {', '.join(flagged)}"] if flagged else []),
    ]
