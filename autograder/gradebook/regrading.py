"""All that regrading may change in a gradebook: compared, and put back."""

import sqlite3
from collections.abc import Mapping, Sequence

from autograder.gradebook.events import Value
from autograder.gradebook.file import GradebookFile
from autograder.gradebook.schema import put

Marking = dict[str, dict[tuple[str, str], list[object]]]  # by table, submission and question
_KEY = ("submission_id", "question")
_REGRADED: Mapping[str, Sequence[str]] = {
    "verdicts": (
        *("points", "max_points", "state", "diagnosis", "message", "figure", "flags", "key"),
        *("message_wire", "evidence"),
    ),
    "ranks": ("points", "message", "message_wire"),
}


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


def restore(connection: sqlite3.Connection, value: Value) -> None:
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
