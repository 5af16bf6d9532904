"""The check of one notebook's file, in the sandbox, on the public cases."""

import gc
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder.course.manifest import Assignment, CourseError
from autograder.course.root import is_students_copy
from autograder.marking.sandboxes import isolation_warning, open_sandbox
from autograder.messages import say

MEASURED = say("measured by the grader on your saved models; `autograder check FOLDER` looks at their files")


def check_notebook(
    root: Path,
    assignment: Assignment,
    name: str,
    content: bytes,
    show: Callable[[str], object],
    *,
    question: str = "",
    unsafe: bool = False,
) -> bool:
    """Marks one notebook on the public cases, or one `question`, and shows the result; True if all of it passes.

    Where nothing isolates, a student's copy of the course says so first. Beside the answers, it raises
    SandboxUnavailable unless `unsafe`. Raises FileNotFoundError when checks or cases are missing, CourseError for a
    question that the notebook's code does not answer.
    """
    if not assignment.notebooks[name]:
        show(assignment.language.render(say("{notebook} has no checks yet", notebook=name)))
        return True
    unsafe, language = unsafe or is_students_copy(root), assignment.language
    _import_torch()
    with open_sandbox(root, assignment, unsafe=unsafe, notebooks=[content], single=True) as sandbox:
        from autograder.course.course import load_public  # while the sandbox is tried
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
            show(language.render(note))
        with Session(sandbox.fork, content, name, assignment.limits.seconds) as session:
            verdicts = mark_notebook(course, session, question)
    results = [Result(one.question, one) for one in verdicts]
    results += [Result(one, note=MEASURED) for one in measured if not question]
    show(text(results, language))
    return all(verdict.points == verdict.max_points for verdict in verdicts)


def _import_torch() -> None:
    """Imports torch for this process and for the sandbox, which is a fork of it.

    The collector of garbage would walk through all that is there again and again, a seventh of the time in vain.
    """
    gc.disable()
    import torch  # noqa: F401

    gc.freeze()
    gc.enable()


def _no_such_question(question: str, name: str, known: Sequence[str], measured: Sequence[str]) -> str:
    if question in measured:
        return say("{question}: {what}", question=question, what=MEASURED)
    names = ", ".join([*known, *measured])
    return say("{notebook} has no question '{question}', but {names}", notebook=name, question=question, names=names)
