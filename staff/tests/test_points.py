"""Points stand in assignments.toml and in the checks; where they disagree, nothing is graded by either."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli.app import app
from autograder.course.course import load_course
from autograder.course.manifest import load
from autograder.course.points import find_disagreement
from autograder.course.root import project_root

ROOT = project_root(Path(__file__).parent)
CNN = ROOT / "examples" / "cnn"
RUN = CliRunner()


def test_both_assignments_agree_with_their_checks() -> None:
    assert [find_disagreement(load_course(ROOT, assignment)) for assignment in load(ROOT).values()] == ["", ""]


def test_each_way_to_disagree_is_named() -> None:
    assignment = load(ROOT)["assignment2"]
    course = load_course(ROOT, assignment)

    def of(**changes: object) -> str:
        return find_disagreement(replace(course, assignment=replace(assignment, **changes)))  # type: ignore[arg-type]

    section = "[assignment2] in assignments.toml"
    questions = dict(assignment.questions)
    assert of(questions=questions | {"2-1-1a": 11.0}) == (
        f"`points` of the checks of 2-1-1a add up to 10 points, {section} gives it 11 points"
    )
    assert of(questions=questions | {"9z": 1.0}) == f"no check in tests/ asks 9z, which {section} gives 1 point"
    del questions["2-1-1b"]
    assert of(questions=questions) == (f"the checks of 2-1-1b give 20 points, but `questions` of {section} lacks it")
    first, *others = assignment.notebook_points
    worth = {name: float(assignment.notebook_points[name]) for name in others} | {first: 49.0}
    assert of(notebook_points=worth) == (
        f"`points` of the checks of {first} add up to 50 points, `notebook_points` of {section} gives 49 points"
    )


@pytest.mark.slow
def test_grade_and_regrade_refuse_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "cnn"
    shutil.copytree(CNN, root, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(root)
    ((name, assignment),) = load(root).items()
    question, worth = next(iter(assignment.questions.items()))
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "nobody.zip").write_bytes(b"no archive")
    grade = ["grade", str(tmp_path / "class"), "--assignment", name, "--out", str(tmp_path / "grades"), "--jobs", "1"]
    assert RUN.invoke(app, grade).exit_code in (0, 1)
    before = (tmp_path / "grades" / "verdicts.csv").read_bytes()
    manifest = root / "assignments.toml"
    text = manifest.read_text(encoding="utf-8")
    assert f"{question} = {worth:g}" in text
    manifest.write_text(text.replace(f"{question} = {worth:g}", f"{question} = {worth - 1:g}"), encoding="utf-8")
    problem = find_disagreement(load_course(root, load(root)[name]))
    assert question in problem
    for command in (grade, ["regrade", str(tmp_path / "grades"), "--apply"]):
        done = RUN.invoke(app, command)
        said = " ".join(done.stderr.split())  # on stdout, grade says which Python it runs
        assert (done.exit_code, said) == (2, f"autograder: {problem}; change one of them")
    assert (tmp_path / "grades" / "verdicts.csv").read_bytes() == before
