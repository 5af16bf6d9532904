"""What `autograder grade` does: finds the submissions, grades them with live progress, writes the reports."""

import sys
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from autograder.classroom.ranking import rank_class
from autograder.classroom.sample import sample_of
from autograder.course.data_package import is_sample
from autograder.course.manifest import Assignment
from autograder.gradebook import report
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.classlist import readers_of, survey_folder
from autograder.intake.submission import Submission
from autograder.marking.sandboxes import (
    in_background,
    open_retraining_sandbox,
    open_sandbox,
    open_scoring_sandbox,
    with_twins,
)
from autograder.marking.verdict import UNREAD, State, Verdict
from autograder.models.reading import take_models
from autograder.sandbox.reader import Readers
from autograder.sandbox.temporary import sweep, temporary_folder

COLAB_PYTHON = (3, 13)


@dataclass(frozen=True)
class Order:
    """What a teaching assistant asks for: which submissions, of which assignment, into which folder, and how.

    Saved models are measured on the test sets of the directory `data`, if one is named; with `retrain_minutes`, which
    needs it, notebooks are trained again for so long at most: all, or those of a sample of `sample_percent` of the
    class. `roster` is a CSV file of the class. `limit_seconds`
    replaces the manifest's wall time of each question, `secret_seed` fixes that of the secret cases; the gradebook
    remembers both. With `public_alone` no secret case is used.
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

    @property
    def protect(self) -> list[Path]:
        """What student code must not read, beside the course's own secrets; sample data is everybody's."""
        secret = [self.data] if self.data and not is_sample(self.root, self.data) else []
        return [self.submissions, self.out, *secret]


def grade_class(order: Order, console: Console) -> int:
    """Grades everything that an order names; returns how many verdicts are UNGRADED or about what cannot be read.

    Raises SandboxUnavailable, GradebookError, FileNotFoundError when there is nothing to grade or no such data,
    ValueError for damaged data, OSError when a report or a notebook cannot be written.
    """
    if note := python_note(sys.version_info[:2]):
        console.print(note, markup=False, soft_wrap=True)
    sweep()
    with (
        temporary_folder() as folder,
        readers_of(order.submissions, order.roster, [take_models.__module__]) as readers,
    ):
        submissions = survey_folder(order.root, order.assignment, order.submissions, order.roster, readers, folder)
        with Gradebook(order.out, order.assignment) as gradebook:
            if seconds := gradebook.limit_seconds(order.limit_seconds):
                order = replace(order, assignment=order.assignment.with_seconds(seconds))
            _grade(order, submissions, [*order.protect, folder], gradebook, readers, console)
            return _report(order, submissions, gradebook, console)


def python_note(version: tuple[int, int]) -> str:
    """A line for a grader whose Python is older than Colab's, else ""."""
    ours, theirs = (".".join(map(str, one)) for one in (version, COLAB_PYTHON))
    older = f"This is Python {ours}, Colab runs {theirs}: cells that do not parse here for that reason are UNGRADED."
    return older if version < COLAB_PYTHON else ""


def _report(order: Order, submissions: Sequence[Submission], gradebook: Gradebook, console: Console) -> int:
    """Writes what is about the class; how many verdicts are UNGRADED or about what cannot be read."""
    report.write_csv(gradebook)
    console.print(report.table(gradebook))
    console.print(f"Reports: {order.out / 'students'}", markup=False, soft_wrap=True)
    ungraded, unread = 0, set[str]()
    for submission_id in [one.submission_id for one in submissions if not one.replaced_by]:
        for mark in gradebook.verdicts(submission_id):
            ungraded += mark.state is State.UNGRADED
            if mark.diagnosis in UNREAD:
                unread.add(submission_id)
    if unread:
        what = "submission was" if len(unread) == 1 else "submissions were"
        console.print(f"{len(unread)} {what} not read, or not completely; the notes and messages say why.")
    return ungraded + len(unread)


def _grade(
    order: Order,
    submissions: Sequence[Submission],
    protect: Sequence[Path],
    gradebook: Gradebook,
    readers: Readers,
    console: Console,
) -> None:
    """All phases, one after the other; each opens the sandboxes that it needs, which `protect` is hidden from."""
    root, assignment, number = order.root, order.assignment, min(order.jobs, len(submissions))
    seed = gradebook.secret_seed(order.secret_seed)
    with ExitStack() as resources:
        notebooks = _contents(submissions)
        with in_background(
            lambda: open_sandbox(root, assignment, protect=protect, unsafe=order.unsafe, notebooks=notebooks)
        ) as opening:
            from autograder.classroom.phases import ClassRun
            from autograder.classroom.retrain import open_retrainer
            from autograder.course.course import load_course  # imports torch, while the sandbox does
            from autograder.course.points import require_agreement
            from autograder.course.test_sets import test_sets_of

            course = load_course(root, assignment, None if order.public_alone else seed, gradebook)
            require_agreement(course)
            first = opening.result()  # refuses here where nothing isolates
            gradebook.start_run(first.tier, first.layers)
            test_sets = test_sets_of(root, assignment, order.data) if order.data else {}
            retrainer = None
            if order.data and order.retrain_minutes:
                retrainer = resources.enter_context(open_retrainer(root, assignment, order.data, order.retrain_minutes))
                gradebook.keep_sampling(order.sample_percent)
            with with_twins(first, number) as sandboxes:
                _run("marking", ClassRun(root, course, gradebook, sandboxes).grade, submissions, console)
        if test_sets:
            scoring = open_scoring_sandbox(root, assignment, course.imports, protect, order.unsafe)
            with with_twins(scoring, number) as sandboxes:
                measure = ClassRun(root, course, gradebook, sandboxes).measure
                _run("measuring", lambda some, done: measure(some, test_sets, readers, done), submissions, console)
            for submission_id in {*rank_class(gradebook), *(one.submission_id for one in submissions)}:
                report.try_student_page(gradebook, submission_id)
        if retrainer and order.data:
            hidden = [*protect, order.data]
            chosen = _to_train(submissions, retrainer.retrainings, order.sample_percent, seed)
            if order.sample_percent:
                console.print(f"Training again: {len(chosen)} of the class, a sample of {order.sample_percent:g} %.")
            training = open_retraining_sandbox(root, retrainer.directory, retrainer.seconds, hidden, order.unsafe)
            with with_twins(training, number) as sandboxes:
                retrain = ClassRun(root, course, gradebook, sandboxes).retrain
                _run("retraining", lambda some, done: retrain(some, retrainer, done), chosen, console)


def _to_train(
    submissions: Sequence[Submission], notebooks: Container[str], percent: float | None, seed: int
) -> list[Submission]:
    """The submissions of which one of `notebooks` is trained again."""
    able = [one for one in submissions if not one.replaced_by and any(name in notebooks for name in one.notebooks)]
    return able if percent is None else sample_of(able, percent, seed)


def _contents(submissions: Sequence[Submission]) -> Iterator[bytes]:
    """The notebooks of a class, one at a time; those that have gone are left to the marking, which says so."""
    for submission in submissions:
        with suppress(OSError):
            yield from submission.notebooks.values()


def _run(
    what: str,
    work: Callable[[Sequence[Submission], Callable[[Sequence[Verdict]], None]], None],
    submissions: Sequence[Submission],
    console: Console,
) -> None:
    ungraded = 0
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=len(submissions))

        def done(verdicts: Sequence[Verdict]) -> None:
            nonlocal ungraded
            ungraded += sum(verdict.state is State.UNGRADED for verdict in verdicts)
            progress.update(task, advance=1, description=f"{what}, {ungraded} ungraded")

        work(submissions, done)
