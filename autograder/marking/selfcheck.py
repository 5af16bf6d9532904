"""What a student's own check does: one notebook, public cases, one line per question, then the messages."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.course.manifest import Assignment, CourseError, is_students_copy, points_text
from autograder.marking.sandboxes import isolation_warning, open_sandbox
from autograder.messages import ENGLISH, Language

if TYPE_CHECKING:  # which imports torch, while the sandbox does
    from autograder.marking.verdict import Verdict

MEASURED = "measured by the grader on your saved models; `autograder check FOLDER` looks at their files"


def find_assignment(manifest: Mapping[str, Assignment], notebook: str) -> tuple[Assignment, str] | None:
    """The assignment that holds a notebook of this name, and the name as the manifest writes it."""
    for assignment in manifest.values():
        for name in assignment.notebooks:
            if name.lower() == notebook.lower():
                return assignment, name
    return None


def check_notebook(
    root: Path,
    assignment: Assignment,
    name: str,
    content: bytes,
    console: Console,
    *,
    question: str = "",
    unsafe: bool = False,
) -> bool:
    """Marks one notebook on the public cases, or one `question`, and prints the result; True if all of it passes.

    Where nothing isolates, a student's copy of the course says so first. Beside the answers, it raises
    SandboxUnavailable unless `unsafe`. Raises FileNotFoundError when checks or cases are missing, CourseError for a
    question that the notebook's code does not answer.
    """
    if not assignment.notebooks[name]:
        console.print(f"{name} has no checks yet", markup=False)
        return True
    unsafe = unsafe or is_students_copy(root)
    with open_sandbox(root, assignment, unsafe=unsafe, notebooks=[content], single=True) as sandbox:
        from autograder.course.course import load_public  # imports torch, while the sandbox does
        from autograder.marking.questions import mark_notebook
        from autograder.protocol.session import Session

        course = load_public(root, assignment, name)
        measured = [check.question for _, check in course.model_checks]
        if question and question not in course.checks_by_question(name):
            raise CourseError(_no_such_question(question, name, list(course.checks_by_question(name)), measured))
        sandbox.wait()
        if note := isolation_warning(sandbox):
            console.print(note, markup=False, soft_wrap=True)
        with Session(sandbox.fork, content, name, assignment.limits.seconds) as session:
            verdicts = mark_notebook(course, session, question)
        shown = "\n".join(lines(verdicts, assignment.language))
    for one in () if question else measured:
        shown += f"\n\n{one}: {MEASURED}"
    console.print(shown, markup=False, highlight=False, soft_wrap=True)
    return all(verdict.points == verdict.max_points for verdict in verdicts)


def _no_such_question(question: str, name: str, known: Sequence[str], measured: Sequence[str]) -> str:
    if question in measured:
        return f"{question} is {MEASURED}"
    return f"{name} has no question {question!r}; there are: {', '.join([*known, *measured])}"


def lines(verdicts: "Sequence[Verdict]", language: Language = ENGLISH) -> list[str]:
    """One line per question with its points, the total, then the messages."""
    width = max(len(verdict.question) for verdict in verdicts)
    table = [
        f"{v.question:<{width}}  {points_text(v.points):>4} of {points_text(v.max_points):<3}  {v.state}"
        + (f"  ({language.diagnosis(v.diagnosis)})" if v.diagnosis else "")
        for v in verdicts
    ]
    earned, most = sum(v.points for v in verdicts), sum(v.max_points for v in verdicts)
    table.append(f"{'total':<{width}}  {points_text(earned):>4} of {points_text(most)}")
    messages = [f"\n{v.question}: {language.render(v.message)}" for v in verdicts if v.message]
    return [*table, *messages]
