"""Hostile inputs do the grader no harm, and the harness that says so notices every kind of harm.

`make fuzz INPUTS=1000 SEED=8` is the long run. An input that fails is shrunk, kept in .hypothesis and tried first the
next time.
"""

import collections
import os
import pickle
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.intake.reading import RemoteIntake
from autograder.intake.submission import Submission
from autograder.models.reading import take_models
from autograder.protocol.operation import Operation
from autograder.sandbox import Sandbox, SandboxUnavailable
from autograder.sandbox.reader import Reader, Readers

ROOT = project_root()
sys.path[:0] = [str(ROOT / "staff"), str(ROOT / "staff" / "submissions")]

import writing  # noqa: E402
from fuzz.archives import SECRET, Archive, Member  # noqa: E402
from fuzz.harness import CANARY, READ, REPLAYED, Harness  # noqa: E402
from fuzz.liar import Forgery, Liar, frame  # noqa: E402
from fuzz.replies import Plan  # noqa: E402
from sample import Work  # noqa: E402

KINDS = ("archives", "notebooks", "replies")
INPUTS = int(os.environ.get("FUZZ_INPUTS", "300"))  # of each kind, in the long run
SEED = int(os.environ.get("FUZZ_SEED", "7"))
BATCH = 10  # of one seed: hypothesis spends what goes beyond that on variations of these, and fresh inputs find more
# Nothing fails for being slow, on a busy machine or to make. What failed is tried again before anything else.
FUZZ = settings(
    max_examples=BATCH, deadline=None, phases=[Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
SOUND = Archive("2024-20001.zip", b"PK\x05\x06" + bytes(18))  # a zip archive without members
LINKED = Archive("2024-20001", (Member(b"hw4_rnn.ipynb", mode=0o120777, link=f"../../{SECRET}"),))


@pytest.fixture(scope="module")
def harness(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    hw4, folder = load(ROOT)["hw4"], tmp_path_factory.mktemp("fuzz")
    solved = {name: writing.notebook(ROOT, hw4, name, Work(), name) for name in hw4.notebooks}
    with Readers([folder], [RemoteIntake.__module__, take_models.__module__]) as readers:
        yield Harness(ROOT, sandbox, readers, folder, solved)


def fuzz(harness: Harness, kind: str, inputs: int) -> collections.Counter[str]:
    """Tries so many inputs of a kind; what came of them."""
    outcomes: collections.Counter[str] = collections.Counter()
    seconds: list[float] = []

    def attempt(one: Any) -> None:
        note(f"seed {SEED}")
        trial = harness.attempt(one)
        outcomes.update(trial.outcomes)
        seconds.append(trial.seconds)
        assert trial.problems == []

    examples = DirectoryBasedExampleDatabase(ROOT / ".hypothesis" / kind)
    for batch in range(0, inputs, BATCH):
        with_inputs: Any = given(harness.inputs[kind])
        seed(f"{SEED}/{batch}")(settings(FUZZ, database=examples)(with_inputs(attempt)))()
    print(f"{kind}: {len(seconds)} inputs, the longest {max(seconds):.1f} s")
    return outcomes


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_inputs_do_no_harm_and_have_a_row_each(harness: Harness, kind: str) -> None:
    assert len(fuzz(harness, kind, BATCH)) > 2  # the inputs reach more than one corner


@pytest.mark.nightly
@pytest.mark.parametrize("kind", KINDS)
def test_many_hostile_inputs_do_no_harm(harness: Harness, kind: str) -> None:
    for outcome, count in fuzz(harness, kind, INPUTS).most_common():
        print(f"{count:7d}  {outcome}")


@pytest.mark.parametrize("notebook", REPLAYED)
def test_a_conversation_without_forgeries_earns_full_marks(harness: Harness, notebook: str) -> None:
    trial = harness.attempt(Plan(notebook, ()))
    assert [one for one in trial.outcomes if ", " in one and not one.startswith("missing")] == ["PASS, : "]
    assert trial.problems == []


# The harness notices


def fail(*_: object) -> None:
    raise ZeroDivisionError("planted")


def never_end(_: Path) -> None:
    while True:
        pass


class Program:
    """What runs code where it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return collections.OrderedDict, ()


def plant(monkeypatch: pytest.MonkeyPatch, harm: Callable[[Path], object]) -> None:
    """Makes the intake do something else before it reads a submission."""
    take_in = RemoteIntake.take_in
    monkeypatch.setattr(
        RemoteIntake, "take_in", lambda self, source, name: (harm(source.path), take_in(self, source, name))[1]
    )


@pytest.mark.parametrize(
    ("harm", "noticed"),
    [
        (fail, "ZeroDivisionError: planted"),
        (lambda source: (source.parent / "evil").write_text("x"), "did what it must not: open "),
        (lambda source: (Path.home() / "evil").mkdir(), "did what it must not: os.mkdir "),
        (lambda source: tempfile.mkdtemp(), "left temporary files behind"),
        (lambda source: source.unlink(), "did what it must not: os.remove "),
        (lambda source: source.rename(source.parents[1] / "grades" / "x"), "did what it must not: os.rename "),
        (lambda source: Path("link").symlink_to("/etc"), "did what it must not: os.symlink"),
        (lambda source: subprocess.run(["true"], check=True), "did what it must not: subprocess.Popen"),
        (lambda source: socket.socket().close(), "did what it must not: socket.__new__"),
        (lambda source: pickle.loads(pickle.dumps(Program())), "did what it must not: pickle.find_class"),
        (lambda source: len(b"x" * (100 << 20)), "MiB of memory, more than 50"),
        (lambda source: sum(range(30_000_000)), "s of processor time, more than 0.2"),
        (never_end, "TooLong: more than 2 s"),
    ],
)
def test_harm_is_noticed(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, harm: Callable[[Path], object], noticed: str
) -> None:
    assert harness.attempt(SOUND).problems == []
    for limit, most in (("PEAK_MIB", 50.0), ("PROCESSOR_SECONDS", 0.2), ("WALL_SECONDS", 2.0)):
        if noticed.endswith(f"more than {most:g}") or noticed.endswith(f"more than {most:g} s"):
            monkeypatch.setattr(f"fuzz.watch.{limit}", most)
    plant(monkeypatch, harm)
    assert noticed in "\n".join(harness.attempt(SOUND).problems)


def scratch(_: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "inner").write_bytes(b"x")


@pytest.mark.parametrize("act", [scratch, lambda source: (source.parents[1] / "grades" / "page.html").write_text("x")])
def test_what_the_grader_may_do_is_no_harm(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, act: Callable[[Path], object]
) -> None:
    plant(monkeypatch, act)
    assert harness.attempt(SOUND).problems == []


def unavailable(*_: object) -> None:
    raise SandboxUnavailable("planted")


def submit(notebooks: dict[str, bytes], files: list[str], error: str = "") -> Callable[..., Submission]:
    """An intake that makes this of everything."""
    return lambda _, source, name: Submission(name, source, name, notebooks, files, [], [], error)


def instead(function: str, *arguments: object) -> Callable[..., object]:
    """A reader that calls this in place of what reads submissions."""
    call = Reader.call

    def other(reader: Reader, name: str, *rest: object, size: int = 0) -> object:
        return call(reader, function, *arguments) if "submission" in name else call(reader, name, *rest, size=size)

    return other


NONSENSE = Liar([Forgery(Operation.READ_NOTEBOOK, -1, frame(b'{"definitions": 1}'))], {})
CALL = "autograder.sandbox.reader.Reader.call"
RULES = "autograder.protocol.inquiry.Inquiry.broken_rules"
REPORTED = Plan(
    REPLAYED[0], [Forgery(Operation.BEGIN_CHECK, -1, frame(b'{"error": {"kind": "planted", "message": ""}}'))]
)


@pytest.mark.parametrize(
    ("one", "place", "fault", "noticed"),
    [
        (SOUND, "fuzz.harness.Marker.mark", lambda *_: None, "has the rows [] in the gradebook"),
        (SOUND, "fuzz.harness.RemoteIntake.take_in", submit({}, []), "neither a file nor an error"),
        (SOUND, "fuzz.harness.RemoteIntake.take_in", submit({READ: b""}, [], "no"), "read and not graded"),
        (LINKED, "fuzz.harness.RemoteIntake.take_in", submit({READ: CANARY}, [READ]), "outside of the submission"),
        (
            SOUND,
            "autograder.sandbox.reader.Reader.call",
            instead("os:abort"),
            "the reader failed: '2024-20001.zip' can",
        ),
        (
            SOUND,
            "autograder.sandbox.reader.Reader.call",
            instead("operator:truediv", 1, 0),
            "failed: could not be kept",
        ),
        (b"{}", "autograder.sandbox.Sandbox.fork", unavailable, "1a is UNGRADED, sandbox: planted"),
        (b"{}", "autograder.sandbox.Sandbox.fork", NONSENSE.fork, "is FAIL, malformed reply: "),
        (Plan(REPLAYED[0], ()), RULES, fail, "is UNGRADED, grader error: ZeroDivisionError"),
        (REPORTED, "fuzz.liar.OURS", frozenset(), "the grader took the blame"),
        (REPORTED, "fuzz.liar.OURS", frozenset(), "is UNGRADED, sandbox: "),
    ],
)
def test_a_fault_of_the_grader_is_noticed(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, one: Any, place: str, fault: object, noticed: str
) -> None:
    assert harness.attempt(one).problems == []
    monkeypatch.setattr(place, fault)
    assert noticed in "\n".join(harness.attempt(one).problems)
