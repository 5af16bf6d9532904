"""A student's cells of one question and what they show: read, pictures drawn anew, in a process that may be killed.

Functions that begin with `answer_` run in that process and return JSON.
"""

import base64
import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from PIL import Image, JpegImagePlugin, PngImagePlugin

from autograder.classroom.similarity.reading import text_of
from autograder.course.manifest import Assignment
from autograder.course.sizes import MIB
from autograder.intake.handout import Handout
from autograder.intake.member import MemberError
from autograder.intake.source import Source
from autograder.intake.submission import load
from autograder.intake.wrapping import opened
from autograder.notebook.outputs import shown
from autograder.notebook.raw import RawNotebook, UnreadableNotebook
from autograder.notebook.text import one_line, plain
from autograder.sandbox.reader import Readers

MOST_LINES = 60  # of a cell's outputs, from their beginning and end
_MOST_CODE = 20_000  # characters of a cell
_MOST_TEXT = 200_000  # characters of a file or an answer in words
_LARGEST_TEXT = 10 * MIB  # of a file
_MOST_MARKUP = 4_000  # of an output that is markup
_MOST_CELLS = 60
_MOST_PICTURES = 12
_MOST_PIXELS = 40_000_000
_WIDEST = 1600
_MOST_BYTES = 6 << 20  # of all pictures together
_FORMATS = {"image/png": PngImagePlugin.PngImageFile.format, "image/jpeg": JpegImagePlugin.JpegImageFile.format}
_MARKUP = ("image/svg+xml", "text/html", "text/latex", "application/javascript")


@dataclass(frozen=True)
class Wanted:
    """Cells of a notebook: those that define `names`, stand under a heading of `question`, or `numbers`.

    Instead of them a `file` of the submission, or the markdown `text_under` a heading of any notebook.
    """

    notebook: str
    question: str
    names: Sequence[str]
    numbers: Sequence[int]
    file: str = ""
    text_under: str = ""


@dataclass(frozen=True)
class Cell:
    """A code cell: its place, its text, the lines that it shows and how many there are, and pictures as PNG files.

    Text that is no code, such as that of a file, has the number 0 and its place as heading.
    """

    number: int
    heading: str
    text: str
    lines: tuple[str, ...]
    total: int
    pictures: tuple[bytes, ...]


def cells_of(readers: Readers, source: Source, assignment: Assignment, handout: Handout, wanted: Wanted) -> list[Cell]:
    """The cells that are wanted of a submission. Raises ReaderEnded, OSError."""
    with readers.borrow() as reader:
        told = reader.call(f"{__name__}:answer_cells", source, assignment, handout, vars(wanted), size=source.size)
    return [
        Cell(
            int(cell["number"]),
            one_line(cell["heading"]),
            plain(cell["text"], _MOST_CODE if cell["number"] else _MOST_TEXT),
            tuple(plain(line, _MOST_MARKUP) for line in cell["lines"]),
            int(cell["total"]),
            tuple(base64.b64decode(picture) for picture in cell["pictures"]),
        )
        for cell in told
    ]


def answer_cells(source: Source, assignment: Assignment, handout: Handout, wanted: dict[str, Any]) -> list[Any]:
    """What `cells_of` gives, read here."""
    which = Wanted(**wanted)
    if which.file:
        return list(_files(source, which.file))
    if which.text_under:
        return list(_texts(source, assignment, handout, which.text_under))
    notebook = _notebooks(source, assignment, handout).get(which.notebook)
    if notebook is None:
        return []
    drawn = _Pictures()
    return [
        {
            "number": number,
            "heading": notebook.headings[number - 1],
            "text": notebook.sources[number - 1][: 2 * _MOST_CODE],
            **_outputs(notebook.cells[number - 1].get("outputs"), drawn),
        }
        for number in _numbers(notebook, which)
    ]


def _files(source: Source, name: str) -> Iterator[dict[str, object]]:
    """The first file of this name in a submission, in whichever encoding, or why it cannot be shown."""
    with opened(source.path, source.member) as package, closing(package.members()) as inside:
        for member in inside:
            if member.kind == "file" and PurePosixPath(member.name).name.casefold() == name.casefold():
                yield _text(name, _file_text(member.read, name))
                return


def _file_text(read: Callable[[int], bytes], name: str) -> str:
    try:
        content = read(_LARGEST_TEXT)
    except MemberError as error:
        return f"({name} cannot be shown: it {error})"
    text = text_of(content)
    return f"({name} is no text: {len(content):,} bytes that a person has to look at)" if "\0" in text else text


def _texts(source: Source, assignment: Assignment, handout: Handout, heading: str) -> Iterator[dict[str, object]]:
    """The markdown cells under a heading, that with the heading among them."""
    for name, notebook in _notebooks(source, assignment, handout).items():
        yield from (_text(name, text) for under, text in notebook.markdown if under == heading)


def _notebooks(source: Source, assignment: Assignment, handout: Handout) -> dict[str, RawNotebook]:
    """The notebooks of a submission that can be read, by name."""
    notebooks = {}
    for name, content in load(source, "", assignment, handout, "unused").notebooks.items():
        with suppress(UnreadableNotebook):
            notebooks[name] = RawNotebook(content)
    return notebooks


def _text(heading: str, text: str) -> dict[str, object]:
    """Text that is no code, as the other side reads it."""
    return {"number": 0, "heading": heading, "text": text[: 2 * _MOST_TEXT], "lines": [], "total": 0, "pictures": []}


def _numbers(notebook: RawNotebook, wanted: Wanted) -> list[int]:
    names = "|".join(map(re.escape, wanted.names)) or "(?!)"
    defines = re.compile(rf"^[ \t]*(?:(?:def|class)[ \t]+)?(?:{names})[ \t]*[(:=]", re.MULTILINE)
    heading = re.compile(rf"(?<![\w-]){re.escape(wanted.question)}(?![\w-])")
    return [
        number
        for number, (text, under) in enumerate(zip(notebook.sources, notebook.headings, strict=True), start=1)
        if number in wanted.numbers or defines.search(text) or heading.search(under)
    ][:_MOST_CELLS]


def _outputs(outputs: object, drawn: "_Pictures") -> dict[str, object]:
    told = [line.text for line in shown(outputs).lines]
    pictures, markup = [], []
    for kind, value in _bundles(outputs):
        if kind in _FORMATS and (picture := drawn.redraw(kind, value)):
            pictures.append(picture)
        elif kind in _FORMATS:
            markup.append("(a picture that cannot be shown)")
        elif kind in _MARKUP:
            markup.append(value[:_MOST_MARKUP])
    half = MOST_LINES // 2
    lines = told if len(told) <= MOST_LINES else [*told[:half], "…", *told[-half:]]
    return {"lines": lines + markup[:MOST_LINES], "total": len(told), "pictures": pictures}


def _bundles(outputs: object) -> Iterator[tuple[str, str]]:
    """What outputs show beside plain text: the kind, and the text that the file has for it."""
    for output in outputs if isinstance(outputs, list) else []:
        data = output.get("data") if isinstance(output, dict) else None
        for kind, value in data.items() if isinstance(data, dict) else ():
            text = "".join(one for one in value if isinstance(one, str)) if isinstance(value, list) else value
            if isinstance(kind, str) and isinstance(text, str):
                yield kind, text


class _Pictures:
    """Draws pictures anew, so that nothing of a file but its pixels comes through."""

    def __init__(self) -> None:
        self._left = _MOST_PICTURES
        self._bytes = _MOST_BYTES

    def redraw(self, kind: str, text: str) -> str:
        """A PNG file in base64; "" for what is no picture of that kind, too large, or one too many."""
        if not self._left or len(text) > 2 * _MOST_BYTES:
            return ""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                with Image.open(io.BytesIO(base64.b64decode(text)), formats=[str(_FORMATS[kind])]) as picture:
                    if picture.width * picture.height > _MOST_PIXELS:
                        return ""
                    pixels = picture.convert(
                        "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
                    )
        except MemoryError:
            raise
        except Exception:  # decoders raise nearly anything for what is no picture
            return ""
        pixels.info.clear()
        pixels.thumbnail((_WIDEST, _WIDEST))
        file = io.BytesIO()
        pixels.save(file, "PNG")
        if len(file.getvalue()) > self._bytes:
            return ""
        self._left, self._bytes = self._left - 1, self._bytes - len(file.getvalue())
        return base64.b64encode(file.getvalue()).decode()
