"""The history of a gradebook: what people decided, who and when, what it was before; and how it is undone."""

import getpass
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from autograder.course.manifest import points_text
from autograder.gradebook.file import GradebookError, GradebookFile
from autograder.gradebook.rows import put
from autograder.notebook.text import one_line, plain

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
            before = _THINGS[action].value_of(connection, keys)
            _THINGS[action].put(connection, keys, value)
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
                _restore(connection, event.before)
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
        raise GradebookError(f"there is no event {number}; `autograder history` lists them")
    if event.action is Action.EXPORT or event.undoes:
        what = "an export" if event.action is Action.EXPORT else "itself an undoing"
        raise GradebookError(f"event {number} is {what}, which is not undone")
    if number in undone:
        raise GradebookError(f"event {number} was undone already")
    live = [one for one in events.values() if one.id > number and not one.undoes and one.id not in undone]
    if whole := [one.id for one in live if number in one.came_of_it]:
        raise GradebookError(f"event {number} came of event {whole[0]}; undo that one, which undoes both")
    if later := [str(one.id) for one in live if one.changes & event.changes]:
        raise GradebookError(f"event {number}: later ones changed the same; undo them first: {', '.join(later)}")
    return event


def _keep_others_out(connection: sqlite3.Connection) -> None:
    """Begins to write, so that nobody else does until the end of the transaction."""
    connection.execute("UPDATE meta SET value = value WHERE key = 'assignment'")


def _to_event(row: sqlite3.Row) -> Event:
    values = {name: json.loads(row[name]) for name in ("before", "after")}
    thing, action = tuple(json.loads(row["thing"])), Action(row["action"])
    return Event(**dict(row) | values | {"thing": thing, "action": action})


@dataclass(frozen=True)
class _Thing:
    """How the value of a thing is read and written, given its keys."""

    value_of: Callable[[sqlite3.Connection, Sequence[str]], Value]
    put: Callable[[sqlite3.Connection, Sequence[str], Value], None]


def _row_of(table: str, keys: Sequence[str], columns: Sequence[str]) -> _Thing:
    """A thing that is a row of a table, with keys and other columns; its value is a list of the latter."""
    where = " AND ".join(f"{key} = ?" for key in keys)

    def value_of(connection: sqlite3.Connection, values: Sequence[str]) -> Value:
        row = connection.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE {where}", values).fetchone()
        return None if row is None else list(row)

    def put_row(connection: sqlite3.Connection, values: Sequence[str], value: Value) -> None:
        connection.execute(f"DELETE FROM {table} WHERE {where}", values)
        if value is not None:
            put(connection, table, **dict(zip((*keys, *columns), (*values, *value), strict=True)))

    return _Thing(value_of, put_row)


def _owner(connection: sqlite3.Connection, keys: Sequence[str]) -> Value:
    """The student ID that was given to an identity, and who its attempts belong to, with what is open about them."""
    answer = connection.execute("SELECT student_id FROM answers WHERE identity = ?", keys).fetchone()
    attempts = {}
    for row in connection.execute("SELECT submission_id, open_questions FROM attempts WHERE identity = ?", keys):
        query = "SELECT person FROM attempts_of_students WHERE submission_id = ? ORDER BY person"
        people = [one[0] for one in connection.execute(query, (row[0],))]
        attempts[row[0]] = [people, row[1]]
    return [answer[0] if answer else None, attempts]


def _give(connection: sqlite3.Connection, keys: Sequence[str], value: Value) -> None:
    student_id, attempts = value
    connection.execute("DELETE FROM answers WHERE identity = ?", keys)
    if student_id is not None:
        put(connection, "answers", identity=keys[0], student_id=student_id)
    for submission_id, (people, questions) in attempts.items():
        connection.execute("DELETE FROM attempts_of_students WHERE submission_id = ?", (submission_id,))
        for person in people:
            put(connection, "attempts_of_students", person=person, submission_id=submission_id)
        query = "UPDATE attempts SET open_questions = ? WHERE submission_id = ?"
        connection.execute(query, (questions, submission_id))


def _excused(connection: sqlite3.Connection, keys: Sequence[str]) -> Value:
    return connection.execute("SELECT excused FROM students WHERE person = ?", keys).fetchone()[0] or None


def _excuse(connection: sqlite3.Connection, keys: Sequence[str], value: Value) -> None:
    connection.execute("UPDATE students SET excused = ? WHERE person = ?", (value or "", *keys))


_KEY = ("submission_id", "question")
_REGRADED: Mapping[str, Sequence[str]] = {
    "verdicts": (
        *("points", "max_points", "state", "diagnosis", "message", "figure", "flags", "key"),
        *("message_wire", "evidence"),
    ),
    "ranks": ("points", "message", "message_wire"),
}
Marking = dict[str, dict[tuple[str, str], list[object]]]  # by table, submission and question


def marking_of(gradebook: GradebookFile) -> Marking:
    """All that regrading may change. Raises GradebookError."""
    found: Marking = {}
    for table, columns in _REGRADED.items():
        rows = gradebook.select(f"SELECT {', '.join((*_KEY, *columns))} FROM {table}")
        found[table] = {(row[0], row[1]): list(row)[2:] for row in rows}
    return found


def difference(before: Marking, after: Marking) -> tuple[Value, Value]:
    """What differs between two markings, in each of them, as values of an event; None stands for no row."""
    values: tuple[dict[str, Value], dict[str, Value]] = {}, {}
    for table in _REGRADED:
        keys = [key for key in before[table] | after[table] if before[table].get(key) != after[table].get(key)]
        for value, marking in zip(values, (before, after), strict=True):
            value[table] = [[*key, marking[table].get(key)] for key in keys]
    return values


def _restore(connection: sqlite3.Connection, value: Value) -> None:
    """Puts back what regrading has changed; an event of earlier versions holds the first of the columns alone."""
    for table, columns in _REGRADED.items():
        for submission_id, question, row in value[table]:
            there = dict.fromkeys(columns, "") | dict(zip(columns, row or (), strict=False))
            whose = dict(zip(_KEY, (submission_id, question), strict=True))
            if table == "verdicts":
                changed = ", ".join(f"{column} = :{column}" for column in columns)
                connection.execute(
                    f"UPDATE verdicts SET {changed} WHERE submission_id = :submission_id AND question = :question",
                    there | whose,
                )
                continue
            connection.execute(f"DELETE FROM {table} WHERE submission_id = ? AND question = ?", tuple(whose.values()))
            if row is not None:
                put(connection, table, **whose, **there)


def _appeal(connection: sqlite3.Connection, keys: Sequence[str]) -> Value:
    """What the last event about an appeal made of it: the history itself is where appeals are kept."""
    query = "SELECT after FROM events WHERE action = 'appeal' AND thing = ? ORDER BY id DESC LIMIT 1"
    row = connection.execute(query, (json.dumps(keys, ensure_ascii=False),)).fetchone()
    return json.loads(row[0]) if row else None


_THINGS: Mapping[Action, _Thing] = {
    Action.MARK: _row_of("manual_marks", ("submission_id", "question"), ("points", "reason")),
    Action.EXTENSION: _row_of("extensions", ("person",), ("until", "reason")),
    Action.ADJUSTMENT: _row_of("adjustments", ("id", "person"), ("points", "reason")),
    Action.OWNER: _Thing(_owner, _give),
    Action.CHOICE: _row_of("choices", ("person",), ("submission_id",)),
    Action.EXCUSE: _Thing(_excused, _excuse),
    Action.APPEAL: _Thing(_appeal, lambda *_: None),
    Action.ALIKE: _Thing(lambda *_: None, lambda *_: None),
}
