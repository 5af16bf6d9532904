"""What students' code, saved models and archives may use, in words for the notebooks and for the bundle's README.

Every limit that can cost points stands here, and no number is written by hand.
"""

from collections.abc import Iterable

from autograder.course.manifest import Assignment, ModelQuestion, QuestionLimits, points_text
from autograder.course.sizes import MAX_FILE, MAX_MEMBERS, MAX_MODELS, MAX_TOTAL, MIB
from autograder.marking.sandboxes import process_limits
from autograder.notebook.raw import MAX_CELLS
from autograder.protocol.frames import MAX_CHECK_BYTES


def of_code(assignment: Assignment) -> str:
    """What the answers in a notebook may use, as a list in Markdown."""
    items = _items(assignment.limits)
    own = [
        f"{question}: {'; '.join(item for item in _items(limits) if item not in items)}"
        for question, limits in assignment.question_limits.items()
        if limits != assignment.limits
    ]
    return _list("**Limits.** What needs more than this earns nothing.", [*items, *own, _notebook()])


def of_models(rule: ModelQuestion) -> str:
    """What each saved model of a measured question may use, as a list in Markdown."""
    items = [
        f"size: {rule.model_mib:,} MiB a file of weights, and {MAX_TOTAL // MIB:,} MiB all that is handed in",
        f"time: {points_text(rule.seconds)} seconds for all test examples and some changed ones, without a GPU",
        f"memory: {rule.memory_mib:,} MiB on top of Python and PyTorch",
        f"number: {MAX_MODELS} models, the first by name",
    ]
    return _list("**Limits of a saved model.** One that needs more does not count.", items)


def of_archives() -> str:
    """What may be handed in, as a list in Markdown."""
    archive = f"the archive: {MAX_MEMBERS:,} files, and {MAX_TOTAL // MIB:,} MiB once it is unpacked"
    return _list("What is larger than this is not read:", [_notebook(), archive])


def _items(limits: QuestionLimits) -> list[str]:
    process = process_limits(limits)
    return [
        f"time: {points_text(limits.seconds)} seconds for a question, and {limits.cpu_seconds} seconds of processor"
        " time of all threads together; waiting for a free core does not count",
        f"memory: {limits.memory_mib:,} MiB on top of Python and PyTorch",
        f"files that your code writes: {process.scratch_mib:,} MiB, {process.file_mib} MiB in one file",
        f"what your functions return: {limits.output_mib} MiB at once, {MAX_CHECK_BYTES // MIB} MiB together",
        "what your code prints costs nothing but the time that printing takes",
    ]


def _notebook() -> str:
    return f"the notebook: {MAX_FILE // MIB} MiB with its outputs, and {MAX_CELLS:,} cells"


def _list(heading: str, items: Iterable[str]) -> str:
    return "\n".join([heading, "", *(f"- {item}" for item in items)])
