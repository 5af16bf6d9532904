"""The table of a student's own check: a line for every question, the total, then what is to be said of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.course.manifest import points_text
from autograder.messages import ENGLISH, Language, join, say
from autograder.protocol.faults import Fault

if TYPE_CHECKING:  # which imports torch, while the sandbox does
    from autograder.marking.verdict import Verdict

PASTE = say("To see it yourself, paste this into a cell below your code")


@dataclass(frozen=True)
class Result:
    """What is said of one question: its verdict, if it was asked, and a note."""

    question: str
    verdict: "Verdict | None" = None
    note: str = ""

    @property
    def points(self) -> str:
        """ "12 of 20", a question mark where nobody has measured it, "" without a verdict."""
        if self.verdict is None:
            return ""
        return say("{points} of {total}", points=self.verdict.points_shown, total=points_text(self.verdict.max_points))

    def word(self, language: Language) -> str:
        """How it stands, in a word or two."""
        if self.verdict is None:
            return language.word(say("not measured here"))
        if self.verdict.diagnosis == Fault.NOT_WRITTEN:
            return language.word(say("not written yet"))
        if self.verdict.diagnosis:
            return language.diagnosis(self.verdict.diagnosis)
        return language.word(say("all right") if self.verdict.state == "PASS" else say("partly right"))

    @property
    def message(self) -> str:
        """The lines below the first."""
        return join(filter(None, [self.verdict.message if self.verdict else "", self.note]))


def total(results: Iterable[Result]) -> str:
    """What the questions earn together, on the public cases."""
    asked = [one.verdict for one in results if one.verdict]
    earned = points_text(sum(one.points for one in asked))
    most = points_text(sum(one.max_points for one in asked))
    if rest := ", ".join(one.question for one in results if one.verdict is None):
        return say("total {earned} of {most}, without {rest}, on the public cases", earned=earned, most=most, rest=rest)
    return say("total {earned} of {most}, on the public cases", earned=earned, most=most)


def text(results: Sequence[Result], language: Language = ENGLISH) -> str:
    """Results as a terminal shows them."""
    points = [language.word(one.points) for one in results]
    width, points_width = max(len(one.question) for one in results), max(map(len, points))
    lines = [
        f"{one.question:<{width}}  {earned:<{points_width}}  {one.word(language)}".rstrip()
        for one, earned in zip(results, points, strict=True)
    ]
    messages = [f"\n{one.question}: {_told(one, language)}" for one in results if one.message]
    sums = [language.word(total(results))] if len(results) > 1 else []
    return "\n".join([*lines, *sums, *messages])


def _told(one: Result, language: Language) -> str:
    """The message, and below it the lines that repeat it with a public case."""
    case = one.verdict.evidence.case if one.verdict else ()
    lines = [f"{language.word(PASTE)}:", *(f"    {line}" for line in case)] if case else []
    return "\n".join([language.render(one.message), *lines])
