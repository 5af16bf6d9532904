"""The gradebook keeps every mark, whole or not at all, for one assignment and one secret seed."""

import sqlite3
import subprocess
import sys
import threading
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from marks import attempt_of, enter_marks

from autograder.classroom.examiner import Examination, Outcome
from autograder.classroom.marker import Marker
from autograder.course.course import load_course
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.desk.desk import Desk
from autograder.gradebook.file import FILE_NAME, GradebookError, RecordError, assignment_of
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.rows import AttemptRow, Reading
from autograder.gradebook.snapshot import snapshot
from autograder.intake.submission import SubmissionState
from autograder.intake.timing import Timing
from autograder.marking.verdict import ASKED_AGAIN, State, Verdict, sum_verdicts
from autograder.messages import Language, join, say
from autograder.notebook.repair import Kind, Repair

ROOT = project_root(Path(__file__).parent)
ASSIGNMENTS = load(ROOT)
HW4 = ASSIGNMENTS["hw4"]
LABELS = list(HW4.questions)
TIMING = Timing(datetime(2024, 6, 14, 17, 59, tzinfo=UTC), True, 991234, 2)


def passing() -> list[Verdict]:
    return [Verdict.scored(label, points, points) for label, points in HW4.questions.items()]


def test_what_is_recorded_comes_back(tmp_path: Path) -> None:
    doubtful = Verdict("3b", 2.5, 10, State.PARTIAL, "single head", "line one\nline two", "66.10 %", ("flag", "또"))
    verdicts = [doubtful, Verdict.ungraded("3a", 5, "x", "y")]
    with Gradebook(tmp_path / "a" / "b", HW4) as gradebook:
        gradebook.start_run(2, ["Landlock", "seccomp"])
        about: dict[str, Any] = {"timing": TIMING, "open_questions": ("whose is it?",)}
        attempt = attempt_of("2024-20001", notes=("숙제", "b"), error="cut off", **about)
        enter_marks(gradebook, attempt, verdicts, 1.5)
    with Gradebook(tmp_path / "a" / "b", HW4) as gradebook:
        expected = AttemptRow(
            submission_id="2024-20001",
            students=("2024-20001",),
            sources=("2024-20001.zip",),
            identity="ID 2024-20001",
            digest="digest of 2024-20001",
            timing=TIMING,
            state=SubmissionState.READ,
            gone=False,
            notes=("숙제", "b"),
            error="cut off",
            seconds=1.5,
            repairs=(),
            open_questions=("whose is it?",),
            graded=gradebook.select("SELECT started FROM runs")[0][0],
            tier=2,
            layers=("Landlock", "seccomp"),
        )
        assert list(gradebook.attempts()) == [expected]
        assert gradebook.attempt("2024-20001") == expected
        found = gradebook.verdicts("2024-20001")
    assert [verdict.question for verdict in found] == LABELS
    by_label = {verdict.question: verdict for verdict in found}
    assert [by_label.pop("3b"), by_label.pop("3a")] == verdicts
    assert {verdict.state for verdict in by_label.values()} == {State.UNGRADED}


def test_a_message_comes_back_with_what_it_is_made_of(tmp_path: Path) -> None:
    said = join([say("{name} is wrong in {count} values", name="h\x1b[31m", count=3), "theirs"])
    by_rank = say("rank {rank}", rank=2)
    with Gradebook(tmp_path, HW4) as gradebook:
        enter_marks(gradebook, attempt_of("2024-20001"), [Verdict.scored("3b", 0, 10, "x", said)])
        gradebook.record_ranks("3b", {"2024-20001": (4.0, by_rank)})
        rows = gradebook.select("SELECT message FROM verdicts UNION SELECT message FROM ranks ORDER BY 1")
        found = next(one.message for one in gradebook.verdicts("2024-20001") if one.question == "3b")
    assert [row["message"] for row in rows] == ["h is wrong in 3 values\ntheirs", "rank 2"]  # for other programs
    korean = Language("ko", {"{name} is wrong in {count} values": "{name}: {count}개", "rank {rank}": "{rank}위"})
    assert korean.render(found) == "h: 3개\ntheirs\n2위"


def test_a_question_graded_again_replaces_its_mark_alone(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        enter_marks(gradebook, attempt_of("2024-20001"), passing(), 1)
        enter_marks(gradebook, attempt_of("2024-20001", "other"), [Verdict.scored(LABELS[0], 0, 5)], 2)
        (entry,) = gradebook.attempts()
        assert (entry.student_id, entry.seconds) == ("other", 3)
        points = [verdict.points for verdict in gradebook.verdicts("2024-20001")]
        assert points == [0, *list(HW4.questions.values())[1:]]


def test_keys_are_of_final_verdicts(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        gradebook.enter(attempt_of("2024-20001"))
        gradebook.record("2024-20001", passing()[0], "key of 1a")
        for diagnosis in ASKED_AGAIN:
            parts = [
                Verdict.ungraded("1b", 1, diagnosis, "it failed"),
                Verdict.scored("1b", 0, 1, "error", "it raised"),
            ]
            gradebook.record("2024-20001", sum_verdicts(parts), "key of 1b")
            assert gradebook.keys("2024-20001") == {"1a": "key of 1a"}
        assert gradebook.keys("nobody") == {}


def test_recordings_belong_to_their_verdict(tmp_path: Path) -> None:
    repaired = Repair(Kind.ENCODING, "hw4_rnn.ipynb: was UTF-16")
    reading = Reading("hw4_rnn.ipynb", "digest", "version", (repaired,), b"read")
    with Gradebook(tmp_path, HW4) as gradebook:
        gradebook.enter(attempt_of("2024-20001", notebooks={"hw4_rnn.ipynb": b""}))
        gradebook.record("2024-20001", passing()[0], "", {"test_a": b"A", "test_b": b"B"}, reading)
        gradebook.record("2024-20001", passing()[1], "", {"test_c": b"C"})
        assert gradebook.recordings("2024-20001", "1a") == {"test_a": b"A", "test_b": b"B"}
        gradebook.record("2024-20001", passing()[0], "", {"test_a": b"new"})
        assert gradebook.recordings("2024-20001", "1a") == {"test_a": b"new"}
        assert gradebook.recordings("2024-20001", "1b") == {"test_c": b"C"}
        assert gradebook.readings("2024-20001") == {"hw4_rnn.ipynb": reading}
        named = Repair(Kind.ARCHIVE_NAME, "the archive is called x")
        gradebook.enter(
            attempt_of("2024-20001", notebooks={"hw4_rnn.ipynb": b""}, notes=(named.note,), repairs=(named,))
        )
        entry = gradebook.attempt("2024-20001")
        assert (entry.repairs, entry.notes) == ((named, repaired), (named.note, repaired.note))
        gradebook.enter(attempt_of("2024-20001"))
        entry = gradebook.attempt("2024-20001")
        assert (entry.repairs, entry.notes) == ((), ())
        assert gradebook.readings("2024-20001") == {}


def test_a_mark_given_by_hand_counts_until_it_is_taken_back(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        enter_marks(gradebook, attempt_of("2024-20001"), passing(), 1)
        desk = Desk(gradebook)
        desk.mark("2024-20001", "1c", 7.5, "the idea\x1b[2J is right")
        gradebook.record("2024-20001", Verdict.scored("1c", 0, 10, "wrong values", "…"))
        found = gradebook.verdicts("2024-20001")[2]
        assert found == Verdict("1c", 7.5, 10, State.PARTIAL, "marked by hand", "the idea is right")
        assert gradebook.verdicts("2024-20001", by_hand=False)[2].diagnosis == "wrong values"
        desk.mark("2024-20001", "1c", None, "")
        assert gradebook.verdicts("2024-20001")[2].diagnosis == "wrong values"


def test_what_training_again_told_stays_when_the_question_is_graded_again(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        enter_marks(gradebook, attempt_of("2024-20001"), passing(), 1)
        for sentence in ("reached 12 %", "reached 13 %"):
            gradebook.record_retraining("2024-20001", "hw4_rnn.ipynb", "key", {"1f": sentence, "9z": "nothing"})
        gradebook.record("2024-20001", Verdict("1f", 5, 5, State.PASS, flags=("typed",)))
        assert gradebook.verdicts("2024-20001")[5].flags == ("typed", "reached 13 %")
        assert gradebook.retrainings("2024-20001") == {"hw4_rnn.ipynb": "key"}


def test_a_transaction_within_another_is_kept_or_undone_with_it(tmp_path: Path) -> None:
    first, second, *_ = passing()
    with Gradebook(tmp_path, HW4) as gradebook:
        enter_marks(gradebook, attempt_of("a"), [first])
        with pytest.raises(GradebookError), gradebook.transaction():
            gradebook.record("a", second)
            gradebook.record("nobody", second)
        assert list(gradebook.keys("a")) == [first.question]
        with gradebook.transaction():
            gradebook.record("a", second)
        assert list(gradebook.keys("a")) == [first.question, second.question]
        assert gradebook.diagnosed("") == {"a"} and gradebook.diagnosed("time limit") == set()


def test_one_answer_that_cannot_be_kept_costs_none_that_came_before(tmp_path: Path) -> None:
    first, second, third, *_ = passing()
    with Gradebook(tmp_path, HW4) as gradebook:
        enter_marks(gradebook, attempt_of("a"))
        marker = Marker(ROOT, load_course(ROOT, HW4), gradebook, lambda: None)
        outcomes = [
            Outcome(first, 1.0, {}),
            Outcome(second, 1 << 70, {}),
            Outcome(third, 1.0, {}),
        ]  # no such number fits
        with pytest.raises(RecordError):
            marker.keep(attempt_of("a"), Examination("hw4_rnn.ipynb", b"{}", []), outcomes)
        assert list(gradebook.keys("a")) == [first.question]


def test_what_is_tried_is_undone_unless_it_is_kept(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        enter_marks(gradebook, attempt_of("2024-20001"), passing(), 1)
        for keep, points in ((False, 3), (True, 1)):
            with gradebook.trial(keep):
                gradebook.record_again("2024-20001", Verdict.scored("1a", 1, 3), "other key")
                assert gradebook.verdicts("2024-20001")[0].points == 1
            assert gradebook.verdicts("2024-20001")[0].points == points
        with pytest.raises(ZeroDivisionError), gradebook.trial(keep=True):
            gradebook.record_again("2024-20001", Verdict.scored("1a", 0, 3), "")
            raise ZeroDivisionError
        assert gradebook.verdicts("2024-20001")[0].points == 1


def test_what_is_computed_is_computed_again_after_any_change(tmp_path: Path) -> None:
    def count(gradebook: Gradebook) -> int:
        return len(list(gradebook.attempts()))

    with Gradebook(tmp_path, HW4) as gradebook, Gradebook(tmp_path, HW4, alone=False) as other:
        assert (gradebook.computed(count), gradebook.is_computed(count)) == (0, True)
        for number, one in enumerate((gradebook, other), 1):
            one.enter(attempt_of(f"2024-2000{number}"))
            assert not gradebook.is_computed(count)
            assert gradebook.computed(count) == number
        with gradebook.trial(keep=False):
            gradebook.enter(attempt_of("2024-20009"))
            assert gradebook.computed(count) == 3
        assert gradebook.computed(count) == 2


def test_a_snapshot_shares_what_is_computed_until_something_changes(tmp_path: Path) -> None:
    counts = list[int]()

    def count(gradebook: Gradebook) -> int:
        counts.append(len(list(gradebook.attempts())))
        return counts[-1]

    with Gradebook(tmp_path, HW4) as gradebook, Gradebook(tmp_path, HW4, alone=False) as other:
        gradebook.enter(attempt_of("2024-20001"))
        gradebook.pseudonym_key()  # which the first snapshot draws
        assert gradebook.computed(count) == 1
        with snapshot(gradebook) as still:
            assert still.computed(count) == 1
        assert counts == [1]
        gradebook.enter(attempt_of("2024-20002"))
        with snapshot(gradebook) as still:
            assert still.computed(count) == 2
        assert gradebook.computed(count) == 2 and counts == [1, 2]
        for number, one in enumerate((gradebook, other), 3):
            with snapshot(gradebook) as still:
                one.enter(attempt_of(f"2024-2000{number}"))
                assert (still.computed(count), gradebook.computed(count)) == (number - 1, number)
            assert gradebook.computed(count) == number


def test_secret_cases_are_kept_under_their_version(tmp_path: Path) -> None:
    cases = {"gru": [("b", b"1"), ("a", b"2")], "swin": [("c", b"3")]}
    with Gradebook(tmp_path, HW4) as gradebook:
        gradebook.keep_cases("new", cases)
        assert gradebook.kept_cases("new") == cases
        assert gradebook.kept_cases("old") == {}
        gradebook.keep_cases("new", {"vit": [("d", b"4")]})
        assert gradebook.kept_cases("new") == {**cases, "vit": [("d", b"4")]}
        gradebook.keep_cases("newer", {"gru": [("b", b"5")]})
        assert (gradebook.kept_cases("new"), gradebook.kept_cases("newer")) == ({}, {"gru": [("b", b"5")]})


def test_the_time_limit_is_remembered(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        assert gradebook.limit_seconds(None) is None
        assert [gradebook.limit_seconds(given) for given in (2.5, None, 3)] == [2.5, 2.5, 3]


@pytest.mark.slow
def test_a_second_grader_is_refused_until_the_first_has_gone(tmp_path: Path) -> None:
    script = f"""if True:
        import time
        from autograder.gradebook.gradebook import Gradebook
        from autograder.course.manifest import load
        from autograder.course.root import project_root
        from pathlib import Path
        book = Gradebook(Path({str(tmp_path)!r}), load(project_root())["hw4"])
        print("open", flush=True)
        time.sleep(600)
    """
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT) as other:
        assert other.stdout and other.stdout.readline() == "open\n"
        with pytest.raises(GradebookError, match="is in use by another grader"):
            Gradebook(tmp_path, HW4)
        other.kill()
    with Gradebook(tmp_path, HW4) as gradebook, pytest.raises(GradebookError, match="is in use by another grader"):
        Gradebook(gradebook.folder, HW4)
    Gradebook(tmp_path, HW4).close()


def test_the_assignment_of_a_folder_is_known(tmp_path: Path) -> None:
    with pytest.raises(GradebookError, match="no such file; expected the folder that `autograder grade --out` named"):
        assignment_of(tmp_path)
    Gradebook(tmp_path, HW4).close()
    assert assignment_of(tmp_path) == "hw4"
    (tmp_path / FILE_NAME).write_text("my grades: " * 200)
    with pytest.raises(GradebookError, match="cannot be read: file is not a database"):
        assignment_of(tmp_path)


def test_each_submission_keeps_how_it_was_isolated_at_its_weakest(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        enter_marks(gradebook, attempt_of("a"), [], 1)
        for tier, layers in ((1, ["namespaces"]), (2, ["seccomp"])):
            gradebook.start_run(tier, layers)
            enter_marks(gradebook, attempt_of(f"b{tier}"), passing(), 1)
        gradebook.record("b1", passing()[3])
        gradebook.start_run(1, ["namespaces"])
        gradebook.record("b2", passing()[3])
        found = [(entry.tier, entry.layers) for entry in gradebook.attempts()]
    assert found == [(0, ()), (2, ("seccomp",)), (2, ("seccomp",))]


def test_marks_are_for_their_owner_alone(tmp_path: Path) -> None:
    with Gradebook(tmp_path / "grades", HW4) as gradebook:
        enter_marks(gradebook, attempt_of("2024-20001"), passing())
        files = [tmp_path / "grades", *(tmp_path / "grades").glob(f"{FILE_NAME}*")]
        assert len(files) == 4 and not [path for path in files if path.stat().st_mode & 0o077]


def test_the_secret_seed_is_drawn_once(tmp_path: Path) -> None:
    with Gradebook(tmp_path / "one", HW4) as gradebook:
        seed = gradebook.secret_seed(None)
        assert gradebook.secret_seed(None) == seed
        assert 0 <= seed < 2**63
    with Gradebook(tmp_path / "one", HW4) as gradebook:
        assert gradebook.secret_seed(None) == gradebook.secret_seed(seed) == seed
    with Gradebook(tmp_path / "two", HW4) as gradebook:
        assert gradebook.secret_seed(None) != seed


def test_a_fixed_seed_is_kept_and_another_one_refused(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        assert gradebook.secret_seed(7) == 7
        with pytest.raises(GradebookError, match="another secret seed"):
            gradebook.secret_seed(8)
        assert gradebook.secret_seed(None) == 7


def test_facts_about_the_whole_are_kept(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        started = gradebook.meta("started")
        assert gradebook.meta("assignment") == "hw4"
        assert started.endswith("+00:00")
        assert gradebook.meta("secret_seed") == ""
    with Gradebook(tmp_path, HW4) as gradebook:
        assert gradebook.meta("started") == started


def test_another_assignments_gradebook_is_refused(tmp_path: Path) -> None:
    Gradebook(tmp_path, HW4).close()
    with pytest.raises(GradebookError, match=r"holds the marks of another assignment \(hw4, not assignment2\)"):
        Gradebook(tmp_path, ASSIGNMENTS["assignment2"])


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("my grades: " * 200)
    with pytest.raises(GradebookError, match=r"gradebook.sqlite: cannot be read or written: file is not a database"):
        Gradebook(tmp_path, HW4)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("CREATE TABLE photos (name TEXT)")
    connection.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(GradebookError, match="is a database, but no gradebook"):
        Gradebook(tmp_path, HW4)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GradebookError, match="cannot be opened or created"):
        Gradebook(tmp_path / "file" / "grades", HW4)
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(GradebookError, match="unable to open database file"):
        Gradebook(tmp_path, HW4)


def test_a_read_only_gradebook_is_an_error(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        gradebook._connection.execute("PRAGMA query_only = ON")
        with pytest.raises(GradebookError, match="readonly database"):
            enter_marks(gradebook, attempt_of("2024-20001"), passing(), 1)


def test_a_full_disk_loses_nothing_that_was_there(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        enter_marks(gradebook, attempt_of("2024-20001"), passing(), 1)
        pages = gradebook._connection.execute("PRAGMA page_count").fetchone()[0]
        gradebook._connection.execute(f"PRAGMA max_page_count = {pages}")
        long = [Verdict.scored(label, 0, points, "", "x" * 3900) for label, points in HW4.questions.items()]
        with pytest.raises(GradebookError, match="full"):
            for _ in range(20):
                enter_marks(gradebook, attempt_of("2024-20001", notes=("n" * 300,) * 50), long, 1)
        assert [verdict.points for verdict in gradebook.verdicts("2024-20001")] == list(HW4.questions.values())


def test_a_verdict_about_nothing_in_the_manifest_is_refused(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        with pytest.raises(ValueError, match="9z is no question of hw4"):
            enter_marks(gradebook, attempt_of("2024-20001"), [Verdict.scored("9z", 1, 1)], 1)
        with pytest.raises(GradebookError, match="has no attempt nobody"):
            gradebook.attempt("nobody")
        with pytest.raises(GradebookError, match="FOREIGN KEY"):
            gradebook.record("nobody", passing()[0])


def test_text_from_students_is_plain_once_it_is_in(tmp_path: Path) -> None:
    nasty = "\x1b[31mred\x1b]0;title\x07\x00 \ud800\u202eend\rnext"
    with Gradebook(tmp_path, HW4) as gradebook:
        verdict = Verdict.scored(LABELS[0], 0, 5, nasty, nasty)
        enter_marks(gradebook, attempt_of("2024-20001", nasty, notes=(nasty,), error=nasty), [verdict], 1)
        entry = gradebook.attempt("2024-20001")
        found = gradebook.verdicts("2024-20001")[0]
    assert (entry.student_id, entry.error, entry.notes) == ("red ?end next", "red ?end next", ("red ?end next",))
    assert (found.diagnosis, found.message) == ("red ?end next", "red ?end\nnext")


def test_long_text_is_cut(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        enter_marks(
            gradebook,
            attempt_of("2024-20001", notes=("n" * 999,)),
            [Verdict.scored(LABELS[0], 0, 5, "d" * 999, "m" * 10**6)],
            1,
        )
        found = gradebook.verdicts("2024-20001")[0]
        assert [len(found.diagnosis), len(found.message)] == [80, 4000]
        assert found.message.endswith("m…")
        assert len(gradebook.attempt("2024-20001").notes[0]) == 300


def test_several_threads_record_at_once(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        failures: list[BaseException] = []

        def work(thread: int) -> None:
            try:
                for number in range(20):
                    submission_id = f"{thread}-{number}"
                    enter_marks(gradebook, attempt_of(submission_id), passing(), 1)
                    assert len(gradebook.verdicts(submission_id)) == len(LABELS)
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(list(gradebook.attempts())) == 80


def test_entries_come_in_order_across_pages_and_while_others_write(tmp_path: Path) -> None:
    submission_ids = [f"s{number:03}" for number in range(250)]
    with Gradebook(tmp_path, HW4) as gradebook:
        gradebook._connection.execute("PRAGMA synchronous = OFF")
        for submission_id in reversed(submission_ids):
            enter_marks(gradebook, attempt_of(submission_id), [], 1)
        found = []
        for entry in gradebook.attempts():
            found.append(entry.submission_id)
            enter_marks(gradebook, attempt_of(entry.submission_id), passing(), 1)
    assert found == submission_ids


def test_iterating_needs_no_more_memory_for_more_submissions(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        with Gradebook(tmp_path / str(count), HW4) as gradebook:
            gradebook._connection.execute("PRAGMA synchronous = OFF")
            for number in range(count):
                enter_marks(gradebook, attempt_of(f"{number:04}", notes=("n" * 300,) * 10), [], 1)
            tracemalloc.start()
            assert sum(1 for _ in gradebook.attempts()) == count
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return found

    assert peak(600) < 1.5 * peak(150)
