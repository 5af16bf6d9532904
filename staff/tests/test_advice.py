"""What a student reads whose code gave no value: each kind of error has its own hint; what is not written says so."""

import ast
from collections.abc import Callable

import pytest
from marks import put

from autograder.checks import expect, question
from autograder.checks.question import Check
from autograder.marking.verdict import State, Verdict
from autograder.notebook.functions import Function, functions_of, give_announced_names_none, skeleton_digests
from autograder.protocol.session import Session
from autograder.protocol.student import Student

Open = Callable[..., Session]
IMPORTS = "import torch\nfrom torch import nn\ntotal_loss = 0\ndef no_return(x):\n    x + 1\n"


@question("1a", points=10)
def check_one(student: Student) -> None:
    """It gives 1."""
    expect.that(student.f() == 1, "f() is not 1", diagnosis="wrong values")


CHECK: Check = check_one.question  # type: ignore[attr-defined]


def verdict_of(session: Session, check: Check = CHECK) -> Verdict:
    verdict = put(check, session)
    assert len(verdict.message.splitlines()) <= 6
    return verdict


HINTS = [
    ("return totl_loss", "did you mean total_loss in code cell 1?", "the spelling of this name"),
    ("hidden = 1\n    return hiden", "Did you mean: 'hidden'?", "the cell that should define it"),
    ("return torch.softmx", "Did you mean: 'softmax'?", "the spelling of this attribute"),
    ("import torch.no_such_part", "ModuleNotFoundError", "the spelling of what is imported"),
    ("return f()", "RecursionError", "calls itself: what ends that?"),
    ("return open('vocab.txt').read()", "FileNotFoundError", "only those that the notebook itself makes"),
    ("y = no_return(1)\n    return y.shape", "NoneType", "y, which is None here: is a return statement missing"),
    ("return no_return(1) + 1", "NoneType", "what is None on this line: is a return statement missing"),
    (
        "x, w = torch.ones(2, 3), torch.ones(4, 5)\n    return x @ w",
        "there: x (2, 3) float32, w (4, 5) float32",
        "the shapes and types of what it works on",
    ),
    ("x = torch.ones(2, 3)\n    return x.view(4, 5, len('x, y'))", "there: x (2, 3) float32", "shapes and types"),
    ("x = torch.ones(2).double()\n    return x @ torch.ones(2)", "there: x (2,) float64", "shapes and types"),
    ("x = 3\n    return 'a' + x", "there: x is 3", "what is called with what"),
    ("x = [1]\n    return torch.relu(x)", "there: x is list of 1", "what is called with what"),
    ("x = torch.ones(2, 2).long()\n    return x.softmax(1)", "not implemented for 'Long'", "what kind each value is"),
    ("return nn.Module()(1)", 'missing the required "forward"', "has it a method forward"),
    ("return {'a': 1}['b']", "KeyError", "what is looked up on this line"),
    ("a, b, c = 1, 2\n    return a", "not enough values to unpack", "what is called with what"),
    ("return 1 / 0", "ZeroDivisionError", "look at: this line"),
    ("if total_loss:\n        out = 1\n    return out", "'out'", "where out gets its value: line 3 of the cell"),
]


@pytest.mark.parametrize(("body", "words", "hint"), HINTS)
def test_each_kind_of_error_has_its_hint(session: Open, body: str, words: str, hint: str) -> None:
    verdict = verdict_of(session(IMPORTS, f"def f():\n    {body}"))
    assert (verdict.state, verdict.diagnosis) == (State.FAIL, "error")
    assert words in verdict.message
    (last,) = [line for line in verdict.message.splitlines() if line.startswith("look at: ")]
    assert hint in last and ("shapes" in last) == ("shapes" in hint)


def test_variables_on_a_line_that_cannot_be_looked_at_cost_only_the_hint(session: Open) -> None:
    odd = "class Odd:\n    looks = []\n    @property\n    def shape(self):\n        self.looks.append(1)\n"
    odd += "        return 'a' if len(self.looks) < 2 else exit()\nodd = Odd()\n"
    verdict = verdict_of(session(odd + "def f():\n    o = odd\n    return 1 + o.shape"))
    assert verdict.diagnosis == "error" and "TypeError" in verdict.message and "line 10" in verdict.message


NOT_WRITTEN = [
    "pass",
    "...",
    '"""Gives 1."""',
    "raise NotImplementedError",
    "raise NotImplementedError('todo')",
    "output: int\n    return output",
    "pass\n    output: int\n    return output",
    "output = None\n    return output",
    "return None, None",
]


@pytest.mark.parametrize("body", NOT_WRITTEN)
def test_a_function_that_does_nothing_is_not_written(session: Open, body: str) -> None:
    verdict = verdict_of(session("cell = 1", f"def f():\n    {body}"))
    assert (verdict.state, verdict.points, verdict.diagnosis) == (State.FAIL, 0, "not written")
    says, where, *hint = verdict.message.splitlines()
    assert "not written yet" in says and "code cell 2" in where
    assert ("look at: output: returned, but never computed" in hint) == ("return output" in body)


@pytest.mark.parametrize("body", ["print(1)", "x = 2\n    return x", "if total_loss:\n        pass", "return 2"])
def test_a_function_that_does_something_is_written(session: Open, body: str) -> None:
    assert verdict_of(session(IMPORTS, f"def f():\n    {body}")).diagnosis != "not written"


NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        {init}
    def forward(self, x):
        {forward}
    def loss(self, x):
        {loss}
"""


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ({"forward": "return x"}, "Net.forward"),
        ({"loss": "pass"}, "Net.loss"),
        ({"init": "pass", "forward": "return x"}, "Net.forward"),
    ],
)
def test_a_method_that_does_nothing_is_not_written(session: Open, parts: dict[str, str], name: str) -> None:
    @question("1a", points=10)
    def check_net(student: Student) -> None:
        net = student.Net()
        expect.that(net(2) == 3, "net(2) is not 3", diagnosis="wrong values")
        expect.that(net.loss(2) == 4, "net.loss(2) is not 4", diagnosis="wrong values")

    full = {"init": "self.a = 1", "forward": "return x + self.a", "loss": "return x + 2"} | parts
    verdict = verdict_of(session(IMPORTS, NET.format(**full)), check_net.question)  # type: ignore[attr-defined]
    assert (verdict.diagnosis, verdict.message.split()[0]) == ("not written", name)


def test_a_body_of_the_handout_is_not_written() -> None:
    skeleton = ast.parse(
        "def f(x):\n    y = x\n    raise NotImplementedError('f is not written yet')\n    return y\n"
        "def given(x):\n    return x + 1\n"
    )
    ((name, digest),) = skeleton_digests([skeleton])
    (mine,) = functions_of([(1, ast.parse("def f(x):\n    '''mine'''\n    y = x  # nothing\n    pass\n    return y"))])
    assert (mine.name, mine.digest) == (name, digest) == ("f", digest) and digest
    (other,) = functions_of([(1, ast.parse("def f(x):\n    y = x + 1\n    return y"))])
    assert other.digest not in ("", digest)


def test_names_that_are_only_announced_are_none() -> None:
    lines = ["a: int = 1", "b: int", "c: int", "d: int", "for d in (): pass", "return a, b, c, d"]
    tree = ast.parse("\n    ".join(["def f(c: int):", *lines]) + "\nb: int")
    give_announced_names_none(tree)
    assert [line.strip() for line in ast.unparse(tree).splitlines() if ": int" in line and "def" not in line] == [
        "a: int = 1", "b: int = None", "c: int", "d: int", "b: int",
    ]  # fmt: skip


def test_functions_survive_the_wire() -> None:
    (function,) = functions_of([(3, ast.parse("\ndef f(x):\n    return x"))])
    assert Function.from_wire(function.to_wire()) == function == Function("f", 3, 2, 3, "", "x", ("x",))
