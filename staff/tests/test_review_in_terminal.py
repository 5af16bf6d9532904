"""A review in the terminal: the same queue, marked by lines."""

import subprocess
import sys
from pathlib import Path

from korean import english_in
from review_class import HW4, STUDENTS, make_class

from autograder.desk.appeals import open_appeal
from autograder.desk.desk import Desk
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.history import History


def test_a_class_is_reviewed_by_lines(tmp_path: Path) -> None:
    grades = make_class(tmp_path, STUDENTS[:14])
    first = ["names", "report", "3 [bold]not right[/bold]", "99", "seven", "u"]
    lines = [*first, "all 4 alike", "n", "all 5 alike", "y", "= looks right", "?", "q"]
    command = [sys.executable, "-m", "autograder", "review", str(grades), "--terminal", "--as", "kim"]
    done = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    for text in (
        "1c of 2024-2",
        "--- report.md",
        "1c: 3 points",
        "1c: expected a number from 0 to 10, got '99'",
        "1c: expected a number from 0 to 10, got 'seven'",
        "undone: mark of 1c",
        "with it: ",
        "1c: 5 points, for 4 students",
        "1c is ungraded: give it points, from 0 to 10",
        "nothing was changed",
        "def collate_batch(batch):",
        "these are scores, not probabilities",
    ):
        assert text in done.stdout, text
    with Gradebook(grades, HW4, alone=False) as gradebook:
        events = History(gradebook).events()
    assert {event.who for event in events} == {"kim"}
    assert events[0].after == [3.0, "[bold]not right[/bold]"] and events[1].undoes == 1


def test_it_speaks_korean_where_that_is_asked_for(tmp_path: Path) -> None:
    grades = make_class(tmp_path, STUDENTS[8:14])
    with Gradebook(grades, HW4, alone=False) as gradebook:
        open_appeal(Desk(gradebook, "kim"), STUDENTS[13], "1a", "왜?")
    lines = ["p", "7", "report", "all 4 .", "n", "u", "= .", "u", "q"]
    command = [sys.executable, "-m", "autograder", "review", str(grades), "--terminal", "--as", "lee", "--lang", "ko"]
    done = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    for text in ("이의 신청: 왜?", "되돌릴 것이 없습니다", "이 방향으로는", "남은 항목", "아무것도"):
        assert text in done.stdout, text
    ours = [line for line in done.stdout.splitlines() if not line.startswith(("─", " ", "I did", "A value"))]
    assert english_in("\n".join(ours)) == []
