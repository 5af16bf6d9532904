"""The lazy namespace: every value as after a full run, and nothing run that no name needs."""

import builtins
import copy
import inspect
import io
import json
import linecache
import pickle
import sys
import traceback
import typing
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import torch

from autograder.notebook import attached
from autograder.notebook.notebook import Notebook, read
from autograder.worker.namespace import LazyNamespace, locate

FILE = "hw.ipynb"


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    """The modules and sources that a namespace replaces."""
    main, cache = sys.modules["__main__"], dict(linecache.cache)
    yield
    sys.modules["__main__"] = main
    linecache.cache.clear()
    linecache.cache.update(cache)


def notebook(*sources: str) -> Notebook:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return read(json.dumps({"nbformat": 4, "cells": cells}).encode())


def namespace(*sources: str, **given: object) -> LazyNamespace:
    return LazyNamespace(notebook(*sources), given, FILE)


HOSTILE = [
    "from google.colab import drive\ndrive.mount('/content/drive')\n%cd /content/drive",
    "!pip install torchtext\ncd hw4\npip install einops",
    "while True:\n    pass",
    "import urllib.request\nurllib.request.urlretrieve('http://example.invalid/x', 'x')",
    "raise RuntimeError('this cell must not run')",
    "def broken(:",
    "model = RNN()\nmodel.train()\nfor epoch in range(10 ** 9):\n    train(model)",
    "with torch.no_grad():\n    raise RuntimeError",
    "1 / 0",
]


def test_other_cells_never_run() -> None:
    ran: list[int] = []
    others = [f"ran.append({number})\n{source}" for number, source in enumerate(HOSTILE)]
    graded = "import math\nSCALE = 2\ndef area(r):\n    return math.pi * r * SCALE"
    assert namespace(*others, graded, *others, ran=ran)["area"](1) == pytest.approx(6.283185307)
    assert ran == []


def test_an_unknown_name_is_a_key_error_and_a_name_error_inside() -> None:
    space = namespace("def f():\n    return missing\nclass A:\n    x = missing")
    with pytest.raises(KeyError):
        space["nothing"]
    for name in ("f", "A"):
        with pytest.raises(NameError, match="missing"):
            space[name]()


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("x = 1\nx += 2", 3),
        ("x, (y, *z) = 1, (2, 3)", 1),
        ("(x := 5)", 5),
        ("y = [x := n for n in range(4)]", 3),
        ("x = 5\ny = [x for x in range(3)]", 5),
        ("x = (lambda x: x + 1)(1)", 2),
        ("try:\n    import not_installed as x\nexcept ImportError:\n    x = None", None),
        ("if False:\n    x = 'cuda'\nelse:\n    x = 'cpu'", "cpu"),
        ("import contextlib\nwith contextlib.nullcontext(4) as x:\n    pass", 4),
        ("x = 1\ndel x\nx = 2", 2),
        ("x = 1\ndel x", 1),
        ("x = y = 1\ndel x, y\nx = 3", 3),
        ("match [1, 2]:\n    case [1, x]:\n        pass", 2),
        ("match {'a': 1, 'b': 2}:\n    case {'a': 1, **x}:\n        pass", {"b": 2}),
        ("x: int = 3", 3),
        ("x = []\ndef f():\n    return x\nf()[:] = [1]\nx.append(2)", [2]),
        ("x = 3\nx: int", 3),
        ("x = {}\nx['a'] = 1\nx['b'] = x['a'] + 1\ndel x['a']", {"b": 2}),
        ("x = []\nx.append(1)\nx.extend([2])", [1, 2]),
        ("x = {}\nx.setdefault('a', []).append(1)", {"a": [1]}),
        ("x = type('T', (), {})()\nsetattr(x, 'a', 7)\nx = x.a", 7),
        ("def wrap(f):\n    return lambda: f() + 1\n@wrap\ndef g():\n    return 1\nx = g()", 2),
        ("def f():\n    return 1\nf = (lambda old: lambda: old() + 1)(f)\nx = f()", 2),
        ("def f():\n    global x\n    x = 8\nf()", 8),
        ("n = 1\ndef f():\n    global n\n    n += 1\n    return n\nx = f() + n", 4),
        ("from math import *\nx = floor(pi)", 3),
        ("from math import *\ndef floor(v):\n    return 'mine'\nx = floor(1)", "mine"),
        ("try:\n    from math import *\n    y = 1\nexcept ImportError:\n    pass\nx = ceil(y + 0.5)", 2),
        ("x = eval('y + 1')\ny = 1", 2),
        ("x = globals()['y']\ny = 1", 1),
        ("x = globals().get('y', 0) + globals().get('z', 5)\ny = 1", 6),
        ("x = 'y' in globals() and 'z' not in globals()\ny = 1", True),
        ("if 'x' not in globals():\n    x = 1", 1),
        ("list = [1]\ndel list\nx = list('ab')", ["a", "b"]),
        ("def max(a):\n    return 'own'\nclass A:\n    y = max(1)\nx = A.y", "own"),
        ("print = lambda *_, old=print: old\nx = print() is not None", True),
        ("x = get_ipython().getoutput('ls') or display(1) or get_ipython().anything(2)", None),
        ("x = !ls", []),
        ("a = 0\nx = 1 if __name__ == '__main__' else 2", 1),
        ("import os.path, sys\nimport os\nx = os.path.sep", "/"),
        ("import math, not_installed\nx = math.floor(1.5)", 1),
        ("async def f():\n    pass\nf().close\nx = 1", 1),
    ],
)
def test_value_is_that_of_a_full_run(source: str, value: object) -> None:
    assert namespace(source)["x"] == value


def test_a_value_does_not_depend_on_which_name_is_asked_first() -> None:
    source = ["loader, vocab = [1], {'a': 0}", "vocab.update(b=1)", "vocab['c'] = 2", "loader = loader + [2]"]
    for order in (["loader", "vocab"], ["vocab", "loader"]):
        space = namespace(*source)
        got = {name: space[name] for name in order}
        assert got == {"loader": [1, 2], "vocab": {"a": 0, "b": 1, "c": 2}}


def test_a_statement_sees_the_former_value_of_a_name_that_it_binds() -> None:
    for order in ("ab", "ba"):
        space = namespace("b = 1\na, b = b + 1, b + 2", "b = b * 10")
        assert {name: space[name] for name in order} == {"a": 2, "b": 30}


def test_superseded_definitions_do_not_run() -> None:
    ran: list[str] = []
    former = ["class A(not_defined):\n    pass\nx = 1 / 0", "class A:\n    ran.append('A')\nx = ran.append('x')"]
    space = namespace(*former, "x = 2", "def A():\n    return x", ran=ran)
    assert space["A"]() == 2 and ran == []


def test_an_import_again_keeps_what_was_set_on_the_module() -> None:
    sources = ["import sys", "sys.setrecursionlimit(sys.getrecursionlimit())\nsys.marked = 1", "import sys"]
    try:
        assert namespace(*sources)["sys"].marked == 1
    finally:
        del sys.marked  # type: ignore[attr-defined]


def test_a_global_is_evaluated_only_in_the_branch_that_uses_it() -> None:
    space = namespace("raise_it = 1 / 0", "def f(deep):\n    return raise_it if deep else 0")
    assert space["f"](False) == 0
    with pytest.raises(ZeroDivisionError):
        space["f"](True)


def test_class_bodies_defaults_and_annotations_see_later_cells() -> None:
    space = namespace(
        "class A:\n    rate = RATE\n    def f(self, n=RATE) -> Alias:\n        class Inner:\n"
        "            r = RATE\n        return n + Inner.r",
        "RATE = 3\nAlias = int",
    )
    assert space["A"]().f() + space["A"].rate == 9


def test_loops_do_not_run_not_even_inside_of_blocks() -> None:
    space = namespace(
        "for i in range(3):\n    last = i",
        "import contextlib\nwith contextlib.suppress():\n    y = 1\n    while True:\n        z = 2",
    )
    assert space["y"] == 1
    for name in ("last", "z", "i"):
        with pytest.raises(KeyError):
            space[name]


def test_given_names_win() -> None:
    space = namespace(
        "DEVICE = 1 / 0\ndef encoder():\n    return 'own'\nencoder.x = 1\n"
        "DEVICE, other = 'cuda', 2\ndel encoder\ndef f():\n    return encoder, DEVICE",
        encoder="given",
        DEVICE="cpu",
    )
    assert space["other"] == 2
    assert space["f"]() == ("given", "cpu")


def test_names_that_ask_for_each_other_end_in_a_name_error() -> None:
    space = namespace("a = b + 1\nb = c\nc = a", "def f():\n    return a")
    for _ in range(2):
        with pytest.raises(NameError):
            space["f"]()


def test_an_error_in_what_binds_the_name_is_raised_each_time_and_runs_once() -> None:
    space = namespace("calls = []", "def f():\n    calls.append(1)\n    raise ValueError('mine')", "x, y = f()")
    for name in ("x", "y", "x"):
        with pytest.raises(ValueError, match="mine"):
            space[name]
    assert space["calls"] == [1]


def test_an_error_in_what_changes_a_name_leaves_it_as_it_is() -> None:
    space = namespace("class A:\n    pass\nA.x = 1 / 0\nA.y = 2\nnames = [1]\nnames.index(9)\nnames.append(2)")
    assert space["A"].y == 2 and space["names"] == [1, 2]


def test_a_limit_that_strikes_inside_a_statement_leaves_it_to_be_run_again() -> None:
    space = namespace(
        "first = []\ndef f():\n    first.append(1)\n    if len(first) == 1:\n        raise KeyboardInterrupt\nx = f()"
    )
    with pytest.raises(KeyboardInterrupt):
        space["x"]
    assert space["x"] is None


def test_a_star_import_that_fails_gives_no_names() -> None:
    space = namespace("from not_installed import *\nfrom math import *\ndef f():\n    return floor(1.5)")
    assert space["f"]() == 1


@pytest.mark.parametrize("name", sorted(attached.NEVER_RUN))
def test_calls_that_train_download_display_or_write_never_run(name: str) -> None:
    source = (
        f"class Spy(list):\n    def __getattr__(self, name):\n"
        f"        return lambda *a: self.insert(0, name)\nx = Spy()\nx.note()\nx.{name}()"
    )
    assert namespace(source)["x"] == ["note"]
    assert namespace(f"def {name}():\n    1 / 0\nx = [1]\nx.append({name}())")["x"] == [1]


def test_of_what_is_imported_only_configuring_calls_run() -> None:
    before = list(sys.path)
    try:
        space = namespace("import sys as system\nsystem.path.append('/added')\nsystem.path.reverse()")
        assert space["system"].path == [*before, "/added"]
    finally:
        sys.path[:] = before


@pytest.mark.parametrize("name", sorted(attached.CONFIGURING))
def test_configuring_calls_belong_to_the_name_that_was_imported(name: str) -> None:
    module, _, rest = name.partition(".")
    alone = notebook(f"import {module} as m\nm.{rest}()")
    assert len(alone.bindings.of("m")) == 2
    assert len(notebook(f"import {module} as m\nm.other.{rest}()").bindings.of("m")) == 1


def test_future_imports_of_earlier_cells_hold() -> None:
    space = namespace(
        "import dataclasses\nfrom dataclasses import dataclass",
        "from __future__ import annotations",
        "@dataclass\nclass Config:\n    dim: Size\n    other: dataclasses.InitVar[int]\n    heads: int = 2\nSize = int",
        "def f(x: Config, y: 'Later') -> Config:\n    return x\nclass Later:\n    inner: Config",
    )
    config = space["Config"](3, 4)
    assert (config.dim, config.heads) == (3, 2) and space["Config"].__annotations__["dim"] == "Size"
    assert not hasattr(config, "other")
    assert typing.get_type_hints(space["f"])["y"] is space["Later"]
    assert typing.get_type_hints(space["Later"]) == {"inner": space["Config"]}
    early = namespace("class A:\n    x: int", "from __future__ import annotations")
    assert early["A"].__annotations__ == {"x": int}


MODEL = """
class Base(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.layer = nn.Linear(dim, dim)

class Model(Base):
    def __init__(self, dim):
        super(Model, self).__init__(dim)
        self.scale = SCALE

    def forward(self, x):
        return self.layer(x) * self.scale
"""


def test_whole_models_are_copied_pickled_and_saved() -> None:
    space = namespace("import torch\nfrom torch import nn", MODEL, "SCALE = 2.0")
    model = space["Model"](3)
    saved = io.BytesIO()
    torch.save(model, saved)
    saved.seek(0)
    x = torch.ones(2, 3)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model)), torch.load(saved, weights_only=False)):
        assert type(twin) is space["Model"] and torch.equal(twin(x), model(x))


def test_the_source_of_functions_and_classes_is_found() -> None:
    old = (
        "import functools\n@functools.total_ordering\nclass A:\n    old = 1\n"
        "    def __lt__(self, o):\n        return True"
    )
    space = namespace(
        "def broken(:",
        old,
        "x = 1\n@staticmethod\ndef unused():\n    pass\ndef f():\n    return 1",
        "\nclass A:\n    new = 1\n    def g(self):\n        pass",
        "def mark(x):\n    return x\n@mark\nclass B:\n    class C:\n        pass",
    )
    assert inspect.getsource(space["f"]) == "def f():\n    return 1\n"
    assert inspect.getsource(space["A"]) == "class A:\n    new = 1\n    def g(self):\n        pass\n"
    assert inspect.getsource(space["A"].g) == "    def g(self):\n        pass\n"
    assert inspect.getsource(space["B"]) == "@mark\nclass B:\n    class C:\n        pass\n"
    assert inspect.getsource(space["B"].C) == "    class C:\n        pass\n"
    assert inspect.getmodule(space["f"]) is sys.modules["__main__"]


def test_the_module_main_is_the_namespace() -> None:
    space = namespace("import __main__\ndef f():\n    return __main__.x\nx = 1")
    module: Any = sys.modules["__main__"]
    assert issubclass(type(module), ModuleType) and module.__file__ == FILE and module.__name__ == "__main__"
    assert space["f"]() == 1 and vars(module) is space
    module.y = 2
    assert space["y"] == 2
    del module.y
    with pytest.raises(AttributeError, match="no attribute 'y'"):
        _ = module.y


def test_a_second_namespace_of_a_notebook_starts_fresh_and_compiles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = notebook("names = []\nnames.append(1)\nclass A:\n    pass")
    first = LazyNamespace(cells, {}, FILE)
    first["names"].append(2)
    first["A"].x = 1

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(builtins, "compile", refuse)
    second = LazyNamespace(cells, {"A": 5}, FILE)
    assert second["names"] == [1] and second["A"] == 5
    assert vars(sys.modules["__main__"]) is second


def test_deleting_inside_of_a_block() -> None:
    space = namespace("import contextlib\nx = 1\nwith contextlib.suppress():\n    y = x\n    del x", KEEP=1)
    with pytest.raises(KeyError):
        space["x"]
    del space["KEEP"]
    assert space["y"] == 1 and space["KEEP"] == 1


@pytest.mark.parametrize(
    ("source", "line", "text"),
    [
        ("def f():\n    x = 1\n    return [y / 0 for y in [1]]", 3, "return [y / 0 for y in [1]]"),
        ("\nf = 1 / 0", 2, "f = 1 / 0"),
        ("def f():\n    return len(3)", 2, "return len(3)"),
        ("def f():\n    import json\n    json.loads('{')", 3, "json.loads('{')"),
        ("x = 1\nf = 1\nreturn 3", 0, ""),
        ("def f():\n    x = 1\n    nonlocal y", 3, "nonlocal y"),
        ("def f():\n    eval('1 +')", 2, "eval('1 +')"),
    ],
)
def test_errors_are_located_in_the_cell(source: str, line: int, text: str) -> None:
    space = namespace("z = 0", source)
    if not line:
        assert space["f"] == 1
        return
    with pytest.raises(Exception) as raised:
        space["f"]()
    place = locate(raised.value)
    assert place is not None and (place.cell, place.line, place.text) == (2, line, text)


def test_an_error_of_the_grader_has_no_place() -> None:
    assert locate(ValueError("ours")) is None
    try:
        int("x")
    except ValueError as error:
        assert locate(error) is None


def test_tracebacks_show_the_students_lines() -> None:
    space = namespace("def f():\n    return 1 / 0  # here")
    with pytest.raises(ZeroDivisionError) as raised:
        space["f"]()
    assert "return 1 / 0  # here" in "".join(traceback.format_exception(raised.value))
