"""Canvas's gradebook goes out and comes in: only the cells of one column differ, and only those that may."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from student_grades import grade_of_student, ungraded

from autograder.exports.canvas import column_of, fill_canvas
from autograder.exports.filling import FilledSheet, Terms
from autograder.exports.refusal import ExportError
from autograder.exports.sheet import Sheet
from autograder.gradebook.grades import StudentGrade

PLAIN = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Homework 4 (123456),Assignment 2 (123457),Final Score\r\n"
    "    Points Possible,,,,,100.00,60.00,(read only)\r\n"
    '"하나, 학생",48007,2024-40001,login001,Deep Learning I (001),,,\r\n'
    '"둘, 학생",48014,2024-40002,login002,Deep Learning I (001),12.00,,\r\n'
    "셋,48021,,,Deep Learning I (001),EX,,\r\n"
    '"Student, Test",99999,,0123456789abcdef,Deep Learning I (001),,,\r\n'
)
# As a course has it whose teacher writes 1,5: more columns, more lines that are no student's, quotes where they please.
FULL = (
    "Student;ID;SIS User ID;SIS Login ID;Integration ID;Root Account;Section;Notes;Homework 3 (123455);"
    "Homework 4 (123456);Homework 40 (123460);Homework Current Points;Homework Unposted Current Score;"
    "Unposted Final Score\r\n"
    ";;;;;;;;;Manual Posting;;;;\r\n"
    "    Points Possible;;;;;;;;10,00;100,00;20,00;(read only);(read only);(read only)\r\n"
    '"Eins, Student";48007;2024-40001;s1;i-1;lms.example.org;"A und B";"krank; bis Juni";7,50;12,25;;19,75;;\r\n'
    '"Zwei, Student";48014;2024-40002;s2;;lms.example.org;A;;EX;"";;;;\r\n'
    '"Drei, Student";48021;2024-40003;s3;;lms.example.org;A;;;N/A;;;;\r\n'
    'Vier Student;48028;2024-40004;s4;;lms.example.org;A;"sagt ""ja""";;  3,00 ;;;;\r\n'
    '"Fünf, Student";48035;2024-40005;s5;;lms.example.org;A;;;;;;;\r\n'
    '"Student, Test";99999;;0123456789abcdef;;lms.example.org;A;;;1,00;;;;'
)
FIRST, SECOND = grade_of_student("2024-40001", "87.5", "48007"), grade_of_student("2024-40002", "100", "48014")
WORTH = Decimal(100)


def fill(
    text: str, grades: Sequence[StudentGrade], column: str = "Homework 4", encoding: str = "utf-8", **terms: Any
) -> FilledSheet:
    sheet = Sheet("gradebook.csv", text.encode(encoding))
    return fill_canvas(sheet, column_of(sheet, column), grades, Terms(WORTH, **terms))


def changed(before: str, filled: FilledSheet, encoding: str = "utf-8") -> list[tuple[int, str, str]]:
    """The lines that differ, with what is new in them behind what they share at their start and their end."""
    lines = [text.splitlines(keepends=True) for text in (before, filled.content.decode(encoding))]
    assert len(lines[0]) == len(lines[1])
    return [(number, old, new) for number, (old, new) in enumerate(zip(*lines, strict=True), 1) if old != new]


def test_only_cells_of_the_column_differ() -> None:
    filled = fill(PLAIN, [FIRST, SECOND])
    expected = PLAIN.replace("(001),,,\r\n", "(001),87.5,,\r\n", 1).replace("12.00", "100")
    assert filled.content.decode() == expected
    assert filled.marks == {"2024-40001": "87.5", "2024-40002": "100"} and not filled.untouched and not filled.absent


def test_a_real_export_keeps_all_that_is_not_ours() -> None:
    more = [grade_of_student(f"2024-4000{number}", "3.333", f"480{7 * number:02}") for number in (3, 4)]
    test = grade_of_student("9", "50", "99999")
    filled = fill(FULL, [FIRST, SECOND, *more, test])
    expected = FULL.replace("12,25", "87,5").replace(';EX;"";', ';EX;"100";').replace("  3,00 ", "3,33")
    assert filled.content.decode() == expected
    assert filled.untouched == ["2024-40003: the cell says 'N/A'"] and filled.absent == ["9"]


@pytest.mark.parametrize("encoding", ["cp949", "utf-16"])
def test_other_encodings_stay(encoding: str) -> None:
    text = PLAIN.removeprefix("\ufeff")
    filled = fill(text, [SECOND], encoding=encoding)
    assert filled.content == text.replace("12.00", "100").encode(encoding)


@st.composite
def exports(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """An export in an odd dialect, and what it has to become; all lines but the first three are students'."""
    apart, end = draw(st.sampled_from(",;\t")), draw(st.sampled_from(["\n", "\r\n"]))
    sign = draw(st.sampled_from([".", ","]))
    words = st.text(st.sampled_from(" ab1,;\t\"\n'=é학"), max_size=5)
    before, behind = draw(st.integers(0, 2)), draw(st.integers(0, 2))
    rows = draw(st.lists(st.tuples(st.sampled_from(["", "EX", "N/A", "5", f"12{sign}25"]), words), max_size=4))

    def line(first: str, number: str, column: str, fill: str) -> list[str]:
        return [first, number, *[fill] * before, column, *[fill] * behind]

    def raw(text: str) -> str:
        needed = text[:1] == '"' or any(mark in text for mark in (apart, "\n", "\r"))
        return '"' + text.replace('"', '""') + '"' if needed or draw(st.booleans()) else text

    texts = [line("Student", "ID", "Homework 4 (1)", "Notes"), line("", "", "Manual Posting", "")]
    texts.append(line("  Points Possible", "", f"100{sign}00", ""))
    texts += [line(word, str(500 + place), cell, word) for place, (cell, word) in enumerate(rows)]
    old = [[raw(text) for text in row] for row in texts]
    new = [list(row) for row in old]
    for row, text in zip(new[3:], texts[3:], strict=True):
        if text[2 + before] not in ("EX", "N/A"):
            mark = f"87{sign}5"
            quoted = row[2 + before].startswith('"') or sign == apart
            row[2 + before] = f'"{mark}"' if quoted else mark
    byte_order_mark = draw(st.sampled_from(["", "\ufeff"]))
    contents = [byte_order_mark + end.join(apart.join(row) for row in rows) + end for rows in (old, new)]
    return contents[0].encode(), contents[1].encode()


@settings(derandomize=True, deadline=None)
@given(exports())
def test_whatever_the_dialect_only_the_cells_of_the_column_differ(pair: tuple[bytes, bytes]) -> None:
    before, after = pair
    grades = [grade_of_student(f"2024-2000{place}", "87.5", str(500 + place)) for place in range(4)]
    sheet = Sheet("x.csv", before)
    assert fill_canvas(sheet, column_of(sheet, "Homework 4"), grades, Terms(WORTH)).content == after


# --- whose line it is ---


@pytest.mark.parametrize(
    ("student_id", "more"),
    [
        ("other", {"lms_id": "48014"}),
        ("2024-40002", {}),
        ("２０２４ 40002", {}),
        ("2024–40002", {}),
        ("202440002", {"lms_id": "7"}),
        ("x", {"lms_id": "48014.0"}),
        ("LOGIN002", {}),
        ("other", {"login": "login002"}),
        ("other", {"email": "Login002"}),
    ],
)
def test_a_line_is_found_by_number_or_account(student_id: str, more: dict[str, Any]) -> None:
    filled = fill(PLAIN, [grade_of_student(student_id, "50", **more)])
    assert [number for number, *_ in changed(PLAIN, filled)] == [4] and not filled.absent


def test_names_alone_decide_nothing() -> None:
    filled = fill(PLAIN, [grade_of_student("2024-49999", name="둘, 학생")])
    assert filled.content.decode() == PLAIN and filled.absent == ["2024-49999"] and not filled.marks


def test_a_line_of_two_students_is_refused() -> None:
    grades = [grade_of_student("2024-40002", lms_id="48007"), grade_of_student("2024-40001")]
    message = r"\(1\); --partial leaves .*\n  gradebook.csv, line 3: may be about 2024-40002, 2024-40001$"
    with pytest.raises(ExportError, match=message):
        fill(PLAIN, grades)
    filled = fill(PLAIN, grades, partial=True)
    assert [number for number, *_ in changed(PLAIN, filled)] == [4]


def test_a_student_of_two_lines_is_refused() -> None:
    twice = PLAIN + "둘,48015,2024-40002,,x,,,\r\n"
    with pytest.raises(ExportError, match="2024-40002: has lines 4, 7 of gradebook.csv"):
        fill(twice, [FIRST, SECOND])
    assert [number for number, *_ in changed(twice, fill(twice, [FIRST, SECOND], partial=True))] == [3]


# --- which column ---


def test_the_number_picks_one_of_two_columns() -> None:
    two = PLAIN.replace("Assignment 2 (123457)", "homework  4 (123457)").replace("60.00", "100.00")
    with pytest.raises(ExportError, match=r"means 2 columns: Homework 4 \(123456\), homework  4 \(123457\)$"):
        fill(two, [FIRST])
    filled = fill(two, [FIRST], column="Homework 4 (123457)")
    assert filled.content.decode() == two.replace("(001),,,", "(001),,87.5,", 1)


def test_a_column_whose_title_ends_with_a_number() -> None:
    odd = PLAIN.replace("Assignment 2 (123457)", "Homework 4 (123456) (7)").replace("60.00", "100.00")
    assert "(001),87.5,," in fill(odd, [FIRST], column="Homework 4 (123456)").content.decode()
    assert "(001),,87.5," in fill(odd, [FIRST], column="Homework 4 (123456) (7)").content.decode()


def test_a_column_of_notes_is_not_preferred() -> None:
    odd = PLAIN.replace("Section", "Homework 4")
    with pytest.raises(ExportError, match=r"means 2 columns: Homework 4, Homework 4 \(123456\)$"):
        fill(odd, [FIRST])


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("Homework", r"no column 'Homework'; there are: Homework 4 \(123456\), Assignment 2 \(123457\)$"),
        ("Final Score", r"Final Score: no assignment with points \(Points Possible says '\(read only\)'\)$"),
        ("Section", r"Section: no assignment with points \(Points Possible says ''\)$"),
        ("Student", "Student: no assignment with points"),
        ("Assignment 2", r"Assignment 2 \(123457\): gives 60 points, and the assignment is worth 100; --scale conv"),
    ],
)
def test_other_columns_are_refused(column: str, message: str) -> None:
    with pytest.raises(ExportError, match=f"^gradebook.csv: {message}"):
        fill(PLAIN, [FIRST], column=column)


def test_scaled_marks_are_rounded_half_up() -> None:
    filled = fill(PLAIN, [grade_of_student("2024-40001", "33.375")], column="Assignment 2", scale=True)
    assert filled.marks == {"2024-40001": "20.03"}
    half = PLAIN.replace("60.00", "50.00")
    assert fill(half, [grade_of_student("2024-40001", "0.25")], "Assignment 2", scale=True).marks == {
        "2024-40001": "0.13"
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Points Possible", "Points", "no line 'Points Possible'"),
        ("100.00", "0", "gives 0 points; expected more than none"),
        (
            "Student,ID,SIS User ID,SIS Login ID",
            "name,number,a,b",
            "no columns Student and ID, got name, number, a, b ",
        ),
        ("\ufeffStudent,ID,SIS User ID,SIS Login ID", "Student,a,b,c", "no columns Student and ID"),
        ("(001),,,\r\n", "(001)\r\n", r"  2024-40001: its line ends before column 6$"),
    ],
)
def test_other_files_are_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(ExportError, match=message):
        fill(PLAIN.replace(old, new, 1), [FIRST], scale=True)


@pytest.mark.parametrize("points", ["1,000.00", "1000.00", "1000"])
def test_thousands_may_be_marked(points: str) -> None:
    big = FULL.replace("100,00", points.translate({ord(","): ".", ord("."): ","}))
    assert fill(big, [FIRST], scale=True).marks == {"2024-40001": "875"}
    assert fill(PLAIN.replace("100.00", f'"{points}"'), [FIRST], scale=True).marks == {"2024-40001": "875"}


def test_without_decimals_in_the_column_others_tell_the_sign() -> None:
    whole = FULL.replace("100,00", "100").replace("12,25", "12").replace("  3,00 ", "3").replace("1,00;;;;", "1;;;;")
    assert ";7,50;87,5;" in fill(whole, [FIRST]).content.decode()


# --- what is not ready ---


def test_marks_that_are_not_ready_are_refused_by_name_or_kept() -> None:
    grades = [
        grade_of_student("2024-40001", "0", "48007", [ungraded("1b"), ungraded("2a")]),
        grade_of_student("2024-40002", "0", "48014", open_questions=("whose is it?",)),
        *(grade_of_student(f"2024-4100{number}", open_questions=("how late?",)) for number in range(4)),
    ]
    with pytest.raises(ExportError) as error:
        fill(PLAIN, grades)
    lines = str(error.value).splitlines()
    assert lines[1:3] == ["  2024-40001: UNGRADED: 1b, 2a", "  2024-40002: whose is it?"]
    assert len(lines) == 6 and lines[-1] == "  and 2 more"
    filled = fill(PLAIN, grades, partial=True)
    assert filled.content.decode() == PLAIN and not filled.marks
    assert filled.untouched[:2] == ["2024-40001: UNGRADED: 1b, 2a", "2024-40002: whose is it?"]


def test_who_is_excused_gets_no_number() -> None:
    filled = fill(PLAIN, [grade_of_student("2024-40002", "0", "48014", excused=True)])
    assert filled.content.decode() == PLAIN.replace("12.00", "EX") and filled.marks == {"2024-40002": "EX"}


# --- only what changed ---


def test_lines_that_the_last_export_had_are_left_out() -> None:
    filled = fill(FULL, [FIRST, SECOND], last={"2024-40001": "87.5", "2024-40002": "99"})
    kept = [line for place, line in enumerate(FULL.splitlines(keepends=True)) if place in (0, 1, 2, 4)]
    assert filled.content.decode() == "".join(kept).replace('"";', '"100";')
    assert filled.marks == {"2024-40002": "100"}
    rows = list(csv.reader(io.StringIO(filled.content.decode()), delimiter=";"))
    assert {len(row) for row in rows} == {14}


def test_nothing_may_have_changed() -> None:
    filled = fill(PLAIN, [FIRST], last={"2024-40001": "87.5"})
    assert filled.content.decode() == "".join(PLAIN.splitlines(keepends=True)[:2]) and not filled.marks
