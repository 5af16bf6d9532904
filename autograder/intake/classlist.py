"""A class as a whole: every file that came in, whose it is, and what was handed in together."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.course.manifest import Assignment
from autograder.intake.attempts import Attempt, Received, attempts_of
from autograder.intake.digests import KnownDigests
from autograder.intake.handout import Handout
from autograder.intake.people import Identification, merge_students
from autograder.intake.reading import RemoteIntake, roster_of, times_of
from autograder.intake.roster import Roster, Student
from autograder.intake.source import Source, find, linked_paths
from autograder.intake.submission import Submission, submission_ids
from autograder.sandbox.reader import Readers

_AT_ONCE = min(2, os.cpu_count() or 1)  # submissions, read in as many processes
_WAITING = 1000  # submissions for them; what waits takes more memory than what was read


@dataclass(frozen=True)
class ClassList:
    """What came of a class: its attempts, and its students, whether or not they handed in anything.

    `students` are those of the roster, and whoever else handed something in. `complete` says whether it is a whole
    class, rather than one submission of it.
    """

    attempts: Sequence[Attempt]
    students: Sequence[Student]
    roster: Roster | None
    complete: bool


@dataclass(frozen=True)
class Survey:
    """How a class is looked through: `root` is the project's folder; `submissions`, `roster` and `times` were named.

    Notebooks are written to `folder`, so that a large class fits into memory; without it they are dropped. `files`
    names what alone is looked at; none is all.
    """

    root: Path
    assignment: Assignment
    submissions: Path
    roster: Path | None = None
    folder: Path | None = None
    times: Path | None = None
    files: Collection[str] = ()

    def sources(self, readers: Readers) -> list[Source]:
        """All that came in. Raises FileNotFoundError when there is nothing."""
        beside = {path.resolve() for path in (self.roster, self.times) if path}  # they may lie among them
        found = find(self.submissions, self.assignment, readers)
        sources = [source for source in found if source.path.resolve() not in beside]
        if self.files:
            sources = [source for source in sources if source.name in self.files]
        if not sources:
            raise FileNotFoundError(f"{self.submissions} holds no submissions")
        return sources

    def take_in(
        self,
        sources: Sequence[Source],
        readers: Readers,
        answers: Mapping[str, str] | None = None,
        digests: KnownDigests | None = None,
        lazily: bool = False,
    ) -> ClassList:
        """Reads everything, by `readers`.

        `answers` maps identities to the student IDs that a person gave them; `digests` are known already, and learnt.
        With `lazily`, the notebooks of what is known are read again when they are asked for, and not kept now.
        Raises RosterError, TimesError for files that cannot be used, OSError when the notebooks cannot be written.
        """
        assignment = self.assignment
        roster = roster_of(readers, self.roster, assignment) if self.roster else None
        submissions = self._read(sources, readers, digests or KnownDigests(), lazily)
        pairs = [(source.given, one) for source, one in zip(sources, submissions, strict=True)]
        identification = Identification(pairs, roster, answers or {})
        owners = [identification.owner(*pair) for pair in pairs]
        received = [Received(*one) for one in zip(sources, submissions, owners, strict=True)]
        attempts = attempts_of(received, assignment, times_of(readers, self.times) if self.times else None)
        listed = [*(roster.students.values() if roster else ()), *(one for each in attempts for one in each.students)]
        return ClassList(attempts, merge_students(listed), roster, not _is_one(sources, self.submissions))

    def _read(
        self, sources: Sequence[Source], readers: Readers, digests: KnownDigests, lazily: bool
    ) -> list[Submission]:
        intake = RemoteIntake(readers, self.assignment, Handout.read(self.root / "notebooks"), self.folder)
        names = submission_ids([source.name for source in sources])

        def read_once(source: Source, name: str) -> Submission:
            known = "" if source.member else digests.of(source.path)
            submission = intake.take_in(source, name, known, lazily and bool(known))
            if not source.member:
                digests.learn(source.path, submission.digest)
            return submission

        submissions: list[Submission] = []
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for some in (slice(first, first + _WAITING) for first in range(0, len(names), _WAITING)):
                submissions += pool.map(read_once, sources[some], names[some])
        return submissions


def _is_one(sources: Sequence[Source], submissions: Path) -> bool:
    """Whether one submission was named, rather than a class."""
    (first, *others) = sources
    return not others and not first.member and first.path.resolve() == submissions.resolve()


@contextmanager
def readers_of(submissions: Path, beside: Sequence[Path | None], preload: Sequence[str] = ()) -> Iterator[Readers]:
    """Readers of what a class handed in and of files `beside` it, until the block's end.

    `preload` names modules whose functions they are to call, beside those of intake. Raises FileNotFoundError when
    there is nothing at `submissions`.
    """
    if not submissions.exists():
        raise FileNotFoundError(f"{submissions}: no such file or folder")
    readable = [submissions.resolve(), *linked_paths(submissions), *filter(None, beside)]
    with Readers(readable, [RemoteIntake.__module__, *preload]) as readers:
        yield readers
