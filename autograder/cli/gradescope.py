"""Gradescope: the command that makes an autograder for it, and what that autograder runs for each submission."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.common import (
    AssignmentName,
    Wrong,
    assignment_named,
    console,
    escape,
    failing,
    prepare_process,
    staff_root,
)


def gradescope(
    assignment: AssignmentName,
    out: Annotated[Path, typer.Option(help="The zip to make; it must not exist.")],
    data: Annotated[
        Path | None, typer.Option(help="A data directory with the test sets for saved models, which goes into the zip.")
    ] = None,
) -> None:
    """Makes an autograder that Gradescope runs on each submission."""
    from autograder.authoring.gradescope import STAFF, write_autograder
    from autograder.authoring.release import ReleaseError
    from autograder.classroom.gradescope import PREPARED, prepared_gradebook
    from autograder.course.course import load_course
    from autograder.course.points import require_agreement
    from autograder.exports.gradescope import failure

    prepare_process()
    root = staff_root()
    chosen = assignment_named(root, assignment)
    if data is not None and not data.is_dir():
        raise Wrong(f"{data}: no such folder")
    if out.exists():  # before the secret cases are made
        raise Wrong(f"{out} exists already; name another one or remove it")
    with failing(ReleaseError):
        require_agreement(load_course(root, chosen))
        files = {
            "failure.json": json.dumps(failure(chosen.language)).encode(),
            f"{STAFF}/{PREPARED}": prepared_gradebook(root, chosen),
        }
        made = write_autograder(root, chosen, out, files, data)
    console().print(f"made {escape(str(made))}", soft_wrap=True)


def main(name: str, submission: str, results: str) -> None:
    """Grades the folder `submission` by the course in the present folder, and writes the file `results`.

    What goes wrong is raised: the course's staff sees it at Gradescope, where a message stands in `results` before.
    """
    from rich.console import Console

    from autograder.classroom.gradescope import grade_submission, write_results
    from autograder.course.manifest import load

    prepare_process()
    root = Path.cwd()
    graded = grade_submission(root, load(root)[name], Path(submission), Console(width=200))
    write_results(graded, Path(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
