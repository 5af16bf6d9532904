"""What of a class is alike: every answer, notebook, report, output and saved model of it, compared."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, methodcaller
from pathlib import Path

from autograder.classroom.similarity.gathering import Gathering, problems_of
from autograder.classroom.similarity.known import known_code
from autograder.classroom.similarity.matching import (
    ANSWER,
    NOTEBOOK,
    REPORT,
    SHOWN,
    Compared,
    Comparison,
    Measure,
    Pair,
    clusters,
)
from autograder.classroom.similarity.models import compare_predictions, compare_weights
from autograder.classroom.similarity.winnowing import Hashes, grams, union
from autograder.classroom.similarity.work import NotebookWork, Stream, Work
from autograder.course.answer import Answer
from autograder.course.answers import answers_of, handout_lines
from autograder.course.course import load_course
from autograder.course.manifest import Assignment
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.texts import REPORT_FILE
from autograder.notebook.prose import sources_named


@dataclass(frozen=True)
class Subject:
    """One thing that was compared: its `title`, the notebook that holds it ("" for none), and what came of it.

    `kind` is "answer", "notebook", "report", "outputs", "predictions" or "weights".
    """

    kind: str
    title: str
    notebook: str
    compared: Compared


@dataclass(frozen=True)
class Row:
    """A pair as tables show it, with what either says about where it has it from."""

    subject: Subject
    pair: Pair
    names: str
    sources: tuple[str, str]

    @property
    def first(self) -> str:
        """Who handed in first; "" where a time is missing, or both are the same."""
        ours, theirs = self.pair.ours, self.pair.theirs
        if theirs.earlier:
            return theirs.who
        if ours.handed_in is None or theirs.handed_in is None or ours.handed_in == theirs.handed_in:
            return ""
        return (ours if ours.handed_in < theirs.handed_in else theirs).who


@dataclass(frozen=True)
class Similarity:
    """All that was compared of a class: its subjects, a row for each pair, and clusters of people.

    `without` are the questions that no code of a student's own answers.
    """

    title: str
    people: int
    works: int
    earlier: int
    subjects: Sequence[Subject]
    rows: Sequence[Row]
    clusters: Sequence[Sequence[str]]
    without: Sequence[str]
    problems: Sequence[str]

    @property
    def too_short(self) -> list[Subject]:
        """The subjects that most students wrote too little of to tell."""
        return [one for one in self.subjects if one.compared.number and one.compared.too_short]


def compare_class(root: Path, gradebook: Gradebook, earlier: Sequence[Path]) -> Similarity:
    """Compares the class of a gradebook with itself and with classes of earlier years.

    Raises SimilarityError, GradebookError, CourseError, FileNotFoundError.
    """
    assignment = gradebook.assignment
    answers, without = answers_of(root, load_course(root, assignment))
    gathering = Gathering(root, assignment, answers)
    ours = gathering.of_class(gradebook)
    works = [*ours, *(work for folder in earlier for work in gathering.of_earlier(folder))]
    known = {name: known_code(root, assignment, name) for name in assignment.notebooks}
    scores = {name: gradebook.scores(name) for name in assignment.model_questions}
    compared = [
        *_code(works, answers, known),
        _reports(works, _templates(root, assignment)),
        *(Subject("predictions", name, "", compare_predictions(ours, found)) for name, found in scores.items()),
        Subject("weights", "saved models", "", compare_weights(works)),
    ]
    subjects = [one for one in compared if one.compared.number]
    given = handout_lines(root, assignment.notebooks)
    rows = [_row(one, pair, given) for one in subjects for pair in one.compared.pairs]
    rows.sort(key=lambda row: (-row.pair.score, -row.pair.shared))
    people = len({work.owners for work in ours})
    groups = clusters(row.pair for row in rows)
    counts = people, len(ours), len(works) - len(ours)
    return Similarity(assignment.title, *counts, subjects, rows, groups, without, list(problems_of(works)))


def _code(
    works: Sequence[Work], answers: Sequence[Answer], known: Mapping[str, Sequence[Sequence[str]]]
) -> Iterator[Subject]:
    for answer in answers:
        streams = _streams(works, answer.notebook, methodcaller("answer", answer.title))
        yield _subject("answer", answer.title, answer.notebook, streams, known[answer.notebook], ANSWER)
    for name, code in known.items():
        yield _subject("notebook", name, name, _streams(works, name, attrgetter("code")), code, NOTEBOOK)
        yield _subject("outputs", name, name, _streams(works, name, attrgetter("shown")), [], SHOWN)


def _reports(works: Sequence[Work], templates: Sequence[str]) -> Subject:
    streams = [(work, words_of(work.report)) for work in works]
    return _subject("report", REPORT_FILE, "", streams, [words_of(text).tokens for text in templates], REPORT)


def _templates(root: Path, assignment: Assignment) -> list[str]:
    """The texts that students find in the places of their reports."""
    paths = [root / rule.folder / REPORT_FILE for rule in assignment.model_questions.values()]
    return [path.read_text(encoding="utf-8") for path in paths if path.is_file()]


def _subject(
    kind: str,
    title: str,
    notebook: str,
    streams: Sequence[tuple[Work, Stream]],
    known: Sequence[Sequence[str]],
    measure: Measure,
) -> Subject:
    common: Hashes = union(grams(tokens, measure.gram) for tokens in known)
    return Subject(kind, title, notebook, Comparison(streams, common, measure).compared())


def _streams(works: Sequence[Work], name: str, part: Callable[[NotebookWork], Stream]) -> list[tuple[Work, Stream]]:
    return [(work, part(work.notebooks[name])) for work in works if name in work.notebooks]


def words_of(text: str) -> Stream:
    """The words of a text, each with its line; its cell is 1."""
    found = [
        (word.casefold(), (1, number))
        for number, line in enumerate(text.splitlines(), 1)
        for word in re.findall(r"\w+", line)
    ]
    return Stream([word for word, _ in found], [place for _, place in found])


def _row(subject: Subject, pair: Pair, given: set[str]) -> Row:
    ways = pair.ours.names_author_of(pair.theirs), pair.theirs.names_author_of(pair.ours)
    names = {(True, True): "each other", (True, False): pair.ours.who, (False, True): pair.theirs.who}.get(ways, "")
    ours, theirs = (next(sources_named(work.prose, given), "") for work in (pair.ours, pair.theirs))
    return Row(subject, pair, names, (ours, theirs))
