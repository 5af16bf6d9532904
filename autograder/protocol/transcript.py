"""What a check asked of a notebook with one case, as lines of Python that a student can paste into a cell.

They are written from the calls themselves: what was passed on of the case's inputs is known by identity. A call that
cannot be written so, such as one of a module that got other parameters than the case's, has no lines.
"""

import keyword
from collections.abc import Sequence
from typing import Any

import torch

_MOST_LITERAL = 100  # characters
_SHORT_LITERAL = 20  # what is written out, rather than as a part of an input
_MARK = "\x00"  # stands before and behind the number of an input until the inputs have names
IMPORT = "from autograder.selfcheck.live import case"


class Transcript:
    """The calls of a check with the inputs of one case; `stand_ins` says whether it supplied any.

    `target` is what was called last, `(name, method)`; its lines are those of `lines`.
    """

    def __init__(self, inputs: Sequence[Any] = ()) -> None:
        self._inputs = list(inputs)
        self._known: list[tuple[object, str]] = []
        for number, value in enumerate(inputs):
            self._know(value, f"{_MARK}{number}{_MARK}")
        self._handles: dict[int, str] = {}
        self._passed: list[int | None] = []
        self._last = ""
        self.stand_ins = False
        self.target = ("", "")

    def _know(self, value: object, expression: str) -> None:
        """Remembers an input, and what it holds, by what to write for it."""
        if isinstance(value, (torch.Tensor, list, tuple, dict)):
            self._known.append((value, expression))
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, tuple) else ()
        for key, item in items:
            self._know(item, f"{expression}[{key!r}]")

    def write(self, value: object) -> str:
        """What to write for an argument; "" for what cannot be written."""
        literal = repr(value) if _is_literal(value) else ""
        for known, expression in self._known:
            if known is value and (_input_of(expression) is not None or not 0 < len(literal) <= _SHORT_LITERAL):
                return expression
        return literal if len(literal) <= _MOST_LITERAL else ""

    def called(self, function: str, arguments: Sequence[str], target: tuple[str, str]) -> str:
        """Notes a call of what is written as `function` with such arguments; what to write for it, "" for unknown."""
        self.target = target
        written = function and all(arguments)
        self._last = f"{function}({', '.join(arguments)})" if written else ""
        self._passed = [_input_of(one) for one in arguments]
        return self._last

    def hold(self, number: int, expression: str) -> None:
        """Remembers what to write for an object that stays in the student's process."""
        self._handles[number] = expression

    def handle(self, number: int) -> str:
        """What to write for such an object; "" for unknown."""
        return self._handles.get(number, "")

    def chain(self, number: int, form: str) -> None:
        """Notes what was done to such an object: `form` has {} where the object stands, and is "" if it has no form."""
        if self._handles.get(number):
            self._handles[number] = form.replace("{}", self._handles[number])

    def lines(
        self, question: str, number: int, parameters: Sequence[str], output: str = "", at: int | None = None
    ) -> tuple[str, ...]:
        """The lines for the case of a number; `parameters` are the names in the definition of what was called last.

        `output` names what it should give, `at` the place of that among several values. None where the last call cannot
        be written, or nothing of the case was passed on.
        """
        if not self._last or not any(f"{_MARK}{place}{_MARK}" in self._last for place in range(len(self._inputs))):
            return ()
        names = self._names(parameters)
        got = "got" if at is None else f"got[{at}]"
        call = self._last
        for place, name in enumerate(names):
            call = call.replace(f"{_MARK}{place}{_MARK}", name)
        unpacked = ", ".join(names) + ("," if len(names) == 1 else "")
        return (
            IMPORT,
            f'{unpacked} = example = case("{question}", {number})',
            f"with example: got = {call}" if self.stand_ins else f"got = {call}",
            f'{got}, example.expected["{output}"]' if output else "got",
        )

    def _names(self, parameters: Sequence[str]) -> list[str]:
        """A name for each input: that of the parameter which it is passed as, "_" for one that is not used."""
        names: list[str] = []
        by_input = {
            place: parameters[i] for i, place in enumerate(self._passed) if place is not None and i < len(parameters)
        }
        for place, value in enumerate(self._inputs):
            used = f"{_MARK}{place}{_MARK}" in self._last
            other = "parameters" if isinstance(value, dict) else f"x{place + 1}"
            name = by_input.get(place, other) if used else "_"
            valid = name == "_" or (
                name.isidentifier() and not keyword.iskeyword(name) and name not in (*names, "case", "example", "got")
            )
            names.append(name if valid else f"x{place + 1}")
        return names


def _input_of(expression: str) -> int | None:
    """The number of the input that an expression is; None for any other."""
    number = expression.strip(_MARK)
    return int(number) if expression == f"{_MARK}{number}{_MARK}" and number.isdigit() else None


def _is_literal(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_literal, value))
    return value is None or type(value) in (bool, int, float, str)
