"""The two sides of a pair as HTML: the code, report or outputs of each, with the lines marked that both have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.classroom.similarity.matching import Pair
from autograder.classroom.similarity.similar import Subject
from autograder.classroom.similarity.work import Place, Work
from autograder.pages.exhibits import highlighted

COLOURS = 6
_LONGEST = 400  # characters of a line
_MOST = 400  # lines of one side
_AROUND = 4  # lines that are shown before and after a passage


@dataclass(frozen=True)
class Side:
    """One side: whose it is, when it was handed in, and its blocks, each with a heading and lines."""

    who: str
    when: str
    blocks: Sequence[tuple[str, Markup]]


def sides(subject: Subject, pair: Pair) -> tuple[Side, Side]:
    """Both sides of a pair; without blocks where it is about saved models."""
    ours = {place: number for number, one in enumerate(pair.passages) for place in one.ours}
    theirs = {place: number for number, one in enumerate(pair.passages) for place in one.theirs}
    return _side(subject, pair.ours, ours), _side(subject, pair.theirs, theirs)


def _side(subject: Subject, work: Work, marked: Mapping[Place, int]) -> Side:
    when = work.handed_in.strftime("%Y-%m-%d %H:%M") if work.handed_in else ""
    return Side(", ".join([work.who, *work.names]), when, list(_blocks(subject, work, marked)))


def _blocks(subject: Subject, work: Work, marked: Mapping[Place, int]) -> Iterator[tuple[str, Markup]]:
    """The cells with something to see in them, up to a number of lines."""
    notebook = work.notebooks.get(subject.notebook)
    if subject.kind == "report":
        yield "report.md", _lines(_plain(work.report.splitlines()[:_MOST]), 1, marked)
    elif subject.kind == "outputs" and notebook:
        shown = zip(notebook.shown.tokens, notebook.shown.places, strict=True)
        lines = [(text, place) for text, place in shown if place in marked][:_MOST]
        rows = (_row(place[1], Markup.escape(text[:_LONGEST]), marked.get(place)) for text, place in lines)
        yield "lines of outputs", Markup("").join(rows)
    elif subject.kind in ("answer", "notebook") and notebook:
        cells = dict.fromkeys(cell for cell, _ in marked)
        for cell in sorted(cells):
            yield f"code cell {cell}", _lines(_coloured(notebook.cells[cell - 1]), cell, marked)


def _lines(lines: Sequence[Markup], cell: int, marked: Mapping[Place, int]) -> Markup:
    """The lines with a passage in them and some around each; a gap is told by its number of lines."""
    passages = {number: marked[cell, number] for number in range(1, len(lines) + 1) if (cell, number) in marked}
    near = {around for number in passages for around in range(number - _AROUND, number + _AROUND + 1)}
    rows: list[Markup] = []
    gap = 0
    for number, line in enumerate(lines[:_MOST], 1):
        if number in near:
            rows += [_gap(gap)] if gap else []
            rows.append(_row(number, line, passages.get(number)))
        gap = 0 if number in near else gap + 1
    return Markup("").join([*rows, _gap(gap)] if gap else rows)


def _gap(lines: int) -> Markup:
    return Markup('<span class="gap">{} more {}</span>').format(lines, "line" if lines == 1 else "lines")


def _row(number: int, line: Markup, passage: int | None) -> Markup:
    if passage is None:
        return Markup('<span class="row"><i>{}</i>{}</span>').format(number, line)
    return Markup('<mark class="p{}"><i>{}</i><b>{}</b>{}</mark>').format(passage % COLOURS, number, passage + 1, line)


def _plain(lines: Sequence[str]) -> list[Markup]:
    return [Markup.escape(line[:_LONGEST]) for line in lines]


def _coloured(code: str) -> list[Markup]:
    return list(highlighted("\n".join(line[:_LONGEST] for line in code.split("\n"))))
