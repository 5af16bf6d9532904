"""The hostile corpus stays inside of tiers 1 and 2, its attempts succeed where nothing holds; the doctor says so."""

import array
import contextlib
import ctypes
import os
import signal
import socket
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from rich.console import Console
from typer.testing import CliRunner

from autograder.checks.case import load_module
from autograder.cli.app import app
from autograder.course.course import load_course
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.marking.verdict import Verdict
from autograder.sandbox import SandboxUnavailable, examination
from autograder.sandbox.layers import landlock

ROOT = project_root()
doctor = load_module(ROOT / "staff" / "doctor" / "examine.py", "doctor")

import trial  # noqa: E402  # beside it
from canaries import Canaries  # noqa: E402
from corpus import Hostile, load_corpus  # noqa: E402
from trial import Trial, trial_of  # noqa: E402

CORPUS = load_corpus(ROOT)
QUICK: dict[str, tuple[str, ...]] = sys.modules["hostile.corpus"].QUICK
COURSE = load_course(ROOT, load(ROOT)[CORPUS.assignment])
REAL = tuple(case for case in CORPUS.cases if case.works_unconfined)
NOTHING = Hostile("nothing", "none")
NO_TIER = "none: run the grader in its container (docs/container.md); `grade` refuses without `--unsafe`"


def name(case: Hostile) -> str:
    return f"{case.threat}: {case.name}"


def is_quick(case: Hostile) -> bool:
    return case.name in QUICK[case.threat]


def tried(case: Hostile, otherwise: pytest.MarkDecorator = pytest.mark.slow) -> ParameterSet:
    """A parameter: a case that is not quick bears a mark."""
    return pytest.param(case, id=name(case), marks=() if is_quick(case) else otherwise)


@pytest.fixture(scope="module")
def best() -> Iterator[Trial]:
    """In the best tier that promises to contain student code, as `grade` takes it."""
    with trial_of(ROOT, 1, CORPUS, COURSE) as (trial, sandbox):
        if sandbox.tier not in (1, 2):
            pytest.skip("this machine offers neither tier 1 nor tier 2")
        yield trial


@pytest.fixture(scope="module")
def tier_2() -> Iterator[Trial]:
    with trial_of(ROOT, 2, CORPUS, COURSE) as (trial, sandbox):
        if sandbox.tier != 2:
            pytest.skip("this machine does not offer tier 2")
        yield trial


@pytest.fixture(scope="module")
def tier_4() -> Iterator[Trial]:
    with trial_of(ROOT, 4, CORPUS, COURSE) as (trial, _):
        yield trial


# ---------------------------------------------------------------- the corpus


def test_corpus_is_large_and_its_cases_have_names_of_their_own() -> None:
    assert len(CORPUS.cases) >= 60
    assert len({name(case) for case in CORPUS.cases}) == len(CORPUS.cases)
    assert len(REAL) >= 40


def test_one_or_two_of_each_threat_are_quick() -> None:
    assert {case.threat for case in CORPUS.cases} == QUICK.keys()
    assert all(1 <= len(names) <= 2 for names in QUICK.values())
    assert sum(map(is_quick, CORPUS.cases)) == sum(map(len, QUICK.values()))


@pytest.mark.parametrize("case", [tried(case) for case in CORPUS.cases if case.works_unconfined or is_quick(case)])
def test_attempts_are_contained_in_the_best_tier(best: Trial, case: Hostile) -> None:
    outcome = best.run(case)
    assert (outcome.escaped, outcome.next_wrong) == ((), "")


@pytest.mark.nightly
@pytest.mark.parametrize("case", CORPUS.cases, ids=name)
def test_everything_is_contained_in_tier_2(tier_2: Trial, case: Hostile) -> None:
    outcome = tier_2.run(case)
    assert (outcome.escaped, outcome.next_wrong) == ((), "")


@pytest.mark.slow
@pytest.mark.parametrize("case", [tried(case, pytest.mark.nightly) for case in REAL])
def test_attempts_succeed_where_only_limits_hold(tier_4: Trial, case: Hostile) -> None:
    outcome = tier_4.run(case)
    assert outcome.escaped and not outcome.contained


@pytest.mark.slow
def test_what_attempts_did_is_undone(tier_4: Trial) -> None:
    for case in REAL[-3:]:
        assert not tier_4.run(case).contained
        assert tier_4.run(NOTHING).contained


# ---------------------------------------------------------------- how a case is judged


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (Hostile("says so", "x", "won()"), "did what it tried"),
        (Hostile("ends", "x", "output = torch.zeros(1)", ends=("crash",)), "ended by 'wrong shape' instead of crash"),
        (Hostile("is right", "x", notebook=lambda: CORPUS.good), "got full marks"),
    ],
    ids=["flag", "ending", "marks"],
)
def test_what_a_case_shows_is_judged(best: Trial, case: Hostile, reason: str) -> None:
    outcome = best.run(case)
    assert outcome.escaped == (reason,) and not outcome.contained


def test_slow_and_ungraded_cases_are_not_contained() -> None:
    case = Hostile("x", "x")
    wrong, ungraded = Verdict.scored("q", 0, 1, "wrong values"), Verdict.ungraded("q", 1, "sandbox", "it failed")
    late = Verdict.scored("q", 0, 1, "time limit")
    assert list(trial._from_verdict(case, wrong, 1.0)) == []
    assert list(trial._from_verdict(replace(case, ends=("crash",)), late, 1.0)) == []
    assert list(trial._from_verdict(case, wrong, 100.0)) == ["took 100 seconds"]
    assert list(trial._from_verdict(case, ungraded, 1.0)) == ["was left ungraded: sandbox, it failed"]


def test_what_the_next_student_sees_is_compared(best: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(best, "_usual", "an empty folder")
    outcome = best.run(NOTHING)
    assert outcome.next_wrong.startswith("the next student sees [") and not outcome.contained
    monkeypatch.setattr(best, "_corpus", replace(CORPUS, good=CORPUS.write(Hostile("wrong", "none"), {})))
    outcome = best.run(NOTHING)
    assert outcome.next_wrong.startswith("FAIL wrong values") and not outcome.contained


@pytest.mark.slow
def test_trial_needs_a_good_submission_that_is_right() -> None:
    wrong = CORPUS.write(Hostile("wrong", "none"), {})
    with (
        contextlib.closing(Canaries(ROOT)) as planted,
        trial.open_tier(ROOT, 2) as sandbox,
        sandbox.twin() as twin,
    ):
        for corpus in (replace(CORPUS, good=wrong), replace(CORPUS, neighbour=lambda secret: wrong)):
            with pytest.raises(SandboxUnavailable, match="is not graded right"):
                Trial(sandbox, twin, corpus, COURSE, planted)


# ---------------------------------------------------------------- canaries


@pytest.fixture
def canaries() -> Iterator[Canaries]:
    planted = Canaries(ROOT)
    yield planted
    planted.close()
    assert not planted.folder.exists()


def test_untouched_canaries_are_silent(canaries: Canaries) -> None:
    assert canaries.touched() == canaries.touched() == []


def test_changed_files_are_told_and_planted_anew(canaries: Canaries) -> None:
    where = canaries.whereabouts
    Path(where["answers"]).chmod(0o600)
    Path(where["home"]).unlink()
    assert canaries.touched() == ["changed answers/expected.json", "changed home", "changed home/.netrc"]
    assert canaries.touched() == []
    assert Path(where["home"]).read_text() in canaries.secrets


def test_visits_are_told(canaries: Canaries) -> None:
    where = canaries.whereabouts
    socket.create_connection(("127.0.0.1", where["tcp"])).close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.sendto(b"", ("127.0.0.1", where["udp"]))
    for address in (where["unix"], f"\0{where['abstract']}"):
        with socket.socket(socket.AF_UNIX) as made:
            made.connect(address)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.sendto(b"", where["datagrams"])
    ways = ("TCP", "UDP", "a unix socket", "an abstract socket", "a datagram socket")
    assert canaries.touched() == [f"reached {way}" for way in ways]
    assert canaries.touched() == []


def test_the_accomplice_hands_in_what_it_is_asked_for(canaries: Canaries) -> None:
    def gift(wish: bytes) -> int:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with ours, theirs:
            answer_here = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))
            theirs.sendmsg([wish], [answer_here], 0, canaries.whereabouts["accomplice"])
            return socket.recv_fds(ours, 64, 1)[1][0]

    with os.fdopen(gift(b"file")) as file:
        assert canaries.secrets[file.read()] == "the answers"
    os.close(gift(b"connection"))
    assert canaries.touched() == ["reached TCP"]


def test_messages_in_the_queue_are_told(canaries: Canaries) -> None:
    libc = ctypes.CDLL(None)
    message = ctypes.create_string_buffer((1).to_bytes(8, sys.byteorder) + b"hello")
    assert libc.msgsnd(canaries.whereabouts["queue"], message, 5, 0) == 0
    assert canaries.touched() == ["reached a message queue"]
    assert canaries.touched() == []


def test_victims_are_watched_and_replaced(canaries: Canaries) -> None:
    first = canaries.whereabouts["victims"][0]
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert canaries.touched() == ["touched another process (ended by SIGKILL)"]
    second = canaries.whereabouts["victims"][0]
    assert second != first
    os.setpriority(os.PRIO_PROCESS, second, 19)
    assert canaries.touched() == ["touched another process (running, priority 19)"]
    assert canaries.touched() == []


def test_changed_libraries_are_told(canaries: Canaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_paths", lambda: {"stdlib": str(tmp_path), "purelib": str(tmp_path)})
    canaries.touched()  # takes note of these instead
    assert canaries.touched() == []
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "sitecustomize.py").write_text("x")
    assert canaries.touched() == [f"changed {tmp_path / 'sitecustomize.py'}"]


# ---------------------------------------------------------------- the command


def examined(monkeypatch: pytest.MonkeyPatch, *cases: Hostile, tier: str = "2") -> tuple[int, str]:
    """The exit code and the output of `autograder doctor --tier` with these cases."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("corpus.load_corpus", lambda root: replace(CORPUS, cases=cases))
    result = CliRunner().invoke(app, ["doctor", "--tier", tier])
    return result.exit_code, result.output


@pytest.mark.slow
def test_doctor_says_what_holds_and_what_got_out(monkeypatch: pytest.MonkeyPatch) -> None:
    code, output = examined(monkeypatch, REAL[0], Hostile("\x1b[2J[red]", "odd", "won()"))
    lines = output.splitlines()
    assert code == 1
    assert [line.split()[0] for line in lines[:8]] == [
        *("system", "Python", "torch", "user", "namespaces", "Landlock", "seccomp", "memory"),
    ]
    assert "tier 2: landlock, seccomp" in output and "memory is limited by RLIMIT_AS" in output
    assert f"contained      next right  {name(REAL[0])}" in lines
    assert "NOT contained  next right  odd: ?[2J[red]\n    did what it tried\n" in output
    assert "\x1b" not in output
    assert lines[-1].startswith("1 of 2 contained in tier 2 (landlock, seccomp")


def test_doctor_names_the_missing_tier_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    weaker = contextlib.nullcontext((None, SimpleNamespace(tier=2)))
    monkeypatch.setattr(trial, "trial_of", lambda *_: weaker)
    monkeypatch.setattr(examination, "no_namespaces", lambda: "unshare: Operation not permitted")
    monkeypatch.setattr(examination, "_effective", lambda: 0)
    code, output = examined(monkeypatch, REAL[0], tier="1")
    assert code == 1
    fallback = "; this root user lacks CAP_SYS_ADMIN, so grading falls back to tier 2" if os.geteuid() == 0 else ""
    assert f"tier 1 does not hold: no namespaces, for unshare: Operation not permitted{fallback}\n" in output
    assert "None of the tiers tried holds here" in output


def test_doctor_tells_when_there_is_no_sandbox_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Any:
        raise SandboxUnavailable("no seccomp")

    monkeypatch.setattr(trial, "trial_of", contextlib.contextmanager(refuse))
    monkeypatch.setattr(trial, "open_tier", refuse)
    code, output = examined(monkeypatch)
    assert code == 1
    assert "tier 2: no seccomp\n" in output and "None of the tiers tried holds here" in output


def test_other_systems_have_neither_layers_nor_tiers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    code, output = examined(monkeypatch, REAL[0])
    assert code == 1
    first = [line.split()[0] for line in output.splitlines()]
    assert first == ["system", "Python", "torch", "user", "tier", "The"]


@pytest.mark.parametrize(
    ("missing", "tier"),
    [
        ([], "1, which `grade` uses"),
        (["namespaces"], "2, which `grade` uses"),
        (["seccomp"], NO_TIER),
        (["landlock", "namespaces"], NO_TIER),
    ],
)
def test_tier_follows_from_what_holds(missing: list[str], tier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "no_namespaces", lambda: "not here" * ("namespaces" in missing))
    monkeypatch.setattr(examination, "why_no", lambda name, readable: "not here" * (name in missing))
    monkeypatch.setattr(landlock, "abi", lambda: 3)
    machine = examination.examine_machine()
    facts = dict(machine.facts)
    assert facts["tier"] == tier and tier.startswith(str(machine.tier) if machine.tier < 4 else "none")
    assert facts["Landlock"] == ("not here" if "landlock" in missing else "holds, version 3 of its interface")


@pytest.mark.slow
def test_doctor_goes_on_to_the_next_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    results = iter([None, True])
    monkeypatch.setattr(doctor, "_examine_tier", lambda *_: next(results))
    assert doctor.examine(ROOT, (1, 2), Console(quiet=True))
    monkeypatch.setattr(doctor, "_examine_tier", lambda root, tier, *_: tier == 2)
    assert not doctor.examine(ROOT, (1, 2), Console(quiet=True))


def test_doctor_of_a_course_without_hostile_cases_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "assignments.toml").touch()
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == (0 if examination.examine_machine().tier < 4 else 1)
    *_, tier, last = result.output.splitlines()
    assert tier.startswith("tier ") and last == f"{tmp_path} has no staff/doctor: no hostile code was tried."
    monkeypatch.setattr(examination, "why_no", lambda *_: "not here")
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 1


def test_facts_name_the_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "try_memory_cgroup", lambda: "no such thing")
    monkeypatch.setattr(examination, "_effective", lambda: 0)
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    facts = dict(examination.examine_machine().facts)
    assert facts["tier"] in ("1, which `grade` uses", "2, which `grade` uses")
    assert facts["memory cgroup"] == "no such thing"
    assert facts["user"] == "4000000 (without a name), capabilities: none"
    assert "CAP_SYS_ADMIN" not in examination.why_no_tier_1()
