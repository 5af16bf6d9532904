"""How the command starts and ends: torch and the fork first, nothing taken down, nothing left behind."""

import os
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.gradebook.gradebook import Gradebook
from autograder.sandbox import OwnFork
from autograder.sandbox.connection import ONE_THREAD
from autograder.selfcheck.file import FileCheck
from autograder.selfcheck.warm_fork import fork_with_torch

ROOT = project_root(Path(__file__).parent)
GRU = "Assignment2-1_RNN.ipynb"
COUNTED = """
import sys
from autograder.sandbox.connection import WarmProcess
from autograder.sandbox.own_fork import OwnFork
def count(kind, word):
    start = kind._start
    def counted(warm, control):
        print(word, "after", sorted({"torch", "typer", "autograder.course"} & set(sys.modules)), flush=True)
        start(warm, control)
    kind._start = counted
count(OwnFork, "forked")
count(WarmProcess, "started")
"""


def run(before: str, words: Sequence[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """The console script with these arguments, once some lines of Python have run."""
    script = (
        f"{before}\nimport sys\nsys.argv = {['autograder', *words]!r}\nfrom autograder.cli.start import main\nmain()"
    )
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=os.environ | environment, check=False
    )


@pytest.mark.slow
def test_a_check_forks_before_it_has_read_anything_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = run(COUNTED, ["check", f"{ROOT}/notebooks/{GRU}", "--question", "2-1-1a"], TMPDIR=str(tmp_path))
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("forked after ['torch']\n") and "2-1-1a" in done.stdout
    assert done.stdout.count("forked") == 1 and list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_fork_for_nothing_is_ended(tmp_path: Path) -> None:
    done = run(COUNTED, ["check", f"{ROOT}/notebooks/{GRU}", "--no-such-option"], TMPDIR=str(tmp_path))
    assert done.returncode == 2 and "No such option" in done.stderr
    assert done.stdout == "forked after ['torch']\n" and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["check", str(ROOT / "no.ipynb")],
        ["check", "--help"],
        ["--version"],
        ["grade", "--help"],
        ["grade", "none"],
        ["grade", "none", "--assignment", "hw4", "--out", str(ROOT)],  # where something lies already
        ["grade", "none", "--assignment", "hw4", "--out", "none", "--local-cluster", "0"],
    ],
)
def test_nothing_else_forks(words: list[str]) -> None:
    done = run(COUNTED, words).stdout
    assert "forked" not in done and "started" not in done


@pytest.mark.slow
@pytest.mark.parametrize("form", ["--out {}", "--out={}"])
def test_a_new_class_starts_its_warm_process_before_all_else(form: str, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "2024-20001.tar.gz", "w:gz") as archive:
        archive.add(ROOT / "notebooks" / GRU, GRU)
    (tmp_path / "temporary").mkdir()
    out = form.format(tmp_path / "grades").split()
    words = ["grade", str(tmp_path / "2024-20001.tar.gz"), "--assignment", "assignment2", *out]
    done = run(COUNTED, words, TMPDIR=str(tmp_path / "temporary"))
    assert done.returncode == 1 and done.stdout.startswith("started after []\n"), done.stdout + done.stderr
    assert done.stdout.count("started") == 1 and list((tmp_path / "temporary").iterdir()) == []
    with Gradebook(tmp_path / "grades", load(ROOT)["assignment2"]) as gradebook:
        assert gradebook.verdicts("2024-20001")[0].diagnosis


@pytest.mark.parametrize("submissions", ["none", str(ROOT / "notebooks")])
def test_a_warm_process_for_nothing_is_ended(submissions: str, tmp_path: Path) -> None:
    words = ["grade", submissions, "--assignment", "hw5", "--out", str(tmp_path / "grades")]
    (tmp_path / "temporary").mkdir()
    done = run(COUNTED, words, TMPDIR=str(tmp_path / "temporary"))
    assert done.returncode == 2 and "no assignment 'hw5'" in done.stderr
    assert done.stdout == "started after []\n" and list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.slow
def test_a_check_without_a_temporary_folder_says_so() -> None:
    words = ["check", f"{ROOT}/notebooks/{GRU}"]
    full = "import tempfile\ndef fail(**_): raise OSError('the disk is full')\ntempfile.mkdtemp = fail"
    done = run(full, words)
    assert done.returncode == 2 and "no temporary folder can be made: the disk is full" in done.stderr


@pytest.mark.parametrize(("imported", "printed"), [("", "taken down\n"), ("sys.modules['torch'] = sys", "")])
def test_a_process_that_has_torch_ends_at_once(imported: str, printed: str) -> None:
    done = run(f"import atexit, sys\natexit.register(print, 'taken down')\n{imported}", ["--version"])
    said, _, after = done.stdout.partition("\n")
    assert said.startswith("autograder ") and after == printed and done.returncode == 0


@pytest.mark.slow
def test_a_file_that_is_checked_again_needs_no_other_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    forks: list[OwnFork] = []

    def fork() -> OwnFork:
        forks.append(fork_with_torch())
        return forks[-1]

    monkeypatch.setattr("autograder.selfcheck.file.fork_with_torch", fork)
    shown: list[object] = []
    with FileCheck() as file_check:
        for _ in range(2):  # the second time, the command has read cases
            content = (ROOT / "notebooks" / GRU).read_bytes()
            file_check.check(ROOT, load(ROOT)["assignment2"], GRU, content, shown.append, question="2-1-1a")
    assert len(forks) == 1 and len(shown) == 2 and shown[0] == shown[1]


SLOW_MODULES = """
from autograder.course.course import load_course
from autograder.course.manifest import load
from autograder.course.root import project_root
root = project_root()
for assignment in load(root).values():
    load_course(root, assignment, secret_seed=7)
import sys
print({"sympy", "torch._dynamo", "matplotlib"} & set(sys.modules))
"""


@pytest.mark.slow
def test_secret_cases_are_made_without_modules_that_take_long_to_import() -> None:
    command = [sys.executable, "-c", SLOW_MODULES]
    environment = os.environ | ONE_THREAD  # as the grader has it: two threads wait for each other on a busy machine
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True, env=environment)
    assert done.stdout == "set()\n"
