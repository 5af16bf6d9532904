"""Lines that a student can paste into a cell: a public case, what a check asked with it, what came and what is right.

The names in them are a definition's own words where they are fit, and never one of ours.
"""

import keyword
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from autograder.protocol.derivations import derivation
from autograder.protocol.transcript import DRAWN, INPUT, RESULT, Call, Target, Transcript

IMPORT = "from autograder.selfcheck.live import case"
_OURS = re.compile("(case|example|got|(made|before)\\d*)")
_ONE_INPUT = re.compile("\x00(\\d+)\x00(?:\\[:1\\]|\\.flip\\(0\\))?")
_WIDTH = 100  # characters of statements that still go on one line
_PRINTED = 1e-4  # tensors are printed with four digits
_GOT, _LAST = -2, -1  # the places of the call itself and of the last line, which are behind all others


@dataclass(frozen=True)
class Shown:
    """What lines show: `got` is what is wrong, the error or a value as a call gave it, or a part of it.

    `output` names what of the case it should be, or it should be close to `want`, of the case or of what another call
    gave; `shows` is what to look at instead, with {} for `got`. With `second`, it is right unless the same object was
    called before.
    """

    got: object
    output: str = ""
    want: torch.Tensor | None = None
    shows: str = ""
    second: bool = False


def lines_to_paste(
    transcript: Transcript,
    question: str,
    number: int,
    parameters: Callable[[Target], Sequence[str]],
    shown: Shown,
) -> tuple[str, ...]:
    """The lines for the case of a number; `parameters` gives the names in the definition of what was called.

    None where the call cannot be written, nothing of the case was passed on, or there is nothing to compare with.
    """
    call, part = _origin(transcript.calls, shown.got)
    if call is None or not call.expression:
        return ()
    last = _last_line(transcript, shown, part)
    if last == "got" and not isinstance(shown.got, Exception):
        return ()
    before = _before(transcript.calls, call) if shown.second else None
    statements, last = _Statements(transcript.calls, call, before, last).write()
    if transcript.inputs and not any(map(INPUT.search, statements)):
        return ()
    names = input_names(transcript.inputs, call.arguments, parameters(call.target), "".join((*statements, last)))

    def named(text: str) -> str:
        return INPUT.sub(lambda match: names[int(match[1])], text)

    code = [*map(named, statements)]
    if not transcript.inputs:
        return (*code, last)
    unpacked = ", ".join(names) + ("," if len(names) == 1 else "")
    head = (IMPORT, f'{unpacked} = example = case("{question}", {number})')
    return (*head, *(_inside("with example:", code) if transcript.stand_ins else code), named(last))


def _origin(calls: Sequence[Call], got: object) -> tuple[Call | None, str]:
    """The call that gave a value, and what to write for it; the last call, and "", for a value that none gave."""
    for find in (_identity, derivation):  # the very value first: another one may equal it
        for call in reversed(calls):
            items = call.result if isinstance(call.result, (tuple, list)) else ()
            given = ((call.result, "got"), *((one, f"got[{place}]") for place, one in enumerate(items)))
            for value, expression in (*call.read, *given):
                if (form := find(value, got)) is not None:
                    return call, expression + form
    return (None if isinstance(got, Exception) or not calls else calls[-1]), ""


def _identity(value: object, got: object) -> str | None:
    """Of a tuple, the items count: a check may have put them into a new one."""
    if isinstance(value, (tuple, list)) and isinstance(got, (tuple, list)):
        return "" if value is got or [*map(id, value)] == [*map(id, got)] else None
    return "" if value is got else None


def _before(calls: Sequence[Call], call: Call) -> Call | None:
    """The last call of the same object before one."""
    place = next(place for place, one in enumerate(calls) if one is call)
    return next((one for one in reversed(calls[:place]) if one.called == call.called and one.expression), None)


def _last_line(transcript: Transcript, shown: Shown, part: str) -> str:
    """What is wrong beside what is right, or what of them tells them apart in print; "got" if nothing does.

    `part` is what to write for what is wrong, "" if no call gave it.
    """
    got = shown.got
    if shown.shows and part:
        return shown.shows.replace("{}", part)
    right = transcript.outputs.get(shown.output, shown.want)
    if right is None or not part or isinstance(got, Exception):
        return "got"
    if not isinstance(got, torch.Tensor):
        return f"type({part}), torch.Tensor"
    if got.shape != right.shape:
        return f"{part}.shape, {tuple(right.shape)}"
    expected = _expected(transcript, shown.output, right)
    if not expected:
        return "got"
    if right.numel() == 1:
        return f"float({part}), float({expected})"
    printed_alike = torch.allclose(got.double(), right.double(), rtol=_PRINTED, atol=_PRINTED)
    if printed_alike or RESULT.search(expected):
        return f"({part} - {expected}).abs().max(), 0"
    return f"{part}, {expected}"


def _expected(transcript: Transcript, output: str, right: torch.Tensor) -> str:
    """What to write for what is right: of the case, or of what another call gave; "" if it is in neither."""
    if output in transcript.outputs:
        return f'example.expected["{output}"]'
    for name, value in transcript.outputs.items():
        if (form := derivation(value, right, rtol=1e-3)) is not None:
            return f'example.expected["{name}"]{form}'
    for place, call in enumerate(transcript.calls):
        if call.expression and call.target != DRAWN and (form := derivation(call.result, right)) is not None:
            return f"{_mark(place)}{form}"
    return ""


class _Statements:
    """A call as statements: what its expression and the last line use comes first, after `before`, if that is given.

    An object that is called more than once is made once, and so is what several expressions use.
    """

    def __init__(self, calls: Sequence[Call], call: Call, before: Call | None, last: str) -> None:
        self._calls = calls
        self._texts = {_GOT: call.expression, _LAST: last}
        if before is not None:
            place = next(place for place, one in enumerate(calls) if one is before)
            self._texts[place] = before.expression
        self._gather()
        self._objects = self._name_objects()

    def _gather(self) -> None:
        """Adds the calls whose results are used, and those that these use."""
        waiting = [*self._texts.values()]
        while waiting:
            for place in map(int, RESULT.findall(waiting.pop())):
                if place not in self._texts:
                    self._texts[place] = self._calls[place].expression
                    waiting.append(self._texts[place])

    def _name_objects(self) -> dict[str, int]:
        """Gives each object that is called more than once a place of its own behind the calls."""
        objects: dict[str, int] = {}
        for called in dict.fromkeys(one.called for one in self._calls if one.called):
            if sum(text.count(f"{called}(") for text in self._texts.values()) > 1:
                objects[called] = place = len(self._calls) + len(objects)
                marked = {key: text.replace(f"{called}(", f"{_mark(place)}(") for key, text in self._texts.items()}
                self._texts = {**marked, place: called}
        return objects

    def write(self) -> tuple[list[str], str]:
        """The statements up to `got = ...`, and the last line."""
        names = self._names()
        written: dict[int, str] = {}

        def emit(place: int) -> None:
            for used in map(int, RESULT.findall(self._texts[place])):
                if used not in written:
                    emit(used)
            name = "got" if place == _GOT else names.get(place)
            written[place] = f"{name} = {self._texts[place]}" if name else self._texts[place]

        for place in (*sorted(place for place in self._texts if 0 <= place < len(self._calls)), _GOT, _LAST):
            if place not in written:
                emit(place)
        spelt = [RESULT.sub(lambda match: names[int(match[1])], text) for text in written.values()]
        return spelt[:-1], spelt[-1]

    def _names(self) -> dict[int, str]:
        """A name for each result that is used: x for what is drawn, made for an object, before for what came of it."""
        used = sorted({int(place) for text in self._texts.values() for place in RESULT.findall(text)})
        bases = {place: self._base(place) for place in used}
        names: dict[int, str] = {}
        for base in dict.fromkeys(bases.values()):
            places = [place for place in used if bases[place] == base]
            names |= {place: base if len(places) == 1 else f"{base}{n}" for n, place in enumerate(places, 1)}
        return names

    def _base(self, place: int) -> str:
        call = self._calls[place] if place < len(self._calls) else None
        if call is not None and call.target == DRAWN:
            return "x"
        return "before" if call is not None and call.called in self._objects else "made"


def _mark(place: int) -> str:
    """What stands for a result until it has a name."""
    return f"\x01{place}\x01"


def _inside(head: str, statements: Sequence[str]) -> list[str]:
    """The statements of a block, on one line if they are short."""
    line = f"{head} {'; '.join(statements)}"
    return [line] if len(statements) == 1 or len(line) <= _WIDTH else [head, *(f"    {one}" for one in statements)]


def input_names(
    inputs: Sequence[object], arguments: Sequence[str], parameters: Sequence[str], written: str
) -> list[str]:
    """A name for each input: that of the parameter which it is passed as, "_" for one that `written` does not use."""
    passed = [_ONE_INPUT.fullmatch(one) for one in arguments]
    by_input = {int(one[1]): parameters[i] for i, one in enumerate(passed) if one and i < len(parameters)}
    names: list[str] = []
    for place, value in enumerate(inputs):
        other = "parameters" if isinstance(value, dict) else f"x{place + 1}"
        name = by_input.get(place, other) if f"\x00{place}\x00" in written else "_"
        names.append(name if name == "_" or _is_fit(name, names) else f"x{place + 1}")
    return names


def _is_fit(name: str, names: Sequence[str]) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and name not in names and not _OURS.fullmatch(name)
