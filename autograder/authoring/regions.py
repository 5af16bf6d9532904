"""Solution regions: the two versions of a cell, with its answers and without.

A region stands between `### BEGIN SOLUTION` and `### END SOLUTION`, each on a line of its own in a code cell. Without
the answers it becomes one line that raises NotImplementedError with the name of the function or class around it, or
prints that it is not written, at the top level of the cell.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

import nbformat

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
RESEMBLES_MARKER = re.compile(r"#+\s*(begin|end)[\s_-]*solutions?\b", re.IGNORECASE)
UNWRITTEN_PART = 'print("this part is not written yet")  # your code here'
STAFF_TAG = "staff"


class BuildError(Exception):
    """A solution script from which no sound notebooks can be made; the message names the file and the line."""


@dataclass(frozen=True)
class ScriptPlace:
    """A position in a solution script: its topic and the line (from 1) before the first line of the cell."""

    topic: str
    before: int

    def error(self, line: int, message: str) -> BuildError:
        """The error to raise for the given line of the cell (from 1)."""
        return BuildError(f"staff/solutions/{self.topic}.py, line {self.before + line}: {message}")


@dataclass(frozen=True)
class Region:
    """A solution region: its marker lines in the cell (from 1), and the dotted name it stands in, "" at top level."""

    begin: int
    end: int
    name: str


def both_versions(cell: nbformat.NotebookNode, place: ScriptPlace) -> tuple[str, str | None]:
    """The cell's source with its answers, and without them (None: the skeleton lacks the cell). Raises BuildError."""
    staff = STAFF_TAG in cell.metadata.get("tags", [])
    spans = _marker_pairs(cell.source, place)
    if cell.cell_type != "code":
        for begin, _ in spans:
            raise place.error(begin, f"a solution region in a {cell.cell_type} cell; tag the cell 'staff' instead")
        return cell.source, None if staff else cell.source
    try:
        tree = _python_tree(cell.source)
    except SyntaxError as error:
        raise place.error(error.lineno or 1, f"the cell does not parse: {error.msg}") from error
    lines = cell.source.splitlines()
    regions = [_region(tree, begin, end, place) for begin, end in spans]
    marker_lines = {number for span in spans for number in span}
    solved = "\n".join(line for number, line in enumerate(lines, start=1) if number not in marker_lines)
    if staff:
        return solved, None
    skeleton = _without_answers(lines, regions)
    _check_skeleton(skeleton, regions, place)
    return solved, skeleton


def _marker_pairs(source: str, place: ScriptPlace) -> list[tuple[int, int]]:
    """The (begin, end) lines of the regions; BuildError when a marker is misspelt or lacks its partner."""
    pairs: list[tuple[int, int]] = []
    begin = 0
    for number, line in enumerate(source.splitlines(), start=1):
        text = line.strip()
        if text == BEGIN:
            if begin:
                raise place.error(number, f"'{BEGIN}' inside the region begun at line {place.before + begin}")
            begin = number
        elif text == END:
            if not begin:
                raise place.error(number, f"'{END}' without '{BEGIN}' in this cell")
            pairs.append((begin, number))
            begin = 0
        elif RESEMBLES_MARKER.search(text):
            raise place.error(number, f"'{text}' is no marker; write '{BEGIN}' or '{END}' on a line of its own")
    if begin:
        raise place.error(begin, f"'{BEGIN}' without '{END}' in this cell")
    return pairs


def _region(tree: ast.Module, begin: int, end: int, place: ScriptPlace) -> Region:
    """The region between two marker lines, with the dotted name of the function or class it stands in."""
    names = _enclosing_names(tree, begin, end)
    if names is None:
        raise place.error(begin, "the solution region holds no statement")
    return Region(begin, end, ".".join(names))


def _enclosing_names(node: ast.AST, begin: int, end: int) -> list[str] | None:
    """The definitions around the first statement between the lines; None when no statement starts there.

    Statements are looked for since a trailing marker is a comment, which belongs to no node.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt) and begin < child.lineno < end:
            return []
        names = _enclosing_names(child, begin, end)
        if names is not None:
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                return [child.name, *names]
            return names
    return None


def _without_answers(lines: Sequence[str], regions: Sequence[Region]) -> str:
    kept: list[str] = []
    last = 0
    for region in regions:
        marker = lines[region.begin - 1]
        indentation = marker[: len(marker) - len(marker.lstrip())]
        kept += [*lines[last : region.begin - 1], indentation + placeholder(region.name)]
        last = region.end
    return "\n".join([*kept, *lines[last:]])


def placeholder(name: str) -> str:
    """What stands in a region of this name without its answer; "" is that of the top level."""
    return f'raise NotImplementedError("{name} is not written yet")' if name else UNWRITTEN_PART


def _check_skeleton(skeleton: str, regions: Sequence[Region], place: ScriptPlace) -> None:
    """Raises BuildError, at the first region, when the cell does not parse without its answers."""
    if regions:
        try:
            _python_tree(skeleton)
        except SyntaxError as error:
            message = f"without the solution regions of this cell, what is left does not parse: {error.msg}"
            raise place.error(regions[0].begin, message) from error


def _python_tree(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError:
        if not re.search(r"^\s*[%!]", source, re.MULTILINE):
            raise
    from IPython.core.inputtransformer2 import TransformerManager  # slow to import, and needed for magics alone

    python: str = TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]  # IPython has no types
    return ast.parse(python)
