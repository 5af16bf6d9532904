"""Nothing of a secret case reaches a student: neither its values, nor what code of the student's says of them."""

import builtins
import re
from collections.abc import Sequence

from autograder.checks.mistakes import Mismatch
from autograder.notebook.functions import UNWRITTEN
from autograder.protocol.faults import Fault, StudentError

_PAIR = re.compile(r"expected \S+( at \[[\d, ]*\])?, got \S+")
_GOT = re.compile(r"got (?!shape \(|\(|a tensor of shape|None)")
_DECIMAL = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?|-?\d+e[+-]?\d+")


def without_values(lines: Sequence[str]) -> list[str]:
    """The lines of a message without any value; places and shapes stay."""
    paired = (_PAIR.sub(r"expected another value\1", line) for line in lines)
    return [_DECIMAL.sub("…", line) for line in paired if not _GOT.match(line)]


def hide_values(raised: Mismatch | StudentError) -> None:
    """Takes out of what a check raised with a secret case whatever may tell of it."""
    if isinstance(raised, Mismatch):
        raised.lines, raised.pictures = without_values(raised.lines), tuple
        return
    raised.variables = ()
    if raised.diagnosis is Fault.NOT_WRITTEN:  # in words that may be the student's
        raised.args = (f"a part of it {UNWRITTEN}",)
    elif raised.kind:
        named = raised.kind if hasattr(builtins, raised.kind) else "an error"
        raised.args = (f"{named} with a secret case",)
