"""Marks of one assignment in an SQLite file, from which every report is written."""

import json
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from autograder.course.manifest import Assignment
from autograder.gradebook.file import GradebookError
from autograder.gradebook.rows import from_measurement, from_repairs, from_verdict
from autograder.gradebook.view import GradebookView, Reading
from autograder.intake.submission import Submission
from autograder.marking.verdict import Verdict
from autograder.models.measurement import ModelScores
from autograder.notebook.text import one_line, plain


class Gradebook(GradebookView):
    """The gradebook of a folder, made when there is none; safe to use from several threads.

    Opening it raises GradebookError, as `GradebookFile` says, and so does every method when the file fails.
    """

    def __init__(self, folder: Path, assignment: Assignment) -> None:
        super().__init__(folder, assignment)
        self._run = 0

    def secret_seed(self, fixed: int | None = None) -> int:
        """The seed of the secret cases: drawn once, or `fixed`, and kept from then on.

        Raises:
            GradebookError: `fixed` is not the seed that was used so far.
        """
        drawn = secrets.randbits(63) if fixed is None else fixed
        with self.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO meta VALUES ('secret_seed', ?)", (str(drawn),))
            seed = int(connection.execute("SELECT value FROM meta WHERE key = 'secret_seed'").fetchone()[0])
        if fixed is not None and fixed != seed:
            raise GradebookError(
                f"{self.path}: was graded with another secret seed; go on without one, or grade into another folder"
            )
        return seed

    def keep_cases(self, version: str, cases: Mapping[str, Sequence[tuple[str, bytes]]]) -> None:
        """Keeps secret cases in place of all others."""
        rows = [
            (name, position, case, version, data)
            for name, several in cases.items()
            for position, (case, data) in enumerate(several)
        ]
        with self.transaction() as connection:
            connection.execute("DELETE FROM secret_cases")
            connection.executemany("INSERT INTO secret_cases VALUES (?, ?, ?, ?, ?)", rows)

    def limit_seconds(self, given: float | None) -> float | None:
        """The wall time of each question: that `given`, which is kept, or that given last; None if none ever was."""
        if given is not None:
            with self.transaction() as connection:
                connection.execute("INSERT OR REPLACE INTO meta VALUES ('limit_seconds', ?)", (str(given),))
        kept = self.meta("limit_seconds")
        return float(kept) if kept else None

    def start_run(self, tier: int, layers: Sequence[str]) -> None:
        """Begins a run: verdicts recorded from now on belong to it, and were isolated in this way."""
        started = datetime.now(UTC).isoformat(timespec="seconds")
        with self.transaction() as connection:
            row = (started, tier, json.dumps(list(layers)))
            self._run = (
                connection.execute("INSERT INTO runs (started, tier, layers) VALUES (?, ?, ?)", row).lastrowid or 0
            )

    def enter(self, submission: Submission) -> None:
        """Gives a submission its row, or brings the one it has up to date; the verdicts in it stay.

        What was read of notebooks that are not in it any more is forgotten.
        """
        notes = json.dumps([one_line(note, 300) for note in submission.notes], ensure_ascii=False)
        row = (
            submission.submission_id,
            one_line(submission.source.name),
            one_line(submission.student_id),
            notes,
            one_line(submission.error, 300),
            0.0,
            from_repairs(submission.repairs),
            submission.replaced_by,
        )
        with self.transaction() as connection:
            connection.execute(
                f"INSERT INTO submissions VALUES ({_places(row)}) ON CONFLICT (stem) DO UPDATE SET"
                " source = excluded.source, student_id = excluded.student_id, notes = excluded.notes,"
                " error = excluded.error, repairs = excluded.repairs, replaced_by = excluded.replaced_by",
                row,
            )
            there = json.dumps(list(submission.notebooks))
            query = "DELETE FROM readings WHERE stem = ? AND notebook NOT IN (SELECT value FROM json_each(?))"
            connection.execute(query, (submission.submission_id, there))

    def add_seconds(self, submission_id: str, seconds: float) -> None:
        """Adds to the wall time that grading a submission took."""
        with self.transaction() as connection:
            connection.execute("UPDATE submissions SET seconds = seconds + ? WHERE stem = ?", (seconds, submission_id))

    def record(
        self,
        submission_id: str,
        verdict: Verdict,
        key: str = "",
        recordings: Mapping[str, bytes] | None = None,
        reading: Reading | None = None,
    ) -> None:
        """Stores one verdict with all that belongs to it, in place of a former one; all of it or nothing.

        `key` is the hash of all that the verdict depends on, `recordings` are the answers to each check of the
        question, `reading` is that of its notebook.

        Raises:
            GradebookError: the file cannot be written, or has no such submission; it holds what it held before.
            ValueError: the verdict is about no question of the assignment.
        """
        if verdict.question not in self.assignment.questions:
            raise ValueError(f"{verdict.question} is no question of {self.assignment.name}")
        where = (submission_id, verdict.question)
        with self.transaction() as connection:
            for table in ("ranks", "measurements", "recordings"):
                connection.execute(f"DELETE FROM {table} WHERE stem = ? AND question = ?", where)
            _replace(connection, "verdicts", (*from_verdict(submission_id, verdict), key, self._run))
            if reading:
                about = (
                    submission_id,
                    reading.notebook,
                    reading.digest,
                    reading.version,
                    from_repairs(reading.repairs),
                )
                _replace(connection, "readings", (*about, reading.recording))
            rows = [(*where, check, data) for check, data in (recordings or {}).items()]
            connection.executemany("INSERT INTO recordings VALUES (?, ?, ?, ?)", rows)

    def record_again(self, submission_id: str, verdict: Verdict, key: str) -> None:
        """Changes a recorded verdict and its key; its run, and all that was recorded with it, stay."""
        columns = ("points", "max_points", "verdict", "diagnosis", "message", "figure", "flags")
        values = from_verdict(submission_id, verdict)[2:]
        with self.transaction() as connection:
            assigned = ", ".join(f"{column} = ?" for column in (*columns, "key"))
            connection.execute(
                f"UPDATE verdicts SET {assigned} WHERE stem = ? AND question = ?",
                (*values, key, submission_id, verdict.question),
            )

    def record_measurement(self, submission_id: str, verdict: Verdict, measurement: ModelScores, key: str = "") -> None:
        """Stores what the saved models of a submission reach, and its verdict, in place of a former one."""
        with self.transaction() as connection:
            where = (submission_id, verdict.question)
            connection.execute("DELETE FROM ranks WHERE stem = ? AND question = ?", where)
            _replace(connection, "verdicts", (*from_verdict(submission_id, verdict), key, self._run))
            _replace(connection, "measurements", from_measurement(submission_id, measurement))

    def record_ranks(self, question: str, ranks: Mapping[str, tuple[float, str]]) -> None:
        """Stores the points and the explanation of every rank, by submission, in place of all former ranks."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM ranks WHERE question = ?", (question,))
            rows = [
                (submission_id, question, points, plain(message)) for submission_id, (points, message) in ranks.items()
            ]
            connection.executemany("INSERT INTO ranks VALUES (?, ?, ?, ?)", rows)

    def record_retraining(self, submission_id: str, notebook: str, key: str, flags: Mapping[str, str]) -> None:
        """Stores what training a notebook again told, a sentence for each question, in place of what it told before."""
        plain_flags = {question: one_line(flag, 300) for question, flag in flags.items()}
        row = (submission_id, notebook, key, json.dumps(plain_flags, ensure_ascii=False))
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO retrainings VALUES (?, ?, ?, ?)", row)

    def mark_by_hand(self, submission_id: str, question: str, mark: tuple[float, str] | None) -> None:
        """Sets the points of a question, with the reason; they count whatever is graded later. None takes them back.

        Raises GradebookError if there is no such verdict.
        """
        where = (submission_id, question)
        with self.transaction() as connection:
            query = "SELECT 1 FROM verdicts WHERE stem = ? AND question = ?"
            if connection.execute(query, where).fetchone() is None:
                raise GradebookError(f"{self.path}: has no verdict about {question} of {submission_id}")
            connection.execute("DELETE FROM manual_marks WHERE stem = ? AND question = ?", where)
            if mark:
                row = (*where, mark[0], plain(mark[1]))
                connection.execute("INSERT INTO manual_marks VALUES (?, ?, ?, ?)", row)


def _replace(connection: sqlite3.Connection, table: str, row: Sequence[object]) -> None:
    """Puts a row into a table, in place of the one with its key."""
    connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({_places(row)})", row)


def _places(row: Sequence[object]) -> str:
    """As many question marks as a row has columns."""
    return ", ".join("?" * len(row))
