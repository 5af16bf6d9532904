"""Reports show what the gradebook holds, and nothing in them is ever executed: no formula, no markup, no script."""

import csv
import platform
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from marks import attempt_of, enter_marks
from rich.console import Console

from autograder import __version__
from autograder.course.manifest import Assignment, load
from autograder.course.root import project_root
from autograder.gradebook.file import GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.sheets import write_csv
from autograder.gradebook.table import table
from autograder.intake.attempts import Attempt
from autograder.intake.digests import KnownDigests
from autograder.intake.lms.given import GivenName
from autograder.intake.roster import Student
from autograder.intake.source import Source
from autograder.intake.timing import Timing
from autograder.marking.evidence import Evidence, Excerpt
from autograder.marking.verdict import State, Verdict
from autograder.messages import Language, say
from autograder.models.measurement import Model, ModelScores
from autograder.notebook.repair import Kind, Repair
from autograder.pages.student_page import write_student_page
from autograder.protocol.grid import Grid

HW4 = load(project_root(Path(__file__).parent))["hw4"]
QUESTIONS = {"1b": 20.0, "1a": 7.5, "2": 12.5}
PARTIAL = Assignment(
    **{**vars(HW4), "title": "Homework <1> & [bold]more[/bold]", "questions": QUESTIONS, "points": 100.0}
)
COMPLETE = Assignment(**{**vars(PARTIAL), "points": 40.0})


A, B = "2024-20001", "2024-20002"


def attempt(name: str, notes: tuple[str, ...] = (), error: str = "", student_id: str = "") -> Attempt:
    return attempt_of(name, student_id or (A if name == "a" else B), notes=notes, error=error)


@pytest.fixture
def gradebook(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook(tmp_path, PARTIAL) as opened:
        yield opened


def test_a_page_is_in_the_language_of_the_assignment(tmp_path: Path) -> None:
    message = say("look here")
    for name, shown in (("en", "look here"), ("ko", "여기요"), ("both", "look here\n여기요")):
        language = Language(name, {"look here": "여기요", "not written": "미작성", "not right": "오답"})
        with Gradebook(tmp_path / name, replace(PARTIAL, language=language)) as gradebook:
            enter_marks(gradebook, attempt("a"), [Verdict.scored("1a", 0, 7.5, "not written", message)])
            text = page(gradebook, "a")
        assert "".join(f"<p>{line}</p>\n" for line in shown.splitlines()) in text
        assert ('lang="ko"' in text) == (name == "ko")
        assert ("미작성" in text) == ("오답" in text) == (name != "en")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def page(gradebook: Gradebook, submission_id: str) -> str:
    return write_student_page(gradebook, submission_id).read_text(encoding="utf-8")


def printed(gradebook: Gradebook, width: int = 160) -> str:
    console = Console(width=width, force_terminal=False, color_system=None)
    with console.capture() as capture:
        table(gradebook).print_to(console)
    return capture.get()


def fill(gradebook: Gradebook) -> None:
    gradebook.start_run(2, ["Landlock", "seccomp"])
    mixed = [
        Verdict("1a", 7.5, 7.5, State.PASS, figure="66.10 %", flags=("no plot", "cell 3 cannot print it")),
        Verdict.scored("1b", 10 / 3, 20, "gates exchanged", "expected: 1\ngot: 2"),
        Verdict.ungraded("2", 12.5, "no worker", "A teaching assistant marks this."),
    ]
    enter_marks(gradebook, attempt("b", ("missing: x.ipynb",)), mixed, 1)
    nothing = [Verdict.scored(label, 0, points, "unreadable archive") for label, points in QUESTIONS.items()]
    enter_marks(gradebook, attempt("a", (), "'a.zip' cannot be read: it is empty (0 bytes)"), nothing, 1)


def test_verdicts_csv_has_a_row_per_submission_and_question(gradebook: Gradebook) -> None:
    fill(gradebook)
    write_csv(gradebook)
    found = rows(gradebook.folder / "verdicts.csv")
    assert list(found[0]) == (
        ["student_id", "submission", "assignment", "question", "points", "max_points", "automatic", "by_hand"]
        + ["verdict", "diagnosis", "message", "figure", "flags"]
    )
    assert [(row["submission"], row["question"]) for row in found] == [
        (name, question) for name in "ab" for question in QUESTIONS
    ]
    assert list(found[3].values()) == (
        [B, "b", "hw4", "1b", "3.33", "20", "3.33", "", "PARTIAL", "gates exchanged", "expected: 1\ngot: 2", "", ""]
    )
    assert (found[4]["figure"], found[4]["flags"]) == ("66.10 %", "no plot; cell 3 cannot print it")
    assert (found[5]["verdict"], found[5]["points"]) == ("UNGRADED", "")


def test_grades_csv_has_a_row_per_student(gradebook: Gradebook) -> None:
    fill(gradebook)
    gradebook.put_person(Student(B, name="학생 둘", section="001"), on_roster=False)
    enter_marks(gradebook, attempt_of("nobody", "", open_questions=("whose is it?",)))
    write_csv(gradebook)
    assert (gradebook.folder / "grades.csv").read_bytes().decode("utf-8") == (
        '\ufeff"student_id","name","section","Q 1b","Q 1a","Q 2","total","late","adjustments","ungraded","notes"\n'
        '"2024-20001","","","0","0","0","0 of 40 (of 100)","0","0","0",'
        "\"'a.zip' cannot be read: it is empty (0 bytes)\"\n"
        '"2024-20002","학생 둘","001","3.33","7.5","?","10.83 of 40 (of 100)","0","0","1",'
        '"1a: no plot; 1a: cell 3 cannot print it; missing: x.ipynb"\n'
    )
    found = rows(gradebook.folder / "attempts.csv")
    assert [(row["student_id"], row["files"], row["counts"], row["Q 1a"]) for row in found] == [
        (A, "a.zip", "yes", "0"),
        (B, "b.zip", "yes", "7.5"),
        ("", "nobody.zip", "no", ""),
    ]
    assert found[2]["notes"] == "whose is it?"


def test_a_total_is_a_number_once_every_question_is_in(tmp_path: Path) -> None:
    with Gradebook(tmp_path, COMPLETE) as gradebook:
        fill(gradebook)
        write_csv(gradebook)
        assert [row["total"] for row in rows(tmp_path / "grades.csv")] == ["0", "10.83"]
        assert "the best total is 40 of 40\n" in printed(gradebook)
        assert "This report covers" not in page(gradebook, "b")


def test_a_question_without_verdict_is_ungraded_not_zero(gradebook: Gradebook) -> None:
    enter_marks(gradebook, attempt("a"), [Verdict.scored("1a", 7.5, 7.5)], 1)
    write_csv(gradebook)
    (row,) = rows(gradebook.folder / "grades.csv")
    assert [row[name] for name in ("Q 1b", "Q 1a", "Q 2", "ungraded")] == ["?", "7.5", "?", "2"]


def test_an_empty_gradebook_gives_headers_alone(gradebook: Gradebook) -> None:
    write_csv(gradebook)
    assert rows(gradebook.folder / "grades.csv") == []
    assert "0 students, 0 ungraded" in printed(gradebook)


@pytest.mark.parametrize("attack", ["=1+1", "+1", "-1", "@SUM(A1)", " =1+1", "\t=1", "＝cmd|' /C calc'!A0", "\n@x"])
def test_no_cell_is_a_formula(gradebook: Gradebook, attack: str) -> None:
    found = attempt("a", (attack,), "", attack)
    enter_marks(gradebook, found, [Verdict.scored("1a", 0, 7.5, attack, attack)], 1)
    write_csv(gradebook)
    for name in ("verdicts.csv", "grades.csv", "attempts.csv"):
        for row in rows(gradebook.folder / name):
            cells = [cell for cell in row.values() if cell]
            assert not any(re.match(r"\s*[=+\-@＝]", cell) for cell in cells), row
            assert any(cell.startswith("'") for cell in cells)


@pytest.mark.parametrize("attack", ["a;=1+1", "a; @x", "a\t+1", "a\n-1", "a\r=x", "a;\n ＝cmd", "=1;=2"])
def test_no_part_of_a_cell_is_a_formula(gradebook: Gradebook, attack: str) -> None:
    enter_marks(gradebook, attempt("a", (attack,)), [Verdict.scored("1a", 0, 7.5, attack, attack)], 1)
    write_csv(gradebook)
    for name in ("verdicts.csv", "grades.csv", "attempts.csv"):
        parts = [
            part
            for row in rows(gradebook.folder / name)
            for cell in row.values()
            for part in re.split("[;\t\r\n]", cell)
        ]
        assert not any(re.match(r"\s*[=+\-@＝]", part) for part in parts), parts


def test_ordinary_cells_are_left_alone(gradebook: Gradebook) -> None:
    enter_marks(gradebook, attempt("a", ("a=b; 1-2",)), [Verdict.scored("1a", 0, 7.5, "x = y", "got -1")], 1)
    write_csv(gradebook)
    assert rows(gradebook.folder / "grades.csv")[0]["notes"] == "a=b; 1-2"
    assert rows(gradebook.folder / "verdicts.csv")[1]["message"] == "got -1"


def test_reports_are_the_same_every_time(gradebook: Gradebook) -> None:
    fill(gradebook)

    def written() -> list[bytes]:
        write_csv(gradebook)
        return [
            (gradebook.folder / "grades.csv").read_bytes(),
            (gradebook.folder / "verdicts.csv").read_bytes(),
            page(gradebook, "b").encode(),
        ]

    assert written() == written()


def test_a_page_is_written_again_only_when_something_changed(
    gradebook: Gradebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter_marks(gradebook, attempt("a"), [Verdict.scored("1a", 0, 7.5, "wrong values", "differs")])
    page = write_student_page(gradebook, "a")
    inode = page.stat().st_ino
    assert write_student_page(gradebook, "a").stat().st_ino == inode
    gradebook.record("a", Verdict.scored("1a", 7.5, 7.5))
    assert write_student_page(gradebook, "a").stat().st_ino != inode
    assert "differs" not in page.read_text()
    page.write_text("short")
    assert "</html>" in write_student_page(gradebook, "a").read_text()
    inode = page.stat().st_ino
    monkeypatch.setattr("autograder.pages.template._code_version", lambda: "of another release")
    assert write_student_page(gradebook, "a").stat().st_ino != inode


def test_a_report_that_fails_leaves_the_old_one(gradebook: Gradebook, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(gradebook)
    write_csv(gradebook)
    before = (gradebook.folder / "grades.csv").read_bytes()

    def fail(_: str) -> list[Verdict]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gradebook, "verdicts", fail)
    with pytest.raises(OSError, match="No space left"):
        write_csv(gradebook)
    assert (gradebook.folder / "grades.csv").read_bytes() == before
    assert {path.name for path in gradebook.folder.glob("*.csv*")} == {"grades.csv", "verdicts.csv", "attempts.csv"}
    assert not list(gradebook.folder.glob(".*.part"))


class Reader(HTMLParser):
    """Elements, visible text and addresses of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.shown = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action")]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] != ["style"]:
            self.shown += data


def test_a_page_shows_marks_messages_notes_and_versions(gradebook: Gradebook) -> None:
    fill(gradebook)
    shown = " ".join(Reader(page(gradebook, "b")).shown.split())
    for text in (
        "Student 2024-20002",
        "b.zip",
        "10.83 of 40 (of 100)",
        "1 question still to be marked by a teaching assistant",
        "This report covers 40 of the assignment's 100 points.",
        "1b. Parameters partly right gates exchanged 3.33 of 20",
        "1a. Batches right 66.10 % 7.5 of 7.5",
        "2 to be marked no worker ? of 12.5",
        "expected: 1 got: 2",
        "By the scheme this (gates exchanged) earns 3.33 of the 20 points.",
        "missing: x.ipynb",
        f"by autograder {__version__}, Python {platform.python_version()}, PyTorch ",
        "Is something wrong? Write to the teaching assistants",
    ):
        assert text in shown
    assert "isolat" not in shown and "Landlock" not in shown


def test_a_page_of_an_unreadable_archive_says_why(gradebook: Gradebook) -> None:
    fill(gradebook)
    shown = Reader(page(gradebook, "a")).shown
    assert "'a.zip' cannot be read: it is empty (0 bytes)" in shown
    assert "Student 2024-20001" in shown
    assert "What was found" not in shown


REPAIRS = (Repair(Kind.ARCHIVE_NAME, "the archive is called 'x.zip'"), Repair(Kind.PATHS, "names were shortened"))


def test_what_a_repair_costs_is_deducted_and_told(tmp_path: Path) -> None:
    costly = Assignment(**{**vars(COMPLETE), "repairs": {"paths": 2.5}})
    repaired = replace(attempt("a", tuple(repair.note for repair in REPAIRS)), repairs=REPAIRS)
    other = replace(attempt("b"), repairs=REPAIRS)
    with Gradebook(tmp_path, costly) as gradebook:
        enter_marks(gradebook, repaired, [Verdict.scored("1a", 7.5, 7.5), Verdict.scored("1b", 20, 20)], 1)
        enter_marks(gradebook, other, [Verdict.scored("1a", 1, 7.5)], 1)
        write_csv(gradebook)
        first, second = rows(tmp_path / "grades.csv")
        assert (first["repairs"], first["total"], second["total"]) == ("-2.5", "25", "0")
        assert first["notes"] == "the archive is called 'x.zip'; names were shortened (-2.5)"
        shown = " ".join(Reader(page(gradebook, "a")).shown.split())
        assert "25 of 40" in shown and "earned 27.5 repairs -2.5" in shown
        assert "names were shortened (-2.5)" in shown
        assert re.search(r"^2024-20001 .* 25\b", printed(gradebook), re.MULTILINE)


def test_an_attempt_that_does_not_count_says_so(gradebook: Gradebook) -> None:
    fill(gradebook)
    enter_marks(gradebook, replace(attempt("c", student_id=B), timing=Timing(resubmission=1)))
    write_csv(gradebook)
    assert [row["submission"] for row in rows(gradebook.folder / "verdicts.csv")] == ["a"] * 3 + ["c"] * 3
    second = rows(gradebook.folder / "grades.csv")[1]
    assert (second["Q 1a"], second["ungraded"], second["notes"]) == ("?", "3", "2 attempts: 'c.zip' counts")
    assert [row["counts"] for row in rows(gradebook.folder / "attempts.csv")] == ["yes", "no", "yes"]
    assert "attempt 2 of 2" in Reader(page(gradebook, "c")).shown
    shown = Reader(page(gradebook, "b")).shown
    assert "This attempt does not count: c does." in shown and "attempt 1 of 2" in shown
    assert "points" not in shown and "isolated" not in shown and "What was found" not in shown
    gradebook.set_gone("b", True)
    assert "This attempt does not count: its files are gone." in Reader(page(gradebook, "b")).shown


@pytest.mark.parametrize(("tier", "layers"), [(0, []), (4, ["limits"]), (4, [])])
def test_staff_and_no_student_reads_how_the_code_was_isolated(
    gradebook: Gradebook, tier: int, layers: list[str]
) -> None:
    if tier:
        gradebook.start_run(tier, layers)
    enter_marks(gradebook, attempt("a"), [Verdict.scored("2", 1, 12.5)], 1)
    write_csv(gradebook)
    told = "not isolated: its code ran with the grader's own rights"
    assert (rows(gradebook.folder / "verdicts.csv")[2]["flags"] == told) == (tier == 4)
    assert (told in printed(gradebook)) == (rows(gradebook.folder / "grades.csv")[0]["notes"] == told) == (tier == 4)
    assert "isolat" not in Reader(page(gradebook, "a")).shown


ATTACK = (
    "</pre><script>alert(1)</script><img src=x onerror=alert(1)>\"'{{ 7*7 }}{% include 'x' %}[link=file:///]x[/link]"
)


def test_students_text_is_never_markup(gradebook: Gradebook) -> None:
    fill(gradebook)
    plain = Reader(page(gradebook, "b"))
    attacked = attempt("b", (ATTACK,), "", ATTACK)
    message = [Verdict.scored("1b", 10 / 3, 20, ATTACK, f"{ATTACK}\n{ATTACK}")]
    right = Verdict("1a", 7.5, 7.5, State.PASS, figure=ATTACK)
    enter_marks(gradebook, attacked, [right, *message, Verdict.ungraded("2", 12.5, "x", "y")], 1)
    found = Reader(page(gradebook, "b"))
    assert found.tags == plain.tags
    assert ATTACK in found.shown
    assert "49" not in found.shown


def test_evidence_is_never_markup(gradebook: Gradebook) -> None:
    excerpts = (Excerpt(ATTACK, 1, 3, 4, (ATTACK, ATTACK, '"""', ATTACK)),)
    grids = (Grid(ATTACK, (2, 2), 3, ("02", "21")),)
    evidence = Evidence(excerpts, ((ATTACK, ATTACK),), grids, (ATTACK,))
    enter_marks(gradebook, attempt("a"), [replace(Verdict.scored("1b", 0, 20, "x", "y"), evidence=evidence)], 1)
    found = Reader(page(gradebook, "a"))
    assert not {"script", "img"} & set(found.tags) and {"mark", "path", "dl"} <= set(found.tags)
    assert found.shown.count(ATTACK) == 8 and "49" not in found.shown


def test_a_page_needs_nothing_but_itself(gradebook: Gradebook) -> None:
    fill(gradebook)
    text = page(gradebook, "b")
    found = Reader(text)
    assert not {"script", "link", "img", "iframe", "form"} & set(found.tags)
    assert found.addresses and all(urlsplit(address).path == "" for address in found.addresses)
    assert {address.removeprefix("#") for address in found.addresses} <= set(found.ids)
    assert "url(" not in text and "@import" not in text
    assert "default-src 'none'" in text


def test_a_page_of_nobody_is_refused(gradebook: Gradebook) -> None:
    with pytest.raises(GradebookError, match="has no attempt x"):
        write_student_page(gradebook, "x")
    assert not (gradebook.folder / "students").exists()


def test_the_terminal_table_shows_every_student(gradebook: Gradebook) -> None:
    fill(gradebook)
    lines = [line.split(maxsplit=5) for line in printed(gradebook).splitlines() if line.startswith("2024-")]
    assert [[cell.strip() for cell in line] for line in lines] == [
        [A, "0", "0", "0", "0", "'a.zip' cannot be read: it is empty (0 bytes)"],
        [B, "3.33", "7.5", "?", "10.83", "1a: no plot; 1a: cell 3 cannot print it; missing: x.ipynb"],
    ]
    assert printed(gradebook).splitlines()[-3:] == [
        "2 students, 1 ungraded; the best total is 40 of 40 (of 100)",
        "ungraded: 1 no worker",
        "flags: 2 in 1a",
    ]


def test_the_terminal_gives_each_student_one_line_however_narrow_it_is(gradebook: Gradebook) -> None:
    fill(gradebook)
    lines = printed(gradebook, width=50).splitlines()
    assert sum(line.startswith("2024-") for line in lines) == 2
    assert [line[:10] for line in lines if "10.83" in line] == [B] and "…" in printed(gradebook, width=50)


def test_the_terminal_shows_markup_and_escapes_as_text(gradebook: Gradebook) -> None:
    enter_marks(gradebook, attempt("a", ("[red]x[/red] [/] \x1b[2J\x9b31m:smile:",)), [], 1)
    shown = printed(gradebook)
    assert "[red]x[/red] [/] :smile:" in shown
    assert "[bold]more[/bold]" in shown
    assert "\x1b" not in shown and "\x9b" not in shown
    assert "1 student, 3 ungraded" in shown


def test_notes_are_cut_where_a_terminal_ends(gradebook: Gradebook) -> None:
    enter_marks(gradebook, attempt("a", ("missing: x.ipynb", "n" * 200)), [], 1)
    (line,) = (line for line in printed(gradebook, width=60).splitlines() if line.startswith(A))
    assert len(line) == 60 and line.endswith("nn…")
    assert "missing: x.ipynb; " + "n" * 200 in printed(gradebook, width=400)


def test_a_page_lists_what_each_saved_model_reaches(gradebook: Gradebook) -> None:
    enter_marks(gradebook, attempt("a"), [], 1)
    scores = ModelScores("1a", (Model("first", 61), Model("second", None, "is damaged")), 100, b"", 1)
    gradebook.record_scores("a", Verdict.scored("1a", 7.5, 7.5), scores)
    shown = page(gradebook, "a")
    assert '<h2 id="models-1">Saved models, 1a</h2>' in shown
    assert re.search(r"<th scope=\"row\">first</th>\s*<td>61.00 % <span class=\"quiet\">61 of 100</span>", shown)
    assert re.search(r"<th scope=\"row\">second</th>\s*<td><span class=\"FAIL\">not measured</span>", shown)


def test_the_page_has_the_receipt_of_every_file(tmp_path: Path) -> None:
    stamp = (1234, 0, 0)
    known = KnownDigests(
        {
            "/class/rnn.ipynb": (stamp, "a1"),
            "/class/vit.ipynb": (stamp, "b2"),
            "/class/seq.ipynb": (stamp, "c3"),
            "/other/seq.ipynb": (stamp, "d4"),
            "/class/2024-20002.zip": (stamp, "e5"),
        }
    )
    names = ("rnn.ipynb", "vit.ipynb", "seq.ipynb")
    sources = tuple(Source(Path("/class") / name, GivenName(name)) for name in names)
    with Gradebook(tmp_path, load(project_root())["hw4"]) as gradebook:
        gradebook.keep_digests(known)
        enter_marks(gradebook, attempt_of("2024-20001", sources=sources))
        enter_marks(gradebook, attempt_of("2024-20002", digest="e5"))
        several, one = (
            write_student_page(gradebook, submission).read_text(encoding="utf-8").partition("</main>")[0]
            for submission in ("2024-20001", "2024-20002")
        )
    assert "rnn.ipynb · Receipt: 1,234 bytes, SHA-256 a1" in several and "vit.ipynb · Receipt" in several
    assert "SHA-256 c3" not in several and "SHA-256 d4" not in several  # two files have that name
    assert "2024-20002.zip ·" not in one and "Receipt: 1,234 bytes, SHA-256 e5" in one
