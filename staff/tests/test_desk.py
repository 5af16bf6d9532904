"""What people decide: every change is an event with its reason, follows into the reports at once, and can be undone."""

import csv
import getpass
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from marks import attempt_of, enter_marks
from typer.testing import CliRunner

from autograder.cli.app import app
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.desk.appeals import open_appeal
from autograder.desk.desk import Desk
from autograder.gradebook import events
from autograder.gradebook.events import Action
from autograder.gradebook.file import FILE_NAME, GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import grades_of
from autograder.gradebook.history import History
from autograder.gradebook.regrading import difference, marking_of
from autograder.gradebook.sheets import write_csv
from autograder.intake.timing import Timing
from autograder.marking.verdict import Verdict
from autograder.messages import say
from autograder.pages.reports import catch_up

ROOT = project_root(Path(__file__).parent)
HW4 = load(ROOT)["hw4"]
ONE, TWO = "2024-20001", "2024-20002"
FULL = [Verdict.scored(label, points, points) for label, points in HW4.questions.items()]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A GRADES folder: two students, one of whom is late, and a file of nobody's."""
    monkeypatch.chdir(ROOT)
    with Gradebook(tmp_path / "grades", HW4) as gradebook:
        enter_marks(gradebook, attempt_of("first", ONE, timing=Timing(number=1)), FULL)
        enter_marks(gradebook, attempt_of("second", ONE, timing=Timing(HW4.deadline + timedelta(hours=5))), FULL)
        half = [replace(one, points=one.points / 2) for one in FULL]
        enter_marks(gradebook, attempt_of("third", TWO, timing=Timing(late=True)), half)
        enter_marks(
            gradebook, attempt_of("nobodys", "", identity="file nobodys.zip", open_questions=("whose is it?",)), FULL
        )
        write_csv(gradebook)
    return tmp_path / "grades"


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    with Gradebook(folder, HW4, alone=False) as gradebook:
        yield Desk(gradebook, "a teacher")


def total(folder: Path, who: str) -> str:
    with (folder / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        return next(row["total"] for row in csv.DictReader(file) if row["student_id"] == who)


def run(*command: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in command])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


def test_every_command_says_what_has_changed_and_writes_the_reports(folder: Path) -> None:
    who = ("--as", "TA 1")
    assert (total(folder, ONE), total(folder, TWO)) == ("100", "0")
    for command, says, totals in (
        (
            ("adjust", folder, ONE, "--points", "-5.5", "--reason", "a rule"),
            "adjustment for 2024-20001: nothing → -5.5 (a rule)",
            ("94.5", "0"),
        ),
        (
            ("mark", folder, TWO, "1a", "--points", 3, "--reason", "it is right"),
            "mark of 1a for 2024-20002: nothing → 3.0",
            ("94.5", "0"),
        ),
        (
            ("extend", folder, TWO, "--until", "2024-06-20T18:00", "--reason", "ill"),
            "extension for 2024-20002: nothing → 2024-06-20T18:00:00+09:00",
            ("94.5", "51.5"),
        ),
        (("assign", folder, "nobodys.zip", TWO), "owner for 2024-20002: nothing → 2024-20002", ("94.5", "100")),
        (("assign", folder, "third.zip", TWO), "choice for 2024-20002: nothing → third", ("94.5", "51.5")),
        (("excuse", folder, ONE, "--reason", "ill"), "excuse for 2024-20001: nothing → ill", ("EX", "51.5")),
    ):
        code, said = run(*command, *who)
        assert code == 0 and says in said, said
        assert (total(folder, ONE), total(folder, TWO)) == totals
    said = run("history", folder)[1]
    assert said.count("TA 1: ") == 6 and "mark of 1a for 2024-20002" in said
    assert run("history", folder, ONE)[1].count("TA 1: ") == 2
    assert run("undo", folder, 6)[0] == 0 and total(folder, ONE) == "94.5"
    assert (
        f"{getpass.getuser()}: excuse for 2024-20001: ill → nothing (ill) (undoes event 6)" in run("history", folder)[1]
    )
    page = (folder / "students" / "first.html").read_text(encoding="utf-8")
    assert '<tr><th scope="row">a rule</th> <td>-5.5</td></tr>' in page and "94.5 of 100" in page


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("mark", "G", "nobody", "1a", "--points", 1, "--reason", "x"), "has no student nobody"),
        (("mark", "G", ONE, "9z", "--points", 1, "--reason", "x"), "no question '9z' in hw4; there are: 1a, 1b"),
        (("mark", "G", ONE, "1a", "--points", 4, "--reason", "x"), "1a is worth 3 points, not 4"),
        (("mark", "G", ONE, "1a", "--points", 1), "--reason is missing"),
        (("adjust", "G", ONE, "--points", "many", "--reason", "x"), "expected a number such as 3 or -5, got 'many'"),
        (("adjust", "G", ONE, "--points", "nan", "--reason", "x"), "expected a number such as 3 or -5, got 'nan'"),
        (("adjust", "G", ONE, "--points", "1"), "--reason is missing"),
        (("extend", "G", ONE, "--until", "tomorrow", "--reason", "x"), "expected a date and time such as"),
        (("extend", "G", ONE, "--until", "2024-06-20"), "--reason is missing"),
        (("extend", "G"), "either a student, or --csv FILE"),
        (("extend", "G", "--csv", "C"), "line 3: nothing in the column until"),
        (("extend", "G", "--csv", "E"), "no extensions in it"),
        (("extend", "G", "--csv", "nowhere.csv"), "nowhere.csv: cannot be read as CSV"),
        (("assign", "G", "other.zip", ONE), "has no file or attempt other.zip"),
        (("undo", "G", 99), "there is no event 99"),
        (("history", "G", "nobody"), "has no student nobody"),
        (("forget", "G", ONE), "say --sure to do it"),
        (("excuse", "G", "", "--reason", "x"), "has no student"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    folder: Path, tmp_path: Path, command: tuple[object, ...], says: str
) -> None:
    (tmp_path / "c.csv").write_text(f"student_id,until,reason\n{ONE},2024-06-20T18:00,ill\n{TWO},,ill\n")
    (tmp_path / "e.csv").write_text("student_id,until,reason\n")
    names = {"G": folder, "C": tmp_path / "c.csv", "E": tmp_path / "e.csv"}
    before = {path.name: path.read_bytes() for path in folder.glob("*.csv")}
    code, said = run(*(names.get(str(word), word) for word in command))
    assert (code, says in said) == (2, True), said
    assert {path.name: path.read_bytes() for path in folder.glob("*.csv")} == before
    assert run("history", folder) == (0, "")


def test_a_file_of_extensions_is_given_at_once(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "extensions.csv"
    table.write_text(
        f"student_id,until,reason\n{ONE},2024-06-20T18:00,ill\n{TWO},2024-06-21T18:00:00+02:00,away\n", "utf-8-sig"
    )
    code, said = run("extend", folder, "--csv", table)
    assert code == 0 and said.count("event ") == 2 and "2024-06-21T18:00:00+02:00 (away)" in said
    assert total(folder, TWO) == "50"


def test_what_is_stale_is_not_marked(folder: Path, desk: Desk) -> None:
    with Gradebook(folder, HW4, alone=False) as gradebook:
        gradebook.set_gone("third", True)
    with pytest.raises(GradebookError, match="third is gone, so that a mark would not count"):
        desk.mark("third", "1a", 1, "x")
    with pytest.raises(GradebookError, match="2024-20002 handed in nothing that is there"):
        desk.mark(TWO, "1a", 1, "x")
    with pytest.raises(GradebookError, match=r"third.zip is gone"):
        desk.assign("third.zip", ONE)
    desk.mark("second.zip", "1a", 1, "x")  # it does not count, and may be marked all the same
    assert len(desk.events("second")) == len(desk.events(ONE)) == 1 and not desk.events("first")


@pytest.mark.parametrize("seed", range(4))
def test_undoing_everything_gives_the_first_grades(folder: Path, desk: Desk, seed: int) -> None:
    print("seed", seed)
    dice = random.Random(seed)
    before = (folder / "grades.csv").read_bytes()
    moves = [
        lambda: desk.mark(ONE, "1a", dice.choice([0, 1, 2.5, None]), "by hand"),
        lambda: desk.mark("third", "2a", dice.choice([0, 1]), "by hand"),
        lambda: desk.adjust(TWO, Decimal(dice.choice(["-1", "2.25"])), "rule"),
        lambda: desk.extend(desk.person(TWO), HW4.deadline + timedelta(days=dice.choice([1, 2])), "ill"),
        lambda: desk.extend(desk.person(ONE), None, ""),
        lambda: desk.assign("nobodys.zip", dice.choice([ONE, TWO])),
        lambda: desk.excuse(ONE, dice.choice(["", "ill"])),
        lambda: _regrade(desk, dice.choice([0, 1])),
    ]
    done = [dice.choice(moves)() for _ in range(12)]
    catch_up(desk.gradebook)
    assert (folder / "grades.csv").read_bytes() != before
    for event in reversed(done):
        desk.undo(event.id)
    catch_up(desk.gradebook)
    assert (folder / "grades.csv").read_bytes() == before
    assert len(desk.events()) == 24


def _regrade(desk: Desk, points: float) -> events.Event:
    """A regrading that gives a question other points, as `regrade --apply` records it."""
    gradebook = desk.gradebook
    marking = marking_of(gradebook)
    gradebook.record_again("first", Verdict.scored("1b", points, 2), "another key")
    gradebook.record_ranks("1f", {"first": (points, "tier 1")} if points else {})
    return History(gradebook, "x").note(Action.REGRADE, (), *difference(marking, marking_of(gradebook)), "1 mark")


def test_undoing_a_regrading_gives_back_the_message_by_whichever_version(desk: Desk) -> None:
    gradebook = desk.gradebook
    gradebook.record("first", Verdict.scored("1b", 0, 2, "wrong", say("{name} is wrong", name="y")), "key")
    gradebook.record_ranks("1f", {"first": (1, "tier 1")})
    before, marking = gradebook.verdicts("first"), marking_of(gradebook)
    for earlier in (False, True):
        gradebook.record_again("first", Verdict.scored("1b", 2, 2, "", say("{name} is right", name="y")), "another key")
        gradebook.record_ranks("1f", {})
        change = difference(marking, marking_of(gradebook))
        if earlier:  # when neither what messages are made of nor evidence was in an event
            for value in change:
                value["verdicts"] = [[*key, row and row[:8]] for *key, row in value["verdicts"]]
                value["ranks"] = [[*key, row and row[:2]] for *key, row in value["ranks"]]
        event = History(gradebook, "x").note(Action.REGRADE, ("first", "1b"), *change, ONE)
        assert gradebook.verdicts("first") != before
        desk.undo(event.id)
        assert gradebook.verdicts("first") == before


def test_an_event_says_which_person_it_is_about(desk: Desk) -> None:
    one = str(desk.person(ONE).number)
    adjusted, excused = desk.adjust(ONE, Decimal(1), "x"), desk.excuse(ONE, "ill")
    assert adjusted.person == excused.person == one
    appealed = open_appeal(desk, TWO, "1a", "Why?")
    assert str(appealed.id) in appealed.thing and appealed.person == desk.mark(TWO, "1a", 1, "x").person == ""


def test_an_event_that_later_ones_build_on_is_not_undone(desk: Desk) -> None:
    first = desk.mark(ONE, "1a", 1, "x")
    other = desk.mark(ONE, "1b", 1, "x")
    second = desk.mark(ONE, "1a", 2, "y")
    with pytest.raises(
        GradebookError, match=f"event {first.id}: later ones changed the same; undo them first: {second.id}$"
    ):
        desk.undo(first.id)
    undone = desk.undo(second.id)
    for number, problem in ((second.id, "was undone already"), (undone.id, "itself an undoing")):
        with pytest.raises(GradebookError, match=problem):
            desk.undo(number)
    desk.undo(first.id)
    desk.undo(other.id)
    exported = History(desk.gradebook).note(Action.EXPORT, ("canvas",), None, {}, "the class")
    with pytest.raises(GradebookError, match=f"event {exported.id} is an export, which is not undone"):
        desk.undo(exported.id)


def test_marks_are_given_while_a_class_is_graded(folder: Path) -> None:
    with Gradebook(folder, HW4) as grading, Gradebook(folder, HW4, alone=False) as other:
        Desk(other, "x").mark(ONE, "1a", 1, "x")
        grading.record("first", Verdict.scored("1b", 0, 2))
        Desk(other, "x").mark(ONE, "1b", 2, "y")
        assert [one.points for one in grading.verdicts("first")[:2]] == [1, 2]
        with pytest.raises(GradebookError, match="in use by another grader"):
            Gradebook(folder, HW4)
    (folder / FILE_NAME).unlink()
    with Gradebook(folder, HW4), pytest.raises(GradebookError, match="in use by another grader"):
        (folder / FILE_NAME).unlink()
        Gradebook(folder, HW4, alone=False)  # there is no file yet, so that one is being made


def test_marks_lists_what_needs_a_person(folder: Path, desk: Desk) -> None:
    gradebook = desk.gradebook
    gradebook.record("first", Verdict.ungraded("1c", 10, "sandbox", "It could not be asked.\nAgain."))
    gradebook.record("first", FULL[3].flagged("look here"))
    desk.mark(TWO, "2a", 3, "half of it")
    lines = {
        "--ungraded": "2024-20001 1c (first): UNGRADED, sandbox: It could not be asked. Again.",
        "--flagged": "2024-20001 1d (first): 5 points, flagged: look here",
        "--by-hand": "2024-20002 2a (third): 3 points by hand: half of it",
    }
    for option, line in lines.items():
        assert run("marks", folder, option) == (0, line)
    assert run("marks", folder) == (0, " ".join(["nobodys.zip: whose is it?", *lines.values()]))


def test_nothing_of_a_forgotten_student_is_kept(folder: Path, desk: Desk) -> None:
    desk.mark(TWO, "1a", 1, "a secret reason")
    desk.extend(desk.person(TWO), HW4.deadline, "another secret reason")
    digests = desk.gradebook.digests()
    digests.by_path["/a/class/third.zip"] = digests.by_path["/a/class/first.zip"] = (1, 2, 3), "digest"
    desk.gradebook.keep_digests(digests)
    (folder / "retraining").mkdir()
    (folder / "retraining" / "third-hw4_rnn.txt").write_text(TWO)
    (folder / "gradebook-format-0.sqlite").write_bytes(b"")
    code, said = run("forget", folder, TWO, "--sure")
    assert code == 0 and "nothing of 2024-20002 is kept any more" in said
    assert "gradebook-format-0.sqlite is a copy of an older format and may hold more: delete it" in said
    assert desk.gradebook.digests().by_path.keys() == {"/a/class/first.zip"}
    assert [grade.student.student_id for grade in grades_of(desk.gradebook)] == [ONE]
    assert not (folder / "students" / "third.html").exists() and desk.events(ONE) == []
    desk.gradebook._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"secret reason" not in content and TWO.encode() not in content
