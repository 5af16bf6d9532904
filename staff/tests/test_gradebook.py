"""The gradebook keeps every mark, whole or not at all, for one assignment and one secret seed."""

import sqlite3
import threading
import tracemalloc
from pathlib import Path

import pytest

from autograder.gradebook import FILE_NAME, Gradebook, GradebookError
from autograder.gradebook_tables import Entry
from autograder.intake.submission import Submission
from autograder.manifest import load, project_root
from autograder.verdict import State, Verdict

ASSIGNMENTS = load(project_root(Path(__file__).parent))
HW4 = ASSIGNMENTS["hw4"]
LABELS = list(HW4.questions)


def submission(stem: str = "2024-20001", **changes: object) -> Submission:
    about: dict[str, object] = {
        "student_id": stem,
        "notebooks": {},
        "files": [],
        "missing": [],
        "notes": [],
        "error": "",
    }
    return Submission(stem=stem, source=Path("/somewhere") / f"{stem}.zip", **about | changes)  # type: ignore[arg-type]


def passing() -> list[Verdict]:
    return [Verdict.scored(label, points, points) for label, points in HW4.questions.items()]


def test_what_is_recorded_comes_back(tmp_path: Path) -> None:
    doubtful = Verdict("3b", 2.5, 10, State.PARTIAL, "single head", "line one\nline two", "66.10 %", ("flag", "또"))
    verdicts = [doubtful, Verdict.ungraded("3a", 5, "x", "y")]
    with Gradebook(tmp_path / "a" / "b", HW4) as gradebook:
        gradebook.set_isolation(2, ["Landlock", "seccomp"])
        gradebook.record(submission(notes=["숙제", "b"], error="cut off"), verdicts, 1.5)
    with Gradebook(tmp_path / "a" / "b", HW4) as gradebook:
        expected = Entry(
            "2024-20001", "2024-20001.zip", "2024-20001", ("숙제", "b"), "cut off", 1.5, 2, ("Landlock", "seccomp")
        )
        assert list(gradebook.entries()) == [expected]
        assert gradebook.entry("2024-20001") == expected
        found = gradebook.verdicts("2024-20001")
    assert [verdict.question for verdict in found] == LABELS
    by_label = {verdict.question: verdict for verdict in found}
    assert [by_label.pop("3b"), by_label.pop("3a")] == verdicts
    assert {verdict.state for verdict in by_label.values()} == {State.UNGRADED}


def test_a_submission_graded_again_replaces_its_marks(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        gradebook.record(submission(), passing(), 1)
        gradebook.record(submission(student_id="other"), [Verdict.scored(LABELS[0], 0, 5)], 1)
        assert [entry.student_id for entry in gradebook.entries()] == ["other"]
        assert [verdict.points for verdict in gradebook.verdicts("2024-20001")] == [0] * len(LABELS)


def test_each_submission_keeps_how_it_was_isolated(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        gradebook.record(submission("a"), [], 1)
        gradebook.set_isolation(1, ["namespaces"])
        gradebook.record(submission("b"), [], 1)
        gradebook.set_isolation(4, [])
        gradebook.record(submission("c"), [], 1)
        assert [(entry.tier, entry.layers) for entry in gradebook.entries()] == [(0, ()), (1, ("namespaces",)), (4, ())]


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
        assert gradebook.meta("tier") == ""
    with Gradebook(tmp_path, HW4) as gradebook:
        assert gradebook.meta("started") == started


def test_another_assignments_gradebook_is_refused(tmp_path: Path) -> None:
    Gradebook(tmp_path, HW4).close()
    with pytest.raises(GradebookError, match=r"holds the marks of another assignment \(hw4, not assignment2\)"):
        Gradebook(tmp_path, ASSIGNMENTS["assignment2"])


def test_another_versions_gradebook_is_refused(tmp_path: Path) -> None:
    Gradebook(tmp_path, HW4).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE meta SET value = '0' WHERE key = 'version'")
    connection.close()
    with pytest.raises(GradebookError, match="written by another version"):
        Gradebook(tmp_path, HW4)


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
            gradebook.record(submission(), passing(), 1)


def test_a_full_disk_loses_nothing_that_was_there(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        gradebook.record(submission(), passing(), 1)
        pages = gradebook._connection.execute("PRAGMA page_count").fetchone()[0]
        gradebook._connection.execute(f"PRAGMA max_page_count = {pages}")
        long = [Verdict.scored(label, 0, points, "", "x" * 3900) for label, points in HW4.questions.items()]
        with pytest.raises(GradebookError, match="full"):
            for _ in range(20):
                gradebook.record(submission(notes=["n" * 300] * 50), long, 1)
        assert [verdict.points for verdict in gradebook.verdicts("2024-20001")] == list(HW4.questions.values())


def test_a_verdict_about_nothing_in_the_manifest_is_refused(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        with pytest.raises(ValueError, match="9z is no question of hw4"):
            gradebook.record(submission(), [Verdict.scored("9z", 1, 1)], 1)
        assert list(gradebook.entries()) == []
        with pytest.raises(GradebookError, match="has no submission 2024-20001"):
            gradebook.entry("2024-20001")


def test_one_question_marked_twice_is_refused_whole(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        with pytest.raises(GradebookError, match="UNIQUE"):
            gradebook.record(submission(), [*passing(), passing()[0]], 1)
        assert list(gradebook.entries()) == []


def test_text_from_students_is_plain_once_it_is_in(tmp_path: Path) -> None:
    nasty = "\x1b[31mred\x1b]0;title\x07\x00 \ud800\u202eend\rnext"
    with Gradebook(tmp_path, HW4) as gradebook:
        verdict = Verdict.scored(LABELS[0], 0, 5, nasty, nasty)
        gradebook.record(submission(student_id=nasty, notes=[nasty], error=nasty), [verdict], 1)
        entry = gradebook.entry("2024-20001")
        found = gradebook.verdicts("2024-20001")[0]
    assert (entry.student_id, entry.error, entry.notes) == ("red ?end next", "red ?end next", ("red ?end next",))
    assert (found.diagnosis, found.message) == ("red ?end next", "red ?end\nnext")


def test_long_text_is_cut(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        gradebook.record(submission(notes=["n" * 999]), [Verdict.scored(LABELS[0], 0, 5, "d" * 999, "m" * 10**6)], 1)
        found = gradebook.verdicts("2024-20001")[0]
        assert [len(found.diagnosis), len(found.message)] == [80, 4000]
        assert found.message.endswith("m…")
        assert len(gradebook.entry("2024-20001").notes[0]) == 300


def test_several_threads_record_at_once(tmp_path: Path) -> None:
    with Gradebook(tmp_path, HW4) as gradebook:
        failures: list[BaseException] = []

        def work(thread: int) -> None:
            try:
                for number in range(20):
                    stem = f"{thread}-{number}"
                    gradebook.record(submission(stem), passing(), 1)
                    assert len(gradebook.verdicts(stem)) == len(LABELS)
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(list(gradebook.entries())) == 80


def test_entries_come_in_order_across_pages_and_while_others_write(tmp_path: Path) -> None:
    stems = [f"s{number:03}" for number in range(250)]
    with Gradebook(tmp_path, HW4) as gradebook:
        gradebook._connection.execute("PRAGMA synchronous = OFF")
        for stem in reversed(stems):
            gradebook.record(submission(stem), [], 1)
        found = []
        for entry in gradebook.entries():
            found.append(entry.stem)
            gradebook.record(submission(entry.stem), passing(), 1)
    assert found == stems


def test_iterating_needs_no_more_memory_for_more_submissions(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        with Gradebook(tmp_path / str(count), HW4) as gradebook:
            gradebook._connection.execute("PRAGMA synchronous = OFF")
            for number in range(count):
                gradebook.record(submission(f"{number:04}", notes=["n" * 300] * 10), [], 1)
            tracemalloc.start()
            assert sum(1 for _ in gradebook.entries()) == count
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return found

    assert peak(600) < 1.5 * peak(150)
