"""What a verdict shows below its message, which names variables itself: where tensors differ, and lines to paste.

Styles stand in the elements, since an output has no style sheet; what is no colour of ours is the notebook's own, light
or dark.
"""

from html import escape
from itertools import groupby
from math import prod

from autograder.marking.evidence import Evidence
from autograder.messages import ENGLISH, Language, say
from autograder.protocol.grid import PARTLY, RIGHT, WRONG, Grid
from autograder.selfcheck.table import PASTE

_BOX = "white-space:pre;overflow-x:auto;margin:2px 0 0;padding:4px 8px;background:none;color:inherit;font-size:13px"
_CAPTION = "margin-top:6px;font-size:12px;opacity:.8"
GREEN, AMBER, RED = "#2da44e", "#bf8700", "#e5534b"  # readable on white and on black
_COLOURS = {RIGHT: GREEN, PARTLY: AMBER, WRONG: RED}
_SQUARES = {RIGHT: "▫", PARTLY: "▪", WRONG: "■"}  # told apart without their colours, too


def exhibits(evidence: Evidence, language: Language = ENGLISH) -> str:
    """All of it as HTML; "" for none."""
    return "".join([*(_picture(grid, language) for grid in evidence.grids), _lines(evidence, language)])


def _picture(grid: Grid, language: Language) -> str:
    """A square for each value of a tensor or for some of them, those of one kind side by side as one element."""
    caption = language.word(
        say("{name}: {count} of {total} wrong", name=say(grid.name), count=grid.wrong, total=prod(grid.shape))
    )
    rows = "\n".join(
        "".join(
            f'<span style="color:{_COLOURS[kind]}">{_SQUARES[kind] * len([*run])}</span>' for kind, run in groupby(row)
        )
        for row in grid.rows
    )
    style = "margin:0;padding:0;background:none;border:none;line-height:1;overflow-x:auto;font-size:12px"
    picture = f'<pre role="img" aria-label="{escape(caption)}" style="{style}">{rows}</pre>'
    return f'<div style="{_CAPTION}">{escape(caption)}</div>{picture}'


def _lines(evidence: Evidence, language: Language) -> str:
    if not evidence.case:
        return ""
    box = f'<pre style="{_BOX};border:1px solid #8888;border-radius:4px">{escape(chr(10).join(evidence.case))}</pre>'
    return f'<div style="{_CAPTION}">{escape(language.word(PASTE))}</div>{box}'
