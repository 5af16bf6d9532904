"""How many epochs a cell's output logs, of how many: from the lines of its log alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.notebook.claims.words import EPOCH, LOSS, words
from autograder.notebook.outputs import Line

_EARLY = re.compile(r"early.{0,3}stop|patience|no improvement", re.IGNORECASE)
_EPOCH = re.compile(
    r"(?:epochs?|에폭|에포크)[^\w\n]{0,12}(?:no\.?|number|#)?[^\w\n]{0,4}(\d{1,6}+)(?!\d|\.\d|[ \t]{0,3}%)"
    r"(?:[ \t]{0,3}(?:/|of|out of)[ \t]{0,3}(\d{1,6}))?",
    re.IGNORECASE,
)
_BEFORE_EPOCH = re.compile(r"(?<![\d.])(\d{1,6})[ \t]{0,3}/[ \t]{0,3}(\d{1,6})[ \t\])]{0,4}epochs?\b", re.IGNORECASE)
_BAR = re.compile(r"(?<![\d.])(\d{1,6})/(\d{1,6})[ \t]\[")


@dataclass(frozen=True)
class Run:
    """What a cell's output says of a training run.

    `logged` is the number of the last epoch, `asked` how many there are to be (0 if no line tells). `progress` counts
    the lines of its log. `stops_early` says that the output speaks of stopping before the end.
    """

    progress: int
    logged: int
    asked: int
    stops_early: bool


def run_of(lines: Sequence[Line]) -> Run:
    """The run that the lines of a cell's output log."""
    counts = [epoch_of(line.text) for line in lines]
    progress = sum(
        count is not None or (("oss" in line.text or "손실" in line.text) and LOSS in words(line.text))
        for count, line in zip(counts, lines, strict=True)
    )
    counted = [count for count in counts if count is not None]
    asked = next((of for _, of in reversed(counted) if of), 0)
    logged = _last([number for number, _ in counted], asked)
    return Run(progress, logged, asked, logged < asked and any(_EARLY.search(line.text) for line in lines))


def epoch_of(line: str) -> tuple[int, int] | None:
    """The number of the epoch that a line logs, and how many there are to be (0 if it does not say)."""
    match = _EPOCH.search(line) or _BEFORE_EPOCH.search(line)
    if match is None and EPOCH in words(line):
        match = _BAR.search(line)  # "Epochs:  52%|█████▏    | 31/60 [09:55<09:17]"
    return (int(match[1]), int(match[2] or 0)) if match else None


def _last(numbers: Sequence[int], asked: int) -> int:
    """The number of epochs that were done in the longest of the runs whose epochs are counted up."""
    runs: list[list[int]] = []
    for number in numbers:
        if not runs or number < runs[-1][-1]:
            runs.append([])
        runs[-1].append(number)
    if not runs:
        return 0
    from_zero = min(min(run) for run in runs) == 0
    longest = sorted(set(max(runs, key=max)))
    steps = [after - before for before, after in zip(longest, longest[1:], strict=False)]
    last, step = longest[-1] + from_zero, min(steps, default=1)
    # A log of every fifth epoch may end before the last one; so may one that counts otherwise than its total.
    return max(last, asked) if asked and last + max(step, 2) > asked else last
