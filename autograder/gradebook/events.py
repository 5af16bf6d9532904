"""Events of a gradebook: what people decided, who and when, and what it was before."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from autograder.course.manifest import points_text
from autograder.notebook.text import one_line

Value = Any  # of JSON; None where there is nothing


class Action(StrEnum):
    """What people do to a gradebook, in the words of `autograder history`."""

    MARK = "mark"
    EXTENSION = "extension"
    ADJUSTMENT = "adjustment"
    OWNER = "owner"
    CHOICE = "choice"
    EXCUSE = "excuse"
    REGRADE = "regrade"
    APPEAL = "appeal"
    ALIKE = "marks alike"
    EXPORT = "export"


@dataclass(frozen=True)
class Event:
    """One line of the history. `thing` is what it is about, by the keys of its tables; `about` names it to people.

    `before` and `after` are values of JSON. `undoes` is the event that it undoes, 0 for none.
    """

    id: int
    time: str
    who: str
    action: Action
    thing: tuple[str, ...]
    about: str
    before: Value
    after: Value
    reason: str
    undoes: int

    @property
    def came_of_it(self) -> tuple[int, ...]:
        """The events made together with this one, and undone with it: of an appeal's answer, or of marks alike."""
        if self.action is Action.ALIKE:
            return tuple(self.after or ())
        answer = (self.after or {}).get("answer") if self.action is Action.APPEAL and not self.undoes else None
        return tuple(answer["events"]) if answer else ()

    @property
    def changes(self) -> set[tuple[str, ...]]:
        """What it gave another value: a thing, or of a regrading its rows."""
        if self.action is not Action.REGRADE:
            return {(self.action.value, *self.thing)}
        return {(table, row[0], row[1]) for table, rows in self.before.items() for row in rows}

    @property
    def is_of_question(self) -> bool:
        """Whether it is about a question of an attempt."""
        return self.action in _OF_QUESTIONS

    @property
    def person(self) -> str:
        """The number of the student whose it is, as text; "" for what is not about a person as a whole."""
        return self.thing[-1] if self.action in _OF_PERSONS else ""

    @property
    def in_words(self) -> str:
        """What was done, in one line."""
        where = f" of {self.thing[1]}" if self.action in _OF_QUESTIONS and self.thing else ""
        change = f": {_words(self.action, self.before)} → {_words(self.action, self.after)}"
        undone = f" (undoes event {self.undoes})" if self.undoes else ""
        why = f" ({one_line(self.reason, 200)})" if self.reason else ""
        return f"{self.action}{where} for {self.about}{change}{why}{undone}"


_OF_QUESTIONS = {Action.MARK, Action.REGRADE, Action.APPEAL, Action.ALIKE}  # their things are an attempt and a question
_OF_PERSONS = {Action.EXTENSION, Action.ADJUSTMENT, Action.CHOICE, Action.EXCUSE}  # their things end in a person


def _words(action: Action, value: Value) -> str:
    """A value as people read it."""
    if value is None or (action is Action.OWNER and value[0] is None):
        return "nothing"
    if action is Action.REGRADE:
        rows = [*value["verdicts"], *value["ranks"]]
        return points_text(rows[0][2][0]) if len(rows) == 1 and rows[0][2] else f"{len(rows)} records"
    if action is Action.ALIKE:
        return f"{len(value)} marks"
    if action is Action.APPEAL:
        answer = value["answer"]
        said = ("accepted" if answer["accepted"] else "declined") if answer else "open"
        return one_line(f"{said}: {(answer or value)['text']}", 100)
    return one_line(str(value[0] if isinstance(value, list) else value), 100)
