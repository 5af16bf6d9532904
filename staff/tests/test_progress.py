"""Progress: how many are done and who is at work, live in a terminal, and in lines now and then in a log."""

import io
import re

from rich.console import Console

from autograder.classroom.progress import ClassProgress
from autograder.marking.verdict import Verdict

RIGHT, WAITING = Verdict.scored("1a", 3, 3), Verdict.ungraded("1b", 2, "sandbox", "")
A, B, C = "2024-20001", "2024-20002", "2024-20003"


class Clock:
    """A clock that moves when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_log_gets_a_line_now_and_then_and_one_at_the_end() -> None:
    clock, log = Clock(), io.StringIO()
    progress = ClassProgress("marking", 3, Console(file=log, width=40), clock)
    with progress.shown():
        progress.begin(A)
        progress.begin(B)
        clock.now += 29
        progress.end(A, [RIGHT, WAITING])
        assert log.getvalue() == ""
        clock.now += 1
        progress.begin(C)
        clock.now += 20
        progress.end(B, [RIGHT])
        clock.now += 3600
        progress.end(C, [WAITING])
    assert log.getvalue().splitlines() == [
        f"marking: 1 of 3, 1 ungraded after 0:00:30; at work: {B}, {C}",
        "marking: 3 of 3, 2 ungraded after 1:00:50",
        "marking: 3 of 3, 2 ungraded in 1:00:50",
    ]


def test_a_phase_that_fails_says_nothing_of_its_end() -> None:
    log = io.StringIO()
    progress = ClassProgress("marking", 1, Console(file=log), Clock())
    try:
        with progress.shown():
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert log.getvalue() == ""


def test_a_terminal_shows_a_bar_and_who_is_at_work() -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, color_system=None, width=80, legacy_windows=False)
    progress = ClassProgress("marking", 12, console, Clock())
    with progress.shown():
        for number in range(10):
            progress.begin(f"2024-2000{number}")
        progress.end("2024-20000", [WAITING])
        progress._bar.refresh()
    lines = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.getvalue()).splitlines()
    last = max(number for number, line in enumerate(lines) if "marking" in line)
    assert "marking, 1 ungraded" in lines[last] and " 1/12 " in lines[last] and "…" not in lines[last]
    assert lines[last + 1].startswith("at work: 2024-20001, 2024-20002, ") and lines[last + 1].rstrip().endswith("…")
    assert len(lines[last + 1]) <= 80
