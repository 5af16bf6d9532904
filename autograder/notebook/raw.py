"""From the bytes of an .ipynb file to its code cells as JSON, with a note about everything that had to be repaired."""

import ast
import json
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from autograder.messages import say
from autograder.notebook.listing import headings
from autograder.notebook.repair import Kind, Repair

FORMAT = 4
# Far beyond any notebook that somebody wrote; what is larger would take minutes to read, again and again.
MAX_CELLS = 10_000
MAX_OUTPUTS = 100_000  # of all cells together
MAX_CODE = 16 << 20  # characters of all cells together
# A conflict as git writes it, and as nbdime writes it into a cell's source: both sides, perhaps the common ancestor.
_CONFLICT = re.compile(
    r"^<{7}(?: [^\n]*)?\n(?P<first>.*?)(?:^\|{7}(?: [^\n]*)?\n.*?)?^={7}\n(?P<second>.*?)^>{7}(?: [^\n]*)?(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)

_DEFINES = re.compile(r"^(?:async +def|def|class)[ \t]+(\w+)", re.MULTILINE)


class UnreadableNotebook(Exception):
    """The file is no notebook; the message says why, for the student."""


class RawNotebook:
    """The cells of a notebook file as they stand in it; `cells` are those of code.

    `repairs` are what was repaired, `sources` the texts of the code cells, `headings` those that they stand under,
    `markdown` each markdown cell with the heading it stands under, its own if it has one, and its text, `python` the
    version that ran the cells last, such as "3.12", or "".
    """

    def __init__(self, data: bytes) -> None:
        """Raises UnreadableNotebook if the bytes are no JSON, or no notebook."""
        self.repairs: list[Repair] = []
        raw = self._parsed(self._decoded(data))
        cells = self._cells_of(raw)
        if cells is None:
            raise UnreadableNotebook(
                say("The file is JSON but no notebook: it has no list of cells. Save it again from Colab or Jupyter.")
            )
        self.python = _python_of(raw)
        _refuse_excess(cells)
        self._note_slips(cells)
        self.headings: list[str] = []
        self.markdown: list[tuple[str, str]] = []
        self.cells = self._code_cells([cell for cell in cells if isinstance(cell, dict)])
        self.sources = [_joined(cell.get("source", cell.get("input"))) for cell in self.cells]
        self._resolve_sources()

    def _mend(self, kind: Kind, sentence: str) -> None:
        self.repairs.append(Repair(kind, sentence))

    def _decoded(self, data: bytes) -> str:
        encoding = json.detect_encoding(data)
        if encoding == "utf-8-sig":
            self._mend(Kind.ENCODING, say("it begins with a byte order mark, which was dropped"))
        elif encoding != "utf-8":
            name = encoding.upper().split("-LE")[0].split("-BE")[0]
            self._mend(Kind.ENCODING, _encoded_in(name))
        for tried in (encoding, *(["cp949"] if encoding == "utf-8" else [])):
            with suppress(UnicodeDecodeError):
                text = data.decode(tried)
                if tried == "cp949":
                    self._mend(Kind.ENCODING, _encoded_in(tried))
                return text
        self._mend(Kind.ENCODING, say("it holds bytes that are in no known encoding; they were replaced"))
        return data.decode(encoding, errors="replace")

    def _parsed(self, text: str) -> object:
        try:
            return _json(text)
        except ValueError as error:
            reason = say("it is not valid JSON: {error}", error=str(error)) if text.strip() else say("it is empty")
        number = len(_CONFLICT.findall(text))
        for side in ("first", "second") if number else ():
            try:
                raw = _json(_CONFLICT.sub(rf"\g<{side}>", text))
            except ValueError:
                reason = say("merge conflicts stand in it, and neither side alone is a notebook")
                continue
            which = say("first") if side == "first" else say("second")
            taken = say("the {side} side of {conflicts} in it was taken", side=which, conflicts=_conflicts(number))
            self._mend(Kind.MERGE_CONFLICT, taken)
            return raw
        raise UnreadableNotebook(
            say("The file cannot be read as a notebook: {reason}. Save it again from Colab or Jupyter.", reason=reason)
        )

    def _cells_of(self, raw: object) -> list[object] | None:
        """The cells of format 4 (`cells`) or of 2 and 3 (`worksheets`, `input` for `source`); None without any."""
        if not isinstance(raw, dict):
            return None
        form, sheets, cells = raw.get("nbformat"), raw.get("worksheets"), raw.get("cells")
        if isinstance(form, int) and form != FORMAT:
            other = say(
                "it is of format {form}, not of {usual}, and was read all the same", form=str(form)[:10], usual=FORMAT
            )
            self._mend(Kind.NOTEBOOK_FORMAT, other)
        elif not isinstance(form, int):
            self._mend(Kind.INVALID_NOTEBOOK, say("it does not say which notebook format it has"))
        if isinstance(sheets, list):
            lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
            return [cell for listed in lists if isinstance(listed, list) for cell in listed]
        return cells if isinstance(cells, list) else None

    def _note_slips(self, cells: list[object]) -> None:
        slips = list(_slips(cells))
        if slips:
            said = "it is not valid: {slip}; it was read all the same"
            if slips[1:]:
                said = "it is not valid: {slip} (and {count} more of this kind); it was read all the same"
            self._mend(Kind.INVALID_NOTEBOOK, say(said, slip=slips[0], count=len(slips) - 1))

    def _code_cells(self, cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The code cells, and those of another type which define what none of them does."""
        texts = [_joined(cell.get("source")) for cell in cells]
        written = [text for cell, text in zip(cells, texts, strict=True) if cell.get("cell_type") == "code"]
        defined = {name for text in written for name in _DEFINES.findall(text)}
        found = []
        for cell, text, heading in zip(cells, texts, headings(cells, texts), strict=True):
            if cell.get("cell_type") == "markdown":
                self.markdown.append((heading, text))
            if cell.get("cell_type") == "code":
                found.append(cell)
                self.headings.append(heading)
            elif (names := _definitions(text)) and defined.isdisjoint(names):
                found.append(cell | {"outputs": []})
                self.headings.append(heading)
                kind, which = str(cell.get("cell_type")), ", ".join(sorted(names)[:5])
                said = "a cell of the type {kind} defines {names}; it was read as code cell {cell}"
                self._mend(Kind.CELL_TYPE, say(said, kind=kind, names=which, cell=len(found)))
        return found

    def _resolve_sources(self) -> None:
        """Takes the first side of conflicts inside of cells; blank lines take the place of what is left out."""
        for place, source in enumerate(self.sources):
            text = source.replace("\r\n", "\n")
            resolved, number = _CONFLICT.subn(_first_side, text)
            if number:
                self.sources[place] = resolved
                said = "the first side of {conflicts} in code cell {cell} was taken"
                self._mend(Kind.MERGE_CONFLICT, say(said, conflicts=_conflicts(number), cell=place + 1))


def _refuse_excess(cells: list[object]) -> None:
    """Raises UnreadableNotebook for more of anything than a notebook has."""
    too_many = len(cells) > MAX_CELLS
    plain = [] if too_many else [cell for cell in cells if isinstance(cell, dict)]
    outputs = sum(len(cell["outputs"]) for cell in plain if isinstance(cell.get("outputs"), list))
    code = sum(len(_joined(cell.get("source", cell.get("input")))) for cell in plain)
    excesses = (
        (too_many, say("{count:,} cells", count=MAX_CELLS)),
        (outputs > MAX_OUTPUTS, say("{count:,} outputs", count=MAX_OUTPUTS)),
        (code > MAX_CODE, say("{count} million characters of code and text", count=MAX_CODE >> 20)),
    )
    for exceeds, what in excesses:
        if exceeds:
            raise UnreadableNotebook(say("The notebook has more than {what}, and was not read.", what=what))


def _python_of(raw: object) -> str:
    """The version of Python that a notebook's metadata name, "" if there is none."""
    value = raw
    for key in ("metadata", "language_info", "version"):
        value = value.get(key) if isinstance(value, dict) else None
    match = re.match(r"3\.\d{1,2}(?=\.|$)", value) if isinstance(value, str) else None
    return match[0] if match else ""


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        raise UnreadableNotebook(say("The file is nested too deeply to be a notebook.")) from None


def _definitions(text: str) -> set[str]:
    """The functions and classes that a text defines, none if it is not Python."""
    if not _DEFINES.search(text):
        return set()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {node.name for node in body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}


def _first_side(conflict: re.Match[str]) -> str:
    """The first side on the lines that it has, with as many lines as the whole conflict."""
    start = conflict.start()
    before, after = conflict[0][: conflict.start("first") - start], conflict[0][conflict.end("first") - start :]
    return "\n" * before.count("\n") + conflict["first"] + "\n" * after.count("\n")


def _slips(cells: list[object]) -> Iterator[str]:
    """What the notebook format does not allow, of which reading takes no notice."""
    code = 0
    ids: set[str] = set()
    for place, cell in enumerate(cells, 1):
        if not isinstance(cell, dict):
            yield say("cell {number} is no cell", number=place)
            continue
        if isinstance(found := cell.get("id"), str):
            if found in ids:
                yield say("cell {number} has the id of another", number=place)
            ids.add(found)
        if cell.get("cell_type") not in ("code", "markdown", "raw", "heading", "html", "plaintext"):
            yield say("cell {number} has no type", number=place)
        if cell.get("cell_type") != "code":
            continue
        code += 1
        if not isinstance(cell.get("source", cell.get("input")), (str, list)):
            yield say("code cell {number} has no source", number=code)
        if not isinstance(cell.get("outputs"), list):
            yield say("code cell {number} has no outputs", number=code)


def _joined(source: object) -> str:
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def _conflicts(number: int) -> str:
    return say("1 merge conflict") if number == 1 else say("{count} merge conflicts", count=number)


def _encoded_in(name: str) -> str:
    return say("it is encoded in {name}, not in UTF-8, and was read as such", name=name)
