"""Students ask about their marks and people answer: by the installed command, told in the history, undone as one."""

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from marks import attempt_of, enter_marks
from typer.testing import CliRunner

from autograder.cli.app import app
from autograder.course.manifest import Assignment, load
from autograder.course.root import project_root
from autograder.desk.appeals import answer_appeal, import_appeals, open_appeal
from autograder.desk.desk import Desk
from autograder.gradebook.appeals import appeals
from autograder.gradebook.file import GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.sheets import write_csv
from autograder.intake.appeal_form import read_appeal_form
from autograder.intake.roster import Student
from autograder.intake.table import TableError
from autograder.marking.verdict import Verdict
from autograder.messages import load_language
from autograder.pages.reports import catch_up

ROOT = project_root(Path(__file__).parent)
HW4 = load(ROOT)["hw4"]
ONE, TWO, THREE = "2024-20001", "2024-20002", "2024-20003"
HALF = [Verdict.scored(label, most / 2, most, "halves", "y is half of it") for label, most in HW4.questions.items()]
STUDENTS = (
    Student(ONE, email="one@school.kr", name="Kim Minsu"),
    Student(TWO, email="two@school.kr", name="Kim Minsu"),
    Student(THREE, email="three@school.kr", name="이서연"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A GRADES folder: three students with half of the points, two of whom have one name."""
    monkeypatch.chdir(ROOT)
    with Gradebook(tmp_path / "grades", HW4) as gradebook:
        for number, student in enumerate(STUDENTS, start=1):
            enter_marks(gradebook, attempt_of(f"attempt{number}", student.student_id, students=(student,)), HALF)
        write_csv(gradebook)
    return tmp_path / "grades"


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    with Gradebook(folder, HW4, alone=False) as gradebook:
        yield Desk(gradebook, "a teacher")


def run(*command: object) -> tuple[int, str]:
    """The exit code of a command, and all that it says."""
    result = CliRunner().invoke(app, [str(word) for word in command])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


def points(folder: Path, question: str = "1a", who: str = ONE) -> str:
    with (folder / "verdicts.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        return next(row["points"] for row in rows if (row["student_id"], row["question"]) == (who, question))


def page(folder: Path, name: str = "attempt1", assignment: Assignment = HW4) -> str:
    with Gradebook(folder, assignment, alone=False) as gradebook:
        catch_up(gradebook)
    return (folder / "students" / f"{name}.html").read_text("utf-8")


def test_an_appeal_goes_its_way_by_commands(folder: Path) -> None:
    assert run("appeal", "open", folder, ONE, "1a", "--text", "Why 1.5?", "--time", "2024-07-01 10:00") == (
        0,
        "event 1: appeal of 1a for 2024-20001: nothing → open: Why 1.5?",
    )
    line = "2024-20001 1a (attempt1): appeal of 2024-07-01 10:00, open: Why 1.5?"
    assert run("appeal", "list", folder, "--open") == run("marks", folder, "--appeals") == (0, line)
    assert line in run("marks", folder)[1]
    assert "It waits for an answer." in page(folder) and "appeal open" in page(folder)
    words = ("--accept", "--text", "You are right.", "--points", 3, "--as", "TA 1")
    code, said = run("appeal", "answer", folder, ONE, "1a", *words)
    assert (code, said) == (0, "event 3: appeal of 1a for 2024-20001: open: Why 1.5? → accepted: You are right.")
    assert points(folder) == "3"
    assert run("export", folder, "--json", folder.parent / "marks.json")[0] == 0
    marks = json.loads((folder.parent / "marks.json").read_text("utf-8"))
    assert "51.5" in json.dumps(marks), marks
    assert "points 1.5 → 3" in page(folder) and "You are right." in page(folder) and "Accepted on " in page(folder)
    assert run("marks", folder, "--appeals") == (0, "")
    assert run("appeal", "list", folder, "--open") == (0, "no open appeals")
    said = run("appeal", "list", folder)[1]
    assert "Why 1.5?; accepted by TA 1 on " in said and said.endswith("points 1.5 → 3: You are right.")
    code, said = run("undo", folder, 2)
    assert (code, said) == (2, "autograder: event 2 came of event 3; undo that one, which undoes both")
    assert run("undo", folder, 3)[0] == 0
    assert points(folder) == "1.5" and "It waits for an answer." in page(folder)
    assert "mark of 1a for 2024-20001: 3.0 → nothing" in run("history", folder, ONE)[1]
    assert run("undo", folder, 1)[0] == 0 and "Why 1.5?" not in page(folder)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("open", "G", "2024-29999", "1a", "--text", "x"), "has no student 2024-29999"),
        (("open", "G", ONE, "9z", "--text", "x"), "no question '9z' in hw4; there are: 1a"),
        (("open", "G", ONE, "1a", "--text", " "), "an appeal needs words"),
        (("answer", "G", ONE, "1a", "--accept", "--text", "x"), "2024-20001 has no appeal about 1a"),
        (("answer", "G", ONE, "1b", "--text", "x"), "expected --accept or --decline"),
        (("answer", "G", ONE, "1b", "--accept"), "an answer needs words"),
        (("answer", "G", ONE, "1b", "--accept", "--text", "x", "--points", "3"), "1b is worth 2 points, not 3"),
        (("answer", "G", ONE, "1b", "--accept", "--text", "x", "--points", "nan"), "1b is worth 2 points, not nan"),
        (("answer", "G", ONE, "1b", "--accept", "--text", "x", "--points", "all"), "Invalid value for '--points'"),
        (("answer", "G", ONE, "1b", "--decline", "--text", "x", "--points", "1"), "changes no points"),
        (("answer", "G", ONE, "1b", "--accept", "--text", "x", "--points", "1", "--regrade"), "not both"),
        (("import", "G", "nowhere.csv"), "nowhere.csv: No such file"),
    ],
)
def test_what_cannot_be_done_changes_nothing(folder: Path, desk: Desk, command: tuple[str, ...], says: str) -> None:
    open_appeal(desk, ONE, "1b", "Why?")
    before = (folder / "grades.csv").read_bytes(), page(folder), desk.events()
    code, said = run("appeal", *(folder if word == "G" else word for word in command))
    assert code == 2 and says in said, said
    assert ((folder / "grades.csv").read_bytes(), page(folder), desk.events()) == before


def test_one_appeal_at_a_time_is_open(desk: Desk) -> None:
    open_appeal(desk, ONE, "1b", "Why?")
    with pytest.raises(GradebookError, match="2024-20001 has an open appeal about 1b already; answer that first"):
        open_appeal(desk, ONE, "1b", "And this?")
    answered = answer_appeal(desk, ONE, "1b", "Read the handout.", accepted=False)
    with pytest.raises(GradebookError, match="was answered by a teacher on .*; undo that first"):
        answer_appeal(desk, "attempt1", "1b", "Indeed.", accepted=True)
    open_appeal(desk, ONE, "1b", "And this?")
    assert [bool(one.answer) for one in appeals(desk.gradebook)] == [True, False]
    assert "the points stay as they are" in page(desk.gradebook.folder)
    assert "It waits for an answer." in page(desk.gradebook.folder)
    assert desk.undo(answered.id).after["answer"] is None  # the two do not depend on each other


def test_a_question_without_a_verdict_has_no_appeal(folder: Path, desk: Desk) -> None:
    with Gradebook(folder, HW4) as gradebook:
        enter_marks(gradebook, attempt_of("attempt4", "2024-20004"), HALF[:1])
    with pytest.raises(GradebookError, match="has no verdict about 1b of attempt4: grade it first"):
        open_appeal(desk, "2024-20004", "1b", "Why?")


def test_an_answer_is_not_undone_under_a_later_mark(desk: Desk) -> None:
    open_appeal(desk, ONE, "1a", "Why?")
    answered = answer_appeal(desk, ONE, "1a", "Right.", accepted=True, points=2)
    later = desk.mark(ONE, "1a", 3, "better")
    with pytest.raises(GradebookError, match=rf"later ones changed the same; undo them first: {later.id}$"):
        desk.undo(answered.id)
    assert appeals(desk.gradebook)[0].answer and len(desk.events()) == 4  # nothing of it was undone
    desk.undo(later.id)
    desk.undo(answered.id)
    assert points(desk.gradebook.folder) == "1.5"


def test_appeals_go_with_a_forgotten_student(folder: Path, desk: Desk) -> None:
    open_appeal(desk, ONE, "1a", "my secret reason")
    desk.forget(ONE)
    assert appeals(desk.gradebook) == []
    desk.gradebook._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"secret reason" not in b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


DIE = """
import os, signal, sqlite3, sys
from autograder.cli.app import app

class Dying(sqlite3.Connection):
    left = int(sys.argv.pop(1))

    def execute(self, statement, *values):
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            Dying.left -= 1
            if Dying.left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return super().execute(statement, *values)

connect = sqlite3.connect
sqlite3.connect = lambda *arguments, **options: connect(*arguments, factory=Dying, **options)
app()
"""


@pytest.mark.slow
def test_an_answer_killed_at_any_moment_is_there_or_not(folder: Path, desk: Desk) -> None:
    open_appeal(desk, ONE, "1a", "Why?")
    words = [str(folder), ONE, "1a", "--accept", "--text", "Right.", "--points", "3"]
    killed = 0
    while not appeals(desk.gradebook)[0].answer:
        command = [sys.executable, "-c", DIE, str(killed), "appeal", "answer", *words]
        ended = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, check=False).returncode
        assert ended == -signal.SIGKILL  # after the answer, too: while its reports are written
        [appeal] = appeals(desk.gradebook)
        by_hand = desk.gradebook.verdicts("attempt1")[0].points
        assert (by_hand, bool(appeal.answer)) in ((1.5, False), (3, True))
        killed += 1
    assert killed >= 4 and points(folder) == "1.5"
    assert run("history", folder)[0] == 0 and points(folder) == "3"  # whoever comes next writes them


HEADER = "타임스탬프,이메일 주소,학번 (예: 2024-20001),이름,어느 문항에 대한 이의입니까?,이유를 적어 주십시오"
FORM = f"""{HEADER}
2024/07/01 9:15:30 오후 GMT+9,one@school.kr,2024-20001,Kim Minsu,1a. Batches,"학습 곡선이 맞습니다.
두 번째 줄"
2024/07/02 12:05:00 오전 GMT+9,three@school.kr,202420003,이서연,"1b, 2a",왜 감점입니까?
"""
MICROSOFT = """ID;Start time;Completion time;Email;Name;Which question?;Why should it earn more?;Anything else?
1;7/1/24 9:00:00;7/1/24 9:15:30;one@school.kr;Kim Minsu;1A;The handout says so.;Thank you
2;7/1/24 9:00:00;7/1/24 9:16:30;anonymous;이서연;2a;Mine is right.;
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_a_form_is_imported_once(folder: Path, desk: Desk, tmp_path: Path, encoding: str) -> None:
    form = tmp_path / "form.csv"
    form.write_text(FORM, encoding)
    code, said = run("appeal", "import", folder, form)
    assert code == 0 and said.endswith("3 opened, 0 known already, 0 not understood"), said
    assert [(one.student_id, one.question, one.time, one.text) for one in appeals(desk.gradebook)] == [
        (ONE, "1a", "2024-07-01 21:15", "학습 곡선이 맞습니다.\n두 번째 줄"),
        (THREE, "1b", "2024-07-02 00:05", "왜 감점입니까?"),
        (THREE, "2a", "2024-07-02 00:05", "왜 감점입니까?"),
    ]
    assert "두 번째 줄" in page(folder)
    answer_appeal(desk, ONE, "1a", "No.", accepted=False)
    before = desk.events()
    assert run("appeal", "import", folder, form) == (0, "0 opened, 3 known already, 0 not understood")
    assert desk.events() == before


def test_a_form_of_microsoft_is_read_by_its_columns(desk: Desk, tmp_path: Path) -> None:
    form = tmp_path / "form.csv"
    form.write_text(MICROSOFT, "utf-8-sig")
    assert import_appeals(desk, form).problems == []
    assert [(one.student_id, one.question, one.time, one.text) for one in appeals(desk.gradebook)] == [
        (ONE, "1a", "7/1/24 9:15:30", "The handout says so.\nAnything else?: Thank you"),
        (THREE, "2a", "7/1/24 9:16:30", "Mine is right."),
    ]


def test_a_form_s_own_numbers_are_no_questions(tmp_path: Path) -> None:
    numbered, rows = replace(HW4, questions={"1": 3, "2": 2}), (f"1,2/1/24 9:00,2,{ONE},x", f"2,2/1/24 9:05,1,{TWO},y")
    (tmp_path / "form.csv").write_text("\n".join(["ID,Start time,About,Who,Why", *rows]))
    read = read_appeal_form(tmp_path / "form.csv", numbered)
    assert [(row.student_id, row.questions, row.text) for row in read] == [(ONE, ("2",), "x"), (TWO, ("1",), "y")]


def test_two_who_answer_at_once_do_not_overwrite(folder: Path, desk: Desk) -> None:
    open_appeal(desk, ONE, "1a", "Why?")
    with Gradebook(folder, HW4, alone=False) as gradebook:
        answer_appeal(Desk(gradebook, "another"), ONE, "1a", "No.", accepted=False)
        with pytest.raises(GradebookError, match="was answered by another on"):
            answer_appeal(desk, ONE, "1a", "Yes.", accepted=True, points=3)
        assert gradebook.verdicts("attempt1")[0].points == 1.5


def test_rows_that_are_not_understood_are_told_by_line(folder: Path, desk: Desk, tmp_path: Path) -> None:
    open_appeal(desk, TWO, "1a", "asked before")
    form = tmp_path / "form.csv"
    rows = [
        "t,,,Kim Minsu,1a,x,two of one name",
        "t,,2024-29999,,1a,x,nobody",
        f"t,one@school.kr,{TWO},,1a,x,another's address",
        "t,,,,1a,x,no name",
        f"t,,{ONE},,the last one,x,no question",
        f"t,,{ONE},,1b,,",
        f"t,,{TWO},,1a,x,open already",
        f"t,,{ONE}",
        f"t,,{THREE},,1c,good,",
    ]
    form.write_text("\n".join(["Timestamp,Email,Student ID,Name,Question,Reason,Note", *rows]))
    code, said = run("appeal", "import", folder, form)
    assert code == 1 and said.endswith("1 opened, 0 known already, 8 not understood"), said
    for line, problem in (
        (2, "several students fit name 'Kim Minsu': '2024-20001', '2024-20002'"),
        (3, "expected a student of this class, got student ID '2024-29999'"),
        (4, f"student ID '{TWO}', e-mail address 'one@school.kr' are of different students: {TWO}, {ONE}"),
        (5, "expected a student of this class, got nothing"),
        (6, "expected a question such as 1a, 1b"),
        (7, "an appeal needs words"),
        (8, "2024-20002 has an open appeal about 1a already"),
        (9, "expected a question such as 1a, 1b"),
    ):
        assert f"form.csv, line {line}: {problem}" in said


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"2024-07-01 10:00,2024-20001,1a,why\n", "expected names of columns in the first line"),
        (b"Timestamp,Colour\n1,red\n", "with who asks and the question"),
        (b"", "with who asks and the question and the reason; got nothing"),
        (b"\xff\xff\xff", "neither UTF-8, UTF-16 nor cp949"),
        (b'Student ID,Question,Why\n"2024-20001,1a,x\n', "cannot be read as CSV"),
    ],
)
def test_a_file_that_is_no_form_says_so(desk: Desk, tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "form.csv").write_bytes(content)
    with pytest.raises(TableError, match=says):
        import_appeals(desk, tmp_path / "form.csv")
    assert desk.events() == []


def test_the_page_is_korean_where_the_course_is(tmp_path: Path) -> None:
    korean = replace(HW4, language=load_language("ko"))
    with Gradebook(tmp_path, korean) as gradebook:
        enter_marks(gradebook, attempt_of("attempt1", ONE), HALF)
        desk = Desk(gradebook, "조교")
        open_appeal(desk, ONE, "1a", "왜 감점입니까?", "2024-07-01 10:00")
        text = page(tmp_path, assignment=korean)
        assert "2024-07-01 10:00에 낸 이의 신청" in text and "답변을 기다리고 있습니다." in text
        answer_appeal(desk, ONE, "1a", "맞습니다.", accepted=True, points=3)
    text = page(tmp_path, assignment=korean)
    assert "점수 1.5 → 3" in text and "인정됨" in text
    assert not {"Accepted", "appeal of", "points"} & set(text[text.index("낸 이의") : text.index("</article>")].split())
