"""A gradebook as it stood at one moment, read once: for what is written about a whole class."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property

from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.people import Person
from autograder.gradebook.rows import COUNTING, AttemptRow
from autograder.marking.verdict import Verdict


@contextmanager
def snapshot(gradebook: Gradebook) -> Iterator[Gradebook]:
    """The gradebook as it stands now, for one thread alone; whoever writes to it meanwhile is not heard.

    Raises GradebookError.
    """
    gradebook.pseudonym_key()  # which must be drawn for good, and nothing that is written below stays
    with _Snapshot(gradebook.folder, gradebook.assignment, alone=False) as still, still.trial(keep=False):
        still.select("BEGIN")
        yield still


class _Snapshot(Gradebook):
    """Keeps the attempts and verdicts of the class, for which there is a query each instead of one for each attempt."""

    @cached_property
    def _attempts(self) -> Mapping[str, AttemptRow]:
        return {attempt.submission_id: attempt for attempt in super().attempts()}

    @cached_property
    def _names(self) -> Mapping[int, list[str]]:
        return self.names_of_attempts()

    @cached_property
    def _rows(self) -> Mapping[str, tuple[list[sqlite3.Row], list[sqlite3.Row]]]:
        """The rows of each attempt that its verdicts are made of."""
        grouped: dict[str, tuple[list[sqlite3.Row], list[sqlite3.Row]]] = {}
        for place, query in enumerate((COUNTING, "SELECT submission_id, flags FROM retrainings")):
            for row in self.select(query):
                grouped.setdefault(row["submission_id"], ([], []))[place].append(row)
        return grouped

    @cached_property
    def _verdicts(self) -> dict[tuple[str, bool], list[Verdict]]:
        return {}

    def attempts(self) -> Iterator[AttemptRow]:
        """Every attempt recorded, by ID."""
        yield from self._attempts.values()

    def attempt(self, submission_id: str) -> AttemptRow:
        """One attempt; raises GradebookError when it is not recorded."""
        return self._attempts.get(submission_id) or super().attempt(submission_id)

    def attempts_of(self, person: Person) -> list[AttemptRow]:
        """The attempts of a student that are there, in no order; that of nothing only where there is no other."""
        return [self._attempts[name] for name in self._names.get(person.number, ())]

    def verdicts(self, submission_id: str, by_hand: bool = True) -> list[Verdict]:
        """One verdict for every question of the manifest, in its order, as `Gradebook.verdicts` says."""
        key = submission_id, by_hand
        if key not in self._verdicts:
            counting, retrained = self._rows.get(submission_id, ([], []))
            self._verdicts[key] = self._verdicts_in(counting, retrained, by_hand)
        return self._verdicts[key]
