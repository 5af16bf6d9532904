"""Attempts: what was handed in together, which one counts, and a gradebook that agrees with what lies there."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from marks import attempt_of, enter_marks
from surveys import ROOT, class_list, standings, survey_into, zipped

from autograder.course.late import Counts, LatePolicy
from autograder.course.manifest import Assignment, load
from autograder.desk.desk import Desk
from autograder.gradebook.file import GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import grades_of
from autograder.gradebook.reconcile import TooManyGoneError, reconcile
from autograder.gradebook.sheets import write_csv
from autograder.intake.timing import Timing
from autograder.marking.verdict import Verdict

PLAIN = load(ROOT)["hw4"]
HW4 = replace(PLAIN, counts=Counts.LAST, late=None)
ZERO = replace(PLAIN, counts=Counts.LAST_ON_TIME, late=LatePolicy(None, 0, timedelta(0)))
RNN, SEQ2SEQ, VIT = HW4.notebooks
ONE, TWO = "2024-20001", "2024-20002"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "class"
    made.mkdir()
    return made


@pytest.fixture
def gradebook(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook(tmp_path / "grades", HW4) as opened:
        yield opened


def pack(folder: Path, name: str, text: str = "") -> None:
    """A submission; archives hold all notebooks, and `text` makes their content."""
    content = b'{"a": "%s"}' % text.encode()
    if name.endswith(".zip"):
        zipped(folder / name, dict.fromkeys(HW4.notebooks, content))
    else:
        (folder / name).write_bytes(content)


def counting(gradebook: Gradebook, who: str = ONE) -> tuple[str, tuple[str, ...]]:
    return standings(gradebook)[who]


@pytest.mark.parametrize(
    ("names", "counts"),
    [
        (("one_48211_1001_2024-20001.zip", "one_48211_991_2024-20001-1.zip"), 0),
        (("2024-20001-10.zip", "2024-20001-9.zip"), 0),
        (("2024-20001 (2).zip", "2024-20001.zip"), 0),
        (("one_LATE_48211_1030_2024-20001.zip", "one_48211_1029_2024-20001.zip"), 0),
        (("2024-20001-1.zip", "2024-20001-2.zip", "2024-20001.zip"), 1),
    ],
)
def test_the_latest_counts(gradebook: Gradebook, folder: Path, names: tuple[str, ...], counts: int) -> None:
    for number, name in enumerate(names):
        pack(folder, name, str(number))
    survey_into(gradebook, folder)
    assert counting(gradebook) == (names[counts], ())
    (grade,) = grades_of(gradebook)
    assert f"{len(names)} attempts: '{names[counts]}' counts" in grade.notes


def test_what_nothing_tells_apart_is_a_question_that_has_an_answer(gradebook: Gradebook, folder: Path) -> None:
    names = ("2024-20001_a.zip", "2024-20001_b.zip")
    for name in names:
        pack(folder, name, name)
    survey_into(gradebook, folder)
    assert counting(gradebook)[1] == ("which is later? Nothing tells of '2024-20001_a.zip', '2024-20001_b.zip'",)
    (grade,) = grades_of(gradebook)
    assert not grade.ready and not grade.ungraded  # both are graded meanwhile
    event = Desk(gradebook).assign("2024-20001_a.zip", ONE)
    assert counting(gradebook) == (names[0], ())
    Desk(gradebook).undo(event.id)
    assert counting(gradebook)[1]


def test_one_that_can_be_read_counts_whatever_comes_later(gradebook: Gradebook, folder: Path) -> None:
    pack(folder, "2024-20001.zip")
    (folder / "2024-20001-1.zip").write_bytes(b"PK\x03\x04 broken")
    survey_into(gradebook, folder)
    assert counting(gradebook) == ("2024-20001.zip", ())


@pytest.mark.parametrize("prefix", ["one_48211_{}_", "Eins Student_48211_assignsubmission_file_"])
def test_files_that_complete_each_other_are_one_attempt(gradebook: Gradebook, folder: Path, prefix: str) -> None:
    for number, name in enumerate((*HW4.notebooks, "remarks.pdf")):
        pack(folder, prefix.format(990 + number) + name, name)
    (found, *others) = survey_into(gradebook, folder)
    assert len(found.sources) == 4 and not others and not found.error
    assert set(found.notebooks) == set(HW4.notebooks) and not found.missing
    assert not [repair for repair in found.repairs if repair.kind == "no archive"]


def test_a_notebook_that_is_handed_in_again_replaces_that_one_alone(gradebook: Gradebook, folder: Path) -> None:
    for number, name in enumerate(("hw4_rnn.ipynb", "hw4_vit.ipynb", "hw4_vit-1.ipynb")):
        pack(folder, f"one_48211_{990 + number}_{name}", str(number))
    survey_into(gradebook, folder)
    assert counting(gradebook, "48211")[0] == "one_48211_990_hw4_rnn.ipynb; one_48211_992_hw4_vit-1.ipynb"
    (grade,) = grades_of(gradebook)
    assert "missing: hw4_seq2seq.ipynb" in grade.notes


def test_archives_are_attempts_of_their_own_and_late_files_too(gradebook: Gradebook, folder: Path) -> None:
    pack(folder, "one_48211_990_2024-20001.zip", "a")
    pack(folder, "one_48211_991_hw4_vit.ipynb", "b")
    pack(folder, "two_48212_992_hw4_vit.ipynb", "c")
    pack(folder, "two_LATE_48212_993_hw4_rnn.ipynb", "d")
    found = survey_into(gradebook, folder)
    assert [len(one.sources) for one in found] == [1, 1, 1, 1]


# What lies there, and what the gradebook holds


def test_who_handed_in_nothing_has_a_row_until_something_arrives(gradebook: Gradebook, folder: Path) -> None:
    roster = folder.parent / "roster.csv"
    roster.write_text(f"student_id,name\n{ONE},One\n{TWO},Two\n")
    pack(folder, f"{ONE}.zip")
    survey_into(gradebook, folder, roster)
    Desk(gradebook).mark(TWO, "1a", 2, "asked in person")
    first, second = grades_of(gradebook)
    assert (second.student.name, float(second.total), second.sources) == ("Two", 2, ())
    assert "nothing was handed in" in second.notes
    pack(folder, f"{TWO}.zip", "late")
    survey_into(gradebook, folder, roster)
    second = grades_of(gradebook)[1]
    assert second.sources == (f"{TWO}.zip",) and second.total > 2
    assert second.notes == ("a mark by hand from before anything was handed in does not count",)
    (folder / f"{TWO}.zip").unlink()
    survey_into(gradebook, folder, roster)
    assert "nothing was handed in" in grades_of(gradebook)[1].notes and grades_of(gradebook)[1].total == 2


def test_a_roster_holds_until_there_is_another(gradebook: Gradebook, folder: Path) -> None:
    roster = folder.parent / "roster.csv"
    roster.write_text(f"student_id,name\n{ONE},One\n{TWO},Two\n")
    pack(folder, f"{ONE}.zip")
    for given in (roster, None):
        survey_into(gradebook, folder, given)
        assert [grade.student.name for grade in grades_of(gradebook)] == ["One", "Two"]
        assert not any("roster" in note for grade in grades_of(gradebook) for note in grade.notes)
    roster.write_text("student_id,name\n2024-20003,Three\n")
    survey_into(gradebook, folder, roster)
    first, third = grades_of(gradebook)
    assert (first.student.student_id, third.student.student_id) == (ONE, "2024-20003")
    assert "whose is it? Student ID 2024-20001 is not on the roster" in first.open_questions


def test_what_is_gone_leaves_the_grades_and_stays_in_the_gradebook(gradebook: Gradebook, folder: Path) -> None:
    for number in range(20):
        pack(folder, f"2024-{20000 + number}.zip", str(number))
    survey_into(gradebook, folder)
    (folder / "2024-20000.zip").unlink()
    survey_into(gradebook, folder, gone=False)
    assert len(grades_of(gradebook)) == 19 and gradebook.attempt("2024-20000").gone
    with pytest.raises(GradebookError, match="is gone"):
        Desk(gradebook).mark("2024-20000.zip", "1a", 1, "x")
    for number in (1, 2, 3):
        (folder / f"2024-{20000 + number}.zip").unlink()
    with pytest.raises(TooManyGoneError, match="3 of the 19 attempts that were there are gone"):
        survey_into(gradebook, folder, gone=False)
    assert len(grades_of(gradebook)) == 19  # nothing has changed
    survey_into(gradebook, folder)
    assert len(grades_of(gradebook)) == 16


def test_one_submission_of_a_class_leaves_the_others_alone(gradebook: Gradebook, folder: Path) -> None:
    for name in (f"{ONE}.zip", f"{TWO}.zip"):
        pack(folder, name, name)
    survey_into(gradebook, folder)
    pack(folder, f"{TWO}.zip", "another text")
    survey_into(gradebook, folder / f"{TWO}.zip")
    assert counting(gradebook) == (f"{ONE}.zip", ())
    assert len(list(gradebook.attempts())) == 3


def test_three_people_may_hand_in_the_same_file(gradebook: Gradebook, folder: Path) -> None:
    for number in (1, 2, 3):
        pack(folder, f"s{number}_4821{number}_99{number}_hw.zip", "the same")
    survey_into(gradebook, folder)
    (folder / "s1_48211_991_hw.zip").rename(folder / "s1_48211_991_hw-1.zip")
    (folder / "s2_48212_992_hw.zip").unlink()
    pack(folder, "s4_48214_994_hw.zip", "the same")
    found = {one.submission_id: one.identity for one in survey_into(gradebook, folder)}
    assert found == {
        "s1_48211_991_hw": "canvas 48211",
        "s3_48213_993_hw": "canvas 48213",
        "s4_48214_994_hw": "canvas 48214",
    }
    assert gradebook.attempt("s2_48212_992_hw").gone


def test_a_mark_stays_with_its_attempt(gradebook: Gradebook, folder: Path) -> None:
    pack(folder, f"{ONE}.zip")
    survey_into(gradebook, folder)
    Desk(gradebook).mark(ONE, "1a", 0.5, "x")
    (folder / f"{ONE}.zip").rename(folder / f"{ONE}_final.zip")
    survey_into(gradebook, folder)
    assert grades_of(gradebook)[0].verdicts[0].points == 0.5
    pack(folder, f"{ONE}-1.zip", "better")
    (folder / f"{ONE}_final.zip").rename(folder / f"{ONE}.zip")
    survey_into(gradebook, folder)
    (grade,) = grades_of(gradebook)
    assert grade.verdicts[0].points == 3 and f"a mark by hand on '{ONE}.zip' does not count" in grade.notes


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_arrivals_gives_the_same_grades(tmp_path: Path, seed: int) -> None:
    files = {
        "one_48211_991_2024-20001.zip": "a",
        "one_LATE_48211_995_2024-20001-1.zip": "bb",
        "two_48212_992_hw4_rnn.ipynb": "c",
        "two_48212_993_hw4_vit.ipynb": "ddd",
        "2024-20003.zip": "e",
        "2024-20003 (1).zip": "ff",
        "three_48213_994_2024-20004.zip": "a",
        "homework.zip": "g",
    }
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "student_id,lms_id,name\n2024-20001,48211,One\n2024-20002,48212,Two\n2024-20003,,Three\n2024-20005,,Five\n"
    )
    random_order = random.Random(seed)
    print("seed", seed)

    def grades(name: str, steps: list[list[str]]) -> bytes:
        folder = tmp_path / name / "class"
        folder.mkdir(parents=True)
        with Gradebook(tmp_path / name / "grades", ZERO) as gradebook:
            for step in steps:
                for file in step:
                    pack(folder, file, files[file])
                survey_into(gradebook, folder, roster)
            write_csv(gradebook)
        return (tmp_path / name / "grades" / "grades.csv").read_bytes()

    names = random_order.sample(list(files), len(files))
    cuts = sorted(random_order.sample(range(1, len(names)), 3))
    steps = [names[a:b] for a, b in itertools.pairwise([0, *cuts, len(names)])]
    assert grades("once", [list(files)]) == grades("in steps", [*steps, []])


# Time


def at(hours: float) -> datetime:
    return PLAIN.deadline.astimezone(UTC) + timedelta(hours=hours)


def percent_policy(**changes: object) -> Assignment:
    policy = replace(LatePolicy(None, 3, timedelta(minutes=15)), **changes)  # type: ignore[arg-type]
    return replace(PLAIN, late=policy, counts=Counts.LAST_ON_TIME)


@pytest.mark.parametrize(
    ("timing", "late", "question"),
    [
        (Timing(), 0, ""),
        (Timing(at(0)), 0, ""),
        (Timing(at(0.25)), 0, ""),
        (Timing(at(0.3)), -10, ""),
        (Timing(at(24)), -10, ""),
        (Timing(at(24.1)), -20, ""),
        (Timing(at(72)), -30, ""),
        (Timing(at(72.1)), -100, ""),
        (Timing(at(-1), late=True), 0, ""),  # a known time counts before the mark
        (Timing(late=True), 0, "how late? It is marked LATE, and nothing tells its time"),
    ],
)
def test_days_cost_percent(tmp_path: Path, timing: Timing, late: int, question: str) -> None:
    with Gradebook(tmp_path, percent_policy(per_day=Decimal(10))) as gradebook:
        full = [Verdict.scored(label, points, points) for label, points in PLAIN.questions.items()]
        enter_marks(gradebook, attempt_of(ONE, timing=timing), full)
        (grade,) = grades_of(gradebook)
    assert [*map(float, (grade.earned, grade.late, grade.total))] == [100, late, 100 + late]
    assert grade.open_questions == ((question,) if question else ())


@pytest.mark.parametrize(
    ("timing", "until", "late"),
    [
        (Timing(late=True), None, -100),
        (Timing(at(0)), None, 0),
        (Timing(at(0.01)), None, -100),
        (Timing(at(3)), 4, 0),
        (Timing(at(5)), 4, -100),
    ],
)
def test_zero_takes_all_unless_an_extension_gives_time(
    tmp_path: Path, timing: Timing, until: float | None, late: int
) -> None:
    with Gradebook(tmp_path, ZERO) as gradebook:
        full = [Verdict.scored(label, points, points) for label, points in PLAIN.questions.items()]
        notes = ("marked LATE by the LMS",) if timing.late else ()
        enter_marks(gradebook, attempt_of(ONE, timing=timing, notes=notes), full)
        desk = Desk(gradebook)
        if timing.late:
            assert grades_of(gradebook)[0].notes == ("late, as the LMS marks it",)
        if until:
            event = desk.extend(desk.person(ONE), at(until), "ill")
        (grade,) = grades_of(gradebook)
        assert (float(grade.late), bool(grade.open_questions)) == (late, False)
        if until:
            assert ("in time by the extension (ill)" in grade.notes) == (late == 0)
            desk.undo(event.id)
            assert grades_of(gradebook)[0].late == -100


def test_an_extension_and_a_late_mark_without_a_time_is_a_question(tmp_path: Path) -> None:
    with Gradebook(tmp_path, ZERO) as gradebook:
        enter_marks(gradebook, attempt_of(ONE, timing=Timing(late=True)))
        desk = Desk(gradebook)
        desk.extend(desk.person(ONE), PLAIN.deadline.replace(tzinfo=None) + timedelta(days=2), "ill")
        assert grades_of(gradebook)[0].open_questions[0].startswith("how late?")


@pytest.mark.parametrize(
    ("counts", "expected"), [(Counts.LAST_ON_TIME, "b.zip"), (Counts.LAST, "c.zip"), (Counts.BEST, "a.zip")]
)
def test_which_of_three_attempts_counts(tmp_path: Path, counts: Counts, expected: str) -> None:
    with Gradebook(tmp_path, replace(ZERO, counts=counts)) as gradebook:
        for name, hours, points in (("a", -9, 3), ("b", -1, 2), ("c", 9, 3)):
            timing = Timing(at(hours))
            enter_marks(gradebook, attempt_of(name, ONE, timing=timing), [Verdict.scored("1a", points, 3)])
        (grade,) = grades_of(gradebook)
        assert grade.sources == (expected,)


def test_of_late_attempts_alone_the_last_counts(tmp_path: Path) -> None:
    with Gradebook(tmp_path, ZERO) as gradebook:
        for name, hours in (("a", 1), ("b", 2)):
            enter_marks(gradebook, attempt_of(name, ONE, timing=Timing(at(hours))))
        assert grades_of(gradebook)[0].sources == ("b.zip",)


def test_times_that_the_lms_tells_are_those_of_the_last_attempt(tmp_path: Path, folder: Path) -> None:
    for number, text in enumerate("ab"):
        pack(folder, f"one_48211_99{number}_{ONE}.zip", text)
    pack(folder, f"{TWO}.zip", "c")
    times = tmp_path / "times.csv"
    times.write_text(f"ID,submitted_at\n48211,2024-06-14T18:30:00\n{TWO},2024-06-14T08:59:00Z\n")
    found = class_list(ZERO, folder, times=times).attempts
    handed_in = {one.source_names[0]: one.timing.handed_in for one in found}
    zone = ZERO.deadline.tzinfo
    assert handed_in == {
        f"one_48211_990_{ONE}.zip": None,
        f"one_48211_991_{ONE}.zip": datetime(2024, 6, 14, 18, 30, tzinfo=zone),
        f"{TWO}.zip": datetime(2024, 6, 14, 17, 59, tzinfo=zone),
    }
    with Gradebook(tmp_path / "grades", ZERO) as gradebook:
        reconcile(gradebook, class_list(ZERO, folder, times=times), gone_agreed=True)
        first, second = grades_of(gradebook)
        assert first.sources == (f"one_48211_990_{ONE}.zip",)  # the later one is late
        assert not second.late
