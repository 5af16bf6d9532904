"""What a class handed in: found once, read by processes that may be killed, and kept for the items shown last."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from autograder.desk.review.cells import Reading, Wanted, read
from autograder.gradebook.file import GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.classlist import readers_of
from autograder.intake.handout import Handout
from autograder.intake.names import quoted
from autograder.intake.source import Source, find
from autograder.messages import say
from autograder.sandbox.reader import ReaderEnded, Readers

_MOST_READ = 60  # items of which what was read is kept


class HandedIn:
    """The files and folders of a graded class, as they lie where they were graded; safe to use from several threads."""

    def __init__(self, root: Path, gradebook: Gradebook) -> None:
        self._root = root
        self._gradebook = gradebook
        self._mutex = threading.RLock()
        self._kept: OrderedDict[tuple[str, str], tuple[Reading, str]] = OrderedDict()
        self._sources: dict[str, Source] = {}
        self._readers: Readers | None = None

    def close(self) -> None:
        """Ends the processes."""
        if self._readers:
            self._readers.__exit__()

    def read(self, submission_id: str, wanted: Wanted) -> tuple[Reading, str]:
        """What is wanted of an attempt, and why there are no cells."""
        key = (submission_id, wanted.question)
        with self._mutex:
            if key in self._kept:
                return self._kept[key]
        found = self._read_now(submission_id, wanted)
        with self._mutex:
            self._kept[key] = found
            while len(self._kept) > _MOST_READ:
                self._kept.popitem(last=False)
        return found

    def sources_of(self, submission_id: str) -> list[Source]:
        """The files of an attempt, all of them. Raises GradebookError where some are not there any more."""
        names = self._gradebook.attempt(submission_id).sources
        try:
            _, sources = self._open()
        except OSError as error:
            raise GradebookError(say("what was handed in cannot be read: {error}", error=str(error))) from None
        if gone := [name for name in names if name not in sources]:
            place = str(self._gradebook.submissions_place)
            told = say("{files} is not in {place} any more: put it back there", files=quoted(gone), place=place)
            raise GradebookError(told)
        return [sources[name] for name in names]

    def _read_now(self, submission_id: str, wanted: Wanted) -> tuple[Reading, str]:
        try:
            readers, sources = self._open()
            names, assignment = self._gradebook.attempt(submission_id).sources, self._gradebook.assignment
            found = [
                read(readers, sources[name], assignment, self._handout, wanted) for name in names if name in sources
            ]
        except (OSError, ReaderEnded) as error:
            return _joined([]), say("What was handed in cannot be read: {error}", error=str(error))
        reading = _joined(found)
        return reading, "" if reading.cells else say("No cell of this question was found in what was handed in.")

    @cached_property
    def _handout(self) -> Handout:
        return Handout.read(self._root / "notebooks")

    def _open(self) -> tuple[Readers, Mapping[str, Source]]:
        """The readers and what came in, both from the first time on. Raises OSError."""
        with self._mutex:
            if self._readers is None:
                place = Path(self._gradebook.submissions_place or ".missing")
                with readers_of(place, (), [read.__module__]) as readers:  # which starts none yet
                    self._sources = {source.name: source for source in find(place, self._gradebook.assignment, readers)}
                self._readers = readers
            return self._readers, self._sources


def _joined(readings: Sequence[Reading]) -> Reading:
    """What several files of one attempt hold together."""
    return Reading(
        [cell for one in readings for cell in one.cells],
        [report for one in readings for report in one.reports],
        "\n".join(one.prose for one in readings),
    )
