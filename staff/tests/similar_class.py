"""Classes for tests and measurements of similarity: archives of notebooks, and a gradebook that names them."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from marks import attempt_of, enter_marks

from autograder.authoring.answers import Answer, answered_notebook, read_answer
from autograder.course.manifest import Assignment, load
from autograder.course.root import project_root
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.roster import Student
from autograder.intake.timing import Timing

ROOT = project_root(Path(__file__).parent)
HW4, ASSIGNMENT2 = (load(ROOT)[name] for name in ("hw4", "assignment2"))
Files = Mapping[str, bytes | str]  # by their names in the archive


def variants(topic: str, kind: str = "variants") -> list[Answer]:
    """The variants of a topic, or its mutants."""
    return [read_answer(path) for path in sorted((ROOT / "staff" / kind / topic).glob("*.py"))]


def course_without_variants(folder: Path) -> Path:
    """The course as if its variants were not known to it, so that they can be students' answers."""
    folder.mkdir(parents=True)
    for path in ROOT.iterdir():
        if path.name not in ("staff", ".venv", ".git"):
            (folder / path.name).symlink_to(path)
    (folder / "staff").mkdir()
    (folder / "staff" / "solutions").symlink_to(ROOT / "staff" / "solutions")
    return folder


@cache
def _script(topic: str) -> str:
    return (ROOT / "staff" / "solutions" / f"{topic}.py").read_text(encoding="utf-8")


def notebook_of(answer: Answer, code: str | None = None) -> bytes:
    """The notebook of one topic with an answer in it, or with other `code` in its place."""
    topic = answer.path.parent.name
    return answered_notebook({topic: _script(topic)}, answer if code is None else replace(answer, code=code))


def student_id(number: int) -> str:
    """The ID of one of a class."""
    return f"2024-{20000 + number}"


def write_archives(folder: Path, works: Sequence[Files], assignment: Assignment = HW4) -> list[str]:
    """An archive for each of some works; their students' IDs."""
    folder.mkdir(parents=True)
    ids = [student_id(number) for number in range(1, len(works) + 1)]
    for who, files in zip(ids, works, strict=True):
        write_archive(folder / assignment.archive.format(student_id=who), files)
    return ids


def write_archive(path: Path, files: Files) -> None:
    """A zip archive of some files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def write_class(folder: Path, works: Sequence[Files], assignment: Assignment = HW4) -> Path:
    """A folder of archives, and GRADES beside it into which they seem to be graded; one an hour after the other."""
    ids = write_archives(folder / "submissions", works, assignment)
    with Gradebook(folder / "grades", assignment) as gradebook:
        gradebook.keep_submissions_place(folder / "submissions")
        for number, who in enumerate(ids):
            enter(gradebook, assignment.archive.format(student_id=who), [who], number)
    return folder / "grades"


def enter(gradebook: Gradebook, archive: str, students: Sequence[str], hours: int = 0) -> None:
    """Enters an attempt of some students, in an archive of this name."""
    attempt = attempt_of(archive.partition(".")[0], students[0])
    source = replace(attempt.sources[0], path=Path("/somewhere") / archive)
    zone = gradebook.assignment.deadline.tzinfo
    timing = Timing(datetime(2024, 6, 10, tzinfo=zone) + timedelta(hours=hours))
    people = tuple(Student(who, name=f"Student {who[-3:]}") for who in students)
    enter_marks(gradebook, replace(attempt, sources=(source,), students=people, timing=timing))
