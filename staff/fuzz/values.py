"""JSON that no program of ours writes."""

import copy
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

INF, NAN = float("inf"), float("nan")
_ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 1e308, NAN, INF, -INF, 1 << 63, 10**400, "", "x", "\ud800", "1e999", "9" * 400, [], {},
    [[]], [None], {"": None}, ["x", 1, None], {"x": [1]}, [INF],
    # Stands for lists inside of one another until `dumped` writes them: no encoder goes that deep.
    *(f"nested {depth} times" for depth in (10, 900, 980, 20_000)),
)  # fmt: skip
_DEEP = re.compile(r'"nested (\d+) times"(?!:)')


def odd_values(words: Sequence[Any]) -> st.SearchStrategy[Any]:
    """Any JSON value, and what only Python calls JSON: NaN, Infinity, integers beyond all sizes, lone surrogates.

    `words` are values that mean something to the reader.
    """
    listed = st.sampled_from(_ODD) | st.sampled_from(words)
    leaves = listed | st.integers(-(1 << 70), 1 << 70) | st.floats() | st.text(max_size=12)
    nested = st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner), max_leaves=8
    )
    return listed | nested


def dumped(value: Any, ascii_only: bool = True) -> str:
    """The value as JSON."""
    text = json.dumps(value, ensure_ascii=ascii_only)
    return _DEEP.sub(lambda depth: "[" * int(depth[1]) + "]" * int(depth[1]), text)


@st.composite
def altered(draw: st.DrawFn, value: Any, odd: st.SearchStrategy[Any], most: int = 4) -> Any:
    """A list or object with up to `most` values gone, repeated, moved, wrapped, cut or replaced by odd ones."""
    value = copy.deepcopy(value)
    for _ in range(draw(st.sampled_from((1, 1, 2, most)))):
        places = list(_places(value))
        if not places:
            break
        (holder, key), (source, name) = (places[draw(st.integers(0, len(places) - 1))] for _ in range(2))
        old, other = holder[key], source[name]
        changes = [[], [old, old], [other], [other, old], [name], [[old]], [{"x": old}]]
        if isinstance(old, str | list):
            at = draw(st.integers(0, len(old)))
            changes += [[old[at:]], [old[:at]], [old[::-1]], *([[old * 3000]] if len(str(old)) < 300 else [])]
        new = copy.deepcopy(draw(odd.map(lambda one: [one]) | st.sampled_from(changes)))
        if isinstance(holder, list):
            holder[key : key + 1] = new
        elif new:
            holder[key] = new[0]
        else:
            del holder[key]
    return value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every list and object in a value with each of its indices or keys."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])
