"""What `autograder grade` does: finds the submissions, grades them with live progress, writes the reports."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from autograder import report
from autograder.gradebook import Gradebook
from autograder.intake.submission import find
from autograder.isolation import in_background, open_sandbox
from autograder.manifest import Assignment
from autograder.verdict import State, Verdict

if TYPE_CHECKING:
    from autograder.grading import ClassRun


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
) -> int:
    """Grades everything under `submissions` into the folder `out`; returns how many verdicts are UNGRADED.

    Raises SandboxUnavailable, GradebookError, and FileNotFoundError when there is nothing to grade.
    """
    sources = find(submissions, assignment)
    if not sources:
        raise FileNotFoundError(f"{submissions} holds no submissions")
    with Gradebook(out, assignment) as gradebook:
        seed = gradebook.secret_seed(secret_seed)
        with (
            in_background(lambda: open_sandbox(root, assignment, protect=[submissions, out], unsafe=unsafe)) as opening,
            ExitStack() as twins,
        ):
            from autograder.course import load_course  # imports torch, while the sandbox does
            from autograder.grading import ClassRun

            course, first = load_course(root, assignment, seed), opening.result()  # refuses here where nothing isolates
            gradebook.set_isolation(first.tier, first.layers)
            more = [twins.enter_context(first.twin()) for _ in range(min(jobs, len(sources)) - 1)]
            ungraded = _run(ClassRun(course, gradebook, [first, *more], seconds), sources, console)
        report.write_csv(gradebook)
        console.print(report.table(gradebook))
        console.print(f"Reports: {out / 'students'}", markup=False, soft_wrap=True)
    return ungraded


def _run(run: "ClassRun", sources: Sequence[Path], console: Console) -> int:
    ungraded = 0
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("grading", total=len(sources))

        def done(verdicts: Sequence[Verdict]) -> None:
            nonlocal ungraded
            ungraded += sum(verdict.state is State.UNGRADED for verdict in verdicts)
            progress.update(task, advance=1, description=f"grading, {ungraded} ungraded")

        run.grade(sources, done)
    return ungraded
