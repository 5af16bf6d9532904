"""The page of a class: figures worked by hand, warnings about checks, pseudonyms, and the command that writes it."""

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import torch
from marks import attempt_of, enter_marks
from sample_class import HOSTILE, scores_of, write_class
from typer.testing import CliRunner, Result

from autograder.authoring.wording import templates
from autograder.cli.app import app
from autograder.course.manifest import Assignment, load
from autograder.course.root import project_root
from autograder.desk.desk import Desk
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.roster import Student
from autograder.intake.submission import SubmissionState
from autograder.marking.verdict import Verdict
from autograder.messages import load_language, say
from autograder.pages import class_page, watch
from autograder.pages.agreement import agreeing, answers_in
from autograder.pages.class_page import try_class_page, write_class_page
from autograder.pages.roll import roll_of
from autograder.pages.watch import disagreeing_cases, warnings_of
from autograder.protocol.frames import Encoder, pack
from autograder.protocol.recording import Answer, Recording

ROOT = project_root(Path(__file__).parent)
RUN = CliRunner()
IDS = [f"2024-2000{number}" for number in range(1, 7)]


@pytest.fixture(autouse=True)
def _in_the_course(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture
def hw4() -> Assignment:
    return load(ROOT)["hw4"]


def stats(folder: Path, *options: str) -> Result:
    return RUN.invoke(app, ["stats", str(folder), *options])


def enter(
    gradebook: Gradebook, student: str, points: Mapping[str, float], section: str = "", mistake: str = "made up"
) -> None:
    """A student whose other questions are right; of those named, what is not is one mistake."""
    verdicts = [
        Verdict.scored(
            question, points.get(question, most), most, "" if points.get(question, most) == most else mistake
        )
        for question, most in gradebook.assignment.questions.items()
    ]
    enter_marks(gradebook, attempt_of(student, students=(Student(student, section=section),)), verdicts)


def test_the_seconds_of_a_question_are_told_where_they_were_recorded(tmp_path: Path, hw4: Assignment) -> None:
    with Gradebook(tmp_path, hw4) as gradebook:
        for student, seconds in zip(IDS[:3], (0.25, 1.5, 7.0), strict=True):
            enter(gradebook, student, {})
            gradebook.record(student, Verdict.scored("1a", 3, 3), seconds=seconds)
    lines = {line["question"]: line for line in csv.DictReader(io.StringIO(stats(tmp_path, "--csv").output))}
    assert (lines["1a"]["seconds_median"], lines["1a"]["seconds_most"]) == ("1.5", "7.0")
    assert lines["1b"]["seconds_median"] == lines["1b"]["seconds_most"] == ""
    first, second, *_ = json.loads(stats(tmp_path, "--json").output)["questions"]
    assert (first["seconds_median"], first["seconds_most"], second["seconds_median"]) == (1.5, 7, None)
    stats(tmp_path)
    rows = (tmp_path / "class.html").read_text(encoding="utf-8").split("<tr>")
    assert any("1.50 &middot; 7.00<" in row and ">1a" in row for row in rows)
    questions = [row for row in rows if row.count("&middot;") and ">1a" not in row and 'scope="row"' in row]
    assert len(questions) == len(hw4.questions) - 1 and all("<td>&ndash;</td>" in row for row in questions)


def test_the_figures_of_a_class_worked_by_hand(tmp_path: Path, hw4: Assignment) -> None:
    with Gradebook(tmp_path, hw4) as gradebook:
        gradebook.start_run(2, ["x"])
        for student, earned in zip(IDS[:4], (0, 2, 3, 3), strict=True):
            enter(gradebook, student, {"1a": earned, "1c": earned})
        absent = attempt_of(IDS[4], sources=(), state=SubmissionState.ABSENT)
        zeros = [Verdict.scored(name, 0, most, "nothing was handed in", "x") for name, most in hw4.questions.items()]
        enter_marks(gradebook, absent, zeros, listed=True)
        enter(gradebook, IDS[5], {"1a": 1})
        Desk(gradebook).excuse(IDS[5], "ill")
    lines = {line["question"]: line for line in csv.DictReader(io.StringIO(stats(tmp_path, "--csv").output))}
    one = lines["1a"]
    assert (one["n"], one["mean"], one["lower"], one["median"], one["upper"]) == ("4", "2.0", "1.5", "2.5", "3.0")
    assert (one["right"], one["ungraded"], one["points"]) == ("0.5", "0", "3.0")
    assert float(one["discrimination"]) == pytest.approx(1)
    assert lines["1b"]["discrimination"] == ""  # everybody is right
    figures = json.loads(stats(tmp_path, "--json").output)
    assert figures["students"] == 6 and figures["totals"]["n"] == 4
    assert figures["totals"]["mean"] == pytest.approx(100 - 3 - 10 + 4)
    assert figures["mistakes"] == [
        {"question": "1c", "mistake": "made up", "students": IDS[:4]},
        {"question": "1a", "mistake": "made up", "students": IDS[:2]},
    ]


def test_what_is_ungraded_is_in_no_figure(tmp_path: Path, hw4: Assignment) -> None:
    with Gradebook(tmp_path, hw4) as gradebook:
        gradebook.start_run(2, ["x"])
        enter(gradebook, IDS[0], {"1a": 1})
        enter(gradebook, IDS[1], {})
        gradebook.record(IDS[1], Verdict.ungraded("1a", 3, "unknown value", "a person looks at it"))
        page = write_class_page(gradebook).read_text(encoding="utf-8")
    figures = json.loads(stats(tmp_path, "--json").output)
    one = figures["questions"][0]
    assert (one["n"], one["mean"], one["ungraded"], figures["totals"]["n"]) == (1, 1.0, 1, 1)
    first = page.index("What needs a person")
    assert first < page.index("unknown value: 1") < page.index("How the points are spread")


def test_the_page_says_what_was_decided(tmp_path: Path, hw4: Assignment) -> None:
    with Gradebook(tmp_path, hw4) as gradebook:
        gradebook.start_run(2, ["x"])
        for student in IDS[:3]:
            enter(gradebook, student, {})
        desk = Desk(gradebook)
        desk.adjust(IDS[0], Decimal(-5), "a reason")
        desk.extend(desk.person(IDS[1]), hw4.deadline, "ill")
        enter_marks(gradebook, attempt_of("unowned", ""), [], listed=False)
    assert stats(tmp_path).output == f"wrote {tmp_path / 'class.html'}\n"
    page = (tmp_path / "class.html").read_text(encoding="utf-8")
    assert "adjusted by hand: 1" in page and "with an extension: 1" in page
    assert f'<a href="students/{IDS[0]}.html">' in page


def test_the_tiers_of_saved_models(tmp_path: Path) -> None:
    assignment2 = load(ROOT)["assignment2"]
    question = next(iter(assignment2.model_questions))
    with Gradebook(tmp_path, assignment2) as gradebook:
        gradebook.start_run(2, ["x"])
        for student, right in zip(IDS[:3], (1000, 300, 100), strict=True):
            enter(gradebook, student, {})
            scores = scores_of(question, [place < right for place in range(1000)])
            gradebook.record_scores(student, Verdict.scored(question, 1, assignment2.questions[question]), scores)
    (models,) = json.loads(stats(tmp_path, "--json").output)["models"]
    assert [(tier["tier"], tier["least"], tier["students"]) for tier in models["tiers"]] == [
        (0, 1000, [IDS[0]]),
        (1, 300, [IDS[1]]),
        (2, 100, [IDS[2]]),
    ]
    stats(tmp_path)
    assert "30.00 %" in (tmp_path / "class.html").read_text(encoding="utf-8")


def recording(*values: object) -> bytes:
    """What a child would have answered."""
    answers = {}
    for place, value in enumerate(values):
        encoder = Encoder()
        message = {"value": encoder.encode(value)}
        answers[bytes([place])] = Answer(pack(message, encoder.tensors))
    return Recording(answers).to_bytes()


def test_answers_agree_by_their_numbers() -> None:
    one = answers_in({"test_a": recording(torch.tensor([1.0, 2.0]), (3, [0.5]))})
    same = answers_in({"test_a": recording(torch.tensor([1.0, 2.0 + 1e-7]), (3, [0.5]))})
    other = answers_in({"test_a": recording(torch.tensor([1.0, 2.5]), (3, [0.5]))})
    flat = answers_in({"test_a": recording(torch.tensor([[1.0, 2.0]]), (3, [0.5]))})
    assert one and same and other and flat
    assert agreeing({"d": other, "a": one, "b": same, "c": flat}.items()) == [["a", "b"]]


@pytest.mark.parametrize(
    "kind", [torch.float64, torch.float16, torch.bfloat16, torch.complex64, torch.int64, torch.bool]
)
def test_answers_of_every_kind_are_numbers(kind: torch.dtype) -> None:
    numbers = torch.tensor([[0.0, 1.0], [2.5, -3.0]]).to(kind)
    found = answers_in({"test_a": recording(numbers)})
    assert found and found[0].tolist() == numbers.tolist()
    as_halves = answers_in({"test_a": recording(numbers.to(torch.complex64))})
    assert as_halves and agreeing({"a": found, "b": as_halves}.items()) == [["a", "b"]]


def test_what_ended_or_says_nothing_agrees_with_nobody() -> None:
    ended = Recording({b"1": Answer(b"", {"waited": 1.0, "printed": False})}).to_bytes()
    assert answers_in({"test_a": ended}) is None
    assert answers_in({"test_a": recording("text")}) is None
    assert answers_in({"test_a": b"of another version"}) is None
    torn = Recording({b"1": Answer(pack({"value": {"$tensor": "0"}}, {"0": torch.ones(2)})[:-4])}).to_bytes()
    assert answers_in({"test_a": torn}) is None
    assert answers_in({}) is None


def test_many_unnamed_mistakes_are_a_warning_with_those_that_agree(tmp_path: Path, hw4: Assignment) -> None:
    with Gradebook(tmp_path, hw4) as gradebook:
        gradebook.start_run(2, ["x"])
        for student in IDS:
            enter(gradebook, student, {})
        message = say("{place}; {count} of {total} cases fail", place="in x.ipynb", count=1, total=2)
        wrong = replace(Verdict.scored("1a", 0, 3, "wrong values"), message=message)
        for student, value in zip(IDS[:4], (1.0, 1.0, 2.0, None), strict=True):
            recordings = {} if value is None else {"test_a": recording(torch.tensor([value]))}
            gradebook.record(student, wrong, "", recordings)
        for student in IDS[:2]:
            gradebook.record(student, Verdict.scored("1b", 0, 2, "time limit"))
        unnamed, torn = warnings_of(gradebook, roll_of(gradebook))
        assert (unnamed.question, torn.question) == ("1a", "1a")  # two time limits are no cluster
        assert [[one.shown for one in group] for group in unnamed.alike] == [IDS[:2]] and unnamed.unknown == 1
        assert "no known mistake" in unnamed.reason and torn.reason.startswith("some cases of 4 students")
        gradebook.record(IDS[2], Verdict.scored("1b", 0, 2, "time limit"))
        assert warnings_of(gradebook, roll_of(gradebook))[2].reason == "the code of 3 students met the time limit"
        page = write_class_page(gradebook).read_text(encoding="utf-8")
    assert page.index("Look at these checks") < page.index("These 2 answers agree with each other")


def test_the_sentence_of_failing_cases_is_that_of_the_marking() -> None:
    assert watch._CASES in templates([ROOT / "autograder" / "marking" / "ask.py"])
    inner = say("{place}; {count} of {total} cases fail", place="x", count=2, total=2)
    assert not disagreeing_cases(inner) and not disagreeing_cases("1 of 2 cases fail")


def test_pseudonyms_hide_ids_names_and_pages_and_stay(tmp_path: Path, hw4: Assignment) -> None:
    write_class(tmp_path / "a", hw4, 6)
    write_class(tmp_path / "b", hw4, 6)
    pages: dict[str, list[list[str]]] = {}
    for name in ("a", "a", "b"):
        assert stats(tmp_path / name, "--anonymous").exit_code == 0
        folder = tmp_path / name / "anonymous"
        pages.setdefault(name, []).append(sorted(page.name for page in (folder / "students").iterdir()))
        texts = [page.read_text(encoding="utf-8") for page in folder.rglob("*.html")]
        assert len(texts) == 7
        for text in texts:
            assert not re.search(r"2024-2\d{4}", text) and "Student 5" not in text and "alert" not in text
        links = re.findall(r'href="(students/[^"]+)"', (folder / "class.html").read_text(encoding="utf-8"))
        assert links and all((folder / link).is_file() for link in links)
    assert pages["a"][0] == pages["a"][1] and not {*pages["a"][0]} & {*pages["b"][0]}
    assert not (tmp_path / "a" / "class.html").exists()


def test_who_is_forgotten_is_on_no_page(tmp_path: Path, hw4: Assignment) -> None:
    write_class(tmp_path, hw4, 6)
    assert [stats(tmp_path, *options).exit_code for options in ((), ("--anonymous",))] == [0, 0]
    assert len(list(tmp_path.rglob("*.html"))) == 8
    with Gradebook(tmp_path, hw4) as gradebook:
        Desk(gradebook).forget("2024-20006")
    assert list(tmp_path.rglob("*.html")) == [tmp_path / "class.html"]
    assert "2024-20006" not in (tmp_path / "class.html").read_text(encoding="utf-8")


def test_a_section_is_named_as_the_roster_has_it(tmp_path: Path, hw4: Assignment) -> None:
    write_class(tmp_path, hw4, 5)
    assert json.loads(stats(tmp_path, "--json", "--section", "001").output)["students"] == 3
    assert stats(tmp_path, "--section", "002").exit_code == 0
    assert "section 002" in (tmp_path / "class.html").read_text(encoding="utf-8")
    wrong = stats(tmp_path, "--section", "003")
    assert wrong.exit_code == 2 and "no section '003'" in wrong.output and "there are: 001, 002" in wrong.output
    both = stats(tmp_path, "--csv", "--json")
    assert both.exit_code == 2 and "cannot be combined" in both.output
    nothing = stats(tmp_path / "nowhere")
    assert nothing.exit_code == 2 and "Traceback" not in nothing.output


def test_a_class_of_nobody_has_a_page(tmp_path: Path, hw4: Assignment) -> None:
    with Gradebook(tmp_path, hw4) as gradebook:
        assert "Nothing." in write_class_page(gradebook).read_text(encoding="utf-8")


def test_hostile_names_are_text_and_the_page_is_always_the_same(tmp_path: Path, hw4: Assignment) -> None:
    write_class(tmp_path, hw4, len(HOSTILE))
    with Gradebook(tmp_path, hw4) as gradebook:
        page = write_class_page(gradebook).read_text(encoding="utf-8")
        assert page == write_class_page(gradebook).read_text(encoding="utf-8")
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page and " style=" not in page


def test_the_page_speaks_the_courses_language(tmp_path: Path, hw4: Assignment) -> None:
    write_class(tmp_path, hw4, 3)
    with Gradebook(tmp_path, replace(hw4, language=load_language("ko"))) as gradebook:
        page = write_class_page(gradebook).read_text(encoding="utf-8")
    assert '<html lang="ko">' in page and "사람이 확인할 것" in page and "What needs a person" not in page


def test_a_page_that_cannot_be_written_fails_nothing(
    tmp_path: Path, hw4: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> Path:
        raise OSError(5, "Input/output error")

    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    with Gradebook(tmp_path, hw4) as gradebook:
        monkeypatch.setattr(class_page, "write_class_page", failing)
        try_class_page(gradebook)
        monkeypatch.setattr(class_page, "write_class_page", full)
        with pytest.raises(OSError, match="No space"):
            try_class_page(gradebook)
