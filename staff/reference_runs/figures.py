"""The accuracy questions, and what a reference run reached in them: read from what its notebook printed."""

import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from reference_runs.executed import printed_lines, read_executed

RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "above": operator.gt,
    "at least": operator.ge,
    "below": operator.lt,
}
# "Test accuracy: 88.78 %", "gru: test accuracy 88.50 %", "vit: 552,714 parameters, test accuracy 71.00 %"
_FIGURE = re.compile(
    r"(?:(?P<name>[\w-]+): )?(?:(?P<parameters>[\d,]+) parameters, )?"
    r"[Tt]est (?:accuracy|perplexity):? (?P<figure>\d+\.\d+)(?: %)?"
)
# "epoch 3: loss ...", "swin, epoch 3 of 24: loss ..., 95 s"
_EPOCH = re.compile(r"(?:(?P<name>[\w-]+), )?epoch \d+(?: of \d+)?: .*?(?:, (?P<seconds>\d+) s)?")
_DATA = re.compile(r"[\d,]+ (?:\w+ to train with|sentence pairs), .*")


@dataclass(frozen=True)
class Question:
    """An accuracy question: its measure on the test set, its threshold, and the quantities of its log that are drawn.

    The TensorBoard log lies in `runs/<topic>` and names the measure as the question does.

    `training_seconds` makes the seconds of a model's training of those that its epochs' lines tell: `sum` where they
    are those of the epoch, `max` where they are those since the model's first.
    """

    label: str
    title: str
    assignment: str
    notebook: str
    topic: str
    measure: str
    relation: str
    threshold: float
    quantities: tuple[str, ...]
    training_seconds: Callable[[Iterable[int]], int] = sum

    @property
    def unit(self) -> str:
        """What stands behind a figure: accuracies are percentages."""
        return " %" if self.measure == "accuracy" else ""

    @property
    def asked_for(self) -> str:
        """The threshold in words: 'test accuracy above 70 %'."""
        return f"test {self.measure} {self.relation} {self.threshold:g}{self.unit}"

    def text(self, figure: float) -> str:
        """A figure with its unit, and whether it misses the threshold."""
        missed = "" if RELATIONS[self.relation](figure, self.threshold) else ", **missed**"
        return f"{figure:.2f}{self.unit}{missed}"


QUESTIONS = (
    Question(
        "1f", "News classified by an RNN written by hand (AG_NEWS)", "hw4", "hw4_rnn.ipynb", "rnn",
        "accuracy", "above", 70, ("loss", "accuracy", "learning rate"),
    ),
    Question(
        "2c", "French translated with attention (eng-fra)", "hw4", "hw4_seq2seq.ipynb", "seq2seq",
        "perplexity", "below", 7, ("perplexity", "learning rate"),
    ),
    Question(
        "3e", "Pictures classified by a ViT written by hand (CIFAR-10)", "hw4", "hw4_vit.ipynb", "vit",
        "accuracy", "at least", 65, ("loss", "accuracy", "learning rate"),
    ),
    Question(
        "2-1-2", "The sentiment of film reviews (IMDB)", "assignment2", "Assignment2-1_RNN.ipynb", "imdb",
        "accuracy", "at least", 88, ("loss", "accuracy"), training_seconds=max,
    ),
    Question(
        "2-2-2", "Pictures classified by ViT and Swin (CIFAR-10)", "assignment2", "Assignment2-2_Transformers.ipynb",
        "cifar10", "accuracy", "at least", 73, ("loss", "accuracy"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Model:
    """One trained model: its name ("" where a notebook has only one), its figure on the test set, and its training.

    `minutes` is None and `parameters` "" where the notebook does not tell.
    """

    name: str
    figure: float
    epochs: int
    minutes: float | None
    parameters: str


@dataclass(frozen=True)
class Reached:
    """What one notebook printed: its models in the order of their figures' lines, and how much data it had."""

    models: tuple[Model, ...]
    data: str

    @property
    def best(self) -> Model:
        """The model that counts; where there are several, figures are accuracies."""
        return max(self.models, key=lambda model: model.figure)


def read_reached(question: Question, notebook: Path) -> Reached | None:
    """What a question's notebook reached; None if it is not there, did not run to its end, or does not tell."""
    executed = read_executed(notebook)
    if executed is None:
        return None
    lines = printed_lines(executed)
    seconds: dict[str, list[int | None]] = defaultdict(list)
    for match in filter(None, map(_EPOCH.fullmatch, lines)):
        seconds[match["name"] or ""].append(int(match["seconds"]) if match["seconds"] else None)
    models = {}
    for match in filter(None, map(_FIGURE.fullmatch, lines)):
        name = match["name"] or ""
        told = [one for one in seconds[name] if one is not None]
        minutes = question.training_seconds(told) / 60 if told else None
        models[name] = Model(name, float(match["figure"]), len(seconds[name]), minutes, match["parameters"] or "")
    data = next(filter(_DATA.fullmatch, lines), "")
    return Reached(tuple(models.values()), data) if models else None
