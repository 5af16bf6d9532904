"""What a student's own check does: one notebook, public cases, one line per question, then the messages."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from autograder.course.manifest import Assignment, is_students_copy, points_text
from autograder.marking.sandboxes import isolation_warning, open_sandbox
from autograder.messages import ENGLISH, Language

if TYPE_CHECKING:  # which imports torch, while the sandbox does
    from autograder.marking.verdict import Verdict


def find_assignment(manifest: Mapping[str, Assignment], notebook: str) -> tuple[Assignment, str] | None:
    """The assignment that holds a notebook of this name, and the name as the manifest writes it."""
    for assignment in manifest.values():
        for name in assignment.notebooks:
            if name.lower() == notebook.lower():
                return assignment, name
    return None


def check_notebook(
    root: Path, assignment: Assignment, name: str, content: bytes, console: Console, *, unsafe: bool = False
) -> bool:
    """Marks one notebook on the public cases and prints the result; True when every question passes.

    Where nothing isolates, a student's copy of the course says so first. Beside the answers, it raises
    SandboxUnavailable unless `unsafe`. Raises FileNotFoundError when the cases are missing.
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
        sandbox.wait()
        if note := isolation_warning(sandbox):
            console.print(note, markup=False, soft_wrap=True)
        with Session(sandbox.fork, content, name, assignment.limits.seconds) as session:
            verdicts = mark_notebook(course, session)
        shown = "\n".join(lines(verdicts, assignment.language))
    console.print(shown, markup=False, highlight=False, soft_wrap=True)
    return all(verdict.points == verdict.max_points for verdict in verdicts)


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
