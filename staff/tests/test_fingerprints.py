"""Hashes tell what has changed, and nothing else."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from autograder.course import fingerprints
from autograder.course.fingerprints import (
    check_version,
    engine_version,
    fingerprint,
    module_version,
    of_files,
    reader_version,
)
from autograder.course.root import project_root
from autograder.protocol.inquiry import begin
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Student


def written(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


@pytest.mark.parametrize("path", sorted(fingerprints.PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_imports_of_the_package_are_found_without_a_syntax_tree(path: Path) -> None:
    def own(names: Iterable[str]) -> set[str]:
        return {name for name in names if name.startswith("autograder")}

    source = path.read_bytes()
    assert own(fingerprints.own_imported_names(source)) == own(fingerprints.imported_names(source))


def test_parts_are_kept_apart() -> None:
    assert fingerprint("ab", "c") != fingerprint("a", "bc") != fingerprint("abc")
    assert fingerprint("a") == fingerprint(b"a") != fingerprint("a", "")
    assert fingerprint("\ud800")  # what a student may name a file


def test_names_and_contents_of_files_count_but_not_their_place(tmp_path: Path) -> None:
    one = written(tmp_path / "one", a="x = 1", b="y = 2")
    other = written(tmp_path / "zzz", b="y = 2", a="x = 1")
    assert of_files([one / "a.py", other / "b.py"]) == of_files([one / "b.py", other / "a.py"])
    assert of_files(one.iterdir()) == of_files(other.iterdir())
    assert of_files([one / "a.py"]) != of_files([one / "b.py"])
    (other / "a.py").write_text("x = 2")
    assert of_files(one.iterdir()) != of_files(other.iterdir())


def test_a_check_depends_on_what_it_imports_from_its_folder(tmp_path: Path) -> None:
    texts = {
        "test_a": "import json\ndef f():\n    from a_laws import law",
        "a_laws": "import a_sizes",
        "a_sizes": "",
        "b_laws": "",
    }
    folder = written(tmp_path / "tests", **texts)
    before = check_version(folder / "test_a.py")
    (folder / "b_laws.py").write_text("law = 1")
    assert check_version(folder / "test_a.py") == before
    (folder / "a_sizes.py").write_text("import a_laws")
    assert check_version(folder / "test_a.py") != before


def test_an_import_counts_wherever_it_stands(tmp_path: Path) -> None:
    places = [
        "if x:\n  import a",
        "try: pass\nexcept E: import a",
        "def f():\n  with x:\n    import a",
        "match x:\n  case 1: import a",
    ]
    places += [
        "for x in y: pass\nelse: import a",
        "try: pass\nfinally: import a",
        "class C:\n  async def f(self):\n    import a",
    ]
    for number, source in enumerate(places):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "check.py").write_text(source)
        (folder / "a.py").write_text("")
        before = check_version(folder / "check.py")
        (folder / "a.py").write_text("changed = True")
        assert check_version(folder / "check.py") != before, source


def test_the_reader_is_the_same_wherever_the_project_lies(tmp_path: Path) -> None:
    root = project_root()
    (tmp_path / "data").symlink_to(root / "data")
    assert reader_version(tmp_path) == reader_version(root)
    (tmp_path / "other" / "data").mkdir(parents=True)
    assert reader_version(tmp_path / "other") != reader_version(root)


def test_a_check_depends_on_the_modules_of_the_course_that_it_imports(tmp_path: Path) -> None:
    folder = written(tmp_path / "tests", test_a="from data.words import WORDS")
    package = written(tmp_path / "data", __init__="", words="WORDS = 1", pictures="")
    before = check_version(folder / "test_a.py")
    (package / "pictures.py").write_text("changed = True")
    assert check_version(folder / "test_a.py") == before
    (package / "words.py").write_text("WORDS = 2")
    assert check_version(folder / "test_a.py") != before


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package, of which the versions are taken."""
    copy = tmp_path / "autograder"
    shutil.copytree(fingerprints.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprints, "PACKAGE", copy)
    return copy


def fresh(version: Callable[[], str]) -> str:
    """A version that is not taken from a cache."""
    reader_version.cache_clear()
    engine_version.cache_clear()
    return version()


def moves(version: Callable[[], str], file: Path) -> bool:
    """Whether one byte more in a file changes a version."""
    before, content = fresh(version), file.read_bytes()
    file.write_bytes(content + b"\n")
    after = fresh(version)
    file.write_bytes(content)
    return after != before


@pytest.mark.slow
def test_every_file_that_the_students_process_has_loaded_counts(package: Path, session: Callable[..., Session]) -> None:
    opened = session("import sys\ndef loaded():\n    return '\\n'.join(map(str, sorted(sys.modules)))")
    names = [
        name for name in Student(begin(opened, Rules(), 0)).loaded().split("\n") if name.split(".")[0] == "autograder"
    ]
    assert {"autograder.worker.server", "autograder.notebook.repair", "autograder.sandbox.inside.forks"} <= set(names)
    versions = {fresh(lambda: reader_version(project_root()))}
    for name in names:  # one byte more in each, one after the other
        path = package.parent / name.replace(".", "/")
        file = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
        file.write_bytes(file.read_bytes() + b"\n")
        versions.add(fresh(lambda: reader_version(project_root())))
    assert len(versions) == 1 + len(names)


def test_a_verdict_depends_on_what_asks_and_judges_and_on_no_report(package: Path) -> None:
    for file in ("marking/ask.py", "checks/expect.py", "protocol/session.py", "notebook/text.py"):
        assert moves(engine_version, package / file), file
    for file in ("pages/student_page.py", "pages/templates/student.html", "cli/app.py", "classroom/regrade.py"):
        assert not moves(engine_version, package / file), file
        assert not moves(lambda: reader_version(project_root()), package / file), file


def test_a_module_depends_on_its_own_room_and_those_below(package: Path) -> None:
    def models() -> str:
        return module_version("autograder.models.measure")

    assert moves(models, package / "models" / "checkpoint.py")
    assert moves(models, package / "course" / "test_sets.py")
    assert not moves(models, package / "pages" / "student_page.py")
