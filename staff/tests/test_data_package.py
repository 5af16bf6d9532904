"""The package `data/` of a course is optional, piece by piece."""

import sys
from pathlib import Path

import pytest

from autograder.course import test_sets
from autograder.course.data_package import DataError, data_folders, data_function, hidden_data, import_data, is_sample
from autograder.course.test_sets import copy_without_labels
from autograder.marking.sandboxes import open_retraining_sandbox, open_sandbox
from autograder.protocol.inquiry import begin
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Student
from autograder.sandbox.packages import CourseImportError, import_package


def course(root: Path, **files: str) -> Path:
    """A course's folder whose package `data` has these modules."""
    (root / "data").mkdir(parents=True)
    for name, text in files.items():
        (root / "data" / f"{name}.py").write_text(text)
    return root


def test_the_package_of_the_course_counts_and_no_other(tmp_path: Path) -> None:
    one, other = (course(tmp_path / name, __init__=f"name = {name!r}", part="") for name in ("one", "other"))
    first = import_data(one)
    assert first is not None and first.name == "one" and sys.modules["data"] is first
    assert import_data(one) is first
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "data").symlink_to(one / "data")
    assert import_data(tmp_path / "linked") is first
    second = import_data(other)
    assert second is not None and second.name == "other" and sys.modules["data"] is second


def test_a_folder_of_modules_without_init_is_a_package(tmp_path: Path) -> None:
    import_data(course(tmp_path, words="count = 3"))
    from data import words  # type: ignore[attr-defined]  # that of this test's course

    assert words.count == 3


def test_a_package_that_cannot_be_imported_is_not_there_afterwards(tmp_path: Path) -> None:
    root = course(tmp_path, __init__="import no_such_module")
    for _ in range(2):
        with pytest.raises(CourseImportError, match=r"__init__\.py, line 1: ModuleNotFoundError: .*no_such_module"):
            import_package(root / "data")
    assert "data" not in sys.modules


def test_what_a_course_lacks_is_named(tmp_path: Path) -> None:
    assert import_data(tmp_path) is None and data_folders(tmp_path) == []
    with pytest.raises(DataError, match=r"/data offers no function load_birds, which the data set 'birds' needs"):
        test_sets.TestSet.read(tmp_path, "birds", tmp_path)
    root = course(tmp_path / "other", __init__="def load_birds(split, directory): return [split, directory.name]")
    assert test_sets.TestSet.read(root, "birds", Path("x")).examples == ["test", "x"]
    assert data_function(root, "load_birds", "this")("train", Path("y")) == ["train", "y"]
    with (
        pytest.raises(DataError, match="no function without_labels, which running a training again needs"),
        copy_without_labels(root, tmp_path, ["birds"]),
    ):
        pass


def test_labels_are_withheld_by_the_course(tmp_path: Path) -> None:
    withhold = "def without_labels(directory, names, copy):\n"
    withhold += "    (copy / 'a').mkdir(0o700); (copy / 'a' / 'b').write_text(*names)"
    with copy_without_labels(course(tmp_path, __init__=withhold), tmp_path, ["x"]) as copy:
        assert (copy / "a" / "b").read_text() == "x"
        assert [path.stat().st_mode & 0o777 for path in (copy, copy / "a", copy / "a" / "b")] == [0o755, 0o755, 0o644]


# --- beside student code ---

MANIFEST = r"""
student_id = '\d{3}'
[tiny]
title = "Tiny"
deadline = 2024-01-01T00:00:00
timezone = "UTC"
archive = "{student_id}.zip"
points = 3
required = ["tiny.ipynb"]
notebooks = { "tiny.ipynb" = [] }
notebook_points = { "tiny.ipynb" = 3 }
questions = { 1a = 3 }
limits = { seconds = 5, memory_mib = 512 }
"""
FULL = """
from pathlib import Path
SAMPLES = Path(__file__).with_name("samples")
said = []
def use_directory(directory): said.append(Path(directory).name)
def prepare_worker(): said.append("prepared")
"""
ASKING = "import data\ndef told():\n    return data.said"
FINDING = "def told():\n    import importlib.util\n    return importlib.util.find_spec('data') is None"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "cell", "answer"),
    [
        ({"__init__": FULL}, ASKING, ["prepared", "samples"]),
        ({"__init__": "said = ['plain']"}, ASKING, ["plain"]),
        ({"words": "said = ['part']"}, "import data.words\ndef told():\n    return data.words.said", ["part"]),
        (None, FINDING, True),
    ],
    ids=["all of it", "nothing asked for", "no init", "no data"],
)
def test_graded_code_sees_the_package_of_its_course(tmp_path, notebook, files, cell, answer) -> None:  # type: ignore[no-untyped-def]
    from autograder.course.manifest import load

    if files is not None:
        course(tmp_path, **files)
    (tmp_path / "assignments.toml").write_text(MANIFEST)
    with (
        open_sandbox(tmp_path, load(tmp_path)["tiny"], unsafe=True) as sandbox,
        Session(sandbox.fork, notebook(cell), "tiny.ipynb", 20.0) as session,
    ):
        assert Student(begin(session, Rules(), 0)).told() == answer


@pytest.mark.slow
def test_a_training_run_may_import_packages_of_the_course_but_reads_no_data_beside_them(tmp_path, notebook) -> None:  # type: ignore[no-untyped-def]
    root = course(tmp_path / "course", __init__="import data.tools")
    (root / "data" / "tools").mkdir()
    (root / "data" / "tools" / "__init__.py").write_text("")
    (root / "data" / "tools" / "late.py").write_text("number = 5")
    (root / "data" / "labels.csv").write_text("secret")
    (tmp_path / "copy").mkdir()
    cell = f"""
    def told():
        import data.tools.late
        try:
            return data.tools.late.number, open({str(root / "data" / "labels.csv")!r}).read()
        except OSError as error:
            return data.tools.late.number, type(error).__name__
    """
    with open_retraining_sandbox(root, tmp_path / "copy", 20, unsafe=True) as sandbox:
        if sandbox.tier > 2:
            pytest.skip("nothing isolates here")
        with Session(sandbox.fork, notebook(cell), "tiny.ipynb", 20.0) as session:
            assert Student(begin(session, Rules(), 0)).told() in ((5, "PermissionError"), (5, "FileNotFoundError"))


@pytest.mark.slow
def test_graded_code_reads_modules_packages_and_samples_of_the_data_and_nothing_else(tmp_path, notebook) -> None:  # type: ignore[no-untyped-def]
    from autograder.course.manifest import load

    root = course(tmp_path / "course", __init__="", late="number = 5")
    for file in ("tools/__init__.py", "tools/later.py", "samples/test.csv", "downloaded/test.csv", "test.csv"):
        (root / "data" / file).parent.mkdir(exist_ok=True)
        (root / "data" / file).write_text("number = 6")
    (root / "assignments.toml").write_text(MANIFEST)
    cell = f"""
    def read(path):
        try:
            return open({str(root / "data")!r} + "/" + path).read()
        except OSError:
            return "nothing"
    def numbers():
        import data.late, data.tools.later
        return data.late.number, data.tools.later.number
    """
    expected = {"late.py": "number = 5", "samples/test.csv": "number = 6", "tools/later.py": "number = 6"}
    secret = [root / "data"]  # with --data data
    with open_sandbox(root, load(root)["tiny"], protect=secret, unsafe=True) as sandbox:
        if sandbox.tier > 2:
            pytest.skip("nothing isolates here")
        with Session(sandbox.fork, notebook(cell), "tiny.ipynb", 20.0) as session:
            student = Student(begin(session, Rules(), 0))
            for path in (*expected, "downloaded/test.csv", "test.csv", "samples/../test.csv"):
                assert student.read(path) == expected.get(path, "nothing"), path
            assert student.numbers() == (5, 6)


def test_data_that_is_no_sample_is_protected(tmp_path: Path) -> None:
    root = course(tmp_path, __init__="")
    for folder in ("samples", "downloaded", "elsewhere"):
        (root / "data" / folder).mkdir()
    assert is_sample(root, root / "data" / "samples")
    assert not any(is_sample(root, root / "data" / other) for other in ("downloaded", "elsewhere", "", "samples/.."))
    assert {path.name for path in hidden_data(root)} >= {"downloaded", "elsewhere"}
