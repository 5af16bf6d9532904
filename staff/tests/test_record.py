"""The record of what ran in the student's process: which calls and layers count, and what they are called."""

from collections.abc import Callable

import pytest
import torch
from marks import put

from autograder.checks.question import question
from autograder.marking.verdict import State
from autograder.notebook.findings import BrokenRule
from autograder.protocol.inquiry import begin
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Student

Open = Callable[..., Session]
Ran = Callable[..., list[BrokenRule]]
FORBID = (
    "torch.nn.GRU*", "torch.gru*", "torch.autograd.*", "*.backward", "*.grad_fn", "torch.nn.Flatten",
    "torch.nn.functional.*loss*", "torch.nn.*Loss*", "torch.nll_loss*", "*.scaled_dot_product_*attention*",
)  # fmt: skip
X = torch.ones(2, 3)


@pytest.fixture
def ran(session: Open) -> Ran:
    """What the record says of a call of `f(x)`; no name stands in the text, as all are made by `at`."""

    def call(source: str, *forbid: str, allow: tuple[str, ...] | None = None) -> list[BrokenRule]:
        text = (
            "import torch, functools\nfrom torch import nn\n"
            "def at(where, *names):\n    return functools.reduce(getattr, ''.join(names).split('.'), where)\n"
        )
        inquiry = begin(session(text + source), Rules(forbid or FORBID, allow), 0)
        Student(inquiry).f(X)
        return [one for one in inquiry.broken_rules() if one.certain]

    return call


CALLS = {
    "def f(x):\n    return at(torch, 'nn.GRU')(3, 2)(x)[0]": "torch.nn.GRU",
    "def f(x):\n    return nn.Sequential(*[at(nn, 'Fla', 'tten')()])(x)": "torch.nn.Flatten",
    "def f(x):\n    return at(nn, 'Fla', 'tten')().forward(x)": "torch.nn.Flatten",
    "class Flat(at(nn, 'Fla', 'tten')):\n    pass\ndef f(x):\n    return Flat()(x)": "torch.nn.Flatten",
    "def f(x):\n    return at(torch, 'ops.aten.nll_', 'loss_nd')(x, torch.tensor([0, 1]))": "torch.nll_loss_nd",
    "def f(x):\n    return at(torch, '_refs.nn.functional.nll_', 'loss')(x, torch.tensor([0, 1]))\n"
    "import torch._refs": "torch.nll_loss",
    "import torch._decomp\ndef f(x):\n    decomposed = at(torch, '_decomp.decompositions.nll_', 'loss_forward')\n"
    "    return decomposed(x, torch.tensor([0, 1]), None, 1, -100)[0]": "torch.nll_loss_forward",
    "def f(x):\n    return at(torch, '_scaled_dot_product', '_attention_math')(x, x, x)[0]": (
        "torch.scaled_dot_product_attention_math"
    ),
    "def f(x):\n    p = nn.Parameter(x)\n    (p * p).sum().__getattribute__('back' + 'ward')()\n    return p.grad": (
        "torch.Tensor.backward"
    ),
    "def f(x):\n    p = nn.Parameter(x)\n    engine = type(at(torch, 'auto', 'grad.Variable._execution_engine'))()\n"
    "    engine.run_backward(((p * p).sum(),), (torch.tensor(1.),), False, False, (), accumulate_grad=True)\n"
    "    return p.grad": "torch.autograd.backward",
    "def f(x):\n    p = nn.Parameter(x)\n    return at((p * 2), 'grad', '_fn')(x)": "torch.Tensor.grad_fn",
    "import torch\ndef f(x):\n    forward = at(torch, 'auto', 'grad.forward_ad')\n    with forward.dual_level():\n"
    "        return forward.unpack_dual(forward.make_dual(x, x) * 2).tangent": "torch.autograd.forward_ad.make_dual",
}


@pytest.mark.parametrize("source", CALLS)
def test_a_call_is_seen_by_what_it_is(source: str, ran: Ran) -> None:
    assert CALLS[source] in {one.call for one in ran(source)}


def test_an_answer_that_is_the_built_in_counts_without_a_line_of_its_own(session: Open) -> None:
    for source in (
        "f = at(torch, 'gelu')",
        "f = functools.partial(at(torch, 'gelu'))",
        "f = at(torch, 'gelu').__call__",
    ):
        text = "import torch, functools\nat = lambda where, name: getattr(where.nn.functional, name)\n"
        inquiry = begin(session(text + source), Rules(("*.gelu",)), 0)
        Student(inquiry).f(X)
        assert [(one.cell, one.certain) for one in inquiry.broken_rules() if one.certain] == [(0, True)]


INNOCENT = [
    "def f(x):\n    return nn.Linear(3, 2)(x)",
    "import torch.utils.checkpoint\nlayer = nn.Linear(3, 2)\n"
    "def f(x):\n    return torch.utils.checkpoint.checkpoint(layer, x, use_reentrant=False).detach()",
    "class Layer:\n    def backward(self, x):\n        return x\ndef f(x):\n    return at(Layer(), 'backward')(x)",
    "def f(x):\n    with torch.no_grad():\n        print(x, x.requires_grad)\n        return x * 2",
    "layer = nn.Linear(3, 2)\ndef f(x):\n    print(layer.weight)\n    return layer(x).detach()",
]


@pytest.mark.parametrize("source", INNOCENT)
def test_what_torch_calls_for_something_allowed_is_no_offence(source: str, ran: Ran) -> None:
    assert ran(source) == []


def test_what_an_allowed_layer_calls_inside_is_torchs_own(ran: Ran) -> None:
    source = "class f(nn.Module):\n    pass\ncell = nn.GRU(3, 2)\ndef f(x):\n    return cell(x)[0]"
    assert ran(source, "torch.gru") == []
    assert [one.call for one in ran(source, "torch.nn.GRU")][:1] == ["torch.nn.GRU"]


HOOKED = {
    "cell.register_forward_hook(lambda module, given, got: (at(torch, 'gelu')(got[0]), got[1]))": True,
    "cell.register_forward_pre_hook(lambda module, given: (at(torch, 'gelu')(given[0]),))": True,
    "cell.forward = lambda x: (at(torch, 'gelu')(x), None)": True,
    "nn.GRU.forward = lambda self, x: (at(torch, 'gelu')(x), None)": True,
    "cell.eval()": False,
}


@pytest.mark.parametrize(("change", "seen"), HOOKED.items())
def test_what_a_student_hangs_on_a_recurrent_layer_is_seen(session: Open, change: str, seen: bool) -> None:
    text = "import torch\nfrom torch import nn\nat = lambda where, name: getattr(where.nn.functional, name)\n"
    source = f"cell = nn.GRU(3, 2)\ndef f(x):\n    {change}\n    return cell(x)[0].detach()"
    inquiry = begin(session(text + source), Rules(("*.gelu",)), 0)
    Student(inquiry).f(X)
    assert ("torch.nn.functional.gelu" in {one.call for one in inquiry.broken_rules() if one.certain}) == seen


def test_layers_that_are_called_are_held_against_those_that_are_allowed(ran: Ran) -> None:
    source = "kept = [nn.Linear(3, 3), nn.ReLU()]\ndef f(x):\n    for one in kept:\n        x = one(x)\n    return x"
    assert ran(source, allow=("torch.nn.Linear", "torch.nn.*ReLU*")) == []
    (found,) = ran(source, allow=("torch.nn.Linear",))
    assert (found.call, found.diagnosis, found.cell, found.line) == ("torch.nn.ReLU", "forbidden layer", 1, 8)


def test_a_module_that_works_on_no_tensor_is_no_layer(ran: Ran) -> None:
    source = (
        "import torchtext\nwords = torchtext.vocab.Vocab(['a', 'b'])\n"
        "def f(x):\n    return x * words(['b'])[0], nn.ReLU()([x][0])"
    )
    (found,) = ran(source, allow=("torch.nn.Linear",))
    assert found.call == "torch.nn.ReLU"


def test_a_result_with_a_graph_is_a_suspicion(session: Open) -> None:
    inquiry = begin(session("import torch\ndef f(x):\n    return torch.nn.Parameter(x) * 2"), Rules(FORBID), 0)
    Student(inquiry).f(X)
    assert [(one.call, one.certain) for one in inquiry.broken_rules()] == [("a result with a graph", False)]


SWITCHES = {
    "torch.set_grad_enabled(False)": ["torch.is_grad_enabled()"],
    "torch.set_default_dtype(torch.float64)": ["torch.get_default_dtype()"],
    "torch.manual_seed(7)": [],
    "torch.rand(2)": [],
    "with torch.no_grad():\n        x = x * 2": [],
}


@pytest.mark.parametrize(("code", "names"), SWITCHES.items())
def test_a_switch_that_a_call_leaves_is_shown_to_a_person(session: Open, code: str, names: list[str]) -> None:
    inquiry = begin(session(f"import torch\ndef f(x):\n    {code}\n    return x + 0"), Rules(FORBID), 0)
    for _ in range(2):
        Student(inquiry).f(X)
    assert [one.call for one in inquiry.broken_rules()] == [f"{name} is another after the call" for name in names]


def test_a_module_that_ends_its_own_training_is_shown_to_a_person(session: Open) -> None:
    forward = "    def forward(self, x):\n        self.eval()\n        return x + 0"
    inquiry = begin(session(f"from torch import nn\nclass M(nn.Module):\n{forward}"), Rules(FORBID), 0)
    module = Student(inquiry).M()
    module(X)
    assert [one.call for one in inquiry.broken_rules()] == ["self.training is another after the call"]


@pytest.mark.parametrize("forbid", [("torch.gru",), ()])
def test_a_check_asks_what_the_last_call_ran_and_flags_it(session: Open, forbid: tuple[str, ...]) -> None:
    source = "import torch\nfrom torch import nn\nlayer = nn.Linear(3, 2)\ndef f(x):\n    return layer(x.tanh().tanh())"
    seen = []

    @question("1", points=2, forbid=forbid)
    def check(student):  # type: ignore[no-untyped-def]
        student.f(X)
        seen.append(
            [student.ran("*.tanh"), student.ran("torch.nn.Linear"), student.ran("*linear"), student.ran("*.gru")]
        )
        for _ in range(2):
            student.flag("tanh ran twice")

    verdict = put(check.question, session(source), [], 0)  # type: ignore[attr-defined]
    assert seen == [[2, 1, 1, 0]]
    assert (verdict.state, verdict.flags) == (State.PASS, ("tanh ran twice",))


@pytest.mark.parametrize(
    ("code", "used"),
    [
        ("def train(scheduler):\n    scheduler.step()", False),
        ("def train(scheduler):\n    scheduler.update()", True),
        ("rates = Rates()\nfor _ in range(3):\n    rates.update()", True),
        ("later = [Rates().update]", True),
    ],
)
def test_a_check_asks_whether_a_method_is_called_outside_of_its_class(session: Open, code: str, used: bool) -> None:
    given = "class Rates:\n    def __init__(self):\n        self.update()\n    def update(self):\n        pass\n"
    assert Student(begin(session(given, code), Rules(), 0)).uses("update", of="Rates") is used
    assert Student(begin(session(code), Rules(), 0)).uses("update", of="Rates") is True
