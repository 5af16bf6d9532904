"""Marks what a kernel has defined: the same questions as where work is graded, on the public cases."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograder.checks.question import Check
from autograder.course.course import Course
from autograder.marking.ask import Diagnoses, ask
from autograder.marking.question import Put, ask_question
from autograder.marking.verdict import Verdict
from autograder.notebook.claims.model import SavedOutputs
from autograder.notebook.claims.reader import claims
from autograder.notebook.execution import Execution
from autograder.notebook.notebook import Notebook, UnreadableNotebook, read
from autograder.notebook.usage import attributes_by_class
from autograder.protocol.session import Session
from autograder.selfcheck.live import cells
from autograder.selfcheck.live.child import KernelChild, KernelWorker
from autograder.selfcheck.live.homework import Homework
from autograder.selfcheck.live.untouched import untouched, without_collection


def verdicts(homework: Homework, questions: Sequence[str]) -> Iterator[Verdict]:
    """The verdicts of some questions of a notebook, as its kernel has it now. Raises as `ask` does."""
    kernel = cells.shell()
    with without_collection():
        defined = cells.notebook_of(cells.cells_that_ran(kernel)) if kernel is not None else _read(homework)
        yield from verdicts_on(homework, questions, defined, cells.kernel_globals(kernel), _file(homework, questions))


def verdicts_on(
    homework: Homework, questions: Sequence[str], defined: Notebook, names: Mapping[str, Any], file: Notebook
) -> Iterator[Verdict]:
    """The verdicts on definitions, with the values that a kernel has for `names`, and the file as it was saved.

    Of a cell that was not run yet, such as the loop that trains, the file says what it uses; without one nobody knows.
    """
    earlier: Diagnoses = {}
    saved = claims(file) if any(map(homework.reads_outputs, questions)) else SavedOutputs()
    attributes = attributes_by_class(cell.tree for cell in file.cells if cell.tree is not None)

    def child(_: object) -> KernelChild:
        return KernelChild(KernelWorker(defined, names, saved, attributes))

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


def _file(homework: Homework, questions: Sequence[str]) -> Notebook:
    """The notebook as it was last saved; an empty one where it cannot be read, unless a question is about its outputs.

    Raises UnreadableNotebook and OSError for such a question.
    """
    try:
        return _read(homework)
    except (OSError, UnreadableNotebook):  # an editor may just be writing it
        if any(map(homework.reads_outputs, questions)):
            raise
        return Notebook([])


def _read(homework: Homework) -> Notebook:
    """The notebook's file as it was last saved; an empty one if there is none. Raises UnreadableNotebook, OSError."""
    return read(homework.file.read_bytes()) if homework.file else Notebook([])
