"""One question put to one notebook: every way in which it can end, with what the student reads."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from marks import LIMITS
from marks import put as put_check

from autograder.checks import expect
from autograder.checks.case import Case
from autograder.checks.mistakes import Mismatch, Mistake
from autograder.checks.question import Check, question
from autograder.checks.rng import Rng
from autograder.course.limits import QuestionLimits
from autograder.marking.verdict import State, Verdict
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Student, attempt
from autograder.sandbox import Child, Limits, SandboxUnavailable

Open = Callable[..., Session]
X = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], dtype=torch.float64)
CASES = [
    Case(inputs=(X,), outputs={"y": 2 * X}, mistakes={"tripled": {"y": 3 * X}}, sizes={"rows": 2}),
    Case(inputs=(X[:1],), outputs={"y": 2 * X[:1]}, mistakes={"tripled": {"y": 3 * X[:1]}}, sizes={"rows": 1}),
]


@question("1a", points=10, cases="double", forbid=["torch.autograd.*", "*.backward"])
def check_double(student: Any, case: Case) -> None:
    """Doubles its input."""
    mistakes = {"tripled": Mistake("it is tripled", "the factor", earns=4)}
    expect.matches(student.double(*case.inputs), case, dims={"y": "(rows, columns)"}, mistakes=mistakes)


DOUBLE: Check = check_double.question  # type: ignore[attr-defined]
RIGHT = "def double(x):\n    return x * 2"


def put(session: Session, asked: Check = DOUBLE, limits: QuestionLimits = LIMITS) -> Verdict:
    return put_check(asked, session, CASES, "seed", limits=limits)


def test_a_right_answer_passes(session: Open) -> None:
    assert put(session(RIGHT)) == Verdict("1a", 10, 10, State.PASS)


def test_a_wrong_answer_fails_with_place_values_and_case(session: Open) -> None:
    verdict = put(session("y = 1", "def double(x):\n    return x * 5"))
    assert (verdict.state, verdict.points, verdict.diagnosis) == (State.FAIL, 0, "wrong values")
    assert verdict.message.splitlines() == [
        "y (rows, columns) is wrong in 6 of 6 values",
        "in homework.ipynb, code cell 2 (double); 2 of 2 cases fail",
        "expected 12 at [1, 2], got 30",
        "with the public case (rows 2)",
    ]


def test_a_known_mistake_earns_its_points(session: Open) -> None:
    verdict = put(session("def double(x):\n    return x * 3"))
    assert (verdict.state, verdict.points, verdict.diagnosis) == (State.PARTIAL, 4, "tripled")
    assert "y: it is tripled" in verdict.message and "look at: the factor" in verdict.message


def test_the_worst_case_counts(session: Open) -> None:
    verdict = put(session("def double(x):\n    return x * (3 if len(x) == 2 else 7)"))
    assert (verdict.points, verdict.diagnosis) == (0, "wrong values")
    assert "2 of 2 cases fail" in verdict.message and "rows 1" in verdict.message


def test_one_failing_case_is_enough(session: Open) -> None:
    verdict = put(session("def double(x):\n    return x * (2 if len(x) == 2 else 7)"))
    assert verdict.points == 0 and "1 of 2 cases fail" in verdict.message


@pytest.mark.parametrize(
    ("cell", "diagnosis", "words"),
    [
        ("def double(x):\n    return x.nothing", "error", "AttributeError"),
        ("def double(x):\n    return 1 / 0", "error", "line 2: return 1 / 0"),
        (
            "def double(x):\n    raise NotImplementedError('double is not written yet')",
            "not written",
            "not written yet",
        ),
        ("def duble(x):\n    return x", "missing", "double is not defined in the notebook"),
        ("def double(x)\n    return x", "syntax error", "code cell 1, line 1: def double(x)"),
        ("def double(x):\n    x.sum()", "wrong structure", "None (is a return statement missing?)"),
        ("def double(x):\n    return x.numpy() * 2", "wrong structure", "a value of type ndarray"),
        ("def double(x):\n    return (x * 2).T", "wrong shape", "got shape (3, 2)"),
        ("def double(x):\n    return x * float('nan')", "wrong values", "got nan"),
        ("def double(x):\n    import os; os._exit(0)", "crash", "ended the Python process (exit code 0)"),
        ("def double(x):\n    import os; os.abort()", "crash", "(SIG"),
        ("def double(x):\n    raise SystemExit", "error", "SystemExit"),
        ("def double(x):\n    return bytearray(1 << 40)", "memory limit", "more memory than is allowed"),
        ("def double(x):\n    return double(x)", "error", "RecursionError"),
        ("class E(Exception):\n    __str__ = None\ndef double(x):\n    raise E", "error", "E"),
    ],
)
def test_what_goes_wrong_is_said_plainly(session: Open, cell: str, diagnosis: str, words: str) -> None:
    verdict = put(session(cell))
    assert (verdict.state, verdict.points, verdict.diagnosis) == (State.FAIL, 0, diagnosis)
    assert words in verdict.message and "homework.ipynb" in verdict.message
    assert len(verdict.message.splitlines()) <= 6 and "Traceback" not in verdict.message


LACKING = "import torch\nfrom no_such_package.layers import twice\ndef double(x):\n    return twice(x)"


def test_a_package_that_is_not_here_is_nobodys_mistake(session: Open) -> None:
    verdict = put(session(LACKING))
    assert (verdict.state, verdict.points, verdict.diagnosis) == (State.UNGRADED, 0, "missing package")
    assert verdict.message.splitlines() == [
        "needs the package no_such_package, which is not installed here",
        "in homework.ipynb, code cell 1, line 2: from no_such_package.layers import twice",
        "look at: install it beside the grader and grade again, which asks this question anew",
    ]


def test_a_check_that_goes_on_without_a_package_costs_nothing_either(session: Open) -> None:
    accepted = False

    @question("1a", points=10)
    def check_with_fallback(student: Student) -> None:
        tried = attempt(student.double, X)
        expect.that(isinstance(tried, torch.Tensor) or accepted, "it fails", diagnosis="wrong values")

    assert put(session(LACKING), check_with_fallback.question).state is State.UNGRADED  # type: ignore[attr-defined]
    accepted = True
    assert put(session(LACKING), check_with_fallback.question).state is State.PASS  # type: ignore[attr-defined]


@pytest.mark.parametrize("module", ["torch.no_such_module", "__main__.model", "json.no_such_module", ""])
def test_a_module_that_an_installed_package_lacks_is_an_error(session: Open, module: str) -> None:
    cell = f"import importlib\ndef double(x):\n    raise ModuleNotFoundError(name={module!r})"
    assert put(session(cell)).diagnosis == "error"


def test_a_forbidden_package_counts_before_one_that_is_not_here(session: Open) -> None:
    asked = Check("1a", 10, DOUBLE.function, "double", Rules(allow_modules=("torch",)), fixtures=DOUBLE.fixtures)
    verdict = put(session(LACKING), asked)
    assert (verdict.state, verdict.points, verdict.diagnosis) == (State.FAIL, 0, "additional module")
    assert "no_such_package" in verdict.message


def test_an_endless_loop_ends_at_the_limit(session: Open) -> None:
    verdict = put(session("def double(x):\n    while True: pass"), limits=QuestionLimits(0.5, 2048))
    assert verdict.diagnosis == "time limit" and "did not finish within 0.5 seconds" in verdict.message


def test_after_a_crash_the_next_question_is_graded(session: Open) -> None:
    opened = session("import os\ndef crash(x):\n    os._exit(3)", RIGHT)

    @question("1b", points=1)
    def check_crash(student: Any) -> None:
        student.crash(1)

    assert put(opened, check_crash.question).diagnosis == "crash"  # type: ignore[attr-defined]
    assert put(opened).state is State.PASS


@pytest.mark.parametrize(
    ("cell", "call"),
    [
        ("import torch\ndef double(x):\n    y = (x * 2).requires_grad_(); y.sum().backward(); return y", "backward"),
        ("import torch.autograd as ag\ndef double(x):\n    ag.grad\n    return x * 2", "torch.autograd.grad"),
        (
            "def double(x):\n    z = x.clone().requires_grad_()\n    getattr(z, 'back' + 'ward')(z)\n    return x * 2",
            "torch.Tensor.backward",
        ),
    ],
)
def test_a_broken_rule_costs_the_points_and_names_the_call(session: Open, cell: str, call: str) -> None:
    verdict = put(session(cell))
    assert (verdict.state, verdict.points, verdict.diagnosis) == (State.FAIL, 0, "forbidden call")
    assert call in verdict.message and "code cell 1, line" in verdict.message


SUSPICION = """
class Scale:
    def backward(self, x):
        return x * 2
def double(x):
    scale = [Scale()]
    return scale[0].backward(x)
"""


def test_what_only_looks_like_a_broken_rule_is_a_flag(session: Open) -> None:
    verdict = put(session(SUSPICION))
    assert (verdict.state, verdict.points) == (State.PASS, 10)
    (flag,) = verdict.flags
    assert flag.startswith("may break a rule: ") and "backward" in flag and "code cell 1, line 7" in flag


def test_a_broken_rule_is_not_told_with_what_only_looks_like_one(session: Open) -> None:
    verdict = put(session(SUSPICION.replace("x * 2", "x * 2 if torch.autograd.grad else x"), "import torch"))
    assert verdict.diagnosis == "forbidden call"
    assert "torch.autograd.grad" in verdict.message and "scale[0]" not in verdict.message


def test_rules_hold_for_graded_code_alone(session: Open) -> None:
    assert put(session(RIGHT, "double(torch.ones(1, requires_grad=True)).backward()")).state is State.PASS


def test_printing_a_tensor_breaks_no_rule_about_gradients(session: Open) -> None:
    asked = Check(
        "1a", 10, DOUBLE.function, "double", Rules(("*requires_grad*", "*.grad_fn*")), fixtures=DOUBLE.fixtures
    )
    assert put(session("def double(x):\n    print(x)\n    return x * 2"), asked).state is State.PASS


def test_a_fault_of_the_check_is_ungraded(session: Open) -> None:
    @question("1c", points=3)
    def check_faulty(student: Any) -> None:
        raise KeyError("a bug of ours")

    verdict = put(session(RIGHT), check_faulty.question)  # type: ignore[attr-defined]
    assert (verdict.state, verdict.points, verdict.diagnosis) == (State.UNGRADED, 0, "grader error")


def test_a_doubtful_answer_is_ungraded(session: Open) -> None:
    @question("1c", points=3)
    def check_doubtful(student: Any) -> None:
        expect.ungraded("no candidate fits", "unknown layers")

    verdict = put(session(RIGHT), check_doubtful.question)  # type: ignore[attr-defined]
    assert (verdict.state, verdict.message) == (State.UNGRADED, "no candidate fits")


def test_wrong_parts_cost_once_over_all_cases(session: Open) -> None:
    @question("1d", points=10, cases="double")
    def check_parts(student: Any, case: Case) -> None:
        name = "first" if len(case.inputs[0]) == 2 else "second"
        raise Mismatch(f"{name} is wrong", diagnosis="wrong values", costs={name: 3})

    verdict = put(session(RIGHT), check_parts.question)  # type: ignore[attr-defined]
    assert verdict.points == 4 and "first, second" in verdict.message


def test_random_fixtures_repeat_by_seed(session: Open) -> None:
    seen: list[list[float]] = []

    @question("1e", points=1)
    def check_random(student: Any, rng: Rng) -> None:
        seen.append([*rng.normal(3).tolist(), *student.noise().tolist()])

    opened = session("import torch\ndef noise():\n    return torch.randn(3)")
    for seed in ("a", "a", "b"):
        put_check(check_random.question, opened, [], seed)  # type: ignore[attr-defined]
    assert seen[0] == seen[1] and seen[0][0] != seen[2][0] and seen[0][3] != seen[2][3]


def test_a_check_with_other_fixtures_is_refused() -> None:
    with pytest.raises(TypeError, match="takes student"):
        question("1", points=1)(lambda student, tmp_path: None)
    with pytest.raises(TypeError, match="case if it names cases"):
        question("1", points=1)(lambda student, case: None)


def test_stand_ins_win_over_the_notebook_for_one_question(session: Open) -> None:
    opened = session("def helper(x):\n    return x * 9\ndef double(x):\n    return helper(x)")

    @question("1f", points=10, cases="double")
    def check_with_stand_in(student: Student, case: Case) -> None:
        student.given(helper="def helper(x):\n    return x * 2")
        expect.matches(student.double(*case.inputs), case, dims={"y": "(rows, columns)"})

    assert put(opened, check_with_stand_in.question).state is State.PASS  # type: ignore[attr-defined]
    assert put(opened).state is State.FAIL


def test_an_unreadable_notebook_fails_with_one_message(sandbox: Any) -> None:
    broken = Session(sandbox.fork, b"{ not json", "homework.ipynb", 5.0)
    verdict = put(broken)
    assert verdict.diagnosis == "unreadable notebook" and "not valid JSON" in verdict.message


def test_a_sandbox_that_cannot_start_leaves_the_question_ungraded() -> None:
    def fork(_: Limits | None) -> Child:
        raise SandboxUnavailable("the warm process died twice")

    verdict = put(Session(fork, b"{}", "homework.ipynb", 5.0))
    assert (verdict.state, verdict.diagnosis, verdict.message) == (
        State.UNGRADED,
        "sandbox",
        "the warm process died twice",
    )


def test_a_worker_that_fails_at_our_part_leaves_the_question_ungraded(session: Open) -> None:
    @question("1g", points=10)
    def check_with_broken_stand_in(student: Student) -> None:
        student.given(helper="def (")

    verdict = put(session(RIGHT), check_with_broken_stand_in.question)  # type: ignore[attr-defined]
    assert (verdict.state, verdict.diagnosis) == (State.UNGRADED, "sandbox")
    assert "failed to define stand ins: SyntaxError" in verdict.message
