"""`autograder similar`: what of a class is alike."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.common import console, course_root
from autograder.cli.graded import Grades, graded_class

if TYPE_CHECKING:
    from rich.table import Table

    from autograder.classroom.similarity.similar import Similarity

_MOST_ROWS = 40


def similar(
    grades: Grades,
    earlier: Annotated[
        list[Path] | None,
        typer.Option(help="A GRADES folder of an earlier year, or a folder of its archives; may be said again."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where similar.html, .csv and .json go; without it, GRADES/similarity.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON, and no table.")] = False,
) -> None:
    """Shows whose work is alike beyond what everybody's is. It moves no point, and sends nothing anywhere."""
    from autograder.classroom.similarity.gathering import SimilarityError, check_places

    with graded_class(grades, SimilarityError) as gradebook:
        check_places(gradebook, earlier or [])
        from autograder.classroom.similarity.files import json_of, write_files  # imports torch, which takes seconds
        from autograder.classroom.similarity.similar import compare_class

        similarity = compare_class(course_root(), gradebook, earlier or [])
        written = write_files(similarity, out or grades / "similarity")
    if as_json:
        typer.echo(json_of(similarity), nl=False)
        return
    if similarity.rows:
        console().print(_table(similarity))
    for line in [*_lines(similarity), f"written: {', '.join(map(str, written))}"]:
        console().print(line, markup=False, soft_wrap=True, highlight=False)


def _table(similarity: "Similarity") -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table("alike", "what", "one", "other", "first", "says so", box=SIMPLE_HEAD, pad_edge=False)
    for row in similarity.rows[:_MOST_ROWS]:
        subject, pair = row.subject, row.pair
        what = subject.title if subject.kind == "answer" else f"{subject.title} ({subject.kind})"
        named = row.names or ("a source" if any(row.sources) else "")
        cells = f"{pair.score:.0%}", what, pair.ours.who, pair.theirs.who, row.first, named
        table.add_row(*(cell.replace("[", r"\[") for cell in cells))
    return table


def _lines(similarity: "Similarity") -> Iterator[str]:
    """What is said below the table."""
    if more := len(similarity.rows) - _MOST_ROWS:
        yield from [f"and {more} more pairs, in similar.csv"] if more > 0 else []
    if not similarity.rows:
        yield f"no two of {similarity.people} students or groups are alike"
    for members in similarity.clusters:
        yield f"together: {', '.join(members)}"
    yield from _spread(similarity)
    if similarity.too_short:
        yield f"too short to tell for most: {'; '.join(one.title for one in similarity.too_short)}"
    if similarity.without:
        yield f"no code of a student's own answers: {', '.join(similarity.without)}"
    yield from (f"not read: {problem}" for problem in similarity.problems)
    yield "similar is not guilty: look at similar.html, and ask; no point has changed"


def _spread(similarity: "Similarity") -> Iterator[str]:
    """How many pairs are how alike, of each subject that has any."""
    spread = [(f"{one.title} ({one.kind})", one.compared.scores) for one in similarity.subjects if one.compared.scores]
    if spread:
        yield _line("pairs that are so alike, in %, from", [10 * tenth for tenth in range(10)])
    for title, scores in spread:
        yield _line(title, [scores.get(tenth) or "·" for tenth in range(10)])


def _line(title: str, cells: Sequence[object]) -> str:
    return f"{title:<36}" + "".join(f"{cell!s:>5}" for cell in cells)
