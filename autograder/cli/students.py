"""The command of students: check a notebook of their own."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.common import Wrong, console, course_root, failing, manifest, prepare_process


def check(
    notebook: Annotated[Path, typer.Argument(help="A notebook of the course, with its original name.")],
    unsafe: Annotated[bool, typer.Option("--unsafe", help="Run it beside the answers if nothing isolates.")] = False,
) -> None:
    """Grades one notebook on the public cases, for its author."""
    from autograder.marking.selfcheck import check_notebook, find_assignment

    prepare_process()
    root = course_root()
    try:
        content = notebook.read_bytes()
    except OSError as error:
        raise Wrong(f"{notebook}: {error.strerror or error}") from None
    with failing():
        found = find_assignment(manifest(root), notebook.name)
        if found is None:
            raise Wrong(f"{notebook.name} is not the name of a notebook of this course; give it back its original name")
        complete = check_notebook(root, *found, content, console, unsafe=unsafe)
    raise typer.Exit(0 if complete else 1)
