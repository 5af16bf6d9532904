"""Dataclasses as JSON and back: how what was read of a notebook travels to the grader, which trusts no byte of it."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any, Self, get_args, get_origin, get_type_hints

from autograder.messages import Message, from_json, tidied
from autograder.notebook.text import one_line

MOST_TEXT = 4000  # characters of one text


class Wire:
    """A dataclass that travels as a JSON object with a key for each field."""

    def to_wire(self) -> dict[str, Any]:
        """The object as JSON."""
        return {name: _plain(value) for name, value in vars(self).items()}

    @classmethod
    def from_wire(cls, data: Any) -> Self:
        """What `to_wire` made. Raises TypeError, ValueError, KeyError or AttributeError for any other form."""
        readers = _readers(cls)  # type: ignore[arg-type]  # mypy takes type[Self] for not hashable
        return cls(**{name: read(data[name]) for name, read in readers.items()})


def sentence(data: Any) -> str:
    """A sentence of ours that `to_json` packed, on one line. Raises what `from_json` does."""
    said = from_json(data)
    if not isinstance(said, str) or not _is_printable(said):
        raise ValueError("no sentence of ours")
    return tidied(said, partial(one_line, limit=200))


def _is_printable(part: object) -> bool:
    """Whether the templates of a message are free of what `one_line` takes out of other texts."""
    own = not isinstance(part, Message) or (part.template.isprintable() and len(part.template) <= 200)
    return own and all(map(_is_printable, getattr(part, "arguments", {}).values()))


def _plain(value: object) -> object:
    if value.__class__ is str or value.__class__ is int:
        return value
    if isinstance(value, Wire):
        return value.to_wire()
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


@cache
def _readers(kind: Any) -> dict[str, Callable[[Any], Any]]:
    return {name: _reader(hint) for name, hint in get_type_hints(kind).items()}


def _reader(hint: Any) -> Callable[[Any], Any]:
    """What makes a value of this type of JSON; a container holds values of one type."""
    kind: Any = get_origin(hint) or hint
    inside = get_args(hint)
    if kind is Mapping:
        read_value = _reader(inside[1])
        return lambda data: {str(key): read_value(value) for key, value in data.items()}
    if inside:
        make, read = list if kind is Sequence else kind, _reader(inside[0])
        return lambda data: make(map(read, data))
    read_one: Callable[[Any], Any] = getattr(kind, "from_wire", {float: finite, str: _text}.get(kind, kind))
    return read_one


def finite(value: Any) -> float:
    """A number of JSON, or its text. Raises ValueError for an infinity or NaN, TypeError for what is no number."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("a number that is not finite")
    return number


def _text(value: Any) -> str:
    return value if value.__class__ is str and len(value) <= MOST_TEXT else str(value)[:MOST_TEXT]
