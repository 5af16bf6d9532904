"""The sample classes are graded as their golden reports say, however many submissions are graded at a time.

Byte for byte, but for the last digits of computed numbers, which differ between processors; on one machine these are
the same every time, too.
"""

import csv
import math
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from autograder.checks.case import load_module
from autograder.cli.app import app
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.gradebook.file import FILE_NAME, LOCK_NAME
from autograder.marking.verdict import MAX_LINES, UNREAD

ROOT = project_root()
build = load_module(ROOT / "staff" / "submissions" / "build.py", "sample_classes")
CLASSES = sorted(build.CLASSES)


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("classes")
    for name in CLASSES:
        build.write_class(name, folder / name)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


FRACTION = re.compile(r"-?\d+\.\d+(?:e[-+]\d+)?|-?\d+e[-+]\d+")


def same_but_for_last_digits(text: str, other: str) -> bool:
    """Whether two reports are equal when computed fractions within one part in ten thousand are."""
    numbers, others = FRACTION.findall(text), FRACTION.findall(other)
    close = all(
        math.isclose(float(a), float(b), rel_tol=1e-4, abs_tol=1e-6) for a, b in zip(numbers, others, strict=False)
    )
    return FRACTION.sub("#", text) == FRACTION.sub("#", other) and close


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("got -3.24872, 5 of 10", True),
        ("got -3.26872, 5 of 10", False),
        ("got -3.24872, 4 of 10", False),
        ("got 3.24872, 5 of 10", False),
        ("was -3.24872, 5 of 10", False),
        ("got -3.24872, 5.0 of 10", False),
    ],
)
def test_only_last_digits_of_fractions_may_differ(text: str, same: bool) -> None:
    assert same_but_for_last_digits(text, "got -3.24871, 5 of 10") is same


def golden(name: str, report: str) -> list[dict[str, str]]:
    with (build.GOLDEN / name / report).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSES)
def test_the_same_bytes_every_time(name: str, classes: Path, tmp_path: Path) -> None:
    build.write_class(name, tmp_path / name)
    assert contents(tmp_path / name) == contents(classes / name)


def grade(submissions: Path, out: Path, assignment: str = "hw4", jobs: int = 1) -> Result:
    command = ["grade", submissions, "--assignment", assignment, "--out", out, "--jobs", jobs]
    fixed = ["--limit-seconds", build.SECONDS, "--secret-seed", build.SECRET_SEED, "--data", build.DATA]
    return CliRunner().invoke(app, [str(argument) for argument in [*command, *fixed]])


@pytest.fixture(scope="module")
def first_reports() -> dict[tuple[str, str], str]:
    """What the first of the runs over each class wrote."""
    return {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "jobs", [2, pytest.param(1, marks=pytest.mark.nightly), pytest.param(2, marks=pytest.mark.nightly, id="2 again")]
)
@pytest.mark.parametrize("name", CLASSES)
def test_grades_are_the_golden_ones(
    name: str,
    jobs: int,
    classes: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    first_reports: dict[tuple[str, str], str],
) -> None:
    monkeypatch.chdir(ROOT)
    handed_in = contents(classes / name)
    out = tmp_path / "grades"
    result = grade(classes / name, out, name, jobs)

    for report in build.REPORTS:
        found = build.comparable((out / report).read_text("utf-8-sig"))
        assert same_but_for_last_digits(found, (build.GOLDEN / name / report).read_text("utf-8-sig")), result.output
        assert found == first_reports.setdefault((name, report), found)
    grades = golden(name, "grades.csv")
    ungraded = sum(int(row["ungraded"]) for row in grades)
    unread = any(row["diagnosis"] in UNREAD for row in golden(name, "verdicts.csv"))
    unanswered = any("whose is it?" in row["notes"] for row in golden(name, "attempts.csv"))
    assert result.exit_code == (1 if ungraded or unread or unanswered else 0)
    assert f"{len(grades)} students, {ungraded} ungraded" in result.output
    assert contents(classes / name) == handed_in
    beside = {FILE_NAME, LOCK_NAME, ".reports.lock", "class.html", "students"}
    assert {path.name for path in out.iterdir()} == {*build.REPORTS, *beside}
    assert {path.name for path in (out / "students").iterdir()} == {
        f"{row['submission']}.html" for row in golden(name, "attempts.csv")
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSES)
def test_every_archive_has_a_row_and_every_question_a_verdict(name: str, classes: Path) -> None:
    attempts, verdicts = golden(name, "attempts.csv"), golden(name, "verdicts.csv")
    questions = list(load(ROOT)[name].questions)
    assert len(attempts) == len(list((classes / name).iterdir()))
    assert {row["student_id"] for row in attempts} - {""} == {row["student_id"] for row in golden(name, "grades.csv")}
    submission_ids = [row["submission"] for row in attempts if row["counts"] == "yes" or not row["student_id"]]
    assert len(set(submission_ids)) == len(submission_ids)
    assert [(row["submission"], row["question"]) for row in verdicts] == [
        (s, q) for s in submission_ids for q in questions
    ]


@pytest.mark.parametrize("name", CLASSES)
def test_messages_are_short_and_show_nothing_of_ours(name: str) -> None:
    for row in golden(name, "verdicts.csv"):
        message = row["message"]
        if row["verdict"] == "PASS":  # what was measured is told in any case
            assert not message or row["question"] in load(ROOT)[name].model_questions, row
        else:
            assert message, row
        assert len(message.splitlines()) <= MAX_LINES
        for ours in ("Traceback", str(ROOT), "site-packages", ".safetensors", "staff/", "autograder/"):
            assert ours not in message


def test_full_marks_and_none_both_occur() -> None:
    for name in CLASSES:
        points = load(ROOT)[name].points_in
        totals = {row["total"].split()[0] for row in golden(name, "grades.csv")}
        assert {"0", f"{points:g}"} <= totals
        assert len(totals) > 3


def test_one_class_is_graded_in_full_and_one_needs_a_person() -> None:
    left = {name: sum(int(row["ungraded"]) for row in golden(name, "grades.csv")) for name in CLASSES}
    assert left == {"assignment2": 0, "hw4": 2}  # attention of bare matrices, a figure not called test


@pytest.mark.slow
@pytest.mark.parametrize(
    ("submissions", "assignment", "says"),
    [("hw4", "hw5", "no assignment 'hw5'"), ("nowhere", "hw4", "no such file or folder")],
)
def test_command_ends_with_2_for_wrong_usage(
    submissions: Path, assignment: str, says: str, classes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    result = grade(classes / submissions, tmp_path / "grades", assignment)
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())
    assert not (tmp_path / "grades").exists()
