"""One check that is put to a notebook: whose code ran last, which rules it broke, whose fault a killed process is."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from autograder.notebook.findings import BrokenRule
from autograder.notebook.outline import Outline
from autograder.notebook.usage import Usage, Use
from autograder.protocol.faults import StudentError, WorkerFailure
from autograder.protocol.frames import HEADER
from autograder.protocol.inquiry import begin
from autograder.protocol.operation import Operation, operation_of
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Student
from autograder.sandbox import ChildEnded, Exit, Limits

USE = Use(("torch.gru",), "torch.gru", 2, "return torch.gru(x)")
OUTLINE = Outline(definitions={"f": [3]}, usages=[Usage(3, ("f",), (), (), (USE,))]).to_wire()
RAN = BrokenRule(4, 1, "torch.lstm", "torch.lstm", "x").to_wire()
REPLIES: dict[Operation, Any] = {
    Operation.READ_NOTEBOOK: OUTLINE,
    Operation.BEGIN_CHECK: {"threads": 1},
    Operation.DEFINE_STAND_INS: {},
    Operation.CALL: {"value": 5},
    Operation.REPORT_BROKEN_RULES: {"findings": [RAN]},
}


class Process:
    """A process that answers each operation in its way, until it is asked for one that ends it."""

    def __init__(self, replies: dict[Operation, Any], end: Exit) -> None:
        self._replies = replies
        self._end = end
        self._rest = b""

    def send(self, data: bytes, deadline: float) -> None:
        if operation_of(data) not in self._replies:
            raise ChildEnded(self._end)
        text = json.dumps(self._replies[operation_of(data)]).encode()
        self._rest = HEADER.pack(len(text), 0) + text

    def receive(self, size: int, deadline: float) -> bytes:
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def kill(self) -> Exit:
        return Exit("killed")


Opens = Callable[..., Session]


@pytest.fixture
def opens() -> Opens:
    """Makes a session whose process answers all but some operations, at which it ends."""

    def make(*without: Operation, end: Exit | None = None, **other: Any) -> Session:
        replies = {one: reply for one, reply in REPLIES.items() if one not in without}
        replies |= {Operation[name.upper()]: reply for name, reply in other.items()}
        child = Process(replies, end or Exit("signal", signal="SIGSEGV"))
        return Session(lambda *_: child, b"{}", "homework.ipynb", 1.0)

    return make


def test_code_that_ran_last_is_named_and_stand_ins_are_nobodys(opens: Opens) -> None:
    inquiry = begin(opens(), Rules(), 0)
    student = Student(inquiry)
    assert inquiry.at == ""
    student.given(helper="helper = print")
    assert student.f(1) == 5 and inquiry.at == "f"
    student.helper()
    assert inquiry.at == "f"


def test_rules_are_broken_in_the_text_and_in_what_ran(opens: Opens) -> None:
    inquiry = begin(opens(), Rules(("torch.gru*",)), 0)
    assert [one.call for one in inquiry.broken_rules()] == ["torch.lstm"]  # f was not asked for
    Student(inquiry).f(1)
    assert [(one.cell, one.call) for one in inquiry.broken_rules()] == [(3, "torch.gru"), (4, "torch.lstm")]


def test_a_process_that_knows_of_no_broken_rule_is_not_asked_for_them(opens: Opens) -> None:
    inquiry = begin(opens(call={"value": 5, "evidence": False}), Rules(("torch.gru*",)), 0)
    Student(inquiry).f(1)
    assert [one.call for one in inquiry.broken_rules()] == ["torch.gru"]  # which stands in the text


def test_a_process_that_has_ended_leaves_the_rules_that_the_text_breaks(opens: Opens) -> None:
    inquiry = begin(opens(Operation.CALL), Rules(("torch.gru*",)), 0)
    with pytest.raises(StudentError, match=r"^f ended the Python process \(SIGSEGV\)$") as caught:
        Student(inquiry).f(1)
    assert (caught.value.diagnosis, caught.value.cell) == ("crash", 3)
    assert [one.call for one in inquiry.broken_rules()] == ["torch.gru"]
    with pytest.raises(StudentError, match="^the student's process has ended$"):
        Student(inquiry).f(1)


@pytest.mark.parametrize("operation", [Operation.READ_NOTEBOOK, Operation.BEGIN_CHECK, Operation.CALL])
def test_a_process_killed_by_nobody_knows_whom_is_the_graders_fault_once(opens: Opens, operation: Operation) -> None:
    for may_retry, error in ((True, WorkerFailure), (False, StudentError)):
        session = opens(operation, end=Exit("signal", signal="SIGKILL"))
        with pytest.raises(error, match=r"the process was killed|ended the Python process \(SIGKILL\)"):
            Student(begin(session, Rules(), 0, may_retry)).f(1)
        assert not session.is_open


@pytest.mark.parametrize(
    ("end", "what"),
    [
        (Exit("signal", signal="SIGKILL", out_of_memory=True), "f used more memory than is allowed"),
        (Exit("signal", signal="SIGKILL", cpu_seconds=85.0), "f used more than 120 seconds of CPU time"),
        (Exit("signal", signal="SIGKILL", cpu_seconds=5.0), "f ended the Python process (SIGKILL)"),
        (Exit("killed"), "f broke off its answer, or sent more than is allowed"),
        (Exit("exited", code=3), "f ended the Python process (exit code 3)"),
    ],
)
def test_an_end_that_is_the_students_is_said_in_words(opens: Opens, end: Exit, what: str) -> None:
    session = opens(Operation.CALL, end=end)
    session.allow(1.0, Limits(cpu_seconds=120))
    with pytest.raises(StudentError) as caught:
        Student(begin(session, Rules(), 0)).f(1)
    assert str(caught.value) == what


def test_a_sandbox_that_cannot_set_up_is_the_graders_fault(opens: Opens) -> None:
    session = opens(Operation.CALL, end=Exit("setup", detail="the warm process ended"))
    with pytest.raises(WorkerFailure, match="^the sandbox failed: the warm process ended$"):
        Student(begin(session, Rules(), 0)).f(1)


def test_an_error_that_is_none_is_malformed(opens: Opens) -> None:
    with pytest.raises(StudentError, match="^f sent an error that makes no sense$"):
        Student(begin(opens(call={"error": 5}), Rules(), 0)).f(1)
