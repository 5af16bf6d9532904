"""Submissions and rosters, read in a process that may be killed: what it dies of is one submission's own row.

Functions that begin with `answer_` run in that process and return JSON.
"""

import dataclasses
import json
import pickle
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.course.manifest import Assignment
from autograder.intake.contents import Contents
from autograder.intake.handout import Handout
from autograder.intake.member import is_full
from autograder.intake.roster import Roster, RosterError, Student
from autograder.intake.roster_file import read_roster
from autograder.intake.source import Source
from autograder.intake.submission import (
    Submission,
    SubmissionState,
    digest_of_name,
    load,
    refusal_of,
    unkept,
)
from autograder.intake.times import HandIn, Times, TimesError, read_times
from autograder.messages import from_json, to_json
from autograder.notebook.repair import Kind, Repair
from autograder.sandbox.reader import ReaderEnded, Readers

_BY = ("by_lms_id", "by_student_id")


class NotebookFiles(Mapping[str, bytes]):
    """The notebooks of a submission in files, each read when it is asked for; `in` reads none.

    They are taken in once more where somebody has tidied up. Asking raises OSError. A class has thousands of these, so
    that each holds little; `names` is the same object for many.
    """

    __slots__ = ("_intake", "_names", "_source", "_submission_id")

    def __init__(self, names: tuple[str, ...], intake: "RemoteIntake", source: Source, submission_id: str) -> None:
        self._names, self._intake, self._source, self._submission_id = names, intake, source, submission_id

    def __getitem__(self, name: str) -> bytes:
        if name not in self._names:
            raise KeyError(name)
        try:
            return self._intake.place(self._submission_id, self._names.index(name)).read_bytes()
        except FileNotFoundError:
            notebooks = self._intake.read_again(self._source, self._submission_id)
            if name not in notebooks:
                raise
            return notebooks[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class RemoteIntake:
    """Takes in the submissions of one class through readers.

    Notebooks are moved to `folder`, a new one for each submission; without it, they are dropped.
    """

    def __init__(self, readers: Readers, assignment: Assignment, handout: Handout, folder: Path | None) -> None:
        self._readers = readers
        self._assignment = assignment
        self._known = pickle.dumps((assignment, handout))  # once for the whole class, as on the other side
        self._folder = folder
        self._same: dict[tuple[str, ...], tuple[str, ...]] = {}  # names of notebooks

    def take_in(self, source: Source, submission_id: str, digest: str = "", lazily: bool = False) -> Submission:
        """The submission at `source`, whatever is wrong with it; its `digest` may be known already.

        With `lazily`, its notebooks are read once more if they are asked for. Raises OSError when the grader's disk is
        full.
        """
        try:
            return self._read(source, submission_id, digest, not lazily)
        except ReaderEnded as end:
            return _unread(source, submission_id, self._assignment, str(end))
        except OSError as error:
            if is_full(error):
                raise
            return unkept(_unread(source, submission_id, self._assignment, ""), error)

    def place(self, submission_id: str, number: int) -> Path:
        """Where a submission's notebook of this number lies. Raises FileNotFoundError without a folder."""
        if self._folder is None:
            raise FileNotFoundError(submission_id)
        return self._folder / submission_id / f"{number}.ipynb"

    def read_again(self, source: Source, submission_id: str) -> Mapping[str, bytes]:
        """All notebooks of a submission once more. Raises OSError."""
        try:
            again = self._read(source, submission_id, "unused").notebooks
        except ReaderEnded as end:
            raise FileNotFoundError(str(end)) from None
        return {name: again[name] for name in again}

    def _read(self, source: Source, submission_id: str, digest: str, at_once: bool = True) -> Submission:
        name, at_once = f"{__name__}:answer_submission", at_once and self._folder is not None
        with self._readers.borrow() as reader:
            told = reader.call(name, _absolute(source), submission_id, self._known, digest, at_once, size=source.size)
            names = tuple(name for name in self._assignment.notebooks if name in told["notebooks"])
            for number, name in enumerate(names) if at_once else ():
                place = self.place(submission_id, number)
                place.parent.mkdir(parents=True, exist_ok=True)
                reader.take(told["notebooks"][name], place)
        names = self._same.setdefault(names, names) if self._folder else ()
        return _submission(told, source, submission_id, NotebookFiles(names, self, source, submission_id))


def _absolute(source: Source) -> Source:
    return dataclasses.replace(source, path=source.path.absolute())


def answer_submission(source: Source, submission_id: str, known: bytes, digest: str, write: bool) -> dict[str, Any]:
    """What `load` says of a submission; to `write` its notebooks, into the working folder, takes half of the time.

    Raises OSError.
    """
    submission = load(source, submission_id, *_unpickled(known), digest)
    files = {name: f"{number}.ipynb" for number, name in enumerate(submission.notebooks)}
    for name, file in files.items() if write else ():
        Path(file).write_bytes(submission.notebooks[name])
    told = {field.name: getattr(submission, field.name) for field in dataclasses.fields(Submission)}
    repairs = [repair.to_wire() for repair in submission.repairs]
    said = {"notes": list(map(to_json, submission.notes)), "error": to_json(submission.error)}
    return {**told, **said, "source": "", "notebooks": files, "repairs": repairs}


@lru_cache(maxsize=1)
def _unpickled(known: bytes) -> tuple[Assignment, Handout]:
    assignment, handout = pickle.loads(known)
    return assignment, handout


def _submission(
    told: Mapping[str, Any], source: Source, submission_id: str, notebooks: Mapping[str, bytes]
) -> Submission:
    files, missing = (list(map(str, told[name])) for name in ("files", "missing"))
    notes, error = [_note(json.dumps(note)) for note in told["notes"]], from_json(told["error"])
    state = SubmissionState(told["state"])
    repairs = tuple(Repair(Kind(repair["kind"]), from_json(repair["note"])) for repair in told["repairs"])
    student_id = str(told["student_id"])
    about = (submission_id, source, student_id, notebooks, files, missing, notes, error, state, repairs)
    return Submission(*about, str(told["digest"]))


@lru_cache(maxsize=1024)  # many submissions have the same ones
def _note(text: str) -> str:
    return str(from_json(json.loads(text)))


def _unread(source: Source, submission_id: str, assignment: Assignment, why: str) -> Submission:
    """The submission as one of which its name alone is known."""
    contents = Contents(source, assignment, Handout({}))
    contents.note_given()
    student_id = contents.student_id()
    error, state = refusal_of(contents.name, why), SubmissionState.UNREADABLE
    repairs = tuple(contents.repairs)
    notes, digest = contents.notes, digest_of_name(source.name)
    return Submission(submission_id, source, student_id, {}, [], [], notes, error, state, repairs, digest)


def roster_of(readers: Readers, path: Path, assignment: Assignment) -> Roster:
    """`read_roster`. Raises RosterError."""
    try:
        with readers.borrow() as reader:
            told = reader.call(f"{__name__}:answer_roster", path.absolute(), path, assignment)
    except ReaderEnded as end:
        raise RosterError(f"{path}: {end}") from None
    if "problem" in told:
        raise RosterError(told["problem"])
    return Roster(Student(*map(str, student)) for student in told["students"])


def answer_roster(place: Path, path: Path, assignment: Assignment) -> dict[str, Any]:
    """The students in a roster, or what is wrong with it, where it is called `path`."""
    try:
        roster = read_roster(place, assignment)
    except RosterError as error:
        return {"problem": str(error).replace(str(place), str(path), 1)}
    return {"students": [dataclasses.astuple(one) for one in roster.students.values()]}


def times_of(readers: Readers, path: Path) -> Times:
    """`read_times`. Raises TimesError."""
    try:
        with readers.borrow() as reader:
            told = reader.call(f"{__name__}:answer_hand_ins", path.absolute(), path)
    except ReaderEnded as end:
        raise TimesError(f"{path}: {end}") from None
    if "problem" in told:
        raise TimesError(told["problem"])
    return Times(*({str(who): HandIn.from_wire(one) for who, one in told[by].items()} for by in _BY))


def answer_hand_ins(place: Path, path: Path) -> dict[str, Any]:
    """The times in a file, or what is wrong with it, where it is called `path`."""
    try:
        times = read_times(place)
    except TimesError as error:
        return {"problem": str(error).replace(str(place), str(path), 1)}
    return {by: {who: one.to_wire() for who, one in getattr(times, by).items()} for by in _BY}
