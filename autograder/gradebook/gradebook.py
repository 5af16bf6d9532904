"""Marks of one assignment in an SQLite file, from which every report is written."""

import json
import secrets
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from autograder.course.manifest import Assignment
from autograder.gradebook import rows
from autograder.gradebook.file import GradebookError
from autograder.gradebook.people import PeopleFile
from autograder.gradebook.rows import Reading
from autograder.gradebook.schema import put
from autograder.intake.attempts import Attempt
from autograder.marking.verdict import ASKED_AGAIN, Diagnosis, Verdict
from autograder.messages import say
from autograder.models.measurement import ModelScores
from autograder.notebook.text import one_line

_OF_QUESTION = "submission_id = ? AND question = ?"


class Gradebook(PeopleFile):
    """The gradebook of a folder, made when there is none; safe to use from several threads.

    Opening it raises GradebookError, as `GradebookFile` says, and so does every method when the file fails.
    """

    def __init__(self, folder: Path, assignment: Assignment, alone: bool = True) -> None:
        super().__init__(folder, assignment.name, alone)
        self.assignment = assignment
        self._run = 0
        self._last_verdicts: tuple[object, list[Verdict]] = None, []

    # What holds for the whole class

    def secret_seed(self, fixed: int | None = None) -> int:
        """The seed of the secret cases: drawn once, or `fixed`, and kept from then on.

        Raises GradebookError if `fixed` is not the seed that was used so far.
        """
        drawn = secrets.randbits(63) if fixed is None else fixed
        with self.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('secret_seed', ?)", (str(drawn),))
        seed = int(self.meta("secret_seed"))
        if fixed is not None and fixed != seed:
            raise GradebookError(
                f"{self.path}: was graded with another secret seed; go on without one, or grade into another folder"
            )
        return seed

    def pseudonym_key(self) -> str:
        """The secret in hexadecimal digits that students' pseudonyms are made with: drawn once, and kept."""
        if not self.meta("pseudonym_key"):
            with self.transaction() as connection:
                row = ("pseudonym_key", secrets.token_hex(32))
                connection.execute("INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", row)
        return self.meta("pseudonym_key")

    def limit_seconds(self, seconds: float | None) -> float | None:
        """The wall time of each question: `seconds`, which are kept, or those given last; None if none ever were."""
        if seconds is not None:
            with self.transaction() as connection:
                put(connection, "meta", key="limit_seconds", value=str(seconds))
        last = self.meta("limit_seconds")
        return float(last) if last else None

    def keep_sampling(self, percent: float | None) -> None:
        """Keeps which percentage of the class is trained again; None if all are."""
        with self.transaction() as connection:
            put(connection, "meta", key="retraining_sample", value="" if percent is None else f"{percent:g}")

    def keep_submissions_place(self, place: Path) -> None:
        """Keeps where the class lies that was graded last."""
        with self.transaction() as connection:
            put(connection, "meta", key="submissions", value=str(place.resolve()))

    @property
    def submissions_place(self) -> str:
        """Where the class lay that was graded last; "" if none was."""
        return self.meta("submissions")

    @property
    def sampling(self) -> str:
        """The percentage of the class that is trained again; "" for none or all."""
        return self.meta("retraining_sample")

    def keep_section(self, section: str) -> None:
        """Keeps which section's page of the class was written last, "" for all of it."""
        if section != self.section:
            with self.transaction() as connection:
                put(connection, "meta", key="section", value=section)

    @property
    def section(self) -> str:
        """The section whose page was written last, "" for the whole class."""
        return self.meta("section")

    def keep_finished(self, state: str) -> None:
        """Keeps the hash of all that there was when nothing was left to be marked."""
        with self.transaction() as connection:
            put(connection, "meta", key="finished", value=state)

    @property
    def finished(self) -> str:
        """The hash of all that there was when nothing was left to be marked, "" if that never was so."""
        return self.meta("finished")

    def keep_reported(self, event: int) -> None:
        """Keeps the last event that the reports tell of."""
        if event != self.reported:
            with self.transaction() as connection:
                put(connection, "meta", key="reported", value=str(event))

    @property
    def reported(self) -> int:
        """The last event that the reports tell of, 0 if nobody has said so yet."""
        return int(self.meta("reported") or 0)

    def keep_cases(self, version: str, cases: Mapping[str, Sequence[tuple[str, bytes]]]) -> None:
        """Keeps secret cases beside others of this version, and in place of those of all other versions."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM secret_cases WHERE version != ?", (version,))
            for recipe, several in cases.items():
                for position, (name, content) in enumerate(several):
                    case = {"recipe": recipe, "position": position, "name": name, "content": content}
                    put(connection, "secret_cases", version=version, **case)

    def kept_cases(self, version: str) -> dict[str, list[tuple[str, bytes]]]:
        """The secret cases kept under this version, by name of the recipe: each one's own name, and its bytes."""
        cases: dict[str, list[tuple[str, bytes]]] = {}
        for row in self.select("SELECT * FROM secret_cases WHERE version = ? ORDER BY recipe, position", version):
            cases.setdefault(row["recipe"], []).append((row["name"], row["content"]))
        return cases

    def start_run(self, tier: int, layers: Sequence[str]) -> int:
        """Begins a run and gives its number: verdicts recorded from now on belong to it, and were isolated so."""
        row = (datetime.now(UTC).isoformat(timespec="seconds"), tier, json.dumps(list(layers)))
        with self.transaction() as connection:
            run = connection.execute("INSERT INTO runs (started, tier, layers) VALUES (?, ?, ?)", row).lastrowid
            self._run = run or 0
        return self._run

    # Attempts

    def enter(self, attempt: Attempt) -> None:
        """Gives an attempt its row, or brings the one it has up to date; the verdicts in it stay.

        What was read of notebooks that are not in it any more is forgotten.
        """
        with self.transaction() as connection:
            rows.put_attempt(connection, attempt)
            there = json.dumps(list(attempt.notebooks))
            query = "DELETE FROM readings WHERE submission_id = ? AND notebook NOT IN (SELECT value FROM json_each(?))"
            connection.execute(query, (attempt.submission_id, there))

    def add_seconds(self, submission_id: str, seconds: float) -> None:
        """Adds to the wall time that grading an attempt took."""
        with self.transaction() as connection:
            query = "UPDATE attempts SET seconds = seconds + ? WHERE submission_id = ?"
            connection.execute(query, (seconds, submission_id))

    # Verdicts, and what was recorded with them

    def record(
        self,
        submission_id: str,
        verdict: Verdict,
        key: str = "",
        recordings: Mapping[str, bytes] | None = None,
        reading: Reading | None = None,
        seconds: float | None = None,
        run: int | None = None,
    ) -> None:
        """Stores one verdict with all that belongs to it, in place of a former one; all of it or nothing.

        `key` is the hash of all that the verdict depends on, `recordings` are the answers to each check of the
        question, `reading` is that of its notebook, `seconds` the wall time that it took, `run` the run that it belongs
        to, if not the last. Raises ValueError for a question that the assignment has not, and GradebookError if there
        is no such attempt; the file holds what it held before.
        """
        if verdict.question not in self.assignment.questions:
            raise ValueError(f"{verdict.question} is no question of {self.assignment.name}")
        whose = {"submission_id": submission_id}
        with self.transaction() as connection:
            former = f"SELECT 1 FROM verdicts WHERE {_OF_QUESTION}", (submission_id, verdict.question)
            if connection.execute(*former).fetchone():
                for table in ("ranks", "model_scores", "recordings"):
                    connection.execute(f"DELETE FROM {table} WHERE {_OF_QUESTION}", (submission_id, verdict.question))
            row = {**rows.from_verdict(verdict), "seconds": seconds}
            put(connection, "verdicts", **whose, **row, key=key, run=run or self._run)
            if reading:
                put(connection, "readings", **whose, **rows.from_reading(reading))
            for check, recording in (recordings or {}).items():
                answers = {"question": verdict.question, "check": check, "recording": recording}
                put(connection, "recordings", **whose, **answers)

    def record_again(self, submission_id: str, verdict: Verdict, key: str) -> None:
        """Changes a recorded verdict and its key; its run, and all that was recorded with it, stay."""
        row = {**rows.from_verdict(verdict), "key": key}
        changed = ", ".join(f"{column} = :{column}" for column in row)
        with self.transaction() as connection:
            query = f"UPDATE verdicts SET {changed} WHERE submission_id = :submission_id AND question = :question"
            connection.execute(query, {**row, "submission_id": submission_id})

    def keys(self, submission_id: str) -> dict[str, str]:
        """For each question with a final verdict: the key that it was recorded with."""
        recorded = self.select("SELECT question, key, diagnosis FROM verdicts WHERE submission_id = ?", submission_id)
        return {row["question"]: row["key"] for row in recorded if row["diagnosis"] not in ASKED_AGAIN}

    def recorded_verdicts(self, submission_id: str) -> dict[str, tuple[str, Verdict]]:
        """For each question: the key and the verdict as they were recorded, without ranks and marks given by hand."""
        recorded = self.select("SELECT * FROM verdicts WHERE submission_id = ?", submission_id)
        return {row["question"]: (row["key"], rows.to_verdict(row)) for row in recorded}

    def readings(self, submission_id: str) -> dict[str, Reading]:
        """The readings of a submission's notebooks, by the notebook's name."""
        found = self.select("SELECT * FROM readings WHERE submission_id = ?", submission_id)
        return {row["notebook"]: rows.to_reading(row) for row in found}

    def recordings(self, submission_id: str, question: str) -> dict[str, bytes]:
        """What was recorded of one question, by the name of the check."""
        query = f'SELECT "check", recording FROM recordings WHERE {_OF_QUESTION}'
        return dict(map(tuple, self.select(query, submission_id, question)))

    def verdicts(self, submission_id: str, by_hand: bool = True) -> list[Verdict]:
        """One verdict for every question of the manifest, in its order; UNGRADED where none was recorded.

        A mark given by hand counts before a rank, and that before what was recorded. What training again told is
        among the flags. Without `by_hand` they are what the grader alone says.
        """
        state = submission_id, by_hand, self.state()
        known, verdicts = self._last_verdicts
        if known != state:  # a page, its total and the progress ask for the same ones
            counting = self.select(f"{rows.COUNTING} WHERE v.submission_id = ?", submission_id)
            retrained = self.select("SELECT flags FROM retrainings WHERE submission_id = ?", submission_id)
            verdicts = self._verdicts_in(counting, retrained, by_hand)
            self._last_verdicts = state, verdicts
        return list(verdicts)

    def _forget(self) -> None:
        super()._forget()
        self._last_verdicts = None, []

    def _verdicts_in(
        self, counting: Sequence[sqlite3.Row], retrained: Sequence[sqlite3.Row], by_hand: bool
    ) -> list[Verdict]:
        """The verdicts of an attempt by its rows of `COUNTING`, and those of its trainings."""
        verdicts = {row["question"]: rows.to_counting(row, by_hand) for row in counting}
        for row in retrained:
            for question, flag in json.loads(row["flags"]).items():
                if question in verdicts:
                    verdicts[question] = verdicts[question].flagged(flag)
        return [
            verdicts.get(question)
            or Verdict.ungraded(question, points, Diagnosis.NOT_GRADED, say("This question was not graded."))
            for question, points in self.assignment.questions.items()
        ]

    def seconds_by_question(self, names: Iterable[str]) -> dict[str, list[float]]:
        """The wall times that the questions of these attempts took; of none that earlier versions graded."""
        query = """
            SELECT question, seconds FROM verdicts
            WHERE seconds IS NOT NULL AND submission_id IN (SELECT value FROM json_each(?))
        """
        seconds: dict[str, list[float]] = {}
        for question, one in self.select(query, json.dumps(list(names))):
            seconds.setdefault(question, []).append(one)
        return seconds

    def diagnosed(self, diagnosis: str) -> set[str]:
        """The attempts of which a question was recorded with this diagnosis."""
        return {row[0] for row in self.select("SELECT submission_id FROM verdicts WHERE diagnosis = ?", diagnosis)}

    def verdicts_about(self, question: str, names: Sequence[str]) -> dict[str, Verdict]:
        """The verdicts about one question of these attempts, as `verdicts` gives them; of those that have one."""
        query = f"{rows.COUNTING} WHERE v.question = ? AND v.submission_id IN (SELECT value FROM json_each(?))"
        found = self.select(query, question, json.dumps(list(names)))
        verdicts = {row["submission_id"]: rows.to_counting(row) for row in found}
        query = "SELECT submission_id, flag.value FROM retrainings, json_each(flags) AS flag WHERE flag.key = ?"
        for name, flag in self.select(query, question):
            if name in verdicts:
                verdicts[name] = verdicts[name].flagged(flag)
        return verdicts

    # Saved models and ranks

    def record_scores(
        self,
        submission_id: str,
        verdict: Verdict,
        scores: ModelScores,
        key: str = "",
        seconds: float | None = None,
        run: int | None = None,
    ) -> None:
        """Stores what the saved models of a submission reach, and its verdict, in place of a former one.

        `seconds` is the wall time that measuring them took, `run` the run that it belongs to, if not the last.
        """
        whose = {"submission_id": submission_id}
        with self.transaction() as connection:
            connection.execute(f"DELETE FROM ranks WHERE {_OF_QUESTION}", (submission_id, verdict.question))
            row = {**rows.from_verdict(verdict), "seconds": seconds}
            put(connection, "verdicts", **whose, **row, key=key, run=run or self._run)
            put(connection, "model_scores", **whose, **rows.from_scores(scores))

    def scores(self, question: str) -> dict[str, ModelScores]:
        """What saved models reach for one question, by submission."""
        found = self.select("SELECT * FROM model_scores WHERE question = ?", question)
        return {row["submission_id"]: rows.to_scores(row) for row in found}

    def scores_of(self, submission_id: str) -> dict[str, ModelScores]:
        """What the saved models of one submission reach, by question."""
        found = self.select("SELECT * FROM model_scores WHERE submission_id = ?", submission_id)
        return {row["question"]: rows.to_scores(row) for row in found}

    def record_ranks(self, question: str, ranks: Mapping[str, tuple[float, str]]) -> None:
        """Stores the points and the explanation of every rank, by submission, in place of all former ranks."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM ranks WHERE question = ?", (question,))
            for submission_id, (points, message) in ranks.items():
                row = {"question": question, "points": points, **rows.from_message(message)}
                put(connection, "ranks", submission_id=submission_id, **row)

    # Training again

    def record_retraining(self, submission_id: str, notebook: str, key: str, flags: Mapping[str, str]) -> None:
        """Stores what training a notebook again told, a sentence for each question, in place of what it told before."""
        text = json.dumps({question: one_line(flag, 300) for question, flag in flags.items()}, ensure_ascii=False)
        with self.transaction() as connection:
            put(connection, "retrainings", submission_id=submission_id, notebook=notebook, key=key, flags=text)

    def retrainings(self, submission_id: str) -> dict[str, str]:
        """The key of each notebook of a submission that was trained again."""
        return dict(
            map(tuple, self.select("SELECT notebook, key FROM retrainings WHERE submission_id = ?", submission_id))
        )
