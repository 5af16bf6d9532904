"""Students who fake an answer earn nothing for it, and what they could use is not within their reach.

Every probe has a control: something it does find, so that it would find what it looks for.
"""

import json
import os
import socket
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from marks import put

from autograder.checks.case import load_module
from autograder.course.course import Course, load_course
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.marking.questions import mark_notebook
from autograder.marking.sandboxes import open_sandbox
from autograder.marking.verdict import State, Verdict
from autograder.protocol.inquiry import Inquiry, begin
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Student
from autograder.sandbox import Sandbox

pytestmark = pytest.mark.slow

ROOT = project_root()
ASSIGNMENT = load(ROOT)["assignment2"]
NOTEBOOK = "Assignment2-1_RNN.ipynb"
SEED = 2024
FORWARD = {"2-1-1a"}
CHEATERS = {
    "reads files and the network": FORWARD,
    "patches comparisons": FORWARD,
    "walks frames and objects": FORWARD,
    "knows the public cases": FORWARD,
    "forges replies": FORWARD,
    "hides a forbidden layer": FORWARD,
    "uses autograd": {"2-1-1b"},
}
build = load_module(ROOT / "staff" / "submissions" / "build.py", "sample_classes")


@pytest.fixture(scope="module")
def kept_apart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that stands for the submissions of others and their grades."""
    folder = tmp_path_factory.mktemp("class")
    (folder / "2024-20001.tar.gz").write_text("somebody's answer")
    return folder


@pytest.fixture(scope="module")
def isolated(kept_apart: Path) -> Iterator[Sandbox]:
    with open_sandbox(ROOT, ASSIGNMENT, protect=[kept_apart]) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def samples() -> dict[str, Any]:
    return {sample.who: sample for sample in build.CLASSES["assignment2"](ROOT)}


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(ROOT, ASSIGNMENT, SEED)


def mark(course: Course, sandbox: Sandbox, sample: Any) -> dict[str, Verdict]:
    """The verdicts of a sample student's first notebook, by question."""
    original, work = sample.notebooks[NOTEBOOK]
    content = build.writing.notebook(ROOT, ASSIGNMENT, original, work, NOTEBOOK)
    session = Session(sandbox.fork, content, NOTEBOOK, ASSIGNMENT.limits.seconds)
    try:
        return {verdict.question: verdict for verdict in mark_notebook(course, session)}
    finally:
        session.close()


@pytest.fixture
def ask_student(isolated: Sandbox, inquiry_with: Callable[[Sandbox, str], Inquiry]) -> Callable[..., Any]:
    """Runs the body of a function in the student's process and returns what it returns."""

    def run(body: str, *arguments: object) -> Any:
        return Student(inquiry_with(isolated, body)).probe(*arguments)

    return run


@pytest.fixture
def inquiry_with() -> Iterator[Callable[[Sandbox, str], Inquiry]]:
    opened = []

    def make(sandbox: Sandbox, body: str) -> Inquiry:
        code = "def probe(*given):\n" + textwrap.indent(textwrap.dedent(body), "    ")
        content = build.writing.colab.notebook([("code", code)], "probe")
        opened.append(Session(sandbox.fork, content, "probe.ipynb", 60))
        return begin(opened[-1], Rules(), 0)

    yield make
    for session in opened:
        session.close()


@pytest.mark.parametrize("who", CHEATERS)
def test_cheater_earns_nothing_for_what_is_faked_and_keeps_the_rest(
    who: str, course: Course, isolated: Sandbox, samples: dict[str, Any]
) -> None:
    for question, verdict in mark(course, isolated, samples[who]).items():
        if question in CHEATERS[who]:
            assert (verdict.points, verdict.state) == (0, State.FAIL), verdict
        else:
            assert verdict.state is State.PASS, verdict


def test_public_answers_would_do_without_secret_cases(isolated: Sandbox, samples: dict[str, Any]) -> None:
    marks = mark(load_course(ROOT, ASSIGNMENT), isolated, samples["knows the public cases"])
    assert marks["2-1-1a"].state is State.PASS


READABLE = """
import os
seen = []
for top in given[0]:
    for folder, folders, files in os.walk(top):
        seen += [os.path.join(folder, name) for name in folders]
        for name in files:
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    file.read(1)
                seen.append(os.path.join(folder, name))
            except OSError:
                pass
return seen[:100]
"""


def test_nothing_of_the_course_can_be_read(ask_student: Callable[..., Any], kept_apart: Path) -> None:
    hidden = [ROOT / "tests", ROOT / "staff", ROOT / "notebooks", kept_apart, Path.home()]
    assert all(path.exists() for path in hidden)
    assert ask_student(READABLE, [str(path) for path in hidden]) == []
    assert ask_student(READABLE, [str(Path(json.__file__).parent)])


def test_neither_home_nor_the_project_can_be_written(
    ask_student: Callable[..., Any], kept_apart: Path, tmp_path: Path
) -> None:
    folders = [ROOT, ROOT / "data", ROOT / "tests" / "cases", kept_apart, tmp_path, Path.home(), Path("/tmp")]
    places = [str(folder / "left-by-a-student") for folder in folders]
    write = """
    import os
    for place in given[0]:
        try:
            open(place, "w").write("x")
        except OSError:
            pass
    open("scratch", "w").write("x")
    return os.path.exists("scratch")
    """
    assert ask_student(write, places) is True
    assert [place for place in places if Path(place).exists()] == []


def test_the_network_is_out_of_reach(ask_student: Callable[..., Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        address = server.getsockname()
        with socket.create_connection(address):
            server.accept()[0].close()
        connect = """
        import socket
        try:
            socket.create_connection(tuple(given[0]), timeout=1)
            return "connected"
        except OSError as error:
            return "refused"
        """
        assert ask_student(connect, list(address)) == "refused"
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_other_processes_are_out_of_reach(ask_student: Callable[..., Any]) -> None:
    look = """
    import os
    seen = []
    for process in given[0]:
        for what in ("mem", "environ", "maps", "cmdline"):
            try:
                with open(f"/proc/{process}/{what}", "rb") as file:
                    seen.append(file.read(1))
            except OSError:
                pass
        try:
            os.kill(process, 0)
            seen.append(process)
        except OSError:
            pass
    return seen
    """
    # Where processes have a namespace of their own, a number may be another one's: that of the test is far from 1.
    assert ask_student(look, [os.getpid()]) == []
    os.kill(os.getpid(), 0)


def test_nothing_can_be_started(ask_student: Callable[..., Any]) -> None:
    start = """
    import os, subprocess, sys
    done = []
    for program in (["/bin/cat", "/dev/null"], [sys.executable, "-c", ""]):
        try:
            subprocess.run(program, check=True, timeout=2)
            done.append(program[0])
        except Exception:
            pass
    return done
    """
    assert ask_student(start) == []


def test_the_environment_tells_nothing(ask_student: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_SEED", "2024")
    names = ask_student("import os\nreturn sorted(os.environ)")
    assert "PATH" in names or "HOME" in names
    assert "SECRET_SEED" not in names and "PYTEST_CURRENT_TEST" not in names


def test_no_expected_tensor_is_in_the_students_process(
    isolated: Sandbox, inquiry_with: Callable[[Sandbox, str], Inquiry], course: Course
) -> None:
    walk = """
    import gc, sys, torch
    found, frame = gc.get_objects(), sys._getframe()
    while frame is not None:
        found += [value for value in [*frame.f_locals.values(), *frame.f_globals.values()]]
        frame = frame.f_back
    for value in list(found):
        if type(value) in (list, tuple):
            found += value
        elif type(value) is dict:
            found += value.values()
    tensors = {id(t): t for t in found if type(t) is torch.Tensor and t.dtype == torch.float64}
    return [t.clone() for t in tensors.values()][:1000]
    """
    student = Student(inquiry_with(isolated, walk))
    for case in course.cases["gru_forward"]:
        seen = student.probe(*case.inputs)
        for given in case.inputs:
            assert any(given.shape == t.shape and given.equal(t) for t in seen)
        wanted = [*case.outputs.values(), *(t for outputs in case.mistakes.values() for t in outputs.values())]
        assert not any(want.shape == t.shape and want.allclose(t) for want in wanted for t in seen)


def test_no_check_and_no_case_is_among_the_modules(ask_student: Callable[..., Any]) -> None:
    loaded = ask_student("import sys\nreturn sorted(name for name in sys.modules if 'autograder' in name)")
    assert "autograder.worker" in loaded
    trusted = {
        "autograder.checks.case",
        "autograder.course.course",
        "autograder.checks.closeness",
        "autograder.checks.expect",
        "autograder.classroom.phases",
        "autograder.checks.question",
    }
    assert not trusted & set(loaded)


def test_a_student_cannot_make_the_next_question_right(course: Course, isolated: Sandbox) -> None:
    """The forged replies that one question leaves unread are not taken for answers to the next."""
    forge = build.assignment2.hostile.FORGES_REPLIES.replace("range(3, 256)", "[*range(3, 256)] * 3")
    work = build.assignment2.Work({"gru_forward": forge}, unwritten=True)
    content = build.writing.notebook(ROOT, ASSIGNMENT, NOTEBOOK, work, NOTEBOOK)
    session = Session(isolated.fork, content, NOTEBOOK, ASSIGNMENT.limits.seconds)
    try:
        for check in course.of_code(NOTEBOOK):
            verdict = put(check, session, course.cases[check.cases], SEED)
            assert verdict.points == 0 and verdict.state is State.FAIL, verdict
    finally:
        session.close()
