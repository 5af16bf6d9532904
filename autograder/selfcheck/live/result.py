"""How results look below a cell: coloured in a notebook, plain where there is only text."""

from collections.abc import Sequence
from html import escape

from autograder.marking.verdict import State
from autograder.messages import ENGLISH, Language
from autograder.notebook.outputs import OF_CHECK
from autograder.protocol.faults import Fault
from autograder.selfcheck.live.exhibits import AMBER, GREEN, RED, exhibits
from autograder.selfcheck.table import Result, text, total

_CALM = "#6c8ebf"  # readable on white and on black
_PRE = "white-space:pre-wrap;margin:4px 0 0;padding:0;background:none;border:none;color:inherit;font-size:13px"
_COLOURS = {State.PASS: GREEN, State.PARTIAL: AMBER, State.FAIL: RED, State.UNGRADED: _CALM}


def html(results: Sequence[Result], language: Language = ENGLISH) -> str:
    """Results as a notebook shows them."""
    blocks = "".join(_block(one, language) for one in results)
    sums = f"<b>{escape(language.word(total(results)))}</b>" if len(results) > 1 else ""
    footer = f'<div style="padding:4px 12px">{sums}</div>' if sums else ""
    return f'<div style="font-size:14px;line-height:1.45;max-width:60em">{blocks}{footer}</div>'


def show(results: Sequence[Result], language: Language = ENGLISH) -> None:
    """Shows results below the cell that runs, or prints them where there is no notebook."""
    from autograder.selfcheck.live.cells import shell

    if shell() is None:
        print(text(results, language))
        return
    from IPython.display import publish_display_data

    publish_display_data(  # type: ignore[no-untyped-call]  # IPython has no types
        {"text/plain": text(results, language), "text/html": html(results, language)}, {OF_CHECK: True}
    )


def _block(one: Result, language: Language) -> str:
    message = f'<pre style="{_PRE}">{escape(language.render(one.message))}</pre>' if one.message else ""
    shown = exhibits(one.verdict.evidence, language) if one.verdict else ""
    colour = _colour(one)
    head = f"<b>{escape(one.question)}</b>&ensp;{escape(language.word(one.points))}&ensp;"
    word = f'<span style="color:{colour};font-weight:600">{escape(one.word(language))}</span>'
    style = f"border-left:5px solid {colour};padding:4px 12px;margin:2px 0"
    return f'<div style="{style}">{head}{word}{message}{shown}</div>'


def _colour(one: Result) -> str:
    """Calm for what is only not there yet: an answer, or outputs that are to show a figure."""
    if one.verdict is None or one.verdict.diagnosis == Fault.NOT_WRITTEN:
        return _CALM
    return _CALM if one.note and not one.verdict.figure else _COLOURS[one.verdict.state]
