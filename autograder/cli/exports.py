"""Commands that take marks and pages back to an LMS, or on to other programs."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.common import Wrong, console, errors, escape, graders_packages
from autograder.cli.graded import Grades, graded_class

if TYPE_CHECKING:
    from autograder.gradebook.gradebook import Gradebook

Partial = Annotated[
    bool, typer.Option("--partial", help="Leave out who is UNGRADED or in question, instead of refusing all.")
]
# What goes with each target: what it needs, and what it may have.
_NEEDED = {"--canvas": {"--column", "--out"}, "--moodle": {"--out"}, "--xlsx": set[str](), "--json": set[str]()}
_POSSIBLE = {"--canvas": {"--scale", "--changed"}, "--moodle": {"--scale", "--changed"}}


def export(
    grades: Grades,
    canvas: Annotated[Path | None, typer.Option(help="Canvas's own gradebook export, to be filled.")] = None,
    moodle: Annotated[Path | None, typer.Option(help="Moodle's grading worksheet, to be filled.")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="A workbook to write, with a sheet for each question.")] = None,
    json: Annotated[Path | None, typer.Option(help="A JSON file to write.")] = None,
    column: Annotated[str, typer.Option(help="The column of --canvas: its title, with or without its number.")] = "",
    out: Annotated[Path | None, typer.Option(help="The filled file of --canvas or --moodle.")] = None,
    scale: Annotated[bool, typer.Option("--scale", help="Convert the marks to the points that the LMS gives.")] = False,
    partial: Partial = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Write only the lines that differ from the last export.")
    ] = False,
) -> None:
    """Writes the marks of a class into Canvas's or Moodle's own file, a workbook, or a JSON file."""
    targets = {"--canvas": canvas, "--moodle": moodle, "--xlsx": xlsx, "--json": json}
    target, path = _only(targets)
    _check_options(target, {"--column": column, "--out": out, "--scale": scale, "--changed": changed})
    with _opened(grades) as gradebook:
        if out is None:
            _write_whole(gradebook, target, path, partial)
        else:
            _fill(gradebook, path, column, out, scale, partial, changed)


def feedback(
    grades: Grades,
    canvas: Annotated[Path | None, typer.Option(help="The zip file to make for Canvas.")] = None,
    moodle: Annotated[Path | None, typer.Option(help="The folder to make for Moodle, or a zip file of it.")] = None,
    partial: Partial = False,
) -> None:
    """Packs each student's page under the name by which Canvas or Moodle finds whom it is about."""
    from autograder.exports.feedback import canvas_feedback, moodle_feedback, zip_of
    from autograder.exports.files import write_file, write_folder
    from autograder.exports.marks import marks_of

    target, out = _only({"--canvas": canvas, "--moodle": moodle})
    pack = canvas_feedback if target == "--canvas" else moodle_feedback
    with _opened(grades) as gradebook:
        packed = pack(marks_of(gradebook, partial), gradebook.folder / "students", gradebook.assignment, partial)
        if target == "--moodle" and out.suffix != ".zip":
            write_folder(out, packed.files)
        else:
            write_file(out, zip_of(packed.files))
    _say(out, "page", packed.files, {"without a page": packed.left_out})


def _write_whole(gradebook: "Gradebook", target: str, path: Path, partial: bool) -> None:
    """Writes a file that holds nothing but marks."""
    from autograder.exports.files import write_file
    from autograder.exports.filling import doubts
    from autograder.exports.marks import marks_of
    from autograder.exports.records import records
    from autograder.gradebook.events import Action
    from autograder.gradebook.history import History

    assignment, points = gradebook.assignment, Decimal(str(gradebook.assignment.points))
    marks = marks_of(gradebook, partial)
    if target == "--json":
        content = records(assignment.name, points, marks)
    else:
        with graders_packages():
            from autograder.exports.workbook import workbook
        content = workbook(assignment.title, points, list(assignment.questions), marks)
    write_file(path, content)
    History(gradebook).note(Action.EXPORT, ("", target.removeprefix("--")), None, path.name, "the class")
    written = [mark for mark in marks if mark.ready and not mark.excused]
    _say(path, "mark", written, {"left blank": doubts(marks)})


def _fill(
    gradebook: "Gradebook", path: Path, column: str, out: Path, scale: bool, partial: bool, changed: bool
) -> None:
    """Fills a file of Canvas's, if a column is named, or of Moodle's."""
    from autograder.exports.canvas import column_of, fill_canvas
    from autograder.exports.files import write_file
    from autograder.exports.filling import Terms
    from autograder.exports.last import last_marks, note_marks
    from autograder.exports.marks import marks_of
    from autograder.exports.moodle import fill_moodle
    from autograder.exports.sheet import read_sheet
    from autograder.gradebook.history import History

    sheet, history, marks = read_sheet(path), History(gradebook), marks_of(gradebook, partial)
    place = column_of(sheet, column) if column else None
    target = "moodle" if place is None else f"canvas: {sheet.header[place]}"
    last = last_marks(history, target)
    assignment = gradebook.assignment
    points = Decimal(str(assignment.points))
    terms = Terms(points, scale, partial, last if changed else None, assignment.language)
    filled = fill_moodle(sheet, marks, terms) if place is None else fill_canvas(sheet, place, marks, terms)
    write_file(out, filled.content)
    note_marks(history, target, filled.marks, last)
    _say(out, "mark", filled.marks, {"left as they were": filled.untouched, f"not in {path}": filled.absent})


@contextmanager
def _opened(folder: Path) -> Iterator["Gradebook"]:
    """The gradebook in a folder; what goes wrong with it, or with an export, is one message and exit code 2."""
    from autograder.exports.refusal import ExportError

    with graded_class(folder, ExportError) as gradebook:
        yield gradebook


def _only(targets: Mapping[str, Path | None]) -> tuple[str, Path]:
    """The one target that was named; raises Wrong."""
    named = [(option, path) for option, path in targets.items() if path is not None]
    if len(named) != 1:
        raise Wrong(f"expected one of {', '.join(targets)}, got {' and '.join(one for one, _ in named) or 'none'}")
    return named[0]


def _check_options(target: str, options: Mapping[str, object]) -> None:
    """Raises Wrong unless a target has the options that it needs, and no others."""
    given = {option for option, value in options.items() if value}
    if missing := sorted(_NEEDED[target] - given):
        raise Wrong(f"{target} needs {' and '.join(missing)}")
    if foreign := sorted(given - _NEEDED[target] - _POSSIBLE.get(target, set())):
        raise Wrong(f"{' and '.join(foreign)} cannot be combined with {target}")


def _say(
    path: Path, what: str, written: Sequence[object] | Mapping[str, object], others: Mapping[str, Sequence[str]]
) -> None:
    """Says what was written, and a line for each student who is not in it."""
    number = len(written)
    console().print(f"wrote {escape(str(path))}: {number} {what}{'s' * (number != 1)}", soft_wrap=True, highlight=False)
    for title, lines in others.items():
        if lines:
            errors().print("\n  ".join([f"{title}:", *lines]), markup=False, soft_wrap=True, highlight=False)
