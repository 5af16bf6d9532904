"""What `autograder grade` does: finds the submissions, grades them with live progress, writes the reports."""

import shlex
import sys
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TypeVar

from rich.console import Console

from autograder.classroom.cluster.choice import ClusterChoice
from autograder.classroom.cluster.phases import ClusterPhases
from autograder.classroom.finished import FinishedClass, write_pages
from autograder.classroom.progress import ClassProgress
from autograder.classroom.ranking import rank_class
from autograder.classroom.sample import sample_of
from autograder.course.data_package import is_sample
from autograder.course.manifest import Assignment
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import candidates_of, open_questions
from autograder.gradebook.reconcile import reconcile
from autograder.gradebook.table import table
from autograder.intake.attempts import Attempt
from autograder.intake.classlist import Survey, readers_of
from autograder.intake.source import Source
from autograder.marking.sandboxes import (
    first_imports,
    in_background,
    most_children,
    open_retraining_sandbox,
    open_sandbox,
    open_scoring_sandbox,
    with_twins,
)
from autograder.marking.torch_import import import_torch
from autograder.marking.verdict import UNREAD, State
from autograder.models.reading import take_models
from autograder.pages.reports import write_reports
from autograder.pages.student_page import try_student_page
from autograder.sandbox import Sandbox, WarmProcess
from autograder.sandbox.reader import Readers
from autograder.sandbox.temporary import sweep, temporary_folder

Grade = Callable[[Sequence[Attempt], ClassProgress], None]
Done = TypeVar("Done")

COLAB_PYTHON = (3, 13)
_NAMED = 5  # of what was not read; the reports name all
_FEW = 4  # submissions, for which it does not pay to make forks cheap


@dataclass(frozen=True)
class Order:
    """What a teaching assistant asks for: which submissions, of which assignment, into which folder, and how.

    Saved models are measured on the test sets of the directory `data`, if one is named; with `retrain_minutes`, which
    needs it, notebooks are trained again for so long at most: all, or those of a sample of `sample_percent` of the
    class. `roster` is a CSV file of the class, `times` one of the LMS that tells when everybody handed in.
    `limit_seconds` replaces the manifest's wall time of each question, `secret_seed` fixes that of the secret cases;
    the gradebook remembers both. `only` names the one student to grade; `gone` says that much of what was there may be
    gone. `files` names those of the submissions that alone are taken in. With `public_alone` no secret case is used.
    Code is marked, and models are measured, by the workers of `cluster`, if one is named.
    """

    root: Path
    assignment: Assignment
    submissions: Path
    out: Path
    jobs: int
    limit_seconds: float | None = None
    secret_seed: int | None = None
    unsafe: bool = False
    data: Path | None = None
    retrain_minutes: float | None = None
    roster: Path | None = None
    sample_percent: float | None = None
    public_alone: bool = False
    only: str = ""
    files: Sequence[str] = ()
    gone: bool = False
    times: Path | None = None
    cluster: ClusterChoice | None = None

    @property
    def protect(self) -> list[Path]:
        """What student code must not read, beside the course's own secrets; sample data is everybody's."""
        secret = [self.data] if self.data and not is_sample(self.root, self.data) else []
        return [self.submissions, self.out, *secret]


def grade_class(order: Order, console: Console, begun: WarmProcess | None = None) -> int:
    """Grades everything that an order names; returns how many things there are for a person to look at or to answer.

    `begun` is a warm process that was started before, and stays the caller's where it is not needed.
    Raises TooManyGoneError, SandboxUnavailable, ClusterError, GradebookError, FileNotFoundError when there is nothing
    to grade or no such data, ValueError for damaged data, OSError when a report or a notebook cannot be written.
    """
    if note := python_note(sys.version_info[:2]):
        console.print(note, markup=False, soft_wrap=True)
    sweep()
    with (
        temporary_folder() as folder,
        readers_of(order.submissions, (order.roster, order.times), [take_models.__module__]) as readers,
    ):
        named = order.roster, folder, order.times, order.files
        survey = Survey(order.root, order.assignment, order.submissions, *named)
        sources = survey.sources(readers)  # before a gradebook is made for nothing
        with Gradebook(order.out, order.assignment) as gradebook:
            if begun:  # torch will be needed here, too: this process only waits for what reads archives
                Thread(target=import_torch, daemon=True).start()
            attempts = _survey(order, survey, sources, gradebook, readers)
            if seconds := gradebook.limit_seconds(order.limit_seconds):
                order = replace(order, assignment=order.assignment.with_seconds(seconds))
            seed = gradebook.secret_seed(order.secret_seed)
            finished = FinishedClass(
                order.root, order.assignment, gradebook, None if order.public_alone else seed, attempts
            )
            if finished.is_known and not order.data:
                _run("marking", partial(write_pages, gradebook), attempts, console)
            elif (
                _grade(order, attempts, [*order.protect, folder], gradebook, readers, console, begun) and not order.only
            ):
                finished.remember()
            return _report(order, attempts, gradebook, console)


def _survey(
    order: Order, survey: Survey, sources: Sequence[Source], gradebook: Gradebook, readers: Readers
) -> list[Attempt]:
    """The attempts that are to be graded, after the gradebook has learnt what is there.

    Raises FileNotFoundError when nobody is there that the order names.
    """
    digests = gradebook.digests()
    was_finished = bool(gradebook.finished)  # so that most notebooks will not be asked for
    class_list = survey.take_in(sources, readers, gradebook.answers(), digests, lazily=was_finished)
    gradebook.keep_digests(digests)
    if class_list.complete or not gradebook.submissions_place:
        gradebook.keep_submissions_place(order.submissions)
    attempts = reconcile(gradebook, class_list, order.gone)
    may_count = candidates_of(gradebook)
    for attempt in attempts:
        if attempt.submission_id not in may_count:
            try_student_page(gradebook, attempt.submission_id)
    chosen = [one for one in attempts if one.submission_id in may_count]
    if order.only:
        number = gradebook.person(order.only).number
        its = {one.submission_id for one in gradebook.attempts() if number in gradebook.people_of(one.submission_id)}
        chosen = [one for one in chosen if one.submission_id in its]
        if not chosen:
            raise FileNotFoundError(f"{order.submissions} holds nothing of {order.only}")
    return chosen


def python_note(version: tuple[int, int]) -> str:
    """A line for a grader whose Python is older than Colab's, else ""."""
    ours, theirs = (".".join(map(str, one)) for one in (version, COLAB_PYTHON))
    older = f"This is Python {ours}, Colab runs {theirs}: cells that do not parse here for that reason are UNGRADED."
    return older if version < COLAB_PYTHON else ""


def _report(order: Order, attempts: Sequence[Attempt], gradebook: Gradebook, console: Console) -> int:
    """Writes what is about the class; how many things there are for a person to look at or to answer."""
    write_reports(gradebook)
    table(gradebook).print_to(console)
    console.print(
        f"Reports: {order.out / 'students'}, and of the class {order.out / 'class.html'}", markup=False, soft_wrap=True
    )
    ungraded, unread = 0, set[str]()
    for submission_id in [one.submission_id for one in attempts]:
        for mark in gradebook.verdicts(submission_id):
            ungraded += mark.state is State.UNGRADED
            if mark.diagnosis in UNREAD:
                unread.add(submission_id)
    if unread:
        what = "submission was" if len(unread) == 1 else "submissions were"
        line = f"{len(unread)} {what} not read, or not completely: {_some_of(sorted(unread))}. The reports say why."
        console.print(line, markup=False, soft_wrap=True)
    questions = open_questions(gradebook)
    for question in questions:
        console.print(question, markup=False, soft_wrap=True)
    if questions:
        answer = f"autograder assign {shlex.quote(str(order.out))} FILE STUDENT"
        console.print(f"Answer whose a file is by: {answer}", markup=False, soft_wrap=True)
    return ungraded + len(unread) + len(questions)


def _some_of(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    first = ", ".join(names[:_NAMED])
    return first if len(names) <= _NAMED else f"{first} and {len(names) - _NAMED} more"


def _grade(
    order: Order,
    attempts: Sequence[Attempt],
    protect: Sequence[Path],
    gradebook: Gradebook,
    readers: Readers,
    console: Console,
    begun: WarmProcess | None,
) -> bool:
    """All phases, one after the other; each opens the sandboxes that it needs, which `protect` is hidden from.

    Whether no code is left that would be marked if they began anew.
    """
    root, assignment, number = order.root, order.assignment, min(order.jobs, len(attempts))
    seed = gradebook.secret_seed(order.secret_seed)
    with ExitStack() as resources:
        cluster = ClusterPhases(order.cluster, root, gradebook, console, resources) if order.cluster else None
        with ExitStack() as marking:

            def open_first() -> Future[Sandbox]:
                open_one = partial(open_sandbox, root, assignment, protect=protect, unsafe=order.unsafe, begun=begun)
                contents, few = _contents(attempts), len(attempts) <= _FEW
                return marking.enter_context(in_background(lambda: open_one(notebooks=contents, few=few)))

            here = cluster is None
            opening = open_first() if here and (order.data or _is_new(gradebook, attempts)) else None
            import_torch()  # while the sandbox does
            from autograder.classroom.phases import ClassRun
            from autograder.classroom.retrain import open_retrainer
            from autograder.course.course import load_course
            from autograder.course.points import require_agreement
            from autograder.course.test_sets import test_sets_of

            course = load_course(root, assignment, None if order.public_alone else seed, gradebook, at_once=False)
            require_agreement(course)
            left = longest_first(ClassRun(root, course, gradebook, []).left(attempts), gradebook)
            if left and here and not opening:
                opening = open_first()
            if opening:
                first = opening.result()  # refuses here where nothing isolates
                gradebook.start_run(first.tier, first.layers)
            test_sets = test_sets_of(root, assignment, order.data) if order.data else {}
            retrainer = None
            if order.data and order.retrain_minutes:
                retrainer = resources.enter_context(open_retrainer(root, assignment, order.data, order.retrain_minutes))
                gradebook.keep_sampling(order.sample_percent)
            sandboxes: list[Sandbox] = []
            if opening:  # more than jobs: one more is marked while one only waits, for a limit on its time, say
                sandboxes = marking.enter_context(with_twins(first, min(most_children(number, first), len(left))))
            run = ClassRun(root, course, gradebook, sandboxes, number)
            grade = partial(cluster.grade, course, first_imports(_contents(left))) if cluster else run.grade
            mark = partial(_mark, gradebook, grade, left)
            _run("marking", mark, attempts, console)
            is_done = not run.left(attempts)
        if test_sets:
            to_measure = attempts
            if cluster:
                to_measure = _run("measuring", partial(cluster.measure, course, test_sets, readers), attempts, console)
            if to_measure:
                scoring = open_scoring_sandbox(root, assignment, course.imports, protect, order.unsafe)
                if not opening:  # what comes now was isolated here
                    gradebook.start_run(scoring.tier, scoring.layers)
                with with_twins(scoring, number) as sandboxes:
                    measure = ClassRun(root, course, gradebook, sandboxes).measure
                    _run("measuring", lambda some, show: measure(some, test_sets, readers, show), to_measure, console)
            for submission_id in {*rank_class(gradebook), *(one.submission_id for one in attempts)}:
                try_student_page(gradebook, submission_id)
        if retrainer and order.data:
            hidden = [*protect, order.data]
            chosen = _to_train(attempts, retrainer.retrainings, order.sample_percent, seed, console)
            training = open_retraining_sandbox(root, retrainer.directory, retrainer.seconds, hidden, order.unsafe)
            with with_twins(training, number) as sandboxes:
                retrain = ClassRun(root, course, gradebook, sandboxes).retrain
                _run("retraining", lambda some, progress: retrain(some, retrainer, progress), chosen, console)
    return is_done


def _mark(
    gradebook: Gradebook, grade: Grade, left: Sequence[Attempt], attempts: Sequence[Attempt], progress: ClassProgress
) -> None:
    """Marks what is left, and brings the pages of all others up to date."""
    marked = {attempt.submission_id for attempt in left}
    write_pages(gradebook, [attempt for attempt in attempts if attempt.submission_id not in marked], progress)
    if left:
        grade(left, progress)


def _is_new(gradebook: Gradebook, attempts: Sequence[Attempt]) -> bool:
    """Whether some attempt was never graded: a sandbox will be needed, and is best opened at once."""
    return any(not gradebook.attempt(one.submission_id).graded for one in attempts)


def longest_first(attempts: Sequence[Attempt], gradebook: Gradebook) -> list[Attempt]:
    """Attempts by the time that grading them took before, so that no long one begins when the others are done."""
    seconds = {row.submission_id: row.seconds for row in gradebook.attempts()}
    return sorted(attempts, key=lambda one: -seconds.get(one.submission_id, 0.0))


def _to_train(
    attempts: Sequence[Attempt], notebooks: Container[str], percent: float | None, seed: int, console: Console
) -> list[Attempt]:
    """The submissions of which one of `notebooks` is trained again; a sample is told to `console`."""
    able = [one for one in attempts if any(name in notebooks for name in one.notebooks)]
    if percent is None:
        return able
    chosen = sample_of(able, percent, seed)
    console.print(f"Training again: {len(chosen)} of the class, a sample of {percent:g} %.")
    return chosen


def _contents(attempts: Sequence[Attempt]) -> Iterator[bytes]:
    """The notebooks of a class, one at a time; those that have gone are left to the marking, which says so."""
    for attempt in attempts:
        with suppress(OSError):
            yield from attempt.notebooks.values()


def _run(
    what: str, work: Callable[[Sequence[Attempt], ClassProgress], Done], attempts: Sequence[Attempt], console: Console
) -> Done:
    progress = ClassProgress(what, len(attempts), console)
    with progress.shown():
        return work(attempts, progress)
