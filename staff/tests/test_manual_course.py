"""A question that only a person marks, in a whole course: graded, reviewed by rubric, exported."""

import csv
import io
import json
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from marks import attempt_of, enter_marks
from other_course import answer, whole_example
from test_review_in_browser import App, browser, opened

from autograder.course.manifest import load
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.history import History
from autograder.intake.source import source_at
from autograder.marking.verdict import Diagnosis, Verdict

__all__ = ["browser", "whole_example"]
COMMAND = Path(sys.executable).with_name("autograder")
ANSWER = "78 against 448: a map sees one channel at a time. <b>협업: 없음</b>"
BOTH = "2 of 2: counts the parameters of both; 1 of 1: says where they are saved"


def hand_in(place: Path, student: str, notebook: bytes, words: str = ANSWER) -> None:
    """Puts a student's archive there, with their own words where the handout asks for some."""
    content = notebook.replace(b"*Your answer:*", json.dumps(words)[1:-1].encode())
    assert content != notebook
    place.mkdir(exist_ok=True)
    (place / f"lab1-{student}.tar.gz").write_bytes(pack({"lab1.ipynb": content}))


def pack(files: Mapping[str, bytes]) -> bytes:
    """An archive with these files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def run(*words: object, typed: str = "") -> tuple[int, str]:
    """What the installed command says, on one line, to what is typed."""
    done = subprocess.run(
        [COMMAND, *map(str, words)], input=typed, capture_output=True, text=True, timeout=600, check=False
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def totals(grades: Path) -> dict[str, tuple[str, str]]:
    with (grades / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        return {row["student_id"]: (row["Q C"], row["total"]) for row in csv.DictReader(file)}


@pytest.mark.slow
def test_no_total_leaves_before_a_person_has_marked_it(whole_example: Path, tmp_path: Path) -> None:
    place, grades = tmp_path / "class", tmp_path / "grades"
    hand_in(place, "ab1234", answer(whole_example, "variants", "convolve_loops"))
    hand_in(place, "cd5678", answer(whole_example, "mutants", "convolve_stride_ignored"), "I do not know.")
    code, said = run("grade", place, "--assignment", "lab1", "--out", grades, "--jobs", 1)
    assert code == 1 and "waits for a person" in said, said
    assert {points for points, _ in totals(grades).values()} == {"?"}
    export = ("export", grades, "--json", tmp_path / "marks.json")
    code, said = run(*export)
    assert code == 2 and "C" in said and not (tmp_path / "marks.json").exists(), said

    code, said = run("review", grades, "--terminal", "--as", "kim", typed="names\n4\nn\np\nq\n")
    assert code == 0 and "C: expected a number from 0 to 3, got '4'" in said
    for part in ("C of ab1234, ? / 3, 2 left", "--- lab1.ipynb", ANSWER, "2: counts the parameters of both"):
        assert part in said, said
    typed = {"ab1234": "3 both are there", "cd5678": "0 neither is there"}
    first, second = sorted(typed, key=lambda student: said.index(f"C of {student}"))
    code, said = run("review", grades, "--terminal", "--as", "kim", typed=f"{typed[first]}\n{typed[second]}\n")
    assert code == 0 and said.endswith("Nothing is left to look at here."), said
    assert totals(grades) == {"ab1234": ("3", "15"), "cd5678": ("0", "8")}
    code, said = run("regrade", grades, "--apply")
    assert code == 0 and "0 verdicts change" in said, said
    assert run(*export)[0] == 0
    exported = (tmp_path / "marks.json").read_text(encoding="utf-8")
    assert "both are there" in exported and "neither is there" in exported


@pytest.fixture
def waiting(whole_example: Path, tmp_path: Path) -> Iterator[App]:
    """A review of three students, of whom a person has to mark the question."""
    place, grades, lab = tmp_path / "class", tmp_path / "grades", load(whole_example)["lab1"]
    notebook = (whole_example / "notebooks" / "lab1.ipynb").read_bytes()
    with Gradebook(grades, lab) as gradebook:
        gradebook.secret_seed(7)
        gradebook.start_run(2, ["x"])
        gradebook.keep_submissions_place(place)
        for student in ("ab1234", "cd5678", "ef9012"):
            hand_in(place, student, notebook)
            source = source_at(place / f"lab1-{student}.tar.gz", lab)
            attempt = attempt_of(f"lab1-{student}", student, sources=(source,))
            waits = Verdict.ungraded("C", 3, Diagnosis.WAITS, "A person marks this.")
            marks = [Verdict.scored(question, most, most) for question, most in lab.questions.items()]
            enter_marks(gradebook, attempt, [*marks[:-1], waits], listed=True)
    started = App(grades)
    yield started
    started.end(signal.SIGINT)


def test_lines_of_a_rubric_are_given_by_keys_and_clicks(browser: Any, waiting: App) -> None:
    session = opened(browser, waiting)
    page = next(session)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(".rubric")
    page.wait_for_load_state()  # keys work once the page's script has run
    assert page.locator("h1").inner_text().startswith("C. What a separable convolution saves")
    assert ANSWER in page.locator(".cells pre").nth(1).inner_text()
    for keys, points in (("r1", "2"), ("2", "3"), ("1", "1"), ("1", "3")):
        for key in keys:
            page.keyboard.press(key)
        assert page.input_value("#points") == points
    assert page.input_value("#comment") == BOTH
    page.keyboard.press("Enter")
    page.locator("#said", has_text="C: 3 points").wait_for()
    page.locator(".rubric button").nth(1).click()
    assert page.locator(".rubric [aria-pressed=true]").count() == 1
    page.keyboard.press("Enter")  # which marks, and does not take the line back
    page.locator("#said", has_text="C: 1 points").wait_for()
    page.fill("#comment", "my own words")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.press("1")
    assert page.input_value("#comment") == "my own words"
    page.keyboard.press("Enter")
    page.locator("#said", has_text="C: 2 points").wait_for()
    with Gradebook(waiting.grades, load(Path.cwd())["lab1"], alone=False) as gradebook:
        given = [event.after for event in History(gradebook).events()]
    one = "0 of 2: counts the parameters of both; 1 of 1: says where they are saved"
    assert given == [[3.0, BOTH], [1.0, one], [2.0, "my own words"]]
    assert list(session) == []
