"""What a check asked of a notebook with one case, as lines of Python that a student can paste into a cell.

They are written from the calls themselves. What was passed on of the case's inputs, or of what an earlier call gave, is
known by identity, a row or another order of it by its values (see `derivations`). A call that cannot be written so has
no lines, such as one of a module with parameters that are not the case's.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from autograder.protocol.derivations import derivation, equal
from autograder.protocol.pasting import IMPORT, input_names

_MOST_LITERAL = 100  # characters
_SHORT_LITERAL = 20  # what is written out, rather than as a part of an input
_NOT_RETURNED = object()
_INPUT = re.compile("\x00(\\d+)\x00")  # stands for an input until the inputs have names
_RESULT = re.compile("\x01(\\d+)\x01")  # stands for what an earlier call gave
_MODE = re.compile(r"\.(train|eval)\(\)$")
Target = tuple[str, str]


@dataclass
class _Call:
    """A call, "" where it cannot be written, of `(name, method)`; the arguments as they are written; what came of it.

    `read` are attributes that were read after it, and how they are written.
    """

    expression: str
    target: Target
    arguments: Sequence[str]
    result: object = _NOT_RETURNED
    read: list[tuple[object, str]] = field(default_factory=list)


class Transcript:
    """The calls of a check with the inputs of one case, whose outputs are what is right.

    `stand_ins` says whether it supplied any.
    """

    def __init__(self, inputs: Sequence[Any] = (), outputs: Mapping[str, torch.Tensor] | None = None) -> None:
        self._inputs = list(inputs)
        self._outputs = dict(outputs or {})
        self._parts: list[tuple[object, str]] = []
        for number, value in enumerate(inputs):
            self._know(value, f"\x00{number}\x00")
        self._handles: dict[int, str] = {}
        self._calls: list[_Call] = []
        self.stand_ins = False

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
            if known is value and (_INPUT.fullmatch(expression) or not 0 < len(literal) <= _SHORT_LITERAL):
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
        """Where there is no case, the values of a tensor are any."""
        if self._inputs or not isinstance(value, torch.Tensor) or not value.is_floating_point():
            return ""
        return f"torch.randn({', '.join(map(str, value.shape))})"

    def called(self, function: str, arguments: Sequence[str], target: Target) -> str:
        """Notes a call of what is written as `function` with such arguments; what to write for it, "" for unknown."""
        expression = f"{function}({', '.join(arguments)})" if function and all(arguments) else ""
        self._calls.append(_Call(expression, target, arguments))
        return expression

    def returned(self, value: object) -> None:
        """Notes what the last call gave, or the error that it raised."""
        self._calls[-1].result = value
        if self._calls[-1].expression:
            self._know(value, self.result_of_last())

    def result_of_last(self) -> str:
        """What to write for what the last call gave, in a later one."""
        return f"\x01{len(self._calls) - 1}\x01"

    def read(self, value: object, expression: str) -> None:
        """Notes the value of an attribute, of what an earlier call gave, after the last call."""
        if self._calls and _RESULT.match(expression):
            self._calls[-1].read.append((value, expression))

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
            self._handles[number] = form.replace("{}", settled)

    def load(self, number: int, values: Mapping[str, torch.Tensor], roles: Mapping[str, torch.Tensor] | None) -> None:
        """Notes that such an object got parameters; those that are drawn, where there is no case, may be any."""
        if self._inputs:
            written = self.write(roles) if roles is not None else self._numbers(values)
            self.chain(number, f"example.assign({{}}, {written})" if written else "")

    def _numbers(self, values: Mapping[str, torch.Tensor]) -> str:
        single = all(not value.dim() for value in values.values())
        return _literal({name: value.item() for name, value in values.items()}) if single else ""

    def lines(
        self,
        question: str,
        number: int,
        parameters: Callable[[Target], Sequence[str]],
        *,
        got: object = ...,
        output: str = "",
        want: torch.Tensor | None = None,
        shows: str = "",
    ) -> tuple[str, ...]:
        """The lines for the case of a number; `parameters` gives the names in the definition of what was called.

        `got` is what is wrong, the error or a value as a call gave it, or a part of it; without it, the last call is
        told. `output` names what it should be, or `want` is close to that; `shows` is what to look at instead, with {}
        for that. None where the call cannot be written, or nothing of the case was passed on.
        """
        call, found = self._origin(got)
        shown = found or "got"
        if call is None or not call.expression:
            return ()
        steps = self._steps(call.expression + shown)
        written = "".join((*steps.values(), call.expression))
        if self._inputs and not _INPUT.search(written):
            return ()
        names = input_names(self._inputs, call.arguments, parameters(call.target), written + shown)
        statements = [f"\x01{step}\x01 = {expression}" for step, expression in steps.items()]
        statements.append(f"got = {call.expression}")
        expected = self._expected(output, want)
        last = f"{shown}, {expected}" if expected else shown
        if shows and found:
            last = shows.replace("{}", shown)
        made = {step: "made" if len(steps) == 1 else f"made{place}" for place, step in enumerate(steps, 1)}

        def named(text: str) -> str:
            text = _RESULT.sub(lambda match: made[int(match[1])], text)
            return _INPUT.sub(lambda match: names[int(match[1])], text)

        code = [f"with example: {'; '.join(statements)}"] if self.stand_ins and self._inputs else statements
        unpacked = ", ".join(names) + ("," if len(names) == 1 else "")
        head = (IMPORT, f'{unpacked} = example = case("{question}", {number})') if self._inputs else ()
        return (*head, *map(named, code), named(last))

    def _origin(self, got: object) -> tuple[_Call | None, str]:
        """The call that gave a value, and what to write for it; the last call, and "", for a value that none gave."""
        last = self._calls[-1] if self._calls else None
        if got is ...:
            return last, "got"
        for call in reversed(self._calls):
            for value, expression in call.read:
                if equal(value, got):
                    return call, expression
            items = call.result if isinstance(call.result, (tuple, list)) else ()
            for value, expression in ((call.result, "got"), *((one, f"got[{i}]") for i, one in enumerate(items))):
                if value is got or (form := derivation(value, got)) == "":
                    return call, expression
                if form is not None:
                    return call, expression + form
        return (None if isinstance(got, Exception) else last), ""

    def _steps(self, expression: str) -> dict[int, str]:
        """The calls whose results an expression uses, and those that these use, by number in order."""
        steps: dict[int, str] = {}
        waiting = [expression]
        while waiting:
            for found in _RESULT.findall(waiting.pop()):
                steps[int(found)] = self._calls[int(found)].expression
                waiting.append(steps[int(found)])
        return dict(sorted(steps.items()))

    def _expected(self, output: str, want: torch.Tensor | None) -> str:
        if output in self._outputs:
            return f'example.expected["{output}"]'
        for name, right in self._outputs.items() if want is not None else ():
            if (form := derivation(right, want, rtol=1e-3)) is not None:
                return f'example.expected["{name}"]{form}'
        return ""


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
