"""Notebook files that no editor writes: by hypothesis, and by changing a real one."""

import copy
import json
import re
from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import strategies as st
from mutation import mutate
from odd_code import cells

_ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-32-be", "latin-1", "cp949")
_KEYS = (
    "cells", "cell_type", "source", "outputs", "metadata", "nbformat", "output_type", "text", "data", "text/plain",
    "name", "ename", "image/png", "worksheets", "input", "execution_count", "id", "attachments", "",
)  # fmt: skip
_SHOWN = (
    "Test accuracy: 91.2%", "test ppl 3.4 acc 0.5", "epoch 1/10 | train loss: nan | valid acc: 1e999",
    "acc: " + "9" * 500,
    "100%|####| 10/10\rtest acc 0.1\rtest acc", "\x1b[31mTest acc\x1b[0m 5", "accuracy " * 400, "테스트 정확도 93.1",
    "\ud800 acc 1",
    "acc=-inf", "1 2 3 " * 3000, "Test acc: 1,234.5", "\x00\x07", "{'test_acc': 0.9}", "acc\u066011\u0661 %",
    "Test perplexity: 0.3",
)  # fmt: skip
_DEEP = re.compile(r'"nested (\d+) times"(?!:)')


def odd_values() -> st.SearchStrategy[Any]:
    """Any JSON value, and what only Python calls JSON: NaN, Infinity, integers beyond all sizes, lone surrogates."""
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(1 << 70), 1 << 70),
        st.sampled_from(
            (0, -1, 1 << 63, 10**400, float("nan"), float("inf"), -float("inf"), 1e308, "\ud800", "", "1e999")
        ),
        st.floats(),
        st.text(max_size=12),
        st.sampled_from(_SHOWN),
    )
    nested = st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(st.one_of(st.sampled_from(_KEYS), st.text(max_size=4)), inner, max_size=4),
        ),
        max_leaves=8,
    )
    return st.one_of(nested, st.sampled_from((5, 300, 900, 960, 980, 20_000)).map(deep))


def deep(depth: int) -> str:
    """What stands for lists inside of one another until `dumped` writes them: no encoder goes that deep."""
    return f"nested {depth} times"


def dumped(value: Any, ascii_only: bool = True) -> str:
    """The value as JSON."""
    text = json.dumps(value, ensure_ascii=ascii_only)
    return _DEEP.sub(lambda found: "[" * int(found.group(1)) + "]" * int(found.group(1)), text)


def _sometimes_odd(ordinary: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    # `one_of` would take the many kinds of odd values for as many choices.
    return st.sampled_from(range(12)).flatmap(lambda number: ordinary if number else odd_values())


def _outputs() -> st.SearchStrategy[Any]:
    text = st.one_of(st.sampled_from(_SHOWN), st.lists(st.sampled_from(_SHOWN), max_size=4), odd_values())
    picture = st.fixed_dictionaries({}, optional={"image/png": odd_values(), "text/plain": text, "text/html": text})
    kinds = st.sampled_from(("stream", "error", "execute_result", "display_data", "pyout", "pyerr", "", 3))
    output = st.fixed_dictionaries(
        {"output_type": kinds},
        optional={
            "text": text,
            "name": _sometimes_odd(st.sampled_from(("stdout", "stderr"))),
            "data": picture,
            "ename": text,
        },
    )
    return st.lists(_sometimes_odd(output), max_size=4)


def _cells() -> st.SearchStrategy[Any]:
    source = st.one_of(cells(), cells().map(lambda code: code.splitlines(keepends=True)))
    kinds = st.sampled_from(("code", "code", "code", "code", "markdown", "raw", "heading", None, "Code"))
    cell = st.fixed_dictionaries(
        {"cell_type": kinds, "source": _sometimes_odd(source)},
        optional={"outputs": _sometimes_odd(_outputs()), "metadata": odd_values(), "input": source, "id": odd_values()},
    )
    return _sometimes_odd(cell)


def notebooks() -> st.SearchStrategy[bytes]:
    """A notebook file of format 4 or 3, in some encoding, sometimes with something before or behind it."""
    listed = _sometimes_odd(st.lists(_cells(), max_size=6))
    version_4 = st.fixed_dictionaries({"cells": listed}, optional={"nbformat": odd_values(), "metadata": odd_values()})
    version_3 = st.builds(lambda found: {"worksheets": [{"cells": found}], "nbformat": 3}, listed)
    return st.builds(
        _written,
        _sometimes_odd(st.one_of(version_4, version_3)),
        st.sampled_from(_ENCODINGS),
        st.booleans(),
        st.sampled_from((*[b""] * 30, b"\xef\xbb\xbf", b" \n", b"[" * 5000, b"\0", b"{", b"}" * 10)),
        st.booleans(),
    )


def _written(value: Any, encoding: str, ascii_only: bool, beside: bytes, before: bool) -> bytes:
    text = dumped(value, ascii_only)
    errors = "surrogatepass" if encoding.startswith("utf") else "replace"
    content = text.encode(encoding, errors)
    return beside + content if before else content + beside


def change_notebook(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """A real notebook with its bytes, its JSON values or the text of its cells changed."""
    kind = random.random()
    if kind < 0.3:
        return mutate(content, random, others)
    notebook = json.loads(content)
    for _ in range(random.choice((1, 1, 2, 5, 20))):
        if kind < 0.6:
            change_value(notebook, random)
        else:
            _change_source(notebook["cells"], random)
    return dumped(notebook).encode()


_ODD = (
    None, True, 0, -1, 1.5, float("nan"), float("inf"), -float("inf"), 10**400, 1 << 63, "", "x", "\ud800", "1e999",
    [], {},
    [[]], [None], {"": None}, ["x", 1, None], {"x": [1]}, "9" * 400, [float("inf")], {"$tensor": "0"},
    {"$float": 10**400},
)  # fmt: skip


def change_value(root: Any, random: Random) -> None:
    """Replaces, removes, doubles or moves one value somewhere in a list or object."""
    spots = list(_spots(root))
    if not spots:
        return
    holder, key = random.choice(spots)
    match random.randrange(7):
        case 0:
            del holder[key]
        case 1:
            _, other = random.choice(spots)
            holder[key] = other if isinstance(other, str) else copy.deepcopy(random.choice(spots)[0])
        case 2:
            holder[key] = deep(random.choice((1, 10, 300, 900, 960, 980, 20_000)))
        case 3 if isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        case 4:
            holder[key] = [holder[key]] if random.random() < 0.5 else {"x": holder[key]}
        case _:
            holder[key] = copy.deepcopy(random.choice(_ODD))


def _spots(root: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [root]
    while waiting:
        value = waiting.pop()
        keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        found += [(value, key) for key in keys]
        waiting += [value[key] for key in keys]
    return found


def _change_source(listed: list[dict[str, Any]], random: Random) -> None:
    """One change to the lines of some code cell, or to the order of the cells."""
    code = [cell for cell in listed if cell.get("cell_type") == "code"]
    cell, other = random.choice(code), random.choice(code)
    lines, others = "".join(cell["source"]).split("\n"), "".join(other["source"]).split("\n")
    place = random.randrange(len(lines))
    line = lines[place]
    column = random.randrange(len(line) + 1)
    match random.randrange(8):
        case 0:
            del lines[place]
        case 1:
            lines.insert(place, random.choice(others))
        case 2:
            lines[place] = random.choice(("", " ", "\t", "    ", "%", "!", "@", "#", "async ", "await ")) + line
        case 3:
            lines[place] = line.lstrip()
        case 4:
            lines[place] = line[:column] + random.choice("()[]{}'\"\\:,=.\0\x0c\u2028\ud800é;") + line[column:]
        case 5:
            lines[place] = line[:column] + line[column + random.choice((1, 3, 9)) :]
        case 6:
            random.shuffle(lines)
        case _:
            listed.insert(random.randrange(len(listed)), copy.deepcopy(cell))
    cell["source"] = "\n".join(lines)
