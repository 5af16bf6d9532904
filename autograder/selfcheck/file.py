"""The check of one notebook's file, in the sandbox, on the public cases."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograder.course.manifest import Assignment, CourseError, is_students_copy
from autograder.marking.sandboxes import isolation_warning, open_sandbox
from autograder.messages import say

MEASURED = say("measured by the grader on your saved models; `autograder check FOLDER` looks at their files")


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
        console.print(assignment.language.render(say("{notebook} has no checks yet", notebook=name)), markup=False)
        return True
    unsafe, language = unsafe or is_students_copy(root), assignment.language
    with open_sandbox(root, assignment, unsafe=unsafe, notebooks=[content], single=True) as sandbox:
        from autograder.course.course import load_public  # imports torch, while the sandbox does
        from autograder.marking.questions import mark_notebook
        from autograder.protocol.session import Session
        from autograder.selfcheck.table import Result, text

        course = load_public(root, assignment, name)
        measured = [check.question for _, check in course.model_checks]
        if question and question not in course.checks_by_question(name):
            known = list(course.checks_by_question(name))
            raise CourseError(language.render(_no_such_question(question, name, known, measured)))
        sandbox.wait()
        if note := isolation_warning(sandbox):
            console.print(language.render(note), markup=False, soft_wrap=True)
        with Session(sandbox.fork, content, name, assignment.limits.seconds) as session:
            verdicts = mark_notebook(course, session, question)
    results = [Result(one.question, one) for one in verdicts]
    results += [Result(one, note=MEASURED) for one in measured if not question]
    console.print(text(results, assignment.language), markup=False, highlight=False, soft_wrap=True)
    return all(verdict.points == verdict.max_points for verdict in verdicts)


def _no_such_question(question: str, name: str, known: Sequence[str], measured: Sequence[str]) -> str:
    if question in measured:
        return say("{question}: {what}", question=question, what=MEASURED)
    names = ", ".join([*known, *measured])
    return say("{notebook} has no question '{question}', but {names}", notebook=name, question=question, names=names)
