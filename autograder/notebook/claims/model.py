"""What a notebook's saved outputs show, as the student's process read it before any student code ran.

It comes from a stranger's file: `from_wire` checks its form, its content decides nothing by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from autograder.messages import say
from autograder.notebook.claims.words import ACCURACY, TEST, TRAIN, VALID
from autograder.notebook.wire import Wire

MOST = 4000  # entries of one kind
_NAMES = {
    TEST: say("called test"),
    VALID: say("called validation"),
    TRAIN: say("called training"),
    "": say("its line names no data"),
}


@dataclass(frozen=True)
class Figure(Wire):
    """A number in the outputs of a code cell.

    `metric` and `words` are its label, `split` the data that the label names ("" for none). `models` are the classes
    of models that the cell's code is about, `has_code` says whether the cell has any. `decimals` are those printed.
    """

    metric: str
    words: tuple[str, ...]
    value: float
    percent: bool
    split: str
    cell: int
    line: int
    text: str
    models: frozenset[str] = frozenset()
    has_code: bool = True
    decimals: int = 0

    @property
    def amount(self) -> float:
        """The value; of an accuracy in percent, also where a fraction is printed."""
        fraction = self.metric == ACCURACY and not self.percent and self.value <= 1
        return 100 * self.value if fraction else self.value

    @property
    def amount_decimals(self) -> int:
        """The decimals of `amount`, as far as they were printed."""
        return max(0, self.decimals - 2) if self.amount != self.value else self.decimals

    @property
    def goodness(self) -> float:
        """What is higher the better the figure is."""
        return self.amount if self.metric == ACCURACY else -self.value

    @property
    def is_possible(self) -> bool:
        """Whether an accuracy or a perplexity can be so much."""
        return self.amount <= 100 if self.metric == ACCURACY else self.value >= 1

    @property
    def number(self) -> str:
        """The value in a few characters."""
        return f"{self.amount:.2f} %" if self.metric == ACCURACY else f"{self.value:.4g}"

    @property
    def shown(self) -> str:
        """The figure where nothing around it says what it is of: "66.12 %", "perplexity 3.86"."""
        return (
            self.number
            if self.metric == ACCURACY
            else say("{metric} {number}", metric=say(self.metric), number=self.number)
        )

    @property
    def name(self) -> str:
        """What its line or label calls the data, in words."""
        return _NAMES.get(self.split) or say("called by more than one name")

    @property
    def place(self) -> str:
        """Where it stands."""
        return say("code cell {cell}, output line {line}: {text}", cell=self.cell, line=self.line, text=self.text[:160])


@dataclass(frozen=True)
class CellSummary(Wire):
    """A code cell with saved outputs: pictures and what their code is about, the exception that ended it, its log.

    `progress` counts the lines of a log, `logged` the epochs, of `asked` (0 if unknown); `stops_early` if it says so.
    `oddities` are what is odd about the log, in words.
    """

    cell: int
    pictures: int
    plotted: frozenset[str]
    error: str
    progress: int
    logged: int
    asked: int
    stops_early: bool
    oddities: tuple[str, ...] = ()

    @property
    def end(self) -> str:
        """The last epoch of a log that ends early, "epoch 31 of 60"; "" for one that is complete, or does not say."""
        return f"epoch {self.logged} of {self.asked}" if 0 < self.logged < self.asked else ""


@dataclass(frozen=True)
class Scalar(Wire):
    """A scalar that the code logs to TensorBoard: the words of its tag and value."""

    cell: int
    words: frozenset[str]


@dataclass(frozen=True)
class SavedOutputs(Wire):
    """What was read from a notebook's saved outputs and code; `models` are the classes of models that it defines."""

    figures: Sequence[Figure] = ()
    cells: Sequence[CellSummary] = ()
    scalars: Sequence[Scalar] = ()
    models: frozenset[str] = frozenset()

    @classmethod
    def from_wire(cls, data: Any) -> Self:
        """What `to_wire` made. Raises TypeError, ValueError or KeyError for any other form."""
        if max(map(len, data.values())) > MOST:
            raise ValueError("too many claims")
        return super().from_wire(data)
