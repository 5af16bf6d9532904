"""The check in a kernel: current definitions, the same verdicts, and nothing of the kernel is another afterwards."""

import ast
import itertools
import random
import re
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from korean import english_in, in_korean
from torch import nn

from autograder.authoring import build
from autograder.course.course import Course
from autograder.course.data_package import import_data
from autograder.course.manifest import load
from autograder.marking.evidence import Evidence
from autograder.marking.verdict import State, Verdict
from autograder.messages import load_language
from autograder.protocol.grid import grid
from autograder.selfcheck.live import cells, marking
from autograder.selfcheck.live.check import NotebookCheck
from autograder.selfcheck.live.homework import Homework
from autograder.selfcheck.live.result import html
from autograder.selfcheck.table import Result, text

ROOT = Path(__file__).parents[2]
GRU = build.solution_notebook(build.read_sources(ROOT, ["gru"]))
RIGHT = [cell.source for cell in GRU.cells if cell.cell_type == "code" and "def gru_" in cell.source]
UNWRITTEN = "def gru_forward(input, hidden, *_):\n    raise NotImplementedError('gru_forward is not written yet')"


class Kernel:
    """As much of IPython's shell as a check asks for: what ran, and its names."""

    def __init__(self) -> None:
        self.user_ns: dict[str, Any] = {"__name__": "__main__"}
        self.history_manager = SimpleNamespace(input_hist_raw=[""])

    def run(self, *sources: str) -> None:
        """Runs cells, which may fail."""
        for source in sources:
            self.history_manager.input_hist_raw.append(source)
            try:
                exec(compile(source, "<kernel>", "exec"), self.user_ns)
            except Exception as error:
                self.user_ns["failure"] = error

    def name(self, **values: Any) -> None:
        """Values that no cell has made."""
        self.user_ns.update(values)


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    """A kernel that runs this test, in which torch is imported."""
    made = Kernel()
    monkeypatch.setattr(cells, "shell", lambda: made)
    made.run("import torch")
    return made


@pytest.fixture(scope="module")
def homework() -> Homework:
    return Homework.of("gru")


def verdict(homework: Homework, question: str = "2-1-1a") -> Verdict:
    (found,) = marking.verdicts(homework, [question])
    return found


def within(homework: Homework, seconds: float) -> Homework:
    """The homework with another limit of time."""
    limits = replace(homework.assignment.limits, seconds=seconds)
    other = replace(homework, assignment=replace(homework.assignment, limits=limits))
    other.__dict__["course"] = replace(homework.course, assignment=other.assignment)
    return other


def test_solutions_earn_full_marks_without_having_run(kernel: Kernel, homework: Homework) -> None:
    kernel.history_manager.input_hist_raw += RIGHT
    assert [one.state for one in marking.verdicts(homework, ["2-1-1a", "2-1-1b"])] == [State.PASS] * 2


def test_the_definition_that_ran_last_counts_wherever_its_cell_stands(kernel: Kernel, homework: Homework) -> None:
    kernel.run(UNWRITTEN, RIGHT[0], UNWRITTEN)
    assert verdict(homework).diagnosis == "not written", verdict(homework)
    kernel.run(RIGHT[0])
    assert verdict(homework).state is State.PASS


def test_a_version_that_does_not_parse_leaves_the_one_before(kernel: Kernel, homework: Homework) -> None:
    kernel.run(RIGHT[0], "def gru_forward(input:")
    assert verdict(homework).state is State.PASS


def test_a_name_that_no_cell_defines_is_the_kernels(kernel: Kernel, homework: Homework) -> None:
    kernel.run(RIGHT[0])
    kernel.history_manager.input_hist_raw[:] = ["", "%run my_answer.py"]
    assert verdict(homework).state is State.PASS


def test_values_of_the_kernel_are_not_made_a_second_time(kernel: Kernel, homework: Homework) -> None:
    kernel.run("made = []", "def load():\n    made.append(1)\n    return torch.sigmoid", "activation = load()")
    kernel.name(rows=load_nothing, scale=2)
    kernel.run("data = {'rows': len([1, 2]), 'one': max(1, 0)}")
    kernel.run(RIGHT[0].replace("torch.sigmoid(", "data['one'] * torch.sigmoid("))
    assert verdict(homework).state is State.PASS
    assert kernel.user_ns["made"] == [1]


def load_nothing() -> None:
    raise AssertionError("nobody asks for this")


def test_what_is_missing_is_missing(kernel: Kernel, homework: Homework) -> None:
    kernel.run("gru_forwrad = 1")
    assert verdict(homework).diagnosis == "missing"


def state_of_everything() -> dict[str, Any]:
    engine = torch.autograd.Variable._execution_engine
    return {
        "random": random.getstate(),
        "arrays": np.random.get_state(legacy=False)["state"]["key"].tolist(),
        "tensors": torch.get_rng_state().tolist(),
        "dtype": torch.get_default_dtype(),
        "device": torch.get_default_device(),
        "modes": torch._C._len_torch_function_stack(),
        "gradients": torch.is_grad_enabled(),
        "threads": torch.get_num_threads(),
        "main": sys.modules["__main__"],
        "modules": {name for name in sys.modules if name.startswith("google.colab")},
        "finders": [*sys.meta_path],
        "filters": [*warnings.filters],
        "recursion": sys.getrecursionlimit(),
        "lines": {name for name in __import__("linecache").cache if "code cell" in name},
        "patched": (nn.Module.__call__, engine, torch.compile, torch.load, torch.autocast.__init__),
        "accelerators": (torch.cuda.is_available, torch.cuda.Event, torch.Tensor.__dict__.get("record_stream")),
        "handlers": (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)),
        "timer": signal.getitimer(signal.ITIMER_REAL),
        "streams": (sys.stdout, sys.stderr),
    }  # fmt: skip


SWITCHING = """
def gru_forward(input, hidden, weight_ih, weight_hh, bias_ih, bias_hh):
    import os, random, sys, warnings
    torch.manual_seed(5), random.seed(5), numpy.random.seed(5)
    torch.set_default_dtype(torch.float64), torch.set_default_device("meta"), torch.set_grad_enabled(False)
    torch.set_num_threads(2), sys.setrecursionlimit(900), warnings.simplefilter("error"), os.environ.update(A="B")
    torch.compile, torch.overrides.TorchFunctionMode().__enter__()
    shared.eval()
    from google.colab import drive
    print("noise"), print("more", file=sys.stderr)
    {end}
"""


@pytest.mark.parametrize("end", ["return hidden", "raise ValueError('no')", "raise SystemExit", "while True: pass"])
def test_nothing_is_another_afterwards(
    kernel: Kernel, homework: Homework, end: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("A", raising=False)
    shared = nn.Sequential(nn.Linear(2, 3)).train()
    kernel.name(shared=[shared], numpy=np)
    kernel.run(SWITCHING.replace("shared.", "shared[0].").replace("{end}", end))
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("cpu")
    before, names = state_of_everything(), dict(kernel.user_ns)
    try:
        assert verdict(within(homework, 0.5)).state is State.FAIL
        assert state_of_everything() == before
        assert kernel.user_ns == names and shared.training and shared[0].training
        assert "A" not in __import__("os").environ and capsys.readouterr() == ("", "")
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_default_device(None)


@pytest.mark.parametrize(
    "loop",
    ["while True: pass", "while True:\n        try:\n            while True: pass\n        except BaseException: pass"],
)
def test_a_loop_without_end_is_ended(kernel: Kernel, homework: Homework, loop: str) -> None:
    if "BaseException" in loop:
        loop = loop.replace("while True:\n", "for _ in range(3):\n", 1)
    kernel.run(f"def gru_forward(*_):\n    {loop}")
    found = verdict(within(homework, 0.3))
    assert found.diagnosis == "time limit" and "0.3 seconds" in found.message


def test_time_without_a_core_does_not_count(
    kernel: Kernel, homework: Homework, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel.run(*RIGHT, RIGHT[0].replace("    from_input =", "    __import__('time').sleep(0.4)\n    from_input ="))
    assert verdict(within(homework, 0.2)).diagnosis == "time limit"
    waits = itertools.chain([0.0], itertools.repeat(60.0))
    monkeypatch.setattr("autograder.selfcheck.live.child._waited_for_a_core", lambda: next(waits))
    assert verdict(within(homework, 0.2)).state is not State.PASS  # the second call waits no longer than the first
    clock = itertools.count(0.0, 60.0)
    monkeypatch.setattr("autograder.selfcheck.live.child._waited_for_a_core", lambda: next(clock))
    assert verdict(within(homework, 0.2)).state is State.PASS


def test_ctrl_c_stops_a_check_and_leaves_nothing_behind(kernel: Kernel, capsys: pytest.CaptureFixture[str]) -> None:
    kernel.run(
        "import signal\ndef gru_forward(*_):\n    torch.manual_seed(5)\n    torch.set_default_dtype(torch.float64)\n"
        "    try:\n        signal.raise_signal(signal.SIGINT)\n    except BaseException:\n        pass\n"
    )
    before = state_of_everything()
    check = NotebookCheck().of("gru")
    check("2-1-1a")
    assert capsys.readouterr().out == "the check was stopped\n"
    assert state_of_everything() == before


def test_a_thread_beside_the_main_one_checks_as_well(kernel: Kernel, homework: Homework) -> None:
    kernel.run(RIGHT[0])
    found: list[Verdict] = []
    thread = threading.Thread(target=lambda: found.append(verdict(homework)))
    thread.start()
    thread.join()
    assert found[0].state is State.PASS


def test_a_message_names_the_cell_by_the_number_that_it_ran_with(kernel: Kernel, homework: Homework) -> None:
    kernel.run("x = 1", "y = 2", "def gru_forward(*_):\n    return torch.zeros(2) @ torch.zeros(3)")
    assert "cell 4, line 2" in verdict(homework).message


def test_without_ipython_the_file_is_checked(
    homework: Homework, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cells, "shell", lambda: None)
    monkeypatch.chdir(tmp_path)
    assert verdict(homework).diagnosis == "missing"
    (tmp_path / homework.notebook).write_bytes(build.to_bytes(GRU))
    assert verdict(homework).state is State.PASS


def test_what_another_question_needs_of_models_and_outputs_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    homework = Homework.of("imdb")
    folder = tmp_path / homework.assignment.model_questions["2-1-2"].folder
    folder.mkdir(parents=True)
    for name in ("a.pt", "b.pt", "a.json"):
        (folder / name).touch()
    assert homework.not_measured("2-1-2") == (
        "measured by the grader; your 5 models: found 2 in model_checkpoints/assignment2-1-2"
    )
    rnn = Homework.of("rnn")
    assert rnn.not_measured("1f").startswith(
        "taken from the saved outputs of hw4_rnn.ipynb, which is not in this folder"
    )
    (tmp_path / "hw4_rnn.ipynb").write_bytes(b"no notebook")
    assert rnn.not_measured("1f") == "" and "as it was saved at" in rnn.note("1f")


@pytest.mark.usefixtures("kernel")
def test_a_figure_comes_from_the_file_that_was_saved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from autograder.authoring.outputs import recorded, with_outputs

    monkeypatch.chdir(tmp_path)
    homework = Homework.of("rnn")
    solution = build.to_bytes(build.solution_notebook(build.read_sources(ROOT, ["rnn"])))
    (tmp_path / "hw4_rnn.ipynb").write_bytes(solution)
    assert verdict(homework, "1f").diagnosis == "no figure"
    (tmp_path / "hw4_rnn.ipynb").write_bytes(with_outputs(solution, recorded(ROOT, ["rnn"])))
    assert verdict(homework, "1f").state is State.PASS


@pytest.mark.usefixtures("kernel")
def test_what_a_later_cell_of_the_file_does_is_not_missing(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    homework = Homework.of("rnn")
    solution = build.solution_notebook(build.read_sources(ROOT, ["rnn"]))
    cells = [cell.source for cell in solution.cells if cell.cell_type == "code" and cell.id.startswith("rnn-")]
    (training,) = (number for number, source in enumerate(cells) if "scheduler.update()" in source)
    data: Any = import_data(ROOT)
    data.install_torchtext()
    kernel.history_manager.input_hist_raw += cells[:training]
    assert verdict(homework, "1e").state is State.PASS  # nobody knows what the loop will be
    (tmp_path / "hw4_rnn.ipynb").write_bytes(build.to_bytes(solution))
    assert verdict(homework, "1e").state is State.PASS
    for cell in solution.cells:
        cell.source = cell.source.replace("scheduler.update()", "pass")
    (tmp_path / "hw4_rnn.ipynb").write_bytes(build.to_bytes(solution))
    assert verdict(homework, "1e").diagnosis == "update missing"
    kernel.run("scheduler = None\nif False:\n    scheduler.update()")
    assert verdict(homework, "1e").state is State.PASS


def test_a_traceback_that_was_shown_before_hangs_nothing(kernel: Kernel, homework: Homework) -> None:
    from executing import Source

    tree: Any = Source.for_filename(__file__).tree  # as IPython's tracebacks do: its trees know their parents
    assert any(hasattr(operator, "parent") for node in ast.walk(tree) for operator in getattr(node, "ops", ()))
    kernel.run("def helper(x):\n    return x is not None and x in (1, 2)", *RIGHT)
    assert verdict(homework).state is State.PASS


def test_the_table_adds_up_what_was_asked(kernel: Kernel, capsys: pytest.CaptureFixture[str]) -> None:
    kernel.run(*RIGHT[:1])
    NotebookCheck().of("gru").all()
    shown = capsys.readouterr().out
    assert "2-1-1a  10 of 10  all right" in shown
    assert "2-1-2             not measured here" in shown
    assert "total 10 of 30, without 2-1-2, on the public cases" in shown


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is shown is printed: the kernel of these tests has nowhere to show it."""
    monkeypatch.setattr("IPython.display.publish_display_data", lambda data, _: print(data["text/plain"]))
    yield


def test_every_word_is_korean_where_the_course_is(
    kernel: Kernel, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    korean = {name: in_korean(one) for name, one in load(ROOT).items()}
    monkeypatch.setattr("autograder.selfcheck.live.homework.load", lambda _: korean)
    monkeypatch.setattr(sys.modules["autograder.selfcheck.live.check"], "load", lambda _: korean)
    monkeypatch.chdir(tmp_path)
    kernel.run(*RIGHT[:1])
    NotebookCheck()("2-1-1a")
    NotebookCheck().of("no_such_topic")
    for topic in ("gru", "rnn"):
        check = NotebookCheck().of(topic)
        check.all()
        check("9z")
    monkeypatch.setattr(Course, "checks_by_question", lambda *_: 1 / 0)
    check("1a")
    shown = capsys.readouterr().out
    command, of_python = "python -m autograder check hw4_rnn.ipynb", "division by zero"
    assert command in shown and of_python in shown and english_in(shown, command, of_python) == []
    for words in (
        "정답",
        "여기서는 측정하지 않음",
        "'9z' 문항이 없습니다",
        "답의 잘못이 아닙니다",
        "첫 코드 셀을",
    ):
        assert words in shown, shown


@pytest.mark.usefixtures("kernel")
def test_what_fails_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    NotebookCheck()("2-1-1a")
    check = NotebookCheck().of("no such topic")
    check("2-1-1a")
    check = NotebookCheck().of("gru")
    check("9z")
    monkeypatch.setattr(Course, "checks_by_question", lambda *_: 1 / 0)
    check("2-1-1a")
    monkeypatch.setattr("autograder.selfcheck.live.homework.load_public", lambda *_: (tmp_path / "tests").read_bytes())
    NotebookCheck().of("swin")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "check is not here",
        "check is not here",
        "check is not here",
        "Assignment2-1_RNN.ipynb has no question '9z', but 2-1-1a, 2-1-1b, 2-1-2",
        "the check failed, and your answer is not to blame",
        "check is not here",
    ]
    assert "Get the homework's folder again" in lines[-1]


def test_a_result_shows_where_values_differ_and_lines_to_paste() -> None:
    evidence = Evidence(
        grids=(grid("output (rows, columns)", torch.tensor([[True, False], [True, True]])),),
        case=('x = example = case("1c", 1)', "got = f(x)"),
    )
    wrong = replace(Verdict.scored("1c", 0, 10, "wrong values", "output is wrong"), evidence=evidence)
    shown = html([Result("1c", wrong)])
    assert "output (rows, columns): 1 of 4 wrong" in shown
    assert re.sub("<.*?>", "", shown).count("■") == 1 and "▫▫" in shown
    assert "x = example = case(&quot;1c&quot;, 1)\ngot = f(x)" in shown
    assert text([Result("1c", wrong)]).splitlines()[-3:] == [
        "To see it yourself, paste this into a cell below your code:",
        '    x = example = case("1c", 1)',
        "    got = f(x)",
    ]
    assert "붙여 넣으" in html([Result("1c", wrong)], load_language("ko"))


def test_results_are_coloured_and_calm_where_nothing_is_written() -> None:
    fine = Result("1a", Verdict.scored("1a", 3, 3))
    missing = Result("1b", Verdict.scored("1b", 0, 2, "not written", "f is not written yet"))
    partial = Result("1c", Verdict.scored("1c", 4, 10, "gates <exchanged>", "a < b"))
    other = Result("1f", None, "measured by the grader")
    shown = html([fine, missing, partial, other])
    assert "gates &lt;exchanged&gt;" in shown and "a &lt; b" in shown
    first, second, third, fourth = re.findall(r"border-left:5px solid (#\w+)", shown)
    assert len({first, second, third}) == 3 and second == fourth
    assert text([missing]) == "1b  0 of 2  not written yet\n\n1b: f is not written yet"
    korean = text([missing, other], load_language("ko"))
    assert korean.splitlines()[:3] == [
        "1b  0 / 2  아직 작성하지 않음",
        "1f         여기서는 측정하지 않음",
        "합계 0 / 2 (1f 제외, 공개 케이스 기준)",
    ]
    assert "total 7 of 15, without 1f, on the public cases" in text([fine, missing, partial, other])
