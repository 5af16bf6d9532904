"""Why a question of one student has its points: the rule, the mark scheme, what was found, who changed it, the code."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING

from autograder.course.answers import answers_of, names_of
from autograder.course.manifest import points_text
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import grade_of
from autograder.gradebook.history import History
from autograder.gradebook.people import Person
from autograder.gradebook.rows import AttemptRow
from autograder.intake.answer_code import answer_code, code_of
from autograder.intake.classlist import readers_of
from autograder.intake.handout import Handout
from autograder.intake.source import find
from autograder.marking.verdict import Diagnosis, Verdict
from autograder.messages import say
from autograder.notebook.text import plain
from autograder.sandbox.reader import ReaderEnded

if TYPE_CHECKING:  # a review shows its queue before it needs any check, which import torch
    from autograder.checks.mistakes import Mistake
    from autograder.checks.question import Check
    from autograder.course.course import Course


def explain(root: Path, course: "Course", gradebook: Gradebook, person: Person, question: str) -> Iterator[str]:
    """Lines about one question of a student's attempt that counts. Raises GradebookError."""
    grade = grade_of(gradebook, person)
    if grade is None:
        yield f"{person.student.student_id} handed in nothing that is there."
        return
    attempt = gradebook.attempt(grade.attempt)
    notebook, checks = checks_of(course, question)
    yield f"{person.student.student_id}, {question}, of {attempt.source}"
    for check in checks:
        yield from ("", *rule_of(check))
    verdict = _of(gradebook.verdicts(attempt.submission_id, by_hand=False), question)
    shown = f"{verdict.points_shown} of {points_text(verdict.max_points)}"
    yield from ("", f"Marked: {verdict.state}, {shown}" + (f": {verdict.diagnosis}" if verdict.diagnosis else ""))
    yield from (f"  {line}" for line in verdict.message.splitlines())
    yield from (f"  to look at: {flag}" for flag in verdict.flags)
    by_hand = _of(gradebook.verdicts(attempt.submission_id), question)
    if by_hand.diagnosis == Diagnosis.BY_HAND:
        yield f"By hand: {points_text(by_hand.points)}: {by_hand.message}"
    for event in History(gradebook).events():
        if (attempt.submission_id, question) == event.thing[:2] or event.person == str(person.number):
            yield f"{event.time[:16].replace('T', ' ')} {event.who}: {event.in_words}"
    yield from _code(root, gradebook, attempt, notebook, names_of(answers_of(root, course)[0], question))


def checks_of(course: "Course", question: str) -> tuple[str, list["Check"]]:
    """The notebook of a question, and its checks."""
    for notebook, checks in course.questions.items():
        if found := [check for check in checks if check.question == question]:
            return notebook, found
    return "", []


def _of(verdicts: list[Verdict], question: str) -> Verdict:
    return next(verdict for verdict in verdicts if verdict.question == question)


def rule_of(check: "Check") -> Iterator[str]:
    """What a check asks, what it forbids, and what known mistakes still earn."""
    parts = {"points": points_text(check.points), "check": check.name, "cases": check.cases}
    by = (
        "{points} points by {check}, on the cases {cases}: {what}"
        if check.cases
        else "{points} points by {check}: {what}"
    )
    yield say(by, **parts, what=inspect.getdoc(check.function) or "")
    if check.rules.forbid:
        yield say("  forbidden: {calls}", calls=", ".join(check.rules.forbid))
    scheme = mistakes_of(check)
    for mistake in sorted((one for one in scheme if one.earns), key=lambda one: -one.earns):
        yield say("  earns {points}: {what}", points=points_text(mistake.earns), what=say(mistake.says))
    if nothing := sum(not one.earns for one in scheme):
        yield say("  {count} other known mistakes earn nothing", count=nothing)


def mistakes_of(check: "Check") -> list["Mistake"]:
    """The known mistakes that a check, or what it calls in its file, names."""
    from autograder.checks.mistakes import Mistake

    there, names, waiting = check.function.__globals__, set[str](), [check.function.__code__]
    while waiting:
        code = waiting.pop()
        waiting += [one for one in code.co_consts if isinstance(one, CodeType)]
        for name in {*code.co_names} - names:
            names.add(name)
            called = getattr(there.get(name), "__code__", None)
            if isinstance(called, CodeType) and called.co_filename == str(check.file):
                waiting.append(called)
    values = [there[name] for name in sorted(names) if name in there]
    listed = [one for value in values if isinstance(value, Mapping) for one in value.values()]
    return [one for one in (*values, *listed) if isinstance(one, Mistake)]


def _code(root: Path, gradebook: Gradebook, attempt: AttemptRow, notebook: str, names: list[str]) -> Iterator[str]:
    """The cells in which the student defines what answers the question."""
    place, handout = Path(gradebook.submissions_place), Handout.read(root / "notebooks")
    cells: list[tuple[int, str]] = []
    with suppress(OSError, ReaderEnded), readers_of(place, (), [answer_code.__module__]) as readers:
        for source in find(place, gradebook.assignment, readers):
            if source.name in attempt.sources:
                cells += code_of(readers, source, gradebook.assignment, handout, notebook, names)
    if not cells:
        yield from ("", f"No code for it was found in {place}.")
    for number, text in cells:
        yield from ("", f"Code cell {number}:", *plain(text, len(text)).splitlines())
