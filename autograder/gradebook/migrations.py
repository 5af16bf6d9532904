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
_PERSON = "person INTEGER NOT NULL REFERENCES students(person) ON DELETE CASCADE"
_ATTEMPT = "submission_id TEXT NOT NULL REFERENCES attempts(submission_id) ON DELETE CASCADE"
# A file that was handed in becomes an attempt of a student; a row of somebody who handed in nothing stays one.
_PEOPLE_AND_ATTEMPTS = (
    """CREATE TABLE students (
        person INTEGER PRIMARY KEY, student_id TEXT NOT NULL UNIQUE, lms_id TEXT NOT NULL, login TEXT NOT NULL,
        name TEXT NOT NULL, email TEXT NOT NULL, section TEXT NOT NULL, on_roster INTEGER NOT NULL,
        excused TEXT NOT NULL
    )""",
    """INSERT INTO students (student_id, lms_id, login, name, email, section, on_roster, excused)
        SELECT DISTINCT student_id, '', '', '', '', '', 0, '' FROM submissions WHERE student_id != ''""",
    "ALTER TABLE submissions RENAME TO attempts",
    "ALTER TABLE attempts RENAME COLUMN source TO sources",
    "ALTER TABLE attempts ADD COLUMN identity TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE attempts ADD COLUMN digest TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE attempts ADD COLUMN handed_in TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE attempts ADD COLUMN late INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE attempts ADD COLUMN number INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE attempts ADD COLUMN resubmission INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE attempts ADD COLUMN state TEXT NOT NULL DEFAULT 'read'",
    "ALTER TABLE attempts ADD COLUMN gone INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE attempts ADD COLUMN open_questions TEXT NOT NULL DEFAULT '[]'",
    """UPDATE attempts SET state = CASE WHEN error = 'nothing was handed in' THEN 'absent'
        WHEN error LIKE 'could not be kept%' THEN 'unkept' WHEN error != '' THEN 'unreadable' ELSE 'read' END,
        late = EXISTS (SELECT 1 FROM json_each(repairs) WHERE json_extract(value, '$[0]') = 'late')""",
    """UPDATE attempts SET sources = CASE state WHEN 'absent' THEN '[]' ELSE json_array(sources) END,
        repairs = (SELECT json_group_array(json(value)) FROM json_each(repairs)
            WHERE json_extract(value, '$[0]') != 'late')""",
    f"CREATE TABLE attempts_of_students ({_PERSON}, {_ATTEMPT}, PRIMARY KEY (person, submission_id)) WITHOUT ROWID",
    """INSERT INTO attempts_of_students (person, submission_id)
        SELECT person, submission_id FROM attempts JOIN students USING (student_id)""",
    # Rows of nothing came from a roster, on which all of its class stood.
    "UPDATE students SET on_roster = EXISTS (SELECT 1 FROM attempts WHERE state = 'absent')",
    # What was replaced then is so by what is known now; until the next `grade`, by its place in time.
    """UPDATE attempts SET number = 1 WHERE submission_id IN
        (SELECT replaced_by FROM attempts WHERE replaced_by != '')""",
    "ALTER TABLE attempts DROP COLUMN replaced_by",
    "ALTER TABLE attempts DROP COLUMN student_id",
    """CREATE TABLE digests (
        path TEXT PRIMARY KEY, size INTEGER, changed INTEGER, inode INTEGER, digest TEXT
    ) WITHOUT ROWID""",
    "CREATE TABLE answers (identity TEXT PRIMARY KEY, student_id TEXT NOT NULL) WITHOUT ROWID",
    f"CREATE TABLE choices ({_PERSON} PRIMARY KEY, submission_id TEXT NOT NULL)",
    f"CREATE TABLE extensions ({_PERSON} PRIMARY KEY, until TEXT NOT NULL, reason TEXT NOT NULL)",
    f"CREATE TABLE adjustments (id INTEGER PRIMARY KEY, {_PERSON}, points TEXT NOT NULL, reason TEXT NOT NULL)",
    """CREATE TABLE events (
        id INTEGER PRIMARY KEY, time TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, thing TEXT NOT NULL,
        about TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, reason TEXT NOT NULL, undoes INTEGER NOT NULL
    )""",
)
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
    _PEOPLE_AND_ATTEMPTS,
    tuple(f"ALTER TABLE {table} ADD COLUMN message_wire TEXT NOT NULL DEFAULT ''" for table in ("verdicts", "ranks")),
    ("ALTER TABLE verdicts ADD COLUMN evidence TEXT NOT NULL DEFAULT ''",),
    ("ALTER TABLE attempts ADD COLUMN error_wire TEXT NOT NULL DEFAULT ''",),
    ("ALTER TABLE verdicts ADD COLUMN seconds REAL",),
    (
        "CREATE INDEX attempts_of_students_by_attempt ON attempts_of_students (submission_id)",
        "CREATE INDEX digests_by_digest ON digests (digest)",
        "CREATE INDEX students_by_lms_id ON students (lms_id)",
        "CREATE INDEX students_by_roster ON students (on_roster)",
        "CREATE INDEX events_by_thing ON events (action, thing)",
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
