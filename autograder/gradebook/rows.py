"""What the rows of a gradebook's tables are on this side, and how one becomes the other."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from datetime import datetime
from functools import cache, lru_cache, partial
from typing import Any

from autograder.gradebook.schema import into
from autograder.intake.attempts import Attempt
from autograder.intake.member import MAX_NAME
from autograder.intake.submission import SubmissionState
from autograder.intake.timing import Timing
from autograder.marking.evidence import Evidence
from autograder.marking.verdict import Diagnosis, State, Verdict
from autograder.messages import from_json, from_wire, join, tidied, to_json, to_wire
from autograder.models.measurement import Changed, Model, ModelScores
from autograder.notebook.repair import Kind, Repair
from autograder.notebook.text import one_line, plain


def put_attempt(connection: sqlite3.Connection, attempt: Attempt) -> None:
    """Puts an attempt into its table, or brings its row up to date; what refers to it and its `seconds` stay."""
    timing = attempt.timing
    row = {
        "submission_id": attempt.submission_id,
        "sources": json.dumps([one_line(name, MAX_NAME) for name in attempt.source_names], ensure_ascii=False),
        "identity": one_line(attempt.identity, 300),
        "digest": attempt.digest,
        "handed_in": timing.handed_in.isoformat() if timing.handed_in else "",
        "late": timing.late,
        "number": timing.number,
        "resubmission": timing.resubmission,
        "state": attempt.state.value,
        "gone": False,
        "notes": json.dumps([to_json(_short(note)) for note in attempt.notes], ensure_ascii=False),
        "error": str.__str__(error := _short(attempt.error)),
        "error_wire": to_wire(error),
        "seconds": 0.0,
        "repairs": _from_repairs(attempt.repairs),
        "open_questions": _texts(attempt.open_questions),
    }
    changed = ", ".join(f"{column} = excluded.{column}" for column in row if column != "seconds")
    connection.execute(f"INSERT {into('attempts', row)} ON CONFLICT (submission_id) DO UPDATE SET {changed}", row)


def _columns(kind: Any, row: sqlite3.Row | Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row that a dataclass has fields for."""
    return {name: row[name] for name in _names(kind)}


@cache
def _names(kind: Any) -> Sequence[str]:
    return [column.name for column in fields(kind)]


@dataclass(frozen=True)
class AttemptRow:
    """An attempt as the gradebook holds it: its verdicts apart, and all text plain.

    `students` are the IDs of who handed it in, `sources` the names of its files, none where nothing was handed in.
    What is `gone` was there once. `seconds` is the wall time that grading took. `repairs` are what was repaired in it,
    which the notes tell, too. `graded` is when its last verdicts came, "" if there are none. `tier` (0: not stated) and
    `layers` say how its code was isolated, at its weakest if not all of it ran on one occasion.
    """

    submission_id: str
    students: tuple[str, ...]
    sources: tuple[str, ...]
    identity: str
    digest: str
    timing: Timing
    state: SubmissionState
    gone: bool
    notes: tuple[str, ...]
    error: str
    seconds: float
    repairs: tuple[Repair, ...]
    open_questions: tuple[str, ...]
    graded: str
    tier: int
    layers: tuple[str, ...]

    @property
    def student_id(self) -> str:
        """The IDs of who handed it in, "" if nobody knows."""
        return ", ".join(self.students)

    @property
    def source(self) -> str:
        """What its files are called."""
        return ", ".join(self.sources) or self.submission_id


_RUNS = "FROM runs WHERE id IN (SELECT run FROM verdicts AS v WHERE v.submission_id = s.submission_id)"
ATTEMPTS = f"""
    SELECT s.*,
    (SELECT json_group_array(json(r.repairs)) FROM readings AS r WHERE r.submission_id = s.submission_id) AS repaired,
    (SELECT json_group_array(student_id) FROM (SELECT student_id FROM attempts_of_students JOIN students USING (person)
     WHERE submission_id = s.submission_id ORDER BY student_id)) AS students,
    coalesce((SELECT max(started) {_RUNS}), '') AS graded,
    coalesce((SELECT max(tier) {_RUNS}), 0) AS tier,
    coalesce((SELECT layers {_RUNS} ORDER BY tier DESC LIMIT 1), '[]') AS layers
    FROM attempts AS s
"""


def to_attempt(row: sqlite3.Row) -> AttemptRow:
    """A row of `ATTEMPTS`; what was repaired in a notebook's file comes to the repairs and to the notes."""
    repaired = [repair for pairs in json.loads(row["repaired"]) for repair in _to_repairs(pairs)]
    state, handed_in = SubmissionState(row["state"]), row["handed_in"]
    return AttemptRow(
        submission_id=row["submission_id"],
        students=tuple(json.loads(row["students"])),
        sources=tuple(json.loads(row["sources"])),
        identity=row["identity"],
        digest=row["digest"],
        timing=Timing(
            datetime.fromisoformat(handed_in) if handed_in else None,
            bool(row["late"]),
            row["number"],
            row["resubmission"],
            state not in (SubmissionState.UNREADABLE, SubmissionState.ABSENT),
        ),
        state=state,
        gone=bool(row["gone"]),
        notes=(*_notes(row["notes"]), *(repair.note for repair in repaired)),
        error=_message(row["error_wire"], row["error"]),
        seconds=row["seconds"],
        repairs=(*_to_repairs(json.loads(row["repairs"])), *repaired),
        open_questions=tuple(json.loads(row["open_questions"])),
        graded=row["graded"],
        tier=row["tier"],
        layers=tuple(json.loads(row["layers"])),
    )


@lru_cache(maxsize=1024)  # many students have the same ones
def _notes(wire: str) -> tuple[str, ...]:
    return tuple(map(from_json, json.loads(wire)))


def _from_repairs(repairs: Iterable[Repair]) -> str:
    return json.dumps([[repair.kind, to_json(_short(repair.note))] for repair in repairs], ensure_ascii=False)


def _to_repairs(pairs: Iterable[tuple[str, str]]) -> tuple[Repair, ...]:
    return tuple(Repair(Kind(kind), from_json(note)) for kind, note in pairs)


def _texts(texts: Iterable[str]) -> str:
    return json.dumps([one_line(text, 300) for text in texts], ensure_ascii=False)


def _short(text: str) -> str:
    return tidied(text, partial(one_line, limit=300))


_NO_EVIDENCE = Evidence()


def from_verdict(verdict: Verdict) -> dict[str, object]:
    """The columns of a verdict, but for whose it is, its key and its run."""
    return {
        **vars(verdict),
        "state": verdict.state.value,
        "diagnosis": one_line(verdict.diagnosis),
        **from_message(verdict.message),
        "figure": one_line(verdict.figure),
        "flags": _texts(verdict.flags),
        "evidence": "" if verdict.evidence == _NO_EVIDENCE else json.dumps(verdict.evidence.to_wire()),
    }


def to_verdict(row: sqlite3.Row | Mapping[str, Any]) -> Verdict:
    """A row of `verdicts`, or the columns of `from_verdict`: what was recorded."""
    evidence = Evidence.from_wire(json.loads(row["evidence"])) if row["evidence"] else _NO_EVIDENCE
    changed = {
        "state": State(row["state"]),
        "flags": () if row["flags"] == "[]" else tuple(json.loads(row["flags"])),
        "message": _message(row["message_wire"], row["message"]),
        "evidence": evidence,
    }
    return Verdict(**_columns(Verdict, row) | changed)


# Many students make the same mistakes, and each message is asked for several times in a run.
_message = lru_cache(maxsize=1024)(from_wire)


def from_message(message: str) -> dict[str, str]:
    """The columns of a message: its English text, and what it is made of."""
    tidy = tidied(message, plain)
    return {"message": str.__str__(tidy), "message_wire": to_wire(tidy)}


COUNTING = """
    SELECT v.*, ranks.points AS rank_points, ranks.message AS rank, ranks.message_wire AS rank_wire,
    by_hand.points AS hand_points, by_hand.reason
    FROM verdicts AS v LEFT JOIN ranks USING (submission_id, question)
    LEFT JOIN manual_marks AS by_hand USING (submission_id, question)
"""


def to_counting(row: sqlite3.Row, by_hand: bool = True) -> Verdict:
    """A row of `COUNTING`: what was recorded, with the points of its rank or a mark given by hand where it has one.

    Without `by_hand` it is what the grader alone says.
    """
    recorded = to_verdict(row)
    question, most = recorded.question, recorded.max_points
    if by_hand and row["hand_points"] is not None:  # by a person, who saw more than the evidence
        verdict = Verdict.scored(question, row["hand_points"], most, Diagnosis.BY_HAND, row["reason"])
    elif row["rank_points"] is not None:
        message = join([recorded.message, from_wire(row["rank_wire"], row["rank"])])
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


def to_reading(row: sqlite3.Row | Mapping[str, Any]) -> Reading:
    """A row of `readings`, or the columns of `from_reading`."""
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


def to_scores(row: sqlite3.Row | Mapping[str, Any]) -> ModelScores:
    """A row of `model_scores`."""
    models = tuple(_to_model(*model) for model in json.loads(row["models"]))
    return ModelScores(row["question"], models, row["total"], row["answers"], row["distinct_models"])


def _to_model(
    name: str, right: int | None, message: str, changed: Sequence[int] | None = None, flags: Sequence[str] = ()
) -> Model:
    """One of `models`; what was recorded by earlier versions has neither changed inputs nor flags."""
    return Model(name, right, message, Changed(*changed) if changed else None, tuple(flags))
