"""What one attempt holds that can be compared, as a reading process tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from autograder.notebook.prose import names_in

Place = tuple[int, int]  # a code cell and a line in it, each from 1


@dataclass(frozen=True)
class Stream:
    """Tokens in a row, and the place of each."""

    tokens: Sequence[str]
    places: Sequence[Place]


@dataclass(frozen=True)
class NotebookWork:
    """One notebook: the texts of its code cells, its tokens, which of these answer what, and what it shows.

    `answers` maps the title of an answer to the numbers of its tokens, `prose` are its markdown and comments, `shown`
    the lines and pictures among its outputs that hardly occur twice, each with its cell.
    """

    cells: Sequence[str]
    code: Stream
    answers: Mapping[str, Sequence[int]]
    prose: str
    shown: Stream

    @classmethod
    def from_wire(cls, told: Mapping[str, Any]) -> "NotebookWork":
        """What `reading.answer_work` tells of a notebook."""
        code, shown = (_stream(told[name]) for name in ("code", "shown"))
        answers = {str(title): list(map(int, places)) for title, places in told["answers"].items()}
        return cls(list(map(str, told["cells"])), code, answers, str(told["prose"]), shown)

    def answer(self, title: str) -> Stream:
        """The code of one answer; empty where there is none."""
        chosen = self.answers.get(title, ())
        return Stream([self.code.tokens[one] for one in chosen], [self.code.places[one] for one in chosen])


def _stream(told: Mapping[str, Any]) -> Stream:
    tokens = str(told["tokens"]).split("\n") if told["tokens"] else []
    return Stream(tokens, list(zip(told["cells"], told["lines"], strict=True)))


@dataclass(frozen=True)
class Work:
    """One attempt: whose it is, when it was handed in, and what is in it.

    `owners` are student IDs, or what stands for somebody unknown. `earlier` names the folder of an earlier year, "" for
    this class. `problems` say what of it could not be read, `weights` are samples of its saved models.
    """

    work_id: str
    owners: frozenset[str]
    names: tuple[str, ...] = ()
    handed_in: datetime | None = None
    earlier: str = ""
    notebooks: Mapping[str, NotebookWork] = field(default_factory=dict)
    report: str = ""
    problems: tuple[str, ...] = ()
    weights: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def who(self) -> str:
        """Whose it is, for tables."""
        owners = ", ".join(sorted(self.owners))
        return f"{owners} ({self.earlier})" if self.earlier else owners

    @property
    def prose(self) -> str:
        """All that is written in words."""
        return "\n".join([*(notebook.prose for notebook in self.notebooks.values()), self.report])

    def names_author_of(self, other: "Work") -> bool:
        """Whether it names who wrote another, by ID or name."""
        return bool(names_in(self.prose, (*other.owners, *other.names)))
