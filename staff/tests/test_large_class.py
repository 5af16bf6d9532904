"""A class of thousands: no step looks at all students for each of them, and little is kept of each in memory."""

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from marks import attempt_of, enter_marks
from rich.console import Console

from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import grades_of
from autograder.gradebook.table import table
from autograder.intake.digests import KnownDigests
from autograder.intake.roster import Student
from autograder.marking.verdict import Verdict
from autograder.pages.reports import write_reports
from autograder.pages.student_page import write_student_page

ASSIGNMENT = load(project_root(Path(__file__).parent))["assignment2"]
SMALL, LARGE = 40, 400
STEP = 50  # instructions of SQLite's machine
KEPT = 8000  # bytes of a student while reports are written


def large_class(folder: Path, count: int) -> Gradebook:
    """A gradebook of `count` students with a file each, as an LMS names them, all marked alike, with much to say."""
    gradebook = Gradebook(folder, ASSIGNMENT)
    questions = ASSIGNMENT.questions.items()
    with gradebook.trial(keep=True):
        for number in range(count):
            student = Student(f"2024-{20000 + number}", lms_id=f"{7000 + number}")
            attempt = replace(attempt_of(student.student_id), students=(student,))
            said = f"{student.student_id} {'should know ' * 100}"
            verdicts = [Verdict.scored(name, 0, most, "missing notebook", said) for name, most in questions]
            enter_marks(gradebook, attempt, verdicts)
        one = ((1000, 0, 0), "digest of {}")
        names = [f"2024-{20000 + number}" for number in range(count)]
        gradebook.keep_digests(KnownDigests({f"/class/{name}.zip": (one[0], one[1].format(name)) for name in names}))
    return gradebook


def steps_of(gradebook: Gradebook, work: Callable[[Gradebook], object]) -> int:
    """How often SQLite came another STEP instructions further while it worked for a gradebook's own connection."""
    count = 0

    def further() -> int:
        nonlocal count
        count += 1
        return 0

    gradebook._connection.set_progress_handler(further, STEP)
    work(gradebook)
    gradebook._connection.set_progress_handler(None, 0)
    return count


def enter_all_again(gradebook: Gradebook) -> None:
    """What a second `grade` does first."""
    for person in gradebook.people():
        gradebook.put_person(person.student, None)
        for attempt in gradebook.attempts_of(person):
            gradebook.link(attempt.submission_id, gradebook.people_of(attempt.submission_id))


def write_all_pages(gradebook: Gradebook) -> None:
    for attempt in list(gradebook.attempts()):
        write_student_page(gradebook, attempt.submission_id)


@pytest.mark.parametrize("work", [enter_all_again, write_all_pages, grades_of])
def test_the_gradebook_is_asked_as_much_for_each_student_of_a_large_class(
    tmp_path: Path, work: Callable[[Gradebook], object]
) -> None:
    few, many = large_class(tmp_path / "few", SMALL), large_class(tmp_path / "many", LARGE)
    with few, many:
        assert steps_of(many, work) < 1.3 * LARGE / SMALL * steps_of(few, work)


@pytest.mark.slow
def test_reports_keep_little_of_each_student_of_a_large_class(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        with large_class(tmp_path / str(count), count) as gradebook, (tmp_path / "shown").open("w") as shown:
            write_reports(gradebook)  # what is loaded for the first page stays
            (gradebook.folder / "class.html").unlink()
            tracemalloc.start()
            write_reports(gradebook)
            table(gradebook).print_to(Console(file=shown))
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return peak

    assert peak(4 * SMALL) - peak(SMALL) < KEPT * 3 * SMALL
