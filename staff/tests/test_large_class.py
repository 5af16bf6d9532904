"""A class of thousands costs as many times more as it has students: no step looks at all of them for each of them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from marks import attempt_of, enter_marks

from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import grades_of
from autograder.intake.digests import KnownDigests
from autograder.intake.roster import Student
from autograder.marking.verdict import Verdict
from autograder.pages.student_page import write_student_page

ASSIGNMENT = load(project_root(Path(__file__).parent))["assignment2"]
SMALL, LARGE = 40, 400
STEP = 50  # instructions of SQLite's machine


def large_class(folder: Path, count: int) -> Gradebook:
    """A gradebook of `count` students with a file each, as an LMS names them, all marked alike."""
    gradebook = Gradebook(folder, ASSIGNMENT)
    verdicts = [Verdict.scored(name, 0, most, "missing notebook") for name, most in ASSIGNMENT.questions.items()]
    with gradebook.trial(keep=True):
        for number in range(count):
            student = Student(f"2024-{20000 + number}", lms_id=f"{7000 + number}")
            attempt = replace(attempt_of(student.student_id), students=(student,))
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
