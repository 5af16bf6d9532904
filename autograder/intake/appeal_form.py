"""What students wrote into a form about their marks, as Google Forms and Microsoft Forms export it."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path

from autograder.course.manifest import Assignment
from autograder.course.student_ids import squeezed
from autograder.intake.lms.dates import written_time
from autograder.intake.table import Table, TableError, cell_of, plain_header, read_table
from autograder.notebook.text import one_line, plain

_SHORT = 60  # characters; a longer cell is an explanation, whatever it mentions
# Words of which a column's name holds one, as `plain_header` writes it; the first ones go before the others.
_WORDS = {
    "time": ("timestamp", "타임스탬프", "completion_time", "완료_시간", "start_time", "시작_시간", "submitted", "제출"),
    "student_id": ("student_id", "student_number", "id_number", "학번"),
    "email": ("email", "e_mail", "이메일", "전자_메일", "username", "사용자_이름"),
    "name": ("name", "이름", "성명"),
    "question": ("question", "문항", "문제"),
    "text": ("reason", "why", "explain", "appeal", "wrong", "이유", "사유", "설명", "내용", "이의"),
}
# What the systems write themselves, beside what a student has written.
_THEIR_OWN = (
    *("id", "start_time", "completion_time", "last_modified_time", "language", "score", "total_score"),
    *("시작_시간", "완료_시간", "마지막_수정_시간", "언어", "점수"),
)
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?"
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})[-/.] ?(?P<month>\d{1,2})[-/.] ?(?P<day>\d{1,2})\.? "
    rf"(?:(?P<before>오전|오후) )?{_CLOCK}(?: (?P<after>오전|오후|AM|PM))?(?: (?:GMT|UTC)(?P<zone>[+-]\d{{1,2}})?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FormRow:
    """A row of the form's table, at its line of the file: who says they are whom, about what, why, and when.

    What it does not tell is "". `questions` are those named in the cell `question`.
    """

    line: int
    student_id: str
    email: str
    name: str
    question: str
    questions: tuple[str, ...]
    text: str
    time: str


def read_appeal_form(path: Path, assignment: Assignment) -> list[FormRow]:
    """The rows of a form's CSV file, whose columns are known by their names and by what stands in them.

    Raises TableError: the file cannot be read, or a column is missing.
    """
    table = read_table(path)
    places = _places(table, assignment)
    who = [places[one] for one in ("student_id", "email", "name") if one in places]
    missing = [what for what, there in (("who asks", who), *_needed(places)) if not there]
    if missing or _is_answer(table.header, assignment):
        got = ", ".join(one_line(cell, 30) for cell in table.header[:8]) or "nothing"
        wanted = " and ".join(missing) or "who asks, the question and the reason"
        raise TableError(f"{path}: expected names of columns in the first line, with {wanted}; got {got}")
    rest = [
        place
        for place, cell in enumerate(table.header)
        if place not in places.values() and plain_header(cell) not in _THEIR_OWN
    ]
    return [_row(table, places, rest, assignment, *row) for row in table.rows]


def _needed(places: Mapping[str, int]) -> Sequence[tuple[str, bool]]:
    return (("the question", "question" in places), ("the reason", "text" in places))


def _is_answer(row: Sequence[str], assignment: Assignment) -> bool:
    """Whether a row is what somebody wrote, rather than names of columns."""
    ids = ((squeezed(cell), assignment.student_ids(cell)) for cell in row)
    return any(_time(cell) for cell in row) or any(wanted in map(squeezed, found) for wanted, found in ids)


def _row(
    table: Table, places: Mapping[str, int], rest: Sequence[int], assignment: Assignment, line: int, row: list[str]
) -> FormRow:
    says = {what: cell_of(row, [place]) for what, place in places.items()}
    texts = [plain(row[places["text"]]).strip() if places["text"] < len(row) else ""]
    texts += [f"{one_line(table.header[place])}: {cell}" for place in rest if (cell := cell_of(row, [place]))]
    return FormRow(
        line,
        says.get("student_id", ""),
        says.get("email", ""),
        says.get("name", ""),
        says["question"],
        questions_in(says["question"], assignment),
        "\n".join(filter(None, texts)),
        _shown_time(says.get("time", ""), assignment.deadline.tzinfo),
    )


def questions_in(text: str, assignment: Assignment) -> tuple[str, ...]:
    """The questions of an assignment that a text names, in the text's order."""
    by_name = {question.casefold(): question for question in assignment.questions}
    names = "|".join(re.escape(name) for name in sorted(by_name, key=len, reverse=True))
    text = unicodedata.normalize("NFKC", text).casefold()
    found = re.findall(rf"(?<![0-9a-z-])(?:{names})(?![0-9a-z]|-[0-9a-z])", text)
    return tuple(dict.fromkeys(by_name[name] for name in found))


def _places(table: Table, assignment: Assignment) -> dict[str, int]:
    """Where each column stands that is there: what its cells tell goes before its name."""
    headers = [plain_header(cell) for cell in table.header]
    cells = [[cell_of(row, [place]) for _, row in table.rows] for place in range(len(headers))]
    places: dict[str, int] = {}
    for what, words in _WORDS.items():
        theirs = () if what == "time" else _THEIR_OWN
        free = [place for place, name in enumerate(headers) if place not in places.values() and name not in theirs]
        ranked = [(_fitting(what, cells[place], assignment), _rank(headers[place], words), -place) for place in free]
        *fit, place = max(ranked, default=(0, 0, 0))
        if any(fit):
            places[what] = -place
    free = [place for place, name in enumerate(headers) if place not in places.values() and name not in _THEIR_OWN]
    if "text" not in places and free:
        places["text"] = max(free, key=lambda place: sum(map(len, cells[place])))
    return places


def _fitting(what: str, cells: Sequence[str], assignment: Assignment) -> int:
    """How many cells of a column tell what is asked for; only IDs and questions are known when seen."""
    short = [cell for cell in cells if len(cell) <= _SHORT]
    if what == "student_id":
        return sum(len(assignment.student_ids(cell)) == 1 for cell in short)
    return sum(bool(questions_in(cell, assignment)) for cell in short) if what == "question" else 0


def _rank(header: str, words: Sequence[str]) -> int:
    """How early the first word stands among `words` that a column's name holds; 0 for none."""
    return next((len(words) - place for place, word in enumerate(words) if word in header), 0)


def _shown_time(text: str, zone: tzinfo | None) -> str:
    """A time in the course's time zone, to the minute; what is no time of a known form as it is."""
    time = _time(text)
    if time is None:
        return one_line(text, 40)
    return (time.astimezone(zone) if time.tzinfo else time).strftime("%Y-%m-%d %H:%M")


def _time(text: str) -> datetime | None:
    """The time in "2024/06/14 5:59:59 오후 GMT+9", "2024. 6. 14 오후 5:59:59" and other forms with the year first."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        match = _YEAR_FIRST.fullmatch(" ".join(text.split()))
    if match is None:
        return written_time(" ".join(text.split()))
    says = match.groupdict()
    half = {"오전": "AM", "오후": "PM"}.get(one := says["before"] or says["after"] or "", one.upper())
    hour = int(says["hour"]) % 12 + 12 * (half == "PM") if half else int(says["hour"])
    zone = timezone(timedelta(hours=int(says["zone"]))) if says["zone"] else None
    year, month, day, minute = (int(says[part]) for part in ("year", "month", "day", "minute"))
    try:
        return datetime(year, month, day, hour, minute, int(says["second"] or 0), tzinfo=zone)
    except ValueError:
        return None
