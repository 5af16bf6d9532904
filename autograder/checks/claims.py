"""Claims: how a check takes a figure from what a notebook's saved outputs show.

Points follow the printed figure; what looks wrong about it becomes a flag, for a teaching assistant to judge.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograder.checks.expect import Mismatch
from autograder.notebook.claims.model import CellSummary, Figure, SavedOutputs
from autograder.notebook.claims.words import ACCURACY, PERPLEXITY, TEST, TRAIN, VALID

_DATA = {TRAIN: "training data", VALID: "validation data"}


@dataclass
class Claims:
    """The fixture `claims`: what a check asks of saved outputs.

    `figure` and `flags` go into the verdict.
    """

    saved: SavedOutputs
    figure: str = ""
    flags: list[str] = field(default_factory=list)

    def best(self, metric: str, *, unnamed: bool = False, never: Iterable[str] = ()) -> Figure:
        """The best test figure of a metric in the outputs: the highest accuracy, the lowest perplexity from 1 on.

        With `unnamed`, one that names no data counts where none is named to be of the test data. Figures labelled with
        a word of `never` do not count. Raises Mismatch if there is none.
        """
        unwanted = {"top5", "class", "classes", *(word.lower() for word in never)}
        kind = [one for one in self.saved.figures if one.metric == metric and unwanted.isdisjoint(one.words)]
        found = [one for one in kind if self._possible(one)]
        of_test, others = ([one for one in found if one.of_test], [one for one in found if unnamed and one.unnamed])
        computed = [[one for one in several if one.origin != "typed"] for several in (of_test, others)]
        for several in (*computed, of_test, others):
            if several:
                best = (max if metric == ACCURACY else min)(several, key=lambda one: one.amount)
                self.figure = best.shown
                self._look_at(best)
                return best
        raise self._nothing(metric, kind)

    def reach(self, figure: Figure, enough: bool, expected: str, diagnosis: str) -> None:
        """The figure is good enough. Raises Mismatch."""
        showing = self.showing(figure)
        if not enough:
            raise Mismatch(
                f"the best test {figure.metric} in the saved outputs is {figure.shown}",
                f"expected {expected}",
                *([f"{showing.run} in code cell {showing.cell}"] if showing and showing.run else []),
                "look at: epochs, learning rate and its schedule, sizes; save the notebook after the run",
                diagnosis=diagnosis,
                where=figure.place,
            )

    def showing(self, figure: Figure) -> CellSummary | None:
        """The cell with the log that a figure belongs to: its own, or else the last one before it."""
        before = [one for one in self.saved.cells if one.cell <= figure.cell and (one.progress > 1 or one.asked)]
        return before[-1] if before else None

    @property
    def log(self) -> bool:
        """Whether the outputs show the course of a training."""
        return any(one.progress > 1 for one in self.saved.cells)

    def has_curve(self, *about: str) -> bool:
        """Whether a cell shows a picture and plots something that is named by one of these words."""
        return any(one.pictures and not one.plotted.isdisjoint(about) for one in self.saved.cells)

    def is_logged(self, split: Iterable[str], metric: str) -> bool:
        """Whether some scalar of this metric, of one of these kinds of data, goes to TensorBoard."""
        return any(metric in one.words and not one.words.isdisjoint(split) for one in self.saved.scalars)

    def _possible(self, figure: Figure) -> bool:
        return figure.amount <= 100 if figure.metric == ACCURACY else figure.value >= 1

    def _nothing(self, metric: str, kind: Sequence[Figure]) -> Mismatch:
        """Why no figure counts."""
        look_at = f"look at: print the {metric} of the test set, run the cell, and save the notebook with its outputs"
        broken = [one for one in kind if one.of_test and not self._possible(one)]
        if broken and metric == PERPLEXITY:
            self.figure = broken[-1].shown
            self._flag(f"a perplexity cannot be below 1: {broken[-1].place}")
            says = f"the saved outputs show a test perplexity of {broken[-1].value:g}; no perplexity is below 1"
            advice = "look at: the mean over the words, its sign, and what the model knows of the translation"
            return Mismatch(says, advice, diagnosis="perplexity below 1", where=broken[-1].place)
        other = f"other {metric}: {kind[-1].place}" if kind else ""
        says = f"the saved outputs show no test {metric}"
        return Mismatch(says, other, look_at, diagnosis="no figure")

    def _look_at(self, figure: Figure) -> None:
        """Flags what looks wrong about the figure that counts, and about the run behind it."""
        if not figure.printable:
            self._flag(f"the code of the cell cannot print this line: {figure.place}")
        if figure.origin == "typed":
            self._flag(f"the figure is no result but stands in the code: {figure.place}")
        if figure.split == TEST and figure.origin in _DATA:
            self._flag(f"called test, but {figure.expression} is computed from {_DATA[figure.origin]}: {figure.place}")
        for one in self.saved.figures:
            if one.metric == PERPLEXITY == figure.metric and one.of_test and not self._possible(one):
                self._flag(f"a perplexity cannot be below 1: {one.place}")
        showing = self.showing(figure)
        if showing and showing.run and not showing.stops_early:
            self._flag(f"the run stopped early: {showing.run} in code cell {showing.cell}")
        for cell in {figure.cell, showing.cell if showing else figure.cell}:
            error = next((one.error for one in self.saved.cells if one.cell == cell), "")
            if error:
                ended = "was interrupted" if error == "KeyboardInterrupt" else f"ended in {error}"
                self._flag(f"code cell {cell} {ended}")

    def _flag(self, reason: str) -> None:
        if reason not in self.flags:
            self.flags.append(reason)
