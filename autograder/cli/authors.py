"""Commands of the course's authors: generate, run and prove the notebooks, make the students' bundle."""

from contextlib import AbstractContextManager, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.common import (
    AssignmentName,
    Wrong,
    assignment_named,
    console,
    escape,
    failing,
    language_named,
    manifest,
    prepare_process,
    staff_root,
)
from autograder.messages import LANGUAGES

if TYPE_CHECKING:
    from autograder.authoring.proof import ProofResult
    from autograder.course.manifest import Assignment
    from autograder.sandbox import Sandbox


def new(folder: Annotated[Path, typer.Argument(help="The folder to make; it must not exist.")]) -> None:
    """Makes a small course to start from: one notebook, one question, complete and proven."""
    from autograder.authoring.build import BuildError
    from autograder.authoring.new import new_course
    from autograder.authoring.whole_folder import FolderError

    with failing(BuildError, FolderError):
        new_course(folder)
    console().print(f"made {escape(str(folder))}; go there and say `autograder verify`", soft_wrap=True)


def build() -> None:
    """Regenerates notebooks/ from staff/solutions/, and CollectSubmission.sh from the manifest."""
    from autograder.authoring.build import BuildError, write_notebooks
    from autograder.authoring.collect_script import write_script

    root = staff_root()
    assignments = manifest(root)
    with failing(BuildError):
        for path in [*write_notebooks(root, assignments.values()), write_script(root, assignments)]:
            console().print(f"wrote {escape(str(path))}", soft_wrap=True)


def cases() -> None:
    """Regenerates tests/cases/ from staff/cases/."""
    from autograder.authoring.cases import write_cases

    prepare_process()
    root = staff_root()
    with failing():
        for chosen in manifest(root).values():
            for path in write_cases(root, chosen):
                console().print(f"wrote {escape(str(path.relative_to(root)))}", soft_wrap=True)
    console().print("Recipes ran in an ordinary process, with your own rights.", style="dim", soft_wrap=True)


def verify(
    topic: Annotated[str, typer.Option(help="Prove the notebook of this topic alone.")] = "",
    question: Annotated[str, typer.Option(help="Prove this question alone.")] = "",
    name: Annotated[str, typer.Option("-k", metavar="TEXT", help="Only proofs with this text in their names.")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="How many notebooks are marked at once.")] = 1,
    stop: Annotated[bool, typer.Option("-x", help="Stop at the first proof that fails.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Prove again what is unchanged, too.")] = False,
    seeds: Annotated[int, typer.Option(min=1, help="How many secret seeds the cases are made from.")] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="One mutant for each question, and no variants.")] = False,
) -> None:
    """Proves the course: solutions, skeletons, mutants, variants, points, and that everything generated is fresh.

    What is unchanged since it was proven is not proven again.
    """
    from autograder.authoring.answers import AnswerError
    from autograder.authoring.build import BuildError
    from autograder.authoring.proof import ProofCache
    from autograder.authoring.verify import Choice, ChoiceError
    from autograder.authoring.verify import verify as proofs

    prepare_process()
    root, choice = staff_root(), Choice(topic, question, name, quick)
    assignments = list(manifest(root).values())
    count, failures, remembered = 0, 0, 0
    with failing(AnswerError, BuildError, ChoiceError), ProofCache(root) as cache:
        choice.check(assignments)
        for chosen in assignments:
            sandboxes = partial(_open_sandboxes, root, chosen, jobs)
            with closing(proofs(root, chosen, sandboxes, cache, choice, seeds, trust=not everything)) as results:
                for result in results:
                    count += 1
                    failures += bool(result.problem)
                    remembered += result.remembered
                    _print_result(result)
                    if stop and failures:
                        raise typer.Exit(1)
        if not count:
            raise Wrong(f"no proof is meant by {choice}")
    known = f", {remembered} of them unchanged since they were proven" if remembered else ""
    console().print(f"{count - failures} of {count} proofs hold{known}")
    raise typer.Exit(1 if failures else 0)


def _open_sandboxes(root: Path, assignment: "Assignment", jobs: int) -> AbstractContextManager[list["Sandbox"]]:
    from autograder.marking.sandboxes import isolation_warning, open_sandbox, with_twins

    sandbox = open_sandbox(root, assignment, unsafe=True)
    held = f"Answers run in isolation tier {sandbox.tier} ({', '.join(sandbox.layers)}), recipes with your own rights."
    console().print(isolation_warning(sandbox) or held, style="dim", soft_wrap=True)
    return with_twins(sandbox, jobs)


def _print_result(result: "ProofResult") -> None:
    if result.problem:
        console().print(f"[red]FAIL[/red] {escape(result.name)}: {escape(result.problem)}", soft_wrap=True)
    elif not result.remembered:
        console().print(f"[green]ok[/green]   {escape(result.name)}", soft_wrap=True)


def run(
    notebook: Annotated[str, typer.Argument(help="A notebook that assignments.toml names.")],
    out: Annotated[Path, typer.Option(help="The folder for the notebook with its outputs, and for what it writes.")],
    data: Annotated[Path | None, typer.Option(help="A data directory; the shipped samples if none is named.")] = None,
    skeleton: Annotated[
        bool, typer.Option("--skeleton", help="Run what students get instead of the solution.")
    ] = False,
) -> None:
    """Runs a notebook of the course from top to bottom and keeps its outputs."""
    from autograder.authoring.build import BuildError, read_sources
    from autograder.authoring.run import RunError, run_notebook

    root = staff_root()
    every = {name: assignment for assignment in manifest(root).values() for name in assignment.notebooks}
    name = next((name for name in every if name.lower() == notebook.lower()), None)
    if name is None:
        raise Wrong(f"{notebook} is not the name of a notebook of this course")
    if data is not None and not data.is_dir():
        raise Wrong(f"{data}: no such folder")
    with failing(BuildError, RunError):
        sources = read_sources(root, every[name].notebooks[name])
        path = run_notebook(root, name, sources, out, data, skeleton, lambda line: console().print(line, style="dim"))
    console().print(f"wrote {escape(str(path))}", soft_wrap=True)


def release(
    assignment: AssignmentName,
    out: Annotated[Path, typer.Option(help="The folder to make; it must not exist.")],
    lang: Annotated[
        str, typer.Option("--lang", help=f"The notebooks' texts: {', '.join(LANGUAGES)}; otherwise as the course says.")
    ] = "",
) -> None:
    """Makes the bundle that students get."""
    from autograder.authoring.release import ReleaseError
    from autograder.authoring.release import release as make

    root = staff_root()
    chosen = assignment_named(root, assignment)
    if lang:
        chosen = replace(chosen, language=language_named(root, lang))
    with failing(ReleaseError):
        console().print(f"made {escape(str(make(root, chosen, out)))}", soft_wrap=True)
