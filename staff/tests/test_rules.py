"""Forbidden names: found under every alias, in the code that an answer reaches and nowhere else."""

import json
from collections.abc import Sequence

import pytest
import torch  # noqa: F401  (modules reached through others are looked up among those loaded)

from autograder.notebook.findings import BrokenRule
from autograder.notebook.notebook import Notebook, read
from autograder.notebook.usage import Usage, usages
from autograder.protocol.rules import Rules, canonical, find_forbidden, matches

FORBID = (
    "torch.nn.GRU*",
    "torch.gru*",
    "torch.autograd.*",
    "functorch",
    "*.backward",
    "*.requires_grad*",
    "*.grad_fn",
    "exec",
)


def notebook(*sources: str) -> Notebook:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return read(json.dumps({"nbformat": 4, "cells": cells}).encode())


def find(
    *sources: str,
    given: Sequence[str] = (),
    modules: tuple[str, ...] | None = None,
    suspect: tuple[str, ...] = (),
) -> list[BrokenRule]:
    sent = json.loads(json.dumps([usage.to_wire() for usage in usages(notebook(*sources))]))
    rules = Rules(FORBID, allow_modules=modules, suspect=suspect)
    return find_forbidden(map(Usage.from_wire, sent), ["f"], rules, given)


def calls(*sources: str) -> set[str]:
    return {finding.call for finding in find(*sources)}


@pytest.mark.parametrize(
    ("source", "call"),
    [
        ("import torch\ndef f():\n    return torch.nn.GRU(1, 2)", "torch.nn.GRU"),
        ("import torch.nn as nn\ndef f():\n    return nn.GRUCell(1, 2)", "torch.nn.GRUCell"),
        ("from torch import autograd as ag\ndef f():\n    return ag.grad(1)", "torch.autograd.grad"),
        ("from torch.nn import GRUCell as Cell\nf = lambda: Cell(1)", "torch.nn.GRUCell"),
        ("def f():\n    from torch.nn import GRUCell\n    return GRUCell", "torch.nn.GRUCell"),
        ("def f():\n    import torch.autograd as ag\n    return ag.grad", "torch.autograd.grad"),
        ("def f():\n    import functorch", "functorch"),
        ("import torch\ng = torch.autograd.grad\ndef f():\n    return g(1)", "torch.autograd.grad"),
        ("import torch\nlib, x = torch.nn, 1\ndef f():\n    return lib.GRU", "torch.nn.GRU"),
        ("import torch\ndef f():\n    n = torch.nn\n    m = n\n    return m.GRU", "torch.nn.GRU"),
        ("import torch\ndef f(flag):\n    n = torch.nn if flag else torch\n    return n.GRU", "torch.nn.GRU"),
        ("import torch\ndef f():\n    return (None or torch).gru", "torch.gru"),
        ("import torch\ndef f():\n    return (t := torch.nn).GRU or t", "torch.nn.GRU"),
        ("import torch\ndef f():\n    return getattr(torch, 'gru')", "torch.gru"),
        ("import torch\ndef f():\n    return getattr(torch, f'g{\"r\"}' + 'u', None)", "torch.gru"),
        ("import torch\ndef f():\n    return vars(torch)['gru']", "torch.gru"),
        ("import torch\ndef f():\n    return torch.__dict__['gru_cell']", "torch.gru_cell"),
        (
            "import importlib\ndef f():\n    return importlib.import_module('torch.autograd').grad",
            "torch.autograd.grad",
        ),
        ("from importlib import import_module\ndef f():\n    return import_module('torch.autograd')", "torch.autograd"),
        ("def f():\n    return __import__('torch').gru", "torch.gru"),
        ("import sys\ndef f():\n    return sys.modules['torch'].gru", "torch.gru"),
        ("from torch.nn.modules.rnn import GRU\nf = GRU", "torch.nn.modules.rnn.GRU"),
        ("from torch.nn import *\ndef f():\n    return GRU(1, 2)", "torch.nn.GRU"),
        ("from torch.nn import *\nGRU = (lambda x: x)(GRU)\ndef f():\n    return GRU", "torch.nn.GRU"),
        (
            "import torch.nn.functional as F\ndef f():\n    return F.torch.autograd.grad",
            "torch.nn.functional.torch.autograd.grad",
        ),
        (
            "try:\n    from torch import gru as g\nexcept ImportError:\n    g = None\ndef f():\n    return g",
            "torch.gru",
        ),
        ("def f(loss):\n    loss.backward()", "loss.backward"),
        ("def f(x):\n    return g(x).sum().backward()\ndef g(x):\n    return x", "(...).backward"),
        ("def f(x):\n    x.requires_grad = True", "x.requires_grad"),
        ("def f(x):\n    x.requires_grad_()", "x.requires_grad_"),
        ("import torch\ndef f():\n    return torch.ones(1, requires_grad=True)", "requires_grad="),
        ("def f(x):\n    return x.grad_fn.next_functions", "x.grad_fn.next_functions"),
        ("def f():\n    exec(input())", "exec"),
        ("def f():\n    eval('__import__(\"torch\").gru')", "torch.gru"),
        ("def f():\n    return compile('import torch as t\\nt.gru(1)', '', 'exec')", "torch.gru"),
        ("import torch\nclass f(torch.nn.GRU):\n    pass", "torch.nn.GRU"),
        ("import torch\nclass f:\n    cell = torch.nn.GRUCell(1, 2)", "torch.nn.GRUCell"),
        ("import torch\nclass f:\n    pass\ndef call(self):\n    return torch.gru\nf.__call__ = call", "torch.gru"),
        ("import torch\nclass f:\n    pass\nsetattr(f, 'g', torch.gru)", "torch.gru"),
        ("import torch\n@torch.autograd.no_grad()\ndef f():\n    pass", "torch.autograd.no_grad"),
        ("import torch\ndef f(g=torch.gru):\n    pass", "torch.gru"),
        ("import torch\ndef f():\n    return [t.sum() for t in torch.gru()]", "torch.gru"),
        ("import torch\ndef f():\n    return globals()['helper']()\ndef helper():\n    return torch.gru", "torch.gru"),
        (
            "import torch, __main__\ndef f():\n    return __main__.helper()\ndef helper():\n    return torch.gru",
            "torch.gru",
        ),
        ("import torch\ndef f():\n    global t\n    t = 1\n    return t.gru\nt = torch", "torch.gru"),
        (
            "import torch\ndef f():\n    t = torch\n    def g():\n        nonlocal t\n"
            "        t = t\n        return t.gru\n    return g",
            "torch.gru",
        ),
    ],
)
def test_a_forbidden_name_is_found(source: str, call: str) -> None:
    assert call in calls(source)


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ndef f():\n    'torch.gru'  # torch.gru\n    return \"loss.backward\"",
        "import torch.autograd, torch\ndef f():\n    return torch.no_grad()",
        "from torch.autograd import grad\nimport torch\ndef f():\n    return torch.tanh",
        "import torch\nx = torch.autograd.grad\ndef f(x):\n    return x(1)",
        "import torch\ngrads = torch.autograd.grad(1)\ndef f():\n    grads = 1\n"
        "    return [grads for grads in [grads]]",
        "import torch\ndef f():\n    return 1\nassert torch.autograd.gradcheck(f, ())",
        "import torch\ndef f():\n    return torch.nn.GRU\ndef f():\n    return 1",
        "import torch\ndef f():\n    for e in []:\n        pass\n    return e\nfor e in range(9):\n"
        "    torch.autograd.grad(e)",
        "class Cell:\n    def backward(self, g):\n        return self.backward(g)\ndef f():\n"
        "    cell = Cell()\n    return cell.backward(1)",
        "class A:\n    def backward(self):\n        pass\nclass B(A):\n    pass\nb = B()\ndef f():\n"
        "    return b.backward()",
        "def gru_backward(requires_grad):\n    pass\ndef f():\n    return gru_backward(requires_grad=True)",
        "import torch\ndef f():\n    return torch.nn.Parameter(1, requires_grad=False)",
        "def f(torch):\n    return torch.gru",
        "from torch.nn import *\ndef f():\n    return len(Linear(1, 2))",
        "def f():\n    return exec_(1), eval('1 +'), eval(''), getattr(f, input())",
        "def f(x):\n    return x['gru'], x['a']['b'], vars(x)[0], x[1:2]",
    ],
)
def test_what_is_allowed_or_out_of_reach_is_not(source: str) -> None:
    assert find(source) == []


def test_an_alias_that_may_be_something_else_is_still_no_method_of_ones_own() -> None:
    source = (
        "class Cell:\n    def backward(self):\n        pass\ndef f(loss):\n    c = Cell()\n"
        "    c = loss\n    c.backward()"
    )
    assert calls(source) == {"c.backward"}
    assert calls(source.replace("c = loss", "c.backward.backward()")) == {"c.backward.backward"}


def test_a_finding_says_where() -> None:
    found = find(
        "import torch", "# helper\ndef g(h):\n    a = 1\n    return torch.gru(h)", "def f(h):\n    return g(h)"
    )
    assert found == [BrokenRule(2, 4, "torch.gru", "torch.gru*", "return torch.gru(h)")]


def test_the_longest_name_of_a_line_stands_for_its_parts() -> None:
    source = "import torch\ndef f():\n    return getattr(torch.autograd, 'grad')(1)"
    assert [finding.call for finding in find(source)] == ["torch.autograd.grad"]


def test_findings_come_in_the_order_of_the_notebook() -> None:
    found = find("import torch\nz = torch.gru", "a = torch.gru", "def f():\n    return a, z, torch.gru")
    assert [(finding.cell, finding.line) for finding in found] == [(1, 2), (2, 1), (3, 2), (3, 2), (3, 2)][: len(found)]
    assert {finding.cell for finding in found} == {1, 2, 3}


def test_given_names_are_not_followed() -> None:
    source = "import torch\ndef encoder():\n    return torch.gru\ndef f():\n    return encoder()"
    assert find(source) and find(source, given=["encoder"]) == [] and find(source, given=["f"]) == []


def test_a_cell_that_does_not_parse_hides_nothing_else() -> None:
    assert [finding.cell for finding in find("def (:", "import torch\ndef f():\n    return torch.gru")] == [2]


@pytest.mark.parametrize(
    ("source", "call"),
    [
        ("import einops\ndef f():\n    return einops.rearrange(1)", "einops.rearrange"),
        ("from einops import rearrange as r\ndef f():\n    return r(1)", "einops.rearrange"),
        ("def f():\n    import einops.layers", "einops.layers"),
        ("from .local import helper\nf = helper", ".local.helper"),
        ("from einops import *\ndef f():\n    return rearrange(1)", "einops.rearrange"),
        ("import importlib\ndef f():\n    return importlib.import_module('einops')", "einops"),
    ],
)
def test_an_additional_module_is_found(source: str, call: str) -> None:
    found = find(source, modules=("torch", "importlib"))
    assert {(finding.call, finding.rule) for finding in found} == {(call, "additional module")}
    assert find(source) == []


def test_modules_that_are_allowed_or_unused_are_no_findings() -> None:
    source = (
        "from __future__ import annotations\nimport einops, math, torch.nn.functional as F\n"
        "def f(x: int):\n    return len(F.gelu(math.pi))"
    )
    assert find(source, modules=("torch", "math")) == []


@pytest.mark.parametrize(
    ("origin", "pattern", "expected"),
    [
        ("torch.autograd", "torch.autograd.*", True),
        ("torch.autograd.grad", "torch.autograd.*", True),
        ("torch.autograds", "torch.autograd.*", False),
        ("torch.jit.script", "torch.jit", True),
        ("torch.jitter", "torch.jit", False),
        ("torch.nn.GRUCell", "torch.nn.GRU*", True),
        ("torch.nn.gru", "torch.nn.GRU*", False),
        ("?.backward", "*.backward", True),
        ("?.backward_hook", "*.backward", False),
        ("torch", "torch.nn", False),
    ],
)
def test_patterns_match_whole_names_and_what_is_below(origin: str, pattern: str, expected: bool) -> None:
    assert matches(origin, pattern) is expected


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("torch.nn.modules.rnn.GRU", "torch.nn.GRU"),
        ("torch.nn.modules.GRU", "torch.nn.GRU"),
        ("torch.nn.functional.torch.autograd.grad", "torch.autograd.grad"),
        ("torch.nn.functional.gelu", "torch.nn.functional.gelu"),
        ("torch.nn.modules", "torch.nn.modules"),
        ("torch.no_grad", "torch.no_grad"),
        ("not_loaded.x", "not_loaded.x"),
        ("?.backward", "?.backward"),
    ],
)
def test_names_are_brought_to_their_documented_form(origin: str, name: str) -> None:
    assert canonical(origin) == name


@pytest.mark.slow
def test_aliases_made_to_confuse_end_in_not_knowing() -> None:
    doubled = "\n".join(f"a{n} = a{n + 1} if a{n + 1} else a{n + 1}" for n in range(40))
    assert find(f"import torch\n{doubled}\na40 = torch\ndef f():\n    return a0.cat") == []
    chain = "\n".join(f"a{n} = a{n + 1}" for n in range(400))
    assert find(f"import torch\n{chain}\na400 = torch\ndef f():\n    return a0.cat") == []
    assert find("import torch\nx = y\ny = x\ndef f():\n    return x.cat, y") == []


@pytest.mark.slow
def test_deep_code_is_read_without_recursion() -> None:
    chain = " + ".join(["x"] * 900)
    branches = "x = " + " if x else ".join(["x"] * 300)
    assert calls(f"import torch\ndef f(x):\n    {branches}\n    return {chain} + x{'.y' * 500} + torch.gru") == {
        "torch.gru"
    }


def test_every_form_of_argument_and_binding_is_local() -> None:
    source = """
import torch
a = b = c = d = e = g = h = i = j = k = torch
def f(a, /, b, *c, d=1, **e):
    for g, *h in []:
        pass
    with x() as i:
        pass
    try:
        pass
    except ValueError as j:
        pass
    match a:
        case [k, *l]:
            pass
        case {"m": 1, **n}:
            pass
    [o := 1 for _ in []]
    s, *v = w = torch, torch
    p: int
    lambda q=a, *r: q.gru + r.gru
    class S:
        t = a
        u = t.gru
    return (a.gru, b.gru, c.gru, d.gru, e.gru, g.gru, h.gru, i.gru, j.gru, k.gru, l.gru, n.gru, o.gru, p.gru, v.gru)
"""
    assert find(source) == []


CERTAIN = [
    "import torch\ndef f():\n    return torch.nn.GRU(1, 2)",
    "import torch\ndef f():\n    return getattr(torch, 'gru')",
    "import torch\nclass f:\n    def __init__(self):\n        self.cell = torch.nn.GRUCell(1, 2)",
    "import torch\nclass A:\n    def forward(self):\n        return torch.gru\ndef f():\n    return A()",
    "import torch\nclass A:\n    def step(self):\n        return torch.gru\ndef f(a=A()):\n    return a.step()",
    "import torch\nclass A:\n    def step(self):\n        return torch.gru\n    run = step\nf = A().run",
    "import torch\nclass A:\n    def step(self):\n        return torch.gru\n"
    "def f(a=A()):\n    return getattr(a, 'step')",
    "import torch\nclass A:\n    def step(self):\n        return torch.gru\n    def forward(self):\n"
    "        return self.step()\nf = A()",
    "import torch\nclass A:\n    pass\ndef step(self):\n    return torch.gru\nA.step = step\ndef f(a=A()):\n"
    "    return a.step",
    "import torch\nclass A:\n    @property\n    def cell(self):\n        return torch.gru\nclass B(A):\n    pass\n"
    "def f():\n    return B().cell",
]
SUSPECTED = [
    "def f(loss):\n    loss.backward()",
    "def f(x):\n    x.requires_grad = True",
    "from functools import partial\ndef g(backward):\n    pass\nf = partial(g, backward=True)",
    "import torch\ndef f(x):\n    assert not isinstance(x, torch.nn.GRU)",
    "import torch\ndef f(x):\n    return type(x) is torch.nn.GRU",
    "import torch\ndef f(x: torch.nn.GRU) -> torch.nn.GRUCell:\n    y: torch.nn.GRU = x",
    "try:\n    from torch import gru as g\nexcept ImportError:\n    g = None\ndef f():\n    return g",
    "import torch\nclass A:\n    def step(self):\n        return torch.gru\n"
    "def f(name, a=A()):\n    return getattr(a, name)",
    "import sys\ndef f():\n    return sys._getframe(1).f_locals",
    "import gc\ndef f():\n    return gc.get_objects()",
    "import sys\ndef f(name):\n    return sys.modules[name]",
    "import torch\ndef f(x):\n    return torch.nn.Parameter(x)",
]


@pytest.mark.parametrize("source", CERTAIN)
def test_a_known_name_in_code_that_is_reached_is_certain(source: str) -> None:
    assert [finding.certain for finding in find(source)] == [True]


@pytest.mark.parametrize("source", SUSPECTED)
def test_what_only_looks_like_it_is_a_suspicion(source: str) -> None:
    found = find(source, suspect=("torch.nn.Parameter",))
    assert found and not any(finding.certain for finding in found)


OTHER_METHODS = """
import torch
class Model:
    def __init__(self):
        self.part = Part()
    def forward(self, x):
        return self.part(x)
    def loss(self, x):
        return torch.gru(x)
    def compare(self, x):
        return torch.autograd.grad(x)
class Part:
    def forward(self, x):
        return x.sum()
    def compare(self, x):
        return torch.gru(x)
def unbound(self):
    return torch.gru
Model.check = unbound
"""


@pytest.mark.parametrize(
    ("asked", "calls"),
    [
        (["Model", ".__call__"], []),
        (["Model", ".loss"], ["torch.gru"]),
        (["Model", ".check"], ["torch.gru"]),
        (["Model", ".compare"], ["torch.autograd.grad", "torch.gru"]),
        (["Part", ".__call__"], []),
    ],
)
def test_a_method_that_is_not_called_costs_nothing(asked: list[str], calls: list[str]) -> None:
    found = find_forbidden(usages(notebook(OTHER_METHODS)), asked, Rules(FORBID), ())
    assert [finding.call for finding in found] == calls


def test_forward_counts_if_the_check_calls_the_model() -> None:
    source = "import torch\nclass Model:\n    def forward(self, x):\n        return torch.gru(x)"
    for asked, calls in ((["Model"], []), (["Model", ".loss"], []), (["Model", ".__call__"], ["torch.gru"])):
        found = find_forbidden(usages(notebook(source)), asked, Rules(FORBID), ())
        assert [finding.call for finding in found] == calls
