"""The student bundle: everything a student needs, and nothing that only staff may see."""

import ast
import re
import shutil
import subprocess
import sys
import tarfile
import textwrap
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NoReturn

import pytest
from typer.testing import CliRunner

import autograder
from autograder.authoring.build import read_sources, skeleton_notebook, to_bytes
from autograder.authoring.release import ReleaseError, release, requirements_of
from autograder.cli.app import app
from autograder.course import manifest

ROOT = Path(__file__).parents[2]

SOLUTION = textwrap.dedent(
    """\
    # %% [markdown]
    # # Gates

    # %%
    def gate(x):
        ### BEGIN SOLUTION
        answer_known_to_staff = x.sigmoid() * 2
        return answer_known_to_staff
        ### END SOLUTION

    # %% tags=["staff"]
    note_for_staff = 1
    """
)
CHECKS = textwrap.dedent(
    """\
    from autograder.checks.question import question

    @question("1a", points=5, cases="gate_forward")
    def test_gate(student, case):
        pass

    @question("1b", points=5)
    def test_other(student):
        pass
    """
)
MANIFEST = textwrap.dedent(
    """\
    student_id = '\\d{4}-\\d{5}'
    [first]
    title = "First assignment, 과제"
    deadline = 2024-06-14T18:00:00
    timezone = "Asia/Seoul"
    archive = "{student_id}.zip"
    points = 100
    required = ["gates.ipynb", "later.ipynb", "model_checkpoints/"]
    notebooks = { "gates.ipynb" = ["gate"], "later.ipynb" = [] }
    notebook_points = { "gates.ipynb" = 10, "later.ipynb" = 90 }
    questions = { 1a = 5, 1b = 5 }
    limits = { seconds = 10, memory_mib = 2048 }
    [second]
    title = "Second"
    deadline = 2024-06-14T18:00:01
    timezone = "Asia/Seoul"
    archive = "{student_id}.zip"
    points = 100
    required = ["second.ipynb"]
    notebooks = { "second.ipynb" = [] }
    notebook_points = { "second.ipynb" = 100 }
    questions = {}
    limits = { seconds = 10, memory_mib = 2048 }
    """
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with one topic."""
    root = tmp_path / "프로젝트 root"
    texts = {
        "assignments.toml": MANIFEST,
        "staff/solutions/gate.py": SOLUTION,
        "staff/cases/gate.py": "secret_recipe = 1\n",
        "tests/test_gate.py": CHECKS,
        "tests/test_unrelated.py": "unrelated = 1\n",
        "tests/gate_stand_ins.py": "helper = 1\n",
        "tests/unrelated_stand_ins.py": "helper = 2\n",
        "tests/cases/gate_forward/small.safetensors": "public",
        "tests/cases/unrelated/small.safetensors": "public",
        "model_checkpoints/assignment/report.md": "template",
        "model_checkpoints/assignment/model.pt": "trained by staff",
        "data/__init__.py": "",
        "data/__pycache__/x.pyc": "",
        "data/downloaded/eng-fra.txt": "not ours to hand out",
        "requirements.txt": "# what the notebooks need\ntorch>=2.6\neinops\n",
        "LICENSE": "ours",
        "images/gate.png": "picture",
        "notebooks/gates.ipynb": "stale",
    }
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def make(root: Path, destination: Path, name: str = "first") -> Path:
    return release(root, manifest.load(root)[name], destination)


def test_layout(project: Path, tmp_path: Path) -> None:
    bundle = make(project, tmp_path / "out" / "묶음 bundle")
    assert bundle == tmp_path / "out" / "묶음 bundle"
    assert [name for name in files(bundle) if not name.startswith("autograder/")] == sorted(
        [
            ".gitattributes",
            "CollectSubmission.sh",
            "LICENSE",
            "README.md",
            "assignments.toml",
            "conftest.py",
            "data/__init__.py",
            "gates.ipynb",
            "images/gate.png",
            "model_checkpoints/assignment/report.md",
            "pytest.ini",
            "requirements.txt",
            "tests/cases/gate_forward/small.safetensors",
            "tests/gate_stand_ins.py",
            "tests/test_gate.py",
        ]
    )
    assert b"\r" not in (bundle / "CollectSubmission.sh").read_bytes()
    assert (bundle / ".gitattributes").read_bytes() == (ROOT / ".gitattributes").read_bytes()
    assert (bundle / "CollectSubmission.sh").stat().st_mode & 0o777 == 0o755
    assert [path.name for path in bundle.parent.iterdir()] == [bundle.name]
    assert (bundle / "gates.ipynb").read_bytes() == to_bytes(skeleton_notebook({"gate": SOLUTION}))


STAFF_ROOMS = {"authoring", "classroom", "desk", "exports", "gradebook", "pages"}


def test_the_engine_comes_from_the_package_without_the_rooms_of_staff(project: Path, tmp_path: Path) -> None:
    bundle = make(project, tmp_path / "bundle")
    package = Path(autograder.__file__).parent
    names = files(bundle / "autograder")
    names.remove("LICENSE")
    assert (bundle / "autograder" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert all((bundle / "autograder" / name).read_bytes() == (package / name).read_bytes() for name in names)
    assert not STAFF_ROOMS & {Path(name).parts[0] for name in names}
    assert not {"cli/assistants.py", "cli/authors.py", "cli/exports.py", "models/measure.py", "models/ranks.py"} & set(
        names
    )
    assert {"__main__.py", "plugin.py", "py.typed", "cli/students.py", "worker/server.py"} <= set(names)


def test_the_licence_is_found_beside_a_poorer_description_of_the_package(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editable installation leaves an egg-info in the checkout, which Python finds first in a script of there."""
    poorer = tmp_path / "checkout" / "autograder.egg-info"
    poorer.mkdir(parents=True)
    (poorer / "PKG-INFO").write_text("Metadata-Version: 2.4\nName: autograder\nVersion: 0.1.0\n", encoding="utf-8")
    monkeypatch.syspath_prepend(poorer.parent)
    bundle = make(project, tmp_path / "bundle")
    assert (bundle / "autograder" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def modules_imported(tree: ast.AST) -> Iterator[str]:
    """The modules of this package that a file imports, inside of functions too, as dotted names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"^(autograder(?:\.\w+)+):\w+$", node.value)  # "module:function"


def test_the_engine_of_a_bundle_imports_nothing_that_is_not_there(project: Path, tmp_path: Path) -> None:
    bundle = make(project, tmp_path / "bundle")
    package, missing = Path(autograder.__file__).parents[1], []
    for name in files(bundle / "autograder"):
        if name.endswith(".py") and name != "cli/app.py":  # which looks what is there
            tree = ast.parse((bundle / "autograder" / name).read_text(encoding="utf-8"))
            for module in modules_imported(tree):
                for path in (f"{module.replace('.', '/')}.py", f"{module.replace('.', '/')}/__init__.py"):
                    if (package / path).is_file() and not (bundle / path).is_file():
                        missing.append((name, module))
    assert missing == []


def test_the_bundle_says_what_to_install(project: Path, tmp_path: Path) -> None:
    lines = (make(project, tmp_path / "one") / "requirements.txt").read_text(encoding="utf-8").splitlines()
    ours = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert lines == [*(line for line in ours if not line.startswith("#")), "einops"]
    of_graders = (ROOT / "requirements-graders.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert set(of_graders) & set(lines) == set() and set(of_graders) < set(requirements_of(project, "graders"))


def test_a_package_that_is_not_installed_makes_no_bundle(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> NoReturn:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr("autograder.authoring.release.distribution", missing)
    with pytest.raises(ReleaseError, match=r"autograder is not installed.*pip install it first"):
        make(project, tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_a_course_needs_nothing_but_its_own_work(project: Path, tmp_path: Path) -> None:
    for name in ("LICENSE", "requirements.txt", "images/gate.png"):
        (project / name).unlink()
    (project / "images").rmdir()
    shutil.rmtree(project / "data")
    bundle = make(project, tmp_path / "bundle")
    assert {path.name for path in bundle.iterdir()} == {
        *(".gitattributes", "CollectSubmission.sh", "README.md", "assignments.toml", "autograder", "conftest.py"),
        "gates.ipynb",
        *("model_checkpoints", "pytest.ini", "requirements.txt", "tests"),
    }
    readme = (bundle / "README.md").read_text(encoding="utf-8")
    assert "`model_checkpoints/`" in readme and "`data/`" not in readme and "`images/`" not in readme


def test_nothing_of_staff(project: Path, tmp_path: Path) -> None:
    bundle = make(project, tmp_path / "bundle")
    everything = "\n".join((bundle / name).read_text(encoding="utf-8") for name in files(bundle))
    for text in ("answer_known_to_staff", "note_for_staff", "secret_recipe", "trained by staff"):
        assert text not in everything
    assert "gate is not written yet" in everything


def test_readme_names_the_commands_of_this_assignment(project: Path, tmp_path: Path) -> None:
    readme = (make(project, tmp_path / "bundle") / "README.md").read_text(encoding="utf-8")
    for line in (
        "# First assignment, 과제",
        "Due 2024-06-14 18:00 (Asia/Seoul)",
        "python -m autograder check gates.ipynb",
        "pytest tests/test_gate.py --notebook gates.ipynb",
        "sh CollectSubmission.sh STUDENT-ID\n",
        "Handed out separately, and to be put here: `later.ipynb`.",
        "`<student ID>.zip`",
    ):
        assert line in readme
    assert not re.search(r"[{}]", readme)


def test_existing_destination_is_refused(project: Path, tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    with pytest.raises(ReleaseError, match="exists already"):
        make(project, tmp_path / "bundle")
    assert files(tmp_path / "bundle") == []


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        ("staff/solutions/gate.py", r"staff/solutions/gate\.py is missing"),
        ("tests/test_gate.py", r"tests/test_gate\.py is missing"),
        ("tests/cases/gate_forward", "tests/cases/gate_forward is missing; `autograder cases` makes it"),
    ],
)
def test_never_half_a_bundle(project: Path, tmp_path: Path, missing: str, says: str) -> None:
    path = project / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    out = tmp_path / "out"
    with pytest.raises(ReleaseError, match=says):
        make(project, out / "bundle")
    assert list(out.iterdir()) == []


def test_destination_under_a_file(project: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ReleaseError, match="could not be made"):
        make(project, tmp_path / "file" / "bundle")


def test_assignment_without_topics(project: Path, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"no notebook of second has a topic in assignments\.toml yet"):
        make(project, tmp_path / "bundle", "second")


# --- this course ---


@pytest.fixture(scope="module", params=["hw4", "assignment2"])
def course(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[manifest.Assignment, Path]:
    """One of the course's assignments and its bundle."""
    assignment = manifest.load(ROOT)[request.param]
    return assignment, release(ROOT, assignment, tmp_path_factory.mktemp("release") / "학생 bundle")


# Lines that tell nothing about an answer.
IDIOMS = {
    "with torch.no_grad():",
    "optimizer.zero_grad()",
    "from dataclasses import replace",
    "from torch.utils.tensorboard import SummaryWriter",
}


def answers_of(script: str) -> set[str]:
    """The lines of the solution regions that tell something, and stand nowhere outside of them."""
    inside = False
    answers: set[str] = set()
    given: set[str] = set()
    for line in script.splitlines():
        if "### BEGIN SOLUTION" in line or "### END SOLUTION" in line:
            inside = "BEGIN" in line
        elif len(line.strip()) > 20:
            (answers if inside else given).add(line.strip())
    return answers - given - IDIOMS


def test_no_staff_file_and_no_solution_line_in_the_course_bundle(course: tuple[manifest.Assignment, Path]) -> None:
    assignment, bundle = course
    staff = {path.read_bytes() for path in (ROOT / "staff").rglob("*") if path.is_file() and path.stat().st_size}
    topics = [topic for topics in assignment.notebooks.values() for topic in topics]
    answers = set().union(*(answers_of(script) for script in read_sources(ROOT, topics).values()))
    assert len(answers) > 10
    for name in files(bundle):
        content = (bundle / name).read_bytes()
        assert not content or content not in staff, name
        if not name.endswith((".safetensors", ".npz", ".png")):
            shown = {
                line.strip().removesuffix('",').removesuffix("\\n").strip('" ')
                for line in content.decode().splitlines()
            }
            assert not shown & answers, name
    assert not (bundle / "staff").exists()


def test_course_bundle_is_laid_out_as_the_handout_lists_it(course: tuple[manifest.Assignment, Path]) -> None:
    assignment, bundle = course
    for folder in ("images", "data", "tests/cases", "autograder", *(n for n in assignment.required if n.endswith("/"))):
        assert (bundle / folder).is_dir()
    assert {path.name for path in bundle.glob("*.ipynb")} == {
        name for name, topics in assignment.notebooks.items() if topics
    }
    assert {path.name for path in (bundle / "tests").glob("test_*.py")} == {
        f"test_{topic}.py" for topics in assignment.notebooks.values() for topic in topics
    }


def test_reports_to_fill_in_go_out_and_are_packed(course: tuple[manifest.Assignment, Path], tmp_path: Path) -> None:
    assignment, bundle = course
    reports = {f"{measured.folder}/report.md" for measured in assignment.model_questions.values()}
    assert {name for name in files(bundle) if name.endswith("report.md")} == reports
    folder = shutil.copytree(bundle, tmp_path / "묶음 bundle")
    script: list[Path | str] = [folder / "CollectSubmission.sh", "2024-20001", "--assignment", assignment.name]
    done = subprocess.run(script, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert ("holds no file yet" in done.stdout) == bool(reports)
    if reports:
        with tarfile.open(folder / "2024-20001.tar.gz") as archive:
            assert reports <= set(archive.getnames())


def test_data_of_the_course_bundle(course: tuple[manifest.Assignment, Path]) -> None:
    _, bundle = course
    texts = ["ATTRIBUTION.md", "README.md", "eng-fra.txt", "cifar10.npz"]
    texts += [f"{name}/{split}.csv" for name in ("ag_news", "imdb") for split in ("train", "test")]
    shipped = files(bundle / "data")
    assert [name for name in shipped if not name.endswith(".py")] == sorted(f"samples/{name}" for name in texts)
    assert {"data.py", "__main__.py", "torchtext/datasets.py"} <= set(shipped)


@pytest.mark.slow
def test_bundle_checks_a_notebook_by_itself(course: tuple[manifest.Assignment, Path]) -> None:
    assignment, bundle = course
    name, (topic, *_) = next((name, topics) for name, topics in assignment.notebooks.items() if topics)
    commands = (
        [sys.executable, "-m", "autograder", "check", name],
        [sys.executable, "-m", "pytest", f"tests/test_{topic}.py", "--notebook", name],
    )
    for command in commands:
        done = subprocess.run(command, cwd=bundle, capture_output=True, text=True, timeout=300)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "is not written yet" in done.stdout
        assert "Traceback" not in done.stdout + done.stderr


def test_the_command_takes_a_language(tmp_path: Path) -> None:
    command = ["release", "--assignment", "hw4", "--out", str(tmp_path / "bundle"), "--lang"]
    refused = CliRunner().invoke(app, [*command, "fr"])
    assert refused.exit_code == 2 and "no language 'fr'; there are: en, ko, both" in refused.output
    assert not (tmp_path / "bundle").exists()
    assert CliRunner().invoke(app, [*command, "ko"]).exit_code == 0
    assert "# 과제 4-1. 순환 신경망" in (tmp_path / "bundle" / "hw4_rnn.ipynb").read_text(encoding="utf-8")
