"""How many epochs a cell's output logs, against how many its code asks for."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.notebook.claims.figures import epochs
from autograder.notebook.claims.program import Program
from autograder.notebook.claims.routines import Routine
from autograder.notebook.claims.words import EPOCH, LOSS, words
from autograder.notebook.outputs import Line
from autograder.notebook.syntax import walk

MAX_DEPTH = 6
_EARLY = re.compile(r"early.{0,3}stop|patience|no improvement", re.IGNORECASE)
_BAR = re.compile(r"\d/\d+[ ]\[")


@dataclass(frozen=True)
class Run:
    """What a cell's output says of a training run.

    `logged` is the number of the last epoch, `asked` how many there are to be (0 if nothing tells). `progress` counts
    the lines of its log. `stops_early` says that the code or the output speaks of stopping before the end.
    """

    progress: int
    logged: int
    asked: int
    stops_early: bool


def run_of(lines: Sequence[Line], program: Program, cell: int) -> Run:
    """The run that the lines of a cell's output log."""
    found = [epochs(line.text) for line in lines]
    progress = sum(
        one is not None or (("oss" in line.text or "손실" in line.text) and LOSS in words(line.text))
        for one, line in zip(found, lines, strict=True)
    )
    counted = [one for one in found if one is not None]
    if not counted and not any(_BAR.search(line.text) for line in lines):
        return Run(progress, 0, 0, False)
    asked = next((of for _, of in reversed(counted) if of), 0)
    asked = asked or _asked_in_code(program, cell)
    if not counted and asked:
        counted = [one for line in lines if (one := epochs(line.text, asked)) is not None]
    logged = _reached([number for number, _ in counted], asked)
    return Run(progress, logged, asked, logged < asked and _stops_early(lines, program.running(cell)))


def _asked_in_code(program: Program, cell: int) -> int:
    """The most epochs that a loop of the cell, or else of what it runs, may go through."""
    own = max(_epochs_in_code(program, cell, [program.cell(cell)]), default=0)
    return own or max(_epochs_in_code(program, cell, program.running(cell)), default=0)


def _stops_early(lines: Sequence[Line], routines: Sequence[Routine]) -> bool:
    """Whether output or code speak of stopping before the end."""
    return any(_EARLY.search(line.text) for line in lines) or any(
        routine.breaks or any(map(_EARLY.search, routine.mentions | routine.attributes))
        for routine in routines
        if any(map(_is_of_epochs, routine.loops))
    )


def _reached(numbers: Sequence[int], asked: int) -> int:
    """The number of epochs that were done in the longest of the runs whose epochs are counted up."""
    runs: list[list[int]] = []
    for number in numbers:
        if not runs or number < runs[-1][-1]:
            runs.append([])
        runs[-1].append(number)
    if not runs:
        return 0
    from_zero = min(min(run) for run in runs) == 0
    longest = sorted(set(max(runs, key=max)))
    steps = [after - before for before, after in zip(longest, longest[1:], strict=False)]
    last, step = longest[-1] + from_zero, min(steps, default=1)
    # A log of every fifth epoch may end before the last one; so may one that counts otherwise than its total.
    return max(last, asked) if asked and last + max(step, 2) > asked else last


def _epochs_in_code(program: Program, cell: int, routines: Sequence[Routine]) -> Iterator[int]:
    for routine in routines:
        for loop in routine.loops:
            if _is_of_epochs(loop):
                for count in _count(loop.iter, program, cell, routine, 0):
                    if 0 < count < 100_000:
                        yield count


def _is_of_epochs(loop: ast.For | ast.AsyncFor) -> bool:
    names = [part.id for part in walk(loop.target) if isinstance(part, ast.Name)]
    names += [part.id for part in walk(loop.iter) if isinstance(part, ast.Name)]
    names += [part.attr for part in walk(loop.iter) if isinstance(part, ast.Attribute)]
    return any(EPOCH in words(name) for name in names)


def _count(node: ast.expr, program: Program, cell: int, routine: Routine, depth: int) -> list[int]:
    """How often a loop over an expression runs: `range(N)`, `trange(1, N + 1)`, `tqdm(range(N))`."""
    if not isinstance(node, ast.Call) or depth > MAX_DEPTH or not node.args:
        return []
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name not in {"range", "trange"}:
        return _count(node.args[0], program, cell, routine, depth + 1)
    ends = [_numbers(one, program, cell, routine, 0) for one in node.args[:2]]
    if len(ends) == 1:
        return ends[0]
    return [end - start for start in ends[0] for end in ends[1]]


def _numbers(node: ast.expr, program: Program, cell: int, routine: Routine, depth: int) -> list[int]:
    """The whole numbers that an expression may be."""
    if depth > MAX_DEPTH:
        return []
    if isinstance(node, ast.Constant):
        return [node.value] if type(node.value) is int else []
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        left, right = (_numbers(side, program, cell, routine, depth + 2) for side in (node.left, node.right))
        return [a + b if isinstance(node.op, ast.Add) else a - b for a in left[-3:] for b in right[-3:]]
    if isinstance(node, ast.Call) and node.args:  # int(N)
        return _numbers(node.args[0], program, cell, routine, depth + 1)
    if isinstance(node, ast.Name):
        values = program.values(node.id, routine, cell)
        return [n for value, where in values[-3:] for n in _numbers(value.expression, program, cell, where, depth + 1)]
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        key = node.attr if isinstance(node, ast.Attribute) else getattr(node.slice, "value", "")
        return list(program.numbers_called(str(key), node))
    return []
