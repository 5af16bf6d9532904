"""The command of students: check a notebook of their own, or the folder that they hand in."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.common import (
    AssignmentName,
    Wrong,
    assignment_named,
    course_root_of,
    failing,
    language_named,
    manifest,
    prepare_process,
)
from autograder.messages import LANGUAGES, Language, say

if TYPE_CHECKING:  # what only asks for help need not wait for it
    from autograder.course.manifest import Assignment
    from autograder.selfcheck.file import FileCheck

_SECONDS = 1.0  # between two looks at the time when a file was saved
_FINE = say("Nothing is missing or odd in what you hand in.")


def check(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE|FOLDER", help="A notebook, or the folder that you hand in.")],
    question: Annotated[str, typer.Option("--question", help="Ask this question alone.")] = "",
    watch: Annotated[bool, typer.Option("--watch", help="Check again whenever the file is saved.")] = False,
    assignment: AssignmentName = "",
    lang: Annotated[
        str, typer.Option("--lang", help=f"What to read: {', '.join(LANGUAGES)}; otherwise as the course says.")
    ] = "",
    unsafe: Annotated[bool, typer.Option("--unsafe", help="Run it beside the answers if nothing isolates.")] = False,
) -> None:
    """Grades a notebook on the public cases, for its author, or looks at what a folder hands in."""
    from autograder.selfcheck.file import FileCheck

    prepare_process()
    root = course_root_of(path)
    language = _language(root, lang)
    if path.is_dir():
        if question or watch:
            raise Wrong(language.render(say("--question and --watch are for a notebook, not for a folder")))
        ends_well = _look_at(root, path, assignment, lang)
    else:
        with FileCheck(context.obj) as file_check:
            once = partial(_grade, file_check, root, path, question, lang, unsafe)
            ends_well = _watched(path, watch, language, once)
    raise typer.Exit(0 if ends_well else 1)


def _language(root: Path, lang: str) -> Language:
    """The language to speak before it is known what is checked: as asked, or as the course's last assignment says."""
    if lang:
        return language_named(root, lang)
    return max(manifest(root).values(), key=lambda assignment: assignment.deadline).language


def _watched(path: Path, watch: bool, language: Language, check_once: Callable[[], bool]) -> bool:
    """Checks once, or again whenever the file was saved until Ctrl-C; whether the last check ended well."""
    try:
        while True:
            before = _saved_at(path)
            ends_well = check_once()
            if not watch:
                return ends_well
            waiting = language.render(say("Waiting until it is saved again; Ctrl-C ends this."))
            print(f"\n{waiting}")
            while _saved_at(path) in (before, 0.0):
                time.sleep(_SECONDS)
    except KeyboardInterrupt:
        raise typer.Exit(0 if watch else 130) from None


def _saved_at(path: Path) -> float:
    """When a file was saved last; 0 while it is not there, as editors replace it."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _grade(file_check: "FileCheck", root: Path, path: Path, question: str, lang: str, unsafe: bool) -> bool:
    """Grades one notebook; whether all of it is right."""
    try:
        content, saved = path.read_bytes(), f"{datetime.fromtimestamp(path.stat().st_mtime):%Y-%m-%d %H:%M:%S}"
    except OSError as error:
        raise Wrong(f"{path}: {error.strerror or error}") from None
    assignment, name = _notebook_of(root, path, content, _language(root, lang))
    if lang:
        assignment = replace(assignment, language=language_named(root, lang))
    language = assignment.language
    missing = [topic for topic in assignment.notebooks[name] if not (root / "tests" / f"test_{topic}.py").is_file()]
    if missing:
        elsewhere = "{notebook} is a notebook of {title}, whose checks are not in {folder}"
        parts = {"notebook": name, "title": say(assignment.title), "folder": str(root)}
        raise Wrong(language.render(say(elsewhere, **parts)))
    heading = say("{file}, last saved {time}", file=path.name, time=saved)
    if path.name != name:
        heading = say("{file}, is read as {name}, last saved {time}", file=path.name, name=name, time=saved)
    print(language.render(heading))
    with failing():
        return file_check.check(root, assignment, name, content, print, question=question, unsafe=unsafe)


def _notebook_of(root: Path, path: Path, content: bytes, language: Language) -> tuple["Assignment", str]:
    """Which notebook a file is, by its name, mended as when it is handed in, or else by what it holds. Raises Wrong."""
    from autograder.intake.handout import Handout
    from autograder.intake.names import named

    assignments = manifest(root)
    every = {name: assignment for assignment in assignments.values() for name in assignment.notebooks}
    name = named(path.name, every) or Handout.read(root / "notebooks").recognise(content)
    if name not in every:
        unknown = "{file} is no notebook of this course; there are: {names}"
        raise Wrong(language.render(say(unknown, file=path.name, names=_listed(assignments))))
    return every[name], name


def _listed(assignments: Mapping[str, "Assignment"]) -> str:
    return ", ".join(name for assignment in assignments.values() for name in assignment.notebooks)


def _look_at(root: Path, folder: Path, name: str, lang: str) -> bool:
    """Prints what a folder hands in that its author should know; whether that is nothing."""
    from autograder.selfcheck.folder import assignment_of, folder_faults

    assignments = manifest(root)
    assignment = assignment_named(root, name) if name else assignment_of(folder, assignments)
    with failing():
        faults = folder_faults(root, folder, assignment, assignments)
    language = language_named(root, lang) if lang else assignment.language
    shown = "\n".join(map(language.render, faults or [_FINE]))
    print(shown)
    return not faults
