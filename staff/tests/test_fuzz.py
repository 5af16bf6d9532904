"""A few hundred hostile inputs do the grader no harm, and the harness that says so notices every kind of harm.

`python staff/fuzz/run.py --inputs 10000 --seed 7` is the long run.
"""

import collections
import contextlib
import os
import pickle
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.checks.case import load_module
from autograder.course.manifest import project_root
from autograder.intake import submission
from autograder.protocol.frames import Operation
from autograder.protocol.inquiry import Inquiry
from autograder.sandbox import Sandbox, SandboxUnavailable

ROOT = project_root()
SEED = 7
INPUTS = 100  # of each kind
run = load_module(ROOT / "staff" / "fuzz" / "run.py", "fuzz_run")
harness_module = sys.modules[run.Harness.__module__]
lying_worker = sys.modules[harness_module.Plan.__module__]
hostile_archives = sys.modules[harness_module.unfold.__module__]
SOUND = b"PK\x05\x06" + bytes(18)  # a zip archive without members


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Any:
    return run.Harness(ROOT, tmp_path_factory.mktemp("fuzz"), sandbox)


@pytest.mark.parametrize("kind", run.KINDS)
def test_hostile_inputs_do_no_harm_and_have_a_row_each(harness: Any, kind: str, tmp_path: Path) -> None:
    print(f"seed {SEED}")
    summary = run.fuzz(harness, kind, INPUTS, SEED, tmp_path)
    assert [trial.problems for _, trial in summary.failed] == []
    assert summary.inputs == summary.rows == INPUTS
    assert len(summary.outcomes) > 10  # the inputs reach more than one corner


@pytest.mark.parametrize("kind", run.KINDS)
def test_the_same_seed_gives_the_same_inputs(harness: Any, kind: str) -> None:
    first, again, other = (list(run.generate(kind, seed, 20, harness.materials)) for seed in (1, 1, 2))
    assert first == again and first != other and len({one.content for one in first}) > 10


@pytest.mark.parametrize("notebook", harness_module.REPLAYED)
def test_a_conversation_without_forgeries_earns_full_marks(harness: Any, notebook: str) -> None:
    plan = harness_module.Plan(notebook, ())
    summary = harness.try_all([run.Input("frames", notebook, "true", plan.to_bytes())])
    assert not summary.failed and list(summary.outcomes) == ["PASS :"]


# The harness notices


def archive(name: str = "2024-20001.zip", made: str = "zip", content: bytes = SOUND) -> Any:
    return run.Input("archives", name, made, content)


def problems(harness: Any, one: Any) -> str:
    """Everything that the harness holds against one input."""
    return "\n".join(problem for _, trial in harness.try_all([one]).failed for problem in trial.problems)


def plant(monkeypatch: pytest.MonkeyPatch, harm: Callable[[Path], object]) -> None:
    """Makes the intake do something else before it reads a submission."""
    true = submission.load

    def load(source: Path, *arguments: Any) -> Any:
        harm(source)
        return true(source, *arguments)

    monkeypatch.setattr(submission, "load", load)


def crash(source: Path) -> None:
    raise ZeroDivisionError("planted")


def never_end(source: Path) -> None:
    while True:
        pass


class Program:
    """What runs code where it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return collections.OrderedDict, ()


@pytest.mark.parametrize(
    ("harm", "noticed"),
    [
        (crash, "raised Traceback"),
        (crash, "ZeroDivisionError: planted"),
        (lambda source: (source.parent / "evil").write_text("x"), "did what it must not: open "),
        (lambda source: (source.parent / "evil").write_text("x"), "changed files outside of the gradebook's folder"),
        (lambda source: (Path.home() / "evil").mkdir(), "did what it must not: os.mkdir "),
        (lambda source: tempfile.mkdtemp(), "changed files outside of the gradebook's folder"),
        (lambda source: shutil.rmtree(source.parent), "did what it must not: os.remove "),
        (lambda source: source.unlink(), "did what it must not: os.remove "),
        (lambda source: Path("link").symlink_to("/etc"), "did what it must not: os.symlink "),
        (lambda source: os.mkfifo("pipe"), "changed files outside of the gradebook's folder"),
        (lambda source: subprocess.run(["true"], check=True), "did what it must not: subprocess.Popen"),
        (lambda source: socket.socket().close(), "did what it must not: socket.__new__"),
        (lambda source: pickle.loads(pickle.dumps(Program())), "did what it must not: pickle.find_class"),
    ],
)  # fmt: skip
def test_harm_is_noticed(
    harness: Any, monkeypatch: pytest.MonkeyPatch, harm: Callable[[Path], object], noticed: str
) -> None:
    assert problems(harness, archive()) == ""
    plant(monkeypatch, harm)
    assert noticed in problems(harness, archive())
    for folder in ("home", "directory", "temporary"):
        for left in (harness.work / folder).iterdir():
            left.rmdir() if left.is_dir() and not left.is_symlink() else left.unlink()


def scratch(source: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "inner").write_bytes(b"x")


@pytest.mark.parametrize("act", [scratch, lambda source: (source.parents[1] / "grades" / "page.html").write_text("x")])
def test_what_the_grader_may_do_is_no_harm(
    harness: Any, monkeypatch: pytest.MonkeyPatch, act: Callable[[Path], object]
) -> None:
    plant(monkeypatch, act)
    assert problems(harness, archive()) == ""


def test_a_missing_row_is_noticed(harness: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness_module, "row_of", lambda *_: [])
    summary = harness.try_all([archive()])
    assert "GradebookError" in summary.failed[0][1].problems[0] and summary.rows == 0


def test_memory_is_noticed(harness: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness_module, "PEAK_MIB", 50.0)
    assert problems(harness, archive()) == ""
    plant(monkeypatch, lambda source: len(b"x" * (100 << 20)))
    assert "MiB of memory, more than 50" in problems(harness, archive())


@pytest.mark.parametrize(
    ("limit", "noticed"),
    [("PROCESSOR_SECONDS", "more than 0.1 s of processor time"), ("WALL_SECONDS", "TooLong: more than 0.1 s")],
)
def test_what_does_not_end_is_noticed(harness: Any, monkeypatch: pytest.MonkeyPatch, limit: str, noticed: str) -> None:
    monkeypatch.setattr(harness_module, limit, 0.1)
    plant(monkeypatch, never_end)
    assert noticed in problems(harness, archive())


def test_a_file_outside_of_the_submission_that_is_read_is_noticed(
    harness: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = hostile_archives.Entry(b"hw4_rnn.ipynb", b"", b"0", "../../secret.ipynb", {}, 0o120777, 0, 0)
    one = archive("2024-20001", "folder", hostile_archives.describe_folder([entry]))
    assert problems(harness, one) == ""
    monkeypatch.setattr("autograder.intake.archive.kind_of", lambda mode: "file")
    assert "a file outside of the submission was read" in problems(harness, one)


def test_a_students_notebook_that_fails_the_sandbox_is_noticed(harness: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fork(*_: object) -> None:
        raise SandboxUnavailable("planted")

    monkeypatch.setattr(harness.sandbox, "fork", fork)
    assert "is UNGRADED, sandbox: planted" in problems(harness, run.Input("notebooks", harness_module.READ, "", b"{}"))


def test_a_reader_of_notebooks_that_is_not_understood_is_noticed(harness: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    forgery = lying_worker.Forgery(
        Operation.READ_NOTEBOOK, -1, lying_worker.frame(b'{"definitions": 1}', b""), "timeout"
    )
    liar = lying_worker.Liar(harness_module.Plan(harness_module.READ, (forgery,)), lying_worker.Transcript())
    monkeypatch.setattr(harness.sandbox, "fork", liar.fork)
    one = run.Input("notebooks", harness_module.READ, "", b"{}")
    assert "the reader of notebooks told the grader what it does not take" in problems(harness, one)


def test_an_error_of_the_grader_that_a_check_hides_is_noticed(harness: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    name = harness_module.REPLAYED[0]
    one = run.Input("frames", name, "true", harness_module.Plan(name, ()).to_bytes())
    monkeypatch.setattr(Inquiry, "broken_rules", lambda self: [][0])
    assert "is UNGRADED, grader error: IndexError" in problems(harness, one)


def test_blame_is_the_graders_only_where_a_worker_reports_an_error(harness: Any) -> None:
    def told(operation: Operation, text: bytes) -> Any:
        forgery = lying_worker.Forgery(operation, -1, lying_worker.frame(text, b""), "timeout")
        name = harness_module.REPLAYED[0]
        return run.Input("frames", name, "forged", harness_module.Plan(name, (forgery,)).to_bytes())

    error = b'{"error": {"kind": "planted", "message": ""}}'
    assert problems(harness, told(Operation.BEGIN_CHECK, error)) == ""
    assert problems(harness, told(Operation.CALL, error)) == ""
    lying_worker.OUR_OPERATIONS, ours = frozenset(), lying_worker.OUR_OPERATIONS
    try:
        assert "the grader took the blame" in problems(harness, told(Operation.BEGIN_CHECK, error))
    finally:
        lying_worker.OUR_OPERATIONS = ours


def test_an_input_that_failed_is_kept_and_replayed(
    harness: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "open_sandbox", lambda *_: contextlib.nullcontext(harness.sandbox))
    with monkeypatch.context() as planted:
        plant(planted, crash)
        told = ["--kind", "archives", "--inputs", "2", "--seed", "5", "--failures", str(tmp_path)]
        assert run.main(told) == 1
        kept = sorted(tmp_path.iterdir())
        assert len(kept) == 2
        printed = capsys.readouterr().out
        assert (
            "seed 5" in printed and f"--replay {kept[0]}" in printed and "2 inputs" in printed and "0 rows" in printed
        )
        assert run.main(["--replay", str(kept[0])]) == 1
    assert run.main(["--replay", *map(str, kept)]) == 0
    assert list(run.generate("archives", 5, 2, harness.materials)) == [run.Input.load(path) for path in kept]


def test_the_long_run_covers_every_kind() -> None:
    assert run.counts(10_000, None) == {"archives": 5000, "notebooks": 2000, "frames": 3000}
    assert run.counts(50, "frames") == {"frames": 50}
