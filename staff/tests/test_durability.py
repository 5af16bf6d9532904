"""Whatever ends a grader, nothing committed is lost or done twice, and what is left to do gets the same marks."""

import io
import os
import random
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
from killing import Grading, disturb, interrupt, kill

from autograder.authoring import build
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.gradebook.gradebook import Gradebook

pytestmark = pytest.mark.slow

ROOT = project_root(Path(__file__).parent)
NAME = "Assignment2-1_RNN.ipynb"
COUNT = 4
SEED = 4  # of the moments and victims
# Enough for a kill to come in the middle of a question.
SLOW = "    import time\n    time.sleep(0.2)\n    return output\n"
RIGHT = ["10", "20"]  # points of 2-1-1a and 2-1-1b


@pytest.fixture(scope="module")
def submissions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class")
    notebook = build.solution_notebook(build.read_sources(ROOT, ["gru"]))
    cell = next(cell for cell in notebook.cells if "def gru_forward" in cell.source)
    assert cell.source.endswith("    return output")
    cell.source = cell.source.removesuffix("    return output") + SLOW
    content = build.to_bytes(notebook)
    for number in range(COUNT):
        with tarfile.open(folder / f"2024-2000{number}.tar.gz", "w:gz") as archive:
            member = tarfile.TarInfo(NAME)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return folder


@pytest.fixture
def grading(submissions: Path, tmp_path: Path) -> Grading:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    options = ("--jobs", "2", "--secret-seed", "7")
    return Grading(submissions, "assignment2", tmp_path / "grades", options, environment={"TMPDIR": str(temporary)})


def points(grading: Grading) -> list[str]:
    """The points of the questions about code, of all submissions."""
    header, *rows = grading.report()
    label, earned = header.index("question"), header.index("points")
    return [row[earned] for row in rows if row[label].startswith("2-1-1")]


def wait_for(grading: Grading, grader: "subprocess.Popen[str]", verdicts: int) -> None:
    while len(grading.committed()) < verdicts:
        assert grader.poll() is None, grader.communicate()
        time.sleep(0.02)


@pytest.mark.nightly
def test_kills_at_random_moments_change_nothing(grading: Grading) -> None:
    print(f"seed {SEED}")
    for line in disturb(grading, 4, random.Random(SEED), 1.5):
        print(line)
    committed = grading.committed()
    assert committed
    grading.finish()
    assert points(grading) == COUNT * RIGHT
    assert committed.items() <= grading.committed().items()
    before = grading.committed()
    grading.finish()
    assert grading.committed() == before


@pytest.mark.parametrize("victim", ["worker", "warm process"])
def test_a_process_killed_from_outside_costs_nobody_a_point(grading: Grading, victim: str) -> None:
    grader = grading.start()
    wait_for(grading, grader, 1)
    kill(grader, victim)
    _, problems = grader.communicate()
    assert (grader.returncode, problems) == (1, "")  # 1: saved models were not measured
    assert points(grading) == COUNT * RIGHT
    with Gradebook(grading.out, load(ROOT)[grading.assignment]) as gradebook:
        seconds = gradebook.seconds_by_question(one.submission_id for one in gradebook.attempts())
    assert seconds and all(len(each) == COUNT and min(each) > 0 for each in seconds.values())


@pytest.mark.nightly
def test_ctrl_c_stops_with_what_there_is(grading: Grading) -> None:
    _, code, said = interrupt(grading, 2)
    assert (code, said.split("; ")) == (
        130,
        [f"stopped: what was graded is kept in {grading.out}", "the same command continues from there\n"],
    )
    committed = grading.committed()
    assert 2 <= len(committed) < 5 * COUNT
    grading.finish()
    assert committed.items() <= grading.committed().items()
    assert points(grading) == COUNT * RIGHT


@pytest.mark.nightly
def test_a_deleted_temporary_folder_is_made_again(grading: Grading) -> None:
    grader = grading.start()
    wait_for(grading, grader, 1)
    shutil.rmtree(grading.environment["TMPDIR"], ignore_errors=True)
    _, problems = grader.communicate()
    assert (grader.returncode, problems) == (1, "")
    assert points(grading) == COUNT * RIGHT


@pytest.mark.nightly
def test_folders_of_killed_graders_are_removed(grading: Grading) -> None:
    temporary = Path(grading.environment["TMPDIR"])
    grader = grading.start()
    wait_for(grading, grader, 1)
    kill(grader, "group")
    grader.communicate()
    left = list(temporary.iterdir())
    assert left
    foreign = temporary / "autograder-of-somebody-else"
    foreign.mkdir()
    grading.finish()
    assert list(temporary.iterdir()) == [foreign]


def test_a_second_grader_is_refused(grading: Grading) -> None:
    with Gradebook(grading.out, load(ROOT)[grading.assignment]):
        second = grading.start()
        _, said = second.communicate()
    assert (second.returncode, said.count("\n")) == (2, 1)
    assert f"{grading.out} is in use by another grader" in said


def mounted(options: str, folder: Path) -> list[str]:
    """A command that runs another where `folder` is mounted as `options` say; skips the test where it cannot be."""
    folder.mkdir(exist_ok=True)
    before = ["unshare", "--mount", "sh", "-c", f'mount {options} "$0" && exec "$@"', str(folder)]
    if sys.platform != "linux" or subprocess.run([*before, "true"], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    return before


@pytest.mark.nightly
@pytest.mark.parametrize("kibibytes", [40, 400])
def test_a_full_disk_stops_with_one_message(grading: Grading, kibibytes: int) -> None:
    command = mounted(f"-t tmpfs -o size={kibibytes}k none", grading.out)
    full = Grading(grading.submissions, grading.assignment, grading.out, grading.options, before=command)
    grader = full.start()
    _, said = grader.communicate()
    assert (grader.returncode, said.count("\n")) == (2, 1), said
    assert str(grading.out) in said
    assert "disk is full" in said or "No space left on device" in said or "disk I/O error" in said


@pytest.mark.nightly
def test_a_folder_that_may_not_be_written_stops_with_one_message(grading: Grading) -> None:
    grading.finish()
    before = {path: path.read_bytes() for path in grading.out.rglob("*") if path.is_file()}
    command = mounted(f"--bind -o ro {grading.out}", grading.out)
    locked = Grading(grading.submissions, grading.assignment, grading.out, grading.options, before=command)
    grader = locked.start()
    _, said = grader.communicate()
    assert (grader.returncode, said.count("\n")) == (2, 1), said
    assert f"{grading.out / 'gradebook.sqlite'}: cannot be opened or created" in said
    assert {path: path.read_bytes() for path in grading.out.rglob("*") if path.is_file()} == before
    assert os.access(grading.out, os.W_OK)
