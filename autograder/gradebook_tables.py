"""The tables of a gradebook, and what their rows are on this side."""

import json
from dataclasses import dataclass, replace

from autograder.measurement import Measurement, Model
from autograder.text import one_line, plain
from autograder.verdict import State, Verdict

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE submissions (
    stem TEXT PRIMARY KEY, source TEXT NOT NULL, student_id TEXT NOT NULL, notes TEXT NOT NULL, error TEXT NOT NULL,
    seconds REAL NOT NULL, tier TEXT NOT NULL, layers TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE verdicts (
    stem TEXT NOT NULL REFERENCES submissions(stem) ON DELETE CASCADE, question TEXT NOT NULL, points REAL NOT NULL,
    max_points REAL NOT NULL, verdict TEXT NOT NULL, diagnosis TEXT NOT NULL, message TEXT NOT NULL,
    figure TEXT NOT NULL, flags TEXT NOT NULL,
    PRIMARY KEY (stem, question)
) WITHOUT ROWID;
CREATE TABLE measurements (
    stem TEXT NOT NULL REFERENCES submissions(stem) ON DELETE CASCADE, question TEXT NOT NULL, models TEXT NOT NULL,
    total INTEGER NOT NULL, answers BLOB NOT NULL, distinct_models INTEGER NOT NULL,
    PRIMARY KEY (stem, question)
) WITHOUT ROWID;
CREATE TABLE ranks (
    stem TEXT NOT NULL REFERENCES submissions(stem) ON DELETE CASCADE, question TEXT NOT NULL, points REAL NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (stem, question)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Entry:
    """A graded submission as the gradebook holds it: its verdicts apart, and all text plain.

    `source` is the name of its file, `seconds` the wall time that grading took. `tier` (0: not stated) and `layers` say
    how its code was isolated.
    """

    stem: str
    source: str
    student_id: str
    notes: tuple[str, ...]
    error: str
    seconds: float
    tier: int
    layers: tuple[str, ...]


def to_entry(row: tuple[str, str, str, str, str, float, str, str]) -> Entry:
    """A row of `submissions`."""
    stem, source, student_id, notes, error, seconds, tier, layers = row
    return Entry(
        stem, source, student_id, tuple(json.loads(notes)), error, seconds, int(tier), tuple(json.loads(layers))
    )


def from_verdict(stem: str, verdict: Verdict) -> tuple[object, ...]:
    """A row of `verdicts`."""
    flags = json.dumps([one_line(flag, 300) for flag in verdict.flags], ensure_ascii=False)
    texts = (one_line(verdict.diagnosis), plain(verdict.message), one_line(verdict.figure), flags)
    return (stem, verdict.question, verdict.points, verdict.max_points, verdict.state.value, *texts)


def to_verdict(row: tuple[str, float, float, str, str, str, str, str, float | None, str | None]) -> Verdict:
    """A row of `verdicts` without its stem, and the points and the message of its row of `ranks`, None without one."""
    label, points, most, state, diagnosis, message, figure, flags, rank_points, rank_message = row
    if rank_points is None:
        verdict = Verdict(label, points, most, State(state), diagnosis, message)
    else:
        verdict = Verdict.scored(label, rank_points, most, "below the threshold", f"{message}\n{rank_message}")
    return replace(verdict, figure=figure, flags=tuple(json.loads(flags)))


def from_measurement(stem: str, found: Measurement) -> tuple[object, ...]:
    """A row of `measurements`."""
    models = [[one_line(model.name), model.right, plain(model.message, 600)] for model in found.models]
    return (stem, found.question, json.dumps(models, ensure_ascii=False), found.total, found.answers, found.distinct)


def to_measurement(row: tuple[str, str, int, bytes, int]) -> Measurement:
    """A row of `measurements` without its stem."""
    label, models, total, answers, distinct = row
    return Measurement(label, tuple(Model(*model) for model in json.loads(models)), total, answers, distinct)
