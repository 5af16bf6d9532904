"""The tables of a gradebook, what their rows are on this side, and how one becomes the other."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from typing import Any

from autograder.intake.submission import Submission
from autograder.marking.verdict import Diagnosis, State, Verdict
from autograder.models.measurement import Changed, Model, ModelScores
from autograder.notebook.repair import Kind, Repair
from autograder.notebook.text import one_line, plain

# What changes here needs a migration, too, so that the gradebooks of yesterday can be opened.
_OF_SUBMISSION = "submission_id TEXT NOT NULL REFERENCES submissions(submission_id) ON DELETE CASCADE"
TABLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE secret_cases (
    recipe TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (recipe, position)
);
CREATE TABLE runs (id INTEGER PRIMARY KEY, started TEXT NOT NULL, tier INTEGER NOT NULL, layers TEXT NOT NULL);
CREATE TABLE submissions (
    submission_id TEXT PRIMARY KEY, source TEXT NOT NULL, student_id TEXT NOT NULL, notes TEXT NOT NULL,
    error TEXT NOT NULL, seconds REAL NOT NULL, repairs TEXT NOT NULL, replaced_by TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE verdicts (
    {_OF_SUBMISSION}, question TEXT NOT NULL, points REAL NOT NULL,
    max_points REAL NOT NULL, state TEXT NOT NULL, diagnosis TEXT NOT NULL, message TEXT NOT NULL,
    figure TEXT NOT NULL, flags TEXT NOT NULL, key TEXT NOT NULL, run INTEGER NOT NULL,
    PRIMARY KEY (submission_id, question)
) WITHOUT ROWID;
CREATE TABLE model_scores (
    {_OF_SUBMISSION}, question TEXT NOT NULL, models TEXT NOT NULL,
    total INTEGER NOT NULL, answers BLOB NOT NULL, distinct_models INTEGER NOT NULL,
    PRIMARY KEY (submission_id, question)
) WITHOUT ROWID;
CREATE TABLE ranks (
    {_OF_SUBMISSION}, question TEXT NOT NULL, points REAL NOT NULL, message TEXT NOT NULL,
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
"""


def put(connection: sqlite3.Connection, table: str, **row: object) -> None:
    """Puts a row, by the names of its columns, into a table in place of the one with its key."""
    connection.execute(f"INSERT OR REPLACE {_into(table, row)}", row)


def put_submission(connection: sqlite3.Connection, submission: Submission) -> None:
    """Puts a submission into its table, or brings its row up to date; what refers to it and its `seconds` stay."""
    row = {
        "submission_id": submission.submission_id,
        "source": one_line(submission.source.name),
        "student_id": one_line(submission.student_id),
        "notes": _texts(submission.notes),
        "error": one_line(submission.error, 300),
        "seconds": 0.0,
        "repairs": _from_repairs(submission.repairs),
        "replaced_by": submission.replaced_by,
    }
    changed = ", ".join(f"{column} = excluded.{column}" for column in row if column != "seconds")
    connection.execute(f"INSERT {_into('submissions', row)} ON CONFLICT (submission_id) DO UPDATE SET {changed}", row)


def _into(table: str, row: Mapping[str, object]) -> str:
    columns, values = (", ".join(form.format(column) for column in row) for form in ('"{}"', ":{}"))
    return f"INTO {table} ({columns}) VALUES ({values})"


def _columns(kind: Any, row: sqlite3.Row) -> dict[str, Any]:
    """The columns of a row that a dataclass has fields for."""
    return {column.name: row[column.name] for column in fields(kind)}


@dataclass(frozen=True)
class SubmissionRow:
    """A submission as the gradebook holds it: its verdicts apart, and all text plain.

    `source` is the name of its file, `seconds` the wall time that grading took. `repairs` are what was repaired in it,
    which the notes tell, too. `replaced_by` is the same student's submission that counts instead. `tier` (0: not
    stated) and `layers` say how its code was isolated, at its weakest if not all of it ran on one occasion.
    """

    submission_id: str
    source: str
    student_id: str
    notes: tuple[str, ...]
    error: str
    seconds: float
    repairs: tuple[Repair, ...]
    replaced_by: str
    tier: int
    layers: tuple[str, ...]


_RUNS = "FROM runs WHERE id IN (SELECT run FROM verdicts AS v WHERE v.submission_id = s.submission_id)"
SUBMISSIONS = f"""
    SELECT s.*,
    (SELECT json_group_array(json(r.repairs)) FROM readings AS r WHERE r.submission_id = s.submission_id) AS repaired,
    coalesce((SELECT max(tier) {_RUNS}), 0) AS tier,
    coalesce((SELECT layers {_RUNS} ORDER BY tier DESC LIMIT 1), '[]') AS layers
    FROM submissions AS s
"""


def to_submission(row: sqlite3.Row) -> SubmissionRow:
    """A row of `SUBMISSIONS`; what was repaired in a notebook's file comes to the repairs and to the notes."""
    repaired = [repair for pairs in json.loads(row["repaired"]) for repair in _to_repairs(pairs)]
    notes = (*json.loads(row["notes"]), *(repair.note for repair in repaired))
    repairs, layers = (*_to_repairs(json.loads(row["repairs"])), *repaired), tuple(json.loads(row["layers"]))
    return SubmissionRow(**_columns(SubmissionRow, row) | {"notes": notes, "repairs": repairs, "layers": layers})


def _from_repairs(repairs: Iterable[Repair]) -> str:
    return json.dumps([[repair.kind, one_line(repair.note, 300)] for repair in repairs], ensure_ascii=False)


def _to_repairs(pairs: Iterable[tuple[str, str]]) -> tuple[Repair, ...]:
    return tuple(Repair(Kind(kind), note) for kind, note in pairs)


def _texts(texts: Iterable[str]) -> str:
    return json.dumps([one_line(text, 300) for text in texts], ensure_ascii=False)


def from_verdict(verdict: Verdict) -> dict[str, object]:
    """The columns of a verdict, but for whose it is, its key and its run."""
    return {
        **vars(verdict),
        "state": verdict.state.value,
        "diagnosis": one_line(verdict.diagnosis),
        "message": plain(verdict.message),
        "figure": one_line(verdict.figure),
        "flags": _texts(verdict.flags),
    }


def to_verdict(row: sqlite3.Row) -> Verdict:
    """A row of `verdicts`: what was recorded."""
    return Verdict(**_columns(Verdict, row) | {"state": State(row["state"]), "flags": tuple(json.loads(row["flags"]))})


COUNTING = """
    SELECT v.*, ranks.points AS rank_points, ranks.message AS rank, by_hand.points AS hand_points, by_hand.reason
    FROM verdicts AS v LEFT JOIN ranks USING (submission_id, question)
    LEFT JOIN manual_marks AS by_hand USING (submission_id, question)
"""


def to_counting(row: sqlite3.Row) -> Verdict:
    """A row of `COUNTING`: what was recorded, with the points of its rank or a mark given by hand where it has one."""
    recorded = to_verdict(row)
    question, most, message = recorded.question, recorded.max_points, f"{recorded.message}\n{row['rank']}"
    if row["hand_points"] is not None:
        verdict = Verdict.scored(question, row["hand_points"], most, Diagnosis.BY_HAND, row["reason"])
    elif row["rank_points"] is not None:
        verdict = Verdict.scored(question, row["rank_points"], most, Diagnosis.BELOW_THRESHOLD, message)
    else:
        return recorded
    return replace(verdict, figure=recorded.figure, flags=recorded.flags)


@dataclass(frozen=True)
class Reading:
    """The first answer of a notebook's process: what was read, by which version of the reader, and what it repaired."""

    notebook: str
    digest: str
    version: str
    repairs: tuple[Repair, ...]
    recording: bytes = field(repr=False)


def from_reading(reading: Reading) -> dict[str, object]:
    """The columns of a reading, but for whose it is."""
    return {**vars(reading), "repairs": _from_repairs(reading.repairs)}


def to_reading(row: sqlite3.Row) -> Reading:
    """A row of `readings`."""
    return Reading(**_columns(Reading, row) | {"repairs": _to_repairs(json.loads(row["repairs"]))})


def from_scores(scores: ModelScores) -> dict[str, object]:
    """The columns of what saved models reach, but for whose they are."""
    models = [
        [
            one_line(model.name),
            model.right,
            plain(model.message, 600),
            astuple(model.changed) if model.changed else None,
            [one_line(flag, 300) for flag in model.flags],
        ]
        for model in scores.models
    ]
    return {
        "question": scores.question,
        "models": json.dumps(models, ensure_ascii=False),
        "total": scores.total,
        "answers": scores.answers,
        "distinct_models": scores.distinct,
    }


def to_scores(row: sqlite3.Row) -> ModelScores:
    """A row of `model_scores`."""
    models = tuple(_to_model(*model) for model in json.loads(row["models"]))
    return ModelScores(row["question"], models, row["total"], row["answers"], row["distinct_models"])


def _to_model(
    name: str, right: int | None, message: str, changed: Sequence[int] | None = None, flags: Sequence[str] = ()
) -> Model:
    """One of `models`; what was recorded by earlier versions has neither changed inputs nor flags."""
    return Model(name, right, message, Changed(*changed) if changed else None, tuple(flags))
