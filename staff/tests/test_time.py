"""A limit of time counts what the code does, not how busy the machine is, what it imports first, or what it prints."""

import io
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from marks import put
from rich.console import Console

from autograder.checks import expect, question
from autograder.checks.question import Check
from autograder.classroom.grade import longest_first
from autograder.classroom.phases import ClassRun
from autograder.classroom.progress import ClassProgress
from autograder.course.limits import QuestionLimits
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.marking.questions import unreadable
from autograder.marking.sandboxes import FIRST_IMPORTS, first_imports, open_sandbox
from autograder.marking.verdict import State, Verdict
from autograder.protocol import frames
from autograder.protocol.faults import Fault, StudentError
from autograder.protocol.inquiry import begin
from autograder.protocol.recording import Child, Player, Recorder, Recording
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Student
from autograder.sandbox import ChildTimeout, Exit, Limits, Sandbox, connection
from autograder.worker.machine import FirstLines
from conftest import NAME, notebook_of

Open = Callable[..., Session]
REPLY = frames.pack({"error": {"kind": "missing", "message": "f"}}, {})


class LateChild:
    """A child that answers once it has been waited for as often as there are seconds in `waits`, or never."""

    def __init__(self, waits: Sequence[float | None], answers: bool = True, printed: bool = False) -> None:
        self.waits = list(waits)
        self.answers = answers
        self.printed = printed
        self.deadlines: list[float] = []
        self.reply = REPLY

    def send(self, data: bytes, deadline: float) -> None:
        pass

    def receive(self, size: int, deadline: float) -> bytes:
        self.deadlines.append(deadline)
        if self.waits and (len(self.waits) > 1 or not self.answers):
            raise ChildTimeout(self.waits.pop(0) if len(self.waits) > 1 else self.waits[0], self.printed)
        data, self.reply = self.reply[:size], self.reply[size:]
        return data

    def kill(self) -> Exit:
        return Exit("killed")


def error_of(child: Child, alone: bool = True, seconds: float = 100.0) -> StudentError:
    """How opening a session ends whose child this is; its reply is an error itself."""
    session = Session(lambda limits: child, b"", NAME, seconds, alone=alone)
    with pytest.raises(StudentError) as caught, session:
        session.open()
    return caught.value


def test_the_deadline_is_put_off_by_the_wait_for_a_core() -> None:
    child = LateChild([30.0, 70.0, 0.0])
    assert error_of(child).diagnosis == Fault.MISSING  # an answer came
    first, second, third, *_ = child.deadlines
    assert second - first == pytest.approx(30.0) and third - first == pytest.approx(70.0)


@pytest.mark.parametrize(
    ("waited", "alone", "fault"),
    [
        (0.0, True, Fault.TIME_LIMIT),
        (30.0, False, Fault.TIME_LIMIT),
        (901.0, True, Fault.NO_CORE),
        (901.0, False, Fault.NO_CORE),
        (None, True, Fault.TIME_LIMIT),
        (None, False, Fault.NO_CORE),
    ],
)
def test_a_limit_is_the_machines_fault_if_the_process_mostly_waited(
    waited: float | None, alone: bool, fault: Fault
) -> None:
    child = LateChild([waited], answers=False)
    error = error_of(child, alone)
    assert error.diagnosis == fault and error.ended
    assert child.deadlines[-1] - child.deadlines[0] == pytest.approx(min(waited or 0.0, 900.0))


def test_a_process_that_waited_for_a_core_is_ungraded() -> None:
    course: Any = SimpleNamespace(checks_by_question=lambda notebook: {"1a": [SimpleNamespace(points=3)]})
    session = Session(lambda limits: LateChild([901.0], answers=False), b"", NAME, 100.0)
    (verdict,) = unreadable(course, session)
    assert (verdict.state, verdict.max_points, verdict.diagnosis) == (State.UNGRADED, 3, "waited for a core")


@question("1a", points=10)
def check_one(student: Student) -> None:
    """It gives 1."""
    expect.that(student.f() == 1, "f() is not 1", diagnosis="wrong values")


CHECK: Check = check_one.question  # type: ignore[attr-defined]


@pytest.mark.parametrize("waited", [0.0, 901.0, None])
def test_a_recorded_limit_gives_the_same_verdict(waited: float | None) -> None:
    recorder = Recorder(lambda limits: LateChild([waited], answers=False, printed=True), "version")
    live = error_of(recorder.fork(Limits()))
    player = Player(Recording.from_bytes(recorder.reading.to_bytes()))
    assert (str(error_of(player.fork())), live.diagnosis) == (str(live), error_of(player.fork()).diagnosis)


def test_a_limit_that_was_put_off_leaves_no_end() -> None:
    recorder = Recorder(lambda limits: LateChild([30.0, 0.0]), "version")
    error_of(recorder.fork(Limits()))
    assert all(answer.end is None for answer in recorder.reading.answers.values())


def test_the_system_tells_how_long_a_child_has_waited(sandbox: Sandbox) -> None:
    child = sandbox.fork()
    with pytest.raises(ChildTimeout) as caught:
        child.receive(1, time.monotonic() + 1.0)
    waited = caught.value.waited
    assert isinstance(waited, float) if Path("/proc/self/schedstat").exists() else waited is None
    child.kill()


def test_the_time_until_a_child_is_there_is_a_wait(sandbox: Sandbox) -> None:
    child = sandbox.fork()
    child._keeper._born = 0.0  # type: ignore[attr-defined]
    child._keeper._asked = time.monotonic() - 50.0  # type: ignore[attr-defined]
    assert 50.0 <= (child._keeper.waited() or 0.0) < 110.0
    child.kill()


def test_what_the_grader_itself_waits_for_a_core_is_a_wait(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    child = sandbox.fork()
    while not child._keeper._born:  # type: ignore[attr-defined]
        with pytest.raises(ChildTimeout):
            child.receive(1, time.monotonic() + 0.5)
    before = child._keeper.waited() or 0.0
    monkeypatch.setattr(connection, "own_wait", lambda: 1e6)
    assert (child._keeper.waited() or 0.0) > before + 9e5
    child.kill()


def test_this_thread_tells_how_long_it_has_waited_for_a_core() -> None:
    first = connection.own_wait()
    assert first >= 0.0 and connection.own_wait() >= first


SHORT = QuestionLimits(1.0, 2048)
PRINTS = "def f():\n    for i in range(300_000):\n        print('step', i)\n    return 1"


@pytest.mark.slow
def test_printing_a_lot_costs_little(session: Open) -> None:
    assert put(CHECK, session(PRINTS)).state is State.PASS


@pytest.mark.slow
def test_printing_without_end_is_called_so(session: Open) -> None:
    verdict = put(CHECK, session(PRINTS.replace("range(300_000)", "iter(int, 1)")), limits=SHORT)
    assert verdict.diagnosis == "time limit" and "look at: what it prints" in verdict.message
    silent = put(CHECK, session("def f():\n    while True: pass"), limits=SHORT)
    assert silent.diagnosis == "time limit" and "look at: loops" in silent.message


def test_a_stream_passes_on_its_first_characters() -> None:
    behind = io.StringIO()
    stream = FirstLines(behind, 5)
    assert [stream.write(text) for text in ("abc", "defg", "h")] == [3, 4, 1]
    stream.flush()
    assert behind.getvalue() == "abcde"
    with pytest.raises(TypeError, match="must be str"):
        stream.write(b"x")  # type: ignore[arg-type]
    assert FirstLines(sys.__stdout__ or sys.stderr, 1).encoding


def test_first_imports_are_those_that_notebooks_speak_of() -> None:
    assert first_imports([b"import torch", b"from einops import rearrange", b"import einops, pandas"]) == [
        "einops.layers.torch",
        "pandas",
    ]
    assert first_imports([b"from torch.utils.checkpoint import checkpoint"]) == ["torch._dynamo"]
    assert first_imports([b'"model_checkpoints/"', b'"x = 7 % 2"', b'"\\n", "![A picture](attachment:a.png)"']) == []
    for magic in (b'"source": "%time f()"', rb'"x = 1\n !ls"', b'"files = !ls"', rb'"\n?f"'):
        assert first_imports([magic]) == ["IPython.core.inputtransformer2"], magic


@pytest.fixture(scope="module")
def prepared() -> Iterator[Sandbox]:
    """A sandbox that has imported everything which notebooks may import first, and a module that is not there."""
    speaks = b'"%time" utils.checkpoint einops jaxtyping scipy pandas sklearn'
    root = project_root()
    with open_sandbox(root, load(root)["hw4"], unsafe=True, notebooks=[speaks]) as opened:
        yield opened


WORKS = """
import sys, threading
imported = set(sys.modules)
def f():
    import numpy as np, pandas, torch
    from einops import rearrange
    from jaxtyping import Float
    from scipy import linalg, special, stats
    from sklearn.linear_model import LogisticRegression
    from torch.utils.checkpoint import checkpoint
    x = np.arange(6.0).reshape(3, 2)
    LogisticRegression().fit(x, [0, 1, 1])
    table = pandas.DataFrame(x).groupby(0).sum()
    layer = torch.nn.Linear(2, 2)
    checkpoint(layer, torch.ones(1, 2, requires_grad=True), use_reentrant=False).sum().backward()
    linalg.svd(x), special.expit(x), stats.norm.cdf(x), rearrange(x, "a b -> b a")
    return {needed} <= imported and threading.active_count() == 1
"""


@pytest.mark.slow
def test_children_work_after_first_imports(prepared: Sandbox) -> None:
    needed = {name for names in FIRST_IMPORTS.values() for name in names}
    content = notebook_of(WORKS.replace("{needed}", repr(needed)))
    for _ in range(2):
        with Session(prepared.fork, content, NAME, 60.0) as opened:
            assert Student(begin(opened, Rules(), seed=0)).f() is True


@pytest.mark.slow
def test_nothing_is_compiled_for_small_tensors(prepared: Sandbox) -> None:
    content = notebook_of("import torch\ndef f():\n    return torch._C._get_mkldnn_enabled(), torch.nn.LSTM(2, 3)")
    with Session(prepared.fork, content, NAME, 60.0) as opened:
        enabled, layer = Student(begin(opened, Rules(), seed=0)).f()
        assert not enabled and layer(torch.ones(4, 2))[0].shape == (4, 3)


@pytest.mark.slow
def test_a_module_that_cannot_be_imported_first_is_left_out() -> None:
    with Sandbox("autograder.worker.server:serve", imports=["no_such_module"], unsafe=True) as opened:
        assert opened.fork().kill()


def test_what_waited_for_a_core_is_asked_again_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    marked: list[tuple[str, bool]] = []
    waiting = {"b"}

    def mark(submission: Any, _: object, alone: bool = False) -> None:
        marked.append((submission.submission_id, alone))
        if alone:
            waiting.clear()

    def verdicts(submission_id: str) -> list[Verdict]:
        lost = submission_id in waiting
        return [Verdict.ungraded("1a", 3, Fault.NO_CORE, "") if lost else Verdict.scored("1a", 3, 3)]

    gradebook: Any = SimpleNamespace(verdicts=verdicts, diagnosed=lambda _: set(waiting), add_seconds=lambda *_: None)
    monkeypatch.setattr("autograder.classroom.phases.Marker", lambda *_: SimpleNamespace(mark=mark))
    monkeypatch.setattr("autograder.classroom.phases.student_page.write_student_page", lambda *_: None)
    submissions: Any = [SimpleNamespace(submission_id=name) for name in "abc"]
    sandboxes: Any = [object()]
    progress = ClassProgress("marking", 3, Console(quiet=True))
    ClassRun(Path(), SimpleNamespace(), gradebook, sandboxes).grade(submissions, progress)  # type: ignore[arg-type]
    assert marked == [("a", False), ("b", False), ("c", False), ("b", True)]


def test_what_took_long_before_is_graded_first() -> None:
    rows = [SimpleNamespace(submission_id=name, seconds=seconds) for name, seconds in [("a", 1.0), ("b", 9.0)]]
    gradebook = cast(Any, SimpleNamespace(attempts=lambda: rows))
    attempts = [cast(Any, SimpleNamespace(submission_id=name)) for name in "abcd"]
    assert [one.submission_id for one in longest_first(attempts, gradebook)] == ["b", "a", "c", "d"]
