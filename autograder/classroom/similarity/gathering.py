"""The work of a graded class, and of classes of earlier years: found, and read by processes that may be killed."""

import pickle
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from autograder.classroom.similarity.reading import answer_work
from autograder.classroom.similarity.weights import answer_weights
from autograder.classroom.similarity.work import NotebookWork, Work
from autograder.course.answer import Answer
from autograder.course.manifest import Assignment
from autograder.gradebook.file import FILE_NAME
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.rows import AttemptRow
from autograder.intake.classlist import readers_of
from autograder.intake.handout import Handout
from autograder.intake.names import quoted
from autograder.intake.source import Source, find
from autograder.sandbox.reader import ReaderEnded, Readers

_AT_ONCE = 2  # processes that read
_MAGICS = "IPython.core.inputtransformer2"  # what cells with magics need, later too late


class SimilarityError(Exception):
    """Nothing can be compared; the message says what is missing, and where."""


class Gathering:
    """Reads works of one assignment of the course at `root`, of which `answers` are compared."""

    def __init__(self, root: Path, assignment: Assignment, answers: Sequence[Answer]) -> None:
        self._assignment = assignment
        self._handout = Handout.read(root / "notebooks")
        self._known = pickle.dumps((assignment, self._handout, list(answers)))

    def of_class(self, gradebook: Gradebook) -> list[Work]:
        """The attempts of a gradebook that are there. Raises SimilarityError, GradebookError."""
        attempts, place = _attempts_of(gradebook), _place_of_class(gradebook)
        names = {one.student.student_id: one.student.name for one in gradebook.people()}
        parts = self._parts(place)
        return [_of_attempt(one, parts, names) for one in attempts]

    def of_earlier(self, folder: Path) -> list[Work]:
        """The works in a folder of an earlier year: its GRADES, or what was handed in. Raises SimilarityError."""
        parts = self._parts(_place_of(folder))
        works = [
            replace(work, owners=work.owners or frozenset([name]), earlier=str(folder))
            for name, several in parts.items()
            for work in several
        ]
        if not any(work.notebooks for work in works):
            raise SimilarityError(
                f"--earlier {folder}: is no GRADES folder, and none of its {len(works)} entries holds a notebook of "
                f"{self._assignment.name}; expected {quoted(list(self._assignment.notebooks))} in archives or folders"
            )
        return works

    def _parts(self, place: Path) -> dict[str, list[Work]]:
        """What lies at a place, by the names that reports call it by."""
        modules = [answer_work.__module__, answer_weights.__module__, _MAGICS]
        with readers_of(place, (), modules) as readers, ThreadPoolExecutor(_AT_ONCE) as pool:
            sources = find(place, self._assignment, readers)
            works = list(pool.map(lambda source: self._read(readers, source), sources))
        parts: dict[str, list[Work]] = {}
        for source, work in zip(sources, works, strict=True):
            parts.setdefault(source.name, []).append(work)
        return parts

    def _read(self, readers: Readers, source: Source) -> Work:
        """One file or folder; whatever keeps it from being read is among its problems."""
        there = replace(source, path=source.path.absolute())
        try:
            with readers.borrow() as reader:
                told = reader.call(f"{answer_work.__module__}:answer_work", there, self._known, size=source.size)
        except (ReaderEnded, OSError) as error:
            return Work(source.name, frozenset(), problems=(f"{source.name}: {error}",))
        weights, problem = self._weights(readers, there)
        notebooks = {str(name): NotebookWork.from_wire(one) for name, one in told["notebooks"].items()}
        problems = tuple(f"{source.name}: {one}" for one in [*told["problems"], problem] if one)
        owners = frozenset(filter(None, [str(told["student_id"])]))
        return Work(source.name, owners, (), None, "", notebooks, str(told["report"]), problems, weights)

    def _weights(self, readers: Readers, source: Source) -> tuple[Mapping[str, tuple[float, ...]], str]:
        """Samples of the saved models, and what kept them from being read: the rest is compared all the same."""
        folders = {rule.folder: rule.model_mib for rule in self._assignment.model_questions.values()}
        if not folders:
            return {}, ""
        function, where = f"{answer_weights.__module__}:answer_weights", (source.path, source.member)
        try:
            with readers.borrow() as reader:
                told = reader.call(function, *where, folders, size=source.size)
        except (ReaderEnded, OSError) as error:
            return {}, f"its saved models: {error}"
        return {str(name): tuple(map(float, sample)) for name, sample in told.items()}, ""


def check_places(gradebook: Gradebook, earlier: Sequence[Path]) -> None:
    """Raises SimilarityError, GradebookError where a class has nothing to be read, without reading any."""
    _attempts_of(gradebook)
    _place_of_class(gradebook)
    for folder in earlier:
        _place_of(folder)


def _attempts_of(gradebook: Gradebook) -> list[AttemptRow]:
    attempts = [one for one in gradebook.attempts() if one.sources and not one.gone]
    if not attempts:
        raise SimilarityError(
            f"{gradebook.folder}: nothing that was handed in stands in it; expected a folder into which "
            "`autograder grade --out` has graded a class"
        )
    return attempts


def _place_of_class(gradebook: Gradebook) -> Path:
    if not gradebook.submissions_place:
        raise SimilarityError(f"{gradebook.folder}: does not say where the class lay; grade it once more into it")
    place = Path(gradebook.submissions_place)
    return _there(place, f"{gradebook.folder}: what was graded lay in {place}")


def _there(place: Path, lay: str) -> Path:
    if not place.exists():
        raise SimilarityError(f"{lay}, which is not there any more; put it back there")
    return place


def _of_attempt(attempt: AttemptRow, parts: Mapping[str, list[Work]], names: Mapping[str, str]) -> Work:
    """An attempt of the gradebook, with all of its files."""
    mine = [work for source in attempt.sources for work in parts.get(source, ())]
    missing = [f"{source}: is not there any more" for source in attempt.sources if source not in parts]
    owners = attempt.students or (f"unknown: {attempt.source}",)
    return Work(
        attempt.submission_id,
        frozenset(owners),
        tuple(filter(None, (names.get(one, "") for one in owners))),
        attempt.timing.handed_in,
        notebooks={name: one for work in mine for name, one in work.notebooks.items()},
        report="\n".join(filter(None, (work.report for work in mine))),
        problems=(*(problem for work in mine for problem in work.problems), *missing),
        weights={name: one for work in mine for name, one in work.weights.items()},
    )


def _place_of(folder: Path) -> Path:
    """Where what was handed in lies: of a GRADES folder, the place that its gradebook names. Raises SimilarityError."""
    if not folder.is_dir():
        raise SimilarityError(f"--earlier {folder}: no such folder; expected a GRADES folder, or one of archives")
    path = folder / FILE_NAME
    if not path.is_file():
        return folder
    try:  # read only: a gradebook of an older format stays as it is
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = 'submissions'").fetchone()
    except sqlite3.Error as error:
        raise SimilarityError(f"--earlier {folder}: {FILE_NAME} in it is no gradebook: {error}") from error
    if not row:
        raise SimilarityError(f"--earlier {folder}: its gradebook does not say where what was handed in lay; name that")
    return _there(Path(row[0]), f"--earlier {folder}: the submissions lay in {row[0]}")


def problems_of(works: Sequence[Work]) -> Iterator[str]:
    """What could not be read, each sentence once."""
    yield from dict.fromkeys(problem for work in works for problem in work.problems)
