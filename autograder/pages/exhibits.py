"""Evidence as HTML: a student's code in colours with the line marked, and where tensors differ as a small picture."""

from functools import lru_cache
from itertools import groupby
from math import prod

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.marking.evidence import Excerpt
from autograder.protocol.grid import PARTLY, RIGHT, WRONG, Grid

_CLASSES = {RIGHT: "right", PARTLY: "partly", WRONG: "wrong"}
_SIDE = 9  # pixels of a value, fewer where there are many
_WIDEST = 300  # pixels


def code(excerpt: Excerpt, marked: str) -> Markup:
    """The lines of a student's code with their numbers, each an element; `marked` is read out where one is marked."""
    return Markup("").join(
        _row(number, line, marked if number == excerpt.marked else "")
        for number, line in enumerate(highlighted("\n".join(excerpt.lines)), excerpt.first)
    )


@lru_cache(maxsize=1000)  # several questions are about one function, and several students wrote the same
def highlighted(text: str) -> tuple[Markup, ...]:
    """The lines of Python code, with classes for the kinds of its tokens."""
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    lines = highlight(text, lexer, HtmlFormatter(nowrap=True)).removesuffix("\n").split("\n")
    return tuple(Markup(line) for line in lines)


def _row(number: int, line: Markup, marked: str) -> Markup:
    if marked:
        return Markup('<mark><span class="unseen">{} </span><i>{}</i>{}</mark>').format(marked, number, line)
    return Markup('<span class="row"><i>{}</i>{}</span>').format(number, line)


def picture(grid: Grid, words: str) -> Markup:
    """A picture of a tensor, with a square for each value or for some of them; `words` say what it shows."""
    width, height = max(map(len, grid.rows), default=1), len(grid.rows)
    side = max(3, min(_SIDE, _WIDEST // width))
    paths = Markup("").join(
        Markup('<path class="{}" d="{}"/>').format(name, drawn)
        for digit, name in _CLASSES.items()
        if (drawn := _path(grid, digit))
    )
    return Markup(
        '<svg class="grid" role="img" aria-label="{}" viewBox="0 0 {} {}" width="{}" height="{}">{}</svg>'
    ).format(escape(words), width, height, width * side, height * side, paths)


def values(grid: Grid) -> int:
    """How many values a tensor has."""
    return prod(grid.shape)


def _path(grid: Grid, digit: str) -> str:
    """The squares of one kind, those side by side as one, with a gap between them and the others."""
    drawn = []
    for top, row in enumerate(grid.rows):
        left = 0
        for kind, run in groupby(row):
            length = len(list(run))
            if kind == digit:
                drawn.append(f"M{left} {top}h{length - 0.1:g}v.9h-{length - 0.1:g}z")
            left += length
    return "".join(drawn)
