"""A graded class as a review sees it: its queue, kept while nothing changes, and what lies behind each item."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from autograder.classroom.explanation import checks_of, mistakes_of, rule_of
from autograder.course.answer import Answer
from autograder.course.answers import answers_of, handout_lines, names_of
from autograder.desk.review.again import Gradings
from autograder.desk.review.cells import Cell, Reading, Wanted
from autograder.desk.review.handed_in import HandedIn
from autograder.desk.review.marks import comments
from autograder.desk.review.queue import Item, Queue, queue_of
from autograder.desk.review.reporter import Reporter
from autograder.gradebook.events import Event
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.history import History
from autograder.marking.verdict import Verdict
from autograder.messages import say
from autograder.models.measurement import ModelScores
from autograder.notebook.prose import names_in, sources_named
from autograder.pages.pseudonyms import pseudonyms_of

if TYPE_CHECKING:  # the queue is there before torch is, which checks import
    from autograder.checks.mistakes import Mistake
    from autograder.checks.question import Check
    from autograder.course.course import Course

_MOST_SOURCES = 9
_MOST_ALIKE = 30


@dataclass(frozen=True)
class Alike:
    """How another student's answer with the same diagnosis is marked; `item` is it where it stands in the queue."""

    submission_id: str
    verdict: Verdict
    item: Item | None


@dataclass(frozen=True)
class Exhibit:
    """All that a person looks at to mark an item.

    `problem` says why there are no cells. `reports` are the student's, `sources` the lines of their own in which they
    name collaborators or a source, `named` the pseudonyms and IDs of others whom they name. `rules` are the mark
    scheme's lines, `rubric` what mistakes still earn, or the lines of a question that only people mark, whose points
    add up; `comments` were given with this diagnosis before.
    """

    item: Item
    cells: Sequence[Cell]
    problem: str
    reports: Sequence[Cell]
    sources: Sequence[str]
    named: Sequence[tuple[str, str]]
    rules: Sequence[str]
    rubric: Sequence[tuple[str, float]]
    alike: Sequence[Alike]
    events: Sequence[Event]
    comments: Sequence[str]
    scores: ModelScores | None


class GradedClass:
    """A graded class; safe to use from several threads. Methods raise GradebookError.

    As a context it holds the processes that read what was handed in.
    """

    def __init__(self, root: Path, gradebook: Gradebook) -> None:
        self.root = root
        self.gradebook = gradebook
        self.gradings = Gradings(root, gradebook)
        self.handed_in = HandedIn(root, gradebook)
        self.reporter = Reporter(gradebook)
        self._ahead = ThreadPoolExecutor(max_workers=1)
        self._loading = threading.RLock()
        self._writing = threading.Lock()
        self._mutex = threading.RLock()
        self._queue_stamp = ""
        self._queue = Queue(())

    def __enter__(self) -> Self:
        self.reporter.start()
        self._ahead.submit(self._load)  # importing torch and the checks takes seconds, which nobody should wait for
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.gradings.close()
        self._ahead.shutdown(cancel_futures=True)
        self.reporter.close()
        self.handed_in.close()

    @cached_property
    def _course(self) -> tuple["Course", Sequence[Answer], set[str]]:
        """The checks of the assignment, which names answer which questions, and the lines of the handout in words."""
        from autograder.course.course import load_course

        course = load_course(self.root, self.gradebook.assignment)
        return course, answers_of(self.root, course)[0], handout_lines(self.root, self.gradebook.assignment.notebooks)

    def _load(self) -> tuple["Course", Sequence[Answer], set[str]]:
        with self._loading:
            return self._course

    @contextmanager
    def writing(self) -> Iterator[Gradebook]:
        """A connection of its own to decide something, one after the other; what was decided is on disk at its end.

        Reports follow in the background.
        """
        with (
            self._writing,
            Gradebook(self.gradebook.folder, self.gradebook.assignment, alone=False) as gradebook,
        ):
            yield gradebook
        self.reporter.wake()

    @property
    def stamp(self) -> str:
        """What changes with anything that anybody writes to the gradebook, of whatever process."""
        return str(self.gradebook.select("PRAGMA data_version")[0][0])

    @property
    def queue(self) -> Queue:
        """The queue as it stands now."""
        with self._mutex:
            if (stamp := self.stamp) != self._queue_stamp:
                self._queue, self._queue_stamp = queue_of(self.gradebook), stamp
            return self._queue

    def exhibit(self, item: Item) -> Exhibit:
        """What to look at for an item."""
        course, _, given = self._load()
        _, checks = checks_of(course, item.question)
        reading, problem = self._read(item)
        diagnoses = self._diagnoses(item.question)
        events = History(self.gradebook).events_about(item.question)
        thing = (item.submission_id, item.question)
        return Exhibit(
            item,
            reading.cells,
            problem,
            [report for report in reading.reports if report not in reading.cells],
            list(islice(sources_named(reading.prose, given), _MOST_SOURCES)),
            self._people_named(item, reading.prose),
            [line for check in checks for line in rule_of(check)],
            self._rubric(item.question, checks),
            self._alike(item, diagnoses),
            [event for event in events if event.thing[:2] == thing],
            comments(events, diagnoses, item.marked.diagnosis),
            self.gradebook.scores_of(item.submission_id).get(item.question),
        )

    def _rubric(self, question: str, checks: Sequence["Check"]) -> list[tuple[str, float]]:
        """The lines that a person marks by, each with its points."""
        if manual := self.gradebook.assignment.manual_questions.get(question):
            return [(line.text, line.points) for line in manual.rubric]
        return _earning([mistake for check in checks for mistake in mistakes_of(check)])

    def grade_again(self, item: Item, limit: str, case: str = "") -> None:
        """Begins to grade an item's student again, or its question on a case of `cases_of` alone.

        A question may take `limit` seconds, as typed.
        """
        names = [source.name for source in self.handed_in.sources_of(item.submission_id)]
        if case:
            self.gradings.start_case(item.submission_id, names, item.question, case, limit)
        else:
            self.gradings.start(item.submission_id, names, limit)

    def cases_of(self, question: str) -> list[tuple[str, str]]:
        """The cases on which the checks of a question run, each with what to call it; secret ones by numbers."""
        course, _, _ = self._load()
        listed = list[tuple[str, str]]()
        checks = [check for check in checks_of(course, question)[1] if not check.about_models]
        for name in dict.fromkeys(check.cases for check in checks):
            if not name:
                listed.append(("/0", say("without cases")))
                continue
            public = course.cases[name]  # of which a recipe makes as many secret ones
            listed += [(f"{name}/{number}", str(case)) for number, case in enumerate(public)]
            listed += [
                (f"{name}/{len(public) + number}", say("secret case {number} of {name}", number=number + 1, name=name))
                for number in range(len(public))
            ]
        return listed

    def alike(self, item: Item) -> list[Item]:
        """The other items of the queue with the same diagnosis that no hand has touched.

        Answers that only a person marks have nothing in common.
        """
        return [
            one
            for one in self.queue.items
            if not item.is_manual
            and (one.question, one.marked.diagnosis) == (item.question, item.marked.diagnosis)
            and not one.is_by_hand
            and one.key != item.key
        ]

    def _diagnoses(self, question: str) -> Mapping[tuple[str, str], str]:
        """What the grader itself said about a question, by attempt and question."""
        found = self.gradebook.select("SELECT submission_id, diagnosis FROM verdicts WHERE question = ?", question)
        return {(row[0], question): row[1] for row in found}

    def _alike(self, item: Item, diagnoses: Mapping[tuple[str, str], str]) -> list[Alike]:
        """The other answers with the same diagnosis."""
        in_queue = {(one.submission_id, one.question): one for one in self.queue.items}
        names = [
            name
            for (name, _), diagnosis in diagnoses.items()
            if diagnosis == item.marked.diagnosis and name != item.submission_id and diagnosis and not item.is_manual
        ]
        verdicts = self.gradebook.verdicts_about(item.question, names[:_MOST_ALIKE])
        return [Alike(name, verdict, in_queue.get((name, item.question))) for name, verdict in verdicts.items()]

    def prepare(self, key: str) -> None:
        """Reads the cells of an item, if there is one, in the background: before somebody asks for them."""
        item = self.queue.get(key)
        if item and item.question:
            self._ahead.submit(self._read, item)

    def _read(self, item: Item) -> tuple[Reading, str]:
        """What is read for an item, and why there are no cells."""
        course, answers, _ = self._load()
        manual = self.gradebook.assignment.manual_questions.get(item.question)
        question = manual.cells_of or item.question if manual else item.question
        shown = (manual.file, manual.text_under) if manual else ("", "")
        notebook, _ = checks_of(course, question)
        numbers = [excerpt.cell for excerpt in item.marked.evidence.excerpts]
        wanted = Wanted(notebook, question, names_of(answers, question), numbers, *shown)
        return self.handed_in.read(item.submission_id, wanted)

    def _people_named(self, item: Item, prose: str) -> list[tuple[str, str]]:
        """The others of the class whom a text names, by ID or name: their pseudonyms and IDs."""
        mine, pseudonym = self.gradebook.attempt(item.submission_id).students, pseudonyms_of(self.gradebook)
        others = [one.student for one in self.gradebook.people() if one.student.student_id not in mine]
        return [
            (pseudonym(one.student_id), one.student_id) for one in others if names_in(prose, (one.student_id, one.name))
        ]


def _earning(mistakes: Sequence["Mistake"]) -> list[tuple[str, float]]:
    """What known mistakes still earn, those that earn most first."""
    earning = {str(mistake.says): mistake.earns for mistake in mistakes if mistake.earns}
    return sorted(earning.items(), key=lambda pair: -pair[1])[:9]
