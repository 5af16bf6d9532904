"""The command of students: check a notebook of their own."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.common import Wrong, console, course_root, failing, language_named, manifest, prepare_process
from autograder.messages import LANGUAGES


def check(
    notebook: Annotated[Path, typer.Argument(help="A notebook of the course, with its original name.")],
    lang: Annotated[
        str, typer.Option("--lang", help=f"What to read: {', '.join(LANGUAGES)}; otherwise as the course says.")
    ] = "",
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
        assignment, name = found
        if lang:
            assignment = replace(assignment, language=language_named(root, lang))
        complete = check_notebook(root, assignment, name, content, console, unsafe=unsafe)
    raise typer.Exit(0 if complete else 1)
