"""The class for the terminal: columns of points as wide as they need, in several lines where one is too narrow."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from math import ceil

from rich.cells import cell_len
from rich.console import Console, Group
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
_AT_ONCE = 200  # lines


@dataclass(frozen=True)
class ClassTable:
    """A row for each student: ID and name, the points of each question, the total, and notes.

    The `rows` are gone through twice, and none is kept. `summary` are the lines below. Where not all questions fit
    beside each other, a row has several lines; only names and notes are cut.
    """

    title: str
    questions: Sequence[str]
    rows: Iterable["Row"]
    summary: Sequence[str]

    def print_to(self, console: Console) -> None:
        """Prints the table some lines at a time, since a console keeps what it prints at once."""
        lines = self._lines(console)
        while some := list(islice(lines, _AT_ONCE)):
            console.print(Group(*some))

    def _lines(self, console: Console) -> Iterator[Text]:
        header = Row("student", [Text(question) for question in self.questions], "total", "notes")
        layout = _Layout.fitting(chain([header], self.rows), console.width)
        yield Text(self.title, style="table.title")
        yield Text()
        for line in layout.lines(header, console):
            line.stylize("bold")
            yield line
        yield Text("─" * min(layout.width, console.width), style="dim")
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
    def fitting(cls, rows: Iterable[Row], limit: int) -> "_Layout":
        """The layout with the fewest lines for a row that fits into `limit`, or the narrowest there is."""
        widest: list[int] = []
        for row in rows:
            texts = (row.student, row.total, row.notes, *(text.plain for text in row.points))
            widest = [max(pair) for pair in zip(map(cell_len, texts), widest or [0] * len(texts), strict=True)]
        student, total, notes, *widths = widest
        number = len(widths)
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
    return ClassTable(assignment.title, list(assignment.questions), _Rows(grades), _summary(gradebook, grades))


class _Rows(Iterable[Row]):
    """The rows of some grades, each made when it is asked for."""

    def __init__(self, grades: Sequence[StudentGrade]) -> None:
        self._grades = grades

    def __iter__(self) -> Iterator[Row]:
        return map(_row, self._grades)


def _row(grade: StudentGrade) -> Row:
    points = [Text(verdict.points_shown, style=_STYLES[verdict.state]) for verdict in grade.verdicts]
    total = "EX" if grade.excused else points_text(float(grade.total))
    notes = one_line("; ".join(remarks_of(grade)), _LONGEST)
    return Row(one_line(f"{grade.student.student_id} {grade.student.name}"), points, total, notes)


def _summary(gradebook: Gradebook, grades: Sequence[StudentGrade]) -> list[str]:
    ungraded, flags = Counter[str](), Counter[str]()
    for verdict in (verdict for grade in grades for verdict in grade.verdicts):
        ungraded.update([verdict.diagnosis] if verdict.state is State.UNGRADED else [])
        flags.update([verdict.question] * len(verdict.flags))
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
