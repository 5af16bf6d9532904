"""pytest on the checks, as students run it."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.authoring import build
from autograder.course.root import project_root

pytestmark = pytest.mark.slow

ROOT = project_root(Path(__file__).parent)
GRU = "Assignment2-1_RNN.ipynb"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def half_right(tmp_path_factory: pytest.TempPathFactory) -> Path:
    solution = build.solution_notebook(build.read_sources(ROOT, ["gru"]))
    path = tmp_path_factory.mktemp("hand in") / "mine.ipynb"
    mutant = (ROOT / "staff/mutants/gru/backward_mean_over_batch.py").read_text()
    path.write_bytes(build.notebook_with_cell(solution, mutant))
    return path


def test_one_line_per_question_then_the_messages(half_right: Path) -> None:
    done = run("tests/test_gru.py", "--notebook", str(half_right))
    assert done.returncode == 1
    lines = [line.strip() for line in done.stdout.splitlines()]
    passed = next(number for number, line in enumerate(lines) if line.startswith("2-1-1a   10 of 10"))
    failed = next(number for number, line in enumerate(lines) if line.startswith("2-1-1b") and "of 20" in line)
    message = next(number for number, line in enumerate(lines) if "mean" in line and not line.startswith("2-1-1b"))
    assert passed < failed < message
    assert "Traceback" not in done.stdout and "1 failed, 1 passed" in done.stdout


def test_without_the_option_the_projects_notebook_is_graded() -> None:
    done = run("tests/test_swin.py")
    assert done.returncode == 1 and "cal_window_transformer_block is not written yet" in done.stdout


def test_where_nothing_isolates_only_unsafe_runs_a_notebook_beside_the_answers(
    half_right: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "no_layers.py").write_text(
        "from functools import partial\n"
        "from autograder.marking import sandboxes\n"
        "sandboxes.Sandbox = partial(sandboxes.Sandbox, layers=())\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    words = ["-p", "no_layers", "tests/test_gru.py", "--notebook", str(half_right)]
    refused = run(*words)
    assert refused.returncode == 4 and "student code cannot be isolated here" in refused.stdout + refused.stderr
    assert "2-1-1a" not in refused.stdout and "Traceback" not in refused.stdout
    done = run(*words, "--unsafe")
    assert done.returncode == 1 and done.stdout.index("Nothing isolates code") < done.stdout.index("2-1-1a   10 of 10")


@pytest.mark.nightly
def test_a_missing_notebook_is_said_without_a_traceback() -> None:
    done = run("tests/test_gru.py", "--notebook", "nowhere.ipynb")
    assert done.returncode == 1 and "--notebook nowhere.ipynb: no such file" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.nightly
def test_a_file_that_cannot_be_collected_shows_its_error_alone(tmp_path: Path) -> None:
    (tmp_path / "test_broken.py").write_text("import no_such_module\n")
    command = [sys.executable, "-m", "pytest", "-p", "autograder.cli.pytest_plugin", str(tmp_path / "test_broken.py")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "No module named 'no_such_module'" in ended.stdout
    assert "INTERNALERROR" not in ended.stdout + ended.stderr
    assert "user_properties" not in ended.stdout + ended.stderr
