"""The check of one notebook's file, in the sandbox, on the public cases."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from autograder.course.manifest import Assignment, CourseError
from autograder.course.root import is_students_copy
from autograder.marking.sandboxes import isolation_warning, open_sandbox, process_limits
from autograder.messages import say
from autograder.sandbox import OwnFork, Sandbox
from autograder.selfcheck.warm_fork import fork_with_torch

MEASURED = say("measured by the grader on your saved models; `autograder check FOLDER` looks at their files")


class FileCheck:
    """Checks a notebook's file, once or again; the sandbox of the first check stays for the next ones.

    For it `own_fork` is taken, or a fork is made that has seen no case yet.
    """

    def __init__(self, own_fork: OwnFork | None = None) -> None:
        self._own_fork = own_fork
        self._sandbox: Sandbox | None = None
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._opened.close()

    def check(
        self,
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
        SandboxUnavailable unless `unsafe`. Raises FileNotFoundError when checks or cases are missing, CourseError for
        a question that the notebook's code does not answer.
        """
        language = assignment.language
        if not assignment.notebooks[name]:
            show(language.render(say("{notebook} has no checks yet", notebook=name)))
            return True
        sandbox = self._open(root, assignment, content, unsafe or is_students_copy(root))
        from autograder.course.course import load_public  # while the sandbox is tried
        from autograder.marking.questions import mark_notebook
        from autograder.protocol.session import Session
        from autograder.selfcheck.table import Result, text

        course = load_public(root, assignment, name)
        measured = [check.question for _, check in course.model_checks]
        known = list(course.checks_by_question(name))
        if question and question not in known:
            raise CourseError(language.render(_no_such_question(question, name, known, measured)))
        sandbox.wait()
        if note := isolation_warning(sandbox):
            show(language.render(note))
        limits = process_limits(assignment.limits_of(question or known[0])) if known else None
        with Session(sandbox.fork, content, name, assignment.limits.seconds, limits) as session:
            verdicts = mark_notebook(course, session, question)
        results = [Result(one.question, one) for one in verdicts]
        results += [Result(one, note=MEASURED) for one in measured if not question]
        show(text(results, language))
        return all(verdict.points == verdict.max_points for verdict in verdicts)

    def _open(self, root: Path, assignment: Assignment, content: bytes, unsafe: bool) -> Sandbox:
        """The sandbox; where it is new, it is not ready before it was waited for."""
        if self._sandbox is None:
            own_fork = self._own_fork or fork_with_torch()
            self._opened.callback(own_fork.close)
            sandbox = open_sandbox(root, assignment, unsafe=unsafe, notebooks=[content], begun=own_fork)
            self._sandbox = self._opened.enter_context(sandbox)
        return self._sandbox


def _no_such_question(question: str, name: str, known: Sequence[str], measured: Sequence[str]) -> str:
    if question in measured:
        return say("{question}: {what}", question=question, what=MEASURED)
    names = ", ".join([*known, *measured])
    return say("{notebook} has no question '{question}', but {names}", notebook=name, question=question, names=names)
