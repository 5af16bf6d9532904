"""Grading again from the review: a student of an LMS's download, one question on one case; no mark changes."""

import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from marks import attempt_of, enter_marks
from other_course import answer, whole_example
from test_manual_course import pack
from test_review_door import ask, cookie_of
from test_review_in_browser import App

from autograder.course.course import load_course
from autograder.course.manifest import CourseError, load
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.history import History
from autograder.intake.source import find
from autograder.marking.one_case import with_case
from autograder.marking.verdict import Verdict
from autograder.pages.pseudonyms import pseudonyms_of

__all__ = ["whole_example"]
pytestmark = pytest.mark.slow
STRIDE = "lastone_48001_99001_lab1-ab1234.tar.gz"
LOOSE = ("lasttwo_48002_99002_lab1.ipynb", "lasttwo_48002_99003_remarks.md")
TWICE = ("lab1-ef9012.tar.gz", "ef9012.tar.gz")
EMPTY = "lastfour_48004_99007_lab1-gh3456.tar.gz"


@pytest.fixture
def app(whole_example: Path, tmp_path: Path) -> Iterator[App]:
    """A review of Canvas's download: an archive, loose files, what nobody would hand in as one, and no notebook."""
    lab, place, grades = load(whole_example)["lab1"], tmp_path / "submissions.zip", tmp_path / "grades"
    stride = answer(whole_example, "mutants", "convolve_stride_ignored")
    loops = answer(whole_example, "variants", "convolve_loops")
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr(STRIDE, pack({"lab1.ipynb": stride}))
        archive.writestr(LOOSE[0], loops)
        archive.writestr(LOOSE[1], "# none")
        for name in TWICE:
            archive.writestr(name, pack({"lab1.ipynb": loops}))
        archive.writestr(EMPTY, pack({"notes.txt": b"none"}))
    sources = {source.name: source for source in find(place, lab)}
    with Gradebook(grades, lab) as gradebook:
        gradebook.secret_seed(7)
        gradebook.start_run(2, ["x"])
        gradebook.keep_submissions_place(place)
        for student, names in {"ab1234": [STRIDE], "cd5678": LOOSE, "ef9012": TWICE, "gh3456": [EMPTY]}.items():
            doubted = Verdict.ungraded("A", 7, "sandbox", "It failed three times.")
            attempt = attempt_of(student, sources=tuple(sources[name] for name in names))
            enter_marks(gradebook, attempt, [doubted, Verdict.scored("B", 5, 5)], listed=True)
    started = App(grades)
    yield started
    started.end()


class Asking:
    """What somebody at the page asks for, about question A of a student."""

    def __init__(self, app: App, student: str) -> None:
        self._app, self._cookie = app, cookie_of(app)
        with Gradebook(app.grades, load(Path.cwd())["lab1"], alone=False) as gradebook:
            self._item = f"/item/{pseudonyms_of(gradebook)(student)}-A"

    def page(self) -> str:
        return ask(self._app, self._item, cookie=self._cookie)[2]

    def begin(self, case: str) -> tuple[int, dict[str, Any]]:
        own = {"origin": self._app.origin, "content_type": "application/json", "cookie": self._cookie}
        sent = json.dumps({"limit": "", "case": case})
        status, _, text = ask(self._app, f"{self._item}/again", "POST", sent, **own)
        return status, json.loads(text)

    def outcome(self, case: str = "") -> dict[str, Any]:
        """What comes of it."""
        assert self.begin(case) == (200, {})
        while "seconds" in (told := json.loads(ask(self._app, f"{self._item}/again", cookie=self._cookie)[2])):
            time.sleep(0.3)
        return dict(told)


def test_one_case_is_run_for_one_student(app: App) -> None:
    ab = Asking(app, "ab1234")
    page = ab.page()
    stride = page[: page.index(", stride 2, ")].rpartition('<option value="')[2].partition('"')[0]
    assert stride == "convolve/2" and page.count("<option") == 7 and "A on a secret case 3 of convolve" in page
    told = ab.outcome(stride)
    assert told["state"].startswith("public case (") and ": stride ignored, " in told["state"], told
    assert told["state"].endswith(" s") and told["points"] == ""
    assert "expected" in told["message"] and 'case("A", 3)' in told["message"], told
    told = ab.outcome("convolve/4")
    assert told["state"].startswith("secret case (") and "case(" not in told["message"], told
    assert "convolve has no case 7, but 6" in ab.outcome("convolve/6")["problem"]
    assert "is not in what was handed in" in Asking(app, "gh3456").outcome("convolve/0")["problem"]
    with Gradebook(app.grades, load(Path.cwd())["lab1"], alone=False) as gradebook:
        assert gradebook.marked_by_hand() == set() and History(gradebook).events() == []
        assert [one.diagnosis for one in gradebook.verdicts("ab1234")][:2] == ["sandbox", ""]


def test_a_case_of_another_question_or_none_is_refused(whole_example: Path) -> None:
    course = load_course(whole_example, load(whole_example)["lab1"])
    chosen, name = with_case(course, "A", "convolve", 1)
    (check,) = (check for check in course.questions["lab1.ipynb"] if check.question == "A")
    assert [number for number, _ in chosen.cases_for(check)] == [1] and name.startswith("public case (")
    for cases, number, says in (
        ("separable", 0, "no check of A runs on separable"),
        ("", 0, "no check of A runs on no cases"),
        ("convolve", 3, "convolve has no case 4, but 3"),
        ("convolve", -1, "convolve has no case 0, but 3"),
    ):
        with pytest.raises(CourseError, match=says):
            with_case(course, "A", cases, number)


def test_a_student_of_a_download_is_graded_again(app: App, tmp_path: Path) -> None:
    told = Asking(app, "ab1234").outcome()
    assert (told["state"], told["points"]) == ("3 points: stride ignored", "3"), told
    told = Asking(app, "cd5678").outcome()
    assert (told["state"], told["points"]) == ("7 points: right", "7"), told
    assert "its files are 2 attempts" in Asking(app, "ef9012").outcome()["problem"]
    (tmp_path / "submissions.zip").rename(tmp_path / "elsewhere.zip")
    told = Asking(app, "ab1234").outcome("convolve/0")  # found before, and gone since
    assert "submissions.zip: no such file or folder" in told["problem"]


def test_a_download_that_is_gone_or_lost_a_file_is_told_at_once(app: App, tmp_path: Path) -> None:
    place = tmp_path / "submissions.zip"
    kept = place.rename(tmp_path / "elsewhere.zip")
    status, told = Asking(app, "ab1234").begin("")
    assert status == 422 and "submissions.zip: no such file or folder" in told["problem"]
    with zipfile.ZipFile(kept) as whole, zipfile.ZipFile(place, "w") as rest:
        for name in LOOSE:
            rest.writestr(name, whole.read(name))
    status, told = Asking(app, "ab1234").begin("convolve/0")
    assert status == 422 and told["problem"] == f"'{STRIDE}' is not in {place} any more: put it back there"
