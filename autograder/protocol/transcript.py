"""What a check asked of a notebook with one case, call by call, as a student would write it (see `pasting`).

What was passed on of the case's inputs, or of what an earlier call gave, is known by identity, a row or another order
of it by its values (see `derivations`). A call that cannot be written so has no expression, such as one of a module
with parameters that are not the case's.

Comparing values takes a quarter of the grader's time, and most checks pass: so calls are noted by `later`, and written
only when `calls` are read.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from autograder.protocol.derivations import derivation

_MOST_LITERAL = 100  # characters
_SHORT_LITERAL = 20  # what is written out, rather than as a part of an input
_NOT_RETURNED = object()
INPUT = re.compile("\x00(\\d+)\x00")  # stands for an input until the inputs have names
RESULT = re.compile("\x01(\\d+)\x01")  # stands for what an earlier call gave
_MODE = re.compile(r"\.(train|eval)\(\)$")
Target = tuple[str, str]
DRAWN: Target = ("", "")


@dataclass
class Call:
    """A call, "" where it cannot be written, of `(name, method)`; the arguments as they are written; what came of it.

    `called` is what was called, where that is an object of an earlier call's; `read` are attributes that were read
    after it, and how they are written. What is drawn, where there is no case, counts as a call of DRAWN.
    """

    expression: str
    target: Target
    arguments: Sequence[str]
    called: str = ""
    result: object = _NOT_RETURNED
    read: list[tuple[object, str]] = field(default_factory=list)


class Transcript:
    """What a check asked with the `inputs` of one case, whose `outputs` are what is right.

    `stand_ins` says whether it supplied any.
    """

    def __init__(self, inputs: Sequence[Any] = (), outputs: Mapping[str, torch.Tensor] | None = None) -> None:
        self.inputs = list(inputs)
        self.outputs = dict(outputs or {})
        self._parts: list[tuple[object, str]] = []
        for number, value in enumerate(inputs):
            self._know(value, f"\x00{number}\x00")
        self._handles: dict[int, str] = {}
        self._calls: list[Call] = []
        self._later: list[Callable[[], object]] = []
        self.stand_ins = False

    def later(self, note: Callable[[], object]) -> None:
        """Leaves a note to be made, by the methods below, once the calls are read."""
        self._later.append(note)

    @property
    def calls(self) -> list[Call]:
        """The calls, in order."""
        notes, self._later = self._later, []
        for note in notes:
            note()
        return self._calls

    def _know(self, value: object, expression: str) -> None:
        """Remembers an input or a result, and what it holds, by what to write for it."""
        if isinstance(value, (torch.Tensor, list, tuple, dict)):
            self._parts.append((value, expression))
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, tuple) else ()
        for key, item in items:
            self._know(item, f"{expression}[{key!r}]")

    def write(self, value: object) -> str:
        """What to write for an argument; "" for what cannot be written."""
        literal = _literal(value)
        for known, expression in self._parts:
            if known is value and (INPUT.fullmatch(expression) or not 0 < len(literal) <= _SHORT_LITERAL):
                return expression
        if isinstance(value, tuple) and not literal:
            items = [self.write(one) for one in value]
            return f"({', '.join(items)},)" if items and all(items) else ""
        if isinstance(value, dict):
            return self._write_part(value) or literal
        return self._derived(value) or (literal if len(literal) <= _MOST_LITERAL else "") or self._drawn(value)

    def _derived(self, value: object) -> str:
        forms = ((expression, derivation(known, value)) for known, expression in self._parts)
        return next((expression + form for expression, form in forms if form is not None), "")

    def _write_part(self, value: Mapping[str, object]) -> str:
        """A dictionary of all that another has under names which begin alike."""
        for whole, expression in self._parts:
            if not isinstance(whole, dict) or not value:
                continue
            for key in whole:
                prefix = str(key).removesuffix(next(iter(value)))
                part = {name.removeprefix(prefix): one for name, one in whole.items() if name.startswith(prefix)}
                if {name: id(one) for name, one in part.items()} == {name: id(one) for name, one in value.items()}:
                    return f'example.part({expression}, "{prefix}")' if prefix else expression
        return ""

    def _drawn(self, value: object) -> str:
        """Where there is no case, the values of a tensor are any, and the same ones wherever it is passed."""
        if self.inputs or not isinstance(value, torch.Tensor) or not value.is_floating_point():
            return ""
        self.calls.append(Call(f"torch.randn({', '.join(map(str, value.shape))})", DRAWN, ()))
        self.returned(value)
        return self.result_of_last()

    def called(self, function: str, arguments: Sequence[str], target: Target) -> str:
        """Notes a call of what is written as `function` with such arguments; what to write for it, "" for unknown."""
        expression = f"{function}({', '.join(arguments)})" if function and all(arguments) else ""
        self.calls.append(Call(expression, target, arguments, "" if function.isidentifier() else function))
        return expression

    def returned(self, value: object) -> None:
        """Notes what the last call gave, or the error that it raised."""
        self.calls[-1].result = value
        if self.calls[-1].expression:
            self._know(value, self.result_of_last())

    def result_of_last(self) -> str:
        """What to write for what the last call gave, in a later one."""
        return f"\x01{len(self.calls) - 1}\x01"

    def read(self, value: object, expression: str) -> None:
        """Notes the value of an attribute, of what an earlier call gave, after the last call."""
        if self.calls and RESULT.match(expression):
            self.calls[-1].read.append((value, expression))

    def hold(self, number: int, expression: str) -> None:
        """Remembers what to write for an object that stays in the student's process."""
        self._handles[number] = expression

    def handle(self, number: int) -> str:
        """What to write for such an object; "" for unknown."""
        return self._handles.get(number, "")

    def chain(self, number: int, form: str) -> None:
        """Notes what was done to such an object: `form` has {} where the object stands, and is "" if it has no form."""
        if object_ := self._handles.get(number):
            settled = _MODE.sub("", object_) if _MODE.search(form) else object_  # the last mode counts
            self._handles[number] = form.replace("{}", settled, 1)

    def load(self, number: int, roles: Mapping[str, torch.Tensor] | None) -> None:
        """Notes that such an object got these parameters of the case; None for some that cannot be written.

        Those that are drawn, where there is no case, may be any.
        """
        if self.inputs:
            written = self.write(roles) if roles is not None else ""
            self.chain(number, f"example.assign({{}}, {written})" if written else "")


def _literal(value: object) -> str:
    """A value that is written out, "" for any other."""
    if isinstance(value, torch.device):
        return f'torch.device("{value}")'
    return repr(value) if _is_literal(value) else ""


def _is_literal(value: object) -> bool:
    if isinstance(value, dict):
        return all(type(key) is str for key in value) and all(map(_is_literal, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(_is_literal, value))
    return value is None or type(value) in (bool, int, float, str)
