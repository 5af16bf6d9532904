"""The things of a gradebook that people change, and how the value of each is read and written."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from autograder.gradebook.events import Action, Value
from autograder.gradebook.schema import put


@dataclass(frozen=True)
class Thing:
    """How the value of a thing is read and written, given its keys."""

    value_of: Callable[[sqlite3.Connection, Sequence[str]], Value]
    put: Callable[[sqlite3.Connection, Sequence[str], Value], None]


def _row_of(table: str, keys: Sequence[str], columns: Sequence[str]) -> Thing:
    """A thing that is a row of a table, with keys and other columns; its value is a list of the latter."""
    where = " AND ".join(f"{key} = ?" for key in keys)

    def value_of(connection: sqlite3.Connection, values: Sequence[str]) -> Value:
        row = connection.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE {where}", values).fetchone()
        return None if row is None else list(row)

    def put_row(connection: sqlite3.Connection, values: Sequence[str], value: Value) -> None:
        connection.execute(f"DELETE FROM {table} WHERE {where}", values)
        if value is not None:
            put(connection, table, **dict(zip((*keys, *columns), (*values, *value), strict=True)))

    return Thing(value_of, put_row)


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


def _appeal(connection: sqlite3.Connection, keys: Sequence[str]) -> Value:
    """What the last event about an appeal made of it: the history itself is where appeals are kept."""
    query = "SELECT after FROM events WHERE action = 'appeal' AND thing = ? ORDER BY id DESC LIMIT 1"
    row = connection.execute(query, (json.dumps(keys, ensure_ascii=False),)).fetchone()
    return json.loads(row[0]) if row else None


THINGS: Mapping[Action, Thing] = {
    Action.MARK: _row_of("manual_marks", ("submission_id", "question"), ("points", "reason")),
    Action.EXTENSION: _row_of("extensions", ("person",), ("until", "reason")),
    Action.ADJUSTMENT: _row_of("adjustments", ("id", "person"), ("points", "reason")),
    Action.OWNER: Thing(_owner, _give),
    Action.CHOICE: _row_of("choices", ("person",), ("submission_id",)),
    Action.EXCUSE: Thing(_excused, _excuse),
    Action.APPEAL: Thing(_appeal, lambda *_: None),
    Action.ALIKE: Thing(lambda *_: None, lambda *_: None),
}
