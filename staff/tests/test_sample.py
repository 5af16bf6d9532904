"""Training again on a sample of the class: who is in it, that it stays, and who reads what about it."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from marks import attempt_of
from typer.testing import CliRunner

from autograder.authoring import build
from autograder.classroom.sample import sample_of
from autograder.cli.app import app
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.gradebook.file import FILE_NAME
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.attempts import Attempt

ROOT = project_root()
RUN = CliRunner()


def students(count: int) -> list[Attempt]:
    return [attempt_of(f"hw4 of {i}", f"2024-{20000 + i}") for i in range(count)]


def drawn(attempts: list[Attempt], percent: float, seed: int) -> list[str]:
    return [one.students[0].student_id for one in sample_of(attempts, percent, seed)]


def test_a_sample_has_about_its_size_and_at_least_one() -> None:
    counts = [len(drawn(students(200), 10, seed)) for seed in range(50)]
    assert 18 < sum(counts) / 50 < 22 and min(counts) >= 5
    assert all(len(drawn(students(3), 0.01, seed)) == 1 for seed in range(50))
    assert drawn([], 10, 1) == [] and len(drawn(students(30), 100, 1)) == 30


def test_only_the_seed_and_the_student_decide() -> None:
    first = drawn(students(40), 20, 7)
    assert first == drawn(students(40), 20, 7) != drawn(students(40), 20, 8)
    assert set(first) <= set(drawn(students(60), 20, 7))  # nobody is let off when others come late
    renamed = [replace(one, submission_id=f"again-{one.submission_id}") for one in reversed(students(40))]
    assert set(drawn(renamed, 20, 7)) == set(first)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--sample", "10 %"], "--sample needs --retrain MINUTES"),
        *((["--retrain", "1", "--sample", wrong], f"'10 %', got '{wrong}'") for wrong in ("0", "101", "nan", "1 of 2")),
    ],
)
def test_wrong_samples_are_refused(options: list[str], says: str, tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    command = ["grade", str(tmp_path / "class"), "--assignment", "hw4", "--out", str(tmp_path / "grades")]
    done = RUN.invoke(app, [*command, "--data", str(ROOT / "data" / "samples"), *options])
    assert done.exit_code == 2 and says in " ".join(done.output.split())


@pytest.mark.slow
def test_a_sample_is_trained_again_and_stays_the_same(tmp_path: Path) -> None:
    solution = build.solution_notebook(build.read_sources(ROOT, ["rnn"]))
    solution.cells = solution.cells[:1]
    for number in range(4):
        folder = tmp_path / "class" / f"2024-2000{number}"
        folder.mkdir(parents=True)
        (folder / "hw4_rnn.ipynb").write_bytes(build.to_bytes(solution))
    out = tmp_path / "grades"
    command = ["grade", str(tmp_path / "class"), "--assignment", "hw4", "--out", str(out), "--secret-seed", "3"]
    command += ["--data", str(ROOT / "data" / "samples"), "--retrain", "0.1", "--jobs", "1"]

    def trained(*options: str) -> set[str]:
        done = RUN.invoke(app, [*command, *options])
        assert done.exit_code in (0, 1), done.output
        with (out / "verdicts.csv").open(encoding="utf-8", newline="") as file:
            return {row["submission"] for row in csv.DictReader(file) if "retraining" in row["flags"]}

    some = trained("--sample", "30%")
    assert 1 <= len(some) < 4 and trained("--sample", "30 %") == some
    pages = [path.read_text(encoding="utf-8") for path in sorted((out / "students").iterdir())]
    assert all("The trainings of a random sample of the class (30 %) are run again." in page for page in pages)
    texts = [page.rpartition("<!--")[0] for page in pages]  # its last line is the hash of what it is made of
    assert len({text.replace(f"2024-2000{number}", "") for number, text in enumerate(texts)}) == 1  # nobody reads who
    assert len(trained()) == 4  # `--retrain` alone is about all of the class
    with Gradebook(out, load(ROOT)["hw4"]) as gradebook:
        assert gradebook.sampling == "" and (out / FILE_NAME).is_file()
