"""What Colab's machine has and a sandbox lacks costs an answer nothing: its GPU, its folders, its programs."""

from collections.abc import Callable
from typing import Any

import pytest

from autograder.protocol.faults import Fault, StudentError
from autograder.protocol.inquiry import begin
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Student

Open = Callable[..., Session]


def asked(session: Session, name: str = "f") -> Any:
    return getattr(Student(begin(session, Rules(), seed=0)), name)()


def given(body: str) -> str:
    return f"import torch\nfrom torch import nn\ndef f():\n    x = torch.ones(2, 2)\n    {body}"


IDLE_DEVICE = [
    ("return torch.cuda.memory_allocated() + torch.cuda.max_memory_reserved(0) + torch.cuda.utilization()", 0),
    ("return torch.cuda.current_device()", 0),
    ("return torch.cuda.get_device_name(0)", "no GPU"),
    ("return torch.cuda.get_device_properties('cuda').total_memory // 2**30", 16),
    ("return torch.cuda.mem_get_info()[1] // 2**30", 16),
    ("return torch.cuda.memory_stats()['allocated_bytes.all.peak']", 0),
    ("return len(torch.cuda.memory_summary(device=0, abbreviated=True))", 0),
    ("torch.cuda.reset_peak_memory_stats(); torch.cuda.empty_cache(); return torch.cuda.is_available()", False),
    ("torch.cuda.set_rng_state(torch.cuda.get_rng_state()); return torch.cuda.initial_seed() >= 0", True),
    ("return torch.cuda.memory._record_memory_history(max_entries=9)", 0),
    ("torch.cuda.nvtx.range_push('step'); return torch.cuda.nvtx.range_pop()", -2),
    ("a, b = torch.cuda.Event(enable_timing=True), torch.Event('cuda'); a.record(); b.record()"
     "; b.synchronize(); return 0 <= a.elapsed_time(b) < 1e6 and b.query()", True),
    ("s = torch.cuda.Stream(); x.record_stream(s); s.wait_stream(torch.cuda.current_stream())"
     "; return s.query()", True),
    ("with torch.cuda.stream(torch.cuda.Stream(0)), torch.cuda.device(0): return x.sum().item()", 4.0),
    ("torch.mps.synchronize(); torch.mps.manual_seed(1); return torch.mps.current_allocated_memory()", 0),
    ("n = len(torch.cuda._queued_calls); torch.manual_seed(3); torch.cuda.seed_all(); torch.mtia.manual_seed(3)"
     "; return len(torch.cuda._queued_calls) - n", 0),
    ("return torch.ones(2, device='mps').to('xpu').device.type", "cpu"),
    ("with torch.device('mps'): return nn.Linear(2, 2).to('mps')(x).device.type", "cpu"),
    ("a = torch.accelerator; a.synchronize(); return x.to(a.current_accelerator()).device.type", "cpu"),
    ("torch.set_default_tensor_type('torch.cuda.DoubleTensor'); return str(torch.ones(1).dtype)", "torch.float64"),
    ("return torch.empty(3, pin_memory=True).pin_memory().shape[0]", 3),
    ("with torch.autocast('cuda', dtype=torch.float16): return str((x @ x).dtype)", "torch.float32"),
    ("with torch.autocast('cpu', torch.bfloat16): return str((x @ x).dtype)", "torch.float32"),
    ("m = nn.Linear(2, 2); m.compile(); return torch.compile(m, mode='max-autotune')(x).shape[0]", 2),
    ("return torch.compile(dynamic=True)(torch.sum)(x).item()", 4.0),
]  # fmt: skip


@pytest.mark.parametrize(("body", "value"), IDLE_DEVICE)
def test_questions_about_an_accelerator_are_answered(session: Open, body: str, value: object) -> None:
    assert asked(session(given(body))) == value


OPTIMIZERS = """
import sys
import torch
def f():
    worse, optim = [], torch.optim
    kinds = {name for name in optim.__all__ if isinstance(getattr(optim, name), type)} - {"Optimizer", "SparseAdam"}
    for name in sorted(kinds):
        torch.manual_seed(1)
        layer, inputs = torch.nn.Linear(3, 2, bias=False), torch.ones(4, 3)
        optimizer = getattr(optim, name)(layer.parameters(), lr=1e-3)
        def loss():
            optimizer.zero_grad()
            value = (layer(inputs) ** 2).sum()
            value.backward()
            return value
        first = optimizer.step(loss)
        optimizer.load_state_dict(optimizer.state_dict())
        if not loss() < first or layer.weight.grad_fn is not None:
            worse.append(name)
    return len(kinds), worse, "torch._dynamo" in sys.modules
"""
TWICE = """
def f():
    weight = torch.ones(2, requires_grad=True)
    changed = weight.clone()
    changed.grad = (weight ** 2)
    torch.optim.SGD([changed], lr=0.5, differentiable=True).step()
    changed.sum().backward()
    return weight.grad
"""


def test_an_optimizer_works_without_the_compiler(session: Open) -> None:
    number, worse, compiler = asked(session(OPTIMIZERS))
    assert number > 10 and worse == [] and not compiler


def test_a_step_may_be_differentiated(session: Open) -> None:
    assert asked(session("import torch", TWICE)).tolist() == [0.0, 0.0]


FILES = [
    "os.makedirs('/content/a', exist_ok=True); os.makedirs('/content/a', exist_ok=True)",
    "torch.save(x, '/content/a/last.pt'); torch.load('/content/a/last.pt')",
    "Path('/content/a').mkdir(parents=True); (Path('/content/a') / 'log').write_text('')",
    "os.chdir('/content/a'); open('log', 'w').close(); os.stat('/content/a/log'); os.chdir('/content')",
    "open('/content/b', 'w').close(); os.rename('/content/b', '/content/a')",
    "open('/content/a', 'a').close(); open('/tmp/no-one-has-this', 'w').close(); os.remove('/tmp/no-one-has-this')",
    "logging.FileHandler('/content/a').emit(logging.makeLogRecord({}))",
    "(Path('/content/b').touch(), Path('/content/b').rename('/content/a'))",
    "np.savetxt('/content/a', np.ones(2)); np.loadtxt('/content/a')",
    "np.save('/content/b', np.ones(2)); shutil.move('/content/b.npy', '/content/a')",
]


@pytest.mark.parametrize("body", FILES)
def test_folders_of_colab_are_there(session: Open, body: str) -> None:
    imports = "import logging, os, shutil\nimport numpy as np\nfrom pathlib import Path\n"
    assert asked(session(imports + given(f"{body}; return os.listdir('/content')"))) == ["a"]


def test_a_file_on_colab_that_is_not_here_is_nobodys_mistake(session: Open) -> None:
    for body, fault in (("open('/content/drive/MyDrive/vocab')", Fault.MISSING_FILE), ("open('vocab')", Fault.ERROR)):
        with pytest.raises(StudentError) as caught:
            asked(session(given(body)))
        assert caught.value.diagnosis == fault and "vocab" in str(caught.value)


def test_what_the_system_refuses_stays_refused(session: Open) -> None:
    for path in ("/etc/motd", "/usr/lib/x", "/proc/x"):
        with pytest.raises(StudentError, match="Error"):
            asked(session(given(f"open({path!r}, 'w')")))


PROGRAMS = [
    "return subprocess.run(['nvidia-smi'], capture_output=True, text=True, check=True).stdout",
    "return subprocess.check_output('nvidia-smi --query-gpu=name', shell=True).decode()",
    "return subprocess.getoutput('nvidia-smi')",
    "return os.popen('nvidia-smi').read()",
    "p = subprocess.Popen(['nvidia-smi'], stdout=-1); p.wait(); p.kill(); return p.communicate()[0].decode()",
]


@pytest.mark.parametrize("body", PROGRAMS)
def test_a_program_that_tells_about_the_machine_says_nothing(session: Open, body: str) -> None:
    assert asked(session("import os, subprocess\n" + given(body))) == ""


def test_modules_of_colab_do_nothing(session: Open) -> None:
    cell = "from google.colab import drive, files\nimport google.colab.output\n"
    body = "drive.mount('/content/drive'); files.download('x'); return google.colab.output.clear()"
    assert asked(session(cell + "import google\n" + given(body))) is None


DOUBLE = "torch.set_default_dtype(torch.float64)"
DTYPE = "def f():\n    return str(torch.ones(1).dtype)"


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        ((DOUBLE, DTYPE), "torch.float64"),
        ((DTYPE, DOUBLE), "torch.float32"),
        ((DTYPE, "from torch import set_default_dtype as s\ns(torch.float64)"), "torch.float32"),
        ((DOUBLE, "torch.set_default_dtype(torch.float32)", DTYPE), "torch.float32"),
        ((DTYPE, DOUBLE, DTYPE), "torch.float64"),
        (("torch.set_default_dtype(unknown)", DTYPE), "torch.float32"),
        ((f"def setup():\n    {DOUBLE}", "setup()", DTYPE), "torch.float64"),
        ((f"def setup():\n    {DOUBLE}", DTYPE, "setup()"), "torch.float32"),
    ],
)
def test_the_default_dtype_is_that_of_the_defining_cell(session: Open, cells: tuple[str, ...], dtype: str) -> None:
    assert asked(session("import torch", *cells)) == dtype


def test_a_module_is_called_with_the_dtype_of_its_class(session: Open) -> None:
    make = "class Net(torch.nn.Module):\n    def forward(self):\n        return torch.ones(1)"
    student = Student(begin(session("import torch", DTYPE, DOUBLE, make), Rules(), seed=0))
    module = student.Net()
    assert student.f() == "torch.float32"
    assert str(module().dtype) == "torch.float64"
