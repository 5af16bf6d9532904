"""The page of an attempt for the student."""

import platform
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2

from autograder import __version__
from autograder.course.manifest import points_text
from autograder.gradebook.appeals import appeals
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import StudentGrade, grade_of
from autograder.gradebook.replacing import going_on_without
from autograder.gradebook.rows import AttemptRow
from autograder.gradebook.standing import latest
from autograder.marking.verdict import Diagnosis, State, Verdict
from autograder.messages import Language, say
from autograder.models.measurement import percent
from autograder.notebook.text import one_line
from autograder.pages import exhibits
from autograder.pages.template import BASE, EXHIBITS, TEMPLATES, inlined, template, write_if_changed

_WORDS = {
    State.PASS: say("right"),
    State.PARTIAL: say("partly right"),
    State.FAIL: say("not right"),
    State.UNGRADED: say("to be marked"),
}


def write_student_page(gradebook: Gradebook, submission_id: str) -> Path:
    """Writes students/<submission_id>.html, which needs no other file, if it is not up to date; its path.

    Raises GradebookError, OSError.
    """
    path, parts = page_of(gradebook, submission_id), _parts(gradebook, submission_id)
    path.parent.mkdir(exist_ok=True)
    write_if_changed(path, [gradebook.assignment, parts], lambda: [_render(gradebook, parts)])
    return path


def student_page(gradebook: Gradebook, submission_id: str, pseudonym: str = "") -> str:
    """The page of an attempt, under the student's own name or a pseudonym. Raises GradebookError.

    With a pseudonym it says nothing of files, times, notes and people, though what a student wrote may say who it is.
    """
    return _render(gradebook, _parts(gradebook, submission_id, pseudonym))


def _parts(gradebook: Gradebook, submission_id: str, pseudonym: str = "") -> dict[str, Any]:
    """All that a page shows of the gradebook."""
    attempt, assignment = gradebook.attempt(submission_id), gradebook.assignment
    grades = [_grade(gradebook, student_id) for student_id in attempt.students]
    counting = [grade for grade in grades if grade and grade.attempt == submission_id and not attempt.gone]
    marks = gradebook.verdicts(submission_id)
    earned = float(counting[0].total) if len(counting) == 1 else sum(mark.points for mark in marks)
    asked = [] if pseudonym else appeals(gradebook, submission_id)
    shown = attempt
    if pseudonym:
        shown = replace(attempt, students=(pseudonym,), sources=(), notes=(), repairs=(), digest="", error="")
    return {
        "attempt": shown,
        "counts": bool(counting) or not attempt.students,
        "instead": next((grade.attempt for grade in grades if grade and not counting), ""),
        "name": "" if pseudonym else ", ".join(one.student.name for one in grades if one and one.student.name),
        "steps": _steps(counting[0]) if len(counting) == 1 and not pseudonym else [],
        "notes": assignment.with_costs(shown.notes, shown.repairs),
        "marks": marks,
        "appeals": {one.question: [other for other in asked if other.question == one.question] for one in asked},
        "answers": sorted({one_line(one.answer.text, 600) for one in asked if one.answer}),
        "total": assignment.total_text(earned),
        "share": min(1.0, earned / assignment.points_in) if assignment.points_in else 0.0,
        "ungraded": sum(mark.state is State.UNGRADED for mark in marks),
        "place": "" if pseudonym else _place(gradebook, attempt),
        "versions": _versions(),
        "sampling": gradebook.sampling,
        "receipts": [] if pseudonym else gradebook.receipts(attempt),
        "model_scores": list(gradebook.scores_of(submission_id).values()),
    }


def _render(gradebook: Gradebook, parts: Mapping[str, Any]) -> str:
    assignment, language = gradebook.assignment, gradebook.assignment.language
    return _template().render(
        **parts,
        assignment=assignment,
        title=lambda mark: _title(language.word(assignment.titles.get(mark.question, ""))),
        earned=lambda mark: _earned(mark, language),
        words=_WORDS,
        language=language,
        t=lambda template, **parts: language.word(say(template, **parts)),
    )


def page_of(gradebook: Gradebook, submission_id: str) -> Path:
    """Where the page of an attempt lies."""
    return gradebook.folder / "students" / f"{submission_id}.html"


def _grade(gradebook: Gradebook, student_id: str) -> StudentGrade | None:
    return grade_of(gradebook, gradebook.person(student_id))


def _place(gradebook: Gradebook, attempt: AttemptRow) -> str:
    """Which of a student's attempts it is, "" for the only one and for those of a group."""
    if len(attempt.students) != 1 or attempt.gone:
        return ""
    attempts = [one.submission_id for one in latest(gradebook.attempts_of(gradebook.person(attempt.students[0])))]
    several = len(attempts) > 1 and attempt.submission_id in attempts
    if not several:
        return ""
    return say("attempt {number} of {total}", number=attempts.index(attempt.submission_id) + 1, total=len(attempts))


def _steps(grade: StudentGrade) -> list[tuple[str, str]]:
    """How the total came about, where it is not what was earned: what each step is for, and its points."""
    if grade.excused:
        return [(say("excused: there is no mark"), "EX")]
    steps = [(say("earned"), grade.earned), (say("repairs"), grade.repairs), *grade.reasons]
    shown = [(text, points_text(float(points))) for text, points in steps if points]
    return shown if len(shown) > 1 else []


def try_student_page(gradebook: Gradebook, submission_id: str) -> None:
    """`write_student_page`, without a page where this one cannot be written. Raises OSError when the disk is full."""
    with going_on_without():
        write_student_page(gradebook, submission_id)


def _title(title: str) -> str:
    return f". {title}" if title else ""


def _earned(mark: Verdict, language: Language) -> str:
    """What a mistake that has a name earns by the scheme, in a sentence; "" for what is right or not the scheme's."""
    if mark.state not in (State.PARTIAL, State.FAIL) or mark.diagnosis in ("", *Diagnosis):
        return ""
    what = {"diagnosis": language.as_message(mark.diagnosis), "total": points_text(mark.max_points)}
    if not mark.points:
        return say("By the scheme this ({diagnosis}) earns none of the {total} points.", **what)
    points = points_text(mark.points)
    return say("By the scheme this ({diagnosis}) earns {points} of the {total} points.", points=points, **what)


@cache  # reading what is installed takes longer than a page
def _versions() -> str:
    return f"autograder {__version__}, Python {platform.python_version()}, PyTorch {version('torch').partition('+')[0]}"


@cache
def _template() -> jinja2.Template:
    style, style_hash = inlined(BASE, EXHIBITS, TEMPLATES / "student.css")
    names = {"percent": percent, "say": say, "style": style, "style_hash": style_hash}
    shown = {"code": exhibits.code, "picture": exhibits.picture, "values": exhibits.values}
    return template(TEMPLATES / "student.html", {**names, **shown})
