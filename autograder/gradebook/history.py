"""The history of a gradebook: every change that people make is an event, and can be undone."""

import getpass
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from autograder.gradebook.events import Action, Event, Value
from autograder.gradebook.file import GradebookError, GradebookFile
from autograder.gradebook.regrading import restore
from autograder.gradebook.things import THINGS
from autograder.messages import say
from autograder.notebook.text import one_line, plain


def login_name() -> str:
    """Who is at work, as the system knows them."""
    with suppress(KeyError, OSError):
        return getpass.getuser()
    return "unknown"


class History:
    """Changes a gradebook so that every change is an event, and can be undone. Methods raise GradebookError."""

    def __init__(self, gradebook: GradebookFile, who: str = "") -> None:
        self._gradebook = gradebook
        self.who = one_line(who or login_name(), 100)

    def change(
        self, action: Action, thing: Sequence[object], value: Value, about: str, reason: str = "", undoes: int = 0
    ) -> Event:
        """Gives a thing another value, None for none; the event."""
        keys = tuple(map(str, thing))
        with self._gradebook.transaction() as connection:
            _keep_others_out(connection)
            before = THINGS[action].value_of(connection, keys)
            THINGS[action].put(connection, keys, value)
            return self._append(connection, action, keys, before, value, about, reason, undoes)

    def note(
        self, action: Action, thing: Sequence[object], before: Value, after: Value, about: str, reason: str = ""
    ) -> Event:
        """An event for what was changed already, such as an export."""
        with self._gradebook.transaction() as connection:
            return self._append(connection, action, tuple(map(str, thing)), before, after, about, reason)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Makes one change of a whole block: all of it or nothing, and nobody else writes meanwhile."""
        with self._gradebook.trial(keep=True):
            with self._gradebook.transaction() as connection:
                _keep_others_out(connection)
            yield

    def _append(
        self,
        connection: sqlite3.Connection,
        action: Action,
        keys: Sequence[str],
        before: Value,
        after: Value,
        about: str,
        reason: str = "",
        undoes: int = 0,
    ) -> Event:
        row: dict[str, object] = {
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "who": self.who,
            "action": action.value,
            "thing": json.dumps(keys, ensure_ascii=False),
            "about": one_line(about, 200),
            "before": json.dumps(before, ensure_ascii=False),
            "after": json.dumps(after, ensure_ascii=False),
            "reason": plain(reason),
            "undoes": undoes,
        }
        columns, values = ", ".join(row), ", ".join(f":{column}" for column in row)
        number = connection.execute(f"INSERT INTO events ({columns}) VALUES ({values})", row).lastrowid
        return _to_event(connection.execute("SELECT * FROM events WHERE id = ?", (number,)).fetchone())

    def events(self) -> list[Event]:
        """The whole history, from the first event to the last."""
        return [_to_event(row) for row in self._gradebook.select("SELECT * FROM events ORDER BY id")]

    def events_about(self, question: str) -> list[Event]:
        """The events about a question of whatever attempt, from the first to the last."""
        query = "SELECT * FROM events WHERE json_extract(thing, '$[1]') = ? ORDER BY id"
        return [event for row in self._gradebook.select(query, question) if (event := _to_event(row)).is_of_question]

    def events_since(self, number: int) -> list[Event]:
        """The events that came after one, from the first to the last."""
        return [
            _to_event(row) for row in self._gradebook.select("SELECT * FROM events WHERE id > ? ORDER BY id", number)
        ]

    def next_number(self) -> int:
        """The number that the next event gets."""
        return int(self._gradebook.select("SELECT coalesce(max(id), 0) + 1 FROM events")[0][0])

    def undo(self, number: int) -> Event:
        """Gives the thing of an event the value that it had before, and undoes what came of it; all of it or nothing.

        Raises GradebookError for an event that cannot be undone: there is none, it is an export or was undone, it came
        of another, or later ones are about the same thing.
        """
        with self.together():
            return self._undo(number, {event.id: event for event in self.events()})

    def _undo(self, number: int, events: dict[int, Event]) -> Event:
        """Undoes one of all events, to which what that makes is added."""
        event = _undoable(number, events)
        if event.action is not Action.REGRADE:
            undoing = self.change(event.action, event.thing, event.before, event.about, event.reason, number)
        else:
            with self._gradebook.transaction() as connection:
                restore(connection, event.before)
                values = (event.after, event.before, event.about, event.reason, number)
                undoing = self._append(connection, event.action, event.thing, *values)
        events[undoing.id] = undoing
        for part in reversed(event.came_of_it):
            self._undo(part, events)
        return undoing


def _undoable(number: int, events: Mapping[int, Event]) -> Event:
    """The event of this number, if it can be undone. Raises GradebookError."""
    event, undone = events.get(number), {one.undoes for one in events.values()}
    if event is None:
        raise GradebookError(say("there is no event {number}; `autograder history` lists them", number=number))
    if event.action is Action.EXPORT or event.undoes:
        what = say("an export") if event.action is Action.EXPORT else say("itself an undoing")
        raise GradebookError(say("event {number} is {what}, which is not undone", number=number, what=what))
    if number in undone:
        raise GradebookError(say("event {number} was undone already", number=number))
    live = [one for one in events.values() if one.id > number and not one.undoes and one.id not in undone]
    if whole := [one.id for one in live if number in one.came_of_it]:
        told = "event {number} came of event {whole}; undo that one, which undoes both"
        raise GradebookError(say(told, number=number, whole=whole[0]))
    if later := [str(one.id) for one in live if one.changes & event.changes]:
        told = "event {number}: later ones changed the same; undo them first: {later}"
        raise GradebookError(say(told, number=number, later=", ".join(later)))
    return event


def _keep_others_out(connection: sqlite3.Connection) -> None:
    """Begins to write, so that nobody else does until the end of the transaction."""
    connection.execute("UPDATE meta SET value = value WHERE key = 'assignment'")


def _to_event(row: sqlite3.Row) -> Event:
    values = {name: json.loads(row[name]) for name in ("before", "after")}
    thing, action = tuple(json.loads(row["thing"])), Action(row["action"])
    return Event(**dict(row) | values | {"thing": thing, "action": action})
