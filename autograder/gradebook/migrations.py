"""The formats of a gradebook's file, and what makes the present format out of each older one.

The format is the number in the header of the SQLite file (`PRAGMA user_version`). Number 0 is the first one that is
still read; it says "3" in `meta`, as files said before the header did. In every format `meta` has the name of the
assignment.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

_REFERRING = ("verdicts", "measurements", "ranks", "manual_marks", "retrainings", "readings", "recordings")
# Each brings a file from the format that is its place in the list, from 0, to the next one.
MIGRATIONS: Sequence[Sequence[str]] = (
    (
        *(f"ALTER TABLE {table} RENAME COLUMN stem TO submission_id" for table in ("submissions", *_REFERRING)),
        "ALTER TABLE verdicts RENAME COLUMN verdict TO state",
        "ALTER TABLE secret_cases RENAME COLUMN name TO recipe",
        "ALTER TABLE secret_cases RENAME COLUMN stem TO name",
        'ALTER TABLE secret_cases RENAME COLUMN "case" TO content',
        "ALTER TABLE measurements RENAME TO model_scores",
        "DELETE FROM meta WHERE key = 'version'",
    ),
)
FORMAT = len(MIGRATIONS)


def problem_of(connection: sqlite3.Connection) -> str:
    """Why a gradebook's file cannot be read by this version, nor be brought to its format; "" if it can."""
    number = format_of(connection)
    if number > FORMAT:
        return f"was written by a newer autograder (format {number}, this one reads up to {FORMAT}); use that one"
    row = connection.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
    if number == 0 and (row is None or row[0] != "3"):
        return "was written by another version of the autograder, which this one cannot read"
    return ""


def format_of(connection: sqlite3.Connection) -> int:
    """The number of a file's format."""
    number: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return number


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Brings the gradebook at `path` to the present format, after a copy of it is complete beside it.

    Each step is a transaction: whenever this process is killed, the file has the format before the step or after it,
    and the next opening goes on from there. Raises sqlite3.Error, OSError; so does the file then.
    """
    number = format_of(connection)
    if number < FORMAT:
        _back_up(connection, path.with_name(f"{path.stem}-format-{number}{path.suffix}"))
    for reached, statements in enumerate(MIGRATIONS[number:], start=number + 1):
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {reached}")


def _back_up(connection: sqlite3.Connection, path: Path) -> None:
    """Copies a gradebook to `path`, where nothing incomplete ever stands."""
    partial = path.with_name(f".{path.name}.part")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(partial)) as copy:
        connection.backup(copy)
    partial.replace(path)
