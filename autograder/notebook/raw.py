"""From the bytes of an .ipynb file to its code cells as JSON, with a note about everything that had to be repaired."""

import ast
import json
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

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
    """The code cells of a notebook file as they stand in it.

    `repairs` are what was repaired, `sources` the texts of the cells, `headings` those that they stand under, `python`
    the version that ran them last, such as "3.12", or "".
    """

    def __init__(self, data: bytes) -> None:
        """Raises UnreadableNotebook if the bytes are no JSON, or no notebook."""
        self.repairs: list[Repair] = []
        raw = self._parsed(self._decoded(data))
        cells = self._cells_of(raw)
        if cells is None:
            raise UnreadableNotebook(
                "The file is JSON but no notebook: it has no list of cells. Save it again from Colab or Jupyter."
            )
        self.python = _python_of(raw)
        _refuse_excess(cells)
        self._note_slips(cells)
        self.headings: list[str] = []
        self.cells = self._code_cells([cell for cell in cells if isinstance(cell, dict)])
        self.sources = [_joined(cell.get("source", cell.get("input"))) for cell in self.cells]
        self._resolve_sources()

    def _mend(self, kind: Kind, sentence: str) -> None:
        self.repairs.append(Repair(kind, sentence))

    def _decoded(self, data: bytes) -> str:
        encoding = json.detect_encoding(data)
        if encoding == "utf-8-sig":
            self._mend(Kind.ENCODING, "it begins with a byte order mark, which was dropped")
        elif encoding != "utf-8":
            name = encoding.upper().split("-LE")[0].split("-BE")[0]
            self._mend(Kind.ENCODING, f"it is encoded in {name}, not in UTF-8, and was read as such")
        for tried in (encoding, *(["cp949"] if encoding == "utf-8" else [])):
            with suppress(UnicodeDecodeError):
                text = data.decode(tried)
                if tried == "cp949":
                    self._mend(Kind.ENCODING, "it is encoded in cp949, not in UTF-8, and was read as such")
                return text
        self._mend(Kind.ENCODING, "it holds bytes that are in no known encoding; they were replaced")
        return data.decode(encoding, errors="replace")

    def _parsed(self, text: str) -> object:
        try:
            return _json(text)
        except ValueError as error:
            reason = f"it is not valid JSON: {error}" if text.strip() else "it is empty"
        number = len(_CONFLICT.findall(text))
        for side in ("first", "second") if number else ():
            try:
                raw = _json(_CONFLICT.sub(rf"\g<{side}>", text))
            except ValueError:
                reason = "merge conflicts stand in it, and neither side alone is a notebook"
                continue
            self._mend(Kind.MERGE_CONFLICT, f"the {side} side of {_counted(number, 'merge conflict')} in it was taken")
            return raw
        raise UnreadableNotebook(
            f"The file cannot be read as a notebook: {reason}. Save it again from Colab or Jupyter."
        )

    def _cells_of(self, raw: object) -> list[object] | None:
        """The cells of format 4 (`cells`) or of 2 and 3 (`worksheets`, `input` for `source`); None without any."""
        if not isinstance(raw, dict):
            return None
        form, sheets, cells = raw.get("nbformat"), raw.get("worksheets"), raw.get("cells")
        if isinstance(form, int) and form != FORMAT:
            self._mend(Kind.NOTEBOOK_FORMAT, f"it is of format {form}, not of {FORMAT}, and was read all the same")
        elif not isinstance(form, int):
            self._mend(Kind.INVALID_NOTEBOOK, "it does not say which notebook format it has")
        if isinstance(sheets, list):
            lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
            return [cell for listed in lists if isinstance(listed, list) for cell in listed]
        return cells if isinstance(cells, list) else None

    def _note_slips(self, cells: list[object]) -> None:
        slips = list(_slips(cells))
        if slips:
            more = f" (and {_counted(len(slips) - 1, 'more slip')} of this kind)" if slips[1:] else ""
            self._mend(Kind.INVALID_NOTEBOOK, f"it is not valid: {slips[0]}{more}; it was read all the same")

    def _code_cells(self, cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The code cells, and those of another type which define what none of them does."""
        texts = [_joined(cell.get("source")) for cell in cells]
        written = [text for cell, text in zip(cells, texts, strict=True) if cell.get("cell_type") == "code"]
        defined = {name for text in written for name in _DEFINES.findall(text)}
        found = []
        for cell, text, heading in zip(cells, texts, headings(cells, texts), strict=True):
            if cell.get("cell_type") == "code":
                found.append(cell)
                self.headings.append(heading)
            elif (names := _definitions(text)) and defined.isdisjoint(names):
                found.append(cell | {"outputs": []})
                self.headings.append(heading)
                kind, which = cell.get("cell_type"), ", ".join(sorted(names)[:5])
                self._mend(Kind.CELL_TYPE, f"a {kind} cell defines {which}; it was read as code cell {len(found)}")
        return found

    def _resolve_sources(self) -> None:
        """Takes the first side of conflicts inside of cells; blank lines take the place of what is left out."""
        for place, source in enumerate(self.sources):
            text = source.replace("\r\n", "\n")
            resolved, number = _CONFLICT.subn(_first_side, text)
            if number:
                self.sources[place] = resolved
                conflicts = _counted(number, "merge conflict")
                self._mend(Kind.MERGE_CONFLICT, f"the first side of {conflicts} in code cell {place + 1} was taken")


def _refuse_excess(cells: list[object]) -> None:
    """Raises UnreadableNotebook for more of anything than a notebook has."""
    too_many = len(cells) > MAX_CELLS
    plain = [] if too_many else [cell for cell in cells if isinstance(cell, dict)]
    outputs = sum(len(cell["outputs"]) for cell in plain if isinstance(cell.get("outputs"), list))
    code = sum(len(_joined(cell.get("source", cell.get("input")))) for cell in plain)
    excesses = (
        (too_many, f"{MAX_CELLS:,} cells"),
        (outputs > MAX_OUTPUTS, f"{MAX_OUTPUTS:,} outputs"),
        (code > MAX_CODE, f"{MAX_CODE >> 20} million characters of code and text"),
    )
    for exceeds, what in excesses:
        if exceeds:
            raise UnreadableNotebook(f"The notebook has more than {what}, and was not read.")


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
        raise UnreadableNotebook("The file is nested too deeply to be a notebook.") from None


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
            yield f"cell {place} is no cell"
            continue
        if isinstance(found := cell.get("id"), str):
            if found in ids:
                yield f"cell {place} has the id of another"
            ids.add(found)
        if cell.get("cell_type") not in ("code", "markdown", "raw", "heading", "html", "plaintext"):
            yield f"cell {place} has no type"
        if cell.get("cell_type") != "code":
            continue
        code += 1
        if not isinstance(cell.get("source", cell.get("input")), (str, list)):
            yield f"code cell {code} has no source"
        if not isinstance(cell.get("outputs"), list):
            yield f"code cell {code} has no outputs"


def _joined(source: object) -> str:
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
