"""Sentences for people that keep what they are made of, so that their language is a matter of display."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from string import Formatter
from types import MappingProxyType
from typing import Any, TypeAlias

Part: TypeAlias = "str | int | float"  # of a sentence; a str may be a Message
_NOTHING: Mapping[str, Part] = MappingProxyType({})
_PLAIN_FORM = re.compile(r",|\.?\d?[dfg]|")  # of a placeholder
_LONGEST = 100_000  # characters


class Message(str):
    """An English text that knows its template ("{name} is wrong in {count} values") and what fills it.

    The template is what translators see, line by line. One without arguments is the text itself. What is made of a
    message by the methods of `str` is plain text that no longer knows: use `join`, `lines_of` and `tidied`.
    """

    template: str
    arguments: Mapping[str, Part]

    def __new__(cls, template: str, arguments: Mapping[str, Part] = _NOTHING) -> "Message":
        """The message of a template; its text is the template itself where nothing fills it."""
        made = super().__new__(cls, template.format(**arguments) if arguments else template)
        made.template, made.arguments = template, arguments
        return made

    def __str__(self) -> "Message":  # so that an exception with a message as its text gives it back
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Message, (self.template, dict(self.arguments))

    def filled(self, template: str, show: Callable[[str], str]) -> str:
        """Another template with the arguments, texts among them as `show` gives them."""
        if not self.arguments:
            return template
        return template.format(**{name: show(part) if isinstance(part, str) else part for name, part in _of(self)})


def _of(message: Message) -> Iterable[tuple[str, Part]]:
    return message.arguments.items()


def say(template: str, /, **arguments: Part) -> Message:
    """A sentence: an English literal with what fills its placeholders. What is a message already stays one."""
    return template if isinstance(template, Message) and not arguments else Message(template, arguments)


def join(texts: Iterable[str], between: str = "\n") -> Message:
    """Several texts in one, each as it is."""
    parts = {f"part{number}": text for number, text in enumerate(texts)}
    return Message(between.join(f"{{{name}}}" for name in parts), parts)


def lines_of(text: str) -> list[str]:
    """The lines of a text; those of a message are messages."""
    if not isinstance(text, Message):
        return text.splitlines()
    if not text.arguments:
        return [Message(line) for line in text.splitlines()]
    lines: list[str] = []
    for template in text.template.split("\n"):
        inner = text.arguments.get(template[1:-1]) if template[:1] == "{" else None
        lines += lines_of(inner) if isinstance(inner, str) else [Message(template, text.arguments)]
    return lines


def tidied(text: str, tidy: Callable[[str], str]) -> str:
    """A text after `tidy`, which leaves our own sentences alone and changes what came from elsewhere."""
    if not isinstance(text, Message):
        return tidy(text)
    parts = {name: tidied(part, tidy) if isinstance(part, str) else part for name, part in text.arguments.items()}
    return Message(text.template, parts)


def to_wire(text: str) -> str:
    """A text as JSON that `from_wire` reads; "" for one that is no message, which is all that there is to it."""
    return json.dumps(to_json(text), ensure_ascii=False) if isinstance(text, Message) else ""


def from_wire(wire: str, text: str) -> str:
    """The message of a wire form; the text itself where there is none."""
    return str(from_json(json.loads(wire))) if wire else text


def to_json(part: Part) -> Any:
    """What `from_json` reads: of a message its template and its arguments, of anything else itself."""
    if isinstance(part, Message):
        return [part.template, {name: to_json(inner) for name, inner in part.arguments.items()}]
    return part


def from_json(data: Any) -> Any:
    """The message, text or number of `to_json`. Raises ValueError, TypeError, KeyError or AttributeError otherwise.

    Data may come from a process that nobody trusts: its templates only fill in what comes with them, and texts that
    grow out of little data are refused.
    """
    if isinstance(data, (str, int, float)):
        return data
    template, arguments = data
    if not isinstance(template, str):
        raise TypeError("no template of a message")
    for _, name, form, conversion in Formatter().parse(template) if arguments else ():
        if conversion or not (name is None or (name.isidentifier() and _PLAIN_FORM.fullmatch(form or ""))):
            raise ValueError(f"no template of a message: {template[:80]!r}")
    message = Message(template, {str(name): from_json(inner) for name, inner in arguments.items()})
    if len(message) > _LONGEST:
        raise ValueError(f"a message of {len(message):,} characters")
    return message
