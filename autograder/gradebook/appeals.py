"""Appeals: a student asks why a question has its points, a person answers. The history holds them, as it is told."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Self

from autograder.gradebook.events import Action
from autograder.gradebook.file import GradebookFile
from autograder.notebook.text import one_line


@dataclass(frozen=True)
class Answer:
    """What a person said to an appeal, in the words that the student reads.

    `before` and `after` are the question's points as the reports show them, `events` what came of it: a mark by hand
    or a regrading. `time` is in the course's time zone.
    """

    who: str
    time: str
    text: str
    accepted: bool
    before: str
    after: str
    events: tuple[int, ...] = ()


@dataclass(frozen=True)
class Appeal:
    """An appeal about a question of an attempt; `number` tells it from others about the same.

    `time` is when the student asked, as text: in the course's time zone, or as a form told it. `answer` is None while
    it is open.
    """

    submission_id: str
    question: str
    number: int
    student_id: str
    time: str
    text: str
    answer: Answer | None = None

    @property
    def thing(self) -> tuple[str, str, int]:
        """What the history knows it by."""
        return self.submission_id, self.question, self.number

    @property
    def in_words(self) -> str:
        """What it is about, and what was said to it, in one line."""
        whose = f"{self.student_id} {self.question} ({self.submission_id})"
        if not self.answer:
            return f"{whose}: appeal of {self.time}, open: {one_line(self.text, 300)}"
        said, points = self.answer, f"{self.answer.before} → {self.answer.after}"
        how = f"{'accepted' if said.accepted else 'declined'} by {said.who} on {said.time}, points {points}"
        return f"{whose}: appeal of {self.time}: {one_line(self.text, 200)}; {how}: {one_line(said.text, 200)}"

    def to_wire(self) -> dict[str, Any]:
        """The value of its event, as JSON."""
        answer = asdict(self.answer) if self.answer else None
        return {"student_id": self.student_id, "time": self.time, "text": self.text, "answer": answer}

    @classmethod
    def from_wire(cls, thing: list[str], value: dict[str, Any]) -> Self:
        """The appeal of an event, by its thing and value."""
        answer = value["answer"]
        return cls(
            thing[0],
            thing[1],
            int(thing[2]),
            value["student_id"],
            value["time"],
            value["text"],
            Answer(**answer | {"events": tuple(answer["events"])}) if answer else None,
        )


def appeals(gradebook: GradebookFile, submission_id: str = "") -> list[Appeal]:
    """All appeals as they are now, or those about one attempt, from the first to the last. Raises GradebookError."""
    query = "SELECT thing, after FROM events WHERE action = ? AND ? IN ('', json_extract(thing, '$[0]')) ORDER BY id"
    last = dict(map(tuple, gradebook.select(query, Action.APPEAL.value, submission_id)))
    wires = [(json.loads(thing), json.loads(value)) for thing, value in last.items()]
    return [Appeal.from_wire(thing, value) for thing, value in wires if value]
