"""An answer that is right when its notebook is run from top to bottom is right, however its values come about."""

import io
import shutil
import tarfile
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autograder.authoring import build
from autograder.checks import expect, question
from autograder.checks.question import Check
from autograder.cli.app import app
from autograder.course.course import Course
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.marking.ask import ask
from autograder.marking.question import ask_checks, ask_question
from autograder.marking.verdict import Diagnosis, State, Verdict
from autograder.notebook.execution import EVERYTHING, Execution, order_sensitive
from autograder.notebook.findings import FORBIDDEN_CALL
from autograder.notebook.notebook import read
from autograder.protocol.session import Session
from autograder.sandbox import Sandbox
from conftest import NAME, notebook_of

ROOT = project_root(Path(__file__).parent)
THREE = "def answer():\n    return N"


@question("1a", points=4)
def check_answer(student: Any) -> None:
    expect.that(student.answer() != 5, "it is 5", diagnosis="five")
    expect.that(student.answer() == 3, "it is not 3", diagnosis="wrong values")


@question("1a", points=2)
def check_other(student: Any) -> None:
    expect.that(student.other() == 3, "it is not 3 either", diagnosis="not three")


@question("1b", points=2, forbid=["torch.relu"])
def check_rules(student: Any) -> None:
    expect.that(student.answer() == 3, "it is not 3", diagnosis="not three")


def course_of(*functions: Callable[..., None]) -> Course:
    checks: list[Check] = [function.question for function in functions]  # type: ignore[attr-defined]
    return Course(replace(load(ROOT)["hw4"], question_limits={}), {NAME: checks}, {})


COURSE = course_of(check_answer)
Sessions = Callable[..., Session]


class Puts:
    """Puts checks, and notes in which executions."""

    def __init__(self) -> None:
        self.executions: list[Execution] = []

    def __call__(self, *arguments: Any) -> Verdict:
        self.executions.append(arguments[-1])
        return ask(*arguments)


def put(session: Session, course: Course = COURSE, label: str = "1a") -> tuple[Verdict, list[Execution]]:
    puts = Puts()
    return ask_question(course, session, label, {}, puts), puts.executions


RIGHT = {
    "bound again further down": ["N = 3", THREE, "N = 7"],
    "bound again between": ["N = 1", "M = N + 2", "N = 5", "def answer():\n    return M"],
    "a loop's variable": ["for N in range(4):\n    pass", THREE],
    "filled by a loop": ["T = []\nfor i in range(3):\n    T.append(i)", "def answer():\n    return len(T)"],
    "set by a loop": ["T = {}\nfor i in range(3):\n    T[i] = 1", "def answer():\n    return len(T)"],
    "defined by a loop": ["for i in [1]:\n    def answer():\n        return 3"],
    "the variable of a training loop": [
        "import torch\nmodel = torch.nn.Linear(1, 1)",
        "for N in range(4):\n    model.train()\n    print(N, undefined)\n    loss.backward()",
        THREE,
    ],
    "filled by a call": [
        "T = []\ndef fill(table):\n    table += [1, 2, 3]",
        "fill(T)",
        "def answer():\n    return len(T)",
    ],
    "a method by a decorator": [
        "class A:\n    pass",
        "def of(kind):\n    return lambda method: setattr(kind, method.__name__, method)",
        "@of(A)\ndef three(self):\n    return 3",
        "def answer():\n    return A().three()",
    ],
    "exec": ["exec('N = 3')", THREE],
    "globals": ["globals()['N'] = 3", THREE],
    "globals in a function": ["def setup():\n    globals().update(N=3)", "setup()", THREE],
    "a module that a cell writes": ["%%writefile three.py\nN = 3", "from three import N", THREE],
    "a script that a cell writes": ["%%writefile three.py\nN = 3", "%run three.py", THREE],
    "a timed line": ["def make():\n    return 3", "%time N = make()", THREE],
    "a top-level await": ["async def make():\n    return 3", "N = await make()", THREE],
    "a switch that is thrown later": [
        "import torch",
        "def answer():\n    return 3 if torch.ones(1).dtype == torch.float32 else 4",
        "torch.set_default_dtype(torch.float64)",
    ],
    "a builtin's name in a scratch cell": ["def answer():\n    return len([1, 2, 3])", "len = 5"],
    "only the last state": ["def answer():\n    return N", "N = 1", "N += 2"],
}  # fmt: skip


@pytest.mark.parametrize("cells", RIGHT.values(), ids=list(RIGHT))
def test_an_answer_that_is_right_there_is_right(session: Sessions, cells: Sequence[str]) -> None:
    verdict, _ = put(session(*cells))
    assert verdict.state is State.PASS, verdict.message


def test_without_a_run_in_order_most_of_them_would_fail(session: Sessions) -> None:
    lazy = [ask(COURSE, session(*cells), COURSE.questions[NAME][0], {}) for cells in RIGHT.values()]
    assert sum(verdict.state is State.PASS for verdict in lazy) <= 2


@pytest.mark.parametrize(
    "cells",
    [
        ["N = 4", THREE],
        ["import torch", "N = 4", THREE, "model = torch.nn.Linear(1, 1)", "for x in range(3):\n    print(x)"],
        ["N = 4", THREE, "print(answer())", "def other():\n    return 1", "def other():\n    return 2"],
        ["def answer():\n    raise NotImplementedError('answer is not written yet')", "for N in range(3):\n    pass"],
    ],
)  # fmt: skip
def test_a_wrong_answer_that_no_order_changes_is_put_once(session: Sessions, cells: Sequence[str]) -> None:
    verdict, executions = put(session(*cells))
    assert verdict.state is State.FAIL and executions == [Execution.LAZY]


def test_a_wrong_answer_whose_names_depend_on_the_order_stays_wrong(session: Sessions) -> None:
    verdict, executions = put(session("N = 4", THREE, "N = 6"))
    assert (verdict.state, verdict.diagnosis) == (State.FAIL, "wrong values")
    assert executions == [Execution.LAZY, Execution.TO_CELL, Execution.TO_END]


def test_a_name_of_pythons_own_that_the_notebook_binds_is_named_with_its_cell(session: Sessions) -> None:
    verdict, _ = put(session("N = 3", "sum = 0\nlen = 2", "def answer():\n    return len([1] * max(N, 1))"))
    assert verdict.message.splitlines()[0] == "TypeError: 'int' object is not callable"
    assert "look at: code cell 2, which gives len another meaning than Python's own" in verdict.message
    assert "sum" not in verdict.message
    innocent, _ = put(session("len = 2", "def answer():\n    return (3)(4)"))
    assert "len" not in innocent.message


UNKNOWN = {
    "a download": ["import urllib.request as r\nN, _ = r.urlretrieve('http://example.invalid/x')", THREE],
    "training": ["def train():\n    loss.backward()\n    return 3", "N = train()", THREE],
    "its own function that trains": ["def main():\n    global N\n    optimizer.step()\n    N = 3", "N = main()", THREE],
    "a file that is not here": ["N = int(open('three.txt').read())", THREE],
    "computed from what is unknown": ["M = input('M? ')", "N = int(M) + 1", THREE],
    "a loop without an end": ["x = 0\nwhile True:\n    x += 1", "def answer():\n    return x"],
}


@pytest.mark.parametrize("cells", UNKNOWN.values(), ids=list(UNKNOWN))
def test_a_value_that_could_not_be_made_here_is_for_a_person(session: Sessions, cells: Sequence[str]) -> None:
    cells = [*cells, "for i in range(2):\n    globals()"]  # so that the order may matter
    verdict, _ = put(session(*cells))
    assert (verdict.state, verdict.diagnosis) == (State.UNGRADED, Diagnosis.UNKNOWN_VALUE), verdict.message
    name = "x" if "x = 0" in cells[0] else "N"
    assert verdict.message.startswith(f"the value of `{name}` is not known here")
    assert f"in {NAME}, code cell " in verdict.message


def test_a_mistake_that_the_lazy_reading_has_named_is_not_left_open(session: Sessions) -> None:
    verdict, executions = put(session("N = 5", THREE, "if False:\n    N = input()"))
    assert (verdict.state, verdict.diagnosis, len(executions)) == (State.FAIL, "five", 3)


def test_a_name_that_nothing_binds_is_the_students(session: Sessions) -> None:
    verdict, _ = put(session(THREE, "for i in range(2):\n    globals()"))
    assert verdict.state is State.FAIL and "NameError: name 'N' is not defined" in verdict.message


def test_an_unknown_value_that_the_answer_does_not_use_excuses_nothing(session: Sessions) -> None:
    verdict, _ = put(session("M = input()", "N = 4", THREE, "N = 5"))
    assert verdict.state is State.FAIL


def test_all_checks_of_a_question_are_put_in_one_execution(session: Sessions) -> None:
    both = course_of(check_answer, check_other)
    cells = ["N = 3", THREE, "def other():\n    return 3 if N == 7 else 4", "N = 7"]
    parts = ask_checks(both, session(*cells), "1a", {})
    assert [part.state for part in parts] == [State.PASS, State.FAIL]  # 4 of 6 points, as against 2 lazily
    cells[2] = "def other():\n    return 3"
    assert [part.state for part in ask_checks(both, session(*cells), "1a", {})] == [State.PASS, State.PASS]


def test_a_rule_holds_in_every_execution_and_a_scratch_cell_breaks_none(session: Sessions) -> None:
    rules = course_of(check_rules)
    start = ["import torch", "N = 3", "T = torch.relu(torch.ones(2))"]
    innocent, _ = put(session(*start, THREE, "N = 7"), rules, "1b")
    assert innocent.state is State.PASS, innocent.message
    guilty, _ = put(session(*start, "def answer():\n    torch.relu(torch.ones(1))\n    return N", "N = 7"), rules, "1b")
    assert (guilty.state, guilty.diagnosis) == (State.FAIL, FORBIDDEN_CALL)


def test_the_next_question_meets_a_process_in_which_no_notebook_ran(session: Sessions) -> None:
    opened = session("N = 3", THREE, "N = 7")
    put(opened)
    assert not opened.is_open


SENSITIVE = {
    "N = 1\nN = 2": ["N"],
    "N = 1\nM = N": [],
    "import torch\nimport torch": [],
    "import torch\nx = torch.ones(2)\nimport torch": [],
    "import numpy as n\nx = n.ones(2)\nimport torch as n": ["n"],
    "def f():\n    pass\ndef f():\n    pass": [],
    "def f():\n    pass\nf = g(f)": ["f"],
    "def f():\n    pass\ng = f\ndef f():\n    return g()": ["g"],
    "def f():\n    pass\nx = run(f)\ndef f():\n    pass": ["x"],
    "def f():\n    pass\ndef g():\n    return f()\ndef f():\n    pass": [],
    "for x in data:\n    T.append(x)": ["T", "x"],
    "for x in data:\n    loss = train(x)": ["loss", "x"],
    "fill(T)": ["T"],
    "print(T)": [],
    "exec('T = 1')": [EVERYTHING],
    "def f():\n    globals()['T'] = 1": [EVERYTHING],
    "x = 'T' in globals() and globals()['T']": [],
    "@torch.no_grad()\ndef f():\n    import torch": ["torch"],
    "import torch\n@torch.no_grad()\ndef f():\n    pass": [],
    "len = 3": ["len"],
    "%matplotlib inline": [],
    "%time T = 1": [EVERYTHING],
    "torch.manual_seed(0)": [],
}


@pytest.mark.parametrize(("cell", "names"), SENSITIVE.items())
def test_which_names_depend_on_the_order(cell: str, names: list[str]) -> None:
    assert order_sensitive(read(notebook_of(cell))) == names


def test_nothing_that_a_solution_grades_or_imports_depends_on_the_order() -> None:
    graded = {"gru_forward", "swin_block", "collate_batch", "RNN", "evaluate", "Attention", "ViT", "Decoder"}
    for assignment in load(ROOT).values():
        for topics in assignment.notebooks.values():
            notebook = build.solution_notebook(build.read_sources(ROOT, topics))
            found = order_sensitive(read(build.to_bytes(notebook)))
            assert EVERYTHING not in found and not {"torch", "nn", "np", *graded} & set(found), topics


@pytest.mark.slow
def test_the_answers_of_every_execution_are_kept_for_regrading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = tmp_path / "course"
    course.mkdir()
    for name in ("data", "staff", "notebooks"):
        (course / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "tests", course / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "assignments.toml", course)
    monkeypatch.chdir(course)
    notebook = build.solution_notebook(build.read_sources(ROOT, ["gru"]))
    cell = next(cell for cell in notebook.cells if "def gru_forward" in cell.source)
    cell.source = "SHIFT = 0.0\n\n\n" + cell.source.removesuffix("    return output") + "    return output + SHIFT"
    content = build.notebook_with_cell(notebook, "SHIFT = 0.5")
    (tmp_path / "class").mkdir()
    with tarfile.open(tmp_path / "class" / "2024-20001.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("Assignment2-1_RNN.ipynb")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    out = tmp_path / "grades"
    run = CliRunner()
    words = ["grade", tmp_path / "class", "--assignment", "assignment2", "--out", out, "--secret-seed", 5, "--jobs", 1]
    done = run.invoke(app, [str(word) for word in words])
    assert '"2-1-1a","10"' in (out / "verdicts.csv").read_text(encoding="utf-8"), done.output

    def refuse(*_: object) -> None:
        raise AssertionError("student code would run")

    monkeypatch.setattr(Sandbox, "fork", refuse)
    checks = course / "tests" / "test_gru.py"
    checks.write_text(checks.read_text(encoding="utf-8").replace("TOLERANCE = 1e-5", "TOLERANCE = 2e-5"))
    said = " ".join(run.invoke(app, ["regrade", str(out), "--apply"]).output.split())
    assert said.startswith("0 verdicts change") and "No student code ran" in said, textwrap.fill(said)
