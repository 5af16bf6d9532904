"""The table of a class: every column of points is whole, whatever the width; names and notes give way."""

import re

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from autograder.gradebook.table import ClassTable, Row

QUESTIONS = [f"{part}{letter}" for part, letters in ((1, "abcdef"), (2, "abc"), (3, "abcde")) for letter in letters]
POINTS = ["3", "2", "7.5", "5", "?", "10", "6.67", "10", "0", "5", "10", "10", "3.33", "?"]
LONG = "Anna Maria Fernandez de la Torre y Castellanos"


def table(*students: tuple[str, str], questions: int = 14) -> ClassTable:
    rows = [Row(student, list(map(Text, POINTS[:questions])), "66.67", notes) for student, notes in students]
    return ClassTable("Homework 4", QUESTIONS[:questions], rows, ["1 student"])


def lines(shown: ClassTable, width: int) -> list[str]:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        shown.print_to(console)
    found = capture.get().splitlines()
    assert all(cell_len(line) <= width and line == line.rstrip() for line in found)
    return found


CLASS = table(("2024-20001 학생가", ""), (f"2024-20002 {LONG}", "missing: vit.ipynb; " + "n" * 50))


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_every_point_is_there_in_the_order_of_the_questions(width: int) -> None:
    found = lines(CLASS, width)
    rule = next(number for number, line in enumerate(found) if line.startswith("──"))
    first, second = (number for number, line in enumerate(found) if line.startswith("2024-"))
    for part, expected in ((found[2:rule], QUESTIONS), (found[first:second], POINTS), (found[second:-2], POINTS)):
        cells = re.findall(r"(?<=\s)(?:\?|[\d.]+|[1-3][a-f])(?=\s|$)", "\n".join(part))
        assert [cell for cell in cells if cell != "66.67"] == expected


def test_fourteen_questions_are_two_lines_at_80_columns() -> None:
    assert lines(CLASS, 80) == [
        "Homework 4",
        "",
        "student               1a  1b   1c  1d  1e    1f    2a  total  notes",
        "                      2b  2c   3a  3b  3c    3d    3e",
        "─" * 80,
        "2024-20001 학생가      3   2  7.5   5   ?    10  6.67  66.67",
        "                      10   0    5  10  10  3.33     ?",
        "2024-20002 Anna Mar…   3   2  7.5   5   ?    10  6.67  66.67  missing:",
        "                      10   0    5  10  10  3.33     ?         vit.ipynb; nnnnnn…",
        "",
        "1 student",
    ]


def test_they_are_one_line_at_120_columns() -> None:
    shown = lines(CLASS, 120)
    assert len(shown) == 8 and shown[-3].startswith("2024-20002 Anna Maria Fernand…   3")


def test_nothing_is_cut_where_there_is_no_terminal() -> None:
    shown = lines(CLASS, 10_000)
    assert f"2024-20002 {LONG}  " in shown[-3] and shown[-3].endswith("n" * 50)
    assert len(shown[3]) == len(shown[-3])


def test_a_class_without_notes_or_questions_is_a_table() -> None:
    assert lines(table(("2024-20001", ""), questions=0), 80)[2:5] == [
        "student     total  notes",
        "─" * 24,
        "2024-20001  66.67",
    ]
    assert lines(table(), 30)[-1] == "1 student"
