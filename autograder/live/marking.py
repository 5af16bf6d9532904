"""Marks what a kernel has defined: the same questions as where work is graded, on the public cases."""

from collections.abc import Iterator, Sequence

from autograder.checks.question import Check
from autograder.course.course import Course
from autograder.live import cells
from autograder.live.child import KernelChild, KernelWorker
from autograder.live.homework import Homework
from autograder.live.untouched import untouched
from autograder.marking.ask import Diagnoses, ask
from autograder.marking.question import Put, ask_question
from autograder.marking.verdict import Verdict
from autograder.notebook.claims.model import SavedOutputs
from autograder.notebook.execution import Execution
from autograder.notebook.notebook import Notebook
from autograder.protocol.session import Session


def verdicts(homework: Homework, questions: Sequence[str]) -> Iterator[Verdict]:
    """The verdicts of some questions of a notebook, as its kernel has it now. Raises as `ask` does."""
    kernel = cells.shell()
    names = cells.kernel_globals(kernel)
    defined = _defined(homework, kernel)
    saved = _saved(homework) if any(map(homework.reads_outputs, questions)) else SavedOutputs()
    earlier: Diagnoses = {}

    def child(_: object) -> KernelChild:
        return KernelChild(KernelWorker(defined, names, saved))

    for question in questions:
        with (
            untouched(names),
            Session(child, b"", homework.notebook, homework.assignment.limits.seconds) as session,
        ):
            verdict = ask_question(homework.course, session, question, earlier, _lazily())
        yield verdict


def _lazily() -> Put:
    """Puts each check once: a kernel has run its cells in the order that is true, so none is run in another."""
    put: dict[str, Verdict] = {}

    def once(course: Course, session: Session, check: Check, earlier: Diagnoses, execution: Execution) -> Verdict:
        if execution is Execution.LAZY:
            put[check.name] = ask(course, session, check, earlier)
        return put[check.name]

    return once


def _defined(homework: Homework, kernel: object) -> Notebook:
    if kernel is not None:
        return cells.notebook_of(cells.cells_that_ran(kernel))
    return _read(homework)


def _saved(homework: Homework) -> SavedOutputs:
    from autograder.notebook.claims.reader import claims

    return claims(_read(homework))


def _read(homework: Homework) -> Notebook:
    """The notebook's file as it was last saved; an empty one if there is none. Raises UnreadableNotebook."""
    from autograder.notebook.notebook import read

    return read(homework.file.read_bytes()) if homework.file else Notebook([])
