"""Modules that stay in the student's process; Colab's GPU and data loaders on a machine without."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from marks import put

from autograder.checks import expect
from autograder.checks.question import Check
from autograder.marking.verdict import State
from autograder.protocol.faults import StudentError
from autograder.protocol.frames import Opaque
from autograder.protocol.inquiry import begin
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Handle, Student

Open = Callable[..., Session]
NET = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.width, self.question, self.odd = width, "net", {1, 2}
        self.inner = nn.Sequential(nn.Linear(width, 3), nn.Dropout(0.5))
        self.scale = nn.Parameter(torch.ones(2, 1))
    def forward(self, x):
        return self.inner(x) * self.scale
"""


@pytest.fixture
def net(session: Open) -> Handle:
    opened = session(NET)
    handle = Student(begin(opened, Rules(), 0)).Net(4)
    assert isinstance(handle, Handle) and repr(handle) == "<Net of the student>"
    return handle


def test_a_handle_is_described_by_the_class_of_its_object(net: Handle) -> None:
    assert expect.describe((net, net.inner)) == "a tuple of 2: a value of type Net, a value of type Sequential"


def test_inventory_lists_every_module_in_order(net: Handle) -> None:
    entries = [(entry.name, entry.kind, dict(entry.parameters)) for entry in net.inventory()]
    assert entries == [
        ("", "Net", {"scale": (2, 1)}),
        ("inner", "torch.nn.Sequential", {}),
        ("inner.0", "torch.nn.Linear", {"weight": (3, 4), "bias": (3,)}),
        ("inner.1", "torch.nn.Dropout", {}),
    ]


def test_attributes_are_copies_values_handles_or_named_errors(net: Handle) -> None:
    assert net.width == 4 and net.question == "net" and torch.equal(net.scale, torch.ones(2, 1))
    assert isinstance(net.inner, Handle) and isinstance(net.odd, Opaque)
    with pytest.raises(StudentError, match="Net has no attribute nothing"):
        net.nothing  # noqa: B018


def test_loaded_parameters_are_used(net: Handle) -> None:
    weight, bias = torch.arange(12.0).reshape(3, 4), torch.tensor([1.0, 2.0, 3.0])
    net.load({"inner.0.weight": weight, "inner.0.bias": bias})
    net.eval()
    x = torch.ones(2, 4)
    assert torch.allclose(net(x), x @ weight.T + bias)


def test_train_and_eval_switch_dropout(net: Handle) -> None:
    x = torch.ones(2, 4)
    net.eval()
    assert torch.equal(net(x), net(x))
    net.train()
    assert not all(torch.equal(net(x), net(x)) for _ in range(8))


@pytest.mark.parametrize("parameters", [{"inner.0.weight": torch.ones(4, 3)}, {"elsewhere": torch.ones(1)}])
def test_a_parameter_that_does_not_fit_is_named(net: Handle, parameters: dict[str, torch.Tensor]) -> None:
    with pytest.raises(StudentError, match=next(iter(parameters))):
        net.load(parameters)


def test_private_names_stay_private(net: Handle) -> None:
    with pytest.raises(AttributeError):
        net._modules  # noqa: B018


def test_modules_inside_a_returned_tuple_are_handles(session: Open) -> None:
    opened = session(NET + "\ndef pair():\n    return Net(2), 5")
    first, second = Student(begin(opened, Rules(), 0)).pair()
    assert isinstance(first, Handle) and second == 5


def question_of(check: Callable[..., None], **rules: Any) -> Check:
    return Check("1", 1, check, rules=Rules(**rules), fixtures=frozenset({"student"}))


def test_layers_that_are_not_allowed_cost_the_points(session: Open) -> None:
    def check(student: Any) -> None:
        student.Net(2)

    allowed = put(
        question_of(check, allow_layers=("torch.nn.Linear", "torch.nn.Seq*", "torch.nn.Dropout")), session(NET), [], 0
    )
    assert allowed.state is State.PASS
    refused = put(question_of(check, allow_layers=("torch.nn.Linear", "torch.nn.Seq*")), session(NET), [], 0)
    assert (refused.diagnosis, refused.points) == ("forbidden layer", 0)
    assert "torch.nn.Dropout" in refused.message


def test_a_subclass_of_a_forbidden_layer_is_one(session: Open) -> None:
    def check(student: Any) -> None:
        student.Mine(2, 2)

    opened = session("from torch import nn\nclass Mine(nn.GRUCell):\n    pass")
    verdict = put(question_of(check, allow_layers=("torch.nn.Linear",)), opened, [], 0)
    assert (verdict.diagnosis, verdict.points) == ("forbidden layer", 0) and "torch.nn.GRUCell" in verdict.message


CUDA = [
    "x.cuda()",
    "x.cuda(0)",
    "x.to('cuda')",
    "x.to(0)",
    "torch.zeros(2, device=0) + x",
    "x.to('cuda', non_blocking=True, copy=True)",
    "x.to(torch.device('cuda:0'), torch.float64)",
    "x.to(device='cuda', dtype=torch.float32)",
    "torch.zeros(2, device='cuda') + x",
    "torch.tensor([0.0, 0.0], device=torch.device('cuda')) + x",
    "torch.cuda.FloatTensor([0.0, 0.0]) + x",
    "x.type(torch.cuda.FloatTensor)",
    "x.type('torch.cuda.FloatTensor')",
    "nn.Linear(2, 2, device='cuda')(x)",
    "nn.Linear(2, 2).cuda()(x.cuda())",
    "nn.Linear(2, 2).to('cuda')(x)",
    "torch.randn(2, generator=torch.Generator(device='cuda'), device='cuda')",
    "(torch.save(x, 'x.pt'), torch.load('x.pt', map_location='cuda:0'))[1]",
    "(torch.save(x, 'x.pt'), torch.load('x.pt', map_location={'cpu': 'cuda:0'}))[1]",
    "(torch.save(x, 'x.pt'), torch.load('x.pt'))[1]",
    "(torch.cuda.synchronize(), torch.cuda.set_device(0), x)[2]",
    "next(iter(DataLoader([x, x], batch_size=2, num_workers=4, persistent_workers=True, prefetch_factor=2)))",
    "next(iter(DataLoader([x, x], 1, False, None, None, 2, None, True)))",
]


@pytest.mark.parametrize("expression", CUDA)
def test_code_written_for_colab_runs_on_the_cpu(session: Open, expression: str) -> None:
    imports = "import torch\nfrom torch import nn\nfrom torch.utils.data import DataLoader"
    opened = session(imports, f"def f(x):\n    return {expression}")
    value = Student(begin(opened, Rules(), 0)).f(torch.ones(2))
    assert value.device.type == "cpu" and value.shape[-1] == 2


def test_a_default_device_of_cuda_is_the_cpu(session: Open) -> None:
    opened = session(
        "import torch\n"
        "def f():\n"
        "    torch.set_default_device('cuda')\n"
        "    with torch.device('cuda'):\n"
        "        return torch.zeros(3) + torch.ones(3, device='cuda')"
    )
    assert torch.equal(Student(begin(opened, Rules(), 0)).f(), torch.ones(3))


def test_global_switches_are_reset_between_questions(session: Open) -> None:
    opened = session(
        "import torch\n"
        "def spoil():\n"
        "    torch.set_default_dtype(torch.float64); torch.set_grad_enabled(False); torch.set_default_device('meta')\n"
        "def look():\n"
        "    return torch.ones(1, requires_grad=True) * 2, torch.is_grad_enabled()"
    )
    Student(begin(opened, Rules(), 0)).spoil()
    value, grad = Student(begin(opened, Rules(), 0)).look()
    assert value.dtype == torch.float32 and grad


def test_data_and_torchtext_can_be_imported_whatever_the_path(session: Open) -> None:
    opened = session(
        "import sys\nsys.path.clear()\nimport data\nfrom torchtext.data.utils import get_tokenizer\n"
        "def f():\n    sys.path[:] = []\n    return data.__name__, get_tokenizer('basic_english')('Hello, you!')"
    )
    assert Student(begin(opened, Rules(), 0)).f() == ("data", ["hello", ",", "you", "!"])


def test_data_sets_are_the_shipped_samples_without_a_download(session: Open) -> None:
    opened = session(
        "from data import load_ag_news\nrows = load_ag_news('test')\n"
        "from torchtext.datasets import IMDB\nreviews = list(IMDB(root='.data', split='test'))",
        "def f():\n    import os\n    return len(rows), len(reviews), os.listdir('.')",
    )
    assert Student(begin(opened, Rules(), 0)).f() == (200, 100, [])


WHOLE = """
from __future__ import annotations
import copy, inspect
from dataclasses import dataclass
import torch
from torch import nn

@dataclass
class Config:
    width: int
    layers: list[Missing] = None

class Base(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.config, self.linear = config, nn.Linear(config.width, 3)
    def forward(self, x):
        return self.linear(x)

class Net(Base):
    def forward(self, x):
        return super().forward(x) + 1

def whole(x):
    net = Net(Config(2))
    torch.save(net, "net.pt")
    loaded = torch.load("net.pt", weights_only=False)
    return torch.equal(loaded(x), net(x)), torch.equal(copy.deepcopy(net)(x), net(x)), inspect.getsource(Net)
"""


def test_classes_of_the_notebook_are_saved_copied_and_shown_as_in_a_real_run(session: Open) -> None:
    opened = session(WHOLE)
    loaded, copied, source = Student(begin(opened, Rules(), 0)).whole(torch.ones(1, 2))
    assert loaded and copied and source.startswith("class Net(Base):") and "super().forward(x) + 1" in source


STAND_IN = """
class Box:
    def __init__(self, value):
        self.value = value
    def add(self, other):
        return Box(self.value + other.value)
def empty():
    return Box(0)
"""


def test_methods_and_instances_of_stand_ins_stay_there_and_are_called(session: Open) -> None:
    opened = session("def double(box):\n    return box.add(box)\ndef own():\n    class Own: pass\n    return Own()")
    student = Student(begin(opened, Rules(), 0))
    student.given(Box=STAND_IN, empty=STAND_IN)
    box = student.Box(3)
    assert isinstance(box, Handle) and isinstance(box.add, Handle)
    assert box.add(box).value == 6
    assert student.double(box).value == 6
    assert box.add(student.empty()).value == 3  # one source, one class
    assert isinstance(student.own(), Opaque)


def test_parameters_take_another_shape_if_asked(net: Handle) -> None:
    net.load({"inner.0.weight": torch.ones(3, 5)}, reshape=True)
    net.eval()
    assert net(torch.ones(2, 5)).shape == (2, 3)
    with pytest.raises(StudentError, match="elsewhere"):
        net.load({"elsewhere": torch.ones(1)}, reshape=True)


def test_progress_bars_of_colab_need_no_widgets(session: Open) -> None:
    code = "from tqdm.notebook import tqdm, trange\ndef f():\n    return [i for i in tqdm(trange(3))]"
    opened = session(code)
    assert Student(begin(opened, Rules(), 0)).f() == [0, 1, 2]
