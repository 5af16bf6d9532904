"""Claims: how a check takes a figure from what a notebook's saved outputs show.

The figure that counts is the best one that its own line or label calls the test figure, of the model that the question
is about. One that is good enough under another name is left to a teaching assistant. What looks wrong becomes a flag.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograder.checks.mistakes import Mismatch, Ungraded, to_look_at
from autograder.messages import say
from autograder.notebook.claims.model import CellSummary, Figure, SavedOutputs
from autograder.notebook.claims.shares import is_share
from autograder.notebook.claims.words import ACCURACY, PERPLEXITY, TEST, TRAIN


@dataclass
class Claims:
    """The fixture `claims`: what a check asks of saved outputs.

    `doubt` says why the figure that was chosen may not be the one that was asked for. `figure` and `flags` go into the
    verdict.
    """

    saved: SavedOutputs
    doubt: str = ""
    figure: str = ""
    flags: list[str] = field(default_factory=list)

    def best(self, metric: str, *, of: Sequence[str], never: Iterable[str] = (), examples: int = 0) -> Figure:
        """The best test figure of a metric, the last one of equals: the highest accuracy, the lowest perplexity from 1.

        `of` are the classes of the model that the question is about; where the notebook defines none of them, any model
        is. Without such a figure, the best one under another name is returned, and `doubt` says why. Training figures
        have no part in that, nor those labelled with a word of `never`. An accuracy that is none on a test set of so
        many `examples` is flagged. Raises Mismatch if there is none.
        """
        unwanted = {"top5", "class", "classes", *(word.lower() for word in never)}
        kind = [one for one in self.saved.figures if one.metric == metric and unwanted.isdisjoint(one.words)]
        doubts = {one: self._doubt(one, of) for one in kind if one.is_possible and one.has_code and one.split != TRAIN}
        if not doubts:
            raise self._nothing(metric, kind)
        best = _best([one for one in doubts if not doubts[one]] or list(doubts))
        self.doubt, self.figure = doubts[best], best.shown
        self._look_at(best)
        if metric == ACCURACY and examples and not is_share(best, examples):
            self._flag(f"no number of {examples:,} test examples, or of full batches, gives this: {best.place}")
        others = [one for one in doubts if one.split == TEST and one.goodness > best.goodness]
        if others:
            self._flag(f"a better figure is {doubts[others[-1]]}: {others[-1].place}")
        return best

    def reach(self, figure: Figure, enough: bool, expected: str, diagnosis: str) -> None:
        """The figure is good enough, whatever it is called. Raises Mismatch."""
        if not enough:
            raise Mismatch(
                self._not_enough(figure),
                say("expected {what}", what=say(expected)),
                self._end_of_log(figure),
                to_look_at("epochs, learning rate and its schedule, sizes; save the notebook after the run"),
                diagnosis=diagnosis,
                where=figure.place,
            )

    def _not_enough(self, figure: Figure) -> str:
        what = {"metric": say(figure.metric), "number": figure.number}
        if self.doubt:
            says = "the saved outputs show no test {metric}; the best other is {number} ({doubt})"
            return say(says, **what, doubt=self.doubt)
        return say("the best test {metric} in the saved outputs is {number}", **what)

    def must_be_test(self, figure: Figure, worth: str) -> None:
        """The figure is sure to be the one asked for. Raises Ungraded, which says what the question is `worth` then."""
        if self.doubt:
            raise Ungraded(
                say(
                    "{figure} would be enough, but may not be the test {metric} ({doubt})",
                    figure=figure.shown,
                    metric=say(figure.metric),
                    doubt=self.doubt,
                ),
                self._end_of_log(figure),
                to_look_at(say("which data and which model code cell {cell} computes it from", cell=figure.cell)),
                say(
                    "a teaching assistant decides: if it is the test {metric}, it earns {worth}, else 0",
                    metric=say(figure.metric),
                    worth=say(worth),
                ),
                diagnosis="not called test" if figure.split != TEST else "another model's figure",
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

    def _doubt(self, figure: Figure, of: Sequence[str]) -> str:
        """Why a figure may not be the test figure of the model that the question is about; "" if it is."""
        if figure.split != TEST:
            return figure.name
        foreign = figure.models and figure.models.isdisjoint(of) and not self.saved.models.isdisjoint(of)
        models = ", ".join(sorted(figure.models)[:3])
        return say("of {models}, not of {model}", models=models, model=of[0]) if foreign else ""

    def _end_of_log(self, figure: Figure) -> str:
        """Where the log of a figure ends, if it does so early: "epoch 31 of 60"."""
        showing = self.showing(figure)
        if not showing or not showing.end:
            return ""
        return say("the log of code cell {cell} ends at {end}", cell=showing.cell, end=showing.end)

    def _nothing(self, metric: str, kind: Sequence[Figure]) -> Mismatch:
        """Why no figure counts."""
        of_test = [one for one in kind if one.split == TEST]
        for one in reversed(of_test):
            if not one.has_code:
                self.figure = one.shown
                void = "{figure} is void: code cell {cell} has no code that could print it"
                says = say(void, figure=one.shown, cell=one.cell)
                look_at = to_look_at("put the code back, run the cell, and save the notebook with its outputs")
                return Mismatch(says, look_at, diagnosis="void", where=one.place)
            if metric == PERPLEXITY:
                self.figure = one.shown
                self._flag(f"a perplexity cannot be below 1: {one.place}")
                below = "the saved outputs show a test perplexity of {value:g}; no perplexity is below 1"
                says = say(below, value=one.value)
                advice = to_look_at("the mean over the words, its sign, and what the model knows of the translation")
                return Mismatch(says, advice, diagnosis="perplexity below 1", where=one.place)
        others = [one for one in kind if one.is_possible and one.has_code]
        best = _best(others) if others else None
        return Mismatch(
            say("the saved outputs show no test {metric}", metric=say(metric)),
            say("the best other is {number} ({name}): {place}", number=best.number, name=best.name, place=best.place)
            if best
            else "",
            self._end_of_log(best) if best else "",
            to_look_at(
                say(
                    "print the {metric} of the test set, run the cell, and save the notebook with its outputs",
                    metric=say(metric),
                )
            ),
            diagnosis="no figure",
        )

    def _look_at(self, figure: Figure) -> None:
        """Flags what looks wrong about the outputs that a figure is taken from."""
        for one in self.saved.figures:
            if one.split == TEST and one.metric == PERPLEXITY == figure.metric and not one.is_possible:
                self._flag(f"a perplexity cannot be below 1: {one.place}")
            if one.split == TEST and one.metric == figure.metric and not one.has_code:
                self._flag(f"a figure in a cell without code: {one.place}")
        showing = self.showing(figure)
        if showing and showing.end and not showing.stops_early:
            self._flag(f"the run stopped early: {showing.end} in code cell {showing.cell}")
        for cell in {figure.cell, showing.cell if showing else figure.cell}:
            summary = next((one for one in self.saved.cells if one.cell == cell), None)
            for oddity in summary.oddities if summary else ():
                self._flag(f"code cell {cell}: {oddity}")
            if error := summary.error if summary else "":
                ended = "was interrupted" if error == "KeyboardInterrupt" else f"ended in {error}"
                self._flag(f"code cell {cell} {ended}")

    def _flag(self, reason: str) -> None:
        if reason not in self.flags:
            self.flags.append(reason)


def _best(figures: Sequence[Figure]) -> Figure:
    """The best figure, and the last one of equals."""
    return max(reversed(figures), key=lambda one: one.goodness)
