"""What the saved models of one submission reach on the test set, and the verdict that follows without the others'."""

from dataclasses import astuple, dataclass, replace

from autograder.course.model_question import ModelQuestion
from autograder.marking.verdict import MAX_LINES, Diagnosis, Verdict
from autograder.messages import join, lines_of, say
from autograder.models.ranks import reaches


@dataclass(frozen=True)
class Changed:
    """How many of some test examples a model gets right as they are, and how many once they are changed a little."""

    before: int
    after: int
    total: int


@dataclass(frozen=True)
class Model:
    """One saved model: how many test examples it gets right, or None and what is wrong with it.

    `changed` is None if its inputs were not changed. `flags` are what its check, or a comparison with the other models,
    has found for a teaching assistant to look at.
    """

    name: str
    right: int | None
    message: str = ""
    changed: Changed | None = None
    flags: tuple[str, ...] = ()

    def loss(self, rule: ModelQuestion) -> str:
        """A flag that tells how little of its right answers is left on changed inputs; "" if that is enough."""
        if self.changed is None:
            return ""
        before, after, total = astuple(self.changed)
        if 100 * after >= rule.keeps * before:
            return ""
        figures = f"{percent(before, total)} right, {percent(after, total)} once the inputs are changed a little"
        return f"{self.name}: {figures}; honest models keep {rule.keeps} % of their right answers"


@dataclass(frozen=True)
class ModelScores:
    """The measured models of one question.

    `answers` are the best model's, one bit for each of `total` test examples (1: right), as `numpy.packbits` gives
    them. `distinct` counts the models that differ from each other.
    """

    question: str
    models: tuple[Model, ...]
    total: int
    answers: bytes
    distinct: int

    @property
    def best(self) -> Model | None:
        """The model with the most right answers, None if none could be measured."""
        measured = [model for model in self.models if model.right is not None]
        return max(measured, key=lambda model: model.right or 0, default=None)

    @property
    def right(self) -> int:
        """Right answers of the best model, 0 without one."""
        return (self.best.right or 0) if self.best else 0

    @property
    def figure(self) -> str:
        """The best model's accuracy in words, "" without one."""
        if not self.best:
            return ""
        share = percent(self.right, self.total)
        return say("{share} ({right:,} of {total:,})", share=share, right=self.right, total=self.total)

    def flags(self, rule: ModelQuestion) -> tuple[str, ...]:
        """What a teaching assistant should look at."""
        found = [flag for model in self.models for flag in (*model.flags, model.loss(rule)) if flag]
        return tuple(dict.fromkeys(found))

    def part(self, rule: ModelQuestion) -> float:
        """The share of the points that the number of different models leaves."""
        return min(self.distinct, rule.distinct) / rule.distinct

    def lines(self, rule: ModelQuestion) -> list[str]:
        """What a student reads about it, without the rank."""
        lines: list[str] = []
        if self.best:
            best = "best model {name}: {figure}; {threshold} % earns all points"
            lines.append(say(best, name=self.best.name, figure=self.figure, threshold=rule.threshold))
        if self.best and self.distinct < rule.distinct:
            lines.append(
                say(
                    "different models: {count} of {total}, which leaves {count}/{total} of the points",
                    count=self.distinct,
                    total=rule.distinct,
                )
            )
        wrong = [line for model in self.models if model.right is None for line in lines_of(model.message)[:1]]
        room = MAX_LINES - len(lines) - 3  # the rank takes up to three
        return [
            *lines,
            *wrong[:room],
            *([say("and {count} more", count=len(wrong) - room)] if len(wrong) > room else []),
        ]

    def verdict(self, points: float, rule: ModelQuestion) -> Verdict:
        """The verdict, UNGRADED where the points depend on the class."""
        message = join(self.lines(rule))
        if self.best is None:
            files = say("expected: {files}, as the notebook's text says", files=f"{rule.folder}/{rule.models}")
            lines = [line for model in self.models for line in lines_of(model.message)][: MAX_LINES - 1]
            message = join([*(lines or [say("no saved model was found")]), files])
            verdict = Verdict.scored(self.question, 0, points, Diagnosis.NO_MODEL, message)
        elif reaches(self.right, self.total, rule.threshold):
            diagnosis = "" if self.distinct >= rule.distinct else Diagnosis.TOO_FEW_MODELS
            verdict = Verdict.scored(self.question, points * self.part(rule), points, diagnosis, message)
        else:
            verdict = Verdict.ungraded(self.question, points, Diagnosis.RANK_PENDING, message)
        return replace(verdict, figure=self.figure, flags=self.flags(rule))


def percent(right: int, total: int) -> str:
    """An accuracy in percent with two decimals, rounded down so that no figure looks like a threshold it missed."""
    hundredths = right * 10_000 // total
    return f"{hundredths // 100}.{hundredths % 100:02} %"
