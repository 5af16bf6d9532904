"""Marks of one assignment in an SQLite file, from which every report is written."""

import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from autograder.gradebook_tables import (
    TABLES,
    Entry,
    from_measurement,
    from_verdict,
    to_entry,
    to_measurement,
    to_verdict,
)
from autograder.intake.submission import Submission
from autograder.manifest import Assignment
from autograder.measurement import Measurement
from autograder.text import one_line, plain
from autograder.verdict import Verdict

FILE_NAME = "gradebook.sqlite"
_APPLICATION = 0x67726164  # marks the file as a gradebook in its SQLite header
_FORMAT = "2"
_PAGE = 100  # submissions read at a time
_INSERT_VERDICT = "INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_MEASUREMENT = "question, models, total, answers, distinct_models FROM measurements"


class GradebookError(Exception):
    """The gradebook cannot be used; the message says which file and why."""


class Gradebook:
    """The gradebook of a folder, made when there is none; safe to use from several threads."""

    def __init__(self, folder: Path, assignment: Assignment) -> None:
        """Opens or creates `folder`/gradebook.sqlite.

        Raises:
            GradebookError: it cannot be written, is no gradebook, or belongs to another assignment.
        """
        self.folder = folder
        self.assignment = assignment
        self.path = folder / FILE_NAME
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self.path, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise GradebookError(f"{self.path}: cannot be opened or created: {error}") from error
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Gradebook":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; what was recorded is on disk already."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time; committed at the end, or rolled back."""
        with self._lock:
            try:
                with self._connection:
                    yield self._connection
            except sqlite3.Error as error:
                raise GradebookError(f"{self.path}: cannot be read or written: {error}") from error

    def _prepare(self) -> None:
        with self._transaction() as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                for statement in TABLES.strip().split(";")[:-1]:
                    connection.execute(statement)
                started = datetime.now(UTC).isoformat(timespec="seconds")
                _set(connection, assignment=self.assignment.name, version=_FORMAT, started=started)
            elif connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
                raise GradebookError(f"{self.path}: is a database, but no gradebook; grade into another folder")
        self._expect("version", _FORMAT, "was written by another version of the autograder")
        self._expect("assignment", self.assignment.name, "holds the marks of another assignment")

    def _expect(self, key: str, value: str, problem: str) -> None:
        found = self.meta(key)
        if found != value:
            raise GradebookError(f"{self.path}: {problem} ({found}, not {value}); grade into another folder")

    def meta(self, key: str) -> str:
        """A fact about the whole gradebook: assignment, version, started, secret_seed, tier, layers; '' if not set."""
        with self._transaction() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def secret_seed(self, fixed: int | None = None) -> int:
        """The seed of the secret cases: drawn once, or `fixed`, and kept from then on.

        Raises:
            GradebookError: `fixed` is not the seed that was used so far.
        """
        drawn = secrets.randbits(63) if fixed is None else fixed
        with self._transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO meta VALUES ('secret_seed', ?)", (str(drawn),))
            seed = int(connection.execute("SELECT value FROM meta WHERE key = 'secret_seed'").fetchone()[0])
        if fixed is not None and fixed != seed:
            raise GradebookError(
                f"{self.path}: was graded with another secret seed; go on without one, or grade into another folder"
            )
        return seed

    def set_isolation(self, tier: int, layers: Sequence[str]) -> None:
        """States how the submissions recorded from now on are isolated."""
        with self._transaction() as connection:
            _set(connection, tier=str(tier), layers=json.dumps(list(layers)))

    def record(self, submission: Submission, verdicts: Sequence[Verdict], seconds: float) -> None:
        """Stores a submission with its verdicts, in place of what its stem had; all of it or nothing.

        Raises:
            GradebookError: the file cannot be written; it holds what it held before.
            ValueError: a verdict is about no question of the assignment.
        """
        for verdict in verdicts:
            if verdict.question not in self.assignment.questions:
                raise ValueError(f"{verdict.question} is no question of {self.assignment.name}")
        notes = json.dumps([one_line(note, 300) for note in submission.notes], ensure_ascii=False)
        error = one_line(submission.error, 300)
        about = (submission.stem, one_line(submission.source.name), one_line(submission.student_id), notes, error)
        with self._transaction() as connection:
            connection.execute("DELETE FROM submissions WHERE stem = ?", (submission.stem,))
            connection.execute(
                "INSERT INTO submissions VALUES (?, ?, ?, ?, ?, ?,"
                " coalesce((SELECT value FROM meta WHERE key = 'tier'), '0'),"
                " coalesce((SELECT value FROM meta WHERE key = 'layers'), '[]'))",
                (*about, seconds),
            )
            connection.executemany(
                _INSERT_VERDICT,
                [from_verdict(submission.stem, verdict) for verdict in verdicts],
            )

    def record_measurement(self, stem: str, verdict: Verdict, measurement: Measurement) -> None:
        """Stores what the saved models of a recorded submission reach, and its verdict, in place of a former one.

        Raises:
            GradebookError: the file cannot be written, or the submission is not recorded.
        """
        with self._transaction() as connection:
            for table in ("ranks", "measurements", "verdicts"):
                where = (stem, verdict.question)
                connection.execute(f"DELETE FROM {table} WHERE stem = ? AND question = ?", where)
            connection.execute(_INSERT_VERDICT, from_verdict(stem, verdict))
            connection.execute(
                "INSERT INTO measurements VALUES (?, ?, ?, ?, ?, ?)", from_measurement(stem, measurement)
            )

    def add_flag(self, stem: str, question: str, flag: str) -> None:
        """Adds a reason to look at a recorded verdict; nothing happens if there is no such verdict."""
        where = (stem, question)
        with self._transaction() as connection:
            row = connection.execute("SELECT flags FROM verdicts WHERE stem = ? AND question = ?", where).fetchone()
            flags = json.dumps([*json.loads(row[0] if row else "[]"), one_line(flag, 300)], ensure_ascii=False)
            connection.execute("UPDATE verdicts SET flags = ? WHERE stem = ? AND question = ?", (flags, *where))

    def measurements(self, question: str) -> dict[str, Measurement]:
        """The measurements of one question, by stem."""
        with self._transaction() as connection:
            rows = connection.execute(f"SELECT stem, {_MEASUREMENT} WHERE question = ?", (question,)).fetchall()
        return {row[0]: to_measurement(row[1:]) for row in rows}

    def measurements_of(self, stem: str) -> dict[str, Measurement]:
        """The measurements of one submission, by question."""
        with self._transaction() as connection:
            rows = connection.execute(f"SELECT {_MEASUREMENT} WHERE stem = ?", (stem,)).fetchall()
        return {row[0]: to_measurement(row) for row in rows}

    def record_ranks(self, question: str, ranks: Mapping[str, tuple[float, str]]) -> None:
        """Stores the points and the explanation that follow from the rank, by stem, in place of all former ranks."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM ranks WHERE question = ?", (question,))
            rows = [(stem, question, points, plain(message)) for stem, (points, message) in ranks.items()]
            connection.executemany("INSERT INTO ranks VALUES (?, ?, ?, ?)", rows)

    def entries(self) -> Iterator[Entry]:
        """Every submission recorded, by stem; a few at a time, so that a large class needs no more memory."""
        last = ""
        while True:
            with self._transaction() as connection:
                rows = connection.execute(
                    "SELECT * FROM submissions WHERE stem > ? ORDER BY stem LIMIT ?", (last, _PAGE)
                ).fetchall()
            if not rows:
                return
            yield from map(to_entry, rows)
            last = rows[-1][0]

    def entry(self, stem: str) -> Entry:
        """One submission; raises GradebookError when it is not recorded."""
        with self._transaction() as connection:
            row = connection.execute("SELECT * FROM submissions WHERE stem = ?", (stem,)).fetchone()
        if row is None:
            raise GradebookError(f"{self.path}: has no submission {stem}")
        return to_entry(row)

    def verdicts(self, stem: str) -> list[Verdict]:
        """One verdict for every question of the manifest, in its order; UNGRADED where none was recorded."""
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT question, v.points, max_points, verdict, diagnosis, v.message, figure, flags,"
                " r.points, r.message FROM verdicts AS v LEFT JOIN ranks AS r USING (stem, question) WHERE stem = ?",
                (stem,),
            ).fetchall()
        found = {row[0]: to_verdict(row) for row in rows}
        return [
            found.get(label) or Verdict.ungraded(label, points, "not graded", "This question was not graded.")
            for label, points in self.assignment.questions.items()
        ]


def _set(connection: sqlite3.Connection, **values: str) -> None:
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())
