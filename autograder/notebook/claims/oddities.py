"""What is odd about the log of a training: epochs that are missing or out of order, and losses that stand still.

A log that a program printed has none of these, one that was typed may. Nothing here is proof.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from autograder.notebook.claims.epochs import epoch_of
from autograder.notebook.claims.figures import figures
from autograder.notebook.claims.words import ACCURACY, LOSS, PERPLEXITY, listed, words
from autograder.notebook.outputs import CellOutputs, Line

MOST = 5  # of one cell
FEWEST = 4  # epochs, from which on a log has a rhythm
STANDS_STILL = 3  # epochs
DIGITS = 3  # a shorter loss, such as 0.01, may well be the same again
_METRICS = frozenset({ACCURACY, LOSS, PERPLEXITY})
# Lines that look back: "Best epoch: 7, accuracy 88.1 %".
_LOOKING_BACK = listed("""
    best final early stop stopped stopping saved saving save load loaded loading restore restored resume resumed
    lowest highest summary result results
""")


def oddities(shown: CellOutputs) -> tuple[str, ...]:
    """What is odd about the log that a cell shows, in words; nothing where the middle of a long one was left out."""
    if shown.is_cut:
        return ()
    runs = list(_runs([number for number, line in _epochs(shown.lines) if _is_log(line)]))
    present = {number for number, _ in _epochs(shown.lines)}
    found = [*(text for run in runs for text in (*_out_of_order(run), *_missing(run, present)))]
    return tuple(dict.fromkeys([*found, *_standing_still(shown.lines)]))[:MOST]


def _epochs(lines: Sequence[Line]) -> Iterator[tuple[int, Line]]:
    """The lines that name an epoch, with its number."""
    for line in lines:
        if (epoch := epoch_of(line.text)) is not None:
            yield epoch[0], line


def _is_log(line: Line) -> bool:
    named = words(line.text)
    return not _METRICS.isdisjoint(named) and _LOOKING_BACK.isdisjoint(named)


def _runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    """The epochs of each training, as they come; a new one begins where the first epoch comes again."""
    run: list[int] = []
    for number in numbers:
        if run and number < run[-1] and number <= max(run[0], 1):
            yield run
            run = []
        if not run or number != run[-1]:
            run.append(number)
    yield run


def _out_of_order(run: Sequence[int]) -> Iterator[str]:
    for before, after in pairwise(run):
        if after < before:
            yield f"epoch {after} stands behind epoch {before}"


def _missing(run: Sequence[int], present: set[int]) -> Iterator[str]:
    """Epochs that are not there, in a log of every epoch, or of every fifth one."""
    numbers = sorted(set(run))
    steps = [after - before for before, after in pairwise(numbers)]
    if len(numbers) < FEWEST:
        return
    step, count = Counter(steps).most_common(1)[0]
    if 3 * count < 2 * len(steps):
        return  # no rhythm: perhaps only what is better than before is printed
    places = range(len(steps)) if step == 1 else range(1, len(steps) - 1)  # the first and the last are often extra
    for place in places:
        absent = [one for one in range(numbers[place] + step, numbers[place + 1], step) if one not in present]
        if absent:
            yield f"epoch {absent[0]} is missing" + (f", and {len(absent) - 1} more" if absent[1:] else "")


def _standing_still(lines: Sequence[Line]) -> Iterator[str]:
    """Losses that are exactly the same in several epochs, one after the other."""
    epoch_at = {line.number: number for number, line in _epochs(lines)}
    series: dict[tuple[str, ...], dict[int, float]] = {}
    epoch = None
    for figure in figures(lines):
        epoch = epoch_at.get(figure.line.number, epoch)
        if figure.metric == LOSS and epoch is not None:
            values = series.setdefault((figure.split, *figure.words), {})
            if values and epoch < max(values):
                values.clear()  # another training
            values[epoch] = figure.value
    for values in series.values():
        numbers = sorted(values)
        for place in range(len(numbers) - STANDS_STILL + 1):
            same = numbers[place : place + STANDS_STILL]
            if len({values[number] for number in same}) == 1 and _digits(values[same[0]]) >= DIGITS:
                yield f"the loss is exactly {values[same[0]]:g} in epochs {', '.join(map(str, same))}"
                break


def _digits(value: float) -> int:
    """The significant digits of a number as it was printed, without zeros at its end."""
    return len(f"{value:.12g}".replace(".", "").strip("0"))
