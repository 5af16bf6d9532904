"""Hashes tell what has changed, and nothing else."""

from pathlib import Path

from autograder.course.fingerprints import check_version, fingerprint, of_files, reader_version
from autograder.course.manifest import project_root


def written(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


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
    texts = {"test_a": "import json\nfrom a_laws import law", "a_laws": "import a_sizes", "a_sizes": "", "b_laws": ""}
    folder = written(tmp_path / "tests", **texts)
    before = check_version(folder / "test_a.py")
    (folder / "b_laws.py").write_text("law = 1")
    assert check_version(folder / "test_a.py") == before
    (folder / "a_sizes.py").write_text("import a_laws")
    assert check_version(folder / "test_a.py") != before


def test_the_reader_is_the_same_wherever_the_project_lies(tmp_path: Path) -> None:
    root = project_root()
    (tmp_path / "data").symlink_to(root / "data")
    assert reader_version(tmp_path) == reader_version(root)
    (tmp_path / "other" / "data").mkdir(parents=True)
    assert reader_version(tmp_path / "other") != reader_version(root)
