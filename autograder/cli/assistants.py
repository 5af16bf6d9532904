"""Commands of teaching assistants for a whole class: look at it, grade it, regrade it."""

import os
from contextlib import AbstractContextManager, suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.common import (
    AssignmentName,
    Wrong,
    assignment_named,
    console,
    course_root,
    errors,
    escape,
    failing,
    graders_packages,
    prepare_process,
)
from autograder.cli.graded import Grades

if TYPE_CHECKING:
    from autograder.classroom.cluster.choice import ClusterChoice
    from autograder.course.manifest import Assignment

Submissions = Annotated[Path, typer.Argument(help="One archive, one unpacked folder, or a folder of archives.")]
RosterFile = Annotated[Path | None, typer.Option("--roster", help="A CSV file of the class with a column student_id.")]
TimesFile = Annotated[
    Path | None, typer.Option("--times", help="When everybody handed in: Moodle's worksheet, Canvas's API or a CSV.")
]


def _failing() -> AbstractContextManager[None]:
    """Turns what can go wrong with a class into one line and exit code 2."""
    from autograder.classroom.cluster.choice import ClusterError
    from autograder.gradebook.file import GradebookError
    from autograder.intake.roster import RosterError
    from autograder.intake.times import TimesError

    return failing(GradebookError, RosterError, TimesError, ClusterError)


def grade(
    context: typer.Context,
    submissions: Submissions,
    assignment: AssignmentName,
    out: Annotated[Path, typer.Option(help="The folder for grades and reports.")],
    jobs: Annotated[int, typer.Option(min=1, help="How many submissions are graded at once.")] = os.cpu_count() or 1,
    limit_seconds: Annotated[float | None, typer.Option(min=0.1, help="Wall time of one question, in seconds.")] = None,
    secret_seed: Annotated[
        int | None, typer.Option(min=0, help="The seed of the secret cases, instead of a random one.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The data directory with the test sets for saved models.")] = None,
    retrain: Annotated[
        float | None, typer.Option(min=0.1, help="Train each notebook again, for at most this many minutes.")
    ] = None,
    sample: Annotated[
        str | None, typer.Option(help="Train only this percentage of the class again, drawn secretly: '10 %'.")
    ] = None,
    roster: RosterFile = None,
    times: TimesFile = None,
    unsafe: Annotated[bool, typer.Option("--unsafe", help="Grade even if nothing isolates student code.")] = False,
    only: Annotated[str, typer.Option(help="Grade this student alone, by ID; all others stay as they are.")] = "",
    file: Annotated[list[str] | None, typer.Option(hidden=True)] = None,  # for the review, which grades them again
    gone: Annotated[bool, typer.Option("--gone", help="Much of what was there is gone, and that is right.")] = False,
    scheduler: Annotated[str, typer.Option(help="Mark on the Dask cluster of this scheduler: tls://HOST:PORT.")] = "",
    local_cluster: Annotated[int, typer.Option(min=0, help="Mark on so many Dask workers here, to try it.")] = 0,
    slurm: Annotated[int, typer.Option(min=0, help="Mark on so many Dask workers that Slurm starts.")] = 0,
    unencrypted: Annotated[bool, typer.Option("--unencrypted", help="Allow a remote scheduler without TLS.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the marks as JSON; all else goes to stderr.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but what goes wrong.")] = False,
) -> None:
    """Grades a class and writes CSV files and a page for each student."""
    from autograder.classroom.grade import Order, grade_class
    from autograder.cli.interruption import EXIT_CODE, prompt_end
    from autograder.course.root import is_students_copy
    from autograder.gradebook.reconcile import TooManyGoneError

    prepare_process()
    root = course_root()
    chosen = assignment_named(root, assignment)
    if not submissions.exists():
        raise Wrong(f"{submissions}: no such file or folder")
    if data is not None and not data.is_dir():
        raise Wrong(f"{data}: no such folder")
    if retrain is not None and data is None:
        raise Wrong("--retrain needs --data DIR, the data directory to train on")
    if is_students_copy(root):
        raise Wrong("grading needs the staff folder with the secret cases; students use `autograder check NOTEBOOK`")
    if submissions.resolve().is_relative_to(out.resolve()) or out.resolve().is_relative_to(submissions.resolve()):
        raise Wrong(f"--out {out} and {submissions}: one lies in the other; reports need a folder of their own")
    if sample is not None and retrain is None:
        raise Wrong("--sample needs --retrain MINUTES: it says which part of the class is trained again")
    percent = None if sample is None else _percentage("--sample", sample)
    order = Order(
        root,
        chosen,
        submissions,
        out,
        jobs,
        limit_seconds,
        secret_seed,
        unsafe,
        data,
        retrain,
        roster,
        percent,
        only=only,
        files=file or (),
        gone=gone,
        times=times,
        cluster=_cluster(scheduler, local_cluster, slurm, unencrypted, unsafe),
    )
    stopped = f"stopped: what was graded is kept in {out}; the same command continues from there"
    from rich.console import Console

    with _failing():
        try:
            with prompt_end(stopped):
                shown = Console(quiet=True) if quiet else errors() if as_json else console()
                ungraded = grade_class(order, shown, context.obj)
        except TooManyGoneError as error:
            raise Wrong(f"{submissions}: {error}; if that is right, say so by --gone") from None
        except KeyboardInterrupt:
            errors().print(stopped, markup=False, soft_wrap=True)
            raise typer.Exit(EXIT_CODE) from None
        if as_json:
            typer.echo(_marks(order.out, chosen), nl=False)
    raise typer.Exit(1 if ungraded else 0)


def _cluster(
    scheduler: str, local_workers: int, slurm_workers: int, unencrypted: bool, unsafe: bool
) -> "ClusterChoice | None":
    """The cluster that is asked for; None if none is. Raises Wrong."""
    from autograder.classroom.cluster.choice import ClusterChoice, ClusterError

    chosen = sum(map(bool, (scheduler, local_workers, slurm_workers)))
    if not chosen:
        return None
    if chosen > 1:
        raise Wrong("--scheduler, --local-cluster, --slurm: name one cluster")
    if unsafe:
        raise Wrong("--unsafe is for this machine alone: a worker below tier 2 does not mark")
    choice = ClusterChoice(scheduler, local_workers, slurm_workers, unencrypted)
    try:
        if scheduler:
            choice.require_address()
    except ClusterError as error:
        raise Wrong(f"--scheduler {error}") from None
    with graders_packages("requirements-cluster.txt"):
        import cryptography  # noqa: F401
        import distributed  # noqa: F401

        if slurm_workers:
            import dask_jobqueue  # noqa: F401
    return choice


def _marks(grades: Path, assignment: "Assignment") -> bytes:
    """The marks of a class as JSON. Raises GradebookError."""
    from autograder.exports.records import records
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.grades import whole_grades

    with Gradebook(grades, assignment, alone=False) as gradebook:
        return records(assignment.name, Decimal(str(assignment.points)), list(whole_grades(gradebook)))


def _percentage(option: str, text: str) -> float:
    """A percentage such as "10 %" or "2.5"; raises Wrong."""
    with suppress(ValueError):
        percent = float(text.removesuffix("%"))
        if 0 < percent <= 100:
            return percent
    raise Wrong(f"{option}: expected a percentage above 0 and at most 100, such as '10 %', got {text!r}")


def intake(
    submissions: Submissions,
    assignment: AssignmentName,
    roster: RosterFile = None,
    times: TimesFile = None,
) -> None:
    """Shows what `grade` would find: students, notebooks and repairs. Runs no student code and writes nothing."""
    from autograder.cli.intake_table import show

    root = course_root()
    chosen = assignment_named(root, assignment)
    with _failing():
        readable = show(root, chosen, submissions, roster, times, console())
    raise typer.Exit(0 if readable else 1)


def doctor(
    tier: Annotated[int | None, typer.Option(min=1, max=2, help="Try only this tier.")] = None,
) -> None:
    """Shows how this machine can isolate student code, and tries the course's hostile submissions on it."""
    from autograder.course.manifest import ManifestError
    from autograder.course.root import project_root
    from autograder.sandbox.examination import examine_machine

    prepare_process()
    with failing():
        machine = examine_machine()
        for name, text in machine.facts:
            console().print(f"{name:<14} {escape(text)}", soft_wrap=True, highlight=False)
        try:
            root = project_root()
        except ManifestError:  # a machine may be looked at before there is a course
            root = Path.cwd()
        trials = root / "staff" / "doctor" / "examine.py"
        if trials.is_file():
            from autograder.checks.case import load_module  # imports torch, after the forks of the examination

            sound = load_module(trials, "doctor").examine(root, [tier] if tier else [1, 2], console())
        else:
            console().print(f"{escape(str(root))} has no staff/doctor: no hostile code was tried.", soft_wrap=True)
            sound = machine.tier < 4
    raise typer.Exit(0 if sound else 1)


def regrade(
    grades: Grades,
    apply: Annotated[bool, typer.Option("--apply", help="Change the gradebook and the reports.")] = False,
    student: Annotated[str, typer.Option(help="Regrade this student alone, by ID.")] = "",
    question: Annotated[str, typer.Option(help="Regrade this question alone, by its label.")] = "",
    reason: Annotated[str, typer.Option(help="Why, as the history keeps it.")] = "",
    by: Annotated[str, typer.Option("--as", help="Who decides; without it, your login name.")] = "",
) -> None:
    """Shows which marks would change with the present checks, without running student code."""
    from autograder.classroom.regrade import Part
    from autograder.classroom.regrade import regrade as regrade_class
    from autograder.cli.diff_table import diff_table
    from autograder.course.course import load_course
    from autograder.course.points import require_agreement
    from autograder.gradebook.file import assignment_of
    from autograder.gradebook.gradebook import Gradebook
    from autograder.pages.reports import write_reports

    prepare_process()
    root = course_root()
    if apply and (student or question) and not reason.strip():
        raise Wrong("--reason is missing: why this part of the class is regraded")
    with _failing():
        assignment = assignment_named(root, assignment_of(grades))
        with Gradebook(grades, assignment) as gradebook:
            if seconds := gradebook.limit_seconds(None):
                assignment = assignment.with_seconds(seconds)
            course = load_course(root, assignment, gradebook.secret_seed(), gradebook)
            require_agreement(course)
            diff = regrade_class(root, course, gradebook, apply, by, Part(student, question, reason))
            console().print(diff_table(diff, assignment))
            if apply:
                write_reports(gradebook, [attempt.submission_id for attempt in gradebook.attempts()])
    if apply and diff.event:
        console().print(f"event {diff.event.id}: {diff.event.in_words}", markup=False, soft_wrap=True, highlight=False)
    if diff.moves and not apply:
        console().print("Nothing is changed yet: `--apply` does it.", markup=False)
    raise typer.Exit(1 if diff.unrecorded or diff.unfinished else 0)
