"""Files that attack their reader before any code runs: notebooks and saved models."""

import io
import json
import pickle
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

import torch
from corpus import Hostile

_BOMB = 1 << 28  # bytes, unpacked


def _notebook(*sources: Any, **more: Any) -> Callable[[], bytes]:
    """A notebook of these code cells; `more` is added to each cell."""

    def make() -> bytes:
        cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, **more}
        cells = [{**cell, "source": source} for source in sources]
        return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()

    return make


def _many_cells() -> bytes:
    return _notebook(*["x = 1"] * 50_000)()


def _outputs() -> bytes:
    picture = {"image/png": "A" * (30 << 20), "text/plain": [1, {}]}
    shown = {"output_type": "display_data", "metadata": {}, "data": picture}
    return _notebook("x = 1", outputs=[shown, 7, None, {"output_type": "stream", "text": {"a": []}}])()


class _Runs:
    """Unpickled, it would tell the doctor."""

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("import os\nopen('was_run', 'w').close()\nos._exit(0)",)


def _pickled(value: object) -> Callable[[], bytes]:
    return lambda: pickle.dumps(value)


def _saved(value: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def _rewritten(change: Callable[[str, bytes], bytes]) -> bytes:
    """A saved state_dict, each member of its archive changed."""
    source, target = zipfile.ZipFile(io.BytesIO(_saved({"weight": torch.ones(4, 4)}))), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, change(name, source.read(name)))
    return target.getvalue()


def _with_pickle(content: bytes) -> Callable[[], bytes]:
    return lambda: _rewritten(lambda name, old: content if name.endswith("data.pkl") else old)


def _zip_bomb() -> bytes:
    return _rewritten(lambda name, old: bytes(_BOMB) if name.endswith("/data/0") else old)


def _laughs() -> bytes:
    """Lists of lists of lists: small in the file, and 2 ** 40 items for whoever copies or prints them."""
    value: list[Any] = ["ha"]
    for _ in range(40):
        value = [value, value]
    return pickle.dumps(value, protocol=2)


def _nested_tuples() -> Iterable[bytes]:
    yield b"\x80\x02"
    yield b"(" * 1_000_000
    yield b"t" * 1_000_000
    yield b"."


def _lying_sizes() -> bytes:
    """A tensor of a petabyte over a storage of 64 bytes."""
    return _rewritten(lambda name, old: old.replace(b"K\x04K\x04", b"J\xff\xff\xff\x7fK\x04") if "pkl" in name else old)


_NOTEBOOKS: tuple[tuple[str, Callable[[], bytes]], ...] = (
    ("JSON nested without end", lambda: b"[" * 2_000_000),
    ("cells nested without end", lambda: b'{"nbformat": 4, "cells": ' + b'[{"cells":' * 50_000),
    ("brackets nested without end", _notebook("x = " + "(" * 100_000)),
    ("lists nested as deep as is allowed", _notebook("x = " + "[" * 150 + "]" * 150)),
    ("a sum of a million terms", _notebook("x = " + "1+" * 1_000_000 + "1")),
    ("attributes of attributes", _notebook("x" + ".x" * 200_000)),
    ("functions in functions", _notebook("\n".join("  " * n + f"def f{n}():" for n in range(99)) + " pass")),
    ("else after else", _notebook("if x: pass\n" + "elif x: pass\n" * 50_000)),
    ("unary minus without end", _notebook("x = " + "-" * 200_000 + "1")),
    ("a number of a million digits", _notebook("x = " + "9" * 1_000_000)),
    ("a text of 20 MB in one line", _notebook("x = '" + "a" * (20 << 20) + "'")),
    ("half characters and zeros", _notebook("x = '\ud800'", "\x00\x00def f(): pass", "\ufeffx = 1\x0c\r\r\n")),
    ("50,000 cells", _many_cells),
    ("outputs that are none", _outputs),
    ("sources of wrong types", _notebook(7, None, {"a": 1}, [["x"], 3, None], True)),
    ("cells that are none", lambda: b'{"nbformat": 4, "metadata": [], "cells": [1, null, "x", {}, [[]]]}'),
    ("NaN for a version", lambda: b'{"nbformat": NaN, "nbformat_minor": 1e999, "metadata": {}, "cells": []}'),
    ("the same key 100,000 times", lambda: b'{"cells": [],' + b'"metadata": {},' * 100_000 + b'"nbformat": 4}'),
    ("no bytes", lambda: b""),
    ("a pickle", _pickled(_Runs())),
)

_MODELS: tuple[tuple[str, Callable[[], bytes]], ...] = (
    ("a pickle that runs code", _pickled(_Runs())),
    ("a state_dict that runs code", lambda: _saved({"weight": torch.ones(2), "more": _Runs()})),
    ("an archive whose pickle runs code", _with_pickle(pickle.dumps(_Runs(), protocol=2))),
    ("a zip bomb", _zip_bomb),
    ("lists of lists of lists", _with_pickle(_laughs())),
    ("tuples nested without end", _with_pickle(b"".join(_nested_tuples()))),
    ("a size that is none", _lying_sizes),
    ("no pickle at all", _with_pickle(b"\x80\x02" + b"\xff" * 1000)),
    ("a pickle that asks for memory", _with_pickle(b"\x80\x04\x8e" + (1 << 40).to_bytes(8, "little"))),
    ("an archive cut off", lambda: _saved({"weight": torch.ones(64, 64)})[:2000]),
    ("no bytes", lambda: b""),
)

_REFUSED = ("refused", "memory limit", "crash", "time limit")

CASES = (
    *(Hostile(name, "notebooks", notebook=make) for name, make in _NOTEBOOKS),
    *(Hostile(name, "saved models", model=make, ends=_REFUSED) for name, make in _MODELS),
)
