"""Figures in lines of output: every number that a label names.

Lines are a stranger's text. They are cut short before, and no pattern here looks at a character more than a few times.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from autograder.notebook.claims.words import ACCURACY, EPOCH, LOSS, PERPLEXITY, RATE, SPLITS, listed, words
from autograder.notebook.outputs import Line

# A number that is no part of a word (0m, Acc@5, top-5, 18.9it/s), with commas between thousands.
NUMBER = re.compile(
    r"(?<![\w.@])(?<![A-Za-z]-)(?P<value>(?>[-+]?\d{1,15}(?:,\d{3})*(?:\.\d{0,20})?(?:[eE][-+]?\d{1,3})?))"
    r"(?![A-Za-z0-9_가-힣])(?P<percent>[ \t]{0,3}%)?|(?<![\w.@])(?P<korean>\d{1,15}(?:\.\d{1,20})?)(?=[가-힣])"
)
TOP_FIVE = re.compile(r"top[ _-]?[2-9]|acc@[2-9]", re.IGNORECASE)
MAX_FIGURES = 40  # of one line
CORRECT = "correct"
SEVERAL = "several"
METRICS = frozenset({ACCURACY, PERPLEXITY, LOSS, RATE, EPOCH, CORRECT, "time", "bleu", "patience"})
# Words between a number and the next one that leave the label as it is.
FILLING = SPLITS | listed(
    "a an the of on for over in at is was are be and best final last max min highest lowest images image samples set"
    " data dataset examples model network tensor device cuda cpu dtype out correct total array item np float"
)
# What stands before a number that is asked for, not reached.
ASKED_FOR = listed(
    "over above under below than least most exceed exceeds exceeded target goal threshold required requirement expected"
    " should must chance baseline criterion need needs passing"
)
UNITS = listed(
    "epoch image images sample samples example examples sentence sentences word words token tokens batch batches step"
    " steps iteration iterations iter iters run runs class classes layer layers head heads time pair pairs text texts"
)
_FRACTION_BEFORE, _FRACTION_AFTER = re.compile(r"\d[ ]?/[ ]?$"), re.compile(r"[ ]?/[ ]?\d+(?![.\d])")
_COMPARED = re.compile(r"(?:[<>≥≤]=?|[<>]=)[ \t]*$")
_BREAK = re.compile(r"[,;|:(\[{]")
HEADER_REACHES = 4  # lines below one that names a data set and holds no number


@dataclass(frozen=True)
class LabelledNumber:
    """A number in a line with its label: the words before it (or right after), and the metric among them.

    `split` is the data that it is said to be of: "train", "valid", "test", SEVERAL of them, or "". `decimals` are those
    behind the point.
    """

    metric: str
    words: tuple[str, ...]
    value: float
    percent: bool
    split: str
    line: Line
    decimals: int = 0


def figures(lines: Sequence[Line]) -> list[LabelledNumber]:
    """Every number of the lines that a metric's name is the label of."""
    found: list[LabelledNumber] = []
    header, reaches = "", 0
    for line in lines:
        if not any(map(str.isdigit, line.text)):
            named = SPLITS.intersection(words(line.text))
            if len(named) == 1:
                header, reaches = next(iter(named)), line.number + HEADER_REACHES
            continue
        for figure in _Labels(line).figures():
            within = not figure.split and line.number <= reaches
            found.append(replace(figure, split=header) if within else figure)
    return found


class _Labels:
    """Goes through the numbers of a line. `label` are the words that hold for a number without words of its own."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.label: tuple[str, ...] = ()
        self.outer: tuple[str, ...] = ()  # what held before a bracket was opened
        self.split = ""

    def figures(self) -> Iterator[LabelledNumber]:
        """The numbers with a metric's name."""
        text, used, counted = self.line.text, 0, False
        numbers = list(NUMBER.finditer(text))[:MAX_FIGURES]
        for place, number in enumerate(numbers):
            end = numbers[place + 1].start() if place + 1 < len(numbers) else len(text)
            before, behind = text[used : number.start()], _BREAK.split(text[number.end() : end], maxsplit=1)[0]
            own = self._own(before)
            if counted:  # the "epochs" in "after 5 epochs: 8.43" belong to the 5
                own = tuple(word for word in own if word not in UNITS)
            used, counted = number.end(), _counts(text, number, behind)
            if not counted and METRICS.isdisjoint(own) and METRICS.intersection(words(behind)) - {EPOCH}:
                own, used = (*own, *words(behind)), number.end() + len(behind)
                self.split = _split(own) or self.split
            label = self._next(own)
            metric = next((word for word in reversed(label) if word in METRICS), "")
            if metric and not counted and not _asked_for(own, before):
                yield self._found(number, (*label, *(["top5"] if TOP_FIVE.search(before) else [])), metric, behind)

    def _own(self, before: str) -> tuple[str, ...]:
        """The words that belong to the next number alone; takes notice of brackets around remarks."""
        opened, closed = before.rfind("("), before.rfind(")")
        if before.count(")") > before.count("("):
            self.label, before = self.outer or self.label, before[closed + 1 :]
        elif opened > closed:
            outside = tuple(words(before[:opened]))
            self.outer = self._next(outside) if outside else self.label
            self.split = _split(outside) or self.split
            before = before[opened + 1 :]
        own = tuple(words(before))
        self.split = _split(own) or self.split
        return own

    def _next(self, own: tuple[str, ...]) -> tuple[str, ...]:
        """The label of a number with these words; keeps what holds for the next one."""
        metric = next((word for word in reversed(own) if word in METRICS), "")
        if metric == EPOCH:  # "Test perplexity in epoch 5: 8.43"
            rest = tuple(word for word in own if word != EPOCH)
            self.label = rest if METRICS.intersection(rest) else self.label
            return own
        self.label = (*self.label, *own) if FILLING.issuperset(own) and not metric else own
        return self.label

    def _found(self, number: re.Match[str], label: tuple[str, ...], metric: str, behind: str) -> LabelledNumber:
        text = number["value"] or number["korean"]
        if metric == CORRECT and (number["percent"] or "." in text):  # "Got 6610 / 10000 correct (66.10)"
            metric = ACCURACY
        split = self.split or _split(words(behind)[:3])
        mantissa, _, power = text.replace(",", "").lower().partition("e")
        decimals = max(0, len(mantissa.partition(".")[2]) - int(power or 0))
        value = float(text.replace(",", ""))
        return LabelledNumber(metric, label, value, bool(number["percent"]), split, self.line, decimals)


def _split(label: Sequence[str]) -> str:
    """The data that a label names, nearest before the metric's name or else behind it; two side by side are SEVERAL."""
    relevant = [word for word in label if word != "and"]
    metric = max((place for place, word in enumerate(relevant) if word in METRICS), default=len(relevant))
    named = {place: word for place, word in enumerate(relevant) if word in SPLITS}
    if not named:
        return ""
    place = max((one for one in named if one < metric), default=min(named))
    beside = {named[one] for one in (place - 1, place, place + 1) if one in named}
    return named[place] if len(beside) == 1 else SEVERAL


def _asked_for(own: Sequence[str], before: str) -> bool:
    return not ASKED_FOR.isdisjoint(own) or _COMPARED.search(before[-8:]) is not None


def _counts(text: str, number: re.Match[str], behind: str) -> bool:
    """Whether the number counts something, or is a part of a fraction, a time, a spread or a progress bar."""
    before, after = text[: number.start()], text[number.end() :]
    whole = "." not in number[0]
    if whole and (_FRACTION_BEFORE.search(before[-6:]) or _FRACTION_AFTER.match(after)):
        return True
    if (before[-1:] == ":" and before[-2:-1].isdigit()) or (after[:1] == ":" and after[1:2].isdigit()):
        return True
    if before.rstrip()[-1:] == "±" or before.rstrip()[-3:] in ("+/-", "+-") or (number["percent"] and after[:1] == "|"):
        return True
    unit = next((word for word in words(behind) if word not in SPLITS), "")
    return whole and unit in UNITS
