"""Marks as a workbook and as JSON: numbers are numbers, text is text, and what is not ready is nothing."""

import io
import json
import xml.etree.ElementTree as ET
import zipfile
from decimal import Decimal

from student_grades import grade_of_student, ungraded

from autograder.exports.records import records
from autograder.gradebook.grades import StudentGrade
from autograder.marking.verdict import Verdict

SPACE = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
QUESTIONS = ["1a", "1A", "totals", "q" * 40, "q" * 39]
EVIL = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2", "http://example.org", "{=1}", "\x1b[31m\x00a", "x" * 40_000]
READY = grade_of_student(
    "2024-20001",
    "87.25",
    "48211",
    [Verdict.scored("1a", 2.5, 3, "sum", EVIL[0])],
    name=EVIL[1],
    earned=Decimal("90.25"),
    late=Decimal("-3"),
    notes=tuple(EVIL[2:]),
)
UNREADY = grade_of_student("2024-20002", "0", verdicts=[ungraded("1a")], open_questions=("how late?",))
EXCUSED = grade_of_student("2024-20003", "0", excused=True)


def sheets(*grades: StudentGrade) -> dict[str, list[list[str | float | None]]]:
    """What the cells of a workbook hold, by the names of its sheets; there is no formula in it, and no link."""
    from autograder.exports.workbook import workbook  # alone needs XlsxWriter

    with zipfile.ZipFile(io.BytesIO(workbook("Homework", Decimal(100), QUESTIONS, grades))) as archive:
        strings = [
            "".join(text.text or "" for text in item.iter(f"{{{SPACE['x']}}}t"))
            for item in ET.fromstring(archive.read("xl/sharedStrings.xml"))
        ]
        names = [
            one.attrib["name"] for one in ET.fromstring(archive.read("xl/workbook.xml")).iterfind(".//x:sheet", SPACE)
        ]
        found = {}
        for number, name in enumerate(names, 1):
            text = archive.read(f"xl/worksheets/sheet{number}.xml")
            assert b"<f>" not in text and b"hyperlink" not in text
            rows = ET.fromstring(text).iterfind(".//x:row", SPACE)
            found[name] = [[_value(cell, strings) for cell in row] for row in rows]
    return found


def _value(cell: ET.Element, strings: list[str]) -> str | float | None:
    value = cell.find("x:v", SPACE)
    if value is None or value.text is None:
        return None
    return strings[int(value.text)] if cell.get("t") == "s" else float(value.text)


def test_a_workbook_has_a_sheet_of_totals_and_one_for_each_question() -> None:
    found = sheets(READY, UNREADY, EXCUSED)
    short = ["q" * 31, "q" * 27 + " (2)"]
    assert list(found) == ["Totals", "1a", "1A (2)", "totals (2)", *short]
    head, ready, unready, excused = found["Totals"]
    steps = ["earned", "repairs", "late", "adjusted", "total of 100", "ungraded", "notes"]
    assert head == ["student_id", "name", "section", *QUESTIONS, *steps]
    assert ready[:4] == ["2024-20001", EVIL[1], "", 2.5] and ready[4:9] == [90.25, 0, -3, 0, 87.25]
    assert unready == ["2024-20002", "", "", 0, 0, 0, 0, 1, "how late?"]
    assert excused[3:] == [0, 0, 0, 0, 0, "excused"]
    assert found["1a"][1] == ["2024-20001", EVIL[1], 2.5, 3, "PARTIAL", "sum", "=1+1", "", ""]
    assert found["1a"][2][2:5] == [10, "UNGRADED", "sandbox"] and found["1A (2)"][1] == ["2024-20001", EVIL[1]]


def test_text_of_a_students_is_cut_and_never_computed() -> None:
    notes = sheets(READY)["Totals"][1][-1]
    assert isinstance(notes, str) and notes.startswith("@SUM(A1); -2; http://example.org; {=1}; a; xxx")
    assert len(notes) == 32_000


def test_json_has_all_that_is_known() -> None:
    whole = json.loads(records("hw4", Decimal(100), [READY, UNREADY, EXCUSED]))
    assert (whole["assignment"], whole["points"]) == ("hw4", 100)
    ready, unready, excused = whole["students"]
    assert (ready["student_id"], ready["lms_id"], ready["total"], ready["late"]) == ("2024-20001", "48211", 87.25, -3)
    assert ready["questions"] == [
        {
            **{"question": "1a", "points": 2.5, "max_points": 3, "state": "PARTIAL", "diagnosis": "sum"},
            **{"message": "=1+1", "figure": "", "flags": []},
        }
    ]
    assert unready["total"] is None and unready["questions"][0]["points"] is None
    assert unready["open_questions"] == ["how late?"] and excused["excused"] and excused["total"] is None


def test_json_is_utf_8_whatever_is_in_it() -> None:
    content = records("hw4", Decimal(100), [grade_of_student("1", name="학생\udc80")])
    assert "학생?" in content.decode()
