"""What a gradebook holds: submissions, verdicts with all that bears on them, recordings, measurements."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.manifest import Assignment
from autograder.gradebook.file import GradebookError, GradebookFile
from autograder.gradebook.rows import (
    ENTRY,
    VERDICT,
    SubmissionRow,
    to_measurement,
    to_repairs,
    to_submission_row,
    to_verdict,
)
from autograder.marking.verdict import SANDBOX, Verdict
from autograder.models.measurement import ModelScores
from autograder.notebook.repair import Repair

_PAGE = 100  # submissions read at a time
_MEASUREMENT = "question, models, total, answers, distinct_models FROM measurements"


@dataclass(frozen=True)
class Reading:
    """The first answer of a notebook's process: what was read, by which version of the reader, and what it mended."""

    notebook: str
    digest: str
    version: str
    repairs: tuple[Repair, ...]
    recording: bytes = field(repr=False)


class GradebookView(GradebookFile):
    """The part of a gradebook that only reads; every method raises GradebookError when the file fails."""

    def __init__(self, folder: Path, assignment: Assignment) -> None:
        super().__init__(folder, assignment.name)
        self.assignment = assignment

    def kept_cases(self, version: str) -> dict[str, list[tuple[str, bytes]]]:
        """The secret cases kept under this version, by name: each one's own name, and its bytes."""
        found: dict[str, list[tuple[str, bytes]]] = {}
        with self.transaction() as connection:
            query = 'SELECT name, stem, "case" FROM secret_cases WHERE version = ? ORDER BY name, position'
            for name, case, data in connection.execute(query, (version,)):
                found.setdefault(name, []).append((case, data))
        return found

    def keys(self, submission_id: str) -> dict[str, str]:
        """For each question with a final verdict: the key that it was recorded with."""
        with self.transaction() as connection:
            query = "SELECT question, key FROM verdicts WHERE stem = ? AND diagnosis != ?"
            return dict(connection.execute(query, (submission_id, SANDBOX)).fetchall())

    def recorded(self, submission_id: str) -> dict[str, tuple[str, Verdict]]:
        """For each question: the key and the verdict as they were recorded, without ranks and marks given by hand."""
        with self.transaction() as connection:
            query = "SELECT key, question, points, max_points, verdict, diagnosis, message, figure, flags FROM verdicts"
            rows = connection.execute(f"{query} WHERE stem = ?", (submission_id,)).fetchall()
        return {row[1]: (row[0], to_verdict((*row[1:], None, None, None, None))) for row in rows}

    def readings(self, submission_id: str) -> dict[str, Reading]:
        """The readings of a submission's notebooks, by the notebook's name."""
        with self.transaction() as connection:
            query = "SELECT notebook, digest, version, repairs, recording FROM readings WHERE stem = ?"
            rows = connection.execute(query, (submission_id,)).fetchall()
        return {name: Reading(name, digest, of, to_repairs(repairs), data) for name, digest, of, repairs, data in rows}

    def recordings(self, submission_id: str, question: str) -> dict[str, bytes]:
        """What was recorded of one question, by the name of the check."""
        with self.transaction() as connection:
            query = 'SELECT "check", recording FROM recordings WHERE stem = ? AND question = ?'
            return dict(connection.execute(query, (submission_id, question)).fetchall())

    def measurements(self, question: str) -> dict[str, ModelScores]:
        """The measurements of one question, by submission."""
        with self.transaction() as connection:
            rows = connection.execute(f"SELECT stem, {_MEASUREMENT} WHERE question = ?", (question,)).fetchall()
        return {row[0]: to_measurement(row[1:]) for row in rows}

    def measurements_of(self, submission_id: str) -> dict[str, ModelScores]:
        """The measurements of one submission, by question."""
        with self.transaction() as connection:
            rows = connection.execute(f"SELECT {_MEASUREMENT} WHERE stem = ?", (submission_id,)).fetchall()
        return {row[0]: to_measurement(row) for row in rows}

    def retrainings(self, submission_id: str) -> dict[str, str]:
        """The key of each notebook of a submission that was trained again."""
        with self.transaction() as connection:
            query = "SELECT notebook, key FROM retrainings WHERE stem = ?"
            return dict(connection.execute(query, (submission_id,)).fetchall())

    def entries(self) -> Iterator[SubmissionRow]:
        """Every submission recorded, by ID; a few at a time, so that a large class needs no more memory."""
        last = ""
        while True:
            with self.transaction() as connection:
                query = f"SELECT {ENTRY} WHERE stem > ? ORDER BY stem LIMIT ?"
                rows = connection.execute(query, (last, _PAGE)).fetchall()
            if not rows:
                return
            yield from map(to_submission_row, rows)
            last = rows[-1][0]

    def entry(self, submission_id: str) -> SubmissionRow:
        """One submission; raises GradebookError when it is not recorded."""
        with self.transaction() as connection:
            row = connection.execute(f"SELECT {ENTRY} WHERE stem = ?", (submission_id,)).fetchone()
        if row is None:
            raise GradebookError(f"{self.path}: has no submission {submission_id}")
        return to_submission_row(row)

    def verdicts(self, submission_id: str) -> list[Verdict]:
        """One verdict for every question of the manifest, in its order; UNGRADED where none was recorded.

        A mark given by hand counts before a rank, and that before what was recorded. What training again told is
        among the flags.
        """
        with self.transaction() as connection:
            rows = connection.execute(f"SELECT {VERDICT} WHERE v.stem = ?", (submission_id,)).fetchall()
            told = connection.execute("SELECT flags FROM retrainings WHERE stem = ?", (submission_id,)).fetchall()
        found = {row[0]: to_verdict(row) for row in rows}
        for question, flag in (pair for row in told for pair in json.loads(row[0]).items()):
            if question in found:
                found[question] = found[question].flagged(flag)
        return [
            found.get(question) or Verdict.ungraded(question, points, "not graded", "This question was not graded.")
            for question, points in self.assignment.questions.items()
        ]
