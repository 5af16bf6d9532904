"""How verdicts look below a cell: coloured in a notebook, plain where there is only text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from autograder.course.manifest import points_text
from autograder.marking.verdict import State, Verdict
from autograder.notebook.outputs import OF_CHECK
from autograder.protocol.faults import Fault

# Readable on white and on black.
_GREEN, _AMBER, _RED, _CALM = "#2da44e", "#bf8700", "#e5534b", "#6c8ebf"
_COLOURS = {State.PASS: _GREEN, State.PARTIAL: _AMBER, State.FAIL: _RED, State.UNGRADED: _CALM}


@dataclass(frozen=True)
class Result:
    """What is said of one question: its verdict, if it was asked, and a note."""

    question: str
    verdict: Verdict | None = None
    note: str = ""

    @property
    def points(self) -> str:
        """ "12 of 20", a question mark where nobody has measured it, "" without a verdict."""
        return f"{self.verdict.points_shown} of {points_text(self.verdict.max_points)}" if self.verdict else ""

    @property
    def word(self) -> str:
        """How it stands, in a word or two."""
        if self.verdict is None or self.verdict.state is State.PASS:
            return "all right" if self.verdict else "not measured here"
        if self.verdict.diagnosis == Fault.NOT_WRITTEN:
            return "not written yet"
        return self.verdict.diagnosis or str(self.verdict.state).lower()

    @property
    def colour(self) -> str:
        """Calm for what is only not there yet: an answer, or outputs that are to show a figure."""
        if self.verdict is None or self.verdict.diagnosis == Fault.NOT_WRITTEN:
            return _CALM
        return _CALM if self.note and not self.verdict.figure else _COLOURS[self.verdict.state]

    @property
    def message(self) -> str:
        """The lines below the first."""
        return "\n".join(filter(None, [self.verdict.message if self.verdict else "", self.note]))


def text(results: Sequence[Result]) -> str:
    """Results as a terminal shows them: a line each, then what is to be said."""
    width, points = (
        max(len(part) for part in column) for column in ([r.question for r in results], [r.points for r in results])
    )
    lines = [f"{one.question:<{width}}  {one.points:<{points}}  {one.word}".rstrip() for one in results]
    messages = [f"{one.question}: {one.message}" for one in results if one.message]
    total = [_total(results)] if len(results) > 1 else []
    return "\n".join([*lines, *total, *(f"\n{message}" for message in messages)])


def html(results: Sequence[Result]) -> str:
    """Results as a notebook shows them."""
    blocks = "".join(map(_block, results))
    total = f'<div style="padding:4px 12px"><b>{escape(_total(results))}</b></div>' if len(results) > 1 else ""
    return f'<div style="font-size:14px;line-height:1.45;max-width:60em">{blocks}{total}</div>'


def _block(one: Result) -> str:
    message = f'<pre style="{_PRE}">{escape(one.message)}</pre>' if one.message else ""
    head = f"<b>{escape(one.question)}</b>&ensp;{escape(one.points)}&ensp;"
    word = f'<span style="color:{one.colour};font-weight:600">{escape(one.word)}</span>'
    return f'<div style="border-left:5px solid {one.colour};padding:4px 12px;margin:2px 0">{head}{word}{message}</div>'


_PRE = "white-space:pre-wrap;margin:4px 0 0;padding:0;background:none;border:none;color:inherit;font-size:13px"


def _total(results: Iterable[Result]) -> str:
    asked = [one.verdict for one in results if one.verdict]
    earned, most = sum(one.points for one in asked), sum(one.max_points for one in asked)
    rest = [one.question for one in results if one.verdict is None]
    also = f", without {', '.join(rest)}" if rest else ""
    return f"total {points_text(earned)} of {points_text(most)}{also}, on the public cases"


def show(results: Sequence[Result]) -> None:
    """Shows results below the cell that runs, or prints them where there is no notebook."""
    from autograder.live.cells import shell

    if shell() is None:
        print(text(results))
        return
    from IPython.display import publish_display_data

    publish_display_data(  # type: ignore[no-untyped-call]  # IPython has no types
        {"text/plain": text(results), "text/html": html(results)}, {OF_CHECK: True}
    )
