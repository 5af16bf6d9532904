"""Lines that code prints: literal parts and holes for values, held against lines of output."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.notebook.claims.routines import Routine

MAX_STARTS = 20  # places of a line at which a text may begin
_SPACE = re.compile(r"\s+")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Hole:
    """A place in a text where the value of an expression stands; `numeric` if it can be nothing but a number."""

    expression: ast.expr
    numeric: bool = False


Part = str | Hole


@dataclass(frozen=True)
class Text:
    """One line that a printing call writes: literal parts without their spaces, and the holes around them.

    `holes[i]` stand before `literals[i]`, the last ones behind the last literal.
    """

    literals: tuple[str, ...]
    holes: tuple[tuple[Hole, ...], ...]
    routine: Routine

    @property
    def letters(self) -> int:
        """How many characters of words are fixed; a text without any may be every line."""
        return sum(map(str.isalnum, "".join(self.literals)))

    def covers(self, squeezed: str, start: int, end: int) -> tuple[Hole, ...] | None:
        """The holes that wrote squeezed[start:end], () if a literal part did, None if the text does not fit there."""
        at = -1
        for _ in range(MAX_STARTS):
            at = squeezed.find(self.literals[0], at + 1)
            if at < 0:
                return None
            found = self._covers_from(squeezed, at, start, end)
            if found is not None:
                return found
        return None

    def _covers_from(self, squeezed: str, at: int, start: int, end: int) -> tuple[Hole, ...] | None:
        covering, place = None, 0
        for literal, holes in zip(self.literals, self.holes, strict=False):
            found = squeezed.find(literal, max(place, at))
            if found < 0:
                return None
            if holes and place <= start and end <= found:
                covering = holes
            elif found <= start and end <= found + len(literal):
                covering = ()
            place = found + len(literal)
        last = self.holes[-1]
        if last and place <= start and (place == start or not last[-1].numeric or len(last) > 1):
            covering = last
        return covering


def squeeze(line: str) -> tuple[str, list[int]]:
    """A line without its spaces, and where each of its characters goes."""
    places, kept = [], 0
    for character in line:
        places.append(kept)
        kept += not character.isspace()
    return _SPACE.sub("", line), [*places, kept]


def line_text(line: Sequence[Part], routine: Routine) -> Text:
    """The text of one line's parts."""
    literals: list[str] = []
    holes: list[list[Hole]] = [[]]
    for part in line:
        if isinstance(part, Hole):
            holes[-1].append(part)
        elif (literal := _SPACE.sub("", _ANSI.sub("", part))) and literals and not holes[-1]:
            literals[-1] += literal
        elif literal:
            literals.append(literal)
            holes.append([])
    return Text(tuple(literals), tuple(map(tuple, holes)), routine)
