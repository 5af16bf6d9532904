"""Grades the one submission that Gradescope has put into a folder, in the course that an autograder's zip has brought.

Below tier 2 student code could read whatever the grader can. So the secret part of the course is removed there before
any of it runs, and only public cases are used. Gradescope starts a fresh container for every submission.
"""

import json
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.classroom.grade import Order, grade_class
from autograder.course.course import load_course
from autograder.course.manifest import Assignment
from autograder.exports.gradescope import results_of
from autograder.gradebook.file import FILE_NAME
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.replacing import replacing
from autograder.intake.lms.gradescope import METADATA
from autograder.marking.sandboxes import open_sandbox
from autograder.marking.verdict import Diagnosis
from autograder.messages import say
from autograder.sandbox import SandboxUnavailable
from autograder.sandbox.temporary import temporary_folder

PREPARED = "gradescope.sqlite"  # in the folder staff of the zip, and of no course
_NAME = "submission_1000"  # any number will do
_ABOUT = "submission_metadata.json"
PUBLIC_ALONE = say("Nothing isolates code on this machine: your work was marked on the public cases alone.")


def prepared_gradebook(root: Path, assignment: Assignment) -> bytes:
    """An empty gradebook with a secret seed and the cases that are made from it, which takes a minute.

    Raises what `load_course` raises.
    """
    with temporary_folder() as folder:
        with Gradebook(folder, assignment) as gradebook:
            load_course(root, assignment, gradebook.secret_seed(secrets.randbits(63)), gradebook)
        return (folder / FILE_NAME).read_bytes()


def grade_submission(root: Path, assignment: Assignment, submission: Path, console: Console) -> dict[str, Any]:
    """The content of results.json for the folder `submission`, graded by the course of an unpacked zip at `root`.

    Raises FileNotFoundError for a course that no zip has brought, and what `grade_class` raises.
    """
    staff = root / "staff"
    prepared = staff / PREPARED
    if staff.exists() and not prepared.is_file():  # a course of somebody's own, of which nothing may be removed
        raise FileNotFoundError(f"{prepared}: no such file; expected what `autograder gradescope` has made")
    isolated = staff.exists() and _isolates(root, assignment)
    if staff.exists() and not isolated:
        shutil.rmtree(staff)
    with temporary_folder() as folder:
        _make_class(folder / "class", submission)
        grades = folder / "grades"
        grades.mkdir()
        if isolated:
            shutil.copyfile(prepared, grades / FILE_NAME)
        data = staff / "data"
        order = Order(
            root,
            assignment,
            folder / "class",
            grades,
            jobs=1,
            unsafe=not isolated,
            data=data if data.is_dir() else None,
            public_alone=not isolated,
        )
        grade_class(order, console)
        with Gradebook(grades, assignment) as gradebook:
            return _results(gradebook, [] if isolated else [PUBLIC_ALONE])


def _results(gradebook: Gradebook, remarks: Sequence[str]) -> dict[str, Any]:
    """The results of the only submission; UNGRADED where points depend on a class, since nobody else of it is there."""
    (row,) = gradebook.attempts()
    recorded = gradebook.recorded_verdicts(row.submission_id)
    verdicts = [
        recorded[verdict.question][1] if verdict.diagnosis == Diagnosis.BELOW_THRESHOLD else verdict
        for verdict in gradebook.verdicts(row.submission_id)
    ]
    about = [*remarks, *filter(None, [row.error]), *row.notes]
    return results_of(gradebook.assignment, verdicts, about, row.repairs, gradebook.scores_of(row.submission_id))


def write_results(results: dict[str, Any], path: Path) -> None:
    """Writes results.json as a whole, for all to read. Raises OSError."""
    with replacing(path, mode=0o644) as file:
        json.dump(results, file, indent=1)


def _isolates(root: Path, assignment: Assignment) -> bool:
    """Whether tier 1 or 2 holds here."""
    try:
        open_sandbox(root, assignment).close()
    except SandboxUnavailable:
        return False
    return True


def _make_class(folder: Path, submission: Path) -> None:
    """A class of one in a new folder, as Gradescope gives a whole class, so that it is known whose the work is."""
    folder.mkdir()
    (folder / _NAME).symlink_to(submission.resolve(strict=True))
    people = [{f":{key}": user.get(key) for key in ("sid", "email", "name")} for user in _users(submission)]
    about = {_NAME: {":submitters": people or [{":name": "student"}]}}
    (folder / METADATA).write_text(json.dumps(about), encoding="utf-8")  # which is YAML, too


def _users(submission: Path) -> list[dict[str, Any]]:
    """Who handed it in, as Gradescope tells beside it; nobody where it does not."""
    try:
        users = json.loads(submission.with_name(_ABOUT).read_bytes())["users"]
        return [user for user in users if isinstance(user, dict)]
    except (OSError, ValueError, KeyError, TypeError):
        return []
