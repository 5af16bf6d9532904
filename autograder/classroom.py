"""What `autograder grade` does: finds the submissions, grades them with live progress, writes the reports."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from autograder import report
from autograder.gradebook import Gradebook
from autograder.intake.submission import find, stems
from autograder.isolation import in_background, open_retraining_sandbox, open_sandbox, open_scoring_sandbox
from autograder.manifest import Assignment
from autograder.ranking import rank_class
from autograder.sandbox import Sandbox
from autograder.verdict import State, Verdict


def grade_class(
    root: Path,
    assignment: Assignment,
    submissions: Path,
    out: Path,
    jobs: int,
    seconds: float,
    secret_seed: int | None,
    unsafe: bool,
    console: Console,
    data: Path | None = None,
    retrain_minutes: float | None = None,
) -> int:
    """Grades everything under `submissions` into the folder `out`; returns how many verdicts are UNGRADED.

    Saved models are measured on the test sets of the directory `data`, if one is named; with `retrain_minutes`, which
    needs it, notebooks are trained again for so long at most. Raises SandboxUnavailable, GradebookError,
    FileNotFoundError when there is nothing to grade or no such data, ValueError for damaged data.
    """
    sources = find(submissions, assignment)
    if not sources:
        raise FileNotFoundError(f"{submissions} holds no submissions")
    secret = [data] if data and root / "data" not in data.resolve().parents else []  # the samples are everybody's
    protect = [submissions, out, *secret]
    with Gradebook(out, assignment) as gradebook, ExitStack() as kept:
        seed = gradebook.secret_seed(secret_seed)
        with (
            in_background(lambda: open_sandbox(root, assignment, protect=protect, unsafe=unsafe)) as opening,
            ExitStack() as twins,
        ):
            from autograder.course import load_course  # imports torch, while the sandbox does
            from autograder.grading import ClassRun
            from autograder.held_out import test_sets_of
            from autograder.retrain import trainer_of

            course, first = load_course(root, assignment, seed), opening.result()  # refuses here where nothing isolates
            gradebook.set_isolation(first.tier, first.layers)
            test_sets = test_sets_of(assignment, data) if data else {}
            trainer = None
            if data and retrain_minutes:
                trainer = kept.enter_context(trainer_of(root, assignment, data, retrain_minutes))
            more = [twins.enter_context(first.twin()) for _ in range(min(jobs, len(sources)) - 1)]
            _run("marking", ClassRun(course, gradebook, [first, *more], seconds).grade, sources, console)
        number = min(jobs, len(sources))
        if test_sets:
            scoring = open_scoring_sandbox(root, assignment, course.imports, protect, unsafe)
            with _with_twins(scoring, number) as sandboxes:
                measure = ClassRun(course, gradebook, sandboxes, seconds).measure
                _run("measuring", lambda some, done: measure(some, test_sets, done), sources, console)
            for stem in {*rank_class(gradebook), *stems(sources)}:
                report.write_student_page(gradebook, stem)
        if trainer and data:
            training = open_retraining_sandbox(root, trainer.directory, trainer.seconds, [*protect, data], unsafe)
            with _with_twins(training, number) as sandboxes:
                retrain = ClassRun(course, gradebook, sandboxes, seconds).retrain
                _run("retraining", lambda some, done: retrain(some, trainer, done), sources, console)
        report.write_csv(gradebook)
        console.print(report.table(gradebook))
        console.print(f"Reports: {out / 'students'}", markup=False, soft_wrap=True)
        return sum(mark.state is State.UNGRADED for stem in stems(sources) for mark in gradebook.verdicts(stem))


@contextmanager
def _with_twins(first: Sandbox, number: int) -> Iterator[list[Sandbox]]:
    """A sandbox and so many twins that they are `number` together; all are closed at the block's end."""
    with ExitStack() as sandboxes:
        sandboxes.enter_context(first)
        yield [first, *(sandboxes.enter_context(first.twin()) for _ in range(number - 1))]


def _run(
    what: str,
    work: Callable[[Sequence[Path], Callable[[Sequence[Verdict]], None]], None],
    sources: Sequence[Path],
    console: Console,
) -> None:
    ungraded = 0
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=len(sources))

        def done(verdicts: Sequence[Verdict]) -> None:
            nonlocal ungraded
            ungraded += sum(verdict.state is State.UNGRADED for verdict in verdicts)
            progress.update(task, advance=1, description=f"{what}, {ungraded} ungraded")

        work(sources, done)
