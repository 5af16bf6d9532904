"""Pages go back under the names by which Canvas and Moodle find whom they are about."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from student_grades import grade_of_student, ungraded

from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.exports import files
from autograder.exports.feedback import Feedback, canvas_feedback, moodle_feedback, zip_of
from autograder.exports.files import write_file, write_folder
from autograder.exports.refusal import ExportError
from autograder.gradebook.grades import StudentGrade

HW4 = load(project_root(Path(__file__).parent))["hw4"]
PAGE = "<!doctype html><p>학생: 87.5</p>"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder with the pages of the attempts a to d."""
    (tmp_path / "students").mkdir()
    for name in "abcd":
        (tmp_path / "students" / f"{name}.html").write_text(PAGE, encoding="utf-8")
    return tmp_path / "students"


def grade(number: int, *sources: str, attempt: str = "a", **more: Any) -> StudentGrade:
    return grade_of_student(f"2024-2000{number}", attempt=attempt, sources=sources, **more)


def canvas(pages: Path, *grades: StudentGrade, partial: bool = False) -> Feedback:
    return canvas_feedback(grades, pages, HW4, partial)


def page_in_zip(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["a.html"]
        return archive.read("a.html").decode()


def page_in_tarball(content: bytes) -> str:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        file = archive.extractfile("a.html")
        assert archive.getnames() == ["a.html"] and file is not None
        return file.read().decode()


def page_in_notebook(content: bytes) -> str:
    notebook = nbformat.reads(content.decode(), as_version=4)
    nbformat.validate(notebook)
    return str(notebook.cells[0].outputs[0].data["text/html"])


@pytest.mark.parametrize(
    ("own", "unpacked"),
    [
        ("2024-20001.zip", page_in_zip),
        ("2024-20001-1.ZIP", page_in_zip),
        ("2024-20001.tar.gz", page_in_tarball),
        ("2024-20001.tar-2.gz", page_in_tarball),
        ("a.tgz", page_in_tarball),
        ("a.tar", page_in_tarball),
        ("hw4_rnn-1.ipynb", page_in_notebook),
        ("a.html", bytes.decode),
    ],
)
def test_canvas_gets_the_page_in_the_type_that_was_handed_in(
    own: str, unpacked: Callable[[bytes], str], pages: Path
) -> None:
    name = f"학생하나_LATE_48211_991234_{own}"
    feedback = canvas(pages, grade(1, name))
    assert list(feedback.files) == [name] and not feedback.left_out
    assert unpacked(feedback.files[name]) == PAGE
    assert canvas(pages, grade(1, name)).files == feedback.files  # the same bytes for the same page


def test_of_several_files_the_archive_goes_back(pages: Path) -> None:
    names = [f"one_48211_99123{number}_{own}" for number, own in enumerate(("hw4_rnn.ipynb", "notes.pdf", "a.zip"))]
    assert list(canvas(pages, grade(1, *names)).files) == [names[2]]
    assert list(canvas(pages, grade(1, *names[:2])).files) == [names[0]]


def test_a_group_gets_one_file(pages: Path) -> None:
    name = "group1_48211_991234_a.zip"
    assert list(canvas(pages, grade(1, name), grade(2, name)).files) == [name]


def test_who_cannot_be_found_is_listed(pages: Path) -> None:
    feedback = canvas(
        pages,
        grade(1, "2024-20001.zip"),
        grade(2, "one_48211_assignsubmission_file_"),
        grade(3, "one_48211_991234_x.pdf"),
        grade(4, "one_48211_991234_x.zip", attempt="none"),
        grade(5),
        grade(6, "one_48211_991234_a.zip"),
    )
    assert list(feedback.files) == ["one_48211_991234_a.zip"]
    assert feedback.left_out == [
        "2024-20001: no name of its files has Canvas's two numbers",
        "2024-20002: no name of its files has Canvas's two numbers",
        "2024-20003: no page can be put into a file of its type: one_48211_991234_x.pdf",
        f"2024-20004: {pages / 'none.html'}: no such page",
    ]


def test_without_any_page_there_is_no_file(pages: Path) -> None:
    lost = [grade(number, "a.zip") for number in range(6)]
    with pytest.raises(ExportError) as error:
        canvas(pages, *lost)
    message, *lines = str(error.value).splitlines()
    assert message == "there is no page to hand back:" and len(lines) == 4
    assert lines[0] == "  2024-20000: no name of its files has Canvas's two numbers"
    with pytest.raises(ExportError, match="nobody handed in anything"):
        moodle_feedback([grade(1)], pages, HW4, partial=False)


def test_moodle_gets_folders(pages: Path) -> None:
    feedback = moodle_feedback(
        [
            grade(1, "학생 하나_48211_assignsubmission_file_"),
            grade(2, "Two_48212_assignsubmission_onlinetext_", "Two_48212_assignsubmission_file_a.zip", attempt="b"),
            grade(3, "three_48213_991234_a.zip", attempt="c"),
        ],
        pages,
        HW4,
        partial=False,
    )
    assert list(feedback.files) == [
        "학생 하나_48211_assignfeedback_file_/a.html",
        "Two_48212_assignfeedback_file_/b.html",
    ]
    assert feedback.left_out == ["2024-20003: no name of its files has Moodle's number"]
    assert set(feedback.files.values()) == {PAGE.encode()}


def test_nothing_goes_back_before_it_is_ready(pages: Path) -> None:
    unready = grade(1, "one_48211_991234_a.zip", verdicts=[ungraded("1a")])
    ready = grade(2, "two_48212_991235_a.zip", attempt="b")
    with pytest.raises(ExportError, match="2024-20001: UNGRADED: 1a$"):
        canvas(pages, unready, ready)
    with pytest.raises(ExportError, match="2024-20001: UNGRADED: 1a$"):
        moodle_feedback([unready, ready], pages, HW4, partial=False)
    feedback = canvas(pages, unready, ready, partial=True)
    assert list(feedback.files) == ["two_48212_991235_a.zip"] and feedback.left_out == ["2024-20001: UNGRADED: 1a"]


# --- files ---


def test_files_are_for_their_owner_alone_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "up.csv"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_file(path, b"new")
    assert path.read_bytes() == b"new" and path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(TypeError):
        write_file(path, "text")  # type: ignore[arg-type]
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]
    with pytest.raises(FileNotFoundError):
        write_file(tmp_path / "none" / "up.csv", b"")


def test_folders_appear_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "feedback"
    write_folder(folder, {"one_1_x_/a.html": b"1", "two_2_x_/b.html": b"2"})
    made = {path.relative_to(folder).as_posix(): path.stat().st_mode & 0o777 for path in folder.rglob("*")}
    files_made = {"one_1_x_/a.html": 0o600, "two_2_x_/b.html": 0o600}
    assert made == {"one_1_x_": 0o700, "two_2_x_": 0o700} | files_made
    with pytest.raises(ExportError, match="is there already; expected the name of a new folder"):
        write_folder(folder, {})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_file", full)
    with pytest.raises(OSError, match="No space"):
        write_folder(tmp_path / "other", {"one/a.html": b"1"})
    assert list(tmp_path.iterdir()) == [folder]


def test_a_zip_is_the_same_for_the_same_files() -> None:
    content = zip_of({"학생/a.html": b"1", "b": b"2"})
    assert content == zip_of({"학생/a.html": b"1", "b": b"2"})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["학생/a.html", "b"]
