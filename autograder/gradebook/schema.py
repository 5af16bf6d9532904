"""The tables of a gradebook's file, and how a row comes into one."""

import sqlite3
from collections.abc import Mapping
from functools import cache

# What changes here needs a migration, too, so that the gradebooks of yesterday can be opened.
_OF_SUBMISSION = "submission_id TEXT NOT NULL REFERENCES attempts(submission_id) ON DELETE CASCADE"
_OF_PERSON = "person INTEGER NOT NULL REFERENCES students(person) ON DELETE CASCADE"
TABLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE secret_cases (
    recipe TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (recipe, position)
);
CREATE TABLE runs (id INTEGER PRIMARY KEY, started TEXT NOT NULL, tier INTEGER NOT NULL, layers TEXT NOT NULL);
CREATE TABLE students (
    person INTEGER PRIMARY KEY, student_id TEXT NOT NULL UNIQUE, lms_id TEXT NOT NULL, login TEXT NOT NULL,
    name TEXT NOT NULL, email TEXT NOT NULL, section TEXT NOT NULL, on_roster INTEGER NOT NULL, excused TEXT NOT NULL
);
CREATE TABLE attempts (
    submission_id TEXT PRIMARY KEY, sources TEXT NOT NULL, notes TEXT NOT NULL, error TEXT NOT NULL,
    seconds REAL NOT NULL, repairs TEXT NOT NULL, identity TEXT NOT NULL DEFAULT '', digest TEXT NOT NULL DEFAULT '',
    handed_in TEXT NOT NULL DEFAULT '', late INTEGER NOT NULL DEFAULT 0, number INTEGER NOT NULL DEFAULT 0,
    resubmission INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'read', gone INTEGER NOT NULL DEFAULT 0,
    open_questions TEXT NOT NULL DEFAULT '[]', error_wire TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE attempts_of_students (
    {_OF_PERSON}, {_OF_SUBMISSION},
    PRIMARY KEY (person, submission_id)
) WITHOUT ROWID;
CREATE TABLE digests (path TEXT PRIMARY KEY, size INTEGER, changed INTEGER, inode INTEGER, digest TEXT) WITHOUT ROWID;
CREATE TABLE answers (identity TEXT PRIMARY KEY, student_id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE choices ({_OF_PERSON} PRIMARY KEY, submission_id TEXT NOT NULL);
CREATE TABLE extensions ({_OF_PERSON} PRIMARY KEY, until TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE adjustments (id INTEGER PRIMARY KEY, {_OF_PERSON}, points TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE events (
    id INTEGER PRIMARY KEY, time TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, thing TEXT NOT NULL,
    about TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, reason TEXT NOT NULL, undoes INTEGER NOT NULL
);
CREATE TABLE verdicts (
    {_OF_SUBMISSION}, question TEXT NOT NULL, points REAL NOT NULL,
    max_points REAL NOT NULL, state TEXT NOT NULL, diagnosis TEXT NOT NULL, message TEXT NOT NULL,
    figure TEXT NOT NULL, flags TEXT NOT NULL, key TEXT NOT NULL, run INTEGER NOT NULL,
    message_wire TEXT NOT NULL DEFAULT '',
    evidence TEXT NOT NULL DEFAULT '',
    seconds REAL,
    PRIMARY KEY (submission_id, question)
) WITHOUT ROWID;
CREATE TABLE model_scores (
    {_OF_SUBMISSION}, question TEXT NOT NULL, models TEXT NOT NULL,
    total INTEGER NOT NULL, answers BLOB NOT NULL, distinct_models INTEGER NOT NULL,
    PRIMARY KEY (submission_id, question)
) WITHOUT ROWID;
CREATE TABLE ranks (
    {_OF_SUBMISSION}, question TEXT NOT NULL, points REAL NOT NULL, message TEXT NOT NULL,
    message_wire TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (submission_id, question)
) WITHOUT ROWID;
CREATE TABLE manual_marks (
    {_OF_SUBMISSION}, question TEXT NOT NULL, points REAL NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (submission_id, question)
) WITHOUT ROWID;
CREATE TABLE retrainings (
    {_OF_SUBMISSION}, notebook TEXT NOT NULL, key TEXT NOT NULL, flags TEXT NOT NULL,
    PRIMARY KEY (submission_id, notebook)
) WITHOUT ROWID;
CREATE TABLE readings (
    {_OF_SUBMISSION}, notebook TEXT NOT NULL, digest TEXT NOT NULL, version TEXT NOT NULL, repairs TEXT NOT NULL,
    recording BLOB NOT NULL,
    PRIMARY KEY (submission_id, notebook)
);
CREATE TABLE recordings (
    {_OF_SUBMISSION}, question TEXT NOT NULL, "check" TEXT NOT NULL, recording BLOB NOT NULL,
    PRIMARY KEY (submission_id, question, "check")
);
CREATE INDEX attempts_of_students_by_attempt ON attempts_of_students (submission_id);
CREATE INDEX digests_by_digest ON digests (digest);
CREATE INDEX students_by_lms_id ON students (lms_id);
CREATE INDEX students_by_roster ON students (on_roster);
CREATE INDEX events_by_thing ON events (action, thing);
"""


def put(connection: sqlite3.Connection, table: str, **row: object) -> None:
    """Puts a row, by the names of its columns, into a table in place of the one with its key."""
    connection.execute(f"INSERT OR REPLACE {into(table, row)}", row)


def into(table: str, row: Mapping[str, object]) -> str:
    """The end of an INSERT into a table, with the row's columns and a named place for each value."""
    return _into(table, tuple(row))


@cache  # there are as many as there are statements in the code
def _into(table: str, names: tuple[str, ...]) -> str:
    columns, values = (", ".join(form.format(name) for name in names) for form in ('"{}"', ":{}"))
    return f"INTO {table} ({columns}) VALUES ({values})"
