"""The commands of the console script `autograder`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from autograder.manifest import Assignment, ManifestError, load, project_root

app = typer.Typer(
    help="Marks the notebooks of a deep-learning course.", no_args_is_help=True, pretty_exceptions_enable=False
)
console = Console()
errors = Console(stderr=True)
AssignmentName = Annotated[str, typer.Option("--assignment", help="A name in assignments.toml, such as hw4.")]


class Wrong(typer.Exit):
    """Ends the command with one line on stderr and exit code 2."""

    def __init__(self, message: str) -> None:
        errors.print(f"[red]autograder:[/red] {escape(message)}", soft_wrap=True)
        super().__init__(2)


@app.command()
def grade(
    submissions: Annotated[Path, typer.Argument(help="One archive, one unpacked folder, or a folder of archives.")],
    assignment: AssignmentName,
    out: Annotated[Path, typer.Option(help="The folder for grades and reports.")],
    jobs: Annotated[int, typer.Option(min=1, help="Submissions graded at a time.")] = os.cpu_count() or 1,
    limit_seconds: Annotated[float | None, typer.Option(min=0.1, help="Wall time of one question.")] = None,
    secret_seed: Annotated[int | None, typer.Option(min=0, help="Fixes the seed of the secret cases.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="The data directory on whose test sets saved models are measured.")
    ] = None,
    retrain: Annotated[
        float | None, typer.Option(min=0.1, help="Run each notebook's own training again, for so many minutes at most.")
    ] = None,
    unsafe: Annotated[bool, typer.Option("--unsafe", help="Grade even where nothing isolates student code.")] = False,
) -> None:
    """Grades a class and writes grades, verdicts and a page for each student."""
    from autograder.classroom import grade_class
    from autograder.sandbox import SandboxUnavailable

    root = project_root()
    chosen = _assignment(root, assignment)
    if not submissions.exists():
        raise Wrong(f"{submissions}: no such file or folder")
    if data is not None and not data.is_dir():
        raise Wrong(f"{data}: no such folder")
    if retrain is not None and data is None:
        raise Wrong("--retrain needs --data DIR, the data directory to train on")
    if not (root / "staff" / "cases").is_dir():
        raise Wrong("grading needs the staff folder with the secret cases; students use `autograder check NOTEBOOK`")
    with _failing():
        seconds = limit_seconds or chosen.limits.seconds
        try:
            ungraded = grade_class(
                root, chosen, submissions, out, jobs, seconds, secret_seed, unsafe, console, data, retrain
            )
        except SandboxUnavailable as error:
            raise Wrong(f"{error}; `--unsafe` grades all the same, with your own rights for student code") from None
    raise typer.Exit(1 if ungraded else 0)


@app.command()
def check(notebook: Annotated[Path, typer.Argument(help="A notebook of the course, such as hw4_vit.ipynb.")]) -> None:
    """Grades one notebook on the public cases, for its author."""
    from autograder.selfcheck import check_notebook, find_assignment

    root = project_root()
    try:
        content = notebook.read_bytes()
    except OSError as error:
        raise Wrong(f"{notebook}: {error.strerror or error}") from None
    with _failing():
        found = find_assignment(_manifest(root), notebook.name)
        if found is None:
            raise Wrong(f"{notebook.name} is not the name of a notebook of this course; rename it as it was handed out")
        complete = check_notebook(root, *found, content, console)
    raise typer.Exit(0 if complete else 1)


@app.command()
def build() -> None:
    """Regenerates notebooks/ from staff/solutions/."""
    from autograder.authoring.build import BuildError, write_notebooks

    root = _staff_root()
    try:
        for path in write_notebooks(root, _manifest(root).values()):
            console.print(f"wrote {escape(str(path))}", soft_wrap=True)
    except BuildError as error:
        raise Wrong(str(error)) from None


@app.command()
def cases() -> None:
    """Regenerates tests/cases/ from staff/cases/."""
    from autograder.course import write_cases

    root = _staff_root()
    for chosen in _manifest(root).values():
        for path in write_cases(root, chosen):
            console.print(f"wrote {escape(str(path.relative_to(root)))}", soft_wrap=True)


@app.command()
def verify() -> None:
    """Proves the course: solutions, skeletons, mutants, variants, points, and that everything generated is fresh."""
    from autograder.authoring.verify import verify as proofs
    from autograder.isolation import open_sandbox

    root, failures, count = _staff_root(), 0, 0
    with _failing():
        for chosen in _manifest(root).values():
            with open_sandbox(root, chosen, unsafe=True) as sandbox:
                for name, problem in proofs(root, chosen, sandbox):
                    count += 1
                    failures += bool(problem)
                    if problem:
                        console.print(f"[red]FAIL[/red] {escape(name)}: {escape(problem)}", soft_wrap=True)
                    else:
                        console.print(f"[green]ok[/green]   {escape(name)}", soft_wrap=True)
    console.print(f"{count - failures} of {count} proofs hold")
    raise typer.Exit(1 if failures else 0)


@app.command()
def doctor(
    tier: Annotated[int | None, typer.Option(min=1, max=2, help="Try this tier of the sandbox alone.")] = None,
) -> None:
    """Says what this machine offers for isolation, and puts every hostile case of the staff folder to it."""
    from autograder.doctor import CONTAINABLE, examine

    with _failing():
        contained = examine(_staff_root(), [tier] if tier else CONTAINABLE, console)
    raise typer.Exit(0 if contained else 1)


@app.command()
def run(
    notebook: Annotated[str, typer.Argument(help="A notebook of the course, such as hw4_rnn.ipynb.")],
    out: Annotated[Path, typer.Option(help="The folder for the notebook with its outputs, and for what it writes.")],
    data: Annotated[Path | None, typer.Option(help="A data directory; the shipped samples if none is named.")] = None,
    skeleton: Annotated[
        bool, typer.Option("--skeleton", help="Run what students get instead of the solution.")
    ] = False,
) -> None:
    """Runs a notebook of the course from top to bottom and keeps its outputs."""
    from autograder.authoring.build import BuildError, read_sources
    from autograder.authoring.run import RunError, run_notebook
    from autograder.selfcheck import find_assignment

    root = _staff_root()
    found = find_assignment(_manifest(root), notebook)
    if found is None:
        raise Wrong(f"{notebook} is not the name of a notebook of this course")
    if data is not None and not data.is_dir():
        raise Wrong(f"{data}: no such folder")
    assignment, name = found
    try:
        sources = read_sources(root, assignment.notebooks[name])
        path = run_notebook(root, name, sources, out, data, skeleton, lambda line: console.print(line, style="dim"))
    except (BuildError, RunError) as error:
        raise Wrong(str(error)) from None
    console.print(f"wrote {escape(str(path))}", soft_wrap=True)


@app.command()
def release(
    assignment: AssignmentName, out: Annotated[Path, typer.Option(help="The folder to make; it must not exist.")]
) -> None:
    """Makes the bundle that students get."""
    from autograder.authoring.release import ReleaseError
    from autograder.authoring.release import release as make

    root = _staff_root()
    try:
        console.print(f"made {escape(str(make(root, _assignment(root, assignment), out)))}")
    except ReleaseError as error:
        raise Wrong(str(error)) from None


def _staff_root() -> Path:
    root = project_root()
    if not (root / "staff").is_dir():
        raise Wrong(f"{root} has no staff folder: this command is for the course's authors")
    return root


def _manifest(root: Path) -> dict[str, Assignment]:
    try:
        return load(root)
    except ManifestError as error:
        raise Wrong(str(error)) from None


def _assignment(root: Path, name: str) -> Assignment:
    manifest = _manifest(root)
    if name not in manifest:
        raise Wrong(f"no assignment {name!r} in {root / 'assignments.toml'}; there are: {', '.join(manifest)}")
    return manifest[name]


@contextmanager
def _failing() -> Iterator[None]:
    """Turns what can go wrong on the grader's machine into one line and exit code 2."""
    from autograder.gradebook import GradebookError
    from autograder.sandbox import SandboxUnavailable

    try:
        yield
    except (SandboxUnavailable, GradebookError, FileNotFoundError) as error:
        raise Wrong(str(error)) from None
