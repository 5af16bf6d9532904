"""What the saved outputs of a code cell show: lines of text, pictures, and whether the cell ended in an error.

Outputs may be anything: a file can be edited, and other programs write other things. What has no meaning is left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_LINES = 2000  # of one cell; the first and the last are kept
MAX_LINE = 400
MAX_TEXT = 400_000  # characters of one output
MAX_OUTPUTS = 5000
OF_CHECK = "autograder"  # among the metadata of what the check shows, which is nobody's figure
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-Z\\-_]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e]")
_PICTURES = ("png", "jpeg", "svg", "pdf")
_PICTURE_IN_HTML = re.compile(r"<(?:svg|img)\b", re.IGNORECASE)
_INTERACTIVE = ("application/vnd.plotly.v1+json", "application/vnd.bokehjs_exec.v0+json")


@dataclass(frozen=True)
class Line:
    """A line of a cell's outputs, counted from 1. `result` says that it is the value of the cell's last expression."""

    number: int
    text: str
    result: bool


@dataclass(frozen=True)
class CellOutputs:
    """What a cell shows: its lines, the number of pictures, and the name of the exception that ended it.

    `is_cut` says that the middle of very much text is not among the lines.
    """

    lines: list[Line] = field(default_factory=list)
    pictures: int = 0
    error: str = ""
    is_cut: bool = False


@dataclass
class _Text:
    """Text that was written one piece after the other, of which some is the value of an expression."""

    pieces: list[tuple[str, bool]] = field(default_factory=list)
    stream: object = None

    def add(self, text: str, stream: object) -> None:
        """Goes on with a stream, or starts a new line for another one."""
        if self.pieces and stream != self.stream and not self.pieces[-1][0].endswith("\n"):
            self.pieces.append(("\n", False))
        self.stream = stream
        self.pieces.append((text, stream == "result"))

    def lines(self) -> Iterator[tuple[str, bool]]:
        rest = ""
        for text, result in self.pieces:
            *complete, rest = (rest + text).split("\n")
            yield from ((line, result) for line in complete)
            rest = rest[rest.rfind("\r", 0, len(rest) - 1) + 1 :]  # a progress bar is overwritten, not added to
        yield rest, bool(self.pieces) and self.pieces[-1][1]


def shown(outputs: object) -> CellOutputs:
    """What the `outputs` of a code cell show, whatever they are."""
    text, pictures, error = _Text(), 0, ""
    listed = outputs if isinstance(outputs, list) else []
    for output in listed[: MAX_OUTPUTS // 2] + listed[MAX_OUTPUTS // 2 :][-MAX_OUTPUTS // 2 :]:
        if not isinstance(output, dict) or OF_CHECK in (output.get("metadata") or ()):
            continue
        kind, data = output.get("output_type"), output.get("data")
        if kind in ("error", "pyerr"):
            error = str(output.get("ename"))[:80] or "error"
        elif kind == "stream":
            text.add(_capped(output.get("text")), output.get("name", output.get("stream")))
        else:
            bundle = data if isinstance(data, dict) else output  # format 3 has the data in the output itself
            text.add(_capped(bundle.get("text/plain", bundle.get("text"))), _origin(kind))
            pictures += _has_picture(bundle)
    size = sum(len(piece) for piece, _ in text.pieces)
    lines = _numbered(text)
    is_cut = len(listed) > MAX_OUTPUTS or len(lines) >= MAX_LINES or size >= MAX_TEXT
    return CellOutputs(lines, pictures, error, is_cut)


def _origin(kind: object) -> str:
    return "result" if kind in ("execute_result", "pyout") else "display"


def _capped(text: object) -> str:
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    if not isinstance(text, str):
        return ""
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT // 2]}\n{text[-MAX_TEXT // 2 :]}"


def _has_picture(bundle: dict[object, object]) -> bool:
    for kind, value in bundle.items():
        if not isinstance(kind, str) or not value:
            continue
        if kind.startswith("image/") or kind in _PICTURES or kind in _INTERACTIVE:
            return True
        if kind == "text/html" and _PICTURE_IN_HTML.search(_capped(value)):
            return True
    return False


def _numbered(text: _Text) -> list[Line]:
    """The lines that say something, with their numbers; the middle of very many is left out."""
    raw = [(number, *line) for number, line in enumerate(text.lines(), 1) if not line[0].isspace() and line[0]]
    if len(raw) > MAX_LINES:
        raw = raw[: MAX_LINES // 2] + raw[-MAX_LINES // 2 :]
    return [Line(number, plain, result) for number, line, result in raw if (plain := _plain(line))]


def _plain(raw: str) -> str:
    """A line as a terminal shows it at the end: the last state of a progress bar, without colours."""
    states = raw.rstrip("\r").rsplit("\r", 1)
    line = states[-1] if len(states[-1]) <= 4 * MAX_LINE else states[-1][: 4 * MAX_LINE]
    if "\x1b" in line:
        line = _ANSI.sub("", line)
    return _CONTROL.sub(" ", line).replace("\t", " ").rstrip()[:MAX_LINE]
