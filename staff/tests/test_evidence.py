"""What a verdict shows beside its message: the code, the variables, where values differ; of a secret case nothing."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from marks import attempt_of, enter_marks, put

from autograder.checks import expect
from autograder.checks.case import Case
from autograder.checks.question import Check, question
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.gradebook.gradebook import Gradebook
from autograder.marking.evidence import MOST_LINES, Evidence
from autograder.marking.secrecy import without_values
from autograder.marking.verdict import Verdict, sum_verdicts
from autograder.pages.student_page import write_student_page
from autograder.protocol.grid import MOST_COLUMNS, MOST_ROWS, grid
from autograder.protocol.recording import Player, Recorder
from autograder.protocol.session import Session
from autograder.sandbox import Sandbox
from conftest import NAME, notebook_of

Open = Callable[..., Session]
X = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], dtype=torch.float64)
PUBLIC = Case(inputs=(X, 2.0), outputs={"y": 2 * X}, sizes={"rows": 2})
HIDDEN = torch.tensor([[0.734218, 77.3125], [8123.5, -55.0625], [64971.0, 31337.0]], dtype=torch.float64)
SECRET = Case(inputs=(HIDDEN, 2.0), outputs={"y": 2 * HIDDEN}, sizes={"rows": 3}, secret=True)


@question("1a", points=10, cases="double")
def check_double(student: Any, case: Case) -> None:
    """Its input times a factor."""
    expect.matches(student.double(*case.inputs), case, dims={"y": "(rows, columns)"})


CHECK: Check = check_double.question  # type: ignore[attr-defined]


def evidence(session: Session, *cases: Case) -> Evidence:
    return put(CHECK, session, cases or (PUBLIC,), "seed").evidence


def test_wrong_values_show_the_function_where_they_differ_and_how_to_repeat_them(session: Open) -> None:
    code = "y = 1\n\ndef double(x, factor):\n    x[1] += 1\n    return x * factor\n\nz = 2"
    shown = evidence(session(code))
    (excerpt,) = shown.excerpts
    assert (excerpt.cell, excerpt.first, excerpt.marked) == (1, 3, 0)
    assert list(excerpt.lines) == code.splitlines()[2:5]
    (picture,) = shown.grids
    assert (picture.name, picture.shape, picture.wrong, picture.rows) == (
        "y (rows, columns)",
        (2, 3),
        3,
        ("000", "222"),
    )
    assert shown.case[1:] == (
        'x, _ = example = case("1a", 1)',
        "got = double(x, 2.0)",
        'got, example.expected["y"]',
    )


def test_an_error_shows_its_line_and_the_shapes_there(session: Open) -> None:
    code = "\n".join(
        [*(f"a{number} = 1" for number in range(20)), "def double(x, factor):", "    return x @ x", "b = 1"]
    )
    shown = evidence(session(code))
    (excerpt,) = shown.excerpts
    assert (excerpt.first, excerpt.marked) == (18, 22)
    assert excerpt.lines[excerpt.marked - excerpt.first] == "    return x @ x"
    assert shown.variables == (("x", "(2, 3) float64"),)
    assert shown.case[2:] == ("got = double(x, 2.0)", "got")


def test_every_other_end_shows_the_place(session: Open) -> None:
    (rule,) = put(
        replace(CHECK, rules=replace(CHECK.rules, forbid=("torch.add",))),
        session("import torch\n\ndef double(x, factor):\n    return torch.add(x, x)"),
        (PUBLIC,),
    ).evidence.excerpts
    assert (rule.first, rule.marked) == (1, 4)
    (empty,) = evidence(session("def double(x, factor):\n    pass")).excerpts
    assert empty.lines == ("def double(x, factor):", "    pass")
    unwritten = evidence(session("def double(x, factor):\n    raise NotImplementedError('double is not written yet')"))
    assert unwritten.excerpts[0].marked == 2 and not unwritten.case
    assert evidence(session("x = 1")) == Evidence()  # missing: there is no place
    assert evidence(session("def double(x, factor):\n    return x * factor")) == Evidence()


def test_what_is_long_is_cut(session: Open) -> None:
    code = "def double(x, factor):\n" + "".join(f"    y = '{'x' * 300}'\n" for _ in range(60)) + "    return x"
    (excerpt,) = evidence(session(code)).excerpts
    assert len(excerpt.lines) == MOST_LINES and max(map(len, excerpt.lines)) == 200
    picture = grid("y", torch.arange(7000).reshape(70, 100) > 3)
    assert len(picture.rows) == MOST_ROWS and {len(row) for row in picture.rows} == {MOST_COLUMNS}
    assert (picture.wrong, picture.rows[0][:3], picture.rows[1][0]) == (4, "110", "0")


def test_evidence_is_kept_and_is_no_difference(session: Open, tmp_path: Path) -> None:
    verdict = put(CHECK, session("def double(x, factor):\n    return x"), (PUBLIC,), "seed")
    assert verdict.evidence != Evidence() and verdict == replace(verdict, evidence=Evidence())
    assert Evidence.from_wire(json.loads(json.dumps(verdict.evidence.to_wire()))) == verdict.evidence
    with Gradebook(tmp_path, load(project_root())["hw4"]) as gradebook:
        enter_marks(gradebook, attempt_of("a"), [verdict])
        kept = {one.question: one.evidence for one in gradebook.verdicts("a")}
        assert kept["1a"] == verdict.evidence and kept["1b"] == Evidence()
    passed = Verdict.scored("1a", 5, 5)
    assert sum_verdicts([passed, verdict]).evidence == verdict.evidence


def test_a_recording_gives_the_same_evidence(sandbox: Sandbox) -> None:
    recorder = Recorder(sandbox.fork, "version")
    with Session(recorder.fork, notebook_of("def double(x, factor):\n    return x @ x"), NAME, 60.0) as running:
        verdict = put(CHECK, running, (PUBLIC,), "seed")
    player = Player(recorder.reading)
    player.last = recorder.last
    again = put(CHECK, Session(player.fork, b"", NAME, 60.0), (PUBLIC,), "seed")
    assert again.evidence == verdict.evidence and verdict.evidence.case


PEEKING = {
    "wrong values": "return x * factor if len(x) == 2 else x",
    "wrong shape": "return x * factor if len(x) == 2 else x[0]",
    "no tensor": "return x * factor if len(x) == 2 else str(x.tolist())",
    "a list": "return x * factor if len(x) == 2 else x.tolist()",
    "a number": "return x * factor if len(x) == 2 else x[2, 1].item()",
    "error": "if len(x) == 3:\n        raise ValueError(x.tolist())\n    return x * factor",
    "a class of its own": (
        "if len(x) == 3:\n        raise type(f'E{int(x[2, 1])}', (Exception,), {})('')\n    return x * factor"
    ),
    "variables": "y = x[2, 1].item() if len(x) == 3 else 0\n    return x * factor if not y else x @ y",
    "not written": (
        "if len(x) == 3:\n"
        "        raise NotImplementedError(f'{int(x[2, 1])} is not written yet')\n"
        "    return x * factor"
    ),
}


@pytest.mark.parametrize("body", PEEKING.values(), ids=PEEKING)
def test_nothing_of_a_secret_case_is_shown(session: Open, tmp_path: Path, body: str) -> None:
    verdict = put(CHECK, session(f"def double(x, factor):\n    {body}"), (PUBLIC, SECRET), "seed")
    assert not verdict.points and verdict.diagnosis
    assert not verdict.evidence.case and not verdict.evidence.grids and not verdict.evidence.variables
    with Gradebook(tmp_path, load(project_root())["hw4"]) as gradebook:
        enter_marks(gradebook, attempt_of("a"), [verdict])
        page = write_student_page(gradebook, "a").read_text(encoding="utf-8")
    for told in (page, verdict.message, json.dumps(verdict.evidence.to_wire())):
        numbers = {float(one) for one in re.findall(r"\d+\.?\d*", told)}
        for value in (*HIDDEN.abs().flatten().tolist(), *(2 * HIDDEN).abs().flatten().tolist()):
            assert all(abs(number - value) > 1e-4 * value for number in numbers), (value, told)
            assert str(value)[:5] not in told


def test_what_a_secret_case_leaves_of_a_message() -> None:
    lines = ["y is wrong in 3 of 6 values", "expected 0.5 at [0, 1], got -1.5e-3", "expected 3, got 4", "got 'x'"]
    assert without_values([*lines, "expected shape (2, 3)", "got shape (3, 2)", "it is 1e-05 off"]) == [
        "y is wrong in 3 of 6 values",
        "expected another value at [0, 1]",
        "expected another value",
        "expected shape (2, 3)",
        "got shape (3, 2)",
        "it is … off",
    ]
