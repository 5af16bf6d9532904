"""Code that may change what a later question sees is found; what only computes is not; what is asked again for it."""

from typing import Any

import pytest
import torch
from marks import put

from autograder.checks import expect
from autograder.checks.case import Case
from autograder.checks.question import question
from autograder.marking.verdict import State
from autograder.notebook.notebook import read
from autograder.notebook.outline import Outline
from autograder.protocol.session import Session
from autograder.sandbox import Limits, Sandbox
from conftest import NAME, notebook_of

IMPORTS = """
import torch, math, os, sys, random
import numpy as np
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
"""

PURE = {
    "a layer": """
class f(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.linear = nn.Linear(size, 2 * size)
        self.scale: float = 1 / math.sqrt(size)

    def forward(self, x: Tensor) -> Tensor:
        rows = []
        for row in x:
            rows.append(F.softmax(self.linear(row) * self.scale, dim=-1))
        self.seen, out = x, torch.stack(rows)
        out[0] = 0.0
        return out""",
    "a method that is added": "class f:\n    pass\ndef forward(self, x):\n    self.x = x\nf.forward = forward",
    "what another module keeps": "class f:\n    def start(self, x):\n        self.decoder.enc_hiddens = x",
    "a nested function": "class f:\n    def g(self):\n        def h():\n            self.x = 1\n        return h",
    "random numbers": "def f(x):\n    torch.manual_seed(1)\n    return random.random() + torch.rand(3)",
    "no gradients": "@torch.no_grad()\ndef f(x):\n    with torch.inference_mode():\n        return x.add_(1)",
    "an alias": "soft = torch.nn.functional.softmax\ndef f(x):\n    return soft(x, -1)",
    "names of its own": "count = [0]\ndef f(x):\n    global count\n    count[0] += 1\n    count = [x]",
    "an import": "def f(x):\n    from math import sqrt\n    return sqrt(x)",
    "arrays": "def f(x):\n    return np.exp(x) / np.sum(x)",
    "its own class": "class A:\n    n = 1\nclass f(A):\n    pass\nA.n = 2",
    "torch called by a method": "def f(x):\n    return torch.Tensor.relu(x)",
    "something else is impure": "def other():\n    os.environ['a'] = 'b'\ndef f(x):\n    return x",
}
IMPURE = {
    "a function of torch": "def f(x):\n    torch.relu = None",
    "a function of torch, at the top": "torch.relu = None\ndef f(x):\n    return torch.tanh(x)",
    "a function under an alias": "def f(x):\n    g = F\n    g.softmax = None",
    "a module handed over": "def set_it(lib):\n    lib['softmax'] = 1\ndef f(x):\n    set_it(F)",
    "a method of a layer": "def f(x):\n    nn.Linear.forward = None",
    "a layer's class, under a name": "A = nn.Linear\nA.forward = None\ndef f(x):\n    return A(3, 4)",
    "a class, by an object": "class f(nn.Linear):\n    def g(self):\n        self.__class__.x = 1",
    "a class, by type": "def f(x):\n    type(x).relu = None",
    "a tensor's class": "def f(x):\n    Tensor.__add__ = Tensor.__sub__",
    "a part of another object": "class f:\n    def g(self):\n        self.layer.forward = None",
    "an argument": "def f(x, layer):\n    layer.forward = None",
    "what only looks like its own object": "def f(self):\n    self.forward = None",
    "a static method": "class f:\n    @staticmethod\n    def g(self):\n        self.forward = None",
    "an object that is not its own now": "class f:\n    def g(self, x):\n        self = x\n        self.forward = 1",
    "an inner function's argument": "class f:\n    def g(self):\n        def h(self):\n            self.forward = 1",
    "setattr": "def f(x):\n    setattr(torch, 'relu', None)",
    "a name made at run time": "def f(x):\n    return getattr(x, 'add' + '_')(1)",
    "exec": "def f(x):\n    exec('torch.relu = None')",
    "a dictionary": "def f(x):\n    torch.__dict__['relu'] = None",
    "globals of a function": "def f(x):\n    F.softmax.__globals__['torch'] = None",
    "builtins": "def f(x):\n    __builtins__.len = None",
    "the environment": "def f(x):\n    os.environ['a'] = 'b'",
    "the path": "def f(x):\n    sys.path.append('a')",
    "a file": "def f(x):\n    return open('a').read()",
    "a file of an array": "def f(x):\n    x.numpy().tofile('a')",
    "a switch of torch": "def f(x):\n    torch.use_deterministic_algorithms(True)",
    "a hook for all": "def f(x):\n    nn.modules.module.register_module_forward_hook(print)",
    "a switch in another cell": "torch.set_default_dtype(torch.float64)\ndef f(x):\n    return x",
    "printing options": "torch.set_printoptions(precision=2)\ndef f(x):\n    return torch.tanh(x)",
    "a generator": "def f(x):\n    with torch.inference_mode():\n        yield x",
    "what waits": "async def f(x):\n    await x",
    "another library": "import scipy.special\ndef f(x):\n    return scipy.special.expit(x)",
    "a star": "from os import *\ndef f(x):\n    return x",
    "a name that nothing binds": "def f(x):\n    return get_ipython()",
    "what it builds on": "def g(x):\n    os.environ['a'] = 'b'\ndef h(x):\n    return g(x)\ndef f(x):\n    return h(x)",
    "a base class": "class A:\n    def g(self):\n        torch.relu = None\nclass f(A):\n    pass",
    "a default": "def f(x, lib=torch):\n    return x",
    "deleted": "def f(x):\n    del torch.relu",
    "a loop's target": "def f(x):\n    for torch.relu in x:\n        pass",
}


def has_side_effects(code: str) -> bool:
    """Whether `f` of a notebook may have any, by an outline that has travelled."""
    outline = Outline.from_wire(Outline.of(read(notebook_of(IMPORTS, code))).to_wire())
    assert "f" in outline.definitions and not outline.unreadable
    return outline.may_have_side_effects(["f"], set())


@pytest.mark.parametrize("name", PURE)
def test_what_computes_has_no_side_effects(name: str) -> None:
    assert not has_side_effects(PURE[name])


@pytest.mark.parametrize("name", IMPURE)
def test_what_may_change_other_things_is_found(name: str) -> None:
    assert has_side_effects(IMPURE[name])


def test_nothing_is_known_of_an_outline_that_does_not_say() -> None:
    assert Outline().may_have_side_effects([], set())


def test_what_the_notebook_lacks_has_none() -> None:
    assert not Outline.of(read(notebook_of("x = 1"))).may_have_side_effects(["f", ".forward"], set())


def test_given_names_are_not_the_notebooks() -> None:
    outline = Outline.of(read(notebook_of("import os\ndef g(x):\n    os.abort()\ndef f(x):\n    return g(x)")))
    assert outline.may_have_side_effects(["f"], set()) and not outline.may_have_side_effects(["f"], {"g"})


# ---------------------------------------------------------------- what is asked again

X = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], dtype=torch.float64)
CASES = [Case(inputs=(X,), outputs={"y": 2 * X}, sizes={"rows": 2})]
QUIET = "def first(x):\n    return x + 1"
LOUD = "import torch\ndef first(x):\n    torch.Tensor.__mul__ = lambda a, b: a\n    return x"


@question("1b", points=1, cases="first")
def check_first(student: Any, case: Case) -> None:
    """Asks whatever comes first."""
    student.first(*case.inputs)


@question("1a", points=10, cases="double")
def check_double(student: Any, case: Case) -> None:
    """Doubles."""
    expect.matches(student.double(*case.inputs), case, dims={"y": "(rows, columns)"}, atol=1e-9, rtol=0)


@pytest.mark.parametrize(
    ("first", "answer", "diagnosis", "processes"),
    [
        (QUIET, "def double(x):\n    return x * 3", "wrong values", 1),
        (QUIET, "def double(x):\n    return x + missing", "error", 1),
        (QUIET, "def dubble(x):\n    return x * 2", "missing", 1),
        (
            QUIET,
            "def double(x):\n    raise MemoryError",
            "memory limit",
            2,
        ),  # which an earlier question may have filled
        (QUIET, "import os\ndef double(x):\n    os._exit(1)", "crash", 2),
        (
            QUIET,
            "import os\ndef double(x):\n    os.environ['a'] = 'b'\n    return x",
            "wrong values",
            1,
        ),  # its own doing
        (LOUD, "def double(x):\n    return x * 3", "wrong values", 2),
        (LOUD, "def double(x):\n    return x * 2", "", 2),  # right by itself
        (QUIET, "def double(x):\n    return x * 2", "", 1),
    ],
)
def test_what_fails_is_asked_again_where_something_earlier_may_be_to_blame(
    sandbox: Sandbox, first: str, answer: str, diagnosis: str, processes: int
) -> None:
    forks = []

    def fork(limits: Limits | None = None) -> Any:
        forks.append(limits)
        return sandbox.fork(limits)

    with Session(fork, notebook_of(first, answer), NAME, 60.0) as session:
        assert put(check_first.question, session, CASES, "seed").state is State.PASS  # type: ignore[attr-defined]
        assert put(check_double.question, session, CASES, "seed").diagnosis == diagnosis  # type: ignore[attr-defined]
    assert len(forks) == processes
