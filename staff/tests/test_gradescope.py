"""The autograder for Gradescope: its zip, its scripts in a folder laid out as Gradescope's, and its results."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
from rich.console import Console
from typer.testing import CliRunner

from autograder.authoring.build import read_sources, skeleton_notebook, solution_notebook, to_bytes
from autograder.classroom import gradescope
from autograder.cli.app import app
from autograder.course.course import Course, load_course
from autograder.course.manifest import Assignment, load
from autograder.exports.gradescope import TO_BE_MARKED, results_of
from autograder.gradebook.file import FILE_NAME
from autograder.gradebook.gradebook import Gradebook
from autograder.marking.verdict import Diagnosis, Verdict
from autograder.models.measurement import Model, ModelScores
from autograder.notebook.repair import Kind, Repair
from autograder.sandbox import SandboxUnavailable

ROOT = Path(__file__).parents[2]
COURSE = ROOT / "examples" / "cnn"
SCRIPTS = ROOT / "autograder" / "authoring" / "templates" / "gradescope"
RUN = CliRunner()
OFFLINE = ["unshare", "--net"]

# The solution, but for whoever can read a file of the course's staff.
SPY = """
def convolve(*arguments, answer=convolve):
    for name in ("staff/gradescope.sqlite", "staff/cases/convolution.py", "tests/test_convolution.py"):
        try:
            return open("{course}/" + name, "rb").read()
        except OSError:
            pass
    return answer(*arguments)
"""


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The autograder for the example of another course."""
    made = tmp_path_factory.mktemp("packed") / "autograder.zip"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(COURSE)
        done = RUN.invoke(app, ["gradescope", "--assignment", "lab1", "--out", str(made)])
    assert done.exit_code == 0 and done.output.endswith("autograder.zip\n"), done.output
    return made


@pytest.fixture
def place(packed: Path, tmp_path: Path) -> Path:
    """A folder laid out as /autograder."""
    root = tmp_path / "autograder"
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True)
    subprocess.run(["unzip", "-q", packed, "-d", root / "source"], check=True)
    shutil.copy(root / "source" / "run_autograder", root)
    return root


def environment(root: Path, python: object) -> dict[str, str]:
    return {**os.environ, "AUTOGRADER_ROOT": str(root), "AUTOGRADER_PYTHON": str(python)}


def run_autograder(root: Path, python: object = sys.executable) -> dict[str, Any]:
    """What stands in results.json after a submission, graded without a network where that can be had."""
    offline = subprocess.run([*OFFLINE, "true"], capture_output=True).returncode == 0
    command = [*(OFFLINE if offline else []), str(root / "run_autograder")]
    done = subprocess.run(command, env=environment(root, python), capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    results: dict[str, Any] = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
    assert results["stdout_visibility"] == "hidden" and "Traceback" not in json.dumps(results)
    return results


def scores(results: dict[str, Any]) -> dict[str, tuple[float, float]]:
    return {test["name"]: (test["score"], test["max_score"]) for test in results["tests"] if "score" in test}


# --- the zip ---


def test_the_zip_has_scripts_that_run_and_no_solution(packed: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        names = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
        run = archive.read("run_autograder").decode()
    assert names["setup.sh"] == names["run_autograder"] == 0o755 and "-m autograder.cli.gradescope lab1 " in run
    assert {
        "requirements.txt",
        "failure.json",
        "course/assignments.toml",
        "course/notebooks/lab1.ipynb",
    } <= names.keys()
    assert {"course/staff/gradescope.sqlite", "course/staff/cases/convolution.py"} <= names.keys()
    assert {name.split("/")[2] for name in names if name.startswith("course/staff/")} == {
        "",
        "cases",
        "gradescope.sqlite",
    }


def test_the_secret_cases_are_there_already(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = place / "source" / "course"
    monkeypatch.setattr("autograder.course.cases.load_recipes", None)
    shutil.copy(course / "staff" / "gradescope.sqlite", place / FILE_NAME)
    with Gradebook(place, assignment := load(course)["lab1"]) as gradebook:
        seed = gradebook.secret_seed()
        cases = load_course(course, assignment, seed, gradebook).cases
    assert all(any(case.secret for case in several) for several in cases.values()) and len(cases) == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--assignment", "lab2", "--out", "x.zip"], "no assignment 'lab2'"),
        (["--assignment", "lab1", "--out", "lab1.ipynb"], "lab1.ipynb exists already"),
        (["--assignment", "lab1", "--out", "x.zip", "--data", "nowhere"], "nowhere: no such folder"),
        (["--assignment", "lab1", "--out", "lab1.ipynb/x.zip"], "could not be made"),
    ],
)
def test_what_cannot_be_made_is_said_in_one_line(
    options: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(COURSE, tmp_path / "course")
    (folder / "lab1.ipynb").touch()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(gradescope, "prepared_gradebook", lambda root, assignment: b"")
    done = RUN.invoke(app, ["gradescope", *options])
    assert done.exit_code == 2 and says in done.output and done.output.count("\n") == 1
    assert not [path.name for path in folder.iterdir() if path.name.startswith((".making", "x"))]


def test_a_data_directory_is_in_the_part_that_student_code_cannot_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data" / "set").mkdir(parents=True)
    (tmp_path / "data" / "set" / "labels").write_text("1")
    monkeypatch.chdir(COURSE)
    monkeypatch.setattr(gradescope, "prepared_gradebook", lambda root, assignment: b"")
    options = ["--assignment", "lab1", "--out", str(tmp_path / "x.zip"), "--data", str(tmp_path / "data")]
    assert RUN.invoke(app, ["gradescope", *options]).exit_code == 0
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert archive.read("course/staff/data/set/labels") == b"1"


# --- its scripts ---


@pytest.mark.slow
def test_a_submission_is_graded_without_a_network(place: Path) -> None:
    sources = read_sources(COURSE, ["convolution"])
    notebook = json.loads(to_bytes(solution_notebook(sources)))
    spy = SPY.format(course=place / "source" / "course").splitlines(keepends=True)
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": spy}
    notebook["cells"].append({**cell, "id": "spy"})
    (place / "submission" / "lab1.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    results = run_autograder(place)
    assert scores(results) == {"A": (7.0, 7.0), "B": (5.0, 5.0)}, results
    assert {test["visibility"] for test in results["tests"] if "score" in test} == {"visible"}

    (place / "submission" / "lab1.ipynb").write_bytes(to_bytes(skeleton_notebook(sources)))
    results = run_autograder(place)
    assert scores(results) == {"A": (0.0, 7.0), "B": (0.0, 5.0)}
    assert "not written yet" in results["tests"][0]["output"]


@pytest.mark.slow
def test_a_broken_archive_has_a_plain_message(place: Path) -> None:
    (place / "submission" / "ab2024.tar.gz").write_bytes(b"\x1f\x8b broken")
    results = run_autograder(place)
    assert "cannot be read: it is damaged" in results["output"]
    assert scores(results) == {"A": (0.0, 7.0), "B": (0.0, 5.0), "C": (0.0, 3.0)}


@pytest.mark.parametrize("python", ["/bin/false", "/nowhere/python"])
def test_a_grader_that_fails_leaves_a_message_and_no_score(place: Path, python: str) -> None:
    results = run_autograder(place, python)
    assert results["tests"] == [] and "score" not in results
    assert results["output"].startswith("This submission could not be marked")


@pytest.mark.slow
def test_what_goes_wrong_in_the_grader_is_for_the_staff_alone(place: Path) -> None:
    (place / "source" / "course" / "tests" / "test_convolution.py").write_text("1 / 0")
    (place / "submission" / "lab1.ipynb").write_text("{}")
    results = run_autograder(place)
    assert results["tests"] == [] and "score" not in results and "could not be marked" in results["output"]


STAND_IN = """\
#!/bin/sh
echo "$(basename "$0") $*" >> "$LOG"
case "$*" in
    "-c "*) [ "$(basename "$0")" = "$SUPPORTED" ] ;;
    "-m venv "* | "-m uv venv "*) for made; do :; done; mkdir -p "$made/bin"; cp "$0" "$made/bin/python" ;;
esac
"""


@pytest.mark.parametrize("supported", ["python3.12", "none"])
def test_setup_makes_an_environment_with_what_grading_needs(supported: str, tmp_path: Path) -> None:
    """Of the Pythons that stand in for real ones, one or none is one that the grader supports."""
    for tool in ("bash", "sh", "basename", "mkdir", "cp"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or "")
    for name in ("python3", "python3.12", "apt-get"):
        (tmp_path / name).write_text(STAND_IN)
        (tmp_path / name).chmod(0o755)
    log, root = tmp_path / "log", tmp_path / "autograder"
    settings = {"AUTOGRADER_ROOT": str(root), "PATH": str(tmp_path), "LOG": str(log), "SUPPORTED": supported}
    subprocess.run([SCRIPTS / "setup.sh"], env=settings, check=True)
    install = f"python -m pip install --no-cache-dir -r {root}/source/requirements.txt"
    ours = [f"python3.12 -m venv {root}/environment", install]
    uvs = [
        *("apt-get update", "apt-get install -y python3-venv"),
        *(f"python3 -m venv {root}/uv", "python -m pip install uv"),
        *(f"python -m uv venv --seed --python 3.12 {root}/environment", install),
    ]
    calls = [line for line in log.read_text().splitlines() if " -c " not in line]
    assert calls == (uvs if supported == "none" else ours)


# --- below tier 2 ---


@pytest.mark.slow
def test_without_isolation_public_cases_alone_are_used_and_secret_ones_are_gone(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, used = place / "source" / "course", []
    monkeypatch.setattr(gradescope, "_isolates", lambda root, assignment: False)

    def load_alone(root: Path, assignment: Assignment, seed: int | None, *_: object, **__: object) -> Course:
        assert not (root / "staff").exists()
        used.append(seed)
        return load_course(root, assignment, seed)

    monkeypatch.setattr("autograder.course.course.load_course", load_alone)
    (place / "submission" / "lab1.ipynb").write_bytes(
        to_bytes(solution_notebook(read_sources(COURSE, ["convolution"])))
    )
    about = {"users": [{"sid": None, "email": None, "name": None}, {"sid": "ab1234", "id": 1, "name": "학생"}, 3]}
    (place / "submission_metadata.json").write_text(json.dumps(about))
    graded = gradescope.grade_submission(course, load(course)["lab1"], place / "submission", Console(quiet=True))
    assert scores(graded) == {"A": (7.0, 7.0), "B": (5.0, 5.0)} and used == [None]
    assert graded["output"].splitlines() == [
        "Nothing isolates code on this machine: your work was marked on the public cases alone.",
        "1 of 3 questions wait for a person and have no score yet.",
    ]


def test_a_course_of_somebody_s_own_loses_nothing(tmp_path: Path) -> None:
    folder = shutil.copytree(COURSE, tmp_path / "course")
    before = sorted(folder.rglob("*"))
    with pytest.raises(FileNotFoundError, match=r"gradescope\.sqlite: no such file; expected what"):
        gradescope.grade_submission(folder, load(folder)["lab1"], tmp_path, Console(quiet=True))
    assert sorted(folder.rglob("*")) == before


def test_where_landlock_is_missing_nothing_is_isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise SandboxUnavailable("student code cannot be isolated here: no landlock")

    monkeypatch.setattr(gradescope, "open_sandbox", refuse)
    assert not gradescope._isolates(COURSE, load(COURSE)["lab1"])


# --- results.json ---

MEASURED = load(ROOT)["assignment2"]
RIGHT = Verdict.scored("2-1-1a", 10, 10)
PARTLY = Verdict.scored("2-1-1b", 6.666, 20, "gates exchanged", "the gates are exchanged")
PENDING = replace(Verdict.ungraded("2-1-2", 20, Diagnosis.RANK_PENDING, "best model x"), figure="81.25 % (13 of 16)")
FAILED = Verdict.ungraded("2-2-1", 30, Diagnosis.SANDBOX, "autograder.py, line 3: OSError")
SCORES = {"2-1-2": ModelScores("2-1-2", (Model("x.pt", 13),), 16, b"", 1)}


def results(*verdicts: Verdict, **changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {"remarks": (), "repairs": (), "scores": {}, **changes}
    return results_of(arguments.pop("assignment", MEASURED), verdicts, **arguments)


def test_a_verdict_is_a_test() -> None:
    assert results(RIGHT, PARTLY, remarks=["renamed"]) == {
        "output": "renamed",
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [
            {
                **{"name": "2-1-1a", "score": 10, "max_score": 10, "output": "right"},
                **{"output_format": "text", "visibility": "visible"},
            },
            {
                **{"name": "2-1-1b", "score": 6.67, "max_score": 20, "output": "the gates are exchanged"},
                **{"output_format": "text", "visibility": "visible"},
            },
        ],
    }


def test_what_a_person_has_to_mark_has_no_score_and_no_words_of_the_grader() -> None:
    shown = results(RIGHT, PENDING, FAILED)
    _, pending, failed, staff = shown["tests"]
    assert shown["output"] == "2 of 3 questions wait for a person and have no score yet."
    assert not {"score", "max_score"} & (pending.keys() | failed.keys() | staff.keys())
    assert pending["output"].splitlines() == [TO_BE_MARKED.format(points=20), "81.25 % (13 of 16)"]
    assert failed["output"] == TO_BE_MARKED.format(points=30)
    assert staff["visibility"] == "hidden" and "2-2-1: UNGRADED, sandbox: autograder.py, line 3" in staff["output"]


def test_flags_are_for_the_staff_alone() -> None:
    shown = results(RIGHT.flagged("looks like a copy"))["tests"]
    assert [(test["visibility"], "copy" in test["output"]) for test in shown] == [("visible", False), ("hidden", True)]


def test_a_question_about_saved_models_is_on_the_leaderboard() -> None:
    assert results(PENDING, scores=SCORES)["leaderboard"] == [{"name": "2-1-2", "value": 81.25}]
    assert "leaderboard" not in results(PENDING, scores={"2-1-2": ModelScores("2-1-2", (), 16, b"", 0)})


@pytest.mark.parametrize(("cost", "score"), [(5, -5), (40, -10)])
def test_repairs_cost_what_the_manifest_says_and_no_more_than_there_is(cost: float, score: float) -> None:
    repair = Repair(Kind.NOTEBOOK_NAME, "'x.ipynb' was read as y.ipynb")
    charging = replace(MEASURED, repairs={Kind.NOTEBOOK_NAME: cost})
    *_, last = results(RIGHT, repairs=[repair], assignment=charging)["tests"]
    assert (last["score"], last["max_score"]) == (score, 0) and last["output"] == f"{repair.note} (-{cost})"
    assert len(results(RIGHT, repairs=[repair])["tests"]) == 1


def test_results_are_written_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text("before")
    gradescope.write_results({"output": "과제 \ud800"}, tmp_path / "results.json")
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]
    assert (tmp_path / "results.json").stat().st_mode & 0o777 == 0o644  # Gradescope reads it
    assert json.loads((tmp_path / "results.json").read_bytes()) == {"output": "과제 \ud800"}
