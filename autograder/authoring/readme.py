"""The README of a bundle: how its student checks the work and hands it in, in the assignment's language."""

from collections.abc import Iterator
from pathlib import Path

from autograder.authoring import limits
from autograder.course.manifest import Assignment
from autograder.messages import Message, join, say

# A paragraph is one line, as catalogues of translations have it.
_README = """\
# {title}

Due {deadline}. Your work goes into these notebooks; they run on Google Colab as they are:

{notebooks}

Write between the banners. Run the cells and keep their outputs: what you hand in is graded with them.

## Check your work

In a notebook: its first cell finds this folder (on Colab, on your Drive), and a cell `check("...")` after each \
question says how your answer stands, as your kernel has it now; `check.all()` at the end shows all of them. It runs \
your code in your kernel: variables, random numbers and modes stay as they are, but a list or tensor that your answer \
changes is changed.

The saved file is checked on your own machine (Python 3.11 or newer), or on Colab in a cell with `!` before each line, \
from within this folder:

{checking}

You get one line per question with its points, then a message for every question that lost some: what is wrong, where, \
what was expected and what to look at. `tests/` shows exactly what is compared. When your work is graded, the same \
checks run on further cases with other numbers.

## Limits

{limits}

## Hand in

{packing}

This packs `{archive}` beside the script, or says which files are missing. Where Python and the requirements are \
there, it first looks at what you hand in, as `python -m autograder check .` does, and warns of each thing that is \
missing or odd. It asks before it replaces an archive. At the end it prints a receipt: the size of the archive and its \
SHA-256, which your page will show too.

## What is in this folder

| | |
|---|---|
{folders}
"""


def readme(assignment: Assignment, bundle: Path) -> str:
    """The text of the README of a bundle, whose folders are there already."""
    built = {name: topics for name, topics in assignment.notebooks.items() if topics}
    notebook, topics = next(iter(built.items()))
    models = map(limits.of_models, assignment.model_questions.values())
    text = say(
        _README,
        title=say(assignment.title),
        deadline=f"{assignment.deadline:%Y-%m-%d %H:%M} ({assignment.deadline.tzinfo})",
        notebooks=_notebooks(assignment, list(built)),
        checking=_checking(notebook, topics[0]),
        limits=join([limits.of_code(assignment), *models, limits.of_archives()], "\n\n"),
        packing=_commands([("sh CollectSubmission.sh STUDENT-ID", "")]),
        archive=assignment.archive_text,
        folders=join(list(_folders(assignment, bundle))),
    )
    return assignment.language.render(text)


def _notebooks(assignment: Assignment, built: list[str]) -> Message:
    lines = [f"- `{name}`" for name in built]
    if elsewhere := [name for name in assignment.required if name.endswith(".ipynb") and name not in built]:
        names = ", ".join(f"`{name}`" for name in elsewhere)
        lines += ["", say("Handed out separately, and to be put here: {names}.", names=names)]
    return join(lines)


def _checking(notebook: str, topic: str) -> Message:
    check, test = "python -m autograder check", f"pytest tests/test_{topic}.py --notebook {notebook}"
    again = say("again whenever you save it; --question NAME asks one question")
    return _commands([
        ("pip install -r requirements.txt", ""),
        (f"{check} {notebook}", ""),
        (f"{check} {notebook} --watch", again),
        (f"{check} .", say("all that you hand in: what is missing, empty, cleared or misplaced")),
        (test, say("the same as the first through pytest")),
        ("pytest", say("every notebook of this folder")),
    ])  # fmt: skip


def _commands(lines: list[tuple[str, str]]) -> Message:
    """A block of commands for a shell, each with what is said of it."""
    said = [join([command, remark], "    # ") if remark else command for command, remark in lines]
    return join(["```sh", *said, "```"])


def _folders(assignment: Assignment, bundle: Path) -> Iterator[Message]:
    """A row for each part of the bundle; not every bundle has every folder."""
    yield _row("`*.ipynb`", say("the notebooks you work in"))
    meanings = {"images/": say("pictures that the notebooks show"), "data/": say("what the notebooks import")}
    handed_in = say("what you make; handed in with the notebooks, and any `report.md` to fill in with it")
    meanings |= {name: handed_in for name in assignment.required if name.endswith("/")}
    yield from (_row(f"`{name}`", meaning) for name, meaning in meanings.items() if (bundle / name).is_dir())
    yield _row("`tests/`", say("the checks, and cases with the expected results"))
    checker = "`autograder/`, `assignments.toml`, `conftest.py`, `pytest.ini`"
    yield _row(checker, say("the checker; leave them as they are"))


def _row(name: str, meaning: str) -> Message:
    return say("| {name} | {meaning} |", name=name, meaning=meaning)
