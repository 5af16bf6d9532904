"""What was recorded answers for the code: every verdict comes back, and whatever was not asked before is refused."""

import os
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import torch
from marks import LIMITS, put

from autograder.checks import expect
from autograder.checks.case import Case
from autograder.checks.question import Check, question
from autograder.course.limits import QuestionLimits
from autograder.marking.verdict import State, Verdict, sum_verdicts
from autograder.protocol.recording import Answer, Player, Recorder, Recording, Unrecorded
from autograder.protocol.session import Session
from autograder.protocol.transcript import Transcript
from autograder.sandbox import ChildEnded, Exit, Limits, Sandbox, SandboxUnavailable
from conftest import NAME, notebook_of

X = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], dtype=torch.float64)
PATIENT = 60.0  # seconds for code that ends, however busy the machine is
CASES = [Case(inputs=(X,), outputs={"y": 2 * X}, sizes={"rows": 2})]


def asks(atol: float = 1e-9, times: int = 1, points: float = 10, forbid: tuple[str, ...] = ()) -> Check:
    """A check that doubles: how exactly, how many calls, what it is worth, what it forbids."""

    @question("1a", points=points, cases="double", forbid=forbid)
    def check_double(student: Any, case: Case) -> None:
        for _ in range(times):
            expect.matches(student.double(*case.inputs), case, dims={"y": "(rows, columns)"}, atol=atol, rtol=0)

    return check_double.question  # type: ignore[attr-defined,no-any-return]


def limits_of(cells: tuple[str, ...]) -> QuestionLimits:
    """Little time for code that never ends."""
    return QuestionLimits(1.0, 2048) if ANSWERS["hangs"] in cells else LIMITS


def live(
    sandbox: Sandbox, cells: tuple[str, ...], asked: Check, before: Check | None = None
) -> tuple[Verdict, Recorder]:
    """The verdict of a notebook that runs, and what was recorded."""
    recorder = Recorder(sandbox.fork, "version")
    with Session(recorder.fork, notebook_of(*cells), NAME, 1.0 if ANSWERS["hangs"] in cells else PATIENT) as session:
        limits = limits_of(cells)
        if before:
            put(before, session, CASES, "seed", limits=limits)
        return put(asked, session, CASES, "seed", limits=limits), recorder


def played(reading: bytes, recording: bytes, asked: Check, limits: QuestionLimits = LIMITS) -> Verdict:
    """The verdict of what was recorded."""
    player = Player(Recording.from_bytes(reading))
    player.last = Recording.from_bytes(recording)
    return put(asked, Session(player.fork, b"", NAME, 1.0), CASES, "seed", limits=limits)


ANSWERS = {
    "right": "def double(x):\n    return x * 2",
    "wrong": "def double(x):\n    return x * 3",
    "raises": "def double(x):\n    return 1 / 0",
    "prints": "def double(x):\n    print(x)\n    return x * 2",
    "exits": "import os\ndef double(x):\n    os._exit(3)",
    "crashes": "import ctypes\ndef double(x):\n    return ctypes.string_at(0)",
    "hangs": "def double(x):\n    while True:\n        pass",
    "dies": "import os\ndef double(x):\n    os.kill(os.getpid(), 9)\n    return x",
    "is missing": "def dubble(x):\n    return x * 2",
    "is cut off": "def double(x:",
    "forges": "import os\ndef double(x):\n    os.write(4, b'\\xff' * 64)\n    return x",
    "breaks a rule": "def double(x):\n    return x.requires_grad_().mul(2).detach()",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_recording_gives_the_same_verdict(sandbox: Sandbox, name: str) -> None:
    asked = asks(forbid=("*.requires_grad_",))
    verdict, recorder = live(sandbox, (ANSWERS[name],), asked)
    assert (verdict.state is State.PASS) == (name in ("right", "prints"))
    if verdict.state is State.UNGRADED:  # a process that nobody may kill: nothing is known about the student
        assert name == "dies"
    limits = limits_of((ANSWERS[name],))
    assert played(recorder.reading.to_bytes(), recorder.last.to_bytes(), asked, limits) == verdict


def test_an_unreadable_notebook_comes_back_too(sandbox: Sandbox) -> None:
    recorder = Recorder(sandbox.fork, "version")
    verdict = put(asks(), Session(recorder.fork, b"{ not json", NAME, PATIENT), CASES, "seed")
    assert verdict.diagnosis == "unreadable notebook"
    assert played(recorder.reading.to_bytes(), recorder.last.to_bytes(), asks()) == verdict


def test_another_tolerance_and_other_points_are_applied(sandbox: Sandbox) -> None:
    verdict, recorder = live(sandbox, ("def double(x):\n    return x * 2 + 0.5",), asks())
    reading, recording = recorder.reading.to_bytes(), recorder.last.to_bytes()
    assert verdict.state is State.FAIL
    assert played(reading, recording, asks(atol=1)) == Verdict("1a", 10, 10, State.PASS)
    assert played(reading, recording, asks(atol=1, points=4)) == Verdict("1a", 4, 4, State.PASS)


@pytest.mark.parametrize("other", [asks(times=2), asks(forbid=("torch.*",))])
def test_what_was_not_asked_is_refused(sandbox: Sandbox, other: Check) -> None:
    _, recorder = live(sandbox, (ANSWERS["right"],), asks())
    with pytest.raises(Unrecorded):
        played(recorder.reading.to_bytes(), recorder.last.to_bytes(), other)


def test_fewer_questions_than_were_asked_find_their_answers(sandbox: Sandbox) -> None:
    _, recorder = live(sandbox, (ANSWERS["right"],), asks(times=3))
    assert played(recorder.reading.to_bytes(), recorder.last.to_bytes(), asks(times=1)).state is State.PASS
    with pytest.raises(Unrecorded):
        played(recorder.reading.to_bytes(), Recording().to_bytes(), asks())


def test_a_recording_compressed_as_a_whole_is_read_and_one_cut_off_is_refused() -> None:
    recording = Recording({b"k" * 16: Answer(b"some answer"), b"l" * 16: Answer(end={"waited": 1.0})}, "limits")
    data = recording.to_bytes()
    compressed = zlib.compress(data[1 : data.index(b"]]]") + 3] + b"some answer")
    assert Recording.from_bytes(data) == Recording.from_bytes(compressed) == recording
    for cut in (data[:-1], data[:20], data[:1], b"", compressed[:-1]):
        with pytest.raises(Unrecorded, match="another form"):
            Recording.from_bytes(cut)


def test_a_recording_does_not_depend_on_earlier_questions(sandbox: Sandbox) -> None:
    _, alone = live(sandbox, (ANSWERS["right"],), asks())
    _, second = live(sandbox, (ANSWERS["right"],), asks(), before=asks(times=2))
    assert alone.last.answers.keys() == second.last.answers.keys()
    _, other = live(sandbox, (ANSWERS["right"], "x = 1"), asks())
    assert not alone.last.answers.keys() & other.last.answers.keys()


def test_what_a_limit_ended_does_not_hold_under_others(sandbox: Sandbox) -> None:
    for name, holds in (("hangs", False), ("wrong", True)):
        _, recorder = live(sandbox, (ANSWERS[name],), asks())
        recorder.last.limits = "one second"
        again = Recording.from_bytes(recorder.last.to_bytes())
        assert (again.holds_under("one second"), again.holds_under("two seconds")) == (True, holds)


@pytest.mark.parametrize("plain", [None, b"", b"[1, 2, 3]", b"[1, [2]]", b'["", {"a": 1}]', b'["", [["zz", 1, null]]]'])
def test_bytes_that_are_no_recording_need_the_code(plain: bytes | None) -> None:
    written = b"nothing" if plain is None else zlib.compress(len(plain).to_bytes(8, "little") + plain)
    with pytest.raises(Unrecorded):
        Recording.from_bytes(written)


# ---------------------------------------------------------------- asked once more


Forks = Callable[[Limits | None], Any]


def test_a_question_that_an_earlier_one_spoils_is_asked_in_a_fresh_process(sandbox: Sandbox) -> None:
    spoils = "import torch\ndef spoil(x):\n    torch.Tensor.__mul__ = lambda a, b: a\n    return x\n"
    forks = []

    @question("1b", points=1, cases="spoil")
    def check_spoil(student: Any, case: Case) -> None:
        student.spoil(*case.inputs)

    def fork(limits: Limits | None = None) -> Any:
        forks.append(limits)
        return sandbox.fork(limits)

    with Session(fork, notebook_of(spoils + ANSWERS["right"]), NAME, PATIENT) as session:
        for asked in (check_spoil.question, asks()):  # type: ignore[attr-defined]
            assert put(asked, session, CASES, "seed").state is State.PASS
        assert len(forks) == 2
        assert put(asks(), session, CASES, "seed").state is State.PASS
        assert session.reused and len(forks) == 2


@pytest.mark.parametrize(
    ("answer", "processes"),
    [
        ("def double(x):\n    raise NotImplementedError", 1),
        ("def double(x):\n    'Twice x.'\n    raise NotImplementedError('TODO')", 1),
        ("def double(x):\n    return todo(x)\ndef todo(x):\n    raise NotImplementedError", 2),  # not what was called
        ("def double(x):\n    x = x * 2\n    raise NotImplementedError", 2),
        ("def double(x):\n    return None", 2),  # only values are told from it
        ("double = lambda x: 1 / 0", 2),
    ],
)
def test_what_only_raises_by_its_text_is_not_asked_again(sandbox: Sandbox, answer: str, processes: int) -> None:
    forks = []

    def fork(limits: Limits | None = None) -> Any:
        forks.append(limits)
        return sandbox.fork(limits)

    @question("1b", points=1, cases="first")
    def check_first(student: Any, case: Case) -> None:
        student.first(*case.inputs)

    with Session(
        fork, notebook_of("import os\ndef first(x):\n    os.getpid()\n    return x", answer), NAME, PATIENT
    ) as session:
        assert put(check_first.question, session, CASES, "seed").state is State.PASS  # type: ignore[attr-defined]
        used = put(asks(), session, CASES, "seed")
        assert len(forks) == processes
        session.close()
        assert used.points == 0 and put(asks(), session, CASES, "seed") == used


@pytest.mark.parametrize(("looks_into", "processes"), [(False, 1), (True, 2)])
def test_what_asks_nothing_of_the_process_is_not_asked_again(
    sandbox: Sandbox, looks_into: bool, processes: int
) -> None:
    forks = []

    def fork(limits: Limits | None = None) -> Any:
        forks.append(limits)
        return sandbox.fork(limits)

    @question("1b", points=1)
    def check_outputs(student: Any) -> None:
        assert not looks_into or student.ran("*") == 0
        expect.that(False, "the saved outputs show nothing", diagnosis="no figure")

    may_spoil = "import os\ndef double(x):\n    os.getpid()\n    return x * 2"
    with Session(fork, notebook_of(may_spoil), NAME, PATIENT) as session:
        assert put(asks(), session, CASES, "seed").state is State.PASS
        verdict = put(check_outputs.question, session, CASES, "seed")  # type: ignore[attr-defined]
        assert (verdict.points, verdict.diagnosis, len(forks)) == (0, "no figure", processes)


def test_a_check_that_passes_writes_no_lines(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise AssertionError("nobody reads it")

    monkeypatch.setattr(Transcript, "write", fail)
    assert live(sandbox, (ANSWERS["right"],), asks())[0].state is State.PASS


@pytest.mark.slow
def test_a_question_that_hangs_is_not_asked_again(sandbox: Sandbox) -> None:
    cells = notebook_of(ANSWERS["hangs"], "def quick(x):\n    return x")

    @question("1b", points=1, cases="quick")
    def check_quick(student: Any, case: Case) -> None:
        student.quick(*case.inputs)

    hangs = QuestionLimits(2.5, 2048)
    with Session(sandbox.fork, cells, NAME, 2.5) as session:
        put(check_quick.question, session, CASES, "seed", limits=hangs)  # type: ignore[attr-defined]
        assert put(asks(), session, CASES, "seed", limits=hangs).diagnosis == "time limit"
        assert session.reused


def test_threads_that_are_left_cost_the_process(sandbox: Sandbox) -> None:
    leaves = """
    import threading, time, os
    def first(x):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        return os.getpid()
    def second(x):
        return threading.active_count()
    """
    seen = []

    @question("1a", points=1, cases="c")
    def check_first(student: Any, case: Case) -> None:
        student.first(*case.inputs)

    @question("1b", points=1, cases="c")
    def check_second(student: Any, case: Case) -> None:
        seen.append(student.second(*case.inputs))

    with Session(sandbox.fork, notebook_of(leaves), NAME, PATIENT) as session:
        for check in (check_first, check_second):
            assert put(check.question, session, CASES, "seed").state is State.PASS  # type: ignore[attr-defined]
    assert seen == [1]


@pytest.mark.slow
def test_a_sandbox_that_takes_its_time_costs_nothing(sandbox: Sandbox) -> None:
    def fork(limits: Limits | None = None) -> Any:
        time.sleep(3)
        return sandbox.fork(limits)

    with Session(fork, notebook_of(ANSWERS["right"]), NAME, 2.5) as session:
        assert put(asks(), session, CASES, "seed").state is State.PASS


@pytest.mark.parametrize(("times", "state"), [(1, State.PASS), (2, State.PASS), (3, State.UNGRADED)])
def test_a_sandbox_that_fails_now_and_then_costs_nothing(sandbox: Sandbox, times: int, state: State) -> None:
    failures = [True] * times

    def fork(limits: Limits | None = None) -> Any:
        if failures and failures.pop():
            raise SandboxUnavailable("not now")
        return sandbox.fork(limits)

    with Session(fork, notebook_of(ANSWERS["right"]), NAME, PATIENT) as session:
        assert put(asks(), session, CASES, "seed").state is state
    assert failures == []


def test_a_process_killed_while_a_spoilt_question_is_asked_again_costs_nothing(sandbox: Sandbox) -> None:
    class Killed:
        """A child that somebody kills when it is asked for an answer."""

        def __init__(self, child: Any) -> None:
            self.send, self.kill, self.asked = child.send, child.kill, 0
            self._child = child

        def receive(self, size: int, deadline: float) -> bytes:
            self.asked += 1
            if self.asked > 4:  # after reading and beginning, of which each is two pieces
                raise ChildEnded(Exit("signal", signal="SIGKILL"))
            return self._child.receive(size, deadline)  # type: ignore[no-any-return]

    made: list[Any] = []

    def fork(limits: Limits | None = None) -> Any:
        child = sandbox.fork(limits)
        made.append(Killed(child) if len(made) == 1 else child)
        return made[-1]

    may_spoil = "import os\ndef double(x):\n    os.getpid()\n    return x * 3"
    with Session(fork, notebook_of("x = []", may_spoil), NAME, PATIENT) as session:
        first = put(asks(), session, CASES, "seed")
        assert put(asks(), session, CASES, "seed") == first
    assert len(made) == 3 and first.diagnosis == "wrong values"


def test_a_label_of_which_a_part_could_not_be_asked_is_asked_again_as_a_whole() -> None:
    parts = [Verdict.scored("1a", 0, 4, "not written", "x"), Verdict.ungraded("1a", 6, "sandbox", "it failed")]
    for order in (parts, parts[::-1]):
        added = sum_verdicts(order)
        assert (added.state, added.diagnosis, added.max_points) == (State.UNGRADED, "sandbox", 10)
    doubtful = [parts[0], Verdict.ungraded("1a", 6, "unknown layers", "y")]
    assert sum_verdicts(doubtful).diagnosis == "not written, unknown layers"


def test_a_process_that_used_its_time_gives_way_to_a_fresh_one(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Session(sandbox.fork, notebook_of(ANSWERS["right"]), NAME, PATIENT) as session:
        put(asks(), session, CASES, "seed")
        monkeypatch.setattr(session, "_waited", 3.0)
        put(asks(), session, CASES, "seed")
        assert not session.reused and session._waited < 3.0


@pytest.mark.slow
def test_cpu_time_is_limited(sandbox: Sandbox) -> None:
    with Session(sandbox.fork, notebook_of(ANSWERS["hangs"]), NAME, PATIENT) as session:
        verdict = put(asks(), session, CASES, "seed", limits=QuestionLimits(60, 2048, cpu_seconds=1))
    assert (verdict.state, verdict.diagnosis) == (State.FAIL, "time limit")
    assert f"double used more than {1 + (os.cpu_count() or 1)} seconds of CPU time" in verdict.message


def test_other_limits_take_another_process(sandbox: Sandbox) -> None:
    eats = "import torch\ndef double(x):\n    return 2 * x + torch.ones(1 << 26).sum() * 0"
    with Session(sandbox.fork, notebook_of(eats), NAME, PATIENT) as session:
        assert put(asks(), session, CASES, "seed", limits=QuestionLimits(60, 2048)).state is State.PASS
        assert put(asks(), session, CASES, "seed", limits=QuestionLimits(60, 128)).diagnosis == "memory limit"


def test_an_answer_beyond_the_limit_is_refused(sandbox: Sandbox) -> None:
    long = "import torch\ndef double(x):\n    return torch.zeros(1 << 20)"
    with Session(sandbox.fork, notebook_of(long), NAME, PATIENT) as session:
        verdict = put(asks(), session, CASES, "seed", limits=QuestionLimits(60, 2048, output_mib=2))
    assert verdict.diagnosis == "malformed reply"
    assert "double broke off its answer, or sent more than is allowed" in verdict.message
