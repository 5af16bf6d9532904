"""Stand-ins: what a check supplies in the place of a notebook's own names, as Python source that defines each."""

from collections.abc import Mapping
from functools import cache
from types import CodeType
from typing import Any

MODULE = "stand_ins"  # where the classes of stand-ins say that they are defined


def stand_ins(sources: Mapping[str, str]) -> dict[str, Any]:
    """What the sources define, by name; names that share a source share what it makes. Raises what its code raises."""
    made: dict[str, dict[str, Any]] = {}
    for name, source in sources.items():
        if source not in made:
            made[source] = {"__name__": MODULE}
            exec(_compiled(source, name), made[source])
    return {name: made[source][name] for name, source in sources.items()}


@cache  # a check supplies the same for each of its cases
def _compiled(source: str, name: str) -> CodeType:
    return compile(source, f"<stand-in {name}>", "exec")
