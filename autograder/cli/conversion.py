"""Commands that take a word as it is where their function wants text or a path.

Typer converts words by pydantic, whose import takes as long as all else that a command does before its work. So typer
is left what needs it, and what is wrong.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

_Convert = Callable[[typer.Context, Any], Any]


class Command(TyperCommand):
    """One command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As typer does it, with fewer conversions."""
        _spare_conversions(self, ctx)
        return super().parse_args(ctx, args)


class Group(TyperGroup):
    """Several commands."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As typer does it, with fewer conversions."""
        _spare_conversions(self, ctx)
        return super().parse_args(ctx, args)


def _spare_conversions(command: TyperCommand | TyperGroup, ctx: Any) -> None:
    """Lets each parameter of a command ask typer only for what `_convert` does not know."""
    kinds = get_type_hints(command.callback, include_extras=True) if command.callback else {}
    parameters: list[Any] = command.get_params(ctx)
    for parameter in parameters:
        parameter.process_value = partial(_convert, kinds.get(parameter.name), parameter, parameter.process_value)


def _convert(kind: object, parameter: Any, typers_own: _Convert, ctx: typer.Context, value: Any) -> Any:
    """A value of a parameter whose function wants `kind`; while a shell completes, the word itself."""
    if ctx.resilient_parsing:
        return value
    bounds = None
    if get_origin(kind) is Annotated:
        kind, bounds, *_ = get_args(kind)
    kinds = {kind, *get_args(kind)}
    if value is None and (parameter.multiple or parameter.nargs != 1):
        value = ()
    if isinstance(value, str) and str not in kinds:
        value = _read(value, kinds, bounds)
    is_none = value is None or value == ()
    if parameter.required if is_none else type(value) not in kinds and not isinstance(value, Path):
        return typers_own(ctx, value)
    return parameter.callback(ctx, parameter, value) if parameter.callback else value


def _read(word: str, kinds: set[object], bounds: Any) -> object:
    """The path or the number that a word is, if it is one within bounds; else the word."""
    if Path in kinds:
        return Path(word)
    whole = word.isascii() and word.isdigit() and len(word) < 10
    number = int(word) if whole and int in kinds else float(word) if whole and float in kinds else None
    least, most = (getattr(bounds, name, None) for name in ("min", "max"))
    if number is None or (least is not None and number < least) or (most is not None and number > most):
        return word
    return number
