"""The tables of a gradebook, and what their rows are on this side."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from autograder.marking.verdict import State, Verdict
from autograder.models.measurement import Model, ModelScores
from autograder.notebook.repair import Kind, Repair
from autograder.notebook.text import one_line, plain

_OF_SUBMISSION = "stem TEXT NOT NULL REFERENCES submissions(stem) ON DELETE CASCADE"
TABLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE secret_cases (
    name TEXT NOT NULL, position INTEGER NOT NULL, stem TEXT NOT NULL, version TEXT NOT NULL, "case" BLOB NOT NULL,
    PRIMARY KEY (name, position)
);
CREATE TABLE runs (id INTEGER PRIMARY KEY, started TEXT NOT NULL, tier INTEGER NOT NULL, layers TEXT NOT NULL);
CREATE TABLE submissions (
    stem TEXT PRIMARY KEY, source TEXT NOT NULL, student_id TEXT NOT NULL, notes TEXT NOT NULL, error TEXT NOT NULL,
    seconds REAL NOT NULL, repairs TEXT NOT NULL, replaced_by TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE verdicts (
    {_OF_SUBMISSION}, question TEXT NOT NULL, points REAL NOT NULL,
    max_points REAL NOT NULL, verdict TEXT NOT NULL, diagnosis TEXT NOT NULL, message TEXT NOT NULL,
    figure TEXT NOT NULL, flags TEXT NOT NULL, key TEXT NOT NULL, run INTEGER NOT NULL,
    PRIMARY KEY (stem, question)
) WITHOUT ROWID;
CREATE TABLE measurements (
    {_OF_SUBMISSION}, question TEXT NOT NULL, models TEXT NOT NULL,
    total INTEGER NOT NULL, answers BLOB NOT NULL, distinct_models INTEGER NOT NULL,
    PRIMARY KEY (stem, question)
) WITHOUT ROWID;
CREATE TABLE ranks (
    {_OF_SUBMISSION}, question TEXT NOT NULL, points REAL NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (stem, question)
) WITHOUT ROWID;
CREATE TABLE manual_marks (
    {_OF_SUBMISSION}, question TEXT NOT NULL, points REAL NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (stem, question)
) WITHOUT ROWID;
CREATE TABLE retrainings (
    {_OF_SUBMISSION}, notebook TEXT NOT NULL, key TEXT NOT NULL, flags TEXT NOT NULL,
    PRIMARY KEY (stem, notebook)
) WITHOUT ROWID;
CREATE TABLE readings (
    {_OF_SUBMISSION}, notebook TEXT NOT NULL, digest TEXT NOT NULL, version TEXT NOT NULL, repairs TEXT NOT NULL,
    recording BLOB NOT NULL,
    PRIMARY KEY (stem, notebook)
);
CREATE TABLE recordings (
    {_OF_SUBMISSION}, question TEXT NOT NULL, "check" TEXT NOT NULL, recording BLOB NOT NULL,
    PRIMARY KEY (stem, question, "check")
);
"""


@dataclass(frozen=True)
class SubmissionRow:
    """A submission as the gradebook holds it: its verdicts apart, and all text plain.

    `source` is the name of its file, `seconds` the wall time that grading took. `repairs` are what was mended in it,
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


ENTRY = """
    stem, source, student_id, notes, error, seconds, repairs, replaced_by,
    coalesce((SELECT json_group_array(json(repairs)) FROM readings AS r WHERE r.stem = s.stem), '[]'),
    coalesce((SELECT max(tier) FROM runs WHERE id IN (SELECT run FROM verdicts AS v WHERE v.stem = s.stem)), 0),
    coalesce((SELECT layers FROM runs WHERE id IN (SELECT run FROM verdicts AS v WHERE v.stem = s.stem)
              ORDER BY tier DESC LIMIT 1), '[]')
    FROM submissions AS s
"""


def to_submission_row(row: tuple[str, str, str, str, str, float, str, str, str, int, str]) -> SubmissionRow:
    """A row of `ENTRY`; what was mended in a notebook's file comes to the repairs and to the notes."""
    submission_id, source, student_id, notes, error, seconds, repairs, replaced_by, of_notebooks, tier, layers = row
    read = [repair for several in json.loads(of_notebooks) for repair in to_repairs(json.dumps(several))]
    told = (*to_repairs(repairs), *read)
    said = (*json.loads(notes), *(repair.note for repair in read))
    return SubmissionRow(
        submission_id, source, student_id, said, error, seconds, told, replaced_by, tier, tuple(json.loads(layers))
    )


def to_repairs(text: str) -> tuple[Repair, ...]:
    """What `from_repairs` gave."""
    return tuple(Repair(Kind(kind), note) for kind, note in json.loads(text))


def from_repairs(repairs: Iterable[Repair]) -> str:
    """Repairs as JSON."""
    return json.dumps([[repair.kind, one_line(repair.note, 300)] for repair in repairs], ensure_ascii=False)


VERDICT = """
    v.question, v.points, v.max_points, v.verdict, v.diagnosis, v.message, v.figure, v.flags, r.points, r.message,
    m.points, m.reason
    FROM verdicts AS v LEFT JOIN ranks AS r USING (stem, question) LEFT JOIN manual_marks AS m USING (stem, question)
"""


def from_verdict(submission_id: str, verdict: Verdict) -> tuple[object, ...]:
    """The first columns of a row of `verdicts`."""
    flags = json.dumps([one_line(flag, 300) for flag in verdict.flags], ensure_ascii=False)
    texts = (one_line(verdict.diagnosis), plain(verdict.message), one_line(verdict.figure), flags)
    return (submission_id, verdict.question, verdict.points, verdict.max_points, verdict.state.value, *texts)


def to_verdict(
    row: tuple[str, float, float, str, str, str, str, str, float | None, str | None, float | None, str | None],
) -> Verdict:
    """A row of `VERDICT`: what was recorded, with the points of its rank or a mark given by hand where it has one."""
    question, points, most, state, diagnosis, message, figure, flags, rank_points, rank_message, by_hand, reason = row
    if by_hand is not None:
        verdict = Verdict.scored(question, by_hand, most, BY_HAND, f"{reason}")
    elif rank_points is not None:
        verdict = Verdict.scored(question, rank_points, most, "below the threshold", f"{message}\n{rank_message}")
    else:
        verdict = Verdict(question, points, most, State(state), diagnosis, message)
    return replace(verdict, figure=figure, flags=tuple(json.loads(flags)))


BY_HAND = "marked by hand"  # the diagnosis of a mark that a teaching assistant gave


def from_measurement(submission_id: str, found: ModelScores) -> tuple[object, ...]:
    """A row of `measurements`."""
    models = [[one_line(model.name), model.right, plain(model.message, 600)] for model in found.models]
    return (
        submission_id,
        found.question,
        json.dumps(models, ensure_ascii=False),
        found.total,
        found.answers,
        found.distinct,
    )


def to_measurement(row: tuple[str, str, int, bytes, int]) -> ModelScores:
    """A row of `measurements` without its submission."""
    question, models, total, answers, distinct = row
    return ModelScores(question, tuple(Model(*model) for model in json.loads(models)), total, answers, distinct)
