"""How tests look a class through, by readers as `grade` does."""

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from autograder.course.manifest import Assignment
from autograder.course.root import project_root
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import candidates_of, grades_of
from autograder.gradebook.reconcile import reconcile
from autograder.intake.attempts import Attempt
from autograder.intake.classlist import ClassList, Survey, readers_of
from autograder.marking.verdict import Verdict

ROOT = project_root(Path(__file__).parent)


def class_list(
    assignment: Assignment,
    folder: Path,
    to: Path | None = None,
    roster: Path | None = None,
    answers: dict[str, str] | None = None,
    times: Path | None = None,
) -> ClassList:
    """What lies in a folder, whose notebooks are written to another."""
    with readers_of(folder, (roster, times)) as readers:
        survey = Survey(ROOT, assignment, folder, roster, to, times)
        return survey.take_in(survey.sources(readers), readers, answers)


def attempts(assignment: Assignment, folder: Path, to: Path | None = None, roster: Path | None = None) -> list[Attempt]:
    """The attempts in a folder."""
    return list(class_list(assignment, folder, to, roster).attempts)


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    """A zip archive of files, the same bytes every time."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


def survey_into(
    gradebook: Gradebook, folder: Path, roster: Path | None = None, gone: bool = True, points: int | None = None
) -> list[Attempt]:
    """Brings a gradebook in line with a folder, as `grade` does; each question of what may count gets `points`.

    Without them, these are the length of the notebook's text, or full points at most.
    """
    notebooks = folder.parent / "notebooks"
    shutil.rmtree(notebooks, ignore_errors=True)
    found = class_list(gradebook.assignment, folder, notebooks, roster, dict(gradebook.answers()))
    reconciled = reconcile(gradebook, found, gone)
    may_count = candidates_of(gradebook)
    for attempt in reconciled:
        if attempt.submission_id in may_count:
            length = sum(len(content) for content in attempt.notebooks.values())
            for question, most in gradebook.assignment.questions.items():
                earned = min(most, float(length if points is None else points))
                gradebook.record(attempt.submission_id, Verdict.scored(question, earned, most))
    return reconciled


def standings(gradebook: Gradebook) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What counts of each student, by the names of its files, and the questions that are open; "" bears nobody's."""
    found = {one.student.student_id: ("; ".join(one.sources), one.open_questions) for one in grades_of(gradebook)}
    nobodys = gradebook.unowned()
    questions = tuple(question for one in nobodys for question in one.open_questions)
    return found | ({"": ("; ".join(one.source for one in nobodys), questions)} if nobodys else {})
