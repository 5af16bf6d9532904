"""The engine knows no course: its own text names nothing of ours, and it runs wherever a manifest lies.

The other course is `examples/cnn`, copied to a folder of its own.
"""

import csv
import io
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from other_course import answer, example, whole_example
from typer.testing import CliRunner

import autograder
from autograder.cli.app import app
from autograder.course.manifest import load

__all__ = ["example", "whole_example"]
ROOT = Path(__file__).parents[2]
SUFFIXES = {".py", ".html", ".sh", ".toml", ".md"}
TEXTS = [path for path in (ROOT / "autograder").rglob("*") if path.suffix in SUFFIXES and path.name != "provenance.py"]
# What PyTorch calls its own is nobody's topic.
TORCH = re.compile(r"\b(?:torch|nn|F)(?:\.\w+)+")


def names_of_ours() -> Iterator[str]:
    """The names of assignments, questions, notebooks, topics, folders and data sets in our manifest."""
    for assignment in load(ROOT).values():
        yield assignment.name
        yield from assignment.questions
        yield from (name.removesuffix(".ipynb") for name in assignment.notebooks)
        yield from (topic for topics in assignment.notebooks.values() for topic in topics)
        yield from (name.rstrip("/") for name in assignment.required if name.endswith("/"))


def mentions(text: str, name: str) -> list[str]:
    """Where a text names something, as a word of its own or a part of a name with underscores."""
    found = re.finditer(rf"(?<![A-Za-z0-9.-]){re.escape(name)}(?![A-Za-z0-9-])", TORCH.sub("", text))
    return [match[0] for match in found]


def test_mentions_are_found() -> None:
    assert mentions("see `1e`, tests/test_gru.py", "gru") and mentions("1e", "1e") and mentions("gru = 1", "gru")
    assert (
        not mentions("1e-9", "1e") and not mentions("torch.nn.modules.rnn.GRU", "rnn") and not mentions("vits", "vit")
    )


@pytest.mark.parametrize("name", sorted(set(names_of_ours())))
def test_the_engine_names_nothing_of_this_course(name: str) -> None:
    naming = [path.relative_to(ROOT).as_posix() for path in TEXTS if mentions(path.read_text(encoding="utf-8"), name)]
    assert naming == []


# --- commands ---

RUN = CliRunner()


@pytest.mark.parametrize(
    "command",
    [
        ["grade", ".", "--assignment", "one", "--out", "out"],
        ["intake", ".", "--assignment", "one"],
        ["build"],
        ["cases"],
        ["verify"],
        ["release", "--assignment", "one", "--out", "out"],
        ["run", "x.ipynb", "--out", "out"],
    ],
    ids=lambda command: command[0],
)
def test_without_a_manifest_here_or_above_there_is_one_line(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = RUN.invoke(app, command)
    assert done.exit_code == 2 and done.output.count("\n") == 1
    assert done.output.startswith(f"autograder: there is no assignments.toml in {tmp_path} or above it")


def test_the_version_is_the_package_s() -> None:
    assert RUN.invoke(app, ["--version"]).output == f"autograder {autograder.__version__}\n"
    assert metadata.version("autograder") == autograder.__version__


@pytest.mark.parametrize(
    ("command", "file", "text", "says"),
    [
        (["cases"], "staff/cases/convolution.py", "\nfrom nowhere import x", ", line 2: ModuleNotFoundError: "),
        (["release", "--assignment", "lab1", "--out", "out"], "tests/test_convolution.py", "1 / 0", ", line 1: Zero"),
        (["check", "lab1.ipynb"], "tests/test_convolution.py", "def", ": SyntaxError: "),
        (["cases"], "data/__init__.py", "\n1 / 0", ", line 2: ZeroDivisionError: division by zero"),
        (["build"], "staff/solutions/convolution.py", "x = 1", ", line 1: there are 0 '# %%' lines"),
    ],
    ids=["recipe", "check", "syntax", "data", "solution"],
)
def test_a_file_of_the_course_that_is_broken_is_named_in_one_line(
    example: Path, command: list[str], file: str, text: str, says: str
) -> None:
    (example / file).parent.mkdir(exist_ok=True)
    (example / file).write_text(text)
    (example / "lab1.ipynb").write_bytes((example / "notebooks" / "lab1.ipynb").read_bytes())
    done = RUN.invoke(app, command)
    assert done.exit_code == 2 and done.stderr.count("\n") == 1
    assert done.stderr.startswith("autograder: ") and file in done.stderr and says in done.stderr


# --- another course, from its proof to the students' own check ---


@pytest.mark.slow
@pytest.mark.usefixtures("whole_example")
def test_the_other_course_is_proven() -> None:
    done = RUN.invoke(app, ["verify"])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1] == "31 of 31 proofs hold"


@pytest.mark.slow
def test_what_the_other_course_generates_is_there_already(whole_example: Path) -> None:
    generated = [whole_example / "CollectSubmission.sh", *whole_example.glob("notebooks/*.ipynb")]
    before = {path: path.read_bytes() for path in generated}
    assert RUN.invoke(app, ["build"]).exit_code == 0
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.slow
def test_the_other_course_grades_a_class(example: Path, tmp_path: Path) -> None:
    class_ = tmp_path / "class"
    class_.mkdir()
    hand_in = {
        "lab1-ab1234.tar.gz": answer(example, "variants", "convolve_loops"),
        "cd5678.tar.gz": answer(example, "mutants", "convolve_stride_ignored"),
        "xyz.tar.gz": (example / "notebooks" / "lab1.ipynb").read_bytes(),
    }
    for name, content in hand_in.items():
        with tarfile.open(class_ / name, "w:gz") as archive:
            member = tarfile.TarInfo("lab1.ipynb")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    options = ["--assignment", "lab1", "--out", str(tmp_path / "grades"), "--unsafe", "--jobs", "1"]
    done = RUN.invoke(app, ["grade", str(class_), *options])
    assert done.exit_code == 1 and "xyz.tar.gz: whose is it?" in done.output, done.output
    with (tmp_path / "grades" / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = [(row["student_id"], row["Q A"], row["Q B"], row["total"]) for row in csv.DictReader(file)]
    assert sorted(rows) == [("ab1234", "7", "5", "12"), ("cd5678", "3", "5", "8")]


@pytest.mark.slow
def test_the_bundle_of_the_other_course_checks_a_notebook(example: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    assert RUN.invoke(app, ["release", "--assignment", "lab1", "--out", str(bundle)]).exit_code == 0
    assert not {"LICENSE", "data", "images", "staff"} & {path.name for path in bundle.iterdir()}
    (bundle / "lab1.ipynb").write_bytes(answer(example, "mutants", "separable_relu_last"))
    command = [sys.executable, "-m", "autograder", "check", "lab1.ipynb"]
    done = subprocess.run(command, cwd=bundle, capture_output=True, text=True, timeout=600)
    assert done.returncode == 1 and "Traceback" not in done.stdout + done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()[1:4]]  # below when it was saved
    assert lines == ["A 7 of 7 all right", "B 3 of 5 relu last", "total 10 of 12, on the public cases"]


@pytest.mark.usefixtures("example")
def test_a_bundle_without_staff_offers_the_command_of_students_alone(tmp_path: Path) -> None:
    assert RUN.invoke(app, ["release", "--assignment", "lab1", "--out", str(tmp_path / "bundle")]).exit_code == 0
    command = [sys.executable, "-m", "autograder", "--help"]
    said = subprocess.run(command, cwd=tmp_path / "bundle", capture_output=True, text=True, timeout=600).stdout
    assert [word for word in ("check", "grade", "intake", "verify", "new") if f" {word} " in said] == ["check"]


@pytest.mark.slow
def test_the_plugin_of_older_bundles_still_checks_notebooks(example: Path) -> None:
    conftest = (example / "conftest.py").read_text(encoding="utf-8")
    (example / "conftest.py").write_text(conftest.replace("autograder.cli.pytest_plugin", "autograder.plugin"))
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(command, cwd=example, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0 and "2 tests collected" in done.stdout


# --- a new course ---


def test_a_new_course_is_all_there_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    for folder, says in (("file", "exists already"), ("file/course", "could not be made")):
        done = RUN.invoke(app, ["new", folder])
        assert done.exit_code == 2 and says in done.output and done.output.count("\n") == 1
    monkeypatch.setitem(sys.modules, "jupytext", None)
    done = RUN.invoke(app, ["new", "course"])
    assert done.exit_code == 2 and "jupytext is not installed: pip install jupytext" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
